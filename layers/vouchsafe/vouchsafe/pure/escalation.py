"""Escalation: when an alarm that nobody has acknowledged is told again, and to whom.

An alarm's call has two rungs. Each is due some minutes after the one before, by what money at risk
the alarm has by then; then it stops.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from vouchsafe.pure.alarm import Alarm
from vouchsafe.pure.business_day import zone
from vouchsafe.pure.errors import Invalid

Severity = Literal["minor", "major", "critical"]
Step = Literal[1, 2]

_MOST_CURRENCIES = 50
# As for the watches of codes: what lies so far back is a backfill's, and no news.
_HISTORY = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Minutes from an alarm's call to the first rung, and from there to the second; None: there is
    no such rung. What would be due in the quiet hours is due when they end; they may pass midnight,
    and are none where both ends are one."""

    after_minutes: int | None
    again_minutes: int | None
    quiet_from: time = time(0)
    quiet_until: time = time(0)

    def is_quiet(self, wall: time) -> bool:
        """Whether nobody is to be disturbed at that wall-clock time."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= wall < self.quiet_until
        return wall >= self.quiet_from or wall < self.quiet_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """From how much money at risk on, in minor units, an alarm is more than minor."""

    currency: str
    major_minor: int
    critical_minor: int


_NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """`zone` is of the quiet hours. Money in a currency without a level is major. `mention` is who
    is called in the message: `channel`, `here`, or the id of a group (S..) or a person (U.., W..)
    in Slack; empty: nobody. `version` counts the changes of the setting."""

    minor: Patience = Patience(after_minutes=240, again_minutes=None, **_NIGHT)
    major: Patience = Patience(after_minutes=30, again_minutes=60, **_NIGHT)
    critical: Patience = Patience(after_minutes=15, again_minutes=30)
    levels: tuple[Level, ...] = (
        Level(currency="EUR", major_minor=100_00, critical_minor=1000_00),
        Level(currency="GBP", major_minor=100_00, critical_minor=1000_00),
        Level(currency="USD", major_minor=100_00, critical_minor=1000_00),
    )
    zone: str = "UTC"
    mention: str = "channel"
    version: int = 0

    def patience(self, severity: Severity) -> Patience:
        return {"minor": self.minor, "major": self.major, "critical": self.critical}[severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of an alarm's call; `since` is when it called, or was told the step before."""

    alarm_id: str
    calling: int
    step: Step
    since: datetime

    def name(self) -> str:
        """Stable: a rung that comes twice is told once."""
        return f"{self.alarm_id}:call-{self.calling}:step-{self.step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """A rung that is due, with the alarm as it stands."""

    alarm: Alarm
    rung: Rung
    severity: Severity
    mention: str


def first_rung(alarm: Alarm) -> Rung | None:
    """Where the alarm's newest call begins; None where it waits for nobody, or is of days so long
    ago that nobody has to hurry."""
    since = alarm.calling.at if alarm.calling else alarm.opened_at
    if not alarm.waits() or since.date() - alarm.newest_on >= _HISTORY:
        return None
    return Rung(alarm_id=alarm.alarm_id, calling=alarm.call_number(), step=1, since=since)


def rung_after(rung: Rung, told_at: datetime) -> Rung | None:
    """What follows a rung that was told; None after the last."""
    if rung.step == 2:
        return None
    return Rung(alarm_id=rung.alarm_id, calling=rung.calling, step=2, since=told_at)


def severity_of(alarm: Alarm, setting: Escalation) -> Severity:
    """By the currency that is worst; without money at risk it is minor."""
    found = set(_severities(alarm, setting))
    return "critical" if "critical" in found else "major" if "major" in found else "minor"


def due_at(rung: Rung, alarm: Alarm | None, setting: Escalation) -> datetime | None:
    """When the rung is to be told; None where nobody has to hear of it: the alarm is cleared or
    acknowledged, or has called anew, or its severity has no such step."""
    if alarm is None or not alarm.waits() or alarm.call_number() != rung.calling:
        return None
    patience = setting.patience(severity_of(alarm, setting))
    minutes = patience.after_minutes if rung.step == 1 else patience.again_minutes
    if minutes is None:
        return None
    return _out_of_quiet(rung.since + timedelta(minutes=minutes), patience, setting.zone)


def check(setting: Escalation) -> None:
    """Raises Invalid for a setting that cannot be kept."""
    zone(setting.zone)
    if len(setting.levels) > _MOST_CURRENCIES:
        raise Invalid("levels", f"must be at most {_MOST_CURRENCIES}")
    for at, level in enumerate(setting.levels):
        if level.critical_minor < level.major_minor:
            raise Invalid(f"levels[{at}].critical_minor", "must not be less than major_minor")
    currencies = [level.currency for level in setting.levels]
    if len(set(currencies)) < len(currencies):
        raise Invalid("levels", "must name each currency once")


def _severities(alarm: Alarm, setting: Escalation) -> Iterator[Severity]:
    levels = {each.currency: each for each in setting.levels}
    for currency, minor in alarm.at_risk:
        level = levels.get(currency)
        if level is None:
            yield "major" if minor > 0 else "minor"
        elif minor >= level.major_minor:
            yield "critical" if minor >= level.critical_minor else "major"


def _out_of_quiet(at: datetime, patience: Patience, named: str) -> datetime:
    """That moment, or the end of the quiet hours that it lies in."""
    local = at.astimezone(zone(named))
    if not patience.is_quiet(local.time()):
        return at
    day = local.date()
    if local.time() >= patience.quiet_until:
        day += timedelta(days=1)
    ends = datetime.combine(day, patience.quiet_until, tzinfo=local.tzinfo)
    return ends.astimezone(UTC)
