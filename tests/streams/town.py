"""A seeded town whose orders, people and records meet every kind of trouble."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from botocore.exceptions import ClientError, ReadTimeoutError

from functions.streams.attribution.match import Row, Told, match
from tests.streams.clouds import Cloud, Crash, cancelled, deliver, held, order, put, sums
from tests.streams.journeys import ANN, NOON, redemption, touch, unmapped
from vouchsafe.edge import redemptions_table, touchpoints_table
from vouchsafe.pure.credit import Credit, recount
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
            raise cancelled("TransactionConflict")
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
