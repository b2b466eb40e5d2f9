"""The shop's clock: time runs as fast as business does, by the hour of the week and its pace."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

HOUR_S = 3600.0
DAY_S = 86_400.0
_HOURS = 168
# insight.md 2.2: pace = (decayed orders + 10) / (decayed expectation + 10), decay 3 hours; the
# profile never falls below a tenth of its mean.
_STEADY = 10.0
_PACE_H = 3.0
_FLOOR = 0.1
# The profile forgets by half in 60 days, as a code's own rate does, and starts out flat: each
# hour begins with a few orders that were never placed.
_HALF_LIFE_DAYS = 60.0
_FLAT = 5.0
# Silence longer than this is skipped in one step; nothing of the pace is left by then.
_LONGEST_WALK_S = 7 * DAY_S
# What is further from the newest order than this is measured by the calendar.
_LONGEST_LOOK_S = 2 * DAY_S
_BATCHES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`exposure` is in days of ordinary business at `at`, the newest order's epoch second.

    `orders` and `expected` are what came and what the profile foretold, decayed; `week` the
    decayed orders of each hour of the week (UTC, from the epoch's Thursday), `days` over how many
    decayed days they were counted. `batches` name the last stream batches, so that one brought
    again is known.
    """

    at: float
    exposure: float
    origin: float
    orders: float = 0.0
    expected: float = 0.0
    days: float = 0.0
    week: tuple[float, ...] = (0.0,) * _HOURS
    batches: tuple[str, ...] = ()


def started(at: float) -> Clock:
    """The clock of a shop whose first order was placed then."""
    return Clock(at=at, exposure=at / DAY_S, origin=at)


def counted(clock: Clock | None, instants: Sequence[float], batch: str) -> Clock | None:
    """The clock after more orders, in whatever order they come; a batch counts once."""
    if not instants or (clock and batch in clock.batches):
        return clock
    run = _Run(clock or started(min(instants)))
    for at in sorted(instants):
        run.order(at)
    return run.stopped(batch)


def exposure_at(clock: Clock | None, at: float) -> float:
    """Exposure at an instant near the clock's: what the profile says at the present pace.

    A shop without a clock lives by the calendar, and so does what lies days away.
    """
    if clock is None:
        return at / DAY_S
    total = sum(clock.week)
    pace = _pace(clock.orders, clock.expected)
    first, last = sorted((clock.at, at))
    until = min(last, first + _LONGEST_LOOK_S)
    walked = sum(_shape(clock.week, total, hour) * hours for hour, hours in _hours(first, until))
    run = pace * walked / 24 + (last - until) / DAY_S
    return clock.exposure + (run if at > clock.at else -run)


def share_without(clock: Clock | None, own: float) -> float:
    """The part of the pace that is left when `own` decayed orders are not counted.

    A code's own orders must not drive its clock, else a leak hides itself (insight.md 2.1).
    """
    orders = clock.orders if clock else 0.0
    return (max(orders - own, 0.0) + _STEADY) / (orders + _STEADY)


def decayed(own: float, hours: float) -> float:
    """What is left of decayed orders some hours later, as the pace forgets them."""
    return own * exp(-hours / _PACE_H)


class _Run:
    """The clock's hands while a batch of orders moves them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = clock.at
        self._exposure = clock.exposure
        self._orders = clock.orders
        self._expected = clock.expected
        self._days = clock.days
        self._week = list(clock.week)

    def order(self, at: float) -> None:
        """One order, placed then; a late one counts for what is left of it by now."""
        if at > self._at:
            self._walk(at)
        late_s = self._at - at
        self._orders += exp(-late_s / HOUR_S / _PACE_H)
        self._week[_hour_of(at)] += _left(late_s / DAY_S)

    def stopped(self, batch: str) -> Clock:
        """The clock as it stands now."""
        return replace(
            self._clock,
            at=self._at,
            exposure=self._exposure,
            orders=self._orders,
            expected=self._expected,
            days=self._days,
            week=tuple(round(each, 4) for each in self._week),
            batches=(*self._clock.batches, batch)[-_BATCHES:],
        )

    def _walk(self, to: float) -> None:
        self._skip(to - self._at - _LONGEST_WALK_S)
        self._forget(to)
        total = sum(self._week)
        hourly = total / max(self._days * 24, 1.0)
        for hour, hours in _hours(self._at, to):
            shape = _shape(self._week, total, hour)
            self._exposure += shape * _pace(self._orders, self._expected) * hours / 24
            left = exp(-hours / _PACE_H)
            self._orders *= left
            self._expected = self._expected * left + shape * hourly * _PACE_H * (1 - left)
        self._days += (to - self._at) / DAY_S
        self._at = to

    def _skip(self, silent_s: float) -> None:
        if silent_s > 0:
            self._exposure += silent_s / DAY_S
            self._at += silent_s

    def _forget(self, to: float) -> None:
        """Once a day is often enough."""
        gone = to // DAY_S - self._clock_day()
        if gone > 0:
            left = _left(gone)
            self._week = [each * left for each in self._week]
            self._days *= left

    def _clock_day(self) -> float:
        return self._at // DAY_S


def _left(days: float) -> float:
    return float(2 ** (-days / _HALF_LIFE_DAYS))


def _pace(orders: float, expected: float) -> float:
    return (orders + _STEADY) / (expected + _STEADY)


def _shape(week: Sequence[float], total: float, hour: int) -> float:
    return max(_FLOOR, (week[hour] + _FLAT) / (total / _HOURS + _FLAT))


def _hour_of(at: float) -> int:
    return int(at // HOUR_S) % _HOURS


def _hours(start: float, end: float) -> list[tuple[int, float]]:
    """(hour of the week, how many hours of it) from start to end."""
    parts = []
    at = start
    while at < end:
        stop = min((at // HOUR_S + 1) * HOUR_S, end)
        parts.append((_hour_of(at), (stop - at) / HOUR_S))
        at = stop
    return parts
