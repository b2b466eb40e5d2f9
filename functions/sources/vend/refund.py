"""The refund that a return of the X-Series is: a sale of its own, told under the one it undoes."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from vouchsafe.pure.facts import RefundSaid, ReturnedLine, Settled
from vouchsafe.pure.money import rounded_at

from .discounts import is_discount, off_a_line, reduces
from .documents import NOTHING, LineItem, Original, Sale
from .order import settled_at

_SETTLED: dict[str, Settled] = {
    "parked": "pending",
    "pending": "pending",
    "closed": "completed",
    "voided": "failed",
}


def refund_said(
    sale: Sale, back: Mapping[str, LineItem], original: Original | None, currency: str
) -> RefundSaid:
    """The refund; `back` are the lines that came back, by their paths. Raises Unreadable."""
    return RefundSaid(
        currency=currency,
        state="failed" if sale.deleted_at else _SETTLED[sale.state],
        refunded_at=settled_at(sale),
        amount_minor=_amount(sale, back, currency),
        lines=tuple(_lines(back, original, currency)) if original else (),
    )


def _amount(sale: Sale, back: Mapping[str, LineItem], currency: str) -> int:
    """What was given back: the return's own total; in an exchange, the worth of what came back."""
    if len(back) == len(sale.line_items):
        total = sale.totals.price_incl_tax
    else:
        total = sum((_worth(each) for each in back.values()), NOTHING)
    return rounded_at(abs(total), currency, "sale.totals.price_incl_tax")


def _worth(line: LineItem) -> Decimal:
    return line.pricing.total + ((line.tax and line.tax.total) or NOTHING)


def _lines(
    back: Mapping[str, LineItem], original: Original, currency: str
) -> Iterator[ReturnedLine]:
    """The units that came back, of the sale's own lines. A return does not say of which line:
    its product does, and where several have it, the price. Units of no line stay plain money."""
    left = {each.id: each.quantity for each in original.line_items if each.quantity > 0}
    told = not _has_whole_discounts(original)
    for path, line in back.items():
        units = abs(line.quantity)
        for sold in _candidates(line, original):
            taken = min(units, left.get(sold.id, NOTHING))
            if taken > 0:
                left[sold.id] -= taken
                units -= taken
                whole = taken == abs(line.quantity)
                shares = _shares(line, sold, path, currency) if told and whole else None
                yield ReturnedLine(line_id=sold.id, quantity=taken, shares=shares)


def _candidates(line: LineItem, original: Original) -> list[LineItem]:
    """The sold lines of the returned product, those of its price first."""
    product = line.product.id if line.product else None
    same = [
        each
        for each in original.line_items
        if product and each.product and each.product.id == product
    ]
    return sorted(same, key=lambda each: each.pricing.price != line.pricing.price)


def _shares(
    line: LineItem, sold: LineItem, path: str, currency: str
) -> tuple[tuple[str, int], ...] | None:
    """What the return itself says that the units take back of each discount; None where it does
    not name the discounts that they were sold with."""
    taken = off_a_line(line)
    if taken.keys() != off_a_line(sold).keys():
        return None
    shares = (
        (name, rounded_at(amount, currency, f"{path}.promotions")) for name, amount in taken.items()
    )
    return tuple((name, share) for name, share in shares if share)


def _has_whole_discounts(original: Original) -> bool:
    """Whether something was taken off the whole sale, which the lines of a return do not tell."""
    return any(map(is_discount, original.line_items)) or any(
        reduces(each) for each in original.adjustments or ()
    )
