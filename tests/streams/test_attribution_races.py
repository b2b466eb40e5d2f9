"""Do credits and sums come out the same, whatever becomes of the records and of the calls?"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from functions.streams.attribution.match import Row
from tests.streams.clouds import Cloud, Crash, cloud, deliver, held, order, put, sums
from tests.streams.journeys import KEY, redemption, touch
from tests.streams.town import Town
from vouchsafe.edge import redemptions_table, touchpoints_table
from vouchsafe.pure.credit import recount


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

        assert deliver(found.records("Touchpoints")) == []

        found.before = lambda _: None
        if redemptions_table.of_order(KEY.text()):
            gone()
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


@pytest.mark.parametrize("codes", MANY_CODES, ids=["one code", "two codes"])
@pytest.mark.parametrize("place", range(6))
def test_a_touchpoint_that_comes_while_a_new_redemption_is_judged(
    place: int, codes: tuple[str, ...]
) -> None:
    def seen() -> None:
        touchpoints_table.write([touch(3, "google / cpc")])
        assert deliver(found.records("Touchpoints")) == []

    with cloud() as found:
        _put_all(codes, 1)
        _at_call(found, place, seen)

        assert deliver(found.records("Redemptions")) == []

        found.before = lambda _: None
        assert found.records("Touchpoints")
        assert {each.touches_seen for each in held()} == {1}
        assert sums() == recount(held())


@pytest.mark.parametrize("place", range(11))
def test_a_code_that_is_given_while_its_redemptions_are_judged(place: int) -> None:
    def given() -> None:
        sent = touch(9, kind="publication", code="MA1L", customer="email:bob")
        touchpoints_table.write([sent])
        assert deliver(found.records("Redemptions")) == []

    with cloud() as found:
        put(redemption("MA1L", key=order(1)))
        for code, other in (("MA1L", "SAVE10"), ("SAVE10", "MA1L")):
            put(redemption(code, key=order(2), other_codes=(other,)))
        _at_call(found, place, given)

        assert deliver(found.records("Redemptions")) == []

        found.before = lambda _: None
        assert touchpoints_table.published("MA1L")
        classes = {each.influence_class for each in held() if each.code == "MA1L"}
        assert classes == {"leaked"}
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


@pytest.mark.parametrize("seeds", [range(at, at + 25) for at in range(0, 150, 25)], ids=str)
def test_any_order_repetition_and_crash_ends_in_the_same_credits_and_sums(seeds: range) -> None:
    for seed in seeds:
        with cloud() as found:
            town = Town(found, seed)

            town.live()

            town.settle()
