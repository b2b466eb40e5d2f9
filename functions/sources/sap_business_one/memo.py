"""What a credit memo takes back: lines of invoices that it names, or nothing that we know."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Line as Rung
from vouchsafe.pure.facts import OrderSaid, RefundSaid, ReturnedLine
from vouchsafe.pure.money import minor_at, rounded_at

from .documents import INVOICE_CODE, Line, Paper
from .words import currency_of, moment, zone_of


def refunds(paper: Paper, connection: Connection) -> Iterator[tuple[str, RefundSaid]]:
    """(entry of the invoice, refund) of each invoice whose lines it names."""
    currency, zone = currency_of(connection), zone_of(connection)
    by_invoice: dict[str, list[tuple[int, Line]]] = defaultdict(list)
    for at, line in enumerate(paper.lines):
        if line.base_type == INVOICE_CODE and line.base_entry:
            by_invoice[line.base_entry].append((at, line))
    for entry, lines in sorted(by_invoice.items()):
        whole = len(by_invoice) == 1 and len(lines) == len(paper.lines)
        money = minor_at(paper.total, currency, "DocTotal") if whole else _money(lines, currency)
        yield (
            entry,
            RefundSaid(
                currency=currency,
                state="failed" if paper.cancel_status == "csYes" else "completed",
                refunded_at=moment(paper.day, paper.at, zone),
                amount_minor=abs(money),
                lines=tuple(
                    ReturnedLine(line_id=line.base_line, quantity=abs(line.quantity))
                    for _, line in lines
                    if line.base_line
                ),
            ),
        )


def alone(paper: Paper, connection: Connection) -> OrderSaid | None:
    """Money back for nothing that it names: an order of its own, below zero and without discounts.
    None where every line names its invoice."""
    currency, zone = currency_of(connection), zone_of(connection)
    lines = [
        (at, line)
        for at, line in enumerate(paper.lines)
        if line.base_type != INVOICE_CODE or not line.base_entry
    ]
    if not lines:
        return None
    net = sum(
        rounded_at(line.line_total, currency, f"DocumentLines[{at}].LineTotal")
        for at, line in lines
    )
    total, made = _money(lines, currency), moment(paper.day, paper.at, zone)
    changed = moment(paper.changed_on, paper.changed_at, zone)
    off = paper.cancel_status == "csYes"
    return OrderSaid(
        currency=currency,
        placed_at=made,
        updated_at=changed,
        confirmed_at=made,
        reversed_at=changed if off else None,
        reversed_because="cancelled" if off else None,
        location_id=paper.branch,
        gross_minor=-net,
        tax_minor=net - total,
        total_minor=-total,
        lines=(Rung(line_id="memo", quantity=Decimal(-1), gross_minor=-net),),
    )


def _money(lines: list[tuple[int, Line]], currency: str) -> int:
    return sum(
        rounded_at(line.line_total, currency, f"DocumentLines[{at}].LineTotal")
        + rounded_at(line.tax_total, currency, f"DocumentLines[{at}].TaxTotal")
        for at, line in lines
    )
