"""What WooCommerce's order document says, in our words."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure import instant
from vouchsafe.pure.codes import folded
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Line, OrderSaid
from vouchsafe.pure.money import currency_at, minor_at

from .discounts import Fee, before_and_after, below_zero, off_the_lines, slack
from .documents import Order

# Options of a connection. Statuses and names are lists with commas.
STATUS_IS_ENOUGH = "status_is_enough"
CONFIRMED_STATUSES = "confirmed_statuses"
REVERSED_STATUSES = "reversed_statuses"
COUNT_PARTS = "count_parts"
TIP_FEES = "tip_fees"

_CONFIRMED = frozenset({"processing", "completed"})
_REVERSED = frozenset({"cancelled", "failed", "refunded", "trash"})
# Where two versions share a second, the one further along is the later one.
_LIFECYCLE = {
    "checkout-draft": 0,
    "pending": 1,
    "on-hold": 2,
    "failed": 3,
    "processing": 4,
    "completed": 6,
    "cancelled": 7,
    "refunded": 8,
    "trash": 9,
}
_CUSTOM_STATUS = 5


def order_said(order: Order, connection: Connection) -> OrderSaid:
    """The order in our words: net of tax throughout, but for the total. Raises Unreadable."""
    currency = currency_at(order.currency, "currency")
    fees, tip = _fees(order, _listed(connection, TIP_FEES))
    lines = (*_products(order), *_shipping(order), *_dear(fees))
    discounts = (*off_the_lines(order), *below_zero(fees))
    gross = sum(line.gross_minor for line in lines)
    taken = sum(each.amount_minor for each in discounts)
    tax = minor_at(order.total_tax, currency, "total_tax")
    total = minor_at(order.total, currency, "total")
    reversed_at = order.date_modified_gmt if _is_off(order, connection) else None
    return OrderSaid(
        currency=currency,
        placed_at=order.date_created_gmt,
        updated_at=order.date_modified_gmt,
        confirmed_at=_confirmed_at(order, connection),
        reversed_at=reversed_at,
        reversed_because=order.status if reversed_at else None,
        signals=tuple(_signals(order)),
        channel=order.created_via or None,
        gross_minor=gross,
        discount_minor=taken,
        tax_minor=tax,
        tip_minor=tip,
        total_minor=total,
        sums_foot=abs(gross - taken + tip + tax - total) <= slack(order),
        lines=lines,
        discounts=discounts,
        refunds=refunds_named(order),
    )


def counts(order: Order, connection: Connection) -> bool:
    """Whether it is an order of its own. Marketplaces split one into parts, one for each seller,
    and write its coupons on the parts as well: a code is used once a checkout (lesson 9)."""
    return not order.parent_id or _is_on(connection, COUNT_PARTS)


def version(order: Order) -> str:
    """Text in the order of time: the last save, then how far along, then how much is refunded."""
    along = _LIFECYCLE.get(order.status, _CUSTOM_STATUS)
    refunded = sum(amount for _, amount in refunds_named(order))
    return f"{instant.text(order.date_modified_gmt)}+{along}+{refunded:018d}"


def refunds_named(order: Order) -> tuple[tuple[str, int], ...]:
    """The refunds that stand, by id, with their money; the document writes them negative."""
    return tuple(
        (refund.id, abs(minor_at(refund.total, order.currency, f"refunds[{at}].total")))
        for at, refund in enumerate(order.refunds)
    )


def _confirmed_at(order: Order, connection: Connection) -> datetime | None:
    """Paid and in a status that delivers; a shop that takes cash may say that status is enough."""
    if _is_off(order, connection):
        # What is off by now was confirmed before, if it was ever paid.
        return order.date_paid_gmt
    if order.status not in _CONFIRMED | _listed(connection, CONFIRMED_STATUSES):
        return None
    if order.date_paid_gmt or not _is_on(connection, STATUS_IS_ENOUGH):
        return order.date_paid_gmt
    return order.date_completed_gmt or order.date_created_gmt


def _is_off(order: Order, connection: Connection) -> bool:
    return order.status in _REVERSED | _listed(connection, REVERSED_STATUSES)


def _signals(order: Order) -> Iterator[tuple[str, datetime]]:
    # A completed date stays on an order that is opened again; a paid one stays true.
    if order.date_completed_gmt and order.status == "completed":
        yield "final_bill", order.date_completed_gmt
    if order.date_paid_gmt:
        yield "payment", order.date_paid_gmt


def _products(order: Order) -> Iterator[Line]:
    for at, item in enumerate(order.line_items):
        before, after = before_and_after(order, at)
        yield Line(
            line_id=item.id,
            quantity=item.quantity,
            # A total raised above the subtotal is a price changed by hand, not a discount.
            gross_minor=max(before, after),
            sku=item.sku or None,
        )


def _shipping(order: Order) -> Iterator[Line]:
    for at, line in enumerate(order.shipping_lines):
        gross = minor_at(line.total, order.currency, f"shipping_lines[{at}].total")
        if gross:
            yield _extra("shipping", line.id, gross)


def _extra(category: str, item_id: str, gross_minor: int) -> Line:
    return Line(
        line_id=f"{category}:{item_id}",
        quantity=Decimal(1),
        gross_minor=gross_minor,
        category=category,
    )


def _fees(order: Order, tips: frozenset[str]) -> tuple[list[Fee], int]:
    """Fees that are no tips, each with its path and amount; and the tips together."""
    fees, tip = [], 0
    for at, fee in enumerate(order.fee_lines):
        path = f"fee_lines[{at}]"
        amount = minor_at(fee.total, order.currency, f"{path}.total")
        if folded(fee.name or "") in tips:
            tip += amount
        else:
            fees.append((path, fee, amount))
    return fees, tip


def _dear(fees: Iterable[Fee]) -> Iterator[Line]:
    return (_extra("fee", fee.id, amount) for _, fee, amount in fees if amount > 0)


def _listed(connection: Connection, option: str) -> frozenset[str]:
    said = connection.options.get(option, "").split(",")
    return frozenset(folded(each) for each in said if each.strip())


def _is_on(connection: Connection, option: str) -> bool:
    return connection.options.get(option, "").strip().casefold() in ("yes", "true", "on", "1")
