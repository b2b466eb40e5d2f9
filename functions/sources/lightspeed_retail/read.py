"""What does the R-Series tell us? Sales as orders; lines that go back as refunds of their sales."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, Line, OrderSaid, RefundSaid, ReturnedLine
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.money import minor_at, rounded_at
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source

from .discounts import discounts
from .documents import NONE, Sale, SaleLine, Told
from .words import currency_of

READER = 1

# Lines of a sale, with their places in it.
Lines = list[tuple[int, SaleLine]]


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a sale of `api`. Raises Unreadable."""
    if document.kind != "sale":
        raise Unreadable("document.kind", "must be sale")
    currency = currency_of(connection)
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_facts(parsed(Told, document.body), currency, source))


def _facts(told: Told, currency: str, source: Source) -> Iterator[Fact]:
    """The sale, unless it is nothing but a return, and each return under its own sale."""
    sale, own, version = told.sale, told.sale.sale_id, instant.text(told.sale.time_stamp)
    stay: Lines = []
    back: dict[str, Lines] = defaultdict(list)
    for at, line in enumerate(sale.lines.rows):
        original = _original(line, told)
        (back[original] if original else stay).append((at, line))
    if stay or not back:
        said = _order_said(sale, stay, currency, whole=not back)
        yield source.fact("order", own, own, version, said, _customer(sale, source))
    for original, lines in sorted(back.items()):
        yield source.fact("refund", original, own, version, _refund_said(sale, lines, currency))


def _order_said(sale: Sale, lines: Lines, currency: str, *, whole: bool) -> OrderSaid:
    """`whole`: no line of the sale is told elsewhere, so that its own totals are ours."""
    taken = discounts(sale, lines, currency)
    rung = tuple(_lines(lines, currency))
    gross = sum(line.gross_minor for line in rung)
    discount = sum(each.amount_minor for each in taken)
    tip = _tip(sale, currency) if whole else 0
    total = (
        minor_at(sale.calc_total, currency, "sale.calcTotal") if whole else _money(lines, currency)
    )
    tax = _tax(sale, currency) if whole else total - gross + discount
    done = sale.complete_time if sale.completed == "true" else None
    return OrderSaid(
        currency=currency,
        placed_at=sale.create_time,
        updated_at=sale.time_stamp,
        confirmed_at=done,
        reversed_at=sale.time_stamp if sale.voided == "true" else None,
        reversed_because="voided" if sale.voided == "true" else None,
        signals=(("final_bill", done), ("payment", done)) if done else (),
        location_id=sale.shop_id if sale.shop_id != NONE else None,
        staff=sale.employee_id if sale.employee_id != NONE else None,
        gross_minor=gross,
        discount_minor=discount,
        tax_minor=tax,
        tip_minor=tip,
        total_minor=total,
        # Where prices hold the tax, it is in the gross already.
        sums_foot=min(abs(gross - discount + each - total) for each in (tax, 0)) <= len(rung),
        lines=rung,
        discounts=taken,
    )


def _lines(lines: Lines, currency: str) -> Iterator[Line]:
    for at, line in lines:
        path = f"sale.SaleLines.SaleLine[{at}].unitPrice"
        yield Line(
            line_id=line.sale_line_id,
            quantity=line.unit_quantity,
            gross_minor=rounded_at(line.unit_quantity * line.unit_price, currency, path),
            sku=line.item_id if line.item_id != NONE else None,
        )


def _refund_said(sale: Sale, lines: Lines, currency: str) -> RefundSaid:
    done = sale.completed == "true" and sale.voided == "false"
    return RefundSaid(
        currency=currency,
        state="completed" if done else "failed" if sale.voided == "true" else "pending",
        refunded_at=sale.complete_time or sale.create_time,
        amount_minor=abs(_money(lines, currency)),
        lines=tuple(
            ReturnedLine(line_id=line.parent_sale_line_id, quantity=abs(line.unit_quantity))
            for _, line in lines
        ),
    )


def _money(lines: Lines, currency: str) -> int:
    return sum(
        rounded_at(line.calc_total, currency, f"sale.SaleLines.SaleLine[{at}].calcTotal")
        for at, line in lines
    )


def _tax(sale: Sale, currency: str) -> int:
    return sum(
        rounded_at(amount, currency, f"sale.{name}")
        for name, amount in (("calcTax1", sale.calc_tax1), ("calcTax2", sale.calc_tax2))
    )


def _tip(sale: Sale, currency: str) -> int:
    return sum(
        minor_at(each.tip_amount, currency, f"sale.SalePayments.SalePayment[{at}].tipAmount")
        for at, each in enumerate(sale.payments.rows)
    )


def _customer(sale: Sale, source: Source) -> tuple[str, ...]:
    contact = sale.customer.contact
    return ranked(
        (
            *(source.identify("email", each.address) for each in contact.emails.rows),
            *(source.identify("phone", each.number) for each in contact.phones.rows),
            source.customer(sale.customer_id) if sale.customer_id != NONE else None,
        )
    )


def _original(line: SaleLine, told: Told) -> str | None:
    """The sale that a line gives back a part of; None for goods sold, and for a return of nobody
    knows what, which stays on its own sale as it stands."""
    if line.unit_quantity >= 0 or line.parent_sale_line_id == NONE:
        return None
    return told.parents.get(line.parent_sale_line_id)
