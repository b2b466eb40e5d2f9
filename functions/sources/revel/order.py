"""What Revel's order says, in our words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from vouchsafe.pure import instant
from vouchsafe.pure.facts import Discount, Line, OrderSaid
from vouchsafe.pure.money import currency_at, rounded_at

from .clock import Clock
from .discounts import Items, off_the_order
from .documents import Item, Order, live
from .words import exact

# The option of a connection that says the instance's currency: orders do not say it.
CURRENCY = "currency"


def currency_of(options: Mapping[str, str]) -> str:
    """The instance's currency. Raises Unreadable: it is never guessed."""
    return currency_at(options.get(CURRENCY, ""), f"options.{CURRENCY}")


def order_said(order: Order, clock: Clock, currency: str, *, bare: bool = False) -> OrderSaid:
    """The order. `bare`: a return of nobody knows which order, which has no discounts of its own:
    its items stand at what was given back for them. Raises Unreadable."""
    items = live(order.items)
    discounts = () if bare else tuple(off_the_order(order, items, currency))
    total = exact(order.final_total, currency, "order.final_total")
    lines = _returned(items, total, order, currency) if bare else _lines(order, items, currency)
    updated_at = clock.instant(order.updated_date, "order.updated_date")
    confirmed_at = settled_at(order, clock) if is_settled(order) else None
    proven = () if order.deleted else _signals(confirmed_at)
    return OrderSaid(
        currency=currency,
        placed_at=clock.instant(order.created_date, "order.created_date"),
        updated_at=updated_at,
        confirmed_at=confirmed_at,
        reversed_at=updated_at if order.deleted else None,
        reversed_because="deleted" if order.deleted else None,
        signals=proven,
        location_id=order.establishment,
        staff=order.created_by,
        channel="web" if order.web_order else None,
        gross_minor=sum(each.gross_minor for each in lines),
        discount_minor=sum(each.amount_minor for each in discounts),
        tax_minor=rounded_at(order.tax, currency, "order.tax"),
        tip_minor=rounded_at(order.gratuity, currency, "order.gratuity"),
        total_minor=total,
        sums_foot=bare or _foots(order, lines, discounts, total, currency),
        lines=lines,
        discounts=discounts,
    )


def is_settled(order: Order) -> bool:
    """Whether the bill is closed and nothing is due."""
    return bool(order.closed) and (order.remaining_due or Decimal(0)) <= 0


def _signals(settled: datetime | None) -> tuple[tuple[str, datetime], ...]:
    return (("final_bill", settled), ("payment", settled)) if settled else ()


def settled_at(order: Order, clock: Clock) -> datetime:
    """When the last money came; an order that nobody paid for tells only when it was made."""
    paid = [
        clock.instant(each.created_date, f"order.payments[{at}].created_date")
        for at, each in enumerate(order.payments)
        if not each.deleted and (each.amount > 0) == (order.final_total > 0)
    ]
    return max(paid, default=clock.instant(order.created_date, "order.created_date"))


def version(order: Order, clock: Clock) -> str:
    """Revel's counter, then the update time; an order without a counter stands as 0."""
    updated_at = clock.instant(order.updated_date, "order.updated_date")
    return f"{order.version or 0:012d} {instant.text(updated_at)}"


def _lines(order: Order, items: Items, currency: str) -> tuple[Line, ...]:
    """The items at their prices. Whether a price has its modifiers in it is not documented: the
    subtotal decides, and where it agrees with neither, the price alone stands."""
    alone = tuple(_line(at, item, item.price, currency) for at, item in items)
    whole = tuple(
        _line(at, item, item.price + (item.modifier_amount or Decimal(0)), currency)
        for at, item in items
    )
    if order.subtotal is None:
        return alone
    subtotal = rounded_at(order.subtotal, currency, "order.subtotal")
    fits = abs(sum(each.gross_minor for each in whole) - subtotal) <= len(items)
    worse = abs(sum(each.gross_minor for each in alone) - subtotal) > len(items)
    return whole if fits and worse else alone


def _line(at: int, item: Item, price: Decimal, currency: str) -> Line:
    path = f"order.items[{at}].price"
    return Line(
        line_id=item.id,
        quantity=item.quantity,
        gross_minor=rounded_at(price * item.quantity, currency, path),
        sku=item.product,
    )


def _returned(items: Items, total: int, order: Order, currency: str) -> tuple[Line, ...]:
    """One line for what a return gave back: its single amounts are before discounts."""
    tax = rounded_at(order.tax, currency, "order.tax")
    units = sum((item.quantity for _, item in items), Decimal(0))
    return (Line(line_id="return", quantity=units, gross_minor=total - tax),)


def _foots(
    order: Order, lines: Sequence[Line], discounts: Sequence[Discount], total: int, currency: str
) -> bool:
    """Whether the items, the discounts and the total tell the same. Which of the other amounts a
    total has in it is not documented, so any of them may make up the difference."""
    net = sum(each.gross_minor for each in lines) - sum(each.amount_minor for each in discounts)
    slack = len(lines) + len(discounts) + 1
    return any(abs(net + sum(some) - total) <= slack for some in _somes(_others(order, currency)))


def _others(order: Order, currency: str) -> list[int]:
    names = ("tax", "gratuity", "service_charge", "surcharge", "rounding_delta")
    amounts = [rounded_at(getattr(order, name), currency, f"order.{name}") for name in names]
    return [each for each in amounts if each]


def _somes(amounts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for many in range(len(amounts) + 1):
        yield from combinations(amounts, many)
