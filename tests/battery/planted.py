"""Bugs planted on purpose: a battery is worth what it finds (reliability.md, 5.4).

Each is a switch: a patch of the product that the simulation runs under, and must notice.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import vouchsafe.flow.fetch as fetch_road
import vouchsafe.flow.project as project_road
import vouchsafe.flow.record as record_road
import vouchsafe.flow.stream as stream_road
import vouchsafe.flow.sweep as sweep_road
import vouchsafe.flow.webhook as webhook_road
from vouchsafe.edge import clock, credits_table, facts_table, http_event, insight_table, parking
from vouchsafe.edge.facts_table import FactItem
from vouchsafe.pure import allocation
from vouchsafe.pure import order as order_fold
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Saying
from vouchsafe.pure.redemption import Redemption

Patches = Iterable[tuple[object, str, Any]]


def answers_before_writing() -> Patches:
    """The answer goes out first; half of the processes are frozen before they write."""
    dice = random.Random(0)

    def later(facts: Iterable[Saying]) -> int:
        return record_road.record(facts) if dice.random() < 0.5 else 0

    keep = webhook_road.keep
    yield webhook_road, "keep", lambda said, _: keep(said, later)


def no_condition_on_the_write() -> Patches:
    """A fact is put again by each repeat."""
    save = FactItem.save
    yield FactItem, "save", lambda self, condition=None, **rest: save(self, **rest)


def a_refused_condition_ends_the_loop() -> Patches:
    """The first fact that is there already stops the delivery."""

    def record(facts: Iterable[Saying]) -> int:
        new = 0
        for fact in facts:
            if isinstance(fact, Fact) and not facts_table.append(fact):
                break
            new += 1
        return new

    keep, take = webhook_road.keep, fetch_road.take
    yield webhook_road, "keep", lambda said, _: keep(said, record)
    for road in (fetch_road, sweep_road):
        yield (
            road,
            "take",
            lambda pulled, connection, read, _, line, **__: take(
                pulled, connection, read, record, line
            ),
        )


def key_without_the_code() -> Patches:
    """A second code on an order lands on the first one's item."""
    yield Redemption, "item_id", lambda self: f"redemption#{self.generation:03d}"


def throttle_answered_200() -> Patches:
    """What cannot be kept now is acknowledged all the same."""
    yield webhook_road, "_parked", lambda *_: http_event.answer(200, "thank you")


def consumer_adds_without_remembering() -> Patches:
    """The sums move with every repeat of a record."""
    real = credits_table.of_order

    def forgetful(order: str) -> dict[str, Any]:
        return {name: replace(held, moved={}) for name, held in real(order).items()}

    yield credits_table, "of_order", forgetful


def consumer_remembers_and_never_adds() -> Patches:
    """The verdict is kept in one call, the sums are moved in another that may not come."""
    dice = random.Random(0)
    add = insight_table.add

    def maybe(transaction: Any, changes: Any) -> None:
        if dice.random() < 0.8:
            add(transaction, changes)

    yield insight_table, "add", maybe


def checkpoint_past_the_failed_record() -> Patches:
    """A transient fault is swallowed, and the stream moves on."""
    real = stream_road._worked

    def deaf(*given: Any) -> dict[str, list[dict[str, str]]]:
        real(*given)
        return {"batchItemFailures": []}

    yield stream_road, "_worked", deaf


def first_record_decides_for_the_batch() -> Patches:
    """Only the first order of a batch is looked at."""
    real = stream_road._worked

    def hasty(consumer: str, records: list[Any], *rest: Any) -> dict[str, list[dict[str, str]]]:
        first = stream_road.keys_of(records[0])[0]
        same = [each for each in records if stream_road.keys_of(each)[0] == first]
        return real(consumer, same, *rest)

    yield stream_road, "_worked", hasty


def dedupe_by_delivery() -> Patches:
    """Each delivery's facts are facts of their own."""
    real = Fact.fact_id

    def by_delivery(self: Fact) -> str:
        return f"{real(self)[:-6]}{int(self.received_at.timestamp()) % 10**6:06d}"

    yield Fact, "fact_id", by_delivery


def dedupe_memory_that_expires() -> Patches:
    """What was seen within a day is known; later repeats are written again."""
    seen: dict[str, Any] = {}
    save = FactItem.save

    def append(fact: Fact) -> bool:
        name = f"{fact.order.text()}{fact.fact_id()}"
        if name in seen and (clock.now() - seen[name]).days < 1:
            return False
        with facts_table.translated("facts"):
            save(facts_table._item(fact), add_version_condition=False)
        seen[name] = clock.now()
        return True

    yield facts_table, "append", append


def amounts_through_floats() -> Patches:
    """A share is a fraction of one, for a while."""
    yield (
        order_fold,
        "taken_back",
        lambda share, returned, sold: round(float(share) * float(returned) / float(sold or 1)),
    )


def only_the_first_code() -> Patches:
    """An order has a code; who would use two?"""
    real = project_road.derive

    def first(*given: Any) -> Any:
        found = real(*given)
        return replace(found, redemptions=found.redemptions[:1])

    yield project_road, "derive", first


def poison_blocks_for_ever() -> Patches:
    """A discount of nothing is divided by, and taken for an outage."""
    real = project_road.derive

    def stumbling(*given: Any) -> Any:
        found = real(*given)
        if any(not each.discount_minor for each in found.redemptions):
            raise Unavailable("division by zero")
        return found

    yield project_road, "derive", stumbling


def parks_before_the_bytes_are_kept() -> Patches:
    """The car park gives a ticket and loses the car, now and then."""
    dice = random.Random(0)
    real = parking._put_object

    def lossy(key: str, text: str) -> None:
        if dice.random() < 0.5:
            real(key, text)

    yield parking, "_put_object", lossy


def older_replaces_newer() -> Patches:
    """What was derived last is kept, from however little it was derived."""
    from vouchsafe.edge import redemptions_table

    real = redemptions_table._older
    always = redemptions_table.RedemptionItem.facts_seen >= 0
    yield redemptions_table, "_older", lambda *_: always if real else None
    stale: dict[str, list[Fact]] = {}
    read = facts_table.of_order

    def lagging(order: str) -> list[Fact]:
        shown = stale.get(order)
        stale[order] = read(order)
        return shown or stale[order]

    yield facts_table, "of_order", lagging


def returns_shared_anew() -> Patches:
    """A return takes back the rest of the share and not its units' part."""
    yield order_fold, "taken_back", lambda share, returned, sold: share if returned else 0


def splits_lose_the_remainder() -> Patches:
    """Every share is rounded down, and nobody looks at the sum."""

    def split(total: int, weights: list[int]) -> tuple[int, ...]:
        whole, lost = sum(weights) or len(weights), int(total % 7 == 3)
        return tuple(total * (each or not sum(weights)) // whole - lost for each in weights)

    yield allocation, "split", split


PLANTED: tuple[Callable[[], Patches], ...] = (
    answers_before_writing,
    no_condition_on_the_write,
    a_refused_condition_ends_the_loop,
    key_without_the_code,
    throttle_answered_200,
    consumer_adds_without_remembering,
    consumer_remembers_and_never_adds,
    checkpoint_past_the_failed_record,
    first_record_decides_for_the_batch,
    dedupe_by_delivery,
    dedupe_memory_that_expires,
    amounts_through_floats,
    only_the_first_code,
    poison_blocks_for_ever,
    parks_before_the_bytes_are_kept,
    older_replaces_newer,
    returns_shared_anew,
    splits_lose_the_remainder,
)


@contextmanager
def planted(bug: Callable[[], Patches]) -> Iterator[None]:
    """The product with one bug in it."""
    with ExitStack() as stack:
        for target, name, value in bug():
            stack.enter_context(patch.object(target, name, value))
        yield
