"""No dice: each single fault, pairs of faults, each meeting of two deliveries, each poison."""

import json
import random
import zlib
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from itertools import combinations, product
from threading import Condition, Thread, get_ident
from typing import Any, TypeVar
from unittest.mock import patch

import pytest

import functions.streams.projection.handler as projection
from tests.flow.deliveries import ACCOUNT, PLATFORM, order, posted, read, verify
from tests.pure.registers import Shelf
from vouchsafe.edge import facts_table, orders_table, parking
from vouchsafe.flow.webhook import webhook
from vouchsafe.pure.facts import Fact

from .clouds import Cloud
from .dynamo import record
from .faults import FAULTS, Fault, Faults, Plan
from .model import Stage, Story
from .seed import Options
from .simulation import Broken, Simulation

T = TypeVar("T")

# One order of two codes, paid and then partly returned, told twice.
STORY = Story(
    "order-0",
    (
        Stage("open", (("SAVE5", 333), ("Ten Off", 1000)), 1),
        Stage("confirmed", (("SAVE5", 333), ("Ten Off", 1000)), 2),
    ),
    returned_units=1,
    person="ann@example.com",
)
PLAIN = Options(
    seed=7,
    stories=(STORY,),
    plan=Plan(at={}),
    copies=2,
    lost=0.0,
    outage=False,
    shards=1,
    batch=100,
    rewinds=0,
    rotation=False,
    poison=0,
    refetch=False,
)
# Pairs multiply: one that leaves its effect and ends the process, one that leaves none.
PAIRED: tuple[Fault, ...] = ("crash_after", "timed_out_lost")


def run(faults: dict[int, Fault]) -> int:
    """The calls of the schedule under these faults."""
    try:
        return Simulation(replace(PLAIN, plan=Plan(at=faults))).run().calls
    except Broken as broken:
        pytest.fail(f"{faults}: {broken}")


def test_every_single_fault() -> None:
    for at, fault in product(range(run({})), FAULTS):
        run({at: fault})


@pytest.mark.parametrize("kinds", list(product(PAIRED, PAIRED)), ids="-".join)
def test_every_pair_of_faults(kinds: tuple[Fault, Fault]) -> None:
    for first, second in combinations(range(run({})), 2):
        run({first: kinds[0], second: kinds[1]})


class Turns(Faults):
    """Lets two threads call in a given order, such as `ABBA`, one call at a time."""

    def __init__(self, order_of_calls: str) -> None:
        super().__init__(random.Random(0), Plan(at={}))
        self._turns = list(order_of_calls)
        self._names: dict[int, str] = {}
        self._done: set[str] = set()
        self._moved = Condition()

    def started(self, name: str) -> None:
        with self._moved:
            self._names[get_ident()] = name

    def finished(self, name: str) -> None:
        with self._moved:
            self._done.add(name)
            self._moved.notify_all()

    def call(self, name: str, effect: Callable[[], T]) -> T:
        mine = self._names.get(get_ident())
        if mine is None:
            return effect()
        with self._moved:
            while not self._is_turn_of(mine):
                self._moved.wait(5)
            if self._turns:
                self._turns.pop(0)
            try:
                return effect()
            finally:
                self._moved.notify_all()

    def _is_turn_of(self, name: str) -> bool:
        while self._turns and self._turns[0] in self._done:
            self._turns.pop(0)
        return not self._turns or self._turns[0] == name


def interleavings(calls: int) -> Iterator[str]:
    """All orders of so many calls of A and as many of B."""
    for places in combinations(range(2 * calls), calls):
        yield "".join("A" if at in places else "B" for at in range(2 * calls))


def test_every_interleaving_of_two_deliveries_of_the_same_orders() -> None:
    """Six calls each: two secrets and four facts; 924 ways to meet."""
    body = json.dumps({"orders": ["1", "2", "3", "4"]})
    door = webhook(PLATFORM, verify, read)
    for order_of_calls in interleavings(6):
        turns = Turns(order_of_calls)
        cloud = Cloud(turns)
        cloud.secrets = {
            "vouchsafe/identity": "key",
            f"vouchsafe/{PLATFORM}/{ACCOUNT}": '{"signing_keys": ["current"]}',
        }
        answers: dict[str, object] = {}

        def deliver(name: str, turns: Turns = turns, answers: dict[str, object] = answers) -> None:
            turns.started(name)
            try:
                answers[name] = door(posted(body), None)["statusCode"]
            finally:
                turns.finished(name)

        with cloud.there(), redirect_stdout(StringIO()):
            threads = [Thread(target=deliver, args=(name,)) for name in "AB"]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
        written = cloud.dynamo.tables["Facts"].written
        assert answers == {"A": 200, "B": 200}, order_of_calls
        assert len(written) == len(set(written)) == 4, order_of_calls


def broken_body(item: dict[str, Any]) -> None:
    item["body"] = {"B": b"not deflated"}


def another_shape(item: dict[str, Any]) -> None:
    item["body"] = {"B": zlib.compress(b'{"currency": 7, "lines": "none"}')}


def unknown_kind(item: dict[str, Any]) -> None:
    item["sk"] = {"S": item["sk"]["S"].replace("order#", "dream#", 1)}


def no_instant(item: dict[str, Any]) -> None:
    item["received_at"] = {"S": "yesterday"}


@pytest.mark.parametrize("spoil", [broken_body, another_shape, unknown_kind, no_instant])
@pytest.mark.parametrize("place", range(8))
def test_poison_at_any_place_of_a_batch_holds_up_nobody(
    place: int, spoil: Callable[[dict[str, Any]], None]
) -> None:
    cloud = Cloud(Faults(random.Random(0), Plan()))
    said: list[Fact] = [order(str(at)) for at in range(8)]
    with (
        cloud.there(),
        redirect_stdout(StringIO()),
        patch.object(projection, "_register", Shelf()),
    ):
        for each in said:
            facts_table.append(each)
        table = cloud.dynamo.tables["Facts"]
        spoil(next(iter(table.parts[said[place].order.text()].values())))
        event = {"Records": [record(change, images=False) for change in table.changes]}

        answers = [projection.handle(event, None) for _ in range(2)]

        kept = {held.key.order_id for held, _ in orders_table.all_orders()}
        parked = list(parking.keys("record/projection/"))
    assert answers == [{"batchItemFailures": []}] * 2
    assert kept == {str(at) for at in range(8) if at != place}
    assert len(parked) == 1


@pytest.mark.parametrize("kept", range(8))
def test_the_rest_of_a_batch_coming_again_changes_nothing(kept: int) -> None:
    cloud = Cloud(Faults(random.Random(0), Plan()))
    with (
        cloud.there(),
        redirect_stdout(StringIO()),
        patch.object(projection, "_register", Shelf()),
    ):
        for at in range(8):
            facts_table.append(order(str(at)))
        changes = cloud.dynamo.tables["Facts"].changes
        records = [record(change, images=False) for change in changes]
        projection.handle({"Records": records}, None)
        before = len(cloud.dynamo.tables["Redemptions"].changes)
        projection.handle({"Records": records[kept:]}, None)

        assert len(cloud.dynamo.tables["Redemptions"].changes) == before == 8
