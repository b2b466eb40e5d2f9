"""What we ask Square: the objects that a notice names, and the listings of a window."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Window, document_of

from .calls import CALLS_A_SECOND, LOCATIONS_A_CALL, Plain, Square, only

__all__ = ["CALLS_A_SECOND", "fetch", "list_orders"]

Step = Literal["orders", "payments", "refunds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a listing has come: its step, its locations, and Square's cursor."""

    step: Step
    locations: tuple[str, ...]
    at: int = 0
    cursor: str = ""

    def text(self) -> str:
        """The place as a page's cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The documents that a notice names. Raises Unavailable where Square does not show yet what
    it told us of: its reads lag behind its webhooks."""
    square = Square(send, connection)
    if notice.kind == "order":
        order = square.one("order", notice.object_id)
        if order.get("version", 0) < int(notice.details.get("version", 0)):
            raise Unavailable("the order is not there yet in the version that was told")
        return (_order(square, order, {}),)
    if notice.kind == "refund":
        refund = square.one("refund", notice.object_id)
        order_id = refund.get("order_id")
        orders = [square.one("order", order_id)] if order_id else []
        if orders and not (orders[0].get("returns") or orders[0].get("line_items")):
            raise Unavailable("the return order is not filled yet")
        return tuple(_refunds(square, [refund], orders))
    raise Invalid("kind", "must be order or refund")


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """One page of a window: its orders first, then its payments, then its refunds.

    By update time, each of the three is listed by its own. By placing time, payments are followed
    to what became of them since, so that an order comes with its refunds to this day. Square's
    ranges include their end: what falls on a seam comes twice, and counts once.
    """
    square = Square(send, connection)
    place = _resumed(cursor) if cursor else Place(step="orders", locations=square.locations())
    try:
        documents, rest = _listed(square, place, window)
    except Refused as refusal:
        if refusal.status != 400 or not place.cursor:
            raise
        # Square's cursors live 15 minutes. A step begun again repeats itself, and adds nothing.
        place = replace(place, cursor="")
        documents, rest = _listed(square, place, window)
    following = replace(place, cursor=rest) if rest else _after(place, window)
    return Page(documents=tuple(documents), cursor=following.text() if following else None)


def _resumed(cursor: str) -> Place:
    told = json.loads(cursor)
    return Place(**{**told, "locations": tuple(told["locations"])})


def _after(place: Place, window: Window) -> Place | None:
    """The next place to list from, after the last page of one."""
    steps: tuple[Step, ...] = ("orders", "payments")
    steps += ("refunds",) if window.by == "updated" else ()
    at = place.at + (LOCATIONS_A_CALL if place.step == "orders" else 1)
    if place.step != "refunds" and at < len(place.locations):
        return replace(place, at=at, cursor="")
    left = steps[steps.index(place.step) + 1 :]
    return replace(place, step=left[0], at=0, cursor="") if left else None


def _listed(square: Square, place: Place, window: Window) -> tuple[Iterable[Document], str]:
    if place.step == "orders":
        here = place.locations[place.at : place.at + LOCATIONS_A_CALL]
        found, rest = square.orders(window, here, place.cursor)
        return _orders(square, found, window), rest
    if place.step == "payments":
        location = place.locations[place.at]
        found, rest = square.tenders("payments", window, location, place.cursor)
        return _payments(square, found, window), rest
    found, rest = square.tenders("refunds", window, None, place.cursor)
    return _refunds(square, found, square.booked(found)), rest


def _orders(square: Square, orders: Sequence[Plain], window: Window) -> Iterator[Document]:
    """Orders; by placing time, with payments that came after the window: a tab kept open over
    midnight, an invoice. The listing of the window's own payments leaves those out."""
    for order in orders:
        yield _order(square, order, {})
        late = (each for each in only(dict, order.get("tenders")) if _is_late(each, window))
        payments = (square.known("payment", each.get("id")) for each in late)
        yield from _payments(square, filter(None, payments), window)


def _is_late(tender: Plain, window: Window) -> bool:
    if window.by == "updated":
        return False
    try:
        return instant.parse(str(tender.get("created_at"))) > window.end
    except Invalid:
        return False


def _payments(square: Square, payments: Iterable[Plain], window: Window) -> Iterator[Document]:
    for payment in payments:
        yield document_of("payment", {"payment": payment})
        if window.by == "placed":
            named = only(str, payment.get("refund_ids"))
            refunds = list(filter(None, (square.known("refund", each) for each in named)))
            yield from _refunds(square, refunds, square.booked(refunds))


def _order(square: Square, order: Plain, known: Mapping[str, Plain]) -> Document:
    """An order, and for a return the refunds that it names. `known` are in hand already.

    What the Refunds API does not know (a return that paid nothing out, a refund older than that
    API) is as the order itself says.
    """
    returns = only(dict, order.get("returns"))
    if not returns:
        return document_of("order", {"order": order})
    refunds = {**known}
    for refund_id, named in _by_id(only(dict, order.get("refunds"))).items():
        if refund_id not in refunds:
            refunds[refund_id] = square.known("refund", refund_id) or named
    whole: Plain = {"order": order, "refunds": [refunds[each] for each in sorted(refunds)]}
    if not all(each.get("source_order_id") for each in returns):
        whole["source_order_id"] = _sale_of(square, whole["refunds"])
    return document_of("order", whole)


def _refunds(
    square: Square, refunds: Sequence[Plain], orders: Sequence[Plain]
) -> Iterator[Document]:
    """The return orders of these refunds, each once; for a refund that has none, the refund and
    the sale that its payment paid for. One that gave back no payment is no sale's."""
    returns = _by_id(each for each in orders if each.get("returns"))
    for order_id, order in returns.items():
        own = _by_id(each for each in refunds if each.get("order_id") == order_id)
        yield _order(square, order, own)
    for refund in refunds:
        booked = any(refund.get("order_id") == each for each in returns)
        sale = None if booked else _sale_of(square, [refund])
        if sale:
            yield document_of("refund", {"refund": refund, "source_order_id": sale})


def _by_id(objects: Iterable[Plain]) -> dict[str, Plain]:
    return {each["id"]: each for each in objects if isinstance(each.get("id"), str)}


def _sale_of(square: Square, refunds: Iterable[Plain]) -> str | None:
    """The order whose payment these refunds gave back."""
    payments = (square.known("payment", each.get("payment_id")) for each in refunds)
    return next((each.get("order_id") for each in payments if each), None)
