"""What Shopify tells: orders, refunds, edits to fetch, and people who want to be forgotten.

A pulled order is asked for in the webhook's own words (see api.py), so that one reader reads both
roads and the same saying makes the same facts.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from pydantic import ConfigDict

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Erasure, Fact, GoneSaid
from vouchsafe.pure.hearing import Delivery, Document, Heard, notice_of
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.money import currency_at
from vouchsafe.pure.parsing import Instant, Narrow, parsed
from vouchsafe.pure.source import Source

from .order import Order, order_said
from .refund import LoneRefund, Refund, refund_said, refund_version
from .words import Number, number

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
    source = Source.of_delivery(delivery, connection, identify, READER)
    return reader(topic, delivery.body, source)


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a pulled order: itself, and its refunds. Raises Unreadable."""
    if document.kind != ORDER:
        raise Unreadable("kind", "is not a document of this room")
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_facts(parsed(Order, document.body), source))


def _order(topic: str, body: bytes, source: Source) -> Heard:
    return Heard(event=topic, facts=tuple(_facts(parsed(Order, body), source)))


def _facts(order: Order, source: Source) -> Iterator[Fact]:
    with_staff = source.connection.options.get("staff") != "none"
    said = order_said(order, with_staff=with_staff)
    customer_id = order.customer.id if order.customer else None
    person = _person(source, customer_id, order.email, order.phone)
    version = instant.text(order.updated_at)
    own = number(order.id)
    yield source.fact("order", own, own, version, said, person)
    for refund in order.refunds:
        yield _refund(order.id, refund, said.currency, source)


def _refund(order_id: str, refund: Refund, currency: str, source: Source) -> Fact:
    said = refund_said(refund, currency)
    version = refund_version(refund)
    return source.fact("refund", number(order_id), number(refund.id), version, said)


def _lone_refund(topic: str, body: bytes, source: Source) -> Heard:
    refund = parsed(LoneRefund, body)
    currency = currency_at(refund.currency, "currency")
    return Heard(event=topic, facts=(_refund(refund.order_id, refund, currency, source),))


def _deleted(topic: str, body: bytes, source: Source) -> Heard:
    """All that is left of an order: its number. One version, for it is gone only once."""
    gone = number(parsed(Deleted, body).id)
    return Heard(event=topic, facts=(source.fact("gone", gone, gone, "gone", GoneSaid()),))


def _edited(topic: str, body: bytes, source: Source) -> Heard:
    """An edit tells what it added and took away, not what the order now is: that is fetched."""
    edit = parsed(Edited, body).order_edit
    notice = notice_of(
        source.connection,
        ORDER,
        number(edit.order_id),
        committed_at=instant.text(edit.committed_at),
    )
    return Heard(event=topic, notices=(notice,))


def _customer_redact(topic: str, body: bytes, source: Source) -> Heard:
    """Who has no orders may be on a list, or was given something."""
    asked = parsed(CustomerRedact, body)
    _own(source, asked.shop_domain)
    orders = tuple(number(each) for each in asked.orders_to_redact)
    person = _person(source, asked.customer.id, asked.customer.email, asked.customer.phone)
    if not orders and not person:
        return Heard(event=topic)
    return Heard(event=topic, erasures=(_erasure(topic, source, orders, person),))


def _shop_redact(topic: str, body: bytes, source: Source) -> Heard:
    _own(source, parsed(ShopRedact, body).shop_domain)
    return Heard(event=topic, erasures=(_erasure(topic, source, whole_account=True),))


def _erasure(
    topic: str,
    source: Source,
    orders: tuple[str, ...] = (),
    person: tuple[str, ...] = (),
    *,
    whole_account: bool = False,
) -> Erasure:
    return Erasure(
        platform=source.connection.platform,
        account=source.connection.account,
        order_ids=orders,
        customer=person,
        asked=topic,
        whole_account=whole_account,
    )


def _person(
    source: Source, customer_id: str | None, email: str | None, phone: str | None
) -> tuple[str, ...]:
    return ranked(
        (
            source.identify("email", email),
            source.identify("phone", phone),
            source.customer(number(customer_id) if customer_id else None),
        )
    )


def _own(source: Source, shop_domain: str) -> None:
    """Raises Unreadable for another shop: the shop's header is not signed, the body is."""
    if shop_domain.strip().casefold() != source.connection.shop.strip().casefold():
        raise Unreadable("shop_domain", "is not the shop of this connection")


_READERS: Mapping[str, Callable[[str, bytes, Source], Heard]] = {
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
