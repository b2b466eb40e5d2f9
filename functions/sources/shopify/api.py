"""Shopify's Admin API: lists the orders of a window, and fetches one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Window

from .graph import TooDear, ask
from .query import LIST, MOST_REFUNDS, ONE, order_fragment

Json = dict[str, Any]
Helpings = tuple[tuple[int, int], ...]

ORDER = "order"
_BY = {"updated": ("updated_at", "UPDATED_AT"), "placed": ("processed_at", "PROCESSED_AT")}

# Orders to a page, and entries to each of their lists. The vendor refuses a query by what it might
# cost, and does not publish the whole arithmetic: too dear, and smaller helpings are asked for.
_HELPINGS = ((25, 50), (10, 50), (4, 25), (1, 10))
_HELPINGS_OF_ONE = ((1, 250), (1, 100), (1, 25))
_UNDER_A_SECOND = timedelta(microseconds=999_999)


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """One page of the orders of a window, each whole, with its refunds.

    Raises Throttled with the time that the vendor's bucket needs, Unavailable, and Refused.
    """
    field, by = _BY[window.by]
    # The vendor counts in whole seconds; the window's end does not belong to it.
    start, end = _second(window.start), _second(window.end + _UNDER_A_SECOND)
    asked = {"query": f"{field}:>='{start}' {field}:<'{end}'", "by": by, "after": cursor}
    told: Json = _asked(send, connection, LIST, asked, _HELPINGS)
    orders = (_flat(each) for each in told["nodes"])
    whole = (_alone(send, connection, each["id"]) if _goes_on(each) else each for each in orders)
    more = told["page_info"]
    return Page(
        documents=tuple(_document(each) for each in whole if each is not None),
        cursor=more["end_cursor"] if more["has_next_page"] else None,
    )


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The order that a notice names; none where it is gone.

    Raises Unavailable while the API still shows it as it was before the edit that was told.
    """
    order = _alone(send, connection, notice.object_id)
    if order is None:
        return ()
    edited_at = notice.details.get("committed_at")
    if edited_at and instant.parse(order["updated_at"]) < instant.parse(edited_at):
        raise Unavailable("the order is still shown as it was before its edit")
    return (_document(order),)


def _alone(send: Send, connection: Connection, order_id: str) -> Json | None:
    """One order with all its lines, page by page."""
    asked = {"id": f"gid://shopify/Order/{order_id}"}
    whole: Json | None = _asked(send, connection, ONE, asked, _HELPINGS_OF_ONE)
    if whole is None:
        return None
    told: Json | None = whole
    while told and told["line_items"]["page_info"]["has_next_page"]:
        after = {"after_line": told["line_items"]["page_info"]["end_cursor"]}
        told = _asked(send, connection, ONE, asked | after, _HELPINGS_OF_ONE)
        if not told or told["updated_at"] != whole["updated_at"]:
            raise Unavailable("the order changed while it was read")
        whole["line_items"]["nodes"] += told["line_items"]["nodes"]
    whole["line_items"] = whole["line_items"]["nodes"]
    return _flat(whole)


def _flat(order: Json) -> Json:
    """An order with plain lists in place of pages. A list that goes on stays a page: the reader
    refuses it, so that half a list is never taken for a whole one."""
    flat: Json = _without_pages(order)
    if len(flat["refunds"]) >= MOST_REFUNDS:  # the one list that the API does not page
        flat["refunds"] = {"page_info": {"has_next_page": True}}
    return flat


def _without_pages(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_pages(each) for each in value]
    if not isinstance(value, dict):
        return value
    if _is_page(value) and not value["page_info"]["has_next_page"]:
        return _without_pages(value["nodes"])
    return {name: _without_pages(each) for name, each in value.items()}


def _is_page(value: Json) -> bool:
    return "page_info" in value and "nodes" in value


def _goes_on(value: Any) -> bool:
    """Whether some list in it was cut."""
    if isinstance(value, list):
        return any(_goes_on(each) for each in value)
    if not isinstance(value, dict):
        return False
    return _is_page(value) or any(_goes_on(each) for each in value.values())


def _document(order: Json) -> Document:
    return Document(kind=ORDER, body=json.dumps(order, separators=(",", ":")).encode())


def _asked(send: Send, connection: Connection, query: str, asked: Json, helpings: Helpings) -> Any:
    """What the query's one field gives, for the largest helping that is not too dear."""
    whole = query + order_fragment(staff=connection.options.get("staff") != "none")
    *dearer, cheapest = helpings
    for first, many in dearer:
        try:
            return ask(send, connection, whole, asked | {"first": first, "many": many})
        except TooDear:
            continue
    first, many = cheapest
    return ask(send, connection, whole, asked | {"first": first, "many": many})


def _second(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
