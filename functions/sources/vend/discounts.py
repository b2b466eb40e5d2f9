"""What was taken off a sale: by promotions with and without a code, and by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from vouchsafe.pure.codes import alias_key, canonical
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Discount, DiscountKind
from vouchsafe.pure.money import rounded_at, split

from .documents import NOTHING, Adjustment, LineItem, Promotion

BY_HAND = "line discount"
_DISCOUNT = "DISCOUNT"
# Finer than the five decimals that amounts are kept with.
_FINE = 8


@dataclass(slots=True)
class Taken:
    """One discount over all lines. `by_line` are amounts by line id, in the lines' order."""

    said: Promotion | None
    where: str
    by_line: dict[str, Decimal] = field(default_factory=dict)


def is_discount(line: LineItem) -> bool:
    """Whether the line is a product below zero that nobody returned: older tills take a discount
    off a sale that way."""
    return line.pricing.total < 0 and not (line.back and line.back.is_return)


def off_a_line(line: LineItem) -> Mapping[str, Decimal]:
    """What each discount took off a line, by the discount's id; amounts are positive, on a
    returned line too."""
    taken: dict[str, Decimal] = {}
    for promotion in line.promotions or ():
        name = discount_id(promotion)
        taken[name] = taken.get(name, NOTHING) + abs(promotion.amount)
    by_hand = discount_total(line) - sum(taken.values())
    if by_hand > 0:
        taken[BY_HAND] = by_hand
    return taken


def discount_total(line: LineItem) -> Decimal:
    """All that was taken off a line, as a positive amount."""
    pricing = line.pricing
    if pricing.discount_total is None:
        return abs((pricing.discount or NOTHING) * line.quantity)
    return abs(pricing.discount_total)


def discount_id(promotion: Promotion) -> str:
    """The same on a sale and on its return: by the code, else by the promotion."""
    code = canonical(promotion.promo_code or "")
    if code:
        return f"code:{code}"
    return f"promotion:{promotion.promo_code_id or promotion.id or promotion.name or ''}"


def off_the_sale(
    lines: Mapping[str, LineItem], adjustments: Mapping[str, Adjustment], currency: str
) -> Iterator[Discount]:
    """The discounts of a sale; lines and adjustments by their paths."""
    for name, taken in _gathered(lines).items():
        yield _discount(name, taken, currency)
    for path, line in lines.items():
        if is_discount(line):
            amount = rounded_at(-line.pricing.total, currency, f"{path}.pricing.total")
            product = line.product.id if line.product else None
            aliases = (f"catalog:{product}",) if product else ()
            yield _whole(f"line:{line.id}", amount, path, aliases, None)
    for path, adjustment in adjustments.items():
        if reduces(adjustment):
            amount = rounded_at(abs(adjustment.total), currency, f"{path}.total")
            named = (alias_key(f"name:{adjustment.name}"),) if adjustment.name else ()
            yield _whole(path, amount, path, named, adjustment.name or None)


def reduces(adjustment: Adjustment) -> bool:
    """Whether an adjustment of the sale is a discount; the others are fees and tips."""
    return adjustment.adjustment_type == _DISCOUNT or adjustment.total < 0


def _gathered(lines: Mapping[str, LineItem]) -> dict[str, Taken]:
    gathered: dict[str, Taken] = {}
    for path, line in lines.items():
        if is_discount(line):
            continue
        said = {discount_id(each): (each, at) for at, each in enumerate(line.promotions or ())}
        for name, amount in off_a_line(line).items():
            promotion, at = said.get(name, (None, 0))
            where = f"{path}.promotions[{at}]" if promotion else f"{path}.pricing.discount_total"
            gathered.setdefault(name, Taken(promotion, where)).by_line[line.id] = amount
    return gathered


def _discount(name: str, taken: Taken, currency: str) -> Discount:
    promotion = taken.said
    code = promotion.promo_code if promotion and canonical(promotion.promo_code or "") else None
    amount = rounded_at(sum(taken.by_line.values(), NOTHING), currency, f"{taken.where}.amount")
    return Discount(
        discount_id=name,
        kind=_kind(promotion, code),
        amount_minor=amount,
        where=taken.where,
        code_raw=code,
        aliases=tuple(_aliases(promotion)),
        name=promotion.name or None if promotion else BY_HAND,
        shares=_shares(amount, taken),
    )


def _shares(amount: int, taken: Taken) -> tuple[tuple[str, int], ...]:
    """The shop's own amounts by line, rounded so that they add up to the discount."""
    weights = [int(each.scaleb(_FINE)) for each in taken.by_line.values()]
    shares = zip(taken.by_line, split(amount, weights), strict=True)
    return tuple((line, share) for line, share in shares if share)


def _kind(promotion: Promotion | None, code: str | None) -> DiscountKind:
    if promotion is None:
        return "manual"
    if code:
        return "code"
    # Entered by a code that the sale does not spell out.
    return "till" if promotion.promo_code_id else "automatic"


def _aliases(promotion: Promotion | None) -> Iterator[str]:
    """What the register may know the discount by, best first."""
    if promotion is None:
        yield alias_key(f"name:{BY_HAND}")
        return
    if promotion.promo_code_id:
        yield f"catalog:{promotion.promo_code_id}"
    if promotion.id:
        yield f"catalog:{promotion.id}"
    if promotion.name:
        yield alias_key(f"name:{promotion.name}")


def _whole(
    name: str, amount: int, where: str, aliases: tuple[str, ...], title: str | None
) -> Discount:
    """A discount on the whole sale, which no line tells its share of."""
    if amount < 0:
        raise Unreadable(where, "must not be negative")
    return Discount(
        discount_id=name,
        kind="manual",
        amount_minor=amount,
        where=where,
        aliases=aliases,
        name=title,
    )
