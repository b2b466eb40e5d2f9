"""What is kept of one code: two detectors, the uses of the present run, and its open alarm."""

from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple
from zlib import crc32

from vouchsafe.pure.alarm import Alarm, Evidence, added, opened

from . import pace, spike
from .pace import DAY_S, Clock
from .spike import Detector

Stream = Literal["untraced", "every"]

# insight.md 2.2: all uses are judged too, ten times stricter, so that a leak with forged traces
# is not invisible.
_STRICTER = 10.0
# Of a plan's uses, so many are expected to come without a trace; only a beginning, soon unlearnt.
_UNTRACED_SHARE = 0.2
# Where nobody planned: a code is used once in ten days, until it shows what it does.
_UNPLANNED_A_DAY = 0.1
# What lies so far behind the newest use or order is history that comes in late: counted, but no
# news. A backfill must not look like a burst.
_OLD_DAYS = 3.0
# The evidence has gone when it stayed below the threshold for so much exposure.
_CALM_DAYS = 3.0
# A run of uses goes on while there is any evidence at all.
_RUN_GOES_ON = 1.0
_RECENT = 10
_REMEMBERED = 64
_MARK = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The uses since there was last no evidence: what a notice shows."""

    since: datetime
    uses: int = 0
    untraced: int = 0
    days: float = 0.0
    expected: float = 0.0
    expected_untraced: float = 0.0
    at_risk: tuple[tuple[str, int], ...] = ()
    at_risk_untraced: tuple[tuple[str, int], ...] = ()
    recent: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """`newest` is the newest use's epoch second, `own` the code's own decayed orders at it.

    `marks` are short digests of the last orders counted: a stream record that comes again is
    known by them. `alarm` is the id of the open alarm, `ended` that of the last one that was
    cleared, `hot_at` the exposure at which a detector last stood above its threshold.
    """

    newest: float
    every: Detector
    untraced: Detector
    own: float = 0.0
    marks: str = ""
    run: Run | None = None
    alarm: str | None = None
    ended: str | None = None
    hot_at: float = 0.0


class Sight(NamedTuple):
    """One use as the detectors need it."""

    evidence: Evidence
    traced: bool
    at: float
    exposure: float
    old: bool


class Finding(NamedTuple):
    """The watch after a use, and which stream stands above its threshold, if one does."""

    watch: Watch
    hot: Stream | None


def sight(evidence: Evidence, clock: Clock | None, *, traced: bool, newest: float | None) -> Sight:
    """A use on the shop's clock; `newest` is the code's newest use so far."""
    at = evidence.redeemed_at.timestamp()
    front = max(newest or at, clock.at if clock else at)
    return Sight(
        evidence=evidence,
        traced=traced,
        at=at,
        exposure=pace.exposure_at(clock, at),
        old=front - at > _OLD_DAYS * DAY_S,
    )


def begun(planned: float, clock: Clock | None, launched_at: float, at: float) -> Watch:
    """A watch over a code from its launch, or from the shop's first order if that came later."""
    since = min(max(launched_at, clock.origin if clock else at), at)
    exposure = pace.exposure_at(clock, since)
    every, untraced = (spike.begun(plan, exposure) for plan in _plans(planned))
    return Watch(newest=since, every=every, untraced=untraced)


def remembers(watch: Watch, order: str) -> bool:
    """Whether the order's use was counted lately."""
    mark, marks = _mark(order), watch.marks
    return any(marks[at : at + _MARK] == mark for at in range(0, len(marks), _MARK))


def found(watch: Watch, seen: Sight, clock: Clock | None, planned: float, budget: float) -> Finding:
    """The watch after one more use. A use that lies far back is counted, and never alarms."""
    hours = (seen.at - watch.newest) / 3600
    own = pace.decayed(watch.own, max(hours, 0.0))
    share = pace.share_without(clock, own)
    plan_every, plan_untraced = _plans(planned)
    every = _after(watch.every, plan_every, seen, share)
    untraced = watch.untraced
    if not seen.traced:
        untraced = _after(watch.untraced, plan_untraced, seen, share)
    after = replace(
        watch,
        newest=max(watch.newest, seen.at),
        every=every,
        untraced=untraced,
        own=round(own + pace.decayed(1.0, max(-hours, 0.0)), 6),
        marks=(watch.marks + _mark(seen.evidence.order))[-_REMEMBERED * _MARK :],
    )
    after = replace(after, run=_run(watch if _goes_on(after) else None, seen, share))
    hot = None if seen.old else _hot(watch, after, seen, budget)
    return Finding(replace(after, hot_at=seen.exposure) if hot else after, hot)


def alarms_of(watch: Watch | None) -> set[str]:
    """The alarms that may have something to tell: the open one and the one before."""
    return {each for each in (watch.alarm, watch.ended) if each} if watch else set()


def calmed(watch: Watch) -> Watch:
    """The watch after the all-clear; the run that the alarm told of ends with it."""
    return replace(watch, alarm=None, ended=watch.alarm or watch.ended, run=None)


def is_calm(watch: Watch, exposure: float) -> bool:
    """Whether the evidence has stayed away long enough for the all-clear."""
    return exposure >= calm_at(watch)


def calm_at(watch: Watch) -> float:
    """The exposure at which the open alarm is over, unless more comes."""
    return watch.hot_at + _CALM_DAYS


def told(alarm: Alarm, watch: Watch, hot: Stream, at: datetime) -> Alarm:
    """The alarm, saying what the watch has seen."""
    run = watch.run
    if run is None:
        return alarm
    only = hot == "untraced"
    detector = watch.untraced if only else watch.every
    uses, expected = (run.untraced, run.expected_untraced) if only else (run.uses, run.expected)
    what = "uses without a trace to a live campaign" if only else "uses"
    return opened(
        replace(
            alarm,
            orders=uses,
            at_risk=run.at_risk_untraced if only else run.at_risk,
            evidence=run.recent,
            code_raw=run.recent[-1].code_raw,
            seen=f"{uses} {what} in {_days(run.days)} ({run.untraced} of {run.uses} untraced)",
            expected=f"about {expected:.1f}",
            suggested=f"a cap of {spike.cap(detector.rate())} uses a day",
            since=run.since,
        ),
        at,
    )


def _plans(planned: float) -> tuple[float, float]:
    """The planned uses a day of the two streams."""
    if planned <= 0:
        return _UNPLANNED_A_DAY, _UNPLANNED_A_DAY
    return planned, planned * _UNTRACED_SHARE


def _after(detector: Detector, planned: float, seen: Sight, share: float) -> Detector:
    gap = spike.gap_to(detector, seen.exposure, share, judged=not seen.old)
    return spike.observed(detector, planned, gap)


def _hot(before: Watch, after: Watch, seen: Sight, budget: float) -> Stream | None:
    """Which detector stands above the threshold that it had before it learnt of the use."""
    if not seen.traced and after.untraced.score() >= spike.threshold(before.untraced, budget):
        return "untraced"
    strict = budget / _STRICTER
    return "every" if after.every.score() >= spike.threshold(before.every, strict) else None


def _goes_on(watch: Watch) -> bool:
    """Whether the run goes on: anything speaks for a leak, or an alarm is open."""
    evidence = max(watch.every.score(), watch.untraced.score())
    return watch.alarm is not None or evidence >= _RUN_GOES_ON


def _run(before: Watch | None, seen: Sight, share: float) -> Run:
    """The run before with one more use; without one, the run that the use begins."""
    evidence = seen.evidence
    run = Run(since=evidence.redeemed_at)
    passed = expected = untraced = 0.0
    if before and before.run:
        run = before.run
        passed = max(seen.exposure - before.every.at, 0.0) * share
        expected, untraced = passed * before.every.rate(), passed * before.untraced.rate()
    money = evidence.currency, evidence.at_risk_minor
    said = replace(evidence, seen="traced" if seen.traced else "no trace")
    return Run(
        since=min(run.since, evidence.redeemed_at),
        uses=run.uses + 1,
        untraced=run.untraced + (not seen.traced),
        days=run.days + passed,
        expected=run.expected + expected,
        expected_untraced=run.expected_untraced + untraced,
        at_risk=added(run.at_risk, *money),
        at_risk_untraced=(
            run.at_risk_untraced if seen.traced else added(run.at_risk_untraced, *money)
        ),
        recent=tuple(sorted((*run.recent, said), key=Evidence.position))[-_RECENT:],
    )


def _days(days: float) -> str:
    return f"{days:.1f} days" if days >= 1 else f"{days * 24:.1f} hours"


def _mark(order: str) -> str:
    """Three bytes of the order's checksum in four letters."""
    return b64encode(crc32(order.encode()).to_bytes(4, "big")[1:]).decode()
