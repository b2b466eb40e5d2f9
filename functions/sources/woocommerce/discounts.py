"""What was taken off a WooCommerce order: by coupons, by staff, and by fees below zero."""

from collections import Counter
from collections.abc import Iterable, Iterator

from vouchsafe.pure.codes import alias_key
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Discount
from vouchsafe.pure.money import minor_at, rounded_at, split

from .documents import FeeLine, Order

_LINE_DISCOUNT = "line discount"

# A fee with its path and its amount in minor units.
Fee = tuple[str, FeeLine, int]


def off_the_lines(order: Order) -> Iterator[Discount]:
    """The coupons, and what staff took off lines beyond them."""
    left = _taken(order)
    yield from _coupons(order, left)
    by_hand = sum(left.values())
    if by_hand > slack(order):
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
        before, after = before_and_after(order, at)
        if before > after:
            taken[item.id] = before - after
    return taken


def _coupons(order: Order, left: dict[str, int]) -> Iterator[Discount]:
    """The coupons in the document's order; each takes its shares out of what is left."""
    seen: Counter[str] = Counter()
    delivered_free = any(line.method_id == "free_shipping" for line in order.shipping_lines)
    for at, coupon in enumerate(order.coupon_lines):
        path = f"coupon_lines[{at}]"
        # The one amount that a shop may hand out unrounded: woocommerce/woocommerce issue 35821;
        # its `dp` is not applied to coupon lines.
        amount = rounded_at(coupon.discount, order.currency, f"{path}.discount")
        if amount < 0:
            raise Unreadable(f"{path}.discount", "must not be negative")
        # By code: the ids of coupon lines change when a failed checkout is tried again.
        name = coupon.code.casefold()
        seen[name] += 1
        yield Discount(
            discount_id=f"coupon{seen[name] if seen[name] > 1 else ''}:{name}",
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


def below_zero(fees: Iterable[Fee]) -> Iterator[Discount]:
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


def before_and_after(order: Order, at: int) -> tuple[int, int]:
    """A line's subtotal and total, in minor units."""
    item, path = order.line_items[at], f"line_items[{at}]"
    before = minor_at(item.subtotal, order.currency, f"{path}.subtotal")
    return before, minor_at(item.total, order.currency, f"{path}.total")


def slack(order: Order) -> int:
    """By how many minor units sums may miss: with tax, every amount is rounded on its own."""
    amounts = (order.line_items, order.shipping_lines, order.fee_lines, order.coupon_lines)
    return sum(map(len, amounts)) if order.total_tax else 0
