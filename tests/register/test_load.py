"""Does a load check all, write all or nothing, and reach the past?"""

import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests import cloud
from tests.pure.saying import NOON, bill, code, fact
from tests.register.files import EXAMPLES, csv_text, examples
from vouchsafe.edge import (
    facts_table,
    queue,
    redemptions_table,
    register_loads,
    register_table,
    secrets,
    touchpoints_table,
)
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow import load as road
from vouchsafe.flow.load import Outcome, load
from vouchsafe.flow.project import project
from vouchsafe.pure.errors import Invalid, Unavailable
from vouchsafe.pure.register_entries import promotion_key

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody's time is spent; how long it would have been."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(road, "_AGAIN_AFTER_S", 0)
    return slept


def codes(*rows: tuple[str, str]) -> tuple[str, bytes]:
    written = csv_text("codes", [{"code": one, "promotion_id": of} for one, of in rows])
    return "codes-more.csv", written.encode()


def everything() -> str:
    """All that lies in the register's tables."""
    client = boto3.client("dynamodb")
    return json.dumps(
        [client.scan(TableName=name)["Items"] for name in ("Register", "Touchpoints")],
        default=str,
        sort_keys=True,
    )


def test_the_examples_are_loaded() -> None:
    outcome = load(examples())

    assert not outcome.faults
    assert outcome.revision == 1
    reader = RegisterReader()
    found = reader.code("SOMBRA1O")
    assert found is not None
    assert found.raw == "SOMBRA10"
    assert found.promotions == ("SUMMER-10", "SUMMER-LAST")
    promotion = reader.promotion("SUMMER-10")
    assert promotion is not None
    assert (promotion.minimum_spend_minor, promotion.customer_limit) == (1500, 1)
    assert reader.alias("square", "bar-sol", "name:terraza 10%") == "SOMBRA10"
    assert [each.account for each in register_table.all_accounts()] == [
        "bar-sol-shop",
        "bar-sol",
        "gift-cards",
    ]


def test_a_json_document_is_loaded() -> None:
    content = (EXAMPLES / "register.json").read_bytes()

    outcome = load([("register.json", content)])

    assert not outcome.faults
    campaign = RegisterReader().campaign("SUMMER-26")
    assert campaign is not None
    assert campaign.planned_uses_a_day == 12.5


def test_a_load_that_says_nothing_new_writes_nothing() -> None:
    load(examples())
    before = everything()

    outcome = load(reversed(examples()))

    assert everything() == before
    assert outcome.revision == 1
    assert not any(tally.new or tally.changed for tally in outcome.tallies)


def test_the_revision_rises_with_each_load() -> None:
    load(examples())

    revisions = [load([codes((f"NEW{at}", "SUMMER-10"))]).revision for at in range(3)]

    assert revisions == [2, 3, 4]
    assert RegisterReader().revision() == 4


def test_one_fault_and_nothing_is_written() -> None:
    bad = codes(("FINE", "CREATORS-15"), ("ROTTEN", "NO-SUCH"))

    outcome = load([*examples(), bad])

    assert [str(fault) for fault in outcome.faults] == [
        "codes-more.csv:3: promotion_id is neither in the load nor in the register: 'NO-SUCH'"
    ]
    assert everything() == "[[], []]"


def test_a_check_writes_nothing() -> None:
    outcome = load(examples(), only_check=True)

    assert everything() == "[[], []]"
    assert sum(tally.new for tally in outcome.tallies) > 15


def test_no_raw_identity_reaches_a_table() -> None:
    seen = {}
    real = register_loads.commit

    def commit(*arguments: object) -> object:
        seen["staged"] = everything()
        return real(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(register_loads, "commit", commit)
        load(examples())

    for text in (seen["staged"], everything()):
        assert not any(person in text for person in ("ann@", "600 000", "600000000", "7715"))


def test_touchpoints_are_found_under_the_sources_identity_key() -> None:
    load(examples())
    ann = str(secrets.identify()("email", "ANN@example.com"))

    found = touchpoints_table.of_person(ann, NOON - timedelta(days=3650), NOON.replace(year=2027))

    assert [each.touchpoint_id for each in found] == ["click-1", "mail-1"]
    assert [each.channel() for each in found] == ["google / cpc", "newsletter / email"]
    assert found[1].code == "SOMBRA1O"
    assert touchpoints_table.published("SOMBRA1O")


def test_a_touchpoint_is_not_changed_by_a_later_load() -> None:
    load(examples())
    name, content = next(each for each in examples() if each[0] == "touchpoints.csv")

    outcome = load([(name, content.replace(b",publication,", b",email_click,"))])

    assert [(fault.line, fault.field) for fault in outcome.faults] == [(2, "touchpoint_id")]


def test_people_without_an_identity_key_are_not_loaded() -> None:
    boto3.client("secretsmanager").delete_secret(
        SecretId="vouchsafe/identity", ForceDeleteWithoutRecovery=True
    )
    secrets.forget()

    with pytest.raises(Invalid, match="identity key must be set"):
        load(examples())
    without = [each for each in examples() if each[0] != "touchpoints.csv"]
    assert load(without).revision == 1


def test_terms_keep_their_versions() -> None:
    load(examples())
    name, content = next(each for each in examples() if each[0] == "promotions.csv")

    outcome = load([(name, content.replace(b",500,1,", b",600,1,"))])

    assert outcome.revision == 2
    key = promotion_key("SUMMER-10")
    limits = [
        (revision, getattr(entry, "code_limit", None))
        for revision, entry in register_table.history(key, register_table.snapshot())
    ]
    assert limits == [(2, 600), (1, 500)]
    assert register_table.held([key], register_table.snapshot())[key].version == 2


def sold(order: str, *, raw: str | None = None, alias: str = "") -> str:
    """An order with a code, or with a discount that a till only names; projected."""
    discount = code(raw or "X", 100)
    if alias:
        discount = replace(discount, code_raw=None, kind="till", aliases=(alias,), name=alias)
    said = replace(fact(bill(discounts=(discount,))), order=replace(KEY, order_id=order))
    facts_table.append(said)
    project(said.order.text(), RegisterReader())
    return said.order.text()


KEY = fact(bill()).order


def again() -> list[str]:
    bodies = [json.loads(body) for body in cloud.sent("PROJECTION_AGAIN")]
    return sorted(order for body in bodies for order in body["orders"])


@pytest.mark.parametrize("most_asked", [20, 0])
def test_what_the_register_learns_reaches_the_past(
    most_asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(road, "_DISCOUNTS_ASKED", most_asked)
    load(examples())
    unknown, known = sold("1", raw="NEW-CODE"), sold("2", raw="LEO-15")
    till = sold("3", alias="name:hot days")
    sold("4", alias="name:other")
    here = {"platform": KEY.platform, "account": KEY.account}
    shop = csv_text("accounts", [here | {"currency": "EUR", "zone": "UTC"}])
    alias = csv_text("aliases", [here | {"alias": "name:HOT  days", "code": "newcode"}])

    outcome = load(
        [
            ("accounts.csv", shop.encode()),
            ("aliases.csv", alias.encode()),
            codes(("New-Code", "SUMMER-10")),
        ]
    )

    assert not outcome.faults
    assert outcome.orders_again == 2
    assert outcome.moves_days
    assert again() == sorted([unknown, till])
    assert known not in again()
    row = next(iter(redemptions_table.of_order(till).values()))
    assert row.item_id().startswith("unmapped")
    project(till, RegisterReader())
    assert next(iter(redemptions_table.of_order(till))).startswith("redemption#NEWC")


def test_orders_that_come_while_readers_are_behind_are_found_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load(examples())
    first = sold("1", raw="NEW-CODE")
    late: list[str] = []

    def passing(seconds: float) -> None:
        if seconds and not late:
            late.append(sold("2", raw="new code"))

    monkeypatch.setattr(time, "sleep", passing)

    outcome = load([codes(("New-Code", "SUMMER-10"))])

    assert outcome.orders_again == 2
    assert again() == sorted([first, *late])


def test_messages_wait_until_no_reader_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    load(examples())
    for at in range(60):
        sold(str(at), raw="NEW-CODE")
    asked: list[tuple[int, float]] = []
    monkeypatch.setattr(road, "_AGAIN_AFTER_S", 45)
    monkeypatch.setattr(
        queue,
        "send",
        lambda _url, bodies, delay: asked.append((len(list(bodies)), delay)),
    )

    load([codes(("New-Code", "SUMMER-10"))])

    assert asked == [(3, 45), (0, 45)]


def test_an_empty_ledger_is_not_searched(no_waiting: list[float]) -> None:
    load(examples())

    assert cloud.sent("PROJECTION_AGAIN") == []
    assert sum(no_waiting) == 0


def test_changed_terms_reach_the_orders_of_their_codes() -> None:
    load(examples())
    order = sold("1", raw="sombra 10")
    name, content = next(each for each in examples() if each[0] == "promotions.csv")

    outcome = load([(name, content.replace(b"2026-09-15,,,", b"2026-09-10,,,"))])

    assert not outcome.faults
    assert again() == [order]


def test_two_loads_at_once_are_both_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    load(examples())
    real = register_loads.commit
    done: list[Outcome] = []

    def commit(*arguments: object) -> object:
        if not done:
            done.append(Outcome(revision=0))
            done.append(load([codes(("SECOND", "SUMMER-10"))]))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(register_loads, "commit", commit)

    first = load([codes(("FIRST", "SUMMER-10"))])

    assert (done[1].revision, first.revision) == (2, 3)
    reader = RegisterReader()
    assert reader.code("F1RST") is not None
    assert reader.code("SECOND") is not None
    assert not boto3.client("dynamodb").query(
        TableName="Register",
        KeyConditionExpression="pk = :load",
        ExpressionAttributeValues={":load": {"S": "load"}},
    )["Items"]


def test_two_loads_that_contradict_each_other_do_not_both_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load(examples())
    real = register_loads.commit
    done: list[Outcome] = []

    def commit(*arguments: object) -> object:
        if not done:
            done.append(Outcome(revision=0))
            done.append(load([codes(("Twin", "SUMMER-10"))]))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(register_loads, "commit", commit)

    second = load([codes(("TWIN", "SUMMER-10"))])

    assert [fault.field for fault in second.faults] == ["code"]
    assert "stands in the register" in str(second.faults[0])


def test_a_load_that_is_always_overtaken_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def commit(*_: object) -> object:
        raise register_loads.Overtaken("again")

    monkeypatch.setattr(register_loads, "commit", commit)

    with pytest.raises(Unavailable, match="others are loading at the same time"):
        load(examples())


def test_progress_is_told() -> None:
    steps: dict[str, tuple[int, int]] = {}

    load(
        [*examples(), codes(*((f"N{at}X", "SUMMER-10") for at in range(950)))],
        tell=lambda step, done, of: steps.update({step: (done, of)}),
    )

    assert steps["reading rows"] == (900, 973)
    assert steps["writing the register"] == (10, 10)
    assert set(steps) >= {"looking up", "writing touchpoints"}


def test_many_rows_take_few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    load(examples())
    connection = register_table.RegisterItem._get_connection().connection
    real = connection._make_api_call
    made: list[str] = []

    def counted(operation: str, asked: Any) -> object:
        made.append(operation)
        return real(operation, asked)

    monkeypatch.setattr(connection, "_make_api_call", counted)
    rows = [(f"N{at}X", "SUMMER-10") for at in range(2_500)]

    outcome = load([codes(*rows)])

    assert outcome.revision == 2
    assert {name: made.count(name) for name in set(made)} == {
        "BatchGetItem": 26,
        "BatchWriteItem": 201,
        "GetItem": 1,
        "PutItem": 4,
        "Query": 3,
    }
    assert RegisterReader().code("N2499X") is not None
