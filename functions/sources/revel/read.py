"""What did Revel tell us? Orders that are told whole, as facts; all others, as notices."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, Notice
from vouchsafe.pure.hearing import Delivery, Document, Heard, notice_of
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import Narrow, parsed
from vouchsafe.pure.source import Source

from .clock import Clock
from .documents import Customer, Order, OrderDocument
from .order import currency_of, order_said, version
from .refund import goods_back, is_return, money_back
from .words import Number

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1

EVENT = "x-revel-event-type"
FINALIZED = "order.finalized"
# The reasons stand on the door-plate.
IGNORED = frozenset(
    {
        "app.integration.changed",
        "customer.created",
        "customer.updated",
        "inout.stock",
        "menu.updated",
        "ping",
        "rewardcard.created",
        "timesheet.created",
        "timesheet.deleted",
        "timesheet.updated",
    }
)


class Told(Narrow):
    """As much of an order as says whether it is told whole."""

    id: Number | None = None
    final_total: object = None
    items: object = None
    payments: object = None
    customer: object = None


class Envelope(Told):
    """A delivery: an order bare, one inside `order`, or its event and id alone."""

    event: object = None
    order: Told | None = None


def read(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    """What the delivery holds for us. Raises Unreadable."""
    event = delivery.headers.get(EVENT, "")
    if event and event != FINALIZED:
        return Heard(event=event, known=event in IGNORED)
    envelope = parsed(Envelope, delivery.body)
    event = event or _event_of(envelope)
    if event != FINALIZED:
        return Heard(event=event, known=event in IGNORED)
    told = envelope.order or envelope
    if not _is_whole(told):
        return Heard(event=event, notices=(_notice(told, connection),))
    source = Source.of_delivery(delivery, connection, identify, READER)
    if envelope.order:
        document = parsed(OrderDocument, delivery.body)
    else:
        document = OrderDocument(order=parsed(Order, delivery.body))
    if is_return(document.order):
        # What it gives back has to be asked for.
        return Heard(event=event, notices=(_notice(told, connection),))
    return Heard(event=event, facts=tuple(_facts(document, source)))


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of one document of `api`. Raises Unreadable."""
    if document.kind != "order":
        raise Unreadable("document.kind", "must be order")
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_facts(parsed(OrderDocument, document.body), source))


def _event_of(envelope: Envelope) -> str:
    """The event of a delivery whose header does not say it."""
    if isinstance(envelope.event, str) and envelope.event:
        return envelope.event
    return FINALIZED if (envelope.order or envelope).final_total is not None else "(no event)"


def _is_whole(told: Told) -> bool:
    """Whether nothing has to be asked for: items and payments are there, and the customer is
    told or there is none."""
    known = told.customer in (None, "") or isinstance(told.customer, dict)
    return isinstance(told.items, list) and isinstance(told.payments, list) and known


def _notice(told: Told, connection: Connection) -> Notice:
    if told.id is None:
        raise Unreadable("id", "is missing")
    return notice_of(connection, "order", told.id)


def _facts(document: OrderDocument, source: Source) -> Iterator[Fact]:
    order, options = document.order, source.connection.options
    currency, clock = currency_of(options), Clock(options, order.establishment)
    bare = is_return(order)
    if bare and document.original:
        yield goods_back(order, document.original, clock, source, currency)
        return
    said = order_said(order, clock, currency, bare=bare)
    customer = _customer(order.customer, source)
    yield source.fact("order", order.id, order.id, version(order, clock), said, customer)
    if not bare:
        yield from money_back(order, clock, source, currency)


def _customer(customer: Customer | None, source: Source) -> tuple[str, ...]:
    """The person's keys."""
    if customer is None:
        return ()
    return ranked(
        (
            source.identify("email", customer.email),
            source.identify("phone", customer.phone_number),
            source.customer(customer.id),
        )
    )
