"""What a promotion's benefit comes to on what is left of a cart, to the minor unit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from vouchsafe.pure.cart import Cart
from vouchsafe.pure.facts import Line
from vouchsafe.pure.money import Money, split
from vouchsafe.pure.register import Benefit, Promotion


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What earlier codes have left of a cart: by line id, in all, of shipping; and units given."""

    lines: Mapping[str, int]
    order_minor: int
    shipping_minor: int
    given: Mapping[str, int]

    def after(self, given: "Given") -> "Left":
        """What one more code leaves."""
        lines = dict(self.lines)
        for line_id, share in given.allocation:
            lines[line_id] -= share
        units = dict(self.given)
        if given.unit_of is not None:
            units[given.unit_of] = units.get(given.unit_of, 0) + 1
        return replace(
            self,
            lines=lines,
            order_minor=self.order_minor - given.discount_minor,
            shipping_minor=self.shipping_minor - given.waived_minor,
            given=units,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the arithmetic: the rule, what it looked at, and what came of it."""

    rule: str
    of_minor: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a benefit takes off. `unit_of` is the line of the unit that it gave."""

    discount_minor: int = 0
    waived_minor: int = 0
    allocation: tuple[tuple[str, int], ...] = ()
    unit_of: str | None = None
    steps: tuple[Step, ...] = ()

    def worth_minor(self) -> int:
        return self.discount_minor + self.waived_minor


def untouched(cart: Cart) -> Left:
    """A cart that no code has touched; a line that comes back has nothing to take off."""
    return Left(
        lines={line.line_id: max(line.gross_minor, 0) for line in cart.lines},
        order_minor=cart.gross_minor(),
        shipping_minor=cart.shipping_minor,
        given={},
    )


def given_by(promotion: Promotion, cart: Cart, lines: Sequence[Line], left: Left) -> Given:
    """What the promotion gives on the lines that it is for. Without a benefit it is nothing.

    Rounded once, half up, then split by largest remainder; never more than what is left of the
    lines or of the order, nor than what the terms allow a till to give.
    """
    benefit = promotion.benefit
    if benefit is None:
        return Given()
    if benefit.kind == "free_shipping":
        shipping = left.shipping_minor
        step = Step(rule="free_shipping", of_minor=shipping, minor=shipping)
        return Given(waived_minor=shipping, steps=(step,))
    if benefit.kind == "free_item":
        unit = _cheapest(lines, left)
        lines = [unit] if unit else []
    base = sum(left.lines[line.line_id] for line in lines)
    first = Step(rule=benefit.kind, of_minor=base, minor=_wanted(benefit, base, lines, left))
    steps = [first, *_caps(promotion, cart, base, left, first.minor)]
    discount = steps[-1].minor
    ids = [line.line_id for line in lines]
    shares = split(discount, [left.lines[each] for each in ids]) if ids else ()
    return Given(
        discount_minor=discount,
        allocation=tuple((at, share) for at, share in zip(ids, shares, strict=True) if share),
        unit_of=ids[0] if benefit.kind == "free_item" and ids else None,
        steps=tuple(steps),
    )


def most_of(promotion: Promotion, lines: Sequence[Line], alone: Given) -> int:
    """No state of the cart gives more than this.

    The more is taken off before, the less is left to take; but of an item of which the cheapest
    units are given away already the next one may be dearer.
    """
    benefit = promotion.benefit
    if benefit is None or benefit.kind != "free_item":
        return alone.worth_minor()
    return max((line.gross_minor for line in lines), default=0)


def in_words(given: Given, promotion: Promotion, currency: str) -> tuple[str, ...]:
    """The arithmetic step by step, for people."""
    return tuple(_words(step, promotion, currency) for step in given.steps)


def _wanted(benefit: Benefit, base: int, lines: Sequence[Line], left: Left) -> int:
    """What the benefit says by itself."""
    if benefit.kind == "percent":
        return _rounded(Decimal(base) * benefit.percent / 100)
    if benefit.kind == "amount":
        return benefit.amount_minor
    return _unit_minor(lines[0], left) if lines else 0


def _caps(promotion: Promotion, cart: Cart, base: int, left: Left, wanted: int) -> Iterator[Step]:
    """Each bound that takes something away, in the order in which they are held."""
    bounds = [
        ("lines", base),
        ("cap_discount_at", promotion.cap_discount_at_minor),
        ("max_discount", promotion.max_discount_minor),
        ("max_percent", _deepest(promotion, cart)),
        ("order", left.order_minor),
    ]
    for rule, most in bounds:
        if most is not None and most < wanted:
            yield Step(rule=rule, of_minor=wanted, minor=most)
            wanted = most


def _deepest(promotion: Promotion, cart: Cart) -> int | None:
    """The deepest discount of the order's gross, rounded so that no till's rule is broken."""
    if promotion.max_percent is None:
        return None
    exact = Decimal(cart.gross_minor()) * Decimal(str(promotion.max_percent)) / 100
    return int(exact.to_integral_value(ROUND_DOWN))


def _cheapest(lines: Sequence[Line], left: Left) -> Line | None:
    """The line of the cheapest unit that was not given away yet, by its price on the bill."""
    return min(
        (line for line in lines if line.gross_minor > 0 and _units(line, left) > 0),
        key=lambda line: (Decimal(line.gross_minor) / max(line.quantity, Decimal(1)), line.line_id),
        default=None,
    )


def _units(line: Line, left: Left) -> Decimal:
    """Units that were not given away. What is sold by weight is one unit at least."""
    return max(line.quantity, Decimal(1)) - left.given.get(line.line_id, 0)


def _unit_minor(line: Line, left: Left) -> int:
    """A unit's part of what is left of its line."""
    held, units = left.lines[line.line_id], _units(line, left)
    return held if units <= 1 else _rounded(held / units)


def _rounded(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_HALF_UP))


def _words(step: Step, promotion: Promotion, currency: str) -> str:
    of, minor = Money(step.of_minor, currency), Money(step.minor, currency)
    benefit = promotion.benefit
    if step.rule == "percent" and benefit:
        return f"{benefit.percent.normalize():f} % of {of} is {minor}"
    if step.rule == "amount":
        return f"{minor} off {of}"
    if step.rule == "free_item" and benefit:
        return f"the cheapest unit of {benefit.sku} at {minor} is free"
    if step.rule == "free_shipping":
        return f"shipping of {minor} is not charged"
    return f"{_BOUNDS[step.rule]}: {minor}"


_BOUNDS = {
    "lines": "no more than what is left of its lines",
    "cap_discount_at": "capped by cap_discount_at",
    "max_discount": "no more than max_discount allows",
    "max_percent": "no more than max_percent allows",
    "order": "no more than what is left of the order",
}
