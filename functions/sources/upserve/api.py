"""What we ask Upserve: the checks of a window's trading days, which is all that it lists by."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.pull import Page, Request, Send, Window, document_of, json_of

from .read import CHECK

# No limit is published.
CALLS_A_SECOND = 2.0
# The API gives up to 500; what is listed again each quarter of an hour is taken in smaller pages.
CHECKS_A_PAGE = 250

_DAY = timedelta(days=1)
# A trading day is the venue's, which lies west of UTC, and ends in the small hours of the next.
_DAY_BEFORE = timedelta(hours=36)
# Once a day, in the sweep that is under way at this hour of UTC, older days are looked at as well:
# nothing tells that a check of last week was opened again.
_LOOKED_BACK_AT = 9
_LOOKED_BACK = timedelta(days=7)

Plain = dict[str, Any]  # a check as JSON gives it; it leaves this room as bytes only


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a listing has come: its days, and the checks of the first one that are done."""

    days: tuple[str, ...]
    offset: int = 0

    def text(self) -> str:
        """The place as a page's cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """One page of the trading days of a window: the current one and the one before, each time
    whole, for a check has no update time to ask by; and once a day those of the week."""
    place = _resumed(cursor) if cursor else Place(days=_days(window))
    checks, more = _listed(send, connection, place)
    following = replace(place, offset=place.offset + len(checks))
    if not more:
        following = Place(days=place.days[1:])
    return Page(
        documents=tuple(document_of(CHECK, each) for each in checks),
        cursor=following.text() if following.days else None,
    )


def _days(window: Window) -> tuple[str, ...]:
    back = _LOOKED_BACK if window.by == "updated" and _looks_back(window) else timedelta()
    first, last = (window.start - _DAY_BEFORE - back).date(), window.end.date()
    return tuple(_name(first + at * _DAY) for at in range((last - first).days + 1))


def _looks_back(window: Window) -> bool:
    hour = window.start.replace(hour=_LOOKED_BACK_AT, minute=0, second=0, microsecond=0)
    return any(window.start <= each < window.end for each in (hour, hour + _DAY))


def _name(day: date) -> str:
    return day.strftime("%Y%m%d")


def _resumed(cursor: str) -> Place:
    told = json.loads(cursor)
    return Place(days=tuple(told["days"]), offset=told["offset"])


def _listed(send: Send, connection: Connection, place: Place) -> tuple[list[Plain], bool]:
    """The checks of one page, and whether its day has more."""
    asked = {"date": place.days[0], "limit": CHECKS_A_PAGE, "offset": place.offset}
    url = f"{connection.api_url.rstrip('/')}/ws/v2/checks.json?{urlencode(asked)}"
    answer = send(Request(method="GET", url=url, headers=_headers(connection)))
    told = json_of(answer.body, "Upserve")
    checks = told.get("objects") if isinstance(told, dict) else None
    if not isinstance(checks, list) or not all(isinstance(each, dict) for each in checks):
        raise Unavailable("Upserve's answer has no list of checks")
    return checks, bool(checks) and _has_more(told.get("meta"), place.offset + len(checks))


def _has_more(meta: object, seen: int) -> bool:
    told: Mapping[str, object] = meta if isinstance(meta, dict) else {}
    total = told.get("total_count")
    return bool(told.get("next")) or (isinstance(total, int) and seen < total)


def _headers(connection: Connection) -> dict[str, str]:
    return {
        "X-Breadcrumb-Username": connection.shop,
        "X-Breadcrumb-Password": connection.api_secret,
        "X-Breadcrumb-API-Key": connection.api_key,
        "Accept": "application/json",
    }
