"""What did Toast tell us? Each check of an order, and what was given back of it, as facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Body, Fact, Kind, Notice, OrderKey
from vouchsafe.pure.hearing import Delivery, Document, Heard
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import parsed

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
    source = _Source(connection, identify, delivery.digest(), delivery.received_at)
    details = parsed(OrderTold, delivery.body).details
    facts = tuple(source.facts(details, "details."))
    return Heard(event=event, facts=facts, notices=tuple(_guests(details, connection)))


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of an order of `api`. Raises Unreadable."""
    if document.kind not in (ORDER, GUEST_ORDER):
        raise Unreadable("document.kind", f"must be {ORDER} or {GUEST_ORDER}")
    source = _Source(connection, identify, sha256(document.body).hexdigest(), received_at)
    details = parsed(Details, document.body)
    if document.kind == ORDER:
        return tuple(source.facts(details, ""))
    return tuple(source.guests(details, ""))


@dataclass(frozen=True, slots=True)
class _Source:
    """The bytes in hand, of one connection; `digest` is theirs."""

    connection: Connection
    identify: Identify
    digest: str
    received_at: datetime

    def facts(self, details: Details, path: str) -> Iterator[Fact]:
        """Every check, and its refunds; `path` leads to what both roads share."""
        currency = currency_of(self.connection)
        for at, check in enumerate(details.order.checks):
            where = f"{path}order.checks[{at}]"
            yield self._check(details, check, where, currency)
            for object_id, version, said in refunds(check, currency, where):
                yield self._fact(check.guid, "refund", object_id, version, said)

    def guests(self, details: Details, path: str) -> Iterator[Fact]:
        """The checks whose guest is known, at a version just after the webhook's, which names
        nobody."""
        currency = currency_of(self.connection)
        for at, check in enumerate(details.order.checks):
            customer = self._customer(check)
            if customer:
                where = f"{path}order.checks[{at}]"
                yield self._check(details, check, where, currency, customer)

    def _check(
        self,
        details: Details,
        check: Check,
        path: str,
        currency: str,
        customer: tuple[str, ...] = (),
    ) -> Fact:
        order = details.order
        said = order_said(order, check, details.restaurant_guid, currency, path)
        version = instant.text(order.modified_date) + ("+guest" if customer else "")
        return self._fact(check.guid, "order", check.guid, version, said, customer)

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

    def _customer(self, check: Check) -> tuple[str, ...]:
        guest = check.customer
        if guest is None:
            return ()
        return ranked((self.identify("email", guest.email), self.identify("phone", guest.phone)))


def _guests(details: Details, connection: Connection) -> Iterator[Notice]:
    """Webhooks leave the guests out: once a bill is paid, the order is asked for once more."""
    if _is_paid(details.order):
        yield Notice(
            platform=connection.platform,
            account=connection.account,
            kind="guests",
            object_id=details.order.guid,
            details={"restaurant": details.restaurant_guid},
        )


def _is_paid(order: Order) -> bool:
    return any(check.payment_status in ("PAID", "CLOSED") for check in order.checks)
