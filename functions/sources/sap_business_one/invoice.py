"""What an invoice says, in our words."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Discount, OrderSaid
from vouchsafe.pure.facts import Line as Rung
from vouchsafe.pure.money import minor_at, rounded_at

from .documents import Line, Paper
from .words import CONFIRMED_WHEN, currency_of, moment, zone_of

_WHOLE = Decimal(100)


def order_said(paper: Paper, connection: Connection) -> OrderSaid:
    """Raises Unreadable."""
    currency, zone = currency_of(connection), zone_of(connection)
    goods = [(at, line) for at, line in enumerate(paper.lines) if line.line_total >= 0]
    lines = tuple(_rung(line, at, paper, currency) for at, line in goods)
    discounts = tuple(_discounts(paper, currency))
    gross = sum(line.gross_minor for line in lines)
    taken = sum(each.amount_minor for each in discounts)
    tax = rounded_at(paper.vat, currency, "VatSum")
    total = minor_at(paper.total, currency, "DocTotal")
    made = moment(paper.day, paper.at, zone)
    changed = moment(paper.changed_on, paper.changed_at, zone)
    off = paper.cancel_status == "csYes"
    confirmed = _confirmed_at(paper, connection, made, changed)
    return OrderSaid(
        currency=currency,
        placed_at=made,
        updated_at=changed,
        confirmed_at=confirmed,
        reversed_at=changed if off else None,
        reversed_because="cancelled" if off else None,
        signals=tuple(_signals(paper, made, changed)),
        location_id=paper.branch,
        staff=paper.seller,
        gross_minor=gross,
        discount_minor=taken,
        tax_minor=tax,
        total_minor=total,
        # Percentages are rounded line by line, and once more for the tax.
        sums_foot=abs(gross - taken + tax - total) <= len(lines) + 1,
        lines=lines,
        discounts=discounts,
    )


def _rung(line: Line, at: int, paper: Paper, currency: str) -> Rung:
    return Rung(
        line_id=line.number,
        quantity=line.quantity,
        gross_minor=_gross(line, at, paper, currency),
        sku=line.item,
    )


def _gross(line: Line, at: int, paper: Paper, currency: str) -> int:
    """Before discounts. A price in another currency is none of ours: then the line's total, which
    is in the company's own, is counted back from its percentage."""
    path = f"DocumentLines[{at}]"
    net = rounded_at(line.line_total, currency, f"{path}.LineTotal")
    if paper.rate in (0, 1):
        gross = rounded_at(line.quantity * line.unit_price, currency, f"{path}.UnitPrice")
        return max(gross, net)
    left = _WHOLE - line.discount_percent
    if not 0 < left < _WHOLE:
        return net
    return rounded_at(line.line_total * _WHOLE / left, currency, f"{path}.LineTotal")


def _discounts(paper: Paper, currency: str) -> Iterator[Discount]:
    for at, line in enumerate(paper.lines):
        path = f"DocumentLines[{at}]"
        net = rounded_at(line.line_total, currency, f"{path}.LineTotal")
        if net < 0:
            # A coupon that is rung as goods below zero.
            yield _discount(f"item:{line.number}", -net, path, line.code, line.item or "", None)
            continue
        taken = _gross(line, at, paper, currency) - net
        code = (line.code or "").strip()
        if taken > 0 or code:
            shares = ((line.number, taken),)
            yield _discount(f"line:{line.number}", taken, path, code, "line discount", shares)
    whole = rounded_at(paper.total_discount, currency, "TotalDiscount")
    code = (paper.code or "").strip()
    on_lines = {(line.code or "").strip() for line in paper.lines}
    # A code of the header that takes nothing may be the lines' own, written once more.
    if whole > 0 or (code and code not in on_lines):
        yield _discount("header", max(whole, 0), "TotalDiscount", code, "header discount", None)


def _discount(
    name: str,
    amount: int,
    where: str,
    code: str | None,
    known_as: str,
    shares: tuple[tuple[str, int], ...] | None,
) -> Discount:
    raw = (code or "").strip() or None
    return Discount(
        discount_id=name,
        kind="code" if raw else "till",
        amount_minor=amount,
        where=where,
        code_raw=raw,
        aliases=(f"name:{known_as.strip().casefold()}",) if known_as.strip() else (),
        name=known_as or None,
        shares=shares,
    )


def _confirmed_at(
    paper: Paper, connection: Connection, made: datetime, changed: datetime
) -> datetime | None:
    """The invoice itself; where a company says so, only its payment."""
    if connection.options.get(CONFIRMED_WHEN, "") == "paid":
        return changed if _is_paid(paper) else None
    return made


def _signals(paper: Paper, made: datetime, changed: datetime) -> Iterator[tuple[str, datetime]]:
    yield "final_bill", made
    if _is_paid(paper):
        yield "payment", changed


def _is_paid(paper: Paper) -> bool:
    return paper.paid >= paper.total
