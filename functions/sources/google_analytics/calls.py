"""How Google is called: who we are, and how far a listing has come."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from vouchsafe.pure.connection import Connection

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
