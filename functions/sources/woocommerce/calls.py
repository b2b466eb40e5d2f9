"""The calls to a shop's REST API that this room makes, and what their answers hold.

Source: woocommerce-rest-api-docs, wp-api-v3, authentication and pagination, read 2026-11-20.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Request, Response, json_of

_PAGES = "x-wp-totalpages"


def get(connection: Connection, path: str, asked: Mapping[str, str] | None = None) -> Request:
    """Asks for something by its path and what goes into the query."""
    address = _address(connection, path)
    return Request(
        method="GET",
        url=f"{address}?{urlencode(asked)}" if asked else address,
        headers=_headers(connection),
    )


def write(
    method: Literal["POST", "PUT"], connection: Connection, path: str, told: Mapping[str, str]
) -> Request:
    """Makes something (POST), or changes it (PUT)."""
    return Request(
        method=method,
        url=_address(connection, path),
        headers={**_headers(connection), "content-type": "application/json"},
        body=json.dumps(told).encode(),
    )


def page_count(answer: Response) -> int:
    """How many pages a listing has."""
    try:
        return int(answer.headers[_PAGES])
    except (KeyError, ValueError) as error:
        raise Refused(f"the shop's listing has no {_PAGES}") from error


def listed(answer: Response) -> list[Any]:
    """What a listing holds."""
    found = told(answer)
    if not isinstance(found, list):
        raise Unavailable("the shop did not answer with a list")
    return found


def told(answer: Response) -> Any:
    """The answer; a plugin that prints a warning before it makes it unreadable, for now."""
    return json_of(answer.body, "the shop")


def _address(connection: Connection, path: str) -> str:
    return f"{connection.api_url.rstrip('/')}/wp-json/wc/v3/{path}"


def _headers(connection: Connection) -> dict[str, str]:
    """Key and secret by HTTP Basic, which WooCommerce takes over HTTPS only."""
    pair = f"{connection.api_key}:{connection.api_secret}".encode()
    return {
        "accept": "application/json",
        "authorization": f"Basic {base64.b64encode(pair).decode()}",
        "user-agent": "Vouchsafe",
    }
