"""WooCommerce's refunds, as the shop tells them in full beside their order."""

from collections.abc import Iterator
from decimal import ROUND_UP, Decimal

from vouchsafe.pure.facts import RefundSaid, ReturnedLine
from vouchsafe.pure.money import minor_at

from .documents import Order, Refund, RefundedItem

# The sale line that a refunded one gives back.
_OF = "_refunded_item_id"
# Finer than any share, so that a part rounded up never takes a minor unit too much.
_FINEST = Decimal("1e-12")


def refund_said(refund: Refund, order: Order, path: str) -> RefundSaid:
    """The refund in our words; `path` leads to it. Its reason is people's free text: not read."""
    return RefundSaid(
        currency=order.currency,
        state="completed",
        refunded_at=refund.date_created_gmt,
        amount_minor=minor_at(refund.amount, order.currency, f"{path}.amount"),
        lines=tuple(_returned(refund, _Sold(order))),
    )


class _Sold:
    """Units and net of everything on the order, by our line ids."""

    def __init__(self, order: Order) -> None:
        one = Decimal(1)
        self.products = {each.id: (each.quantity, each.total) for each in order.line_items}
        self.shipping = {f"shipping:{each.id}": (one, each.total) for each in order.shipping_lines}
        self.fees = {f"fee:{each.id}": (one, each.total) for each in order.fee_lines}


def _returned(refund: Refund, sold: _Sold) -> Iterator[ReturnedLine]:
    """What came back of the order's lines; a refund of none of them is plain money."""
    for prefix, items, there in (
        ("", refund.line_items, sold.products),
        ("shipping:", refund.shipping_lines, sold.shipping),
        ("fee:", refund.fee_lines, sold.fees),
    ):
        for item in items:
            line_id = prefix + _refunded_id(item)
            if line_id in there:
                yield ReturnedLine(line_id=line_id, quantity=_units(item, *there[line_id]))


def _refunded_id(item: RefundedItem) -> str:
    return next((str(each.value) for each in item.meta_data if each.key == _OF), "")


def _units(item: RefundedItem, sold: Decimal, net: Decimal) -> Decimal:
    """The units that came back; for money alone, the part of the line that the money stands for."""
    if item.quantity:
        return abs(item.quantity)
    money = abs(item.total)
    if not money:
        return Decimal(0)
    # Fuel and the like may be sold in no units at all; then the line is one.
    units = sold if sold > 0 else Decimal(1)
    if money >= abs(net):
        return units
    return (units * money / abs(net)).quantize(_FINEST, ROUND_UP)
