"""The calls to Square that this room makes, one method each.

Source: developer.squareup.com/reference/square and the vendor's Python SDK 45.1.0.20260819.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Request, Send, Window, object_of

VERSION = "2026-08-19"
# Square publishes no limit; it answers 429 RATE_LIMITED, and the flow then waits.
CALLS_A_SECOND = 5.0
# SearchOrders takes ten locations a call and gives up to 1,000 orders; fewer keep a page small.
LOCATIONS_A_CALL = 10
ORDERS_A_PAGE = 200
# ListPayments, ListPaymentRefunds and BatchRetrieveOrders know no more.
MOST_AT_ONCE = 100
# Listings by update time leave out what was made over a year ago, unless told otherwise; a
# payment can be refunded for a year.
REACH = timedelta(days=366)

Plain = dict[str, Any]  # a document as JSON gives it; it leaves this room as bytes only
Tender = Literal["payments", "refunds"]
T = TypeVar("T")


class Square:
    """One connection to Square."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection

    def one(self, kind: str, object_id: str) -> Plain:
        """An order, payment or refund by its id."""
        found = self._get(f"{kind}s/{quote(object_id, safe='')}").get(kind)
        if not isinstance(found, dict):
            raise Unavailable(f"Square's answer has no {kind}")
        return found

    def locations(self) -> tuple[str, ...]:
        """The locations to list: the connection's own choice, else all."""
        chosen = self._connection.options.get("locations", "").split(",")
        named = tuple(each.strip() for each in chosen if each.strip())
        return named or tuple(str(each.get("id")) for each in self._every("locations"))

    def orders(
        self, window: Window, locations: Sequence[str], cursor: str
    ) -> tuple[list[Plain], str]:
        """A page of a window's orders at up to ten locations, and the cursor to the next."""
        field = "updated_at" if window.by == "updated" else "created_at"
        span = {"start_at": instant.text(window.start), "end_at": instant.text(window.end)}
        asked: Plain = {
            "location_ids": list(locations),
            "limit": ORDERS_A_PAGE,
            "query": {
                "filter": {"date_time_filter": {field: span}},
                "sort": {"sort_field": field.upper(), "sort_order": "ASC"},
            },
        }
        answer = self._post("orders/search", asked | ({"cursor": cursor} if cursor else {}))
        return _many(answer, "orders"), answer.get("cursor") or ""

    def tenders(
        self, kind: Tender, window: Window, location: str | None, cursor: str
    ) -> tuple[list[Plain], str]:
        """A page of a window's payments or refunds, and the cursor to the next. Payments need a
        location: without one Square lists the main one's. Refunds are listed for all."""
        asked = {**_span(window), "sort_order": "ASC", "limit": str(MOST_AT_ONCE)}
        asked |= {"location_id": location} if location else {}
        asked |= {"cursor": cursor} if cursor else {}
        answer = self._get(f"{kind}?{urlencode(asked)}")
        return _many(answer, kind), answer.get("cursor") or ""

    def booked(self, refunds: Iterable[Plain]) -> list[Plain]:
        """The orders that these refunds, a page of them at most, are booked as."""
        ids = sorted(set(only(str, [each.get("order_id") for each in refunds])))
        if not ids:
            return []
        return _many(self._post("orders/batch-retrieve", {"order_ids": ids}), "orders")

    def known(self, kind: str, object_id: object) -> Plain | None:
        """An object by its id; None where that is none, or Square knows no such object."""
        if not object_id or not isinstance(object_id, str):
            return None
        try:
            return self.one(kind, object_id)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None

    def discounts(self, cursor: str) -> tuple[list[Plain], str]:
        """A page of the catalogue's discounts, and the cursor to the next."""
        asked = {"types": "DISCOUNT"} | ({"cursor": cursor} if cursor else {})
        answer = self._get(f"catalog/list?{urlencode(asked)}")
        return _many(answer, "objects"), answer.get("cursor") or ""

    def webhooks(self, cursor: str) -> tuple[list[Plain], str]:
        """A page of the application's webhook subscriptions, and the cursor to the next."""
        asked = {"include_disabled": "true"} | ({"cursor": cursor} if cursor else {})
        answer = self._get(f"webhooks/subscriptions?{urlencode(asked)}")
        return _many(answer, "subscriptions"), answer.get("cursor") or ""

    def change_webhook(self, webhook_id: str, told: Mapping[str, Any]) -> None:
        """Changes what is told of a subscription, and leaves the rest of it."""
        path = f"webhooks/subscriptions/{quote(webhook_id, safe='')}"
        self._write("PUT", path, {"subscription": told})

    def _every(self, kind: str) -> list[Plain]:
        return _many(self._get(kind), kind)

    def _get(self, path: str) -> Plain:
        return self._asked(Request(method="GET", url=self._url(path), headers=self._headers()))

    def _post(self, path: str, asked: Mapping[str, Any]) -> Plain:
        return self._write("POST", path, asked)

    def _write(self, method: Literal["POST", "PUT"], path: str, told: Mapping[str, Any]) -> Plain:
        headers = {**self._headers(), "content-type": "application/json"}
        body = json.dumps(told).encode()
        return self._asked(Request(method=method, url=self._url(path), headers=headers, body=body))

    def _asked(self, request: Request) -> Plain:
        return object_of(self._send(request).body, "Square")

    def _url(self, path: str) -> str:
        return f"{self._connection.api_url.rstrip('/')}/v2/{path}"

    def _headers(self) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self._connection.api_key}",
            "square-version": VERSION,
            "accept": "application/json",
        }


def _span(window: Window) -> dict[str, str]:
    start, end = instant.text(window.start), instant.text(window.end)
    if window.by == "placed":
        return {"begin_time": start, "end_time": end}
    return {
        "begin_time": instant.text(window.start - REACH),
        "updated_at_begin_time": start,
        "updated_at_end_time": end,
        "sort_field": "UPDATED_AT",
    }


def only(kind: type[T], found: object) -> list[T]:
    """The members of a list that are of this kind. What is odd is the reader's to name: it must
    not hold up a whole listing."""
    return [each for each in found if isinstance(each, kind)] if isinstance(found, list) else []


def _many(answer: Plain, name: str) -> list[Plain]:
    """A list of an answer; Square leaves an empty one out."""
    found = answer.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable(f"Square's answer has no list of {name}")
    return found
