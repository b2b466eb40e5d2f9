"""The lines of a cart that a promotion is for, by sku, category and what is left in stock."""

from vouchsafe.pure.cart import Cart
from vouchsafe.pure.codes import folded
from vouchsafe.pure.facts import Line
from vouchsafe.pure.register import Promotion


def eligible(promotion: Promotion, cart: Cart) -> tuple[Line, ...]:
    """The lines that the benefit may fall on, by their ids: the cart's order changes nothing."""
    low = _low(promotion, cart)
    lines = [line for line in in_terms(promotion, cart) if _sku(line) not in low]
    return tuple(sorted(lines, key=lambda line: line.line_id))


def in_terms(promotion: Promotion, cart: Cart) -> tuple[Line, ...]:
    """The same, whatever is left in stock."""
    skus, categories = _all(promotion.include_skus), _all(promotion.include_categories)
    no_skus, no_categories = _all(promotion.exclude_skus), _all(promotion.exclude_categories)
    free = _free(promotion)
    return tuple(
        line
        for line in cart.lines
        if (not (skus or categories) or _sku(line) in skus or _category(line) in categories)
        and _sku(line) not in no_skus
        and _category(line) not in no_categories
        and (free is None or _sku(line) == free)
    )


def names_items(promotion: Promotion) -> bool:
    """Whether the terms say which lines; else all are meant, none included."""
    return bool(
        promotion.include_skus
        or promotion.include_categories
        or promotion.exclude_skus
        or promotion.exclude_categories
        or promotion.low_stock_below
        or _free(promotion)
    )


def _free(promotion: Promotion) -> str | None:
    benefit = promotion.benefit
    return folded(benefit.sku) if benefit and benefit.kind == "free_item" else None


def _low(promotion: Promotion, cart: Cart) -> frozenset[str]:
    """Skus of which too few are left. What nobody counted is not low."""
    below = promotion.low_stock_below
    if below is None:
        return frozenset()
    return frozenset(folded(sku) for sku, left in cart.stock if left < below)


def _all(names: frozenset[str]) -> frozenset[str]:
    return frozenset(map(folded, names))


def _sku(line: Line) -> str | None:
    return folded(line.sku) if line.sku else None


def _category(line: Line) -> str | None:
    return folded(line.category) if line.category else None
