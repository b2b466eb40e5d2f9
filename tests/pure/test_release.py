"""Is what crosses, what is too much and when nothing runs told, and nothing else?"""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.carts import promotion
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.register import Audience, Campaign, Promotion
from vouchsafe.pure.release import (
    Fatigue,
    Peak,
    Plan,
    check,
    crossings,
    gaps,
    meets,
    over_mailed,
    overlaps,
    peaks_missed,
    releases_of,
)

FIRST = date(2026, 11, 1)
LAST = date(2026, 11, 30)
NEW, RETURNING = Audience(kind="new"), Audience(kind="returning")
SILENT = Audience(kind="silent", days=90)
BLACK = Peak(name="Black Friday", starts="11-24", ends="11-30")
NEW_YEAR = Peak(name="New Year", starts="12-30", ends="01-02")


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def runs(name: str, first: int = 1, last: int = 30, **said: Any) -> Promotion:
    """A promotion of a campaign of its own, on days of November."""
    said = {"campaign_id": f"C-{name}"} | said
    return promotion(name, starts_on=day(first), ends_on=day(last), **said)


def campaign(campaign_id: str, source: str = "newsletter") -> Campaign:
    return Campaign(
        campaign_id=campaign_id,
        name=campaign_id,
        purpose="",
        owner="ana",
        starts_on=FIRST,
        ends_on=LAST,
        utm_source=source,
        utm_medium="email",
        utm_campaign="",
    )


def planned(*promotions: Promotion, **sources: str) -> Plan:
    ids = {each.campaign_id for each in promotions}
    campaigns = {each: campaign(each, sources.get(each[2:], "newsletter")) for each in ids}
    return Plan(promotions=promotions, campaigns=campaigns)


def too_many(plan: Plan, **said: Any) -> list[tuple[int, int, str]]:
    found = over_mailed(releases_of(plan), Fatigue(**said))
    return [
        (each.starts_on.day, each.ends_on.day, " ".join(sorted(each.promotions))) for each in found
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"places": frozenset({"a/b/c"})}, {}),
        ({"places": frozenset({"a/b/c", "a/b/d"})}, {"places": frozenset({"a/b/d"})}),
        ({"weekdays": frozenset({"mon", "tue"})}, {"weekdays": frozenset({"tue"})}),
        ({"audience": SILENT}, {"audience": RETURNING}),
        ({"audience": NEW}, {}),
        ({"currency": None, "benefit": None}, {}),
    ],
)
def test_who_may_get_both_makes_an_overlap(one: Any, other: Any) -> None:
    (found,) = overlaps([runs("A", 1, 10, **one), runs("B", 10, 20, **other)])

    assert (found.starts_on, found.ends_on) == (day(10), day(10))
    assert found.promotions == ("A", "B")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"last": 10}, {"first": 11}),
        ({"places": frozenset({"a/b/c"})}, {"places": frozenset({"a/b/d"})}),
        ({"weekdays": frozenset({"mon"})}, {"weekdays": frozenset({"tue"})}),
        ({"audience": NEW}, {"audience": RETURNING}),
        ({"audience": NEW}, {"audience": SILENT}),
        ({"currency": "USD"}, {}),
        ({"status": "paused"}, {}),
    ],
)
def test_who_gets_one_alone_makes_none(one: Any, other: Any) -> None:
    assert not [*overlaps([runs("A", **one), runs("B", **other)])]


@pytest.mark.parametrize(("other", "together"), [("combinable", "stack"), ("best_only", "compete")])
def test_codes_stack_or_compete(other: Any, together: str) -> None:
    (found,) = overlaps([runs("A"), runs("B", stacking=other)])

    assert found.together == together
    assert f"their codes {together}" in found.says


def test_what_a_campaign_begins_at_once_for_the_same_people_is_one_release() -> None:
    plan = planned(
        runs("A", campaign_id="C"),
        runs("B", campaign_id="C"),
        runs("D", campaign_id="C", audience=NEW),
        runs("E", 2, campaign_id="C"),
        runs("F", campaign_id="C", status="retired"),
    )

    told = [(each.day.day, each.promotions) for each in releases_of(plan)]

    assert told == [(1, ("A", "B")), (1, ("D",)), (2, ("E",))]


def test_a_day_and_a_week_have_their_own_measure() -> None:
    plan = planned(runs("A", 1), runs("B", 1), runs("C", 7), runs("D", 8))

    assert too_many(plan, audience_a_day=2) == []
    assert too_many(plan, audience_a_day=1) == [(1, 1, "A B")]
    assert too_many(plan, audience_a_week=3) == []
    assert too_many(plan, audience_a_week=2) == [(1, 7, "A B C")]
    assert too_many(plan) == []


def test_a_channel_is_counted_whoever_it_reaches_and_an_audience_by_whatever_channel() -> None:
    plan = planned(
        runs("A", audience=NEW),
        runs("B", audience=RETURNING),
        runs("C", audience=NEW),
        C="radio",
    )

    assert too_many(plan, channel_a_day=1) == [(1, 1, "A B")]
    assert too_many(plan, audience_a_day=1) == [(1, 1, "A C")]


def test_who_is_reached_with_everybody_is_reached() -> None:
    plan = planned(runs("A"), runs("B", audience=SILENT), runs("C", audience=RETURNING))

    found = too_many(plan, audience_a_day=2)

    assert found == [(1, 1, "A B C")]


@given(st.lists(st.integers(min_value=1, max_value=24), max_size=12), st.integers(1, 4))
def test_a_week_is_told_if_and_only_if_one_is_too_full(days: list[int], most: int) -> None:
    plan = planned(*(runs(f"P{at}", each) for at, each in enumerate(days)))

    found = too_many(plan, audience_a_week=most)

    full = any(sum(each <= other < each + 7 for other in days) > most for each in days)
    assert bool(found) is full


def test_gaps_are_the_days_on_which_nothing_runs() -> None:
    some = [runs("A", 3, 5), runs("B", 4, 9), runs("C", 20, 30), runs("D", 1, 30, status="paused")]

    found = [(each.starts_on.day, each.ends_on.day) for each in gaps(some, FIRST, day(25))]

    assert found == [(1, 2), (10, 19)]
    assert [*gaps([runs("A")], FIRST, LAST)] == []
    assert [(each.starts_on, each.ends_on) for each in gaps([], FIRST, LAST)] == [(FIRST, LAST)]


def test_a_peak_without_a_promotion_is_told_as_far_as_it_is_missed() -> None:
    found = [*peaks_missed([runs("A", 1, 26)], [BLACK, NEW_YEAR], FIRST, LAST)]

    assert [(each.starts_on.day, each.ends_on.day) for each in found] == [(27, 30)]
    assert "Black Friday" in found[0].says


def test_a_peak_may_pass_the_years_end() -> None:
    windows = [*NEW_YEAR.windows(date(2026, 12, 31), date(2027, 12, 30))]

    assert windows == [
        (date(2026, 12, 30), date(2027, 1, 2)),
        (date(2027, 12, 30), date(2028, 1, 2)),
    ]
    leap = Peak(name="Leap", starts="02-29", ends="02-29")
    assert [*leap.windows(FIRST, date(2027, 3, 1))] == [(date(2027, 2, 28), date(2027, 2, 28))]


@pytest.mark.parametrize("text", ["13-01", "02-30", "00-10", "1-1", "٠١-٠١"])
def test_an_odd_day_of_a_peak_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="month and a day"):
        check(Fatigue(peaks=(Peak(name="x", starts=text, ends="12-01"),)))


def test_a_week_that_began_before_the_period_counts_whole() -> None:
    plan = planned(runs("A", 1), runs("B", 4), runs("C", 7))

    found = crossings(plan, Fatigue(audience_a_week=2), day(7), LAST)

    assert [each.rule for each in found if each.rule == "over_mailing"] == ["over_mailing"]


@given(
    st.sampled_from([Audience(), NEW, RETURNING, SILENT, Audience(kind="holder")]),
    st.sampled_from([Audience(), NEW, RETURNING, SILENT, Audience(kind="holder")]),
)
def test_to_meet_goes_both_ways(one: Audience, other: Audience) -> None:
    assert meets(one, other) is meets(other, one)
    assert meets(one, one)


def test_a_thousand_promotions_at_once_are_judged_in_a_moment() -> None:
    plan = planned(*(runs(f"P{at}") for at in range(1000)))

    assert len(crossings(plan, Fatigue(audience_a_day=1), FIRST, LAST)) <= 2001
