"""What we ask Revel: the order that a notice names, and the orders and returns of a window."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Window

from .calls import CALLS_A_SECOND, ORDERS_A_PAGE, PARTS_A_PAGE, Plain, Revel
from .clock import zones
from .whole import Whole, gives_back, is_within, names_another, refers_to

__all__ = ["CALLS_A_SECOND", "fetch", "list_orders"]

Step = Literal["orders", "payments", "returns"]
# Enough of an order to tell whether it gives another one back.
_OF_A_RETURN = "id,created_date,final_total,notes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a listing has come: its step, the time in the last row, and how many rows of that
    very time were seen. Revel's pages shift while orders change, so its offsets are not used."""

    step: Step
    since: str
    seen: int = 0

    def text(self) -> str:
        """The place as a page's cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The order that a notice names."""
    if notice.kind != "order":
        raise Invalid("kind", "must be order")
    revel = Revel(send, connection)
    return tuple(Whole(revel).documents([revel.one("Order", notice.object_id)]))


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """One page of a window: its orders first. By update time, then the orders that money was given
    back on, whether or not that touched them; by placing time, then the returns of its orders that
    were made since. Raises Invalid where no zone is told."""
    revel = Revel(send, connection)
    start, end = _span(connection, window)
    place = Place(**json.loads(cursor)) if cursor else Place(step="orders", since=start)
    if place.step == "orders":
        field = "updated_date" if window.by == "updated" else "created_date"
        rows = _rows(revel, "Order", field, place, end, ORDERS_A_PAGE)
        within = [each for each in rows if is_within(each, field, window, connection)]
        documents = tuple(Whole(revel).documents(within))
        following: Step = "payments" if window.by == "updated" else "returns"
        begin = start if window.by == "updated" else end
        rest = _next(rows, field, place, ORDERS_A_PAGE) or Place(step=following, since=begin)
        return Page(documents=documents, cursor=rest.text())
    if place.step == "payments":
        rows = _rows(revel, "Payment", "created_date", place, end, PARTS_A_PAGE)
        documents = tuple(_given_back(revel, rows))
    else:
        rows = _rows(revel, "Order", "created_date", place, None, PARTS_A_PAGE)
        documents = tuple(_returns(revel, rows, window, connection))
    further = _next(rows, "created_date", place, PARTS_A_PAGE)
    return Page(documents=documents, cursor=further.text() if further else None)


def _span(connection: Connection, window: Window) -> tuple[str, str]:
    """The window by Revel's clocks: from where the first establishment's begins to where the last
    one's ends. What is too much is left out by its instant."""
    kept = zones(connection.options)
    start = min(_naive(window.start.astimezone(each)) for each in kept)
    end = max(_naive(window.end.astimezone(each)) for each in kept)
    return start, end


def _naive(local: datetime) -> str:
    return local.replace(tzinfo=None).isoformat()


def _rows(
    revel: Revel, resource: str, field: str, place: Place, end: str | None, most: int
) -> list[Plain]:
    asked = {f"{field}__gte": place.since, "order_by": field}
    asked |= {"limit": str(most), "offset": str(place.seen)}
    asked |= {f"{field}__lt": end} if end else {"fields": _OF_A_RETURN}
    return revel.page(resource, asked)


def _next(rows: Sequence[Plain], field: str, place: Place, most: int) -> Place | None:
    """The place after a full page; None after the last."""
    if len(rows) < most:
        return None
    last = str(rows[-1].get(field) or place.since)
    same = sum(str(each.get(field)) == last for each in rows)
    return Place(
        step=place.step, since=last, seen=same + (place.seen if last == place.since else 0)
    )


def _given_back(revel: Revel, payments: Sequence[Plain]) -> Iterator[Document]:
    """The orders of the payments below zero."""
    ids = {refers_to(each.get("order")) for each in payments if gives_back(each)}
    orders = revel.every("Order", "id", filter(None, ids))
    return Whole(revel).documents(orders)


def _returns(
    revel: Revel, rows: Sequence[Plain], window: Window, connection: Connection
) -> Iterator[Document]:
    """The returns whose order was placed in the window."""
    ids = [refers_to(each.get("id")) for each in rows if names_another(each)]
    whole = Whole(revel)
    for order in revel.every("Order", "id", filter(None, ids)):
        original = whole.original(order)
        if original and is_within(original, "created_date", window, connection):
            yield from whole.documents([order])
