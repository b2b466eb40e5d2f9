"""What a webhook tells: payments whole, orders and refunds by name only. Light: it is the door."""

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Heard, notice_of
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import Key, Narrow, parsed
from vouchsafe.pure.source import Source

from .payment import READER, Payment, payment_facts
from .words import Name

# The reasons stand on the door-plate.
IGNORED = frozenset({"catalog.version.updated"})
IGNORED_GROUPS = ("loyalty.",)


class Envelope(Narrow):
    merchant_id: Key
    type: Key


class OrderStub(Narrow):
    version: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None


class OrderData(Narrow):
    id: Key
    object: Mapping[str, OrderStub] = Field(default_factory=dict)


class OrderEvent(Narrow):
    data: OrderData


class RefundStub(Narrow):
    id: Key
    order_id: Name | None = None


class RefundObject(Narrow):
    refund: RefundStub


class RefundData(Narrow):
    object: RefundObject


class RefundEvent(Narrow):
    data: RefundData


class PaymentObject(Narrow):
    payment: Payment


class PaymentData(Narrow):
    object: PaymentObject


class PaymentEvent(Narrow):
    data: PaymentData


def notices(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    """The facts and notices of a delivery. Raises Forged where it is another merchant's: one
    Square application signs for all of its merchants with one key; and Unreadable."""
    envelope = parsed(Envelope, delivery.body)
    if envelope.merchant_id != connection.shop:
        raise Forged("the delivery is another merchant's")
    hear = _HEARD.get(envelope.type)
    if hear:
        return hear(envelope.type, delivery, connection, identify)
    known = envelope.type in IGNORED or envelope.type.startswith(IGNORED_GROUPS)
    return Heard(event=envelope.type, known=known)


def _order(event: str, delivery: Delivery, connection: Connection, _: Identify) -> Heard:
    data = parsed(OrderEvent, delivery.body).data
    # The name of the stub follows the event's or not: there is only one, and its id is data.id.
    versions = [stub.version for stub in data.object.values() if stub.version is not None]
    details = {"version": str(max(versions))} if versions else {}
    return Heard(event=event, notices=(notice_of(connection, "order", data.id, **details),))


def _refund(event: str, delivery: Delivery, connection: Connection, _: Identify) -> Heard:
    refund = parsed(RefundEvent, delivery.body).data.object.refund
    # This is the order that the return is booked as, never the sale.
    details = {"order_id": refund.order_id} if refund.order_id else {}
    return Heard(event=event, notices=(notice_of(connection, "refund", refund.id, **details),))


def _payment(event: str, delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    payment = parsed(PaymentEvent, delivery.body).data.object.payment
    if not payment.order_id:
        return Heard(event=event)
    source = Source.of_delivery(delivery, connection, identify, READER)
    facts = payment_facts(payment, "data.object.payment", source)
    # A sale rung up at the till may fire no order event at all.
    notice = notice_of(connection, "order", payment.order_id)
    return Heard(event=event, facts=facts, notices=(notice,))


_Hear = Callable[[str, Delivery, Connection, Identify], Heard]
_HEARD: dict[str, _Hear] = {
    "order.created": _order,
    "order.updated": _order,
    "order.fulfillment.updated": _order,
    "refund.created": _refund,
    "refund.updated": _refund,
    "payment.created": _payment,
    "payment.updated": _payment,
}
