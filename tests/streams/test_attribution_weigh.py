"""Do the five rules share an order as their literature says, and to the last unit?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.streams.attribution.journey import Contact, Stand
from functions.streams.attribution.weigh import shared, weights
from tests.streams.journeys import NOON
from vouchsafe.pure.credit import MODELS, Model

A_DAY = timedelta(days=1)

# By hand, from insight.md 1.1: contacts so many days before the order, oldest first.
HAND_COMPUTED = [
    ("first", (20, 10, 0), (1, 0, 0)),
    ("last", (20, 10, 0), (0, 0, 1)),
    ("linear", (20, 10, 3, 0), (0.25, 0.25, 0.25, 0.25)),
    ("position", (5,), (1,)),
    ("position", (5, 1), (0.5, 0.5)),
    ("position", (9, 5, 1), (0.4, 0.2, 0.4)),
    ("position", (9, 7, 5, 3, 1), (0.4, 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.4)),
    ("time_decay", (4,), (1,)),
    ("time_decay", (7, 0), (1 / 3, 2 / 3)),
    ("time_decay", (21, 14, 7), (1 / 7, 2 / 7, 4 / 7)),
    # 2^(-10/7) = 0.371498572, 2^(-3/7) = 0.742997144, 2^(-1/7) = 0.905723664; their sum 2.02021938
    ("time_decay", (10, 3, 1), (0.1838902130, 0.3677804260, 0.4483293610)),
]


@pytest.mark.parametrize(("model", "days", "expected"), HAND_COMPUTED)
def test_a_rule_gives_what_was_computed_by_hand(
    model: Model, days: tuple[int, ...], expected: tuple[float, ...]
) -> None:
    found = weights(model, [NOON - each * A_DAY for each in days])

    assert [each / sum(found) for each in found] == pytest.approx(expected, rel=1e-6)


AGES = st.lists(st.integers(0, 90 * 86_400), min_size=1, max_size=12).map(
    lambda ages: sorted(ages, reverse=True)
)


@given(AGES, st.sampled_from(MODELS), st.integers(-(10**6), 10**6))
def test_shifting_all_times_changes_nothing(ages: list[int], model: Model, shift: int) -> None:
    instants = [NOON - timedelta(seconds=age) for age in ages]
    shifted = [each + timedelta(seconds=shift) for each in instants]

    assert weights(model, instants) == weights(model, shifted)


@given(AGES, st.integers(0, 10**9), st.integers(1, 3), st.data())
def test_credits_sum_to_the_minor_unit_and_to_one_redemption(
    ages: list[int], revenue: int, stands: int, data: st.DataObject
) -> None:
    names = st.sampled_from(["alpha / cpc", "beta / email", "gamma / print"])
    journey = [
        Contact(
            at=NOON - timedelta(seconds=age),
            stands=tuple(Stand(data.draw(names), f"campaign-{each}") for each in range(stands)),
            own=data.draw(st.booleans()),
        )
        for age in ages
    ]

    shares = shared(journey, revenue)

    for at in range(len(MODELS)):
        assert sum(each.minor[at] for each in shares) == revenue
        assert sum(each.millionths[at] for each in shares) == 1_000_000
    assert all(part >= 0 for each in shares for part in (*each.minor, *each.millionths))


def test_a_channel_that_appears_twice_counts_twice() -> None:
    alpha, beta = Stand("alpha / cpc", None), Stand("beta / email", None)
    journey = [Contact(at=NOON, stands=(each,)) for each in (alpha, beta, alpha)]

    shares = shared(journey, 900)

    linear = MODELS.index("linear")
    assert {each.channel: each.minor[linear] for each in shares} == {
        "alpha / cpc": 600,
        "beta / email": 300,
    }
