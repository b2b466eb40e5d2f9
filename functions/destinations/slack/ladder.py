"""The second and the third time that an alarm is told: to whom, and whether still needed."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from vouchsafe.edge import alarms_table
from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Alarm
from vouchsafe.pure.escalation import (
    Escalated,
    Rung,
    due_at,
    first_rung,
    rung_after,
    severity_of,
)
from vouchsafe.pure.happening import Happening

_PLACE = "escalation"
T = TypeVar("T")


def as_due(happening: Happening, now: datetime) -> Happening | datetime | None:
    """A rung becomes its alarm as it stands by now. Raises Unreadable, Unavailable."""
    if happening.happening != "AlarmEscalated":
        return happening
    rung = _read(Rung, happening)
    alarm, setting = alarms_table.to_escalate(rung.alarm_id)
    due = due_at(rung, alarm, setting)
    if alarm is None or due is None:
        return None
    if due > now:
        return due
    subject = Escalated(
        alarm=replace(alarm, told=None),
        rung=rung,
        severity=severity_of(alarm, setting),
        mention=setting.mention,
    )
    return replace(happening, at=now, subject=codec.plain(subject))


def next_of(happening: Happening, now: datetime) -> Happening | None:
    """The rung that follows, if one does."""
    rung = _rung_after(happening, now)
    if rung is None:
        return None
    return Happening(
        happening="AlarmEscalated",
        id=rung.name(),
        at=now,
        stack=happening.stack,
        subject=codec.plain(rung),
    )


def accounts(happening: Happening) -> Sequence[str]:
    """A place of its own, if there is one."""
    return (_PLACE,) if happening.happening == "AlarmEscalated" else ()


def _rung_after(happening: Happening, now: datetime) -> Rung | None:
    if happening.happening in ("AlarmRaised", "AlarmUpdated"):
        return first_rung(_read(Alarm, happening))
    if happening.happening == "AlarmEscalated":
        return rung_after(_read(Escalated, happening).rung, now)
    return None


def _read(kind: type[T], happening: Happening) -> T:
    return codec.loads(kind, json.dumps(happening.subject))
