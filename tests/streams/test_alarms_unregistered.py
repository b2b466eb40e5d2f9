"""Is what orders bear and the register does not know kept and told once, whatever comes between?"""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.streams.alarms import unregistered
from tests.battery.faults import Crash, Plan
from tests.streams.vigil import DAY, NOON, Vigil, redemption, shelf, vigil
from vouchsafe.edge import alarms_table
from vouchsafe.pure.census import Noticed
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.redemption import Unmapped
from vouchsafe.pure.register import Code

ROGUE = redemption("1001", code="L0UIS", code_raw="Louis", code_known=False)
TABLE = "?square#kew#catalog:D1"


def unmapped(order: str = "S-1", **said: Any) -> Unmapped:
    default: dict[str, Any] = {
        "key": OrderKey(platform="square", account="kew", order_id=order),
        "discount_id": "d-1",
        "kind": "manual",
        "aliases": ("catalog:D1", "name:staff meal"),
        "name": "Staff meal",
        "state": "confirmed",
        "currency": "GBP",
        "redeemed_at": NOON,
        "updated_at": NOON,
        "business_day": DAY,
        "discount_minor": 500,
        "returned_minor": 0,
        "facts_seen": 1,
    }
    return Unmapped(**(default | said))


def kept() -> list[Noticed]:
    return alarms_table.unregistered(None, 100)[0]


def told(watch: Vigil) -> list[str]:
    """Ids of what went out, repeats included."""
    said = map(json.loads, watch.cloud.told)
    return [each["id"] for each in said if each["happening"] == "CodeUnregistered"]


def test_a_code_that_the_register_does_not_know_is_kept_and_told() -> None:
    with vigil(shelf()) as watch:
        watch.see(ROGUE)

        (found,) = kept()
        assert (found.subject, found.shown, found.told) == ("L0UIS", "Louis", True)
        assert (found.order, found.seen_at) == ("shopify#corner-shop#1001", NOON)
        assert found.place == "high-street"
        assert told(watch) == ["unregistered:L0UIS"]


def test_a_name_of_any_length_is_told_under_an_id_that_a_destination_can_keep() -> None:
    with vigil(shelf()) as watch:
        watch.see(unmapped(aliases=(f"name:{'ñ' * 2000}",)))

        (told_as,) = told(watch)
        assert len(told_as.encode()) < 1024


def test_so_is_a_tills_discount_that_stands_for_no_code() -> None:
    with vigil(shelf()) as watch:
        watch.see(unmapped())

        (found,) = kept()
        assert (found.subject, found.shown) == (TABLE, "Staff meal")
        assert (found.currency, found.discount_minor) == ("GBP", 500)
        assert told(watch) == [f"unregistered:{TABLE}"]


def test_a_code_that_goes_on_costs_no_read_and_no_write() -> None:
    with vigil(shelf()) as watch:
        watch.see(unmapped())
        before = watch.cloud.faults.calls
        records = watch.write(unmapped("S-2"), unmapped("S-3"))
        written = watch.cloud.faults.calls

        watch.bring(records)

        assert watch.cloud.faults.calls == written > before
        assert (len(kept()), len(told(watch))) == (1, 1)


def test_another_lambda_finds_what_was_kept() -> None:
    with vigil(shelf()) as watch:
        watch.see(unmapped())
        unregistered._told.clear()

        watch.see(unmapped("S-2"))

        assert [each.order for each in kept()] == ["square#kew#S-1"]
        assert len(told(watch)) == 1


def test_what_the_register_knows_by_now_is_nothing_new() -> None:
    register = shelf()
    register.codes["L0UIS"] = Code(canonical="L0UIS", raw="Louis", promotions=())
    register.aliases[("square", "kew", "name:staff meal")] = "MA1L"
    with vigil(register) as watch:
        watch.see(ROGUE, unmapped())

        assert (kept(), told(watch)) == ([], [])


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("when", ["crash_before", "crash_after", "timed_out_applied"])
def test_a_crash_anywhere_loses_nothing_and_tells_under_one_id(place: int, when: Any) -> None:
    with vigil(shelf(), Plan(at={})) as watch:
        records = watch.write(unmapped())
        faults = watch.cloud.faults
        faults._plan = Plan(at={faults.calls + place: when})
        try:
            again = watch.bring(records)
        except Crash:
            again = ["all"]
        if again:
            unregistered._told.clear()
            assert watch.bring(records) == []

        assert [each.told for each in kept()] == [True]
        assert set(told(watch)) == {f"unregistered:{TABLE}"}


def test_pages_go_on_where_the_last_ended() -> None:
    with vigil(shelf()) as watch:
        for number in range(3):
            watch.see(replace(ROGUE, code=f"X{number}"))

        first, after = alarms_table.unregistered(None, 2)
        rest, end = alarms_table.unregistered(after, 2)

        assert [each.subject for each in (*first, *rest)] == ["X0", "X1", "X2"]
        assert end is None


def test_a_name_that_is_longer_than_a_key_is_kept_all_the_same() -> None:
    with vigil(shelf()) as watch:
        watch.see(unmapped(aliases=(f"name:{'é' * 600}",)))

        assert kept()[0].subject.endswith("é" * 600)
