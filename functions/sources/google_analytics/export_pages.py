"""Files of the BigQuery export in a bucket: found by name and day, read in pieces, cut at lines.

Source: Google, Cloud Storage JSON API v1 (objects list, get), BigQuery (exporting table data), read
2026-11-20. A page is one piece of one object, so that a function with little memory and time comes
through a file of any size, and a listing that was cut short goes on where it was.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from vouchsafe.pure import instant
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request, Send, Window, object_of

from .calls import Place, headers
from .pieces import Broken, Stored, bucket, piece
from .read import BROKEN, EVENTS
from .report_pages import ZONE
from .words import parse_day

# An option of a connection: what the names of our objects begin with.
PREFIX = "prefix"
# What is parked where a row of it cannot be read.
A_DOCUMENT = 512 * 1024
_A_LISTING = 1000
# Clocks of two houses.
_MARGIN = timedelta(hours=1)
# Whatever lies beside it, `events_intraday_` above all, is not settled, or not ours.
_OURS = re.compile(r"(?:^|/)events_(\d{8})(?![0-9]).*\.(?:json|jsonl|ndjson)(?:\.gz)?$")


def page(
    send: Send, connection: Connection, window: Window, place: Place
) -> tuple[tuple[Document, ...], Place | None]:
    """A piece of the next object that a window wants, and where to go on; None after the last."""
    if "name" in place:
        stored = Stored(**{key: place[key] for key in Stored.__slots__})
    else:
        found = _next(send, connection, window, place.get("after", ""))
        if found is None:
            return (), None
        stored = found
    beyond = {"after": stored.name}
    try:
        lines, read = piece(send, connection, stored)
    except Broken as reason:
        said = json.dumps({"name": stored.name, "rule": str(reason)}).encode()
        return (Document(kind=BROKEN, body=said),), beyond
    except Refused as refusal:
        if refusal.status != 404:
            raise
        # Another generation took its place: it is newer, and the next window brings it.
        return (), beyond
    rest = beyond if read is None else {**asdict(stored), "read": str(read)}
    return tuple(_documents(lines)), rest


def _next(send: Send, connection: Connection, window: Window, after: str) -> Stored | None:
    """The first object behind that name that the window wants."""
    token = ""
    while True:
        answer = object_of(send(_listing(connection, after, token)).body, "Google")
        items = answer.get("items") or []
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            raise Unavailable("Google did not answer with objects")
        for item in items:
            if _is_wanted(item, connection, window) and item["name"] > after:
                return _stored(item)
        token = answer.get("nextPageToken") or ""
        if not token:
            return None


def _is_wanted(item: Mapping[str, Any], connection: Connection, window: Window) -> bool:
    """By its day, or by when it was written: a day's file is written again while late events come.

    What was written after a window's end is taken too: it may have been there within it before.
    """
    match = _OURS.search(str(item.get("name", "")))
    day = _day(match[1]) if match else None
    if day is None:
        return False
    if window.by == "updated":
        return instant.parse(str(item.get("updated", ""))) >= window.start - _MARGIN
    first, last = _days(connection, window)
    return first <= day <= last


def _day(digits: str) -> date | None:
    """The day of a name; None where eight digits are none."""
    try:
        return parse_day(digits)
    except ValueError:
        return None


def _days(connection: Connection, window: Window) -> tuple[date, date]:
    """The property's days in a window; where its zone is not told, those of any zone."""
    end = window.end - timedelta(microseconds=1)
    if name := connection.options.get(ZONE):
        days = DayRule(name)
        return days.day_of(window.start), days.day_of(end)
    return (window.start - timedelta(hours=12)).date(), (end + timedelta(hours=14)).date()


def _stored(item: Mapping[str, Any]) -> Stored:
    name = str(item["name"])
    packed = name.endswith(".gz") or item.get("contentEncoding") == "gzip"
    return Stored(
        name=name,
        generation=str(item.get("generation", "")),
        size=str(item.get("size", "0")),
        packed="gzip" if packed else "",
    )


def _documents(lines: bytes) -> Iterator[Document]:
    """The lines as they are, in documents of a size that can be parked."""
    held: list[bytes] = []
    size = 0
    for line in lines.split(b"\n"):
        if not line.strip():
            continue
        if held and size + len(line) > A_DOCUMENT:
            yield _document(held)
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    if held:
        yield _document(held)


def _document(rows: list[bytes]) -> Document:
    return Document(kind=EVENTS, body=b'{"rows":[' + b",\n".join(rows) + b"]}")


def _listing(connection: Connection, after: str, token: str) -> Request:
    asked = {
        "prefix": connection.options.get(PREFIX, ""),
        "startOffset": after,
        "maxResults": str(_A_LISTING),
        "fields": "items(name,generation,size,updated,contentEncoding),nextPageToken",
        "pageToken": token,
    }
    given = {name: value for name, value in asked.items() if value}
    return Request(
        method="GET",
        url=f"{bucket(connection)}/o?{urlencode(given)}",
        headers=headers(connection),
    )
