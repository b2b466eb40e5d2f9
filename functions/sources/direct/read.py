"""What did our API hear? An order as it stands, and what came back of it, as facts."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import (
    Discount,
    Fact,
    Line,
    OrderSaid,
    RefundSaid,
    ReturnedLine,
)
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source
from vouchsafe.pure.told_order import KIND, ToldOrder, ToldReturn

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The order and its returns. Raises Unreadable."""
    if document.kind != KIND:
        raise Unreadable("document.kind", f"must be {KIND}")
    told = parsed(ToldOrder, document.body)
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_facts(told, source))


def _facts(told: ToldOrder, source: Source) -> Iterator[Fact]:
    order = told.order_id
    yield source.fact("order", order, order, _version(told.version), _order(told), told.customer)
    for each in told.returns:
        said = _refund(each, told.currency)
        # A return never changes: its first version is its only one.
        yield source.fact("refund", order, each.return_id, _version(1), said, told.customer)


def _version(number: int) -> str:
    return f"{number:012d}"


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
