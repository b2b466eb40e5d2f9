"""Does an alarm call for a person when it must, and is it told again when nobody answered?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from vouchsafe.pure.alarm import (
    Alarm,
    Cause,
    acknowledged,
    cleared,
    due,
    opened,
    quiet,
    told_now,
)
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.escalation import (
    Escalation,
    Level,
    Patience,
    Rung,
    check,
    due_at,
    first_rung,
    rung_after,
    severity_of,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CAUSE = Cause(rule="spike", code="MA1L", day=date(2026, 11, 20))
PLAIN = Escalation(major=Patience(after_minutes=30, again_minutes=60))


def grown(alarm: Alarm, minor: int, *, currency: str = "EUR", orders: int | None = None) -> Alarm:
    """The alarm as the stream writes it after more of it came, and somebody was told of it."""
    orders = alarm.orders + 1 if orders is None else orders
    risk = ((currency, minor),) if minor else ()
    return told(opened(replace(alarm, orders=orders, at_risk=risk), NOON))


def told(alarm: Alarm) -> Alarm:
    return told_now(alarm, alarm)


def seen(alarm: Alarm, by: str = "person:eva") -> Alarm:
    return acknowledged(alarm, by, "", NOON + timedelta(minutes=1))


RAISED = grown(quiet(CAUSE, NOON), 200_00)


def test_an_alarm_calls_when_it_opens_and_not_for_each_use() -> None:
    assert (RAISED.call_number(), RAISED.waits()) == (1, True)
    assert grown(RAISED, 250_00).call_number() == 1


def test_an_acknowledged_alarm_waits_for_nobody_and_the_first_to_answer_stands() -> None:
    answered = seen(RAISED)

    assert not answered.waits()
    assert seen(answered, "person:emil") is answered
    assert grown(answered, 399_99).acknowledged == answered.acknowledged
    assert not grown(answered, 399_99).waits()


def test_it_calls_again_once_its_money_has_doubled_since_somebody_answered() -> None:
    worse = replace(seen(RAISED), told=RAISED.told)
    worse = opened(replace(worse, at_risk=(("EUR", 400_00),)), NOON)

    assert (worse.call_number(), worse.waits(), due(worse)) == (2, True, "AlarmUpdated")
    assert worse.acknowledged
    assert due(told(worse)) is None


@pytest.mark.parametrize(("minor", "calls"), [(1999_99, 1), (2000_00, 2)])
def test_unanswered_it_calls_again_at_ten_times_the_money(minor: int, calls: int) -> None:
    assert grown(RAISED, minor).call_number() == calls


def test_money_in_another_currency_is_much_worse_than_none() -> None:
    assert grown(seen(RAISED), 1, currency="JPY").waits()


@pytest.mark.parametrize(("orders", "waits"), [(7, False), (8, True)])
def test_without_money_the_uses_decide(orders: int, waits: bool) -> None:
    free = grown(quiet(CAUSE, NOON), 0, orders=4)

    assert grown(seen(free), 0, orders=orders).waits() == waits


def test_it_calls_anew_after_the_all_clear() -> None:
    again = grown(told(cleared(seen(RAISED), NOON)), 1_00)

    assert (again.call_number(), again.waits()) == (2, True)


def test_an_all_clear_that_nobody_heard_of_calls_nobody_anew() -> None:
    again = opened(cleared(seen(RAISED), NOON), NOON)

    assert (again.call_number(), again.waits()) == (1, False)


def test_a_cleared_alarm_waits_for_nobody() -> None:
    assert not cleared(RAISED, NOON).waits()


def test_the_ladder_has_two_rungs_each_due_after_the_one_before() -> None:
    first = first_rung(RAISED)
    assert first is not None
    assert due_at(first, RAISED, PLAIN) == NOON + timedelta(minutes=30)

    later = NOON + timedelta(hours=5)
    second = rung_after(first, later)
    assert second is not None
    assert due_at(second, RAISED, PLAIN) == later + timedelta(minutes=60)
    assert rung_after(second, later) is None
    assert first.name() != second.name()


@pytest.mark.parametrize(
    "alarm",
    [None, cleared(RAISED, NOON), seen(RAISED), grown(RAISED, 2000_00)],
    ids=["gone", "cleared", "acknowledged", "called anew"],
)
def test_a_rung_that_nobody_needs_is_over(alarm: Alarm | None) -> None:
    rung = Rung(alarm_id=RAISED.alarm_id, calling=1, step=1, since=NOON)

    assert due_at(rung, RAISED, PLAIN)
    assert due_at(rung, alarm, PLAIN) is None


def test_an_alarm_that_waits_for_nobody_begins_no_ladder() -> None:
    assert first_rung(seen(RAISED)) is None
    assert first_rung(cleared(RAISED, NOON)) is None


@pytest.mark.parametrize(("days", "hurries"), [(2, True), (3, False)])
def test_what_a_backfill_brings_is_told_and_nobody_is_hurried(days: int, hurries: bool) -> None:
    old = replace(RAISED, newest_on=NOON.date() - timedelta(days=days))

    assert (first_rung(old) is not None) == hurries
    assert old.waits()


def test_a_severity_without_the_step_is_not_told() -> None:
    setting = Escalation(major=Patience(after_minutes=None, again_minutes=5))
    first = first_rung(RAISED)
    assert first

    assert due_at(first, RAISED, setting) is None


@pytest.mark.parametrize(
    ("risk", "severity"),
    [
        ((), "minor"),
        ((("EUR", 99_99),), "minor"),
        ((("EUR", 100_00),), "major"),
        ((("EUR", 999_99),), "major"),
        ((("EUR", 1000_00),), "critical"),
        ((("EUR", 1), ("USD", 1000_00)), "critical"),
        ((("JPY", 1),), "major"),
        ((("EUR", -200_00),), "minor"),
    ],
)
def test_money_at_risk_decides_how_severe_it_is(
    risk: tuple[tuple[str, int], ...], severity: str
) -> None:
    assert severity_of(replace(RAISED, at_risk=risk), Escalation()) == severity


def test_it_becomes_due_earlier_when_the_money_grows() -> None:
    first = first_rung(RAISED)
    assert first

    assert due_at(first, grown(RAISED, 1999_00), PLAIN) == NOON + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("since", "due_then"),
    [
        ("2026-11-20T20:29:00Z", "2026-11-20T20:59:00Z"),
        ("2026-11-20T20:30:00Z", "2026-11-21T06:00:00Z"),
        ("2026-11-20T23:30:00Z", "2026-11-21T06:00:00Z"),
        ("2026-11-21T05:29:00Z", "2026-11-21T06:00:00Z"),
        ("2026-11-21T05:30:00Z", "2026-11-21T06:00:00Z"),
        ("2026-11-21T05:31:00Z", "2026-11-21T06:01:00Z"),
    ],
)
def test_quiet_hours_put_it_off_to_their_end_in_their_own_zone(since: str, due_then: str) -> None:
    night = Patience(after_minutes=30, again_minutes=None, quiet_from=time(22), quiet_until=time(7))
    setting = Escalation(major=night, zone="Europe/Madrid")
    rung = Rung(alarm_id=RAISED.alarm_id, calling=1, step=1, since=datetime.fromisoformat(since))

    assert due_at(rung, RAISED, setting) == datetime.fromisoformat(due_then)


def test_quiet_hours_of_one_day_end_on_it() -> None:
    siesta = Patience(
        after_minutes=30, again_minutes=None, quiet_from=time(12), quiet_until=time(17)
    )
    first = first_rung(RAISED)
    assert first

    assert due_at(first, RAISED, Escalation(major=siesta)) == NOON.replace(hour=17)


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        (Escalation(zone="Mars/Olympus"), "zone"),
        (
            Escalation(levels=(Level(currency="EUR", major_minor=2, critical_minor=1),)),
            "levels[0].critical_minor",
        ),
        (
            Escalation(levels=(Level(currency="EUR", major_minor=1, critical_minor=1),) * 2),
            "levels",
        ),
    ],
)
def test_a_setting_that_cannot_be_kept_is_refused(setting: Escalation, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(setting)

    assert refused.value.field == field
