"""Alarms, as the ledger's streams keep them, and who has taken them on."""

import random
import time
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import get_args

from vouchsafe.edge import alarms_table, audit_table
from vouchsafe.pure import codec, instant
from vouchsafe.pure.alarm import Alarm, Evidence, State, Sums, acknowledged, day_of
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.business_day import parse_day
from vouchsafe.pure.errors import Absent, Conflict, Invalid, Unavailable

from . import parameters
from .alarm_words import (
    AcknowledgeAsked,
    AcknowledgementTold,
    AlarmAcknowledged,
    AlarmsTold,
    AlarmTold,
    RiskTold,
    UseTold,
)

# A code that leaks brings its alarm up to date with each use: whoever loses looks again.
_TRIES = 12
_LONGEST_WAIT_S = 0.2


def every(call: Call) -> Reply:
    """The alarms of a business day, or those in one state."""
    day, state = _day(call), _state(call.query)
    after, most = parameters.after(call) or "", parameters.page_size(call.query)
    found = [
        each
        for each in alarms_table.of_day(day)
        if each.alarm_id > after and state in (None, each.state)
    ]
    more = found[most - 1].alarm_id if len(found) > most else None
    return Reply(
        body=AlarmsTold(day=day, alarms=[_told(each) for each in found[:most]], after=more)
    )


def one(call: Call) -> Reply:
    """An alarm."""
    alarm, version = _standing(call)
    return Reply(body=_told(alarm), version=version)


def acknowledge(call: Call) -> Reply:
    """Taken on by the caller, unless somebody has; over the version that was seen, if one is named.

    Whatever the streams write meanwhile stays, and so does the acknowledgement.
    """
    for _ in range(_TRIES):
        before, version = _standing(call)
        after = acknowledged(before, call.caller.id, call.asked(AcknowledgeAsked).note, call.now)
        if after is before:
            return _answered(before, version)
        _must_have_seen(call, version)
        try:
            audit_table.append(
                _deed(call, before, after), partial(alarms_table.put_alarm, after, version)
            )
        except Conflict:
            time.sleep(random.uniform(0, _LONGEST_WAIT_S))  # noqa: S311
        else:
            return _answered(after, version + 1)
    raise Unavailable("the alarm changes all the time")


def _standing(call: Call) -> tuple[Alarm, int]:
    """The alarm that the path names, with its version. Raises Absent."""
    alarm_id = parameters.name_asked(call, "alarm_id")
    found = alarms_table.standing(alarm_id) if _names_a_day(alarm_id) else None
    if found is None:
        raise Absent(f"alarm {alarm_id}")
    return found


def _must_have_seen(call: Call, version: int) -> None:
    if call.version not in (None, version):
        raise Conflict(f"the alarm is at version {version} by now: look at it again")


def _deed(call: Call, before: Alarm, after: Alarm) -> Deed:
    return Deed(
        who=call.caller.id,
        at=call.now,
        what="alarm_acknowledged",
        subjects=(f"alarm:{after.alarm_id}", f"code:{after.code}"),
        why=call.asked(AcknowledgeAsked).note,
        before=codec.dumps(before.acknowledged) if before.acknowledged else "",
        after=codec.dumps(after.acknowledged),
    )


def _answered(alarm: Alarm, version: int) -> Reply:
    cleared = f"It was cleared at {instant.text(alarm.cleared_at)}." if alarm.cleared_at else ""
    told = AlarmAcknowledged(**_told(alarm).model_dump(), says=cleared or "It is told no further.")
    return Reply(body=told, version=version)


def _names_a_day(alarm_id: str) -> bool:
    try:
        day_of(alarm_id)
    except ValueError:
        return False
    return True


def _day(call: Call) -> date:
    text = call.query.get("day")
    return call.now.date() if text is None else parse_day(text)


def _state(query: Mapping[str, str]) -> State | None:
    text = query.get("state")
    found = next((each for each in get_args(State) if each == text), None)
    if text is not None and found is None:
        raise Invalid("state", f"must be one of {', '.join(get_args(State))}")
    return found


def _told(alarm: Alarm) -> AlarmTold:
    return AlarmTold(
        alarm_id=alarm.alarm_id,
        rule=alarm.rule,
        term=alarm.term,
        code=alarm.code_raw or alarm.code,
        promotion_id=alarm.promotion,
        day=alarm.day,
        state=alarm.state,
        opened_at=alarm.opened_at,
        updated_at=alarm.updated_at,
        cleared_at=alarm.cleared_at,
        orders=alarm.orders,
        at_risk=_risks(alarm.at_risk),
        seen=alarm.seen,
        expected=alarm.expected,
        suggested=alarm.suggested,
        evidence=[_use(each) for each in alarm.evidence],
        revision=alarm.revision,
        calls=alarm.call_number(),
        waits=alarm.waits(),
        acknowledged=_by(alarm),
    )


def _by(alarm: Alarm) -> AcknowledgementTold | None:
    seen = alarm.acknowledged
    if seen is None:
        return None
    return AcknowledgementTold(
        by=seen.by,
        at=seen.at,
        note=seen.note,
        orders=seen.orders,
        at_risk=_risks(seen.at_risk),
        stands=alarm.is_acknowledged(),
    )


def _risks(sums: Sums) -> list[RiskTold]:
    return [RiskTold(currency=currency, minor=minor) for currency, minor in sums]


def _use(each: Evidence) -> UseTold:
    return UseTold(
        order=each.order,
        place=each.place,
        redeemed_at=each.redeemed_at,
        at_risk=RiskTold(currency=each.currency, minor=each.at_risk_minor),
        seen=each.seen,
        expected=each.expected,
    )
