"""What did WooCommerce tell us? Orders and refunds, as facts; deletions and actions, as notices."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated

from pydantic import Field

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, GoneSaid
from vouchsafe.pure.hearing import Delivery, Document, Heard, notice_of
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import Narrow, parsed
from vouchsafe.pure.source import Source

from .documents import Order, RefundedOrder
from .order import counts, order_said, version
from .refund import refund_said
from .words import GONE, Number

READER = 1
TOPIC = "x-wc-webhook-topic"

# Custom webhooks on a status hook: `action.woocommerce_order_status_completed`.
_STATUS_HOOK = "action.woocommerce_order_status_"
# Heard, and nothing in it for us; the door-plate says why.
_IGNORED = ("coupon.", "customer.", "product.")


class Deleted(Narrow):
    id: Number


class Action(Narrow):
    """`arg` is the hook's first argument: the order's id."""

    arg: Number


class Refusal(Narrow):
    """What the shop sends in place of an order that its own API would not give it."""

    code: Annotated[str, Field(pattern=r"^(woocommerce_)?rest_[a-z_]{1,80}$")]


def read(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    """What the delivery holds for us. Raises Unreadable."""
    topic = delivery.headers.get(TOPIC, "")
    source = Source.of_delivery(delivery, connection, identify, READER)
    if topic in _READ:
        return _READ[topic](topic, delivery.body, source)
    if topic.startswith(_STATUS_HOOK):
        return _acted(topic, delivery.body, source)
    return Heard(event=topic or "(no topic)", known=topic.startswith(_IGNORED))


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a document of `api`. Raises Unreadable."""
    source = Source.of_document(document, connection, identify, received_at, READER)
    if document.kind == "order":
        return tuple(_facts(parsed(Order, document.body), source))
    if document.kind == "refunded order":
        return tuple(_refunded(parsed(RefundedOrder, document.body), source))
    if document.kind == "gone":
        return (_gone(parsed(Deleted, document.body).id, source),)
    raise Unreadable("document.kind", "must be order, refunded order or gone")


def _facts(order: Order, source: Source) -> Iterator[Fact]:
    """What an order document says; nothing for a part of another order."""
    if counts(order, source.connection):
        said, customer = order_said(order, source.connection), _customer(order, source)
        yield source.fact("order", order.id, order.id, version(order), said, customer)


def _refunded(both: RefundedOrder, source: Source) -> Iterator[Fact]:
    """An order, and its refunds in full."""
    order = both.order
    yield from _facts(order, source)
    for at, refund in enumerate(both.refunds if counts(order, source.connection) else ()):
        said = refund_said(refund, order, f"refunds[{at}]")
        # A refund is never changed: it is made, and may be deleted.
        made = instant.text(refund.date_created_gmt)
        yield source.fact("refund", order.id, refund.id, made, said)


def _gone(order_id: str, source: Source) -> Fact:
    """The shop has the order no more. One version, so that a repeat adds nothing."""
    return source.fact("gone", order_id, order_id, "gone", GoneSaid())


def _customer(order: Order, source: Source) -> tuple[str, ...]:
    return ranked(
        (
            source.identify("email", order.billing.email),
            source.identify("phone", order.billing.phone),
            source.customer(str(order.customer_id or "")),
        )
    )


def _saved(topic: str, body: bytes, source: Source) -> Heard:
    """An order as it stands. Its refunds are told in short: they have to be asked for."""
    try:
        order = parsed(Order, body)
    except Unreadable as error:
        return _refused(topic, body, error)
    facts = tuple(_facts(order, source))
    notices = (notice_of(source.connection, "order", order.id),) if facts and order.refunds else ()
    return Heard(event=topic, facts=facts, notices=notices)


def _refused(topic: str, body: bytes, error: Unreadable) -> Heard:
    """An order that is gone already is nothing to us: `order.deleted` tells of it."""
    try:
        code = parsed(Refusal, body).code
    except Unreadable:
        raise error from None
    if code == GONE:
        return Heard(event=topic)
    raise Unreadable("code", f"is {code}: the webhook's user must be one who may read orders")


def _deleted(topic: str, body: bytes, source: Source) -> Heard:
    """In the trash or gone for good, the topic does not say: the shop is asked."""
    deleted = parsed(Deleted, body)
    return Heard(event=topic, notices=(notice_of(source.connection, "order", deleted.id),))


def _acted(topic: str, body: bytes, source: Source) -> Heard:
    action = parsed(Action, body)
    return Heard(event=topic, notices=(notice_of(source.connection, "order", action.arg),))


_READ: dict[str, Callable[[str, bytes, Source], Heard]] = {
    "order.created": _saved,
    "order.updated": _saved,
    "order.restored": _saved,
    "order.deleted": _deleted,
}
