"""The K-Series' Financial API, v2: the sales of a window, and the sale that a notice names.

Source: api-docs.lsk.lightspeed.app (financial, OAuth), read 2026-11-20.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.oauth import LOGIN_URL, by_refresh_token
from vouchsafe.pure.pull import Page, Request, Send, Window, object_of

from .verify import locations

# Limits are not published.
CALLS_A_SECOND = 4.0
_A_PAGE = 100
_USUAL_LIFE_S = 3600
# A till's clock and the vendor's need not agree.
_AROUND = timedelta(minutes=15)
_MOST_PAGES = 20


def _login_url(connection: Connection) -> str:
    return connection.options.get(LOGIN_URL) or f"{connection.api_url.rstrip('/')}/oauth/token"


sign_in = by_refresh_token(_USUAL_LIFE_S, _login_url)


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The sale that a notice names. Raises Unavailable where it is not listed yet: it comes."""
    if notice.kind != "sale":
        raise Invalid("kind", "must be sale")
    try:
        closed = EPOCH + timedelta(milliseconds=int(notice.details.get("closed", "")))
    except (ValueError, OverflowError) as error:
        raise Invalid("closed", "must be milliseconds since 1970") from error
    location = notice.details.get("location", "")
    token: str | None = ""
    for _ in range(_MOST_PAGES):
        found, token = _page(
            send, connection, location, closed - _AROUND, closed + _AROUND, token or ""
        )
        for sale in found:
            if sale.get("accountFiscId") == notice.object_id:
                return (_document(location, sale),)
        if not token:
            break
    raise Unavailable("the sale is not listed yet")


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """A page of one location's sales, by the time at which they closed."""
    places = sorted(locations(connection))
    at, _, token = (cursor or "0:").partition(":")
    if int(at) >= len(places):
        return Page(documents=())
    place = places[int(at)]
    found, following = _page(send, connection, place, window.start, window.end, token)
    documents = tuple(_document(place, sale) for sale in found)
    if following:
        return Page(documents=documents, cursor=f"{at}:{following}")
    more = int(at) + 1 < len(places)
    return Page(documents=documents, cursor=f"{int(at) + 1}:" if more else None)


def _page(
    send: Send, connection: Connection, location: str, start: datetime, end: datetime, token: str
) -> tuple[list[dict[str, Any]], str | None]:
    asked = {
        "from": instant.text(start),
        "to": instant.text(end),
        "include": "payments,consumer",
        "pageSize": str(_A_PAGE),
        **({"nextPageToken": token} if token else {}),
    }
    path = f"f/v2/business-location/{quote(location, safe='')}/sales?{urlencode(asked)}"
    answer = send(
        Request(
            method="GET",
            url=f"{connection.api_url.rstrip('/')}/{path}",
            headers={
                "accept": "application/json",
                "authorization": f"Bearer {connection.access_token}",
                "user-agent": "Vouchsafe",
            },
        )
    )
    told = object_of(answer.body)
    found = told.get("sales") or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable("the vendor did not answer with sales")
    following = told.get("nextPageToken")
    return found, following if isinstance(following, str) and following else None


def _document(location: str, sale: Mapping[str, Any]) -> Document:
    said = {"businessLocationId": location, "sale": sale}
    return Document(kind="sale", body=json.dumps(said, separators=(",", ":")).encode())
