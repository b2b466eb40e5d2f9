"""What the bill comes to, counted as the till counts it: percentages carry no money of their own.

The rules are those of the calculator that Clover's tills use (OrderCalc and its Calc, in
clover/clover-android-sdk at 4664966, 2026-02-24; compared with it on generated bills):

- a line is its price by its quantity, rounded half up, with its modifications;
- percentages of a line are all taken of that, one by one, each rounded half up, never of what
  another discount left; amounts come first; together they take no more than the line;
- percentages of the order are taken of what the lines come to after their own discounts, each
  rounded half up, beside its amounts; together they take no more than that;
- order fees stand beside: no discount falls on them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.money import split

from .documents import Charge, Discount, LineItem, Order
from .words import half_up, listed

_THOUSAND = Decimal(1000)
_HUNDRED = Decimal(100)
# The fraction of a percentageDecimal: 10 % is 100000.
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A discount and what it took off; `line_id` where it is one line's own."""

    discount: Discount
    minor: int
    where: str
    line_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A line with what it comes to before promotions; a cash price is the price."""

    item: LineItem
    quantity: Decimal
    gross_minor: int
    is_fee: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """`goods_minor` is what the lines come to after every discount, fees left aside; `due_minor`
    the whole bill with fees and charges, without added tax and tip."""

    lines: tuple[Rung, ...]
    taken: tuple[Taken, ...]
    goods_minor: int
    due_minor: int

    @property
    def gross_minor(self) -> int:
        return sum(each.gross_minor for each in self.lines)

    @property
    def discount_minor(self) -> int:
        return sum(each.minor for each in self.taken)


def hides_nothing(bill: Bill) -> bool:
    """Whether every line and the whole keep something after their discounts. What is taken off
    whole comes to nothing, whatever modifications it may have had."""
    own: dict[str, int] = {}
    for each in bill.taken:
        if each.line_id is not None:
            own[each.line_id] = own.get(each.line_id, 0) + each.minor
    kept = (
        line.gross_minor > own.get(line.item.id, 0) for line in bill.lines if line.item.id in own
    )
    return all(kept) and (bill.goods_minor > 0 or not bill.taken)


def bill_of(order: Order) -> Bill:
    """The bill of an order as it was sold: what came back since is still on it."""
    goods: list[tuple[LineItem, int, int]] = []
    taken: list[Taken] = []
    for path, item in order.lines():
        if not item.is_order_fee:
            extended = _extended(item, path, below_zero=bool(order.manual_transaction))
            own = _of_line(item, extended, path)
            taken += own
            goods.append((item, extended, extended - sum(each.minor for each in own)))
    subtotal = sum(left for _, _, left in goods)
    whole = _of_order(order, subtotal if listed(order.line_items) else None)
    left = subtotal - sum(each.minor for each in whole)
    lines = _lines(goods, [*taken, *whole]) + _fees(order, left)
    return Bill(
        lines=tuple(lines),
        taken=tuple(each for each in (*taken, *whole) if not each.discount.is_pricing),
        goods_minor=left,
        due_minor=left
        + sum(each.gross_minor for each in lines if each.is_fee)
        + _extra(order, left),
    )


def _extended(item: LineItem, path: str, *, below_zero: bool) -> int:
    """What a line comes to, modifications included. A price below zero counts as nothing, but on
    a manual transaction."""
    if item.price is None:
        raise Unreadable(f"{path}.price", "is missing")
    price = item.price if below_zero else max(item.price, 0)
    extended = half_up(price * _quantity(item))
    added = sum(each.amount or 0 for each in listed(item.modifications))
    return extended if extended < 0 else extended + max(added, 0)


def _quantity(item: LineItem) -> Decimal:
    """Units: one a line, but of goods that are sold by measure."""
    return Decimal(1) if item.unit_qty is None else Decimal(item.unit_qty) / _THOUSAND


def _of_line(item: LineItem, extended: int, path: str) -> list[Taken]:
    found = listed(item.discounts)
    return [
        Taken(
            discount=discount,
            minor=minor,
            where=f"{path}.discounts.elements[{at}]",
            line_id=item.id,
        )
        for at, (discount, minor) in enumerate(zip(found, _off(found, extended), strict=True))
    ]


def _of_order(order: Order, subtotal: int | None) -> list[Taken]:
    found = listed(order.discounts)
    return [
        Taken(discount=discount, minor=minor, where=f"discounts.elements[{at}]")
        for at, (discount, minor) in enumerate(zip(found, _off(found, subtotal), strict=True))
    ]


def _off(discounts: Sequence[Discount], base: int | None) -> list[int]:
    """What each takes of a base, amounts before percentages, together no more than it. Without
    any lines there is no base: amounts are as told, and percentages of nothing."""
    asked = [_asked(each, base or 0) for each in discounts]
    if base is None:
        return asked
    left = max(base, 0)
    off = [0] * len(asked)
    for at in sorted(range(len(asked)), key=lambda each: not discounts[each].amount):
        off[at] = min(asked[at], left)
        left -= off[at]
    return off


def _asked(discount: Discount, base: int) -> int:
    """Positive minor units. An amount is the till's own word; else it is the percentage's."""
    if discount.amount:
        return -discount.amount
    return half_up(base * _fraction(discount)) if base > 0 else 0


def _fraction(rated: Discount | Charge) -> Decimal:
    if rated.percentage_decimal is not None:
        return rated.percentage_decimal / _MILLION
    return (rated.percentage or 0) / _HUNDRED


def _lines(goods: Sequence[tuple[LineItem, int, int]], taken: Iterable[Taken]) -> list[Rung]:
    """The goods at their prices: what a cash-discount programme takes off is not there at all."""
    lefts = [left for _, _, left in goods]
    pricing = [each for each in taken if each.discount.is_pricing]
    own = {each.line_id: 0 for each in pricing}
    for each in pricing:
        own[each.line_id] += each.minor
    spread = split(own.get(None, 0) if goods else 0, [max(left, 0) for left in lefts])
    return [
        Rung(
            item=item,
            quantity=_quantity(item),
            gross_minor=extended - own.get(item.id, 0) - share,
            is_fee=False,
        )
        for (item, extended, _), share in zip(goods, spread, strict=True)
    ]


def _fees(order: Order, goods_minor: int) -> list[Rung]:
    """Order fees: an amount, or a percentage of what the goods come to."""
    return [
        Rung(item=item, quantity=_quantity(item), gross_minor=_fee(item, goods_minor), is_fee=True)
        for _, item in order.lines()
        if item.is_order_fee
    ]


def _fee(item: LineItem, goods_minor: int) -> int:
    if item.price is not None:
        return item.price
    return half_up(goods_minor * (item.percentage or 0) / _MILLION)


def _extra(order: Order, goods_minor: int) -> int:
    """The service charge and whatever else is charged on the order."""
    charges = [order.service_charge] if order.service_charge else []
    return sum(
        half_up(goods_minor * _fraction(each)) if each.amount is None else each.amount
        for each in (*charges, *listed(order.additional_charges))
    )
