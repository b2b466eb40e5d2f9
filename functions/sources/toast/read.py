"""What did Toast tell us? Each check of an order, and what was given back of it, as facts."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, Notice
from vouchsafe.pure.hearing import Delivery, Document, Heard, notice_of
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source

from .check import order_said
from .documents import Check, Details, Envelope, Order, OrderTold
from .refund import refunds
from .words import currency_of

READER = 1
# What `api` gives: an order of a listing, and one that was asked for because of its guests.
ORDER, GUEST_ORDER = "order", "guest order"

_READ = frozenset({"order_updated", "channel_order_updated"})
# Heard, and nothing in it for us; the door-plate says why.
_IGNORED = frozenset(
    {
        "menus_updated",
        "stock",
        "restaurant_availability",
        "ordering_schedule",
        "partners",
        "packaging",
        "guest_order_status",
    }
)


def read(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    """What the delivery holds for us. Raises Unreadable."""
    event = parsed(Envelope, delivery.body).event_category
    if event not in _READ:
        return Heard(event=event, known=event in _IGNORED)
    source = Source.of_delivery(delivery, connection, identify, READER)
    details = parsed(OrderTold, delivery.body).details
    facts = tuple(_facts(details, "details.", source))
    return Heard(event=event, facts=facts, notices=tuple(_guests(details, connection)))


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of an order of `api`. Raises Unreadable."""
    if document.kind not in (ORDER, GUEST_ORDER):
        raise Unreadable("document.kind", f"must be {ORDER} or {GUEST_ORDER}")
    source = Source.of_document(document, connection, identify, received_at, READER)
    details = parsed(Details, document.body)
    if document.kind == ORDER:
        return tuple(_facts(details, "", source))
    return tuple(_guest_facts(details, "", source))


def _facts(details: Details, path: str, source: Source) -> Iterator[Fact]:
    """Every check, and its refunds; `path` leads to what both roads share."""
    order, currency = details.order, currency_of(source.connection)
    version = instant.text(order.modified_date)
    for at, check in enumerate(order.checks):
        where = f"{path}order.checks[{at}]"
        said = order_said(order, check, details.restaurant_guid, currency, where)
        yield source.fact("order", check.guid, check.guid, version, said)
        for object_id, since, back in refunds(check, currency, where):
            yield source.fact("refund", check.guid, object_id, since, back)


def _guest_facts(details: Details, path: str, source: Source) -> Iterator[Fact]:
    """The checks whose guest is known, at a version just after the webhook's, which names
    nobody."""
    order, currency = details.order, currency_of(source.connection)
    version = f"{instant.text(order.modified_date)}+guest"
    for at, check in enumerate(order.checks):
        customer = _customer(check, source)
        if customer:
            where = f"{path}order.checks[{at}]"
            said = order_said(order, check, details.restaurant_guid, currency, where)
            yield source.fact("order", check.guid, check.guid, version, said, customer)


def _customer(check: Check, source: Source) -> tuple[str, ...]:
    guest = check.customer
    if guest is None:
        return ()
    return ranked((source.identify("email", guest.email), source.identify("phone", guest.phone)))


def _guests(details: Details, connection: Connection) -> Iterator[Notice]:
    """Webhooks leave the guests out: once a bill is paid, the order is asked for once more."""
    if _is_paid(details.order):
        yield notice_of(
            connection, "guests", details.order.guid, restaurant=details.restaurant_guid
        )


def _is_paid(order: Order) -> bool:
    return any(check.payment_status in ("PAID", "CLOSED") for check in order.checks)
