"""Asking a platform: what a room's `api` is told, what it brings back, and how it speaks HTTP."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open span `[start, end)` of the platform's update time or of its placing time."""

    start: datetime
    end: datetime
    by: Literal["updated", "placed"] = "updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some documents of a listing; `cursor` asks for the next page, None after the last."""

    documents: tuple[Document, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request to a vendor."""

    method: Literal["GET", "POST", "PUT"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A vendor's answer with a 2xx; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A session at a vendor: its token, its end, and what the next one is got with, if anything."""

    token: str = field(repr=False)
    expires_at: datetime
    refresh: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What stands of our wish to hear of an event. `off`: the vendor switched it off, `missing`:
    it has none; neither could be mended, and `why` says so. `made_again`: it is mended now."""

    event: str
    state: Literal["on", "made_again", "off", "missing"]
    why: str = ""


# Sends one request, pacing and time limits included. Raises Throttled (429), Unavailable (5xx,
# time-out, connection lost) and Refused (any other 4xx, with status and vendor's code only).
Send = Callable[[Request], Response]

# list_orders(send, connection, window, cursor): one page of orders, with their refunds.
ListOrders = Callable[[Send, Connection, Window, str | None], Page]

# fetch(send, connection, notice): the documents that a notice names.
FetchNoticed = Callable[[Send, Connection, Notice], tuple[Document, ...]]

# sign_in(send, connection, held, now): a new grant; `held` is the last one, where there was any,
# and what it refreshes with may be good for one time only.
SignIn = Callable[[Send, Connection, Grant | None, datetime], Grant]

# check(send, connection): what the vendor has of our subscriptions, mended where it can be.
CheckSubscriptions = Callable[[Send, Connection], tuple[Subscription, ...]]


def json_of(body: bytes, who: str = "the vendor") -> Any:
    """What an answer says. Raises Unavailable where it is no JSON: it may be a proxy's, and go
    better later."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unavailable(f"{who} did not answer with JSON") from error


def object_of(body: bytes, who: str = "the vendor") -> dict[str, Any]:
    """The JSON object that an answer is. Raises Unavailable where it is none."""
    found = json_of(body, who)
    if not isinstance(found, dict):
        raise Unavailable(f"{who} did not answer with an object")
    return found


def document_of(kind: str, whole: Mapping[str, Any]) -> Document:
    """One text for one content, in whatever order and by whichever call it came. Half a character,
    which JSON can tell and UTF-8 cannot, is a question mark."""
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Document(kind=kind, body=text.encode("utf-8", "replace"))
