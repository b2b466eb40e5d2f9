"""Has the rate changed? A day's reports against what the days before let expect. Pure.

Equality is no goal: blockers and refused consent keep a share of all purchases from every front
end. The share is steady, though, and a new deployment that breaks the tag is not. A day is judged
by the beta-binomial law: given the days before, how likely are so few (or so many) reports among so
many confirmed redemptions? Days differ more than coins do, so that the days before never weigh more
than `MOST` redemptions: for a share of 0.8 that lets days differ by two points of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma

# One day in a thousand alarms without a reason, at most: a code's day in three years.
RARE = 0.001
MOST = 400.0
# Less is nobody's task.
LEAST_POINTS = 0.05
LEAST_CONFIRMED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`expected` and `rate` are under-reporting rates; `odds` is how likely such a day was."""

    expected: float
    rate: float
    odds: float


def changed(day: tuple[int, int], before: Sequence[tuple[int, int]]) -> Change | None:
    """The change that a day shows, as (confirmed, reported), against the days before; None for
    none, or where there is too little to compare with."""
    confirmed, reported = day
    past = sum(each for each, _ in before)
    if not confirmed or past < LEAST_CONFIRMED:
        return None
    share = sum(each for _, each in before) / past
    rate = 1 - reported / confirmed
    if abs(rate - (1 - share)) < LEAST_POINTS:
        return None
    weight = min(float(past), MOST)
    # One more of each kind, so that a spotless past makes no single miss impossible.
    odds = _odds(confirmed, reported, share * weight + 1, (1 - share) * weight + 1)
    return Change(expected=1 - share, rate=rate, odds=odds) if odds < RARE else None


def _odds(n: int, k: int, a: float, b: float) -> float:
    """How likely a day is that lies as far out as this one, on its side."""
    fewer = reversed(range(k + 1)) if k / n <= a / (a + b) else range(k, n + 1)
    return min(1.0, sum(exp(_log_beta_binomial(n, each, a, b)) for each in fewer))


def _log_beta_binomial(n: int, k: int, a: float, b: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
