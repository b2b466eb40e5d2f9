"""Does a sale fall on the day that the people at the till would say?"""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchsafe.pure.business_day import DayRule, parse_day, parse_day_start, zone
from vouchsafe.pure.errors import Invalid

NEW_YORK = DayRule(zone="America/New_York")
BAR = DayRule(zone="Europe/Madrid", day_start=time(5))
INSTANTS = st.datetimes(
    min_value=datetime(2015, 1, 1), max_value=datetime(2035, 1, 1), timezones=st.just(UTC)
)
RULES = st.builds(
    DayRule,
    zone=st.sampled_from(
        ["UTC", "America/New_York", "Europe/Madrid", "Asia/Kathmandu", "Australia/Lord_Howe",
         "Pacific/Apia", "America/St_Johns"]
    ),
    day_start=st.sampled_from([time(0), time(2, 30), time(5), time(12)]),
)  # fmt: skip


def test_an_evening_sale_is_not_tomorrows_in_utc() -> None:
    assert NEW_YORK.day_of(datetime(2017, 3, 2, 2, tzinfo=UTC)) == date(2017, 3, 1)


def test_a_bar_closes_after_midnight() -> None:
    assert BAR.day_of(datetime(2026, 11, 20, 3, tzinfo=UTC)) == date(2026, 11, 19)
    assert BAR.day_of(datetime(2026, 11, 20, 4, tzinfo=UTC)) == date(2026, 11, 20)


@given(RULES, INSTANTS)
def test_every_instant_lies_in_the_window_of_its_day(rule: DayRule, instant: datetime) -> None:
    day = rule.day_of(instant)

    start, end = rule.window(day, day)

    assert start <= instant < end


@given(RULES, st.dates(date(2016, 1, 1), date(2034, 12, 30)))
def test_days_follow_each_other_without_gap(rule: DayRule, day: date) -> None:
    assert rule.window(day, day)[1] == rule.starts(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 1), 24)]
)
def test_days_of_clock_changes_are_shorter_and_longer(day: date, hours: int) -> None:
    start, end = NEW_YORK.window(day, day)

    assert end - start == timedelta(hours=hours)


def test_a_zone_that_does_not_exist_is_named() -> None:
    with pytest.raises(Invalid, match="Mars/Olympus"):
        zone("Mars/Olympus")


@pytest.mark.parametrize("parse", [parse_day, parse_day_start])
def test_what_is_no_date_or_time_is_refused(parse) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Invalid, match="is not a"):
        parse("soon")
