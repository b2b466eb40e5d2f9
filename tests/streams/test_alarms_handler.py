"""Does the Lambda raise a leak once, tell of it daily, clear it, and move on past poison?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.streams.alarms.leaks import is_traced
from tests.battery.faults import Plan
from tests.pure.registers import Shelf
from tests.streams.vigil import DAY, NOON, Vigil, at, promotion, redemption, shelf, vigil
from vouchsafe.edge import orders_table, touchpoints_table
from vouchsafe.pure.alarm import Alarm
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.order import Order
from vouchsafe.pure.redemption import Redemption, Unmapped
from vouchsafe.pure.touchpoint import Touchpoint

HOT_AT = 6  # so many uses of a burst are a leak, and one less is none
SPIKE = "spike:MA1L:2025-11-20"


def unplanned() -> Shelf:
    """A register whose campaign plans nothing."""
    register = shelf()
    mailing = register.campaigns["mailing"]
    register.campaigns["mailing"] = replace(mailing, planned_uses_a_day=0.0)
    return register


def burst(count: int, start: datetime = NOON, **said: Any) -> list[Redemption]:
    """Uses half an hour apart, each on an order of its own."""
    made = []
    for number in range(count):
        when = start + timedelta(minutes=30 * number)
        order = f"{when:%d%H%M}"
        made.append(
            redemption(order, redeemed_at=when, business_day=when.date(), customer=(), **said)
        )
    return made


def order(number: int, placed_at: datetime, **said: object) -> Order:
    default: dict[str, object] = {
        "key": OrderKey(platform="shopify", account="corner-shop", order_id=f"o{number}"),
        "stage": "confirmed",
        "currency": "EUR",
        "placed_at": placed_at,
        "updated_at": placed_at,
        "received_at": placed_at,
        "facts_seen": 1,
    }
    return Order(**(default | said))  # type: ignore[arg-type]


def sell(watch: Vigil, days: Iterable[date]) -> None:
    """Ordinary business: an order an hour on each day."""
    for day in days:
        assert watch.bring(_orders_of(watch, day)) == []


def _orders_of(watch: Vigil, day: date) -> list[dict[str, Any]]:
    for hour in range(24):
        placed = NOON.replace(year=day.year, month=day.month, day=day.day, hour=hour)
        orders_table.put(order(day.toordinal() * 24 + hour, placed), day, 1)
    return watch.news("Orders")


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def spike(watch: Vigil) -> Alarm:
    (alarm,) = (each for each in watch.alarms().values() if each.rule == "spike")
    return alarm


def test_a_leak_raises_one_alarm_with_what_a_person_needs() -> None:
    with vigil(unplanned()) as watch:
        for use in burst(10):
            watch.see(use)

        alarm = spike(watch)
        assert alarm.alarm_id == SPIKE
        assert watch.told() == [("AlarmRaised", SPIKE)]
        assert alarm.orders == 10
        assert alarm.at_risk == (("EUR", 2000),)
        assert alarm.since == NOON
        assert alarm.code_raw == "MA1L"
        assert alarm.evidence[-1].order.endswith("#201630")
        assert "10 uses" in alarm.seen
        assert alarm.expected.startswith("about")
        assert "cap" in alarm.suggested


def test_a_leak_names_the_promotion_where_the_code_has_one() -> None:
    with vigil(unplanned()) as watch:
        watch.see(*burst(10, promotions=("by-mail",)))
        assert spike(watch).promotion == "by-mail"

    with vigil(unplanned()) as watch:
        watch.see(*burst(10, promotions=("by-mail", "other")))
        assert spike(watch).promotion == ""


def test_one_batch_and_many_tell_of_the_same_leak() -> None:
    with vigil(unplanned()) as watch:
        watch.see(*burst(10))

        assert (spike(watch).orders, watch.told()) == (10, [("AlarmRaised", SPIKE)])


def test_records_that_come_again_are_no_new_uses() -> None:
    with vigil(unplanned()) as watch:
        records = watch.write(*burst(3))
        for _ in range(20):
            watch.bring(records)

        assert watch.alarms() == {}


def test_a_confirmation_after_the_order_is_no_second_use() -> None:
    with vigil(unplanned()) as watch:
        for use in burst(3):
            watch.see(replace(use, state="redeemed"))
            watch.see(replace(use, facts_seen=2))
            watch.see(replace(use, facts_seen=3, state="partially_returned", returned_minor=50))

        assert watch.alarms() == {}


def test_a_leak_that_goes_on_is_told_once_a_day_and_cleared_when_it_stayed_away() -> None:
    with vigil(unplanned()) as watch:
        sell(watch, days_from(date(2025, 11, 1), 19))
        for use in burst(10):
            watch.see(use)
        sell(watch, [DAY])
        for use in burst(6, NOON + timedelta(days=1)):
            watch.see(use)
        sell(watch, days_from(date(2025, 11, 21), 3))
        before = watch.told()
        sell(watch, days_from(date(2025, 11, 24), 3))

        assert before == [("AlarmRaised", SPIKE), ("AlarmUpdated", SPIKE)]
        assert watch.told() == [*before, ("AlarmCleared", SPIKE)]
        assert spike(watch).state == "cleared"
        assert spike(watch).orders == 16


def test_a_leak_after_the_all_clear_is_a_new_alarm() -> None:
    with vigil(unplanned()) as watch:
        sell(watch, days_from(date(2025, 11, 1), 20))
        watch.see(*burst(10, NOON - timedelta(days=10)))
        sell(watch, days_from(date(2025, 11, 21), 4))
        watch.see(*burst(30, NOON + timedelta(days=4)))

        assert {each.state for each in watch.alarms().values()} == {"open"}
        assert {each.day for each in watch.alarms().values()} == {date(2025, 11, 24)}


def test_the_all_clear_comes_with_the_next_use_too() -> None:
    with vigil(unplanned()) as watch:
        watch.see(*burst(10))
        watch.see(*burst(1, NOON + timedelta(days=9)))

        assert watch.told() == [("AlarmRaised", SPIKE), ("AlarmCleared", SPIKE)]


@pytest.mark.parametrize("crash", ["crash_before", "crash_after", "timed_out_applied", "throttled"])
def test_no_fault_at_any_call_loses_or_doubles_the_alarm(crash: Any) -> None:
    calls = _calls_of_the_last_use()
    for place in range(calls):
        with vigil(unplanned(), Plan(at={})) as watch:
            uses = burst(HOT_AT)
            for use in uses[:-1]:
                watch.see(use)
            records = watch.write(uses[-1])
            faults = watch.cloud.faults
            faults._plan = Plan(at={faults.calls + place: crash})
            _bring_until_done(watch, records)

            assert watch.told() == [("AlarmRaised", SPIKE)], place
            assert spike(watch).orders == HOT_AT


@pytest.mark.parametrize("crash", ["crash_before", "crash_after", "timed_out_applied", "throttled"])
def test_no_fault_at_any_call_loses_or_doubles_the_all_clear(crash: Any) -> None:
    for place in range(_calls_of_the_all_clear()):
        with vigil(unplanned(), Plan(at={})) as watch:
            calm = _all_but_clear(watch)
            next_day = _orders_of(watch, DAY + timedelta(days=10))
            faults = watch.cloud.faults
            faults._plan = Plan(at={faults.calls + place: crash})
            _bring_until_done(watch, calm)
            faults.on = False
            watch.bring(next_day)

            assert watch.told() == [("AlarmRaised", SPIKE), ("AlarmCleared", SPIKE)], place
            assert spike(watch).state == "cleared"


def _all_but_clear(watch: Vigil) -> list[dict[str, Any]]:
    """A leak that was, and the orders with which it is over."""
    watch.see(*burst(10))
    sell(watch, days_from(DAY, 1))
    return _orders_of(watch, DAY + timedelta(days=9))


def _calls_of_the_all_clear() -> int:
    with vigil(unplanned()) as watch:
        records = _all_but_clear(watch)
        before = watch.cloud.faults.calls
        watch.bring(records)
        assert watch.told()[-1] == ("AlarmCleared", SPIKE)
        return watch.cloud.faults.calls - before - 1


def _calls_of_the_last_use() -> int:
    with vigil(unplanned()) as watch:
        uses = burst(HOT_AT)
        for use in uses[:-1]:
            watch.see(use)
        assert watch.alarms() == {}
        records = watch.write(uses[-1])
        before = watch.cloud.faults.calls
        watch.bring(records)
        calls = watch.cloud.faults.calls - before
        assert watch.alarms() != {}
        return calls


def _bring_until_done(watch: Vigil, records: list[dict[str, Any]]) -> None:
    from tests.battery.faults import Crash

    for _ in range(5):
        try:
            if not watch.bring(records):
                return
        except Crash:
            continue
    raise AssertionError("the record never came through")


def test_poison_is_parked_and_the_rest_goes_on() -> None:
    with vigil(shelf(promotion(ends_on=date(2025, 11, 2)))) as watch:
        good = watch.write(redemption("1"), redemption("2"))
        broken = watch.write(redemption("3"))[0]
        broken["dynamodb"]["NewImage"]["redeemed_at"] = {"S": "yesterday"}
        keyless = {"dynamodb": {"SequenceNumber": "9"}}

        assert watch.bring([good[0], broken, keyless, good[1]]) == []
        (alarm,) = watch.alarms().values()
        assert alarm.orders == 2
        assert {each["record"]["dynamodb"]["SequenceNumber"] for each in watch.parked()} == {
            broken["dynamodb"]["SequenceNumber"],
            "9",
        }


def test_what_cannot_be_judged_now_comes_again() -> None:
    with vigil(shelf(promotion(ends_on=date(2025, 11, 2))), Plan(rate=1.0, most=99)) as watch:
        watch.cloud.faults.on = False
        records = watch.write(redemption("1"))
        watch.cloud.faults._plan.crashes = False
        watch.cloud.faults.on = True

        assert watch.bring(records) == [records[0]["dynamodb"]["SequenceNumber"]]
        watch.cloud.faults.on = False
        assert watch.bring(records) == []
        assert len(watch.open()) == 1


def test_an_unmapped_discount_raises_nothing() -> None:
    unmapped = Unmapped(
        key=OrderKey(platform="square", account="kew", order_id="1"),
        discount_id="d1",
        kind="manual",
        aliases=("name:ten off",),
        name="ten off",
        state="confirmed",
        currency="EUR",
        redeemed_at=NOON,
        updated_at=NOON,
        business_day=DAY,
        discount_minor=100,
        returned_minor=0,
        facts_seen=1,
    )
    with vigil(shelf()) as watch:
        assert watch.see(unmapped) == []
        assert (watch.alarms(), watch.parked()) == ({}, [])


def test_a_breach_in_one_batch_with_its_rollback_is_cleared() -> None:
    with vigil(shelf(promotion(ends_on=date(2025, 11, 2)))) as watch:
        taken_back = redemption("1", facts_seen=2, state="rolled_back", returned_minor=200)
        watch.see(redemption("1"), taken_back)

        assert watch.open() == set()
        assert [name for name, _ in watch.told()] == ["AlarmRaised", "AlarmCleared"]


def test_a_breach_that_goes_on_is_told_as_it_doubles() -> None:
    with vigil(shelf(promotion(ends_on=date(2025, 11, 2)))) as watch:
        for number in range(9):
            watch.see(redemption(str(number), redeemed_at=at(number)))

        names = [name for name, alarm_id in watch.told() if alarm_id.startswith("expired")]
        assert names == ["AlarmRaised"] + ["AlarmUpdated"] * 3


def test_a_code_that_the_register_learns_clears_its_alarm() -> None:
    from functions.streams.alarms import handler

    with vigil(shelf()) as watch:
        unknown = redemption(code="NEW", code_known=False)
        watch.see(unknown)
        assert watch.open() == {"code_not_found:NEW:2025-11-20"}

        handler._register = shelf(promotion(), NEW=("by-mail",))  # type: ignore[assignment]
        watch.see(replace(unknown, facts_seen=2, code_known=True))
        assert watch.open() == set()


def test_test_orders_and_changed_orders_do_not_move_the_clock() -> None:
    with vigil(shelf()) as watch:
        orders_table.put(order(1, NOON, test=True), DAY, 1)
        watch.bring(watch.news("Orders"))
        assert _exposure(watch) is None

        orders_table.put(order(2, NOON), DAY, 1)
        watch.bring(watch.news("Orders"))
        before = _exposure(watch)
        orders_table.put(order(2, NOON, facts_seen=2), DAY, 1)
        watch.bring(watch.news("Orders"))
        assert _exposure(watch) == before


def test_a_till_from_the_future_does_not_carry_the_clock_away() -> None:
    from vouchsafe.edge import clock

    with vigil(shelf()) as watch:
        orders_table.put(order(1, NOON.replace(year=2099)), DAY, 1)
        watch.bring(watch.news("Orders"))

        exposure = _exposure(watch)
        assert exposure is not None
        assert exposure <= clock.now().timestamp() / 86_400


def _exposure(watch: Vigil) -> float | None:
    from functions.streams.alarms.book import Book
    from functions.streams.alarms.leaks import CLOCK_KEY
    from functions.streams.alarms.pace import Clock

    clock = Book().get(Clock, CLOCK_KEY)
    return clock.exposure if clock else None


class TestTraces:
    """A use is traced by a running campaign that was for everybody, or reached this person."""

    def given(self, customer: str, **said: object) -> Touchpoint:
        default: dict[str, object] = {
            "touchpoint_id": "t1",
            "customer": customer,
            "seen_at": at(-600),
            "kind": "publication",
            "campaign_id": "mailing",
        }
        return Touchpoint(**(default | said))  # type: ignore[arg-type]

    def test_nobody_was_given_it_so_the_campaign_is_the_trace(self) -> None:
        with vigil(shelf()):
            assert is_traced(redemption(), shelf(), {})
            assert not is_traced(redemption(), shelf(promotion(ends_on=date(2025, 11, 2))), {})

    def test_given_to_others_it_must_be_given_to_this_person_too(self) -> None:
        with vigil(shelf()):
            touchpoints_table.write([self.given("email:ann")])

            assert is_traced(redemption(customer=("card:1", "email:ann")), shelf(), {})
            assert not is_traced(redemption(customer=("email:bob",)), shelf(), {})
            assert not is_traced(redemption(customer=()), shelf(), {})

    def test_what_was_given_later_is_no_trace(self) -> None:
        with vigil(shelf()):
            touchpoints_table.write([self.given("email:ann", seen_at=at(5))])

            assert not is_traced(redemption(), shelf(), {})

    def test_a_generic_code_is_for_everybody(self) -> None:
        generic = shelf(promotion(generic=True))
        with vigil(generic):
            touchpoints_table.write([self.given("email:ann", code="MA1L")])

            assert is_traced(redemption(customer=("email:bob",)), generic, {})

    def test_a_code_given_to_named_people_alarms_on_strangers_alone(self) -> None:
        register = unplanned()
        with vigil(register) as watch:
            touchpoints_table.write([self.given("email:ann")])
            for use in burst(5):
                watch.see(replace(use, customer=("email:ann",)))
            friends = watch.told()
            for use in burst(5, NOON + timedelta(hours=6)):
                watch.see(use)

            assert len(friends) <= 1
            assert "without a trace" in spike(watch).seen
