"""The shop's REST API, wc/v3: one order with its refunds, or the orders of a window.

Source: woocommerce-rest-api-docs, wp-api-v3, orders and order refunds, read 2026-11-20.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Window

from .calls import get, listed, page_count, told
from .words import GONE

# A page with its refunds is asked for and kept within a sweep's half minute; 100 are allowed.
_A_PAGE = 50
# Of more refunds than this, the rest stay as the order names them: counted, without lines.
_MOST_A_PAGE = 100
# `any` leaves out the trash.
_EVERY = "any"
_TRASH = "trash"


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The order that a notice names, with its refunds in full; or that it is gone."""
    order_id = notice.object_id
    try:
        answer = send(get(connection, f"orders/{quote(order_id, safe='')}"))
    except Refused as refusal:
        # Any other 404 is a wrong address, and says nothing about the order.
        if (refusal.status, refusal.code) != (404, GONE):
            raise
        return (Document(kind="gone", body=_bytes({"id": order_id})),)
    return (_whole(send, connection, told(answer)),)


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """A page of the window's orders, each with its refunds; then a page of those in the trash.

    The listing is walked from its last page to its first: an order that is saved meanwhile leaves
    the window, and those behind it move to pages that are still to come.
    """
    status, _, page = (cursor or f"{_EVERY}:").partition(":")
    asked = {**_span(window), "status": status, "page": page or "1", "per_page": str(_A_PAGE)}
    answer = send(get(connection, "orders", {**asked, "orderby": "id", "order": "asc"}))
    documents = tuple(_whole(send, connection, each) for each in listed(answer))
    return Page(documents=documents, cursor=_next(status, page, page_count(answer)))


def _next(status: str, page: str, pages: int) -> str | None:
    """After a first look at page 1: from the last page back to page 1, then the trash."""
    before = int(page) - 1 if page else pages
    if before > (0 if page else 1):
        return f"{status}:{before}"
    return f"{_TRASH}:" if status == _EVERY else None


def _whole(send: Send, connection: Connection, order: Any) -> Document:
    """An order as a document, with its refunds in full where it names some."""
    if not isinstance(order, dict) or not order.get("refunds"):
        return Document(kind="order", body=_bytes(order))
    path = f"orders/{quote(str(order.get('id')), safe='')}/refunds"
    refunds = listed(send(get(connection, path, {"per_page": str(_MOST_A_PAGE)})))
    return Document(kind="refunded order", body=_bytes({"order": order, "refunds": refunds}))


def _span(window: Window) -> dict[str, str]:
    """Both bounds are exclusive and in whole seconds; ours begins with its start."""
    prefix = "modified_" if window.by == "updated" else ""
    start = window.start.replace(microsecond=0) - timedelta(seconds=1)
    end = window.end.replace(microsecond=0) + timedelta(seconds=bool(window.end.microsecond))
    return {
        f"{prefix}after": _gmt(start),
        f"{prefix}before": _gmt(end),
        "dates_are_gmt": "true",
    }


def _gmt(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}"


def _bytes(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
