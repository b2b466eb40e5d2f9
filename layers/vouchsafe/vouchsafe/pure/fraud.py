"""How much speaks for fraud, from 0 to 100, as a sum whose every part is told in words.

Nothing is learned and nothing hidden: each part adds, none takes away, so that more of any sign
never lowers the score. It judges nobody by itself; the claims policy does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vouchsafe.pure.policy import SIGNALS, Policy, Rule, Signal, Step
from vouchsafe.pure.standing import Standing, by_of

MOST = 100
# What a breach of the signal's rule weighs; some signs short of it weigh their share.
WEIGHTS: dict[Signal, int] = {"claims": 20, "limit_refusals": 15, "rollbacks": 25, "guesses": 25}
# What the harshest measure in force weighs.
STEP_WEIGHTS: dict[Step, int] = {"flag": 10, "block_code": 20, "exclude": 35}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One signal: `points` of at most `weight`, and why in words."""

    signal: Signal | Step
    points: int
    weight: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraud:
    """The score, and the parts that it is the sum of, up to 100; those of nothing left out."""

    score: int
    parts: tuple[Part, ...]


def score(standings: Sequence[Standing], policy: Policy, now: datetime) -> Fraud:
    """Of all keys of one customer together: of each signal the key that shows most of it."""
    found = [part for signal in SIGNALS for part in _of_signal(signal, standings, policy, now)]
    parts = tuple(each for each in (*found, *_of_measures(standings, now)) if each.points)
    return Fraud(score=min(sum(each.points for each in parts), MOST), parts=parts)


def _of_signal(
    signal: Signal, standings: Iterable[Standing], policy: Policy, now: datetime
) -> Iterator[Part]:
    parts = [
        _part(rule, _seen(standing, rule, now))
        for standing in standings
        for rule in policy.rules_for(by_of(standing.key), signal)
    ]
    if parts:
        yield max(parts, key=lambda each: each.points)


def _part(rule: Rule, seen: int) -> Part:
    breach, weight = rule.most + 1, WEIGHTS[rule.signal]
    counted = min(seen, breach)
    days = "1 day" if rule.days == 1 else f"{rule.days} days"
    return Part(
        signal=rule.signal,
        points=weight * counted // breach,
        weight=weight,
        says=f"{counted} of the {breach} {rule.signal.replace('_', ' ')} by one {rule.by} "
        f"within {days} that are a breach.",
    )


def _seen(standing: Standing, rule: Rule, now: datetime) -> int:
    """The signs that wait, and those that have led to a measure meanwhile: a breach is no reason
    to think better of anybody."""
    since = now - timedelta(days=rule.days)
    waiting = sum(each.signal == rule.signal and each.day > since.date() for each in standing.signs)
    judged = sum(
        len(each.evidence)
        for each in standing.measures
        if each.rule and each.rule.signal == rule.signal and not each.lifted_by and each.at > since
    )
    return waiting + judged


def _of_measures(standings: Iterable[Standing], now: datetime) -> Iterator[Part]:
    held = [measure for standing in standings for measure in standing.in_force(now)]
    if held:
        worst = max(held, key=lambda each: (STEP_WEIGHTS[each.step], each.until))
        weight = STEP_WEIGHTS[worst.step]
        until = f"{worst.until:%Y-%m-%d}"
        says = f"{worst.step} is in force until {until}."
        yield Part(signal=worst.step, points=weight, weight=weight, says=says)
