"""How Google is called: who we are, what an answer holds, and how far a listing has come."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable

# How far a listing has come, text by text; a cursor is this as one text.
Place = Mapping[str, str]


def place_of(cursor: str | None) -> Place:
    """What a cursor says; empty at the beginning."""
    return dict(parse_qsl(cursor or "", keep_blank_values=True))


def cursor_of(way: str, place: Place) -> str:
    """The cursor that goes on from there, by that way."""
    return urlencode({"way": way, **place})


def headers(connection: Connection, **more: str) -> dict[str, str]:
    """Of a call with the running grant."""
    return {
        "accept": "application/json",
        "authorization": f"Bearer {connection.access_token}",
        "user-agent": "Vouchsafe",
        **more,
    }


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer. Raises Unavailable where it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unavailable("Google did not answer with JSON") from error
    if not isinstance(found, dict):
        raise Unavailable("Google did not answer with an object")
    return found
