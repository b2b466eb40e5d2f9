"""What did our API hear? An order as it stands, and what came back of it, as facts."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import (
    Body,
    Discount,
    Fact,
    Kind,
    Line,
    OrderKey,
    OrderSaid,
    RefundSaid,
    ReturnedLine,
)
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.told_order import KIND, ToldOrder, ToldReturn

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1


def read_document(
    document: Document, connection: Connection, _identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The order and its returns. Raises Unreadable."""
    if document.kind != KIND:
        raise Unreadable("document.kind", f"must be {KIND}")
    told = parsed(ToldOrder, document.body)
    return tuple(_facts(told, connection, sha256(document.body).hexdigest(), received_at))


def _facts(
    told: ToldOrder, connection: Connection, digest: str, received_at: datetime
) -> Iterator[Fact]:
    key = OrderKey(platform=connection.platform, account=connection.account, order_id=told.order_id)

    def fact(kind: Kind, object_id: str, version: int, body: Body) -> Fact:
        return Fact(
            order=key,
            kind=kind,
            object_id=object_id,
            version=f"{version:012d}",
            body=body,
            source_digest=digest,
            reader=READER,
            received_at=received_at,
            customer=told.customer,
        )

    yield fact("order", told.order_id, told.version, _order(told))
    for each in told.returns:
        # A return never changes: its first version is its only one.
        yield fact("refund", each.return_id, 1, _refund(each, told.currency))


def _order(told: ToldOrder) -> OrderSaid:
    gross = sum(line.gross_minor for line in told.lines)
    discount = sum(each.amount_minor for each in told.discounts)
    signals = (("payment", told.confirmed_at),) if told.confirmed_at else ()
    return OrderSaid(
        currency=told.currency,
        placed_at=told.placed_at,
        updated_at=told.updated_at,
        confirmed_at=told.confirmed_at,
        reversed_at=told.reversed_at,
        reversed_because=told.reversed_because,
        signals=signals,
        location_id=told.location_id,
        channel="api",
        gross_minor=gross,
        discount_minor=discount,
        total_minor=gross - discount + told.shipping_minor,
        lines=tuple(
            Line(
                line_id=line.line_id,
                quantity=line.quantity,
                gross_minor=line.gross_minor,
                sku=line.sku,
                category=line.category,
            )
            for line in told.lines
        ),
        discounts=tuple(_discounts(told)),
    )


def _discounts(told: ToldOrder) -> Iterator[Discount]:
    for at, each in enumerate(told.discounts):
        yield Discount(
            discount_id=f"code:{each.code}",
            kind="code",
            amount_minor=each.amount_minor,
            where=f"discounts[{at}]",
            code_raw=each.code,
            shares=each.shares,
            in_kind=each.in_kind,
        )


def _refund(each: ToldReturn, currency: str) -> RefundSaid:
    return RefundSaid(
        currency=currency,
        state="completed",
        refunded_at=each.at,
        amount_minor=each.amount_minor,
        lines=tuple(ReturnedLine(line_id=line, quantity=units) for line, units in each.lines),
    )
