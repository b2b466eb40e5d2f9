"""Do credits and sums come out the same, whatever becomes of the records and of the calls?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from pynamodb.connection.base import Connection

from functions.streams.attribution import handler
from functions.streams.attribution.match import Row, Told, match
from tests.battery.dynamo import Dynamo, Table, record
from tests.pure.registers import Shelf
from tests.streams.journeys import ANN, NOON, redemption, shop, touch, unmapped
from vouchsafe.edge import (
    credits_table,
    insight_table,
    parking,
    redemptions_table,
    touchpoints_table,
)
from vouchsafe.pure.credit import Counters, Credit, recount
from vouchsafe.pure.errors import Unavailable, Unreadable
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.redemption import Redemption, State

ANN_TOO = "customer:7"
BOB = "email:bob"
PEOPLE = ((ANN, ANN_TOO), (BOB,), (), (ANN,))
STATES: tuple[State, ...] = (
    "redeemed",
    "confirmed",
    "confirmed",
    "partially_returned",
    "rolled_back",
)


class Crash(BaseException):
    """The process is gone."""


@dataclass
class LearningShelf(Shelf):
    """A register that may have been read long ago."""

    newest: int = 1

    def refresh(self) -> None:
        self.at_revision = self.newest


@dataclass
class Cloud:
    """The tables in memory; `before` and `after` may spoil a call."""

    dynamo: Dynamo
    shelf: LearningShelf
    parked: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None

    def _make_api_call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        self.before(operation)
        answer = self.dynamo.answer(operation, asked)
        self.after(operation)
        return answer

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [record(each, images=True) for each in self.dynamo.tables[stream].changes]


@contextmanager
def cloud() -> Iterator[Cloud]:
    """The handler over tables in memory."""
    index = {"by_customer": ("customer_key", "customer_sort")}
    names = ("Credits", "Insight", "Touchpoints")
    tables = [Table(name, ("pk", "sk")) for name in names]
    tables.append(Table("Redemptions", ("pk", "sk"), index))
    known = shop()
    shelf = LearningShelf(codes=known.codes, promotions=known.promotions, campaigns=known.campaigns)
    found = Cloud(Dynamo(tables), shelf)

    def park(*, consumer: str, record: object, reason: str) -> str:
        found.parked.append(reason)
        return f"record/{consumer}/1.json"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "client", property(lambda _: found))
        patch.setattr(handler, "_register", shelf)
        patch.setattr(handler, "PAUSE_S", 0)
        patch.setattr(parking, "park_record", park)
        yield found


def held() -> list[Credit]:
    return [each.credit for each in credits_table.all_credits()]


def sums() -> Counters:
    return dict(insight_table.all_rows())


def put(row: Row, revision: int = 1) -> Row:
    assert redemptions_table.put(row, revision)
    return row


def deliver(stream: list[dict[str, Any]]) -> list[str]:
    """What has to come again."""
    answer = handler.handle({"Records": stream}, None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def order(number: int) -> OrderKey:
    return OrderKey(platform="square", account="kew", order_id=str(number))


def test_a_redemption_earns_credit_and_a_repeat_changes_nothing() -> None:
    with cloud() as found:
        touchpoints_table.write([touch(3, "google / cpc")])
        put(redemption("P0STER"))
        put(unmapped())

        assert deliver(found.records("Redemptions")) == []
        before = sums()
        found.calls.clear()
        assert deliver(found.records("Redemptions") * 3) == []

        assert [each.item_id for each in held()] == ["redemption#P0STER#000", "unmapped#till-7"]
        assert before == sums() == recount(held())
        assert "TransactWriteItems" not in found.calls


def test_a_late_touchpoint_judges_again_what_was_judged_before() -> None:
    with cloud() as found:
        put(redemption("P0STER"))
        deliver(found.records("Redemptions"))
        touchpoints_table.write([touch(3, "google / cpc"), touch(-3, "late / cpc")])

        deliver(found.records("Touchpoints"))

        assert {key.pk for key in sums() if key.pk.startswith("channel#")} == {
            "channel#google / cpc",
            "channel#street / print",
        }
        assert sums() == recount(held())


def test_a_touchpoint_leaves_a_redemption_to_its_own_record() -> None:
    with cloud() as found:
        put(redemption("P0STER"))
        touchpoints_table.write([touch(3, "google / cpc")])

        deliver(found.records("Touchpoints"))

        assert held() == []


def test_all_keys_of_a_person_lead_to_their_touchpoints_once_each() -> None:
    with cloud() as found:
        seen = touch(3, "google / cpc")
        touchpoints_table.write([seen, replace(seen, customer=ANN_TOO)])
        put(redemption("SAVE10", customer=(ANN, ANN_TOO)))

        deliver(found.records("Redemptions"))

        assert [each.touches_seen for each in held()] == [1]


def test_a_removed_redemption_takes_its_contribution_back() -> None:
    with cloud() as found:
        row = put(redemption("P0STER"))
        deliver(found.records("Redemptions"))
        redemptions_table.take_out(row.key.text(), row.item_id(), row.facts_seen, 1)

        deliver(found.records("Redemptions"))

        assert (held(), sums()) == ([], {})


def test_a_batch_of_a_hundred_is_a_handful_of_writes() -> None:
    with cloud() as found:
        for number in range(100):
            put(redemption("MA1L", key=order(number), customer=(f"email:{number}",)))
        found.calls.clear()

        deliver(found.records("Redemptions"))

        assert found.calls.count("TransactWriteItems") == 2
        assert sums() == recount(held())


def test_a_register_older_than_the_redemption_is_read_afresh() -> None:
    with cloud() as found:
        found.shelf.newest = 5
        put(redemption("P0STER"), revision=5)

        deliver(found.records("Redemptions"))

        assert [each.register_revision for each in held()] == [5]


def test_poison_is_parked_and_the_rest_goes_on() -> None:
    with cloud() as found:
        put(redemption("P0STER", key=order(1)))
        put(redemption("P0STER", key=order(2)))
        [first, second] = found.records("Redemptions")
        broken = next(iter(found.dynamo.tables["Redemptions"].parts[order(1).text()].values()))
        broken["redeemed_at"] = {"S": "yesterday"}

        assert deliver([{"dynamodb": {"SequenceNumber": "1"}}, first, second]) == []

        assert len(found.parked) == 2
        assert [each.key for each in held()] == [order(2)]


def test_poison_that_cannot_be_parked_comes_again() -> None:
    def full(**_: object) -> str:
        raise Unavailable("parked: SlowDown")

    with cloud(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(parking, "park_record", full)

        assert deliver([{"dynamodb": {"SequenceNumber": "1"}}]) == ["1"]


@pytest.mark.usefixtures("aws")
def test_a_refused_order_is_parked_and_its_neighbours_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [put(redemption("P0STER", key=order(number))) for number in (1, 2, 3)]
    records = [
        {
            "dynamodb": {
                "SequenceNumber": row.key.order_id,
                "Keys": {"pk": {"S": row.key.text()}, "sk": {"S": row.item_id()}},
            }
        }
        for row in rows
    ]
    monkeypatch.setattr(handler, "_register", shop())
    monkeypatch.setattr(handler, "match", _too_much_evidence_for(order(2)))

    assert deliver(records) == []

    assert list(parking.keys("record/attribution/")) != []
    assert {each.key for each in held()} == {order(1), order(3)}
    assert sums() == recount(held())


def _too_much_evidence_for(key: OrderKey) -> Callable[..., list[Credit]]:
    def judge(rows: Any, told: Told) -> list[Credit]:
        return [
            replace(each, evidence=("x" * 500_000,)) if each.key == key else each
            for each in match(rows, told)
        ]

    return judge


def test_an_outage_brings_the_records_again_and_is_not_waited_out() -> None:
    def down(_: str) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")

    with cloud() as found:
        for number in range(10):
            put(redemption("P0STER", key=order(number)))
        records = found.records("Redemptions")
        found.calls.clear()
        found.before = down

        assert len(deliver(records)) == 10
        assert len(found.calls) == handler.MOST_OUTAGES


def test_a_write_whose_outcome_is_unknown_comes_again_and_counts_once() -> None:
    def lost(operation: str) -> None:
        if operation == "TransactWriteItems":
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

    with cloud() as found:
        put(redemption("P0STER"))
        records = found.records("Redemptions")
        names = [each["dynamodb"]["SequenceNumber"] for each in records]

        found.before = lost
        assert deliver(records) == names
        assert held() == []
        found.before, found.after = lambda _: None, lost
        assert deliver(records) == names
        found.after = lambda _: None
        assert deliver(records) == []

        assert len(held()) == 1
        assert sums() == recount(held())


def test_an_order_that_is_always_raced_comes_again() -> None:
    def conflict(operation: str) -> None:
        if operation == "TransactWriteItems":
            raise _cancelled("TransactionConflict")

    with cloud() as found:
        put(redemption("P0STER"))
        records = found.records("Redemptions")
        found.calls.clear()
        found.before = conflict

        assert deliver(records) == [records[0]["dynamodb"]["SequenceNumber"]]
        assert found.calls.count("TransactWriteItems") == handler.ROUNDS


def _cancelled(code: str) -> ClientError:
    answer = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": code}, {"Code": "None"}],
    }
    return ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]


def _at_call(found: Cloud, number: int, happening: Callable[[], None]) -> None:
    """Lets something happen before the call of that number, once."""
    left = [number]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] == -1:
            happening()

    found.before = count


MANY_CODES = [("P0STER",), ("P0STER", "SAVE10")]


@pytest.mark.parametrize("codes", MANY_CODES, ids=["one code", "two codes"])
@pytest.mark.parametrize("place", range(12))
def test_an_order_that_changes_while_its_touchpoints_are_judged(
    place: int, codes: tuple[str, ...]
) -> None:
    def changed() -> None:
        begin = len(found.records("Redemptions"))
        _put_all(codes, 2, state="rolled_back", revenue_minor=0)
        assert deliver(found.records("Redemptions")[begin:]) == []

    with cloud() as found:
        _put_all(codes, 1)
        deliver(found.records("Redemptions"))
        touchpoints_table.write([touch(3, "google / cpc")])
        _at_call(found, place, changed)

        assert deliver(found.records("Touchpoints")) == []

        found.before = lambda _: None
        if len(found.records("Redemptions")) > len(codes):
            assert {each.state for each in held()} == {"rolled_back"}
        assert {each.touches_seen for each in held()} == {1}
        assert sums() == recount(held())


@pytest.mark.parametrize("codes", MANY_CODES, ids=["one code", "two codes"])
@pytest.mark.parametrize("place", range(12))
def test_a_redemption_that_goes_while_its_touchpoints_are_judged(
    place: int, codes: tuple[str, ...]
) -> None:
    def gone() -> None:
        begin = len(found.records("Redemptions"))
        for row in rows:
            redemptions_table.take_out(row.key.text(), row.item_id(), row.facts_seen, 1)
        assert deliver(found.records("Redemptions")[begin:]) == []

    with cloud() as found:
        rows = _put_all(codes, 1)
        touchpoints_table.write([touch(3, "google / cpc")])
        _at_call(found, place, gone)

        deliver(found.records("Touchpoints"))

        found.before = lambda _: None
        assert (held(), sums()) == ([], {})


@pytest.mark.parametrize("codes", MANY_CODES, ids=["one code", "two codes"])
@pytest.mark.parametrize("place", range(12))
@pytest.mark.parametrize("done", [False, True], ids=["before the call", "after it"])
def test_a_crash_at_any_call_is_healed_by_the_repeat(
    place: int, codes: tuple[str, ...], done: bool
) -> None:
    with cloud() as found:
        touchpoints_table.write([touch(3, "google / cpc")])
        _put_all(codes, 1)
        records = found.records("Redemptions")
        if done:
            found.after = _crash_at(place)
        else:
            found.before = _crash_at(place)
        with suppress(Crash):
            deliver(records)
        found.before = found.after = lambda _: None
        assert sums() == recount(held())

        assert deliver(records) == []

        assert len(held()) == len(codes)
        assert sums() == recount(held())


def _put_all(codes: tuple[str, ...], facts_seen: int, **said: Any) -> list[Row]:
    """An order of these codes, after so many facts."""
    return [
        put(
            redemption(
                code,
                facts_seen=facts_seen,
                other_codes=tuple(each for each in codes if each != code),
                **said,
            )
        )
        for code in codes
    ]


def _crash_at(place: int) -> Callable[[str], None]:
    left = [place]

    def crash(_: str) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise Crash

    return crash


class Town:
    """A seeded town of a few orders and people, whose records meet every kind of trouble."""

    def __init__(self, found: Cloud, seed: int) -> None:
        self._cloud = found
        self._draw = Random(seed)
        self._facts = 0
        self._touches = 0
        self._at = {"Redemptions": 0, "Touchpoints": 0}
        self._trouble = self._draw.choice([0.05, 0.2, 0.5])
        # Swarm: each seed leaves out most of what can happen, so that the rest shows.
        self._troubles = self._draw.choice([[0], [1], [2], [3], [3], [3], [0, 1, 2, 3]])
        self._orders = self._draw.choice([1, 1, 2, 4])
        self._actions = [self._change, self._see, self._deliver, self._deliver, self._deliver]
        if self._draw.random() < 0.5:
            self._actions.append(self._learn)
        if self._draw.random() < 0.5:
            self._actions.append(self._rewind)
        self._inside = ""
        found.before, found.after = self._spoil, self._spoil_after

    def live(self) -> None:
        """Changes and deliveries, in any mixture."""
        for _ in range(self._draw.choice([6, 12, 25])):
            self._draw.choice(self._actions)()
            self.check()

    def settle(self) -> None:
        """No more trouble: everything comes."""
        self._trouble = 0
        for stream in self._draw.sample(sorted(self._at), 2):
            self._catch_up(stream)
        self.check()
        assert {(each.key, each.item_id): each for each in held()} == self._expected()

    def check(self) -> None:
        """At any time the sums are a recount of the credits, and none is below zero."""
        calm, self._trouble = self._trouble, 0
        assert sums() == recount(held())
        assert all(amount > 0 for row in sums().values() for amount in row.values())
        self._trouble = calm

    def _catch_up(self, stream: str) -> None:
        while self._at[stream] < len(self._cloud.records(stream)):
            self._run(stream)

    def _expected(self) -> dict[tuple[OrderKey, str], Credit]:
        rows: dict[OrderKey, list[Row]] = {}
        for row in redemptions_table.all_rows():
            rows.setdefault(row.key, []).append(row)
        credits_ = [each for of_one in rows.values() for each in self._judged(of_one)]
        return {(each.key, each.item_id): each for each in credits_}

    def _judged(self, rows: list[Row]) -> list[Credit]:
        keys = {key for row in rows if isinstance(row, Redemption) for key in row.customer}
        began, over = NOON - timedelta(days=900), NOON + timedelta(days=900)
        found = [each for key in keys for each in touchpoints_table.of_person(key, began, over)]
        once = {each.touchpoint_id: each for each in found}.values()
        seen = sorted(once, key=lambda each: (each.seen_at, each.touchpoint_id))
        return match(rows, Told(seen, self._cloud.shelf, touchpoints_table))

    def _change(self) -> None:
        """An order as one more fact makes it: all of its rows, and none that are gone."""
        calm, self._trouble = self._trouble, 0
        self._facts += 1
        key = order(self._draw.randrange(self._orders))
        person = PEOPLE[int(key.order_id) % len(PEOPLE)]
        there = redemptions_table.of_order(key.text())
        codes = [each for each in ("MA1L", "TW1N", "SAVE10") if self._draw.random() < 0.4]
        rows = [self._row(key, each, person, tuple(codes)) for each in codes]
        if self._draw.random() < 0.5:
            rows.append(unmapped(key=key, state=self._state(), facts_seen=self._facts))
        for row in rows:
            put(row)
        for item_id in there.keys() - {row.item_id() for row in rows}:
            redemptions_table.take_out(key.text(), item_id, self._facts, 1)
        self._trouble = calm

    def _learn(self) -> None:
        """The register learns what confirms a code: one row alone changes, by no new fact."""
        calm, self._trouble = self._trouble, 0
        rows = [row for row in redemptions_table.all_rows() if isinstance(row, Redemption)]
        if rows:
            put(replace(self._draw.choice(rows), state=self._state()))
        self._trouble = calm

    def _state(self) -> State:
        return self._draw.choice(STATES)

    def _row(
        self, key: OrderKey, code: str, person: tuple[str, ...], codes: tuple[str, ...]
    ) -> Row:
        return redemption(
            code,
            key=key,
            state=self._state(),
            customer=person,
            facts_seen=self._facts,
            revenue_minor=self._draw.randint(0, 5000),
            other_codes=tuple(each for each in codes if each != code),
        )

    def _see(self) -> None:
        """Somebody was seen; under a weaker key only by a send to all of their keys."""
        calm, self._trouble = self._trouble, 0
        self._touches += 1
        seen = touch(
            self._draw.randint(-5, 40),
            self._draw.choice(["google / cpc", "newsletter / email", ""]),
            kind=self._draw.choice(["click", "visit", "email_click", "sighting"]),
            customer=self._draw.choice([ANN, ANN, BOB]),
            code=self._draw.choice([None, None, "SAVE10", "MA1L"]),
            touchpoint_id=f"touch-{self._touches}",
        )
        same = [replace(seen, customer=ANN_TOO)] if seen.customer == ANN else []
        touchpoints_table.write([seen, *same])
        self._trouble = calm

    def _deliver(self) -> None:
        self._run(self._draw.choice(sorted(self._at)))

    def _rewind(self) -> None:
        stream = self._draw.choice(sorted(self._at))
        self._at[stream] = self._draw.randint(0, self._at[stream])

    def _run(self, stream: str) -> None:
        """One batch, as Lambda brings it: the lowest failure is where it begins again."""
        begin = self._at[stream]
        batch = self._cloud.records(stream)[begin : begin + self._draw.randint(1, 8)]
        if not batch:
            return
        outer, self._inside = self._inside, stream
        try:
            failed = set(deliver(batch))
        except Crash:
            return
        finally:
            self._inside = outer
        names = [each["dynamodb"]["SequenceNumber"] for each in batch]
        good = next((at for at, name in enumerate(names) if name in failed), len(names))
        self._at[stream] = begin + good

    def _spoil(self, operation: str) -> None:
        if self._draw.random() >= self._trouble:
            return
        happening = self._draw.choice(self._troubles)
        if happening == 0:
            raise Crash
        if happening == 1:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, operation)
        if happening == 2 and operation == "TransactWriteItems":
            raise _cancelled("TransactionConflict")
        if happening == 3 and self._inside:
            self._run_beside()

    def _run_beside(self) -> None:
        """Another reader runs a batch in between: of its own stream, or the same one once more.

        While touchpoints are judged, the order may change and its own reader be done with it.
        """
        outer = self._cloud.before, self._cloud.after
        self._cloud.before = self._cloud.after = lambda _: None
        if self._inside == "Touchpoints":
            self._change()
            self._catch_up("Redemptions")
        else:
            self._run(self._draw.choice(sorted(self._at)))
        self._cloud.before, self._cloud.after = outer

    def _spoil_after(self, operation: str) -> None:
        """It was done, and nobody hears of it."""
        if operation == "TransactWriteItems" and self._draw.random() < self._trouble:
            if self._draw.random() < 0.5:
                raise Crash
            raise ReadTimeoutError(endpoint_url="https://dynamodb")


@pytest.mark.parametrize("seeds", [range(at, at + 25) for at in range(0, 150, 25)], ids=str)
def test_any_order_repetition_and_crash_ends_in_the_same_credits_and_sums(seeds: range) -> None:
    for seed in seeds:
        with cloud() as found:
            town = Town(found, seed)

            town.live()

            town.settle()


def test_what_cannot_be_read_is_never_raised() -> None:
    with cloud() as found, pytest.MonkeyPatch.context() as patch:
        put(redemption("P0STER"))

        def unreadable(_: object) -> None:
            raise Unreadable("Redemption", "does not fit")

        patch.setattr(redemptions_table, "of_order", unreadable)
        patch.setattr(redemptions_table, "of_items", unreadable)

        assert deliver(found.records("Redemptions")) == []
        assert found.parked == ["Unreadable('Redemption does not fit')"]
