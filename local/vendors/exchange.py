"""One HTTP exchange with a stand-in: what is asked, what is answered, now and then a refusal."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Protocol, runtime_checkable

from local.payloads.message import Document, Json


@dataclass(frozen=True, slots=True)
class Request:
    """What came in. `path` is what follows the desk's own prefix; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str = ""

    def document(self) -> Document:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Desk(Protocol):
    """One vendor's counter."""

    def answer(self, request: Request) -> Answer: ...


@runtime_checkable
class Subscribable(Protocol):
    """A vendor that holds our wishes to hear of events, and shows them."""

    def subscribe(self, url: str) -> None: ...


class Throttle:
    """Refuses one request in so many, so that clients show how they take it."""

    def __init__(self, one_in: int, *, first: bool = False) -> None:
        self._asked = itertools.count(one_in - 1 if first else 0)
        self._one_in = one_in

    def refuses(self) -> bool:
        # next() on a count is one step of the interpreter: threads never draw the same number.
        return next(self._asked) % self._one_in == self._one_in - 1


def told(document: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json"} | dict(headers or {}))


def instant(text: str, zone: tzinfo = UTC) -> datetime:
    """An ISO 8601 instant; one without an offset is the zone's. Raises ValueError."""
    # A query string makes a blank of a plus that was not escaped.
    found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    return found if found.tzinfo else found.replace(tzinfo=zone)
