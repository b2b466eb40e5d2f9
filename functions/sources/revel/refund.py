"""The refunds in Revel's documents: money given back on an order, and orders that give back."""

from collections.abc import Iterator
from decimal import Decimal

from vouchsafe.pure import instant
from vouchsafe.pure.facts import Fact, RefundSaid, ReturnedLine
from vouchsafe.pure.source import Source

from .clock import Clock
from .documents import Item, Order, Original, live
from .order import is_settled, settled_at, version
from .words import exact


def is_return(order: Order) -> bool:
    """Whether an order gives back and sells nothing. What cost nothing comes back for nothing."""
    units = [item.quantity for _, item in live(order.items)]
    free = order.final_total == 0 and bool(units)
    return (order.final_total < 0 or free) and all(each < 0 for each in units)


def money_back(order: Order, clock: Clock, source: Source, currency: str) -> Iterator[Fact]:
    """The payments below zero of an order that was sold: plain money, for they name no items."""
    for at, each in enumerate(order.payments):
        if each.amount < 0:
            path = f"order.payments[{at}]"
            changed = each.updated_date or each.created_date
            said = RefundSaid(
                currency=currency,
                state="failed" if each.deleted else "completed",
                refunded_at=clock.instant(each.created_date, f"{path}.created_date"),
                amount_minor=exact(-each.amount, currency, f"{path}.amount"),
            )
            told_at = instant.text(clock.instant(changed, f"{path}.updated_date"))
            yield source.fact("refund", order.id, f"payment:{each.id}", told_at, said)


def goods_back(
    order: Order, original: Original, clock: Clock, source: Source, currency: str
) -> Fact:
    """An order that gives back, as the refund of the order that it is of."""
    said = RefundSaid(
        currency=currency,
        state="failed" if order.deleted else "completed" if is_settled(order) else "pending",
        refunded_at=settled_at(order, clock),
        amount_minor=exact(-order.final_total, currency, "order.final_total"),
        lines=tuple(_lines(order, original)),
    )
    return source.fact("refund", original.id, order.id, version(order, clock), said)


def _lines(order: Order, original: Original) -> Iterator[ReturnedLine]:
    """The units that came back, of the order's own items: by product, then by price. What they
    take back of a discount is counted by units. Units of no item stay plain money."""
    sold = [item for _, item in live(original.items)]
    left = {item.id: item.quantity for item in sold if item.quantity > 0}
    for _, back in live(order.items):
        units = abs(back.quantity)
        for item in _candidates(back, sold):
            taken = min(units, left.get(item.id, Decimal(0)))
            if taken > 0:
                left[item.id] -= taken
                units -= taken
                yield ReturnedLine(line_id=item.id, quantity=taken)


def _candidates(back: Item, sold: list[Item]) -> list[Item]:
    same = [item for item in sold if back.product and item.product == back.product]
    return sorted(same, key=lambda item: abs(item.price) != abs(back.price))
