"""Which counters does a use count at, and under which name in which period?"""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.uses import DAY, MAIL, cart, promotion, term
from vouchsafe.pure.limit import Limit, is_limited, limits_of, running, terms_of, with_more

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def names(*limits: str, day: date = DAY, **said: object) -> list[str]:
    found = limits_of(promotion(*limits), MAIL, cart(**said), day, 200)  # type: ignore[arg-type]
    return [each.counter for each in found]


@pytest.mark.parametrize(
    ("limit", "counters"),
    [
        ("promotion/ever=3", ["promotion#P1#ever"]),
        ("promotion/day=3", ["promotion#P1#2026-11-20"]),
        ("code/week=3", ["code#P1#MA1L#2026-W47"]),
        ("location/month=3", ["location#P1#direct/corner/high-street#2026-11"]),
        ("customer/ever=3", ["customer#P1#email:ann#ever", "customer#P1#phone:1#ever"]),
        ("device/ever=3", ["device#P1#till-1#ever"]),
        ("card/ever=3", []),
    ],
)
def test_a_counter_is_named_by_scope_promotion_one_and_period(
    limit: str, counters: list[str]
) -> None:
    assert names(limit) == counters


def test_a_card_is_one_of_the_customers_keys_too() -> None:
    found = names("customer/ever=1", "card/ever=1", customer=("email:ann",), card="card:9")

    assert found == ["customer#P1#email:ann#ever", "customer#P1#card:9#ever", "card#P1#card:9#ever"]


def test_no_two_ones_share_a_counter() -> None:
    """What somebody types into a device or an order cannot reach another's counter."""
    one = names("device/ever=1", device="a#2026-11-20")
    other = names("device/day=1", device="a")

    assert one != other
    assert one == ["device#P1#a%232026-11-20#ever"]


def test_refusals_are_told_in_the_order_of_their_reasons() -> None:
    terms = promotion("customer/ever=1", "device/ever=1", "promotion/ever=1", budget_minor=100)

    found = limits_of(terms, MAIL, cart(device=None), DAY, 200)

    assert [each.reason for each in found] == [
        "identity_required",
        "usage_limit_reached",
        "customer_limit_reached",
        "customer_limit_reached",
        "budget_exhausted",
    ]


def test_a_budget_counts_its_own_currency_alone() -> None:
    terms = promotion(budget_minor=1000, currency="EUR")

    (budget,) = limits_of(terms, MAIL, cart(), DAY, 200)

    assert (budget.counter, budget.by, budget.most) == ("budget#P1#EUR", 200, 1000)
    assert limits_of(terms, MAIL, cart(currency="USD"), DAY, 200) == ()


def test_of_twins_the_tighter_holds() -> None:
    terms = promotion("code/ever=5", "customer/ever=1", code_limit=3, customer_limit=2)

    assert {(each.scope, each.period, each.most) for each in terms_of(terms)} == {
        ("code", "ever", 3),
        ("customer", "ever", 1),
    }


@pytest.mark.parametrize(
    ("terms", "limited"),
    [
        (promotion(), False),
        (promotion("card/day=1"), True),
        (promotion(code_limit=1), True),
        (promotion(budget_minor=0), True),
    ],
)
def test_what_has_a_limit_is_limited(terms: object, limited: bool) -> None:
    assert is_limited(terms) == limited  # type: ignore[arg-type]


@given(days, days, st.sampled_from(["day", "week", "month"]))
def test_a_period_has_one_counter_until_it_is_over(day: date, other: date, period: str) -> None:
    (one,) = limits_of(promotion(f"code/{period}=1"), MAIL, cart(), day, 1)
    (two,) = limits_of(promotion(f"code/{period}=1"), MAIL, cart(), other, 1)

    assert one.over_on is not None
    assert two.over_on is not None
    assert day < one.over_on
    assert (one.counter == two.counter) == (one.over_on == two.over_on)
    assert (day <= other < one.over_on) <= (one.counter == two.counter)


def test_what_is_learnt_later_joins_under_the_periods_of_the_use() -> None:
    terms = promotion("customer/day=1", "location/day=1", budget_minor=1000)
    held = limits_of(terms, MAIL, cart(customer=("email:ann",)), DAY, 200)
    told = limits_of(terms, MAIL, cart(customer=("email:ann", "card:9")), date(2026, 11, 21), 150)

    found = with_more(held, told)

    assert {each.counter: each.by for each in found} == {
        "customer#P1#email:ann#2026-11-20": 1,
        "customer#P1#card:9#2026-11-21": 1,
        "location#P1#direct/corner/high-street#2026-11-20": 1,
        "budget#P1#EUR": 150,
    }
    assert with_more(found, told) == found


def test_the_newest_promotion_that_runs_comes_first() -> None:
    first = promotion()
    later = replace(first, promotion_id="P2", starts_on=date(2026, 11, 10))
    over = replace(first, promotion_id="P0", ends_on=date(2026, 11, 19))

    assert running([first, over, later], DAY) == [later, first]


def test_terms_are_read_as_they_are_written() -> None:
    assert term("customer/day=2").most == 2
    assert Limit(counter="promotion#P1#ever", most=1, reason="usage_limit_reached").scope() == (
        "promotion",
        "",
    )
