"""Days as an iCalendar file, which calendars of every maker take in (RFC 5545, September 2009)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MEDIA_TYPE = "text/calendar; charset=utf-8"
# Section 3.1: octets of a line at most, without its end; what follows begins with a blank.
_LONGEST_LINE = 75
_ESCAPED = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Whole days, the last one included. `uid` stays the same, so that a later file changes it."""

    uid: str
    starts_on: date
    ends_on: date
    summary: str
    description: str = ""
    category: str = ""


def icalendar(name: str, events: Iterable[Event], now: datetime) -> str:
    """The file; days that hold nobody up (TRANSPARENT)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vouchsafe//register//EN"]
    lines += ["CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}"]
    for event in events:
        lines += _lines(event, now)
    lines.append("END:VCALENDAR")
    return "".join(folded for line in lines for folded in _folded(line))


def _lines(event: Event, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{event.starts_on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.ends_on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.category:
        yield f"CATEGORIES:{_text(event.category)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """No character is cut: a line is as long as whole characters allow."""
    part = ""
    for sign in line:
        if len((part + sign).encode()) > _LONGEST_LINE:
            yield f"{part}\r\n"
            part = " "
        part += sign
    yield f"{part}\r\n"
