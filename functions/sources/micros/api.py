"""What we ask Simphony: the check that a notice names, and the checks of a window."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from vouchsafe.pure import instant
from vouchsafe.pure.business_day import parse_day
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Window, document_of

from .access import sign_in
from .calls import CALLS_A_SECOND, Plain, Reports
from .read import CHECK

__all__ = ["CALLS_A_SECOND", "fetch", "list_orders", "sign_in"]

_DAY = timedelta(days=1)
# How the reports may refuse a location that they do not know by that name.
_UNKNOWN = frozenset({400, 404})
# A check is told of by the till's clock and listed by the reports', seconds or minutes apart.
_BEFORE = timedelta(minutes=5)
# Once a day, in the sweep that is under way at this hour of UTC, older business dates are looked
# at as well: a check may be opened again days after it was paid.
_LOOKED_BACK_AT = 9
_LOOKED_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a listing has come: its locations, and the days that are left of the one at hand."""

    locations: tuple[str, ...]
    at: int = 0
    days: tuple[str, ...] = ()

    def text(self) -> str:
        """The place as a page's cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The check that a notice names. Raises Unavailable where it is not reported yet: Simphony
    tells of a check once, and its reports come after.

    A release before 20.5 does not write a check's reference into its reports: then all checks are
    taken that changed at the location since.
    """
    if notice.kind != CHECK:
        raise Invalid("kind", "must be check")
    reports, told_at = Reports(send, connection), _told_at(notice)
    nameless: list[Document] = []
    for location, latest in _places(reports, notice.details.get("location")):
        for day in _days_of(told_at, latest):
            checks = reports.checks(location, day, told_at - _BEFORE if told_at else None)
            found = [each for each in checks if each.get("posChkGUID") == notice.object_id]
            if found:
                return tuple(_documents(location, found))
            bare = (each for each in checks if not each.get("posChkGUID"))
            nameless += _documents(location, bare)
    if not nameless:
        raise Unavailable("the check is not reported yet")
    return tuple(dict.fromkeys(nameless))


def _places(reports: Reports, named: str | None) -> Iterator[tuple[str, date]]:
    """Where a check may be, each with the business date that it is on there."""
    if not named:
        yield from ((each, reports.latest_day(each)) for each in reports.locations())
        return
    try:
        yield named, reports.latest_day(named)
    except Refused as refusal:
        spelled = reports.spelled(named) if refusal.status in _UNKNOWN else named
        if spelled == named:
            raise
        yield spelled, reports.latest_day(spelled)


def _told_at(notice: Notice) -> datetime | None:
    told = notice.details.get("told_at")
    return instant.parse(told) if told else None


def _days_of(told_at: datetime | None, latest: date) -> Iterator[date]:
    """The business dates that a check may be reported under which changed at that time, newest
    first: a notice may have waited for days, and a check may be open since the day before."""
    told = told_at.date() if told_at else latest
    newest = min(latest, told + _DAY)
    yield from (newest - at * _DAY for at in range((newest - min(newest, told)).days + 2))


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """One page of a window: the checks of one location and business date, which come at once.

    The API lists by business date, and changes of it since a time. So a window is listed date by
    date: those it touches, the one before, and once a day those of the week.
    """
    reports = Reports(send, connection)
    place = _resumed(cursor) if cursor else Place(locations=reports.locations())
    if place.at >= len(place.locations):
        return Page(documents=())
    location = place.locations[place.at]
    days = place.days or _days(reports.latest_day(location), window)
    checks = _listed(reports, location, parse_day(days[0]), window)
    following = replace(place, days=days[1:])
    if not following.days:
        following = replace(following, at=place.at + 1)
    more = following.at < len(place.locations)
    return Page(
        documents=tuple(_documents(location, checks)), cursor=following.text() if more else None
    )


def _listed(reports: Reports, location: str, day: date, window: Window) -> list[Plain]:
    if window.by == "placed":
        return reports.checks(location, day, None, by="opnBusDt")
    late = _DAY if _looks_back(window) else timedelta()
    return reports.checks(location, day, window.start - late)


def _days(latest: date, window: Window) -> tuple[str, ...]:
    """The business dates of a window, the newest last; never none. A location's date may lag
    behind the calendar, and its zone may be a day ahead or behind."""
    back = _LOOKED_BACK if window.by == "updated" and _looks_back(window) else _DAY
    last = min(latest, window.end.date() + _DAY)
    first = min(window.start.date() - back, last)
    return tuple((first + at * _DAY).isoformat() for at in range((last - first).days + 1))


def _looks_back(window: Window) -> bool:
    hour = window.start.replace(hour=_LOOKED_BACK_AT, minute=0, second=0, microsecond=0)
    return any(window.start <= each < window.end for each in (hour, hour + _DAY))


def _resumed(cursor: str) -> Place:
    told = json.loads(cursor)
    return Place(locations=tuple(told["locations"]), at=told["at"], days=tuple(told["days"]))


def _documents(location: str, checks: Iterable[Plain]) -> Iterator[Document]:
    for check in checks:
        yield document_of(CHECK, {"locRef": location, "guestCheck": check})
