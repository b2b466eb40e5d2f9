"""Is a load all or nothing, wherever the run that writes it dies?"""

import copy
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ReadTimeoutError
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from tests import cloud
from tests.pure.saying import bill, code, fact
from tests.register.files import csv_text, examples
from vouchsafe.edge import facts_table, register_loads, register_table, secrets, touchpoints_table
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow import load as road
from vouchsafe.flow.load import load
from vouchsafe.flow.project import project
from vouchsafe.pure import register_entries as entries
from vouchsafe.pure.errors import Unavailable

WRITES = ("PutItem", "BatchWriteItem", "SendMessageBatch")
TABLES = ("Register", "Touchpoints")
# Both PynamoDB and the clients of `edge.session` go through here.
CALL: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 (not in the stubs)
Files = list[tuple[str, bytes]]
View = dict[str, object]


class Died(BaseException):
    """The process is gone: nothing after this instant happens."""


Moment = Literal["before", "half", "after"]
MOMENTS: tuple[Moment, ...] = get_args(Moment)


@dataclass
class Death:
    """Ends the process at its nth write: before it, after half of a batch, or before its answer.

    `at=None` only counts them.
    """

    at: int | None = None
    moment: Moment = "before"
    writes: int = 0
    dead: bool = False

    def call(self, client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        if self.dead:
            raise Died
        self.writes += operation in WRITES
        if operation not in WRITES or self.writes != self.at:
            return CALL(client, operation, asked)
        self.dead = True
        if self.moment == "after":
            CALL(client, operation, asked)
        if self.moment == "half" and operation == "BatchWriteItem":
            ((table, requests),) = asked["RequestItems"].items()
            half = {table: requests[: len(requests) // 2]}
            if half[table]:
                CALL(client, operation, asked | {"RequestItems": half})
        raise Died


@pytest.fixture(scope="module")
def stack() -> Iterator[None]:
    """The register loaded, and two orders in the ledger, made once for all deaths."""
    with cloud.made(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "sleep", lambda _seconds: None)
        patched.setattr(road, "_AGAIN_AFTER_S", 0)
        patched.setattr(road, "_CHUNK", 2)
        patched.setattr(register_loads, "_LARGEST_PART", 150)
        load(examples())
        for order, raw in (("1", "NEW-1"), ("2", "LEO-15")):
            said = replace(fact(bill(discounts=(code(raw, 100),))), order=order_key(order))
            facts_table.append(said)
            project(said.order.text(), RegisterReader())
        yield


@pytest.fixture(autouse=True)
def before(stack: None) -> Iterator["Saved"]:
    """As the stack was made; put back after each test."""
    saved = Saved()
    yield saved
    saved.put_back()


class Saved:
    """What lies in the tables that a load writes."""

    def __init__(self) -> None:
        self._items = {name: copy.deepcopy(_table(name).items) for name in TABLES}

    def put_back(self) -> None:
        for name, items in self._items.items():
            _table(name).items = copy.deepcopy(items)
        for queue in sqs_backends[cloud.ACCOUNT_ID][cloud.REGION].queues.values():
            queue._messages.clear()


def _table(name: str) -> Any:
    return dynamodb_backends[cloud.ACCOUNT_ID][cloud.REGION].get_table(name)


def order_key(order: str) -> Any:
    return replace(fact(bill()).order, order_id=order)


def changing() -> Files:
    """New terms, new codes, a code's other promotion, an alias that moves, touchpoints."""
    promotions = dict(examples())["promotions.csv"].replace(b",500,1,", b",600,1,")
    codes = [{"code": f"NEW-{at}", "promotion_id": "SUMMER-10"} for at in range(1, 4)]
    codes.append({"code": "LEO-15", "promotion_id": "SUMMER-LAST"})
    alias = {"platform": "square", "account": "bar-sol", "alias": "name:Leo", "code": "NEW-1"}
    seen = [
        {
            "touchpoint_id": f"late-{at}",
            "identity": "email:bea@example.com",
            "seen_at": f"2026-06-0{at}T10:00:00Z",
            "kind": "publication",
            "code": "NEW-1",
        }
        for at in range(1, 4)
    ]
    return [
        ("promotions.csv", promotions),
        ("codes.csv", csv_text("codes", codes).encode()),
        ("aliases.csv", csv_text("aliases", [alias]).encode()),
        ("touchpoints.csv", csv_text("touchpoints", seen).encode()),
    ]


def another(name: str = "AFTER") -> Files:
    """Somebody else's load, which has nothing to do with it."""
    row = {"code": name, "promotion_id": "CREATORS-15"}
    return [("codes.csv", csv_text("codes", [row]).encode())]


def view() -> View:
    """All that a reader says of what the loads touch, however it asks."""
    reader = RegisterReader()
    single = {
        "limit": getattr(reader.promotion("SUMMER-10"), "code_limit", None),
        "codes": [reader.code(f"NEW{at}") is not None for at in ("1", "2", "3")],
        "leo": getattr(reader.code("1EO15"), "promotions", None),
        "alias": reader.alias("square", "bar-sol", "name:leo"),
    }
    batch = RegisterReader()
    batch.prefetch(
        [
            entries.promotion_key("SUMMER-10"),
            entries.code_key("1EO15"),
            *(entries.code_key(f"NEW{at}") for at in ("1", "2", "3")),
        ]
    )
    assert getattr(batch.promotion("SUMMER-10"), "code_limit", None) == single["limit"]
    assert [batch.code(f"NEW{at}") is not None for at in ("1", "2", "3")] == single["codes"]
    return single


OLD: View = {
    "limit": 500,
    "codes": [False] * 3,
    "leo": ("CREATORS-15",),
    "alias": "LEO-15",
}
NEW: View = {
    "limit": 600,
    "codes": [True] * 3,
    "leo": ("CREATORS-15", "SUMMER-LAST"),
    "alias": "NEW-1",
}


def dying(death: Death, files: Files) -> bool:
    """Whether the run lived."""

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        return death.call(client, operation, asked)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        try:
            load(files)
        except Died:
            return False
    return True


def seen() -> int:
    bea = str(secrets.identify()("email", "bea@example.com"))
    ever = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    return len(touchpoints_table.of_person(bea, *ever))


def settled() -> bool:
    """Nothing is under way, and no part of a load lies about."""
    parts = boto3.client("dynamodb").query(
        TableName="Register",
        KeyConditionExpression="pk = :load",
        ExpressionAttributeValues={":load": {"S": "load"}},
    )["Items"]
    return register_loads.head().load is None and not parts


def orders_again() -> set[str]:
    return {
        order for body in cloud.sent("PROJECTION_AGAIN") for order in json.loads(body)["orders"]
    }


def test_the_load_without_a_death(before: Saved) -> None:
    assert view() == OLD

    assert dying(counted := Death(), changing())

    assert view() == NEW
    assert seen() == 3
    assert settled()
    assert orders_again() == {order_key("1").text(), order_key("2").text()}
    assert counted.writes > 12


def test_wherever_a_run_dies_its_load_is_seen_whole_or_not_at_all(before: Saved) -> None:
    dying(counted := Death(), changing())
    ends = set()
    for at in range(1, counted.writes + 1):
        for moment in MOMENTS:
            before.put_back()
            secrets.forget()

            assert not dying(Death(at, moment), changing())

            met = view()
            assert met in (OLD, NEW), (at, moment)
            assert seen() == 0 or met == NEW, (at, moment)
            outcome = load(another())
            whole = view()
            assert whole in (OLD, NEW), (at, moment)
            assert met == OLD or whole == NEW, (at, moment)
            assert seen() == (3 if whole == NEW else 0), (at, moment)
            assert outcome.finished_earlier or met == whole, (at, moment)
            assert RegisterReader().code("AFTER") is not None
            assert settled(), (at, moment)
            expected = {order_key("1").text(), order_key("2").text()} if whole == NEW else set()
            assert orders_again() == expected, (at, moment)
            ends.add((met == NEW, whole == NEW))

    assert ends == {(False, False), (False, True), (True, True)}


def test_after_a_death_the_same_load_ends_as_if_nothing_had_been(before: Saved) -> None:
    dying(counted := Death(), changing())
    for at in range(1, counted.writes + 1, 3):
        before.put_back()
        dying(Death(at), changing())

        load(changing())

        assert view() == NEW
        assert seen() == 3
        assert settled()


@pytest.mark.parametrize("seed", range(12))
def test_many_deaths_in_a_row_change_nothing(before: Saved, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        files = chance.choice([changing(), another(), another("OTHER")])
        dying(Death(chance.randint(1, 20), chance.choice(MOMENTS)), files)
        assert view() in (OLD, NEW)

    load(changing())

    assert view() == NEW
    assert settled()


def test_a_run_that_was_taken_over_writes_nothing_that_counts(
    before: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = register_loads.publish
    later: Files = [
        (
            "promotions.csv",
            dict(examples())["promotions.csv"].replace(b",500,1,", b",700,1,"),
        )
    ]

    def slow(head: register_loads.Head) -> register_loads.Head:
        monkeypatch.setattr(register_loads, "publish", real)
        load(later)
        return real(head)

    monkeypatch.setattr(register_loads, "publish", slow)

    outcome = load(changing())

    assert outcome.elsewhere
    assert view() == NEW | {"limit": 700}
    assert seen() == 3
    assert settled()


def test_an_answer_that_is_lost_and_asked_again_is_no_other_runs_move(
    before: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        if operation == "PutItem":
            CALL(client, operation, copy.deepcopy(asked))
        return CALL(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", twice)

    outcome = load(changing())

    assert not outcome.elsewhere
    assert outcome.revision == 2
    assert view() == NEW


@pytest.mark.parametrize("applied", [True, False])
def test_a_time_out_is_told_and_the_next_run_ends_it(before: Saved, applied: bool) -> None:
    dying(counted := Death(), changing())
    for at in range(1, counted.writes + 1, 2):
        before.put_back()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(BaseClient, "_make_api_call", _timing_out(at, applied=applied))
            with pytest.raises(Unavailable):
                load(changing())

        met = view()
        load(changing())

        assert met in (OLD, NEW)
        assert view() == NEW
        assert seen() == 3
        assert settled()


def _timing_out(at: int, *, applied: bool) -> Any:
    counted = Death()

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        counted.writes += operation in WRITES
        if operation in WRITES and counted.writes == at:
            if applied:
                CALL(client, operation, asked)
            raise ReadTimeoutError(endpoint_url="http://register")
        return CALL(client, operation, asked)

    return call


def test_a_head_that_only_moves_forward(before: Saved) -> None:
    first = register_table.snapshot().revision
    for at in range(3):
        dying(Death(4), changing())
        load(another(f"N{at}Q"))

    assert register_table.snapshot().revision >= first + 3
