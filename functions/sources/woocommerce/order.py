"""WooCommerce's order document, and what it says in our words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure import instant
from vouchsafe.pure.codes import alias_key, folded
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.facts import Discount, Line, OrderSaid
from vouchsafe.pure.money import exponent, split
from vouchsafe.pure.parsing import Key, Narrow

from .words import Amount, Moment, Number, Units, minor, rounded

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
_LINE_DISCOUNT = "line discount"


class Billing(Narrow):
    email: str | None = None
    phone: str | None = None


class LineItem(Narrow):
    id: Number
    quantity: Units
    subtotal: Amount
    total: Amount
    sku: str | None = None


class ShippingLine(Narrow):
    id: Number
    total: Amount
    method_id: str | None = None


class FeeLine(Narrow):
    id: Number
    total: Amount
    name: str | None = None


class CouponLine(Narrow):
    code: str
    discount: Amount
    free_shipping: bool | None = None


class NamedRefund(Narrow):
    id: Number
    total: Amount


class Order(Narrow):
    id: Number
    parent_id: int | None = None
    status: Key
    currency: Key
    created_via: str | None = None
    customer_id: int | None = None
    billing: Billing = Billing()
    date_created_gmt: Moment
    date_modified_gmt: Moment
    date_paid_gmt: Moment | None = None
    date_completed_gmt: Moment | None = None
    total: Amount
    total_tax: Amount
    line_items: tuple[LineItem, ...]
    shipping_lines: tuple[ShippingLine, ...]
    fee_lines: tuple[FeeLine, ...]
    coupon_lines: tuple[CouponLine, ...]
    refunds: tuple[NamedRefund, ...]


def order_said(order: Order, connection: Connection) -> OrderSaid:
    """The order in our words: net of tax throughout, but for the total. Raises Unreadable."""
    currency = _currency(order)
    fees, tip = _fees(order, _listed(connection, TIP_FEES))
    lines = (*_products(order), *_shipping(order), *_dear(fees))
    discounts = (*_off_the_lines(order), *_cheap(fees))
    gross = sum(line.gross_minor for line in lines)
    taken = sum(each.amount_minor for each in discounts)
    tax = minor(order.total_tax, currency, "total_tax")
    total = minor(order.total, currency, "total")
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
        sums_foot=abs(gross - taken + tip + tax - total) <= _slack(order),
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
        (refund.id, abs(minor(refund.total, order.currency, f"refunds[{at}].total")))
        for at, refund in enumerate(order.refunds)
    )


def _currency(order: Order) -> str:
    try:
        exponent(order.currency)
    except Invalid as error:
        raise Unreadable("currency", error.rule) from error
    return order.currency


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
        before, after = _before_and_after(order, at)
        yield Line(
            line_id=item.id,
            quantity=item.quantity,
            # A total raised above the subtotal is a price changed by hand, not a discount.
            gross_minor=max(before, after),
            sku=item.sku or None,
        )


def _before_and_after(order: Order, at: int) -> tuple[int, int]:
    item, path = order.line_items[at], f"line_items[{at}]"
    before = minor(item.subtotal, order.currency, f"{path}.subtotal")
    return before, minor(item.total, order.currency, f"{path}.total")


def _shipping(order: Order) -> Iterator[Line]:
    for at, line in enumerate(order.shipping_lines):
        gross = minor(line.total, order.currency, f"shipping_lines[{at}].total")
        if gross:
            yield _extra("shipping", line.id, gross)


def _extra(category: str, item_id: str, gross_minor: int) -> Line:
    return Line(
        line_id=f"{category}:{item_id}",
        quantity=Decimal(1),
        gross_minor=gross_minor,
        category=category,
    )


_Fee = tuple[str, FeeLine, int]


def _fees(order: Order, tips: frozenset[str]) -> tuple[list[_Fee], int]:
    """Fees that are no tips, each with its path and amount; and the tips together."""
    fees, tip = [], 0
    for at, fee in enumerate(order.fee_lines):
        path = f"fee_lines[{at}]"
        amount = minor(fee.total, order.currency, f"{path}.total")
        if folded(fee.name or "") in tips:
            tip += amount
        else:
            fees.append((path, fee, amount))
    return fees, tip


def _dear(fees: Iterable[_Fee]) -> Iterator[Line]:
    return (_extra("fee", fee.id, amount) for _, fee, amount in fees if amount > 0)


def _cheap(fees: Iterable[_Fee]) -> Iterator[Discount]:
    """Negative fees: how plugins write discounts. They have a name, and no code."""
    for path, fee, amount in fees:
        if amount < 0:
            yield Discount(
                discount_id=f"fee:{fee.id}",
                kind="manual",
                amount_minor=-amount,
                where=path,
                aliases=(alias_key(f"name:{fee.name}"),) if fee.name else (),
                name=fee.name or None,
            )


def _off_the_lines(order: Order) -> Iterator[Discount]:
    """The coupons, and what staff took off lines beyond them."""
    left = _taken(order)
    yield from _coupons(order, left)
    by_hand = sum(left.values())
    if by_hand > _slack(order):
        yield Discount(
            discount_id=_LINE_DISCOUNT,
            kind="manual",
            amount_minor=by_hand,
            where="line_items",
            aliases=(alias_key(f"name:{_LINE_DISCOUNT}"),),
            name=_LINE_DISCOUNT,
            shares=tuple((line, part) for line, part in left.items() if part),
        )


def _taken(order: Order) -> dict[str, int]:
    """What all coupons and hands together took off each line."""
    taken = {}
    for at, item in enumerate(order.line_items):
        before, after = _before_and_after(order, at)
        if before > after:
            taken[item.id] = before - after
    return taken


def _coupons(order: Order, left: dict[str, int]) -> Iterator[Discount]:
    """The coupons in the document's order; each takes its shares out of what is left."""
    seen: Counter[str] = Counter()
    delivered_free = any(line.method_id == "free_shipping" for line in order.shipping_lines)
    for at, coupon in enumerate(order.coupon_lines):
        path = f"coupon_lines[{at}]"
        amount = rounded(coupon.discount, order.currency, f"{path}.discount")
        if amount < 0:
            raise Unreadable(f"{path}.discount", "must not be negative")
        # By code: the ids of coupon lines change when a failed checkout is tried again.
        name = coupon.code.casefold()
        seen[name] += 1
        yield Discount(
            discount_id=f"coupon:{name}" + (f":{seen[name]}" if seen[name] > 1 else ""),
            kind="code",
            amount_minor=amount,
            where=path,
            code_raw=coupon.code,
            shares=_shares(amount, left),
            in_kind=bool(coupon.free_shipping) and delivered_free,
        )


def _shares(amount: int, left: dict[str, int]) -> tuple[tuple[str, int], ...] | None:
    """A coupon's shares, taken out of what is left of the lines' reductions.

    The shop tells what all coupons together took off a line: one coupon's shares are these
    amounts to the cent, and several share them in proportion, so that every line still adds up.
    None where the lines do not show the discount: it may have fallen anywhere.
    """
    if not any(left.values()):
        return None if amount else ()
    parts = split(amount, list(left.values()))
    shares = tuple((line, part) for line, part in zip(left, parts, strict=True) if part)
    for line, part in shares:
        left[line] = max(left[line] - part, 0)
    return shares


def _slack(order: Order) -> int:
    """By how many minor units sums may miss: with tax, every amount is rounded on its own."""
    amounts = (order.line_items, order.shipping_lines, order.fee_lines, order.coupon_lines)
    return sum(map(len, amounts)) if order.total_tax else 0


def _listed(connection: Connection, option: str) -> frozenset[str]:
    said = connection.options.get(option, "").split(",")
    return frozenset(folded(each) for each in said if each.strip())


def _is_on(connection: Connection, option: str) -> bool:
    return connection.options.get(option, "").strip().casefold() in ("yes", "true", "on", "1")
