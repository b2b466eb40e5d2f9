"""Do alarms stand right when several invocations write at once?"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Any

import pytest

from functions.streams.alarms import book
from functions.streams.alarms.book import Book, written
from functions.streams.alarms.limits import Scope
from tests.streams.test_alarms_limits import beyond_limits, found_open
from tests.streams.vigil import Record, Vigil, at, promotion, redemption, shelf, vigil
from vouchsafe.edge import alarms_table
from vouchsafe.edge.alarms_table import Key, Stale

KEY = Key("watch#limit#test", "scope")


@contextmanager
def calls_one_at_a_time(watch: Vigil) -> Iterator[None]:
    """Each call is atomic, as DynamoDB's are; anything may come between two."""
    lock, answer = Lock(), watch.cloud.dynamo.answer

    def locked(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        with lock:
            return answer(operation, asked)

    watch.cloud.dynamo.answer = locked  # type: ignore[method-assign]
    try:
        yield
    finally:
        watch.cloud.dynamo.answer = answer  # type: ignore[method-assign]


def test_many_at_once_leave_the_same_uses_beyond_the_limit() -> None:
    register = shelf(promotion(code_limit=5, customer_limit=2))
    people = [("email:ann", "card:1"), ("email:bob", "card:1"), ("email:cy",)]
    rows = [
        redemption(f"{number:02d}", redeemed_at=at(number % 7), customer=people[number % 3])
        for number in range(24)
    ]
    with vigil(register) as watch:
        records = [watch.write(row) for row in rows]
        with calls_one_at_a_time(watch), ThreadPoolExecutor(4) as threads:
            done = [*threads.map(lambda one: _until_done(watch, one), records)]

        assert done == [None] * len(rows)
        assert found_open(watch) == beyond_limits(rows, register)


def _until_done(watch: Vigil, records: list[Record]) -> None:
    while watch.bring(records):
        pass


def test_uses_of_a_code_that_come_at_once_are_all_counted() -> None:
    with vigil(shelf()) as watch:
        rows = [redemption(f"{number:02d}", redeemed_at=at(number)) for number in range(24)]
        records = [watch.write(row) for row in rows]
        with calls_one_at_a_time(watch), ThreadPoolExecutor(4) as threads:
            assert [*threads.map(lambda one: _until_done(watch, one), records)]

        from functions.streams.alarms import watch as watches
        from functions.streams.alarms.leaks import watch_key

        held = Book().get(watches.Watch, watch_key("MA1L"))
        assert held is not None
        assert all(watches.remembers(held, row.key.text()) for row in rows)


def test_a_use_that_changes_while_the_fence_passes_it_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register = shelf(promotion(customer_limit=1))
    first, second = (redemption("1", code, redeemed_at=at(5)) for code in ("MA1L", "SECOND"))
    back = replace(second, facts_seen=2, state="rolled_back", returned_minor=200)
    earlier = redemption("2", redeemed_at=at(1))
    with vigil(register) as watch:
        watch.see(first, second)
        taken_back, come = watch.write(back), watch.write(earlier)
        read = alarms_table.up_to

        def outrun(*asked: Any) -> Any:
            found = read(*asked)
            watch.bring(taken_back)
            return found

        monkeypatch.setattr(alarms_table, "up_to", outrun)
        watch.bring(come)

        assert found_open(watch) == beyond_limits([first, back, earlier], register)


def test_who_was_outrun_reads_again() -> None:
    with vigil(shelf()):
        ours = outrun_by(1)

        written(ours)

        assert Book().get(Scope, KEY) == Scope(most=1, total=2)


def test_who_is_outrun_for_ever_leaves_it_to_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "sleep", lambda _: None)
    with vigil(shelf()), pytest.raises(Stale):
        written(outrun_by(99))


def outrun_by(times: int) -> Callable[[Book], None]:
    """Adds one to a count, while somebody else adds one in between, so many times."""
    left = [times]

    def ours(mine: Book) -> None:
        scope = mine.get(Scope, KEY) or Scope(most=1)
        if left[0]:
            left[0] -= 1
            theirs = Book()
            held = theirs.get(Scope, KEY) or Scope(most=1)
            theirs.put(KEY, Scope(most=1, total=held.total + 1))
            theirs.commit()
        mine.put(KEY, Scope(most=1, total=scope.total + 1))

    return ours


def test_an_attempt_that_changes_nothing_writes_nothing() -> None:
    with vigil(shelf()) as watch:
        written(lambda mine: mine.put(KEY, Scope(most=1)))
        before = len(watch.cloud.dynamo.tables["Alarms"].written)
        written(lambda mine: mine.put(KEY, Scope(most=1)))

        assert len(watch.cloud.dynamo.tables["Alarms"].written) == before
