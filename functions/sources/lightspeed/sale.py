"""What a closed sale says, in our words: two fields for codes on each line make two discounts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vouchsafe.pure.facts import Discount, Line, OrderSaid, RefundSaid, ReturnedLine
from vouchsafe.pure.money import currency_at, rounded_at

from .documents import Sale, SalesLine, Sold


@dataclass(slots=True)
class _Taken:
    code: str | None
    name: str | None
    where: str
    shares: dict[str, int] = field(default_factory=dict)


def order_said(sold: Sold) -> OrderSaid:
    """A sale; prices hold the tax."""
    sale = sold.sale
    currency = currency_of(sale)
    discounts = tuple(_discounts(sale, currency))
    lines = tuple(_lines(sale, currency))
    gross = sum(line.gross_minor for line in lines)
    taken = sum(each.amount_minor for each in discounts)
    total = _total(sale, currency)
    tip = sum(
        rounded_at(each.tip, currency, f"sale.payments[{at}].tip")
        for at, each in enumerate(sale.payments)
    )
    closed = sale.time_closed
    return OrderSaid(
        currency=currency,
        placed_at=sale.time_of_opening,
        updated_at=closed,
        confirmed_at=None if sale.cancelled else closed,
        reversed_at=closed if sale.cancelled else None,
        reversed_because="cancelled" if sale.cancelled else None,
        signals=() if sale.cancelled else (("final_bill", closed), ("payment", closed)),
        location_id=sold.business_location_id,
        staff=next((line.staff_id for line in sale.sales_lines if line.staff_id), None),
        gross_minor=gross,
        discount_minor=taken,
        tip_minor=tip,
        total_minor=total + tip,
        sums_foot=gross - taken == total,
        lines=lines,
        discounts=discounts,
    )


def refund_said(sold: Sold) -> RefundSaid:
    """An account that takes another one back, in part or whole."""
    sale = sold.sale
    return RefundSaid(
        currency=currency_of(sale),
        state="failed" if sale.cancelled else "completed",
        refunded_at=sale.time_closed,
        amount_minor=abs(_total(sale, currency_of(sale))),
        lines=tuple(
            ReturnedLine(line_id=line.parent_line_id, quantity=abs(line.quantity))
            for line in sale.sales_lines
            if line.parent_line_id
        ),
    )


def currency_of(sale: Sale) -> str:
    """The lines' currency; an account without lines has none, and no money either."""
    for at, line in enumerate(sale.sales_lines):
        return currency_at(line.currency, f"sale.salesLines[{at}].currency")
    return "XXX"


def _total(sale: Sale, currency: str) -> int:
    return sum(
        rounded_at(each.total_net_amount_with_tax, currency, f"{_path(at)}.totalNetAmountWithTax")
        for at, each in enumerate(sale.sales_lines)
    )


def _lines(sale: Sale, currency: str) -> Iterator[Line]:
    for at, each in enumerate(sale.sales_lines):
        net = rounded_at(
            each.total_net_amount_with_tax, currency, f"{_path(at)}.totalNetAmountWithTax"
        )
        taken = sum(amount for _, _, _, amount in _cuts(each, currency, at))
        yield Line(line_id=each.id, quantity=each.quantity, gross_minor=net + taken, sku=each.sku)


def _discounts(sale: Sale, currency: str) -> Iterator[Discount]:
    found: dict[str, _Taken] = {}
    for at, line in enumerate(sale.sales_lines):
        for scope, code, name, amount in _cuts(line, currency, at):
            key = f"{scope}:{code or name or 'by hand'}"
            held = found.setdefault(key, _Taken(code, name, f"salesLines[{at}].{_FIELDS[scope]}"))
            held.shares[line.id] = held.shares.get(line.id, 0) + amount
    for key, taken in found.items():
        by_name = taken.name.strip().casefold() if taken.name else "discount by hand"
        yield Discount(
            discount_id=key,
            kind="code" if taken.code else "manual",
            amount_minor=sum(taken.shares.values()),
            where=taken.where,
            code_raw=taken.code,
            aliases=(f"name:{by_name}",),
            name=taken.name,
            shares=tuple(sorted(taken.shares.items())),
        )


_FIELDS = {"line": "discountCode", "account": "accountDiscountCode"}


def _cuts(
    line: SalesLine, currency: str, at: int
) -> Iterator[tuple[str, str | None, str | None, int]]:
    """(scope, code, name, amount) of the line's own discount and of its part of the account's."""
    for scope, code, name, amount, where in (
        ("line", line.discount_code, line.discount_name, line.discount_amount, "discountAmount"),
        (
            "account",
            line.account_discount_code,
            line.account_discount_name,
            line.account_discount_amount,
            "accountDiscountAmount",
        ),
    ):
        taken = rounded_at(amount, currency, f"{_path(at)}.{where}")
        said = (code or "").strip() or None
        if taken > 0 or (taken == 0 and said):
            yield scope, said, name, taken


def _path(at: int) -> str:
    return f"sale.salesLines[{at}]"
