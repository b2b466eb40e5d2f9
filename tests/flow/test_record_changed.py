"""Is each change of an object without versions a fact, and each repetition of one none?"""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import cloud
from tests.flow.test_roads import batch
from tests.pure.saying import NOON, bill, fact
from vouchsafe.edge import facts_table, parking
from vouchsafe.flow.record import record
from vouchsafe.flow.record_changed import record_changed
from vouchsafe.flow.replay import replay
from vouchsafe.pure import instant
from vouchsafe.pure.facts import Fact, OrderKey
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import fold

pytestmark = pytest.mark.usefixtures("aws")
NUMBERS = itertools.count(1)
# Objects whose ids begin alike, with and without a sign that parts keys.
OBJECTS = ("1", "10", "1#0", "1%")
SLOW = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def order() -> OrderKey:
    return OrderKey(platform="upserve", account="corner-bar", order_id=f"check-{next(NUMBERS)}")


def seen(key: OrderKey, says: int, second: int, object_id: str = "1") -> Fact:
    """The object as it was seen at a second; `says` stands for all that it says."""
    at = NOON + timedelta(seconds=second)
    said = fact(
        bill(total_minor=says),
        order=key,
        object_id=object_id,
        received_at=at,
        source_digest=f"bytes of {says}",
    )
    return replace(said, version=instant.text(at))


def told(key: OrderKey, object_id: str = "1") -> list[int]:
    """What the ledger says of the object, oldest first."""
    held = [each for each in facts_table.of_order(key.text()) if each.object_id == object_id]
    return [each.body.total_minor for each in held]  # type: ignore[union-attr]


def looked(facts: Iterable[Fact]) -> int:
    return sum(record_changed([each]) for each in facts)


def test_there_and_back_again_are_three_facts() -> None:
    key = order()

    assert looked(seen(key, says, at) for at, says in enumerate([1, 2, 1])) == 3
    assert told(key) == [1, 2, 1]


def test_the_same_again_is_nothing_new() -> None:
    key = order()

    assert looked(seen(key, 1, second) for second in range(5)) == 1
    assert told(key) == [1]


def test_a_mended_reader_is_heard_though_nothing_changed() -> None:
    key = order()
    before = seen(key, 1, 1)
    after = [replace(seen(key, 1, second), reader=2) for second in (2, 3)]

    assert looked([before, *after]) == 2


def test_what_is_read_at_last_is_held_against_what_was_known_then() -> None:
    key = order()

    assert looked([seen(key, 1, 1), seen(key, 3, 3)]) == 2
    assert looked([seen(key, 1, 2)]) == 0
    assert looked([seen(key, 2, 2)]) == 1
    assert told(key) == [1, 2, 3]


def test_what_was_parked_was_seen_when_it_was_parked() -> None:
    cloud.put_secret("upserve/corner-bar", "{}")
    key, document = order(), Document(kind="check", body=b"{}")
    parked = parking.park_document("upserve", "corner-bar", document, NOON, "unreadable")

    def read(_: Document, __: object, ___: object, at: datetime) -> tuple[Fact, ...]:
        return (seen(key, 1, int((at - NOON).total_seconds())),)

    looked([seen(key, 2, 60)])
    replay("upserve", None, read, record_changed)(batch({"parked": parked}), None)

    assert told(key) == [1, 2]


def test_plain_recording_would_repeat_itself() -> None:
    key = order()

    assert sum(record([seen(key, 1, second)]) for second in range(3)) == 3


@SLOW
@given(
    st.lists(st.tuples(st.sampled_from(OBJECTS), st.integers(1, 3), st.integers(1, 3)), max_size=12)
)
def test_a_history_is_its_changes(looks: list[tuple[str, int, int]]) -> None:
    key = order()
    facts = [
        seen(key, says, second, object_id)
        for second, (object_id, says, times) in enumerate(looks)
        for _ in range(times)
    ]

    found = looked(facts)

    changes = {
        each: [says for says, _ in groupby(said for name, said, _ in looks if name == each)]
        for each in OBJECTS
    }
    assert {each: told(key, each) for each in OBJECTS} == changes
    assert found == sum(map(len, changes.values()))


@SLOW
@given(st.lists(st.integers(1, 3), min_size=1, max_size=10))
def test_the_order_is_as_it_was_seen_last(looks: list[int]) -> None:
    changed, all_of_it = order(), order()

    looked(seen(changed, says, second) for second, says in enumerate(looks))
    record(seen(all_of_it, says, second) for second, says in enumerate(looks))

    folded = [fold(facts_table.of_order(key.text())) for key in (changed, all_of_it)]
    assert [each.total_minor for each in folded if each] == [looks[-1], looks[-1]]
    assert folded[0] is not None
    assert folded[1] is not None
    assert folded[0].past == folded[1].past
