"""Toast's API: the orders of a window in every restaurant, and one order with its guests.

Source: doc.toasttab.com (ordersBulk, authentication, rate limits), read 2026-11-20.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Grant, Page, Request, Send, Window, json_of

from .read import GUEST_ORDER, ORDER
from .verify import restaurants

# 20 a second and 10,000 in a quarter of an hour: the second is the narrower one.
CALLS_A_SECOND = 10.0
_A_PAGE = 100
_A_DAY_S = 86_400


def sign_in(send: Send, connection: Connection, _held: Grant | None, now: datetime) -> Grant:
    """A new grant; Toast allows two an hour, so that everybody shares it."""
    said = {
        "clientId": connection.api_key,
        "clientSecret": connection.api_secret,
        "userAccessType": "TOAST_MACHINE_CLIENT",
    }
    url = f"{connection.api_url.rstrip('/')}/authentication/v1/authentication/login"
    headers = {"content-type": "application/json", "accept": "application/json"}
    answer = send(Request(method="POST", url=url, headers=headers, body=json.dumps(said).encode()))
    told = json_of(answer.body)
    token = told.get("token") if isinstance(told, dict) else None
    if not isinstance(token, dict) or not isinstance(token.get("accessToken"), str):
        raise Unavailable("the vendor's answer holds no token")
    life_s = token.get("expiresIn", _A_DAY_S)
    if not isinstance(life_s, int):
        raise Unavailable("the vendor's answer holds no end of the token")
    return Grant(token=token["accessToken"], expires_at=now + timedelta(seconds=life_s))


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The order that a notice names, with its guests; nothing where Toast has it no more."""
    if notice.kind != "guests":
        raise Invalid("kind", "must be guests")
    restaurant = notice.details.get("restaurant", "")
    path = f"orders/{quote(notice.object_id, safe='')}"
    try:
        answer = send(_get(connection, restaurant, path))
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return ()
    return (_document(GUEST_ORDER, restaurant, json_of(answer.body)),)


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """A page of one restaurant's orders; the cursor says which restaurant, day and page is next.

    By time of change the listing takes a span; by time of sale it takes days of the restaurant, so
    that the window's days are asked for with one on either side.
    """
    places = sorted(restaurants(connection))
    at, day, page = (int(each) for each in (cursor or "0:0:1").split(":"))
    if at >= len(places):
        return Page(documents=())
    spans = _spans(window)
    asked = {**spans[day], "pageSize": str(_A_PAGE), "page": str(page)}
    found = json_of(send(_get(connection, places[at], f"ordersBulk?{urlencode(asked)}")).body)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable("the vendor did not answer with orders")
    documents = tuple(_document(ORDER, places[at], each) for each in found)
    if len(found) == _A_PAGE:
        return Page(documents=documents, cursor=f"{at}:{day}:{page + 1}")
    if day + 1 < len(spans):
        return Page(documents=documents, cursor=f"{at}:{day + 1}:1")
    return Page(documents=documents, cursor=f"{at + 1}:0:1" if at + 1 < len(places) else None)


def headers(connection: Connection, restaurant: str) -> dict[str, str]:
    """What every call for a restaurant bears."""
    return {
        "accept": "application/json",
        "authorization": f"Bearer {connection.access_token}",
        "toast-restaurant-external-id": restaurant,
        "user-agent": "Vouchsafe",
    }


def _spans(window: Window) -> list[dict[str, str]]:
    if window.by == "updated":
        start, end = instant.text(window.start), instant.text(window.end)
        return [{"startDate": start, "endDate": end}]
    first = (window.start - timedelta(days=1)).date()
    days = (window.end.date() - first).days + 1
    return [{"businessDate": f"{first + timedelta(days=at):%Y%m%d}"} for at in range(days)]


def _document(kind: str, restaurant: str, order: Mapping[str, Any]) -> Document:
    said = {"restaurantGuid": restaurant, "order": order}
    return Document(kind=kind, body=json.dumps(said, separators=(",", ":")).encode())


def _get(connection: Connection, restaurant: str, path: str) -> Request:
    return Request(
        method="GET",
        url=f"{connection.api_url.rstrip('/')}/orders/v2/{path}",
        headers=headers(connection, restaurant),
    )
