"""What codes give together, reckoned in the plainest way: every set of them, one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, product

from vouchsafe.pure.cart import Cart
from vouchsafe.pure.facts import Line
from vouchsafe.pure.money import split
from vouchsafe.pure.register import Benefit, Code, Promotion

Taken = tuple[str, Promotion]
HALF = Decimal("0.5")


@dataclass
class Till:
    """A bill that codes are applied to one by one; it knows no promotion but by its terms."""

    cart: Cart
    total: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    units: dict[str, Decimal] = field(default_factory=dict)
    order: int = 0
    shipping: int = 0

    def __post_init__(self) -> None:
        self.lines = {each.line_id: max(each.gross_minor, 0) for each in self.cart.lines}
        self.units = {each.line_id: each.quantity for each in self.cart.lines}
        self.order, self.shipping = self.cart.gross_minor(), self.cart.shipping_minor

    def apply(self, terms: Promotion) -> None:
        benefit = terms.benefit
        assert benefit is not None
        among = [
            each
            for each in sorted(self.cart.lines, key=lambda each: each.line_id)
            if not terms.include_skus or each.sku in terms.include_skus
        ]
        if benefit.kind == "free_shipping":
            if among:
                self.total, self.shipping = self.total + self.shipping, 0
            return
        if benefit.kind == "free_item":
            among = self._cheapest(among, benefit)
        self._take(among, min(self._wanted(among, benefit), *self._bounds(among, terms)))
        if benefit.kind == "free_item" and among:
            self.units[among[0].line_id] -= 1

    def _cheapest(self, among: list[Line], benefit: Benefit) -> list[Line]:
        whole = [
            each
            for each in among
            if each.sku == benefit.sku and each.gross_minor > 0 and self.units[each.line_id]
        ]
        return sorted(whole, key=lambda each: Decimal(each.gross_minor) / each.quantity)[:1]

    def _wanted(self, among: list[Line], benefit: Benefit) -> int:
        if benefit.kind == "amount":
            return benefit.amount_minor
        if not among:
            return 0
        base = sum(self.lines[each.line_id] for each in among)
        if benefit.kind == "percent":
            return int(base * benefit.percent / 100 + HALF)
        return int(base / self.units[among[0].line_id] + HALF)

    def _bounds(self, among: list[Line], terms: Promotion) -> Iterator[int]:
        yield sum(self.lines[each.line_id] for each in among)
        yield self.order
        if terms.cap_discount_at_minor is not None:
            yield terms.cap_discount_at_minor
        if terms.max_percent is not None:
            yield int(self.cart.gross_minor() * Decimal(terms.max_percent) / 100)

    def _take(self, among: list[Line], off: int) -> None:
        shares = split(off, [self.lines[each.line_id] for each in among]) if off else ()
        for each, share in zip(among, shares, strict=False):
            self.lines[each.line_id] -= share
        self.total, self.order = self.total + off, self.order - off


def worth(taken: Iterable[Taken], cart: Cart) -> int:
    """What those codes give together."""
    till = Till(cart)
    for _, terms in sorted(taken, key=lambda one: (-one[1].priority, one[0])):
        till.apply(terms)
    return till.total


def most(terms: Iterable[Promotion], codes: list[Code], cart: Cart) -> int:
    """The most of every set of codes, under every choice of their promotions that may stand."""
    named = {each.promotion_id: each for each in terms}
    found = [0]
    for size in range(1, len(codes) + 1):
        for some in combinations(codes, size):
            for chosen in product(*(each.promotions for each in some)):
                taken = [(c.canonical, named[p]) for c, p in zip(some, chosen, strict=True)]
                if _may_stand(taken, cart):
                    found.append(worth(taken, cart))
    return max(found)


def _may_stand(taken: list[Taken], cart: Cart) -> bool:
    spent = all(cart.gross_minor() >= (terms.minimum_spend_minor or 0) for _, terms in taken)
    return spent and (len(taken) == 1 or all(terms.stacking == "combinable" for _, terms in taken))
