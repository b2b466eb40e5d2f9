"""Reports of the Data API: day by day, kind by kind, page by page.

Source: Google, Data API v1beta: properties.runReport, quotas, read 2026-11-20.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from vouchsafe.pure.business_day import parse_day, zone
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Throttled, Unavailable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request, Send, Window, object_of

from .calls import Place, headers
from .reports import report, wished

# Google gives up to 250,000; so many sightings are looked up and written within seconds.
A_PAGE = 2_000
# Events come late by up to three days: a day is read again until it is settled.
LATE = timedelta(days=3)
# The property's quota is also that of the shop's own dashboards: we step back first.
_LEFT_TO_OTHERS = 500
_UNTIL_MORE_S = 1800.0
_QUOTAS = ("tokensPerDay", "tokensPerHour", "tokensPerProjectPerHour")
ZONE = "zone"
_DAY = timedelta(days=1)


def page(
    send: Send, connection: Connection, window: Window, place: Place
) -> tuple[tuple[Document, ...], Place | None]:
    """A page of one report, and where the next one is; None after the last."""
    kinds = wished(connection)
    if "day" not in place:
        first, last = _days(send, connection, window)
        place = {"day": first.isoformat(), "last": last.isoformat()}
    kind = place.get("kind", kinds[0])
    offset = int(place.get("offset", "0"))
    answer = _asked(send, connection, _question(connection, kind, place["day"], offset))
    rows = answer.get("rows") or []
    if not isinstance(rows, list):
        raise Unavailable("Google did not answer with rows")
    document = Document(kind=kind, body=_written(answer))
    come = offset + len(rows)
    if rows and come < _whole(answer.get("rowCount")):
        return (document,), {**place, "kind": kind, "offset": str(come)}
    return (document,), _next(kinds, kind, place)


def _next(kinds: tuple[str, ...], kind: str, place: Place) -> Place | None:
    rest = kinds[kinds.index(kind) + 1 :] if kind in kinds else ()
    if rest:
        return {"day": place["day"], "last": place["last"], "kind": rest[0]}
    day = parse_day(place["day"]) + _DAY
    if day > parse_day(place["last"]):
        return None
    return {"day": day.isoformat(), "last": place["last"]}


def _days(send: Send, connection: Connection, window: Window) -> tuple[date, date]:
    """The days of the property that a window touches, and those that late events may change."""
    where = zone(connection.options.get(ZONE) or _zone_name(send, connection, window.start))
    first = window.start.astimezone(where).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(where).date()
    return (first - LATE if window.by == "updated" else first), max(first, last)


def _zone_name(send: Send, connection: Connection, at: datetime) -> str:
    """The property's own zone: every report tells it."""
    day = at.date().isoformat()
    asked = {
        "dateRanges": [{"startDate": day, "endDate": day}],
        "metrics": [{"name": "eventCount"}],
        "limit": "1",
    }
    metadata = _asked(send, connection, asked).get("metadata")
    name = metadata.get("timeZone") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise Unavailable("Google did not tell the property's time zone")
    return name


def _question(connection: Connection, kind: str, day: str, offset: int) -> dict[str, Any]:
    wanted = report(kind, connection)
    by_event = {"fieldName": "eventName", "stringFilter": {"value": wanted.event}}
    return {
        "dateRanges": [{"startDate": day, "endDate": day}],
        "dimensions": [{"name": name} for name in wanted.dimensions],
        "metrics": [{"name": name} for name in wanted.metrics],
        "dimensionFilter": {"filter": by_event},
        # Pages are cut out of one order.
        "orderBys": [{"dimension": {"dimensionName": name}} for name in wanted.dimensions],
        "limit": str(A_PAGE),
        "offset": str(offset),
        "returnPropertyQuota": True,
    }


def _asked(send: Send, connection: Connection, question: dict[str, Any]) -> dict[str, Any]:
    prefix = "" if connection.shop.startswith("properties/") else "properties/"
    name = quote(f"{prefix}{connection.shop}", safe="/")
    request = Request(
        method="POST",
        url=f"{connection.api_url.rstrip('/')}/v1beta/{name}:runReport",
        headers=headers(connection, **{"content-type": "application/json"}),
        body=json.dumps(question).encode(),
    )
    answer = object_of(send(request).body, "Google")
    _leave_some(answer.get("propertyQuota"))
    return answer


def _leave_some(quota: object) -> None:
    """Raises Throttled where little is left of what the property allows."""
    held = quota if isinstance(quota, dict) else {}
    for name in _QUOTAS:
        status = held.get(name)
        left = status.get("remaining", 0) if isinstance(status, dict) else None
        if isinstance(left, int) and left < _LEFT_TO_OTHERS:
            raise Throttled(f"{name} of the property is nearly used", _UNTIL_MORE_S)


def _written(answer: dict[str, Any]) -> bytes:
    """The report without what it cost, so that the same report is the same bytes again."""
    kept = {name: value for name, value in answer.items() if name != "propertyQuota"}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
