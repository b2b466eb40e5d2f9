"""How well leaks are found: simulated shops, codes and leaks, beside the bars we set ourselves.

The bench measures a hundred codes a bar; the tests measure a few dozen.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from bench.figure import Effort, Figure, Section, at_least, at_most
from functions.streams.alarms import pace, watch
from functions.streams.alarms.pace import DAY_S, Clock
from functions.streams.alarms.watch import Stream, Watch
from vouchsafe.pure.alarm import Evidence

# Orders of a day by the hour, a shop that is open from eight to ten; and how the days differ.
_HOURS = (*[0] * 8, 2, 3, 4, 5, 7, 7, 5, 5, 6, 8, 9, 8, 5, 3, *[0] * 2)
_WEEK = (0.8, 0.8, 0.9, 1.0, 1.3, 1.5, 0.7)
_START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()
_CALM_DAYS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A shop with so many orders a day; a code with its plan, its uses and the untraced part of
    them; a leak with so many uses a day, all untraced, for three days after `quiet_days`, that
    begins while the shop is open."""

    orders_a_day: float = 100.0
    planned: float = 10.0
    uses_a_day: float = 10.0
    untraced: float = 0.1
    leaked_a_day: float = 0.0
    quiet_days: int = 60
    budget: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`false` alarms in `years` without a leak; whether the leak was found, when and after what."""

    years: float
    false: int
    found: bool = False
    hours: float = 0.0
    leaked: int = 0


def run(setting: Setting, seed: int) -> Outcome:
    """One code's life."""
    dice = random.Random(seed)
    leak_at = _START + setting.quiet_days * DAY_S + dice.uniform(9, 15) * 3600
    end = leak_at + (3 * DAY_S if setting.leaked_a_day else 0)
    days = [dice.gammavariate(20, 1 / 20) for _ in range(setting.quiet_days + 5)]
    events = [(at, "order") for at in _instants(dice, setting.orders_a_day, days, _START, end)]
    uses = _instants(dice, setting.uses_a_day, days, _START, end)
    events += [(at, "untraced" if dice.random() < setting.untraced else "traced") for at in uses]
    leaked = [*_instants(dice, setting.leaked_a_day, days, leak_at, end)]
    events += [(at, "leaked") for at in leaked]
    return _judged(sorted(events), setting, leak_at)


def alarms(
    events: Iterable[tuple[float, str]], setting: Setting
) -> Iterator[tuple[float, str, Stream | None]]:
    """What the detectors say of each use; events are orders of others, and uses."""
    clock: Clock | None = None
    held: Watch | None = None
    waiting: list[float] = []
    for number, (at, kind) in enumerate(events):
        waiting.append(at)
        if len(waiting) >= 10:
            clock, waiting = pace.counted(clock, waiting, str(number)), []
        if kind == "order":
            continue
        if held is None:
            held = watch.begun(setting.planned, clock, _START, at)
        use = _use(at, number)
        seen = watch.sight(use, clock, traced=kind == "traced", newest=held.newest)
        held, hot = watch.found(held, seen, clock, setting.planned, setting.budget)
        yield at, kind, hot


def _judged(events: list[tuple[float, str]], setting: Setting, leak_at: float) -> Outcome:
    false = leaked = 0
    hot_at = 0.0
    for at, kind, hot in alarms(events, setting):
        leaked += kind == "leaked"
        if hot and at >= leak_at:
            years = (leak_at - _START) / DAY_S / 365
            hours = (at - leak_at) / 3600
            return Outcome(years=years, false=false, found=True, hours=hours, leaked=leaked)
        if hot:
            false += at - hot_at > _CALM_DAYS * DAY_S
            hot_at = at
    return Outcome(years=(leak_at - _START) / DAY_S / 365, false=false)


def _instants(
    dice: random.Random, a_day: float, days: Sequence[float], start: float, end: float
) -> list[float]:
    """A Poisson stream that follows the hours, the week and each day's own luck."""
    mean = sum(_HOURS) / 24
    most = a_day * max(_HOURS) / mean * max(_WEEK) * max(days)
    at, found = start, []
    while most and (at := at + dice.expovariate(most) * DAY_S) < end:
        day = int((at - _START) // DAY_S)
        hour = int(at % DAY_S // 3600)
        now = a_day * _HOURS[hour] / mean * _WEEK[day % 7] * days[day]
        if dice.random() * most < now:
            found.append(at)
    return found


def _use(at: float, number: int) -> Evidence:
    return Evidence(
        order=str(number),
        item="redemption#X#000",
        redeemed_at=datetime.fromtimestamp(at, UTC),
        currency="EUR",
        at_risk_minor=100,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What is asked of several codes' lives; None where nothing is."""

    recall: float | None = None
    hours: float | None = None
    leaked: float | None = None
    false_a_year: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Several codes' lives, added up."""

    recall: float
    hours: float
    leaked: float
    false_a_year: float
    years: float


def measure(setting: Setting, seeds: Iterable[int]) -> Figures:
    """The figures of many seeds; medians over the leaks that were found."""
    outcomes = [run(setting, seed) for seed in seeds]
    caught = [each for each in outcomes if each.found]
    years = sum(each.years for each in outcomes)
    return Figures(
        recall=len(caught) / len(outcomes),
        hours=median(each.hours for each in caught) if caught else 0.0,
        leaked=median(each.leaked for each in caught) if caught else 0.0,
        false_a_year=sum(each.false for each in outcomes) / years,
        years=years,
    )


# What is asked of each: share found, hours until then, leaked uses until then, false a code-year;
# insight.md 2.2. None: nothing is asked.
BARS: tuple[tuple[str, Setting, Bar], ...] = (
    ("leak of x3", Setting(leaked_a_day=20.0), Bar(recall=1.0, hours=14)),
    ("leak of x5", Setting(leaked_a_day=40.0), Bar(recall=1.0, hours=5, leaked=8)),
    ("leak of x10", Setting(leaked_a_day=90.0), Bar(recall=1.0, hours=2, leaked=6)),
    (
        "5 a day, hardly any history",
        Setting(leaked_a_day=5.0, uses_a_day=0.02, planned=0.0, untraced=1.0),
        Bar(recall=0.95, leaked=5),
    ),
    ("no leak, 10 a day", Setting(quiet_days=180), Bar(false_a_year=0.2)),
    (
        "no leak, 0.05 a day",
        Setting(quiet_days=360, uses_a_day=0.05, planned=0.0, untraced=1.0),
        Bar(false_a_year=0.1),
    ),
)


def section(effort: Effort) -> Section:
    """Every bar, over a hundred codes each."""
    figures: list[Figure] = []
    for at, (name, setting, bar) in enumerate(BARS):
        effort.tell(at, len(BARS))
        figures += _figures(name, measure(setting, range(effort.of(100, 2))), bar)
    return Section(
        title="The leak detector's bars",
        floor="none; insight.md sets the bars",
        figures=tuple(figures),
        notes=(
            "Simulated shops of 100 orders a day and codes of 10 uses a day unless said otherwise,"
            " seed by seed the same; medians over the leaks that were found.",
        ),
    )


def _figures(name: str, found: Figures, bar: Bar) -> Iterator[Figure]:
    if bar.recall is not None:
        yield at_least(f"{name}: found", found.recall, bar.recall, digits=2)
    if bar.hours is not None:
        yield at_most(f"{name}: after", found.hours, bar.hours, unit="h", digits=1)
    if bar.leaked is not None:
        yield at_most(f"{name}: leaked uses until then", found.leaked, bar.leaked, digits=1)
    if bar.false_a_year is not None:
        detail = f"{found.years:.0f} code-years"
        false = found.false_a_year
        yield at_most(f"{name}: false a code-year", false, bar.false_a_year, detail=detail)
