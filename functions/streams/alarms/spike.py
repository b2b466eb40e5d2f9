"""The leak detector: a Shiryaev-Roberts e-detector on the gaps between the uses of one code.

Shiryaev 1963; Roberts 1966; Pollak 1985; Shin, Ramdas, Rinaldo 2022. Formulas, constants and the
measurements behind them are in insight.md 2.2.
"""

from dataclasses import dataclass
from math import ceil, exp, log, log1p, sqrt
from typing import NamedTuple

_RISES = (2.0, 5.0, 20.0)
_A0 = 0.5
_FADES_DAYS = 2.0
_LEARNS_DAYS = 60.0
_SUSPICIOUS = 6.0
_SLOW_SHARE = 0.2
_SLOW_FROM_USES = 10.0
_SLOW_DAYS = 3.0
_PHI0 = 1.2
_PHI_STEP = 0.05
_PHI_MOST = 9.0
_DAYS_A_YEAR = 365.0
_NOTHING = -50.0  # ln of an evidence that is not there; JSON has no minus infinity
_NEVER = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """Eleven numbers: the belief about the rate (`a` uses in `b` days of exposure), the exposure
    at the newest use, the evidence for each rise, since when we are suspicious, the day's count
    with its beginning and expectation, and the dispersion."""

    a: float
    b: float
    at: float
    evidence: tuple[float, float, float] = (_NOTHING, _NOTHING, _NOTHING)
    suspected_at: float = _NEVER
    day_count: float = 0.0
    day_start: float = _NEVER
    day_expected: float = 0.0
    phi: float = _PHI0

    def rate(self) -> float:
        """Uses a day that we believe to be usual."""
        return self.a / self.b

    def score(self) -> float:
        """The evidence that the rate has risen: ln of the mean over the rises."""
        most = max(self.evidence)
        return most + log(sum(exp(each - most) for each in self.evidence) / len(self.evidence))


class Gap(NamedTuple):
    """What lies between a use and the newest one before it.

    `exposure` is 0 for a use that comes late; `late_days` says how late. A use that is not
    `judged` is counted only.
    """

    now: float
    exposure: float
    late_days: float = 0.0
    judged: bool = True


def gap_to(detector: Detector, now: float, share: float, *, judged: bool) -> Gap:
    """The gap before a use at exposure `now`; `share` is the part of the shop's pace since then
    that is not the code's own."""
    exposure = max(now - detector.at, 0.0) * share
    return Gap(now, exposure, late_days=max(detector.at - now, 0.0), judged=judged)


def begun(planned_a_day: float, at: float) -> Detector:
    """A detector for a code with that many planned uses a day, from an exposure on."""
    return Detector(a=_A0, b=_A0 / planned_a_day, at=at, day_start=at)


def threshold(detector: Detector, budget: float) -> float:
    """The score to alarm at, for a budget of false alarms a code-year, before the use is learnt."""
    return max(log(_DAYS_A_YEAR * detector.rate() / budget), 0.0)


def observed(detector: Detector, planned_a_day: float, gap: Gap) -> Detector:
    """The detector after one more use."""
    evidence = _weighed(detector, gap) if gap.judged else detector.evidence
    return _learnt(detector, planned_a_day, gap, evidence)


def cap(rate: float) -> int:
    """A daily limit that usual business hardly ever reaches: three deviations above the mean."""
    return ceil(rate + 3 * sqrt(rate)) + 1


def _charged(detector: Detector, gap: Gap) -> float:
    """The exposure that a use is judged by.

    A late use splits a gap that was judged before. It is charged the time it lies back, but no
    more than a usual gap: a few uses out of order hardly count less, while a backlog that comes
    in at once looks like the ordinary business that it was.
    """
    return min(gap.late_days, 1 / detector.rate()) if gap.late_days else gap.exposure


def _weighed(detector: Detector, gap: Gap) -> tuple[float, float, float]:
    """The evidence for each rise after the gap: what was held fades, what the gap says is added."""
    charged = _charged(detector, gap)
    faded = exp(-gap.exposure / _FADES_DAYS)
    slow = max(detector.phi, 1.0)
    first, second, third = (
        max(_short(_carried(held, faded) + _likelihood(detector, rise, charged) / slow), _NOTHING)
        for rise, held in zip(_RISES, detector.evidence, strict=True)
    )
    return first, second, third


def _carried(held: float, faded: float) -> float:
    """What is left of the evidence: only what lies above 0 fades."""
    return _softened(held * faded if held > 0 else held)


def _softened(held: float) -> float:
    """ln(1 + e^held), without overflow."""
    return held + log1p(exp(-held)) if held > 0 else log1p(exp(held))


def _likelihood(detector: Detector, rise: float, gap: float) -> float:
    """ln of how much likelier the gap is when the rate has risen (predictive, Gamma belief)."""
    a, b = detector.a, detector.b
    return log(rise) + (a + 1) * (log(b + gap) - log(b + rise * gap))


def _learnt(
    detector: Detector,
    planned_a_day: float,
    gap: Gap,
    evidence: tuple[float, float, float],
) -> Detector:
    exposure = gap.exposure
    left = 2 ** (-exposure / _LEARNS_DAYS)
    late = 2 ** (-gap.late_days / _LEARNS_DAYS)
    held = Detector(a=detector.a, b=detector.b, at=detector.at, evidence=evidence)
    suspected_at = _suspected_at(detector, held.score(), gap.now)
    weight = _weight(detector, held.score(), gap.now - suspected_at) * late
    b0 = _A0 / planned_a_day
    day = _day(detector, exposure, gap.now, quiet=suspected_at == _NEVER)
    return Detector(
        a=_short(_A0 + (detector.a - _A0) * left + weight),
        b=_short(b0 + (detector.b - b0) * left + exposure),
        at=_short(max(detector.at, gap.now)),
        evidence=evidence,
        suspected_at=_short(suspected_at),
        day_count=day.uses,
        day_start=_short(day.start),
        day_expected=_short(day.expected),
        phi=_short(day.phi),
    )


def _short(number: float) -> float:
    """Enough digits for any rate and instant; more would only make the item bigger."""
    return round(number, 6)


def _suspected_at(detector: Detector, score: float, now: float) -> float:
    if score < _SUSPICIOUS:
        return _NEVER
    return now if detector.suspected_at == _NEVER else detector.suspected_at


def _weight(detector: Detector, score: float, suspicion_days: float) -> float:
    """Learning slows under suspicion, for a code with some history and for a few days only: else
    a code with a bad prior never learns its level and alarms for ever (insight.md 2.1)."""
    slow = score >= _SUSPICIOUS and detector.a >= _SLOW_FROM_USES and suspicion_days < _SLOW_DAYS
    return _SLOW_SHARE if slow else 1.0


class _Day(NamedTuple):
    uses: float
    start: float
    expected: float
    phi: float


def _day(detector: Detector, exposure: float, now: float, *, quiet: bool) -> _Day:
    """The day's count goes on, or the day ends and teaches how much counts scatter."""
    uses = detector.day_count + 1
    expected = detector.day_expected + detector.rate() * exposure
    if now - detector.day_start < 1:
        return _Day(uses, detector.day_start, expected, detector.phi)
    phi = detector.phi
    if expected > 1 and quiet:
        phi += _PHI_STEP * (min((uses - expected) ** 2 / expected, _PHI_MOST) - phi)
    return _Day(0.0, now, 0.0, phi)
