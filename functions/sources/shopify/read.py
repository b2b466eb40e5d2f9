"""What Shopify tells: orders, refunds, edits to fetch, and people who want to be forgotten.

A pulled order is asked for in the webhook's own words (see api.py), so that one reader reads both
roads and the same saying makes the same facts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pydantic import ConfigDict

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Body, Erasure, Fact, GoneSaid, Kind, Notice, OrderKey
from vouchsafe.pure.hearing import Delivery, Document, Heard
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import Instant, Narrow, parsed

from .order import Order, order_said
from .refund import LoneRefund, Refund, refund_said, refund_version
from .words import Number, number, shop_currency

READER = 1
TOPIC = "x-shopify-topic"
ORDER = "order"

# Known, and nothing in them for us; the door-plate says why.
IGNORED = frozenset(
    {
        "customers/data_request",
        "discounts/create",
        "discounts/delete",
        "discounts/redeemcode_added",
        "discounts/redeemcode_removed",
        "discounts/update",
        "draft_orders/create",
        "draft_orders/delete",
        "draft_orders/update",
        "order_transactions/create",
        "orders/fulfilled",
        "orders/partially_fulfilled",
    }
)


class Deleted(Narrow):
    id: Number


class Edit(Narrow):
    order_id: Number
    committed_at: Instant


class Edited(Narrow):
    order_edit: Edit


class Person(Narrow):
    id: Number | None = None
    email: str | None = None
    phone: str | None = None


class CustomerRedact(Narrow):
    shop_domain: str
    customer: Person
    orders_to_redact: tuple[Number, ...]


class ShopRedact(Narrow):
    """Nothing but the shop: what erases a whole account must not be anything else in disguise."""

    model_config = ConfigDict(extra="forbid")

    shop_id: Number
    shop_domain: str


def read(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    """What a webhook holds for us, decided by its topic. Raises Unreadable."""
    topic = delivery.headers.get(TOPIC, "")
    if not topic:
        raise Unreadable(TOPIC, "is missing")
    reader = _READERS.get(topic)
    if reader is None:
        return Heard(event=topic, known=topic in IGNORED)
    origin = _Origin(connection, identify, delivery.digest(), delivery.received_at)
    return reader(topic, delivery.body, origin)


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a pulled order: itself, and its refunds. Raises Unreadable."""
    if document.kind != ORDER:
        raise Unreadable("kind", "is not a document of this room")
    origin = _Origin(connection, identify, sha256(document.body).hexdigest(), received_at)
    return tuple(_facts(parsed(Order, document.body), origin))


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a document came from, as every fact of it says."""

    connection: Connection
    identify: Identify
    digest: str
    received_at: datetime

    def fact(
        self,
        order_id: str,
        kind: Kind,
        object_id: str,
        version: str,
        body: Body,
        customer: tuple[str, ...] = (),
    ) -> Fact:
        return Fact(
            order=OrderKey(
                platform=self.connection.platform,
                account=self.connection.account,
                order_id=number(order_id),
            ),
            kind=kind,
            object_id=number(object_id),
            version=version,
            body=body,
            source_digest=self.digest,
            reader=READER,
            received_at=self.received_at,
            customer=customer,
        )

    def person(
        self, customer_id: str | None, email: str | None, phone: str | None
    ) -> tuple[str, ...]:
        """Identity keys. A customer's number says who it is in this shop only."""
        shop = f"{self.connection.platform}/{self.connection.account}"
        own = f"{shop}/{number(customer_id)}" if customer_id else None
        return ranked(
            (
                self.identify("email", email),
                self.identify("phone", phone),
                self.identify("customer", own),
            )
        )

    def owns(self, shop_domain: str) -> None:
        """Raises Unreadable for another shop: the shop's header is not signed, the body is."""
        if shop_domain.strip().casefold() != self.connection.shop.strip().casefold():
            raise Unreadable("shop_domain", "is not the shop of this connection")


def _order(topic: str, body: bytes, origin: _Origin) -> Heard:
    return Heard(event=topic, facts=tuple(_facts(parsed(Order, body), origin)))


def _facts(order: Order, origin: _Origin) -> Iterator[Fact]:
    with_staff = origin.connection.options.get("staff") != "none"
    said = order_said(order, with_staff=with_staff)
    customer_id = order.customer.id if order.customer else None
    person = origin.person(customer_id, order.email, order.phone)
    version = instant.text(order.updated_at)
    yield origin.fact(order.id, "order", order.id, version, said, person)
    for refund in order.refunds:
        yield _refund(order.id, refund, said.currency, origin)


def _refund(order_id: str, refund: Refund, currency: str, origin: _Origin) -> Fact:
    said = refund_said(refund, currency)
    return origin.fact(order_id, "refund", refund.id, refund_version(refund), said)


def _lone_refund(topic: str, body: bytes, origin: _Origin) -> Heard:
    refund = parsed(LoneRefund, body)
    fact = _refund(refund.order_id, refund, shop_currency(refund.currency), origin)
    return Heard(event=topic, facts=(fact,))


def _deleted(topic: str, body: bytes, origin: _Origin) -> Heard:
    """All that is left of an order: its number. One version, for it is gone only once."""
    gone = parsed(Deleted, body).id
    return Heard(event=topic, facts=(origin.fact(gone, "gone", gone, "gone", GoneSaid()),))


def _edited(topic: str, body: bytes, origin: _Origin) -> Heard:
    """An edit tells what it added and took away, not what the order now is: that is fetched."""
    edit = parsed(Edited, body).order_edit
    notice = Notice(
        platform=origin.connection.platform,
        account=origin.connection.account,
        kind=ORDER,
        object_id=number(edit.order_id),
        details={"committed_at": instant.text(edit.committed_at)},
    )
    return Heard(event=topic, notices=(notice,))


def _customer_redact(topic: str, body: bytes, origin: _Origin) -> Heard:
    """Who has no orders may be on a list, or was given something."""
    asked = parsed(CustomerRedact, body)
    origin.owns(asked.shop_domain)
    orders = tuple(number(each) for each in asked.orders_to_redact)
    person = origin.person(asked.customer.id, asked.customer.email, asked.customer.phone)
    if not orders and not person:
        return Heard(event=topic)
    return Heard(event=topic, erasures=(_erasure(topic, origin, orders, person),))


def _shop_redact(topic: str, body: bytes, origin: _Origin) -> Heard:
    origin.owns(parsed(ShopRedact, body).shop_domain)
    return Heard(event=topic, erasures=(_erasure(topic, origin, whole_account=True),))


def _erasure(
    topic: str,
    origin: _Origin,
    orders: tuple[str, ...] = (),
    person: tuple[str, ...] = (),
    *,
    whole_account: bool = False,
) -> Erasure:
    return Erasure(
        platform=origin.connection.platform,
        account=origin.connection.account,
        order_ids=orders,
        customer=person,
        asked=topic,
        whole_account=whole_account,
    )


_READERS: Mapping[str, Callable[[str, bytes, _Origin], Heard]] = {
    "orders/create": _order,
    "orders/updated": _order,
    "orders/paid": _order,
    "orders/cancelled": _order,
    "orders/delete": _deleted,
    "orders/edited": _edited,
    "refunds/create": _lone_refund,
    "customers/redact": _customer_redact,
    "shop/redact": _shop_redact,
}
