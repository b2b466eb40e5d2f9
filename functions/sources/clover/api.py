"""What we ask Clover: the orders that a notice names, and the orders of a window."""

from collections.abc import Iterator

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unavailable, Unreadable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.pull import Page, Send, Window, document_of

from .access import sign_in
from .calls import (
    CALLS_A_SECOND,
    GIVEN_BACK,
    MOST_NESTED,
    ORDERS_A_PAGE,
    SOLD,
    Clover,
    Plain,
    elements,
)
from .documents import Order
from .order import is_explained

__all__ = ["CALLS_A_SECOND", "fetch", "list_orders", "sign_in"]

# The option of a connection by which customers are left unread: `no`.
CUSTOMERS = "customers"
# A listing that orders leave while it is paged moves up: what is listed again adds nothing.
_OVERLAP = 10
_TRIES = 2


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """The order that a notice names, by itself or by one of its payments. Raises Unavailable
    where Clover does not show yet what it told us of."""
    reading = _Reading(send, connection)
    if notice.kind == "order":
        return reading.order(notice.object_id, notice.details.get("type", ""))
    if notice.kind == "payment":
        return reading.payment(notice.object_id, notice.details.get("type", ""))
    raise Invalid("kind", "must be order or payment")


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """One page of a window's orders, each with its payments and refunds to this day."""
    offset = int(cursor or 0)
    reading = _Reading(send, connection)
    found, documents = reading.listed(window, offset)
    following = offset + ORDERS_A_PAGE - _OVERLAP if found == ORDERS_A_PAGE else None
    return Page(
        documents=tuple(documents), cursor=str(following) if following is not None else None
    )


class _Reading:
    """Orders put together out of the calls that each takes."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._clover = Clover(send, connection)
        self._with_customers = connection.options.get(CUSTOMERS) != "no"

    def order(self, order_id: str, told: str) -> tuple[Document, ...]:
        """The order; where Clover has it no more, that it is gone, if Clover told so. One that is
        not there though it was only changed was deleted since, and will be told of as such."""
        whole = self._whole(order_id)
        if whole is not None:
            return (document_of("order", whole),)
        if told == "CREATE":
            raise Unavailable("the order is not there yet")
        return (document_of("gone", {"id": order_id}),) if told == "DELETE" else ()

    def payment(self, payment_id: str, told: str) -> tuple[Document, ...]:
        """The order of a payment; one keyed in without an order is no sale's."""
        payment = self._clover.payment(payment_id)
        if payment is None and told == "CREATE":
            raise Unavailable("the payment is not there yet")
        order = (payment or {}).get("order")
        order_id = order.get("id") if isinstance(order, dict) else None
        return self.order(order_id, "UPDATE") if isinstance(order_id, str) and order_id else ()

    def listed(self, window: Window, offset: int) -> tuple[int, list[Document]]:
        """How many orders a page has, and their documents."""
        orders = self._clover.orders(window, SOLD, offset)
        backs = (
            {each.get("id"): each for each in self._clover.orders(window, GIVEN_BACK, offset)}
            if orders
            else {}
        )
        return len(orders), list(self._documents(orders, backs))

    def _documents(self, orders: list[Plain], backs: dict[object, Plain]) -> Iterator[Document]:
        for order in orders:
            back = backs.get(order.get("id"))
            whole = self._joined(order, back) if back and _alike(order, back) else None
            # Between the two listings it has changed, or moved to another page.
            whole = whole or self._whole(str(order.get("id")))
            if whole is not None:
                yield document_of("order", whole)

    def _whole(self, order_id: str) -> Plain | None:
        for _ in range(_TRIES):
            order = self._clover.order(order_id, SOLD)
            back = self._clover.order(order_id, GIVEN_BACK) if order else None
            if order is None or back is None:
                return None
            if _alike(order, back):
                return self._joined(order, back)
        raise Unavailable("the order changes while it is read")

    def _joined(self, order: Plain, back: Plain) -> Plain:
        """One document of an order's two reads, with the lines that they left out, and with what
        its customers may be recognised by."""
        whole = order | {name: back[name] for name in GIVEN_BACK if name in back}
        lines = elements(whole.get("lineItems"))
        if len(lines) >= MOST_NESTED or (lines and not _is_explained(whole)):
            # What a line was modified by costs, and is told only where lines are asked for alone.
            whole["lineItems"] = {"elements": self._clover.lines(str(order.get("id")))}
        people = elements(whole.get("customers"))
        if people:
            whole["customers"] = {"elements": [self._recognised(each) for each in people]}
        return whole

    def _recognised(self, customer: Plain) -> Plain:
        customer_id = customer.get("id")
        asked = self._with_customers and isinstance(customer_id, str)
        known = self._clover.customer(str(customer_id)) if asked else None
        return {
            name: found[name]
            for found in (customer, known or {})
            for name in ("id", "emailAddresses", "phoneNumbers")
            if name in found
        }


def _alike(order: Plain, back: Plain) -> bool:
    """Whether two reads are of the same version."""
    return bool(order.get("modifiedTime") == back.get("modifiedTime"))


def _is_explained(whole: Plain) -> bool:
    """Whether lines and discounts come to the total. What is odd is the reader's to name."""
    try:
        return is_explained(parsed(Order, document_of("order", whole).body))
    except Unreadable:
        return True
