"""What did WooCommerce tell us? Orders and refunds, as facts; deletions and actions, as notices."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Body, Fact, GoneSaid, Kind, Notice, OrderKey
from vouchsafe.pure.hearing import Delivery, Document, Heard
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import Narrow, parsed

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
    source = Source(connection, identify, delivery.digest(), delivery.received_at)
    if topic in _READ:
        return _READ[topic](topic, delivery.body, source)
    if topic.startswith(_STATUS_HOOK):
        return _acted(topic, delivery.body, source)
    return Heard(event=topic or "(no topic)", known=topic.startswith(_IGNORED))


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a document of `api`. Raises Unreadable."""
    source = Source(connection, identify, sha256(document.body).hexdigest(), received_at)
    if document.kind == "order":
        return tuple(source.order(parsed(Order, document.body)))
    if document.kind == "refunded order":
        return tuple(source.refunded(parsed(RefundedOrder, document.body)))
    if document.kind == "gone":
        return (source.gone(parsed(Deleted, document.body).id),)
    raise Unreadable("document.kind", "must be order, refunded order or gone")


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes in hand, of one connection; `digest` is theirs."""

    connection: Connection
    identify: Identify
    digest: str
    received_at: datetime

    def order(self, order: Order) -> Iterator[Fact]:
        """What an order document says; nothing for a part of another order."""
        if counts(order, self.connection):
            said, customer = order_said(order, self.connection), self._customer(order)
            yield self._fact(order.id, "order", order.id, version(order), said, customer)

    def refunded(self, both: RefundedOrder) -> Iterator[Fact]:
        """An order, and its refunds in full."""
        order = both.order
        yield from self.order(order)
        for at, refund in enumerate(both.refunds if counts(order, self.connection) else ()):
            said = refund_said(refund, order, f"refunds[{at}]")
            # A refund is never changed: it is made, and may be deleted.
            made = instant.text(refund.date_created_gmt)
            yield self._fact(order.id, "refund", refund.id, made, said)

    def gone(self, order_id: str) -> Fact:
        """The shop has the order no more. One version, so that a repeat adds nothing."""
        return self._fact(order_id, "gone", order_id, "gone", GoneSaid())

    def notice(self, order_id: str) -> Notice:
        """Somebody has to ask the shop for that order."""
        return Notice(
            platform=self.connection.platform,
            account=self.connection.account,
            kind="order",
            object_id=order_id,
            details={},
        )

    def _fact(
        self,
        order_id: str,
        kind: Kind,
        object_id: str,
        version: str,
        body: Body,
        customer: tuple[str, ...] = (),
    ) -> Fact:
        connection = self.connection
        return Fact(
            order=OrderKey(
                platform=connection.platform, account=connection.account, order_id=order_id
            ),
            kind=kind,
            object_id=object_id,
            version=version,
            body=body,
            source_digest=self.digest,
            reader=READER,
            received_at=self.received_at,
            customer=customer,
        )

    def _customer(self, order: Order) -> tuple[str, ...]:
        """The person's keys. Every shop counts its customers from 1: an id needs its shop."""
        shop = self.connection.account
        customer = f"woocommerce/{shop}/{order.customer_id}" if order.customer_id else None
        return ranked(
            (
                self.identify("email", order.billing.email),
                self.identify("phone", order.billing.phone),
                self.identify("customer", customer),
            )
        )


def _saved(topic: str, body: bytes, source: Source) -> Heard:
    """An order as it stands. Its refunds are told in short: they have to be asked for."""
    try:
        order = parsed(Order, body)
    except Unreadable as error:
        return _refused(topic, body, error)
    facts = tuple(source.order(order))
    notices = (source.notice(order.id),) if facts and order.refunds else ()
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
    return Heard(event=topic, notices=(source.notice(parsed(Deleted, body).id),))


def _acted(topic: str, body: bytes, source: Source) -> Heard:
    return Heard(event=topic, notices=(source.notice(parsed(Action, body).arg),))


_READ: dict[str, Callable[[str, bytes, Source], Heard]] = {
    "order.created": _saved,
    "order.updated": _saved,
    "order.restored": _saved,
    "order.deleted": _deleted,
}
