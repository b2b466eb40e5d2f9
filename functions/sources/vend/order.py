"""The order that a sale of the X-Series is, in our words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Discount, Line, OrderSaid
from vouchsafe.pure.money import currency_at, exponent, rounded_at

from .discounts import discount_total, is_discount, off_the_sale, reduces
from .documents import NOTHING, Adjustment, LineItem, Sale

# The option of a connection that says which currency its shop sells in: sales do not say it.
CURRENCY = "currency"
_TIP = "TIP"

# Things of a sale by their paths.
Lines = Mapping[str, LineItem]
Adjustments = Mapping[str, Adjustment]


def currency_of(options: Mapping[str, str]) -> str:
    """The shop's currency, as its connection says it. Raises Unreadable: it is never guessed."""
    return currency_at(options.get(CURRENCY, ""), f"options.{CURRENCY}")


def comes_back(sale: Sale, line: LineItem) -> bool:
    """Whether a line gives goods back: it says so, or the sale does and its units are below 0."""
    if line.back and line.back.is_return:
        return True
    return bool(sale.back and sale.back.is_return) and line.quantity < 0


def settled_at(sale: Sale) -> datetime:
    """When the sale was paid: at its last payment, else when it was made. It does not move when
    the sale is touched later. Raises Unreadable where the sale has no time."""
    paid = [each.date for each in sale.payments or () if each.date and not each.deleted_at]
    return max(paid, default=None) or placed_at(sale)


def placed_at(sale: Sale) -> datetime:
    """When the sale was made. Raises Unreadable."""
    found = sale.date or sale.created_at or sale.updated_at
    if found is None:
        raise Unreadable("sale.date", "is missing")
    return found


def order_said(sale: Sale, sold: Lines, back: Lines, currency: str) -> OrderSaid:
    """The order: `sold` are its lines, `back` are lines that came back of a sale that nobody
    knows. Raises Unreadable."""
    adjustments = {f"sale.adjustments[{at}]": x for at, x in enumerate(sale.adjustments or ())}
    goods = {path: line for path, line in sold.items() if not is_discount(line)}
    lines = (*_goods(goods, currency), *_unlinked(back, currency), *_fees(adjustments, currency))
    discounts = tuple(off_the_sale(sold, adjustments, currency))
    money = _Money(sale, (*sold.values(), *back.values()), lines, discounts, currency)
    off_at = _off_at(sale)
    closed = sale.state == "closed"
    paid = settled_at(sale) if closed and not off_at else None
    return OrderSaid(
        currency=currency,
        placed_at=placed_at(sale),
        updated_at=sale.updated_at or placed_at(sale),
        confirmed_at=settled_at(sale) if closed else None,
        reversed_at=off_at,
        reversed_because=("deleted" if sale.deleted_at else "voided") if off_at else None,
        signals=(("final_bill", paid), ("payment", paid)) if paid else (),
        location_id=(sale.source and sale.source.outlet_id) or None,
        staff=(sale.source and sale.source.author and sale.source.author.id) or None,
        channel=(sale.source and sale.source.type) or None,
        gross_minor=money.gross,
        discount_minor=money.taken,
        tax_minor=money.tax,
        tip_minor=_tips(adjustments, currency),
        total_minor=money.total + (0 if money.inside else money.beside),
        sums_foot=money.inside or money.outside,
        lines=lines,
        discounts=discounts,
    )


def _off_at(sale: Sale) -> datetime | None:
    if sale.deleted_at:
        return sale.deleted_at
    return (sale.updated_at or placed_at(sale)) if sale.state == "voided" else None


class _Money:
    """A sale's sums. Whether its total has the fees, tips and discounts of the whole sale in it
    is not documented: `inside` and `outside` say which of the two foots. An exchange is priced by
    its own lines, for its total is only the difference."""

    def __init__(
        self,
        sale: Sale,
        counted: Sequence[LineItem],
        lines: Sequence[Line],
        discounts: Sequence[Discount],
        currency: str,
    ) -> None:
        whole = len(counted) == len(sale.line_items)
        net = sum((each.pricing.total for each in counted), NOTHING)
        tax = sum(((each.tax and each.tax.total) or NOTHING for each in counted), NOTHING)
        total = sale.totals.price_incl_tax if whole else net + tax
        self.gross = sum(each.gross_minor for each in lines)
        self.taken = sum(each.amount_minor for each in discounts)
        self.tax = rounded_at(sale.totals.tax if whole else tax, currency, "sale.totals.tax")
        self.total = rounded_at(total, currency, "sale.totals.price_incl_tax")
        self.beside = sum(
            rounded_at(_signed(each), currency, f"sale.adjustments[{at}].total")
            for at, each in enumerate(sale.adjustments or ())
        )
        bare = rounded_at(net, currency, "sale.line_items") + self.tax
        # Every amount of the sum may be rounded by itself.
        slack = len(lines) + len(discounts) + 1
        agree = _lines_agree(counted, Decimal(1).scaleb(-exponent(currency)))
        self.inside = abs(bare + self.beside - self.total) <= slack and agree
        self.outside = abs(bare - self.total) <= slack and agree


def _lines_agree(lines: Sequence[LineItem], unit: Decimal) -> bool:
    """Whether no line's promotions took more off it than was taken off it at all."""
    return all(
        sum((abs(each.amount) for each in line.promotions or ()), NOTHING)
        <= discount_total(line) + unit
        for line in lines
    )


def _signed(adjustment: Adjustment) -> Decimal:
    return -abs(adjustment.total) if reduces(adjustment) else adjustment.total


def _goods(lines: Lines, currency: str) -> Iterator[Line]:
    """A line before its discounts: what is paid for it, and what was taken off."""
    for path, line in lines.items():
        before = line.pricing.total + discount_total(line)
        yield _line(line, rounded_at(before, currency, f"{path}.pricing.total"))


def _unlinked(lines: Lines, currency: str) -> Iterator[Line]:
    """Goods that came back of nobody knows which sale: at their price, below zero."""
    for path, line in lines.items():
        amount = -abs(line.pricing.total)
        yield _line(line, rounded_at(amount, currency, f"{path}.pricing.total"))


def _line(line: LineItem, gross_minor: int) -> Line:
    return Line(
        line_id=line.id,
        quantity=line.quantity,
        gross_minor=gross_minor,
        sku=(line.product and line.product.id) or None,
    )


def _fees(adjustments: Adjustments, currency: str) -> Iterator[Line]:
    for path, adjustment in adjustments.items():
        if not reduces(adjustment) and adjustment.adjustment_type != _TIP:
            yield Line(
                line_id=path,
                quantity=Decimal(1),
                gross_minor=rounded_at(adjustment.total, currency, f"{path}.total"),
                category="fee",
            )


def _tips(adjustments: Adjustments, currency: str) -> int:
    return sum(
        rounded_at(each.total, currency, f"{path}.total")
        for path, each in adjustments.items()
        if each.adjustment_type == _TIP and not reduces(each)
    )
