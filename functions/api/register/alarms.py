"""Alarms, as the ledger's streams keep them: here they are only read."""

from collections.abc import Mapping
from datetime import date
from typing import get_args

from vouchsafe.edge import alarms_table
from vouchsafe.pure.alarm import Alarm, Evidence, State, day_of
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.business_day import parse_day
from vouchsafe.pure.errors import Absent, Invalid

from . import parameters
from .alarm_words import AlarmsTold, AlarmTold, RiskTold, UseTold


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
    alarm_id = parameters.name_asked(call, "alarm_id")
    found = alarms_table.alarm(alarm_id) if _names_a_day(alarm_id) else None
    if found is None:
        raise Absent(f"alarm {alarm_id}")
    return Reply(body=_told(found))


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
        at_risk=[RiskTold(currency=currency, minor=minor) for currency, minor in alarm.at_risk],
        seen=alarm.seen,
        expected=alarm.expected,
        suggested=alarm.suggested,
        evidence=[_use(each) for each in alarm.evidence],
        revision=alarm.revision,
    )


def _use(each: Evidence) -> UseTold:
    return UseTold(
        order=each.order,
        place=each.place,
        redeemed_at=each.redeemed_at,
        at_risk=RiskTold(currency=each.currency, minor=each.at_risk_minor),
        seen=each.seen,
        expected=each.expected,
    )
