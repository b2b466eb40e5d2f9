"""Do notices, windows, statements, replays and streams reach the ledger, and resume?"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from tests import cloud
from tests.flow.deliveries import ACCOUNT, PLATFORM, order, posted, read, verify
from tests.pure.registers import Shelf
from tests.register.saying import listed
from vouchsafe.edge import (
    clock,
    cursors_table,
    facts_table,
    orders_table,
    parking,
    queue,
    redemptions_table,
    segments_table,
    statements_bucket,
)
from vouchsafe.flow import statement as statement_road
from vouchsafe.flow import sweep as sweep_road
from vouchsafe.flow.fetch import fetch
from vouchsafe.flow.forget import SEGMENTS, forget
from vouchsafe.flow.project import project
from vouchsafe.flow.replay import replay
from vouchsafe.flow.stream import keys_of, stream
from vouchsafe.flow.webhook import webhook
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Throttled, Unavailable, Unreadable
from vouchsafe.pure.facts import Fact, Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Window
from vouchsafe.pure.register import Account
from vouchsafe.pure.statement import scope_of
from vouchsafe.pure.sweeping import OVERLAP

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHOP = Account(platform=PLATFORM, account=ACCOUNT, currency="USD", days=DayRule())


class Lambda:
    """A Lambda's context: how long it may still run."""

    def __init__(self, left_ms: int = 10**6) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._left_ms


@pytest.fixture(autouse=True)
def connected(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"signing_keys": ["current"], "api_url": "http://till.test"}
    cloud.put_secret(f"{PLATFORM}/{ACCOUNT}", json.dumps(secret))
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(sweep_road, "accounts_of", lambda _: [SHOP])
    monkeypatch.setattr(statement_road, "accounts_of", lambda _: [SHOP])
    monkeypatch.setattr(statement_road, "days_of_account", lambda *_: [DayRule()])
    monkeypatch.setattr(statement_road, "RegisterReader", Shelf)
    monkeypatch.setattr(queue, "put_off", lambda *_: None)


def batch(*bodies: dict[str, Any] | str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": str(at),
                "receiptHandle": str(at),
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:some",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": body if isinstance(body, str) else json.dumps(body),
            }
            for at, body in enumerate(bodies)
        ]
    }


def failed(answer: Any) -> list[str]:
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def read_document(said: Document, *_: object) -> tuple[Fact, ...]:
    if said.body == b"broken":
        raise Unreadable("document", "is broken")
    if said.body == b"bug":
        raise KeyError("a bug of ours")
    return (order(said.body.decode()),)


def documents(*orders: str) -> tuple[Document, ...]:
    return tuple(Document(kind="order", body=each.encode()) for each in orders)


def held(order_id: str) -> int:
    return len(facts_table.of_order(order(order_id).order.text()))


def notice(order_id: str) -> dict[str, Any]:
    return asdict(
        Notice(platform=PLATFORM, account=ACCOUNT, kind="order", object_id=order_id, details={})
    )


def fetched(_send: Send, _connection: Connection, said: Notice) -> tuple[Document, ...]:
    if said.object_id == "slow":
        raise Throttled("slow down", 7)
    if said.object_id == "gone":
        raise Refused("404")
    return documents(said.object_id)


def test_a_notice_is_fetched_and_recorded() -> None:
    handle = fetch(PLATFORM, fetched, read_document)

    assert failed(handle(batch(notice("1"), notice("slow"), notice("gone")), None)) == ["1", "2"]
    assert held("1") == 1


def test_an_object_named_twice_in_a_batch_is_fetched_once() -> None:
    asked: list[str] = []

    def counted(send: Send, connection: Connection, said: Notice) -> tuple[Document, ...]:
        asked.append(said.object_id)
        return fetched(send, connection, said)

    handle = fetch(PLATFORM, counted, read_document)

    assert failed(handle(batch(notice("1"), notice("1"), notice("2")), None)) == []
    assert asked == ["1", "2"]


def test_a_notice_that_is_none_is_parked_and_holds_up_nobody() -> None:
    handle = fetch(PLATFORM, fetched, read_document)

    assert failed(handle(batch('{"what": 1}', notice("1")), None)) == []
    assert held("1") == 1
    assert len(list(parking.keys("record/fetch"))) == 1


@pytest.mark.parametrize("body", ["broken", "bug"])
def test_a_document_that_cannot_be_read_is_parked(body: str) -> None:
    handle = fetch(PLATFORM, fetched, read_document)

    assert failed(handle(batch(notice(body)), None)) == []
    (key,) = parking.keys("unreadable/")
    parked = parking.get(key)
    assert parked is not None
    assert parked.document() == Document(kind="order", body=body.encode())


def lister(pages: list[tuple[str, ...]]) -> tuple[Callable[..., Page], list[Window]]:
    asked: list[Window] = []

    def list_orders(_s: Send, _c: Connection, window: Window, cursor: str | None) -> Page:
        asked.append(window)
        at = int(cursor or 0)
        more = str(at + 1) if at + 1 < len(pages) else None
        return Page(documents=documents(*pages[at]), cursor=more)

    return list_orders, asked


def test_a_sweep_spreads_itself_over_the_accounts() -> None:
    handle = sweep_road.sweep(PLATFORM, lister([()])[0], read_document, 1000)

    assert failed(handle(batch({}), Lambda())) == []
    assert [json.loads(each) for each in cloud.sent("SWEEP")] == [{"account": ACCOUNT}]


def test_a_sweep_finds_what_never_arrived_and_goes_on_from_there() -> None:
    list_orders, asked = lister([("1", "2"), ("broken", "3")])
    handle = sweep_road.sweep(PLATFORM, list_orders, read_document, 1000)

    assert failed(handle(batch({"account": ACCOUNT}), Lambda())) == []
    assert failed(handle(batch({"account": ACCOUNT}), Lambda())) == []

    progress = cursors_table.get(PLATFORM, ACCOUNT, "sweep")
    assert progress is not None
    assert (progress.done, progress.listed, progress.found, progress.unreadable) == (True, 4, 0, 1)
    assert asked[-1].start == NOON - OVERLAP
    assert [held(each) for each in "123"] == [1, 1, 1]


def test_a_sweep_that_is_cut_off_resumes_at_its_page() -> None:
    list_orders, _ = lister([("1",), ("2",), ("3",)])
    handle = sweep_road.sweep(PLATFORM, list_orders, read_document, 1000)

    handle(batch({"account": ACCOUNT}), Lambda(left_ms=10))
    assert (held("1"), held("2")) == (1, 0)
    (message,) = cloud.sent("SWEEP")
    handle(batch(message), Lambda())

    progress = cursors_table.get(PLATFORM, ACCOUNT, "sweep")
    assert progress is not None
    assert (progress.done, progress.pages) == (True, 3)
    assert held("3") == 1


def test_a_vendor_that_asks_for_patience_gets_it() -> None:
    def impatient(*_: object) -> Page:
        raise Throttled("slow down", 7)

    handle = sweep_road.sweep(PLATFORM, impatient, read_document, 1000)

    assert failed(handle(batch({"account": ACCOUNT}), Lambda())) == ["0"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": ACCOUNT, "start": "soon", "end": "later"},
        {"account": ACCOUNT, "start": "2026-11-02T00:00:00Z", "end": "2026-11-01T00:00:00Z"},
        {"account": ACCOUNT, "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z",
         "by": "name"},
        {"account": "nobody"},
    ],
)  # fmt: skip
def test_a_wrong_backfill_is_not_done(wrong: dict[str, str]) -> None:
    handle = sweep_road.sweep(PLATFORM, lister([()])[0], read_document, 1000)

    assert failed(handle(batch(wrong), Lambda())) == ["0"]


def test_a_backfill_is_a_job_of_its_own_and_asks_for_its_window() -> None:
    list_orders, asked = lister([("1",)])
    handle = sweep_road.sweep(PLATFORM, list_orders, read_document, 1000)
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z", "by": "placed"}

    assert failed(handle(batch({"account": ACCOUNT, **window}), Lambda())) == []

    assert (asked[0].by, asked[0].end - asked[0].start) == ("placed", timedelta(days=31))
    assert cursors_table.get(PLATFORM, ACCOUNT, "sweep") is None


def test_a_statement_is_spread_to_days_and_holds_the_days_orders() -> None:
    list_orders, asked = lister([("1", "2"), ("broken",)])
    handle = statement_road.statement(PLATFORM, list_orders, read_document, 1000)

    handle(batch({"period": "weekly"}), None)
    messages = cloud.sent("STATEMENT")
    days = sorted(json.loads(each)["day"] for each in messages)
    assert (days[0], days[-1], len(days)) == ("2026-11-09", "2026-11-15", 7)

    span = {"period": "daily", "first": "2026-11-20", "last": "2026-11-20"}
    assert failed(handle(batch({**span, "account": ACCOUNT, "day": "2026-11-20"}), None)) == []

    (key,) = boto3.client("s3").list_objects_v2(Bucket="vouchsafe-statements")["Contents"]
    rows = list(statements_bucket.get(scope_of(key["Key"])))
    assert [row.order for row in rows] == [order(each).order.text() for each in "12"]
    assert asked[0].by == "placed"


@pytest.mark.parametrize(
    ("now", "lists"),
    [
        (NOON, {"daily": 1}),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), {"daily": 1, "weekly": 7}),
        (datetime(2026, 12, 1, 12, tzinfo=UTC), {"daily": 1, "monthly": 30}),
        (datetime(2027, 2, 1, 12, tzinfo=UTC), {"daily": 1, "weekly": 7, "monthly": 31}),
    ],
)
def test_the_clock_asks_for_every_period_that_is_over(
    now: datetime, lists: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)

    statement_road.statement(PLATFORM, lister([])[0], read_document, 1000)(batch({}), None)

    assert Counter(json.loads(each)["period"] for each in cloud.sent("STATEMENT")) == lists


def test_a_statement_leaves_other_days_out() -> None:
    handle = statement_road.statement(PLATFORM, lister([("1",)])[0], read_document, 1000)
    span = {"period": "daily", "first": "2026-11-19", "last": "2026-11-19"}

    handle(batch({**span, "account": ACCOUNT, "day": "2026-11-19"}), None)

    (key,) = boto3.client("s3").list_objects_v2(Bucket="vouchsafe-statements")["Contents"]
    assert list(statements_bucket.get(scope_of(key["Key"]))) == []


def test_what_was_parked_for_an_outage_is_driven_again_and_cleared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unavailable(_: Fact) -> bool:
        raise Unavailable("not now")

    with monkeypatch.context() as outage:
        outage.setattr(facts_table, "append", unavailable)
        webhook(PLATFORM, verify, read)(posted('{"orders": ["1"]}'), None)
    (key,) = parking.keys("unavailable/")
    notification = {"Records": [{"s3": {"object": {"key": key.replace("/", "%2F")}}}]}

    assert failed(replay(PLATFORM, read, read_document)(batch(notification), None)) == []
    assert held("1") == 1
    assert list(parking.keys("")) == []


def test_s3s_own_test_event_is_passed_over() -> None:
    handle = replay(PLATFORM, read, read_document)

    assert failed(handle(batch({"Service": "Amazon S3", "Event": "s3:TestEvent"}), None)) == []


def test_after_a_mend_the_unreadable_is_read_and_before_it_stays() -> None:
    webhook(PLATFORM, verify, read)(posted("not json"), None)
    (key,) = parking.keys("unreadable/")

    replay(PLATFORM, read, read_document)(batch({"parked": key}), None)
    assert list(parking.keys("")) == [key]

    def mended(delivery: Any, *rest: Any) -> Any:
        return read(replace(delivery, body=b'{"orders": ["1"]}'), *rest)

    replay(PLATFORM, mended, read_document)(batch({"parked": key}), None)
    assert (held("1"), list(parking.keys(""))) == (1, [])


def test_forgetting_takes_the_person_out_of_the_named_orders() -> None:
    webhook(PLATFORM, verify, read)(posted('{"orders": ["1", "2"], "forget": ["1"]}'), None)

    assert failed(forget(PLATFORM)(batch(*cloud.sent("FORGET")), None)) == []

    people = [facts_table.of_order(order(each).order.text())[0].customer for each in "12"]
    assert people[0] == ()
    assert len(people[1]) == 1


def wish(**said: object) -> dict[str, object]:
    """A person's, in the words of the queue."""
    default = {"platform": PLATFORM, "account": ACCOUNT, "order_ids": [], "customer": []}
    return {**default, "asked": "customers/redact", "whole_account": False} | said


def test_forgetting_takes_the_person_out_of_segments() -> None:
    listed("VIP", "email:1", "email:2")
    asked = batch(wish(order_ids=["1"], customer=["email:1"]))

    assert failed(forget(PLATFORM)(asked, None)) == []
    assert failed(forget(PLATFORM)(asked, None)) == []

    assert not segments_table.is_listed("VIP", ["email:1"], NOON.date())
    assert segments_table.size("VIP", NOON.date()) == 1


def test_forgetting_asks_who_keeps_claims_to_look_through_them_now_and_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "_delay", lambda _: 0)
    asked = batch(wish(order_ids=["1"], customer=["email:1", "phone:2"]))

    assert failed(forget(PLATFORM)(asked, None)) == []

    told = [json.loads(each)["forget"] for each in cloud.sent("USES")]
    assert len(told) == 2 * SEGMENTS
    assert {each["segment"] for each in told} == set(range(SEGMENTS))
    assert {(*each["keys"], *each["orders"]) for each in told} == {
        ("email:1", "phone:2", order("1").order.text())
    }


def test_forgetting_a_shop_takes_everybody_out() -> None:
    webhook(PLATFORM, verify, read)(posted('{"orders": ["1", "2"]}'), None)

    assert failed(forget(PLATFORM)(batch(wish(whole_account=True)), None)) == []
    assert failed(forget(PLATFORM)(batch(*cloud.sent("FORGET")), None)) == []

    assert all(facts_table.of_order(order(each).order.text())[0].customer == () for each in "12")


def test_a_person_without_keys_and_orders_is_nobody() -> None:
    webhook(PLATFORM, verify, read)(posted('{"orders": ["1"]}'), None)

    assert failed(forget(PLATFORM)(batch(wish()), None)) == []

    assert cloud.sent("FORGET") == []
    assert facts_table.of_order(order("1").order.text())[0].customer


def test_projection_keeps_the_order_and_its_redemption_and_repeats_nothing() -> None:
    facts_table.append(order("1"))
    key = order("1").order.text()

    first = project(key, Shelf())
    again = project(key, Shelf())

    assert first == again
    assert first is not None
    assert orders_table.get(key) == (first.order, first.business_day)
    assert list(redemptions_table.of_order(key).values()) == list(first.redemptions)


def test_projection_takes_out_what_the_register_now_maps_elsewhere() -> None:
    till = replace(
        order("1").body.discounts[0],  # type: ignore[union-attr]
        kind="till",
        code_raw=None,
        aliases=("name:LUNCH",),
    )
    said = replace(order("1"), body=replace(order("1").body, discounts=(till,)))  # type: ignore[type-var]
    facts_table.append(said)
    key = said.order.text()
    project(key, Shelf())
    assert [each.partition("#")[0] for each in redemptions_table.of_order(key)] == ["unmapped"]

    learned = Shelf(aliases={(PLATFORM, ACCOUNT, "name:LUNCH"): "LUNCH"}, at_revision=2)
    project(key, learned)

    assert [each.partition("#")[0] for each in redemptions_table.of_order(key)] == ["redemption"]


def record(key: str, sequence: int) -> dict[str, Any]:
    keys = {"pk": {"S": key}, "sk": {"S": "x"}}
    return {"dynamodb": {"Keys": keys, "SequenceNumber": str(sequence)}}


def test_poison_is_parked_and_the_shard_moves_on() -> None:
    worked: list[str] = []

    def work(key: str) -> None:
        if key == "poison":
            raise ZeroDivisionError("a bug of ours")
        if key == "later":
            raise Unavailable("not now")
        worked.append(key)

    handle = stream("projection", lambda each: keys_of(each)[0], work)
    records = [record(key, at) for at, key in enumerate(["a", "poison", "a", "later", "b"])]

    assert failed(handle({"Records": [*records, {"dynamodb": {}}]}, None)) == ["3"]
    assert worked == ["a", "b"]
    assert len(list(parking.keys("record/projection/"))) == 2
