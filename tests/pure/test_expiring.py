"""Is what is left told from what is used, and does what could be done fit?"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.pure.carts import promotion
from vouchsafe.pure.expiring import Counted, Ending, could
from vouchsafe.pure.register import Campaign, Promotion

TODAY = date(2026, 11, 20)  # the twentieth of thirty days
CAMPAIGN = Campaign(
    campaign_id="C",
    name="Autumn",
    purpose="win back",
    owner="ana",
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 12, 5),
    utm_source="newsletter",
    utm_medium="email",
    utm_campaign="autumn",
)


def ending(*counted: Counted, drawn: int = 0, today: date = TODAY, **terms: object) -> Ending:
    return Ending(
        promotion=promotion(**terms),
        campaign=CAMPAIGN,
        today=today,
        counted=counted,
        drawn=drawn,
    )


def uses(used: int, most: int = 100) -> Counted:
    return Counted(used=used, most=most)


def test_shares_are_of_the_window_and_of_what_is_fullest() -> None:
    found = ending(uses(10), Counted(used=4000, most=10_000, is_budget=True))

    assert (found.days_left(), found.days_passed()) == (10, 20)
    assert found.share_passed() == pytest.approx(2 / 3)
    assert found.share_used() == 0.4


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (ending(), False),
        (ending(uses(99)), True),
        (ending(uses(100)), False),
        (ending(uses(101)), False),
        (ending(uses(3), Counted(used=500, most=500, is_budget=True)), False),
        (ending(drawn=1000), True),
        (ending(uses(10), drawn=10, code_limit=1), False),
        (ending(uses(10), drawn=10, code_limit=2), True),
        (ending(uses(0, most=0)), False),
    ],
)
def test_something_is_left_where_nothing_that_may_run_out_has_run_out(
    found: Ending, left: bool
) -> None:
    assert found.is_left() is left


def test_codes_are_uses_only_where_each_is_good_for_one() -> None:
    assert ending(uses(7), drawn=10, code_limit=1).codes_used() == 7
    assert ending(uses(7), drawn=10, code_limit=2).codes_used() is None
    assert ending(drawn=10, code_limit=1).codes_used() is None


def test_who_is_far_behind_is_released_otherwise_and_who_is_on_the_way_goes_on() -> None:
    assert [each.do for each in could(ending(uses(33)))] == [
        "release_otherwise",
        "extend",
        "let_go",
    ]
    assert [each.do for each in could(ending(uses(34)))] == [
        "extend",
        "release_otherwise",
        "let_go",
    ]
    assert could(ending(drawn=5))[0].do == "extend"


@pytest.mark.parametrize(("used", "days"), [(50, 10), (40, 20), (1, 92), (0, 14), (99, 1)])
def test_it_is_extended_by_as_long_as_what_is_left_would_last(used: int, days: int) -> None:
    said = next(each for each in could(ending(uses(used))) if each.do == "extend")

    longer = said.becomes[-1]
    assert isinstance(longer, Promotion)
    assert longer.ends_on - date(2026, 11, 30) == timedelta(days=days)


def test_a_campaign_is_extended_only_with_a_promotion_that_would_outlive_it() -> None:
    within = could(ending(uses(66)))[0]
    beyond = could(ending(uses(50)))[0]

    assert [type(each) for each in within.becomes] == [Promotion]
    assert [type(each) for each in beyond.becomes] == [Campaign, Promotion]
    assert beyond.becomes[0].ends_on == beyond.becomes[1].ends_on == date(2026, 12, 10)


def test_money_that_is_not_spent_is_told() -> None:
    said = could(ending(Counted(used=2550, most=10_000, is_budget=True)))[-1]

    assert said.says == "Let it end on 2026-11-30. 74.50 EUR are not spent."


@pytest.mark.parametrize(
    ("given", "says"),
    [(0, False), (40, True), (100, False), (120, False)],
)
def test_codes_that_went_to_nobody_are_told_where_publications_tell_of_any(
    given: int, says: bool
) -> None:
    found = replace(ending(uses(10), drawn=100), given=given)

    released = next(each for each in could(found) if each.do == "release_otherwise")

    assert ("At least 60 of its 100 codes went to nobody." in released.says) == says
