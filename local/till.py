"""How a basket is rung up: lines that a platform can carry, and discounts that fit on them.

A line of the data set becomes a line of the bill at its shelf value. Its quantity becomes units
only where it is a count that divides the value to the cent; goods sold by measure (fuel comes as
11,562 thousandths) and odd multiples are rung as one unit. Lines that are nothing but a coupon's
ring (quantity 0, value 0) are no goods and are not rung, unless the basket has nothing else.

Discounts: the loyalty card and the store's match are automatic, each line bears its own. Coupon
money is one discount for each code on the basket, with or without effect, and one without a code
for the rest. A platform refuses a line below zero, so coupon money falls on its own line as far as
that line's price reaches, and what is over (a coupon on a line of its own has all of it over) is
spread over what the other lines have left, in proportion, as tills spread a discount on the bill.

Where coupons exceed the sale (19 baskets of the year) the till pays the difference out in cash,
and rings that as a line of its own: `Coupon overage paid out`. The coupon keeps its full amount,
the bill ends at zero, and no cent is lost; the payout stands in the gross by its own name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from local.journey import NO_CODE, Basket, Claim, Line

DiscountKind = Literal["loyalty", "match", "code", "coupon"]
# More than this is a measure (grams, thousandths of a gallon), never a count of units.
MOST_UNITS = 99
PAID_OUT_SKU = "COUPON-OVERAGE"
PAID_OUT_TITLE = "Coupon overage paid out"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a bill, in cents."""

    sku: str
    title: str
    units: int
    price: int

    @property
    def gross(self) -> int:
        return self.units * self.price


@dataclass(frozen=True, slots=True)
class Discount:
    """One discount of a bill; `shares` are cents by item, in the order of the items."""

    kind: DiscountKind
    code: str
    shares: tuple[int, ...]

    @property
    def amount(self) -> int:
        return sum(self.shares)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What came back: (item, units), in the order of the bill."""

    at: datetime
    items: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sale:
    """One bill. `paid` is False for one that never is; `cancelled_at`: called off before it was."""

    number: int
    customer: str
    household: int
    store: int
    placed_at: datetime
    items: tuple[Item, ...]
    discounts: tuple[Discount, ...]
    paid: bool = True
    cancelled_at: datetime | None = None
    back: GivenBack | None = None
    note: str = field(default="")

    @property
    def gross(self) -> int:
        return sum(item.gross for item in self.items)

    @property
    def discount(self) -> int:
        return sum(discount.amount for discount in self.discounts)

    @property
    def total(self) -> int:
        return self.gross - self.discount

    @property
    def email(self) -> str:
        return f"{self.customer}@example.com"

    @property
    def returned_in_full(self) -> bool:
        """Whether everything on the bill came back."""
        everything = tuple((at, item.units) for at, item in enumerate(self.items))
        return self.back is not None and self.back.items == everything

    def net_of(self, at: int) -> int:
        """What was paid for one item."""
        return self.items[at].gross - sum(each.shares[at] for each in self.discounts)

    def units_back(self, at: int) -> int:
        """How many units of an item came back."""
        return dict(self.back.items).get(at, 0) if self.back else 0

    def share_back(self, discount: Discount, at: int) -> int:
        """What the returned units of an item take of a discount: their part, rounded down."""
        return discount.shares[at] * self.units_back(at) // self.items[at].units

    def net_back(self, at: int) -> int:
        """The money given back for an item."""
        taken = sum(self.share_back(each, at) for each in self.discounts)
        return self.items[at].price * self.units_back(at) - taken

    def refunded(self) -> int:
        """The money given back."""
        return sum(self.net_back(at) for at in range(len(self.items)))


def ring(basket: Basket, titles: Mapping[int, str]) -> Sale:
    """The bill of a basket: gross is its shelf value, discounts are all of its discounts."""
    rung = _rung(basket.lines)
    items = [_item(basket.lines[at], titles) for at in rung]
    money = [basket.lines[at] for at in rung]
    claims = _by_code(basket)
    over = sum(line.coupon for line in basket.lines) - sum(line.sales for line in basket.lines)
    left = [line.sales for line in money]
    if over > 0:
        items.append(Item(PAID_OUT_SKU, PAID_OUT_TITLE, 1, over))
        left.append(over)
    spread = _spread(claims, rung, left)
    loyalty = _own("loyalty", [line.loyalty for line in money], len(items))
    match = _own("match", [line.match for line in money], len(items))
    return Sale(
        number=basket.basket,
        customer=f"h{basket.household}",
        household=basket.household,
        store=basket.store,
        placed_at=basket.placed_at,
        items=tuple(items),
        discounts=(*loyalty, *match, *spread),
    )


def _rung(lines: Sequence[Line]) -> list[int]:
    goods = [at for at, line in enumerate(lines) if line.quantity or line.shelf]
    return goods or [0]


def _item(line: Line, titles: Mapping[int, str]) -> Item:
    counted = 1 <= line.quantity <= MOST_UNITS and line.shelf % line.quantity == 0
    units = line.quantity if counted else 1
    title = titles.get(line.product) or f"Product {line.product}"
    return Item(str(line.product), title, units, line.shelf // units)


def _own(kind: DiscountKind, shares: Sequence[int], items: int) -> tuple[Discount, ...]:
    if not any(shares):
        return ()
    return (Discount(kind, NO_CODE, (*shares, *[0] * (items - len(shares)))),)


def _by_code(basket: Basket) -> dict[str, list[Claim]]:
    """Claims of each code on the basket, codes without effect too; those without a code last."""
    claims: dict[str, list[Claim]] = {code: [] for code in basket.codes}
    for claim in basket.claims:
        claims.setdefault(claim.code, []).append(claim)
    without = claims.pop(NO_CODE, None)
    return claims | ({NO_CODE: without} if without else {})


def _spread(
    claims: Mapping[str, Sequence[Claim]], rung: Sequence[int], left: list[int]
) -> list[Discount]:
    """Each code's money on the items: first on its own lines, then over what is left."""
    place = {line: at for at, line in enumerate(rung)}
    shares = {code: [0] * len(left) for code in claims}
    over = dict.fromkeys(claims, 0)
    for claim in (claim for each in claims.values() for claim in each):
        at = place.get(claim.line)
        fits = min(claim.cents, left[at]) if at is not None else 0
        if at is not None:
            left[at] -= fits
            shares[claim.code][at] += fits
        over[claim.code] += claim.cents - fits
    for code, cents in over.items():
        for at, part in enumerate(_in_proportion(cents, left)):
            left[at] -= part
            shares[code][at] += part
    return [
        Discount("code" if code else "coupon", code, tuple(parts)) for code, parts in shares.items()
    ]


def _in_proportion(total: int, weights: Sequence[int]) -> list[int]:
    """Shares of a total in proportion to weights, none above its weight; the rest by remainder."""
    whole = sum(weights)
    if not total:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in order[: total - sum(shares)]:
        shares[at] += 1
    return shares
