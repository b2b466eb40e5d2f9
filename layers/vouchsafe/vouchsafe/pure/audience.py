"""Whether a customer is one of those whom a promotion is for, and if not, why not in words."""

from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.cart import Cart, Known
from vouchsafe.pure.offer import Reason
from vouchsafe.pure.register import Audience, AudienceKind, Code, Promotion, Segment
from vouchsafe.pure.segment import belongs

Missed = tuple[Reason, str]

# Which group, and why somebody is not in it, is nobody's business at a till.
_NOT_IN_SEGMENT = "It is for a group of customers; this one is not in it."

_FOR: dict[AudienceKind, str] = {
    "anyone": "anyone",
    "new": "customers without an order before",
    "returning": "customers with an order before",
    "silent": "customers who were silent for a while",
    "holder": "the customers whom the code was given to",
    "segment": "a group of customers",
}


def missed(
    code: Code,
    promotion: Promotion,
    segment: Segment | None,
    cart: Cart,
    known: Known,
    days: DayRule,
) -> Missed | None:
    """Why the customer is none of the audience; None where it is one.

    Nobody known is an answer of its own: a sale is never broken off for it (lessons.md 23).
    `segment` is the audience's, where it names one; of one that there is not, nobody is.
    """
    audience = promotion.audience
    if audience.kind == "anyone":
        return None
    if not cart.customer:
        return "identity_required", f"It is for {_FOR[audience.kind]}, and nobody is named."
    if audience.kind == "holder":
        held = known.holds(cart.customer, code, promotion)
        return None if held else ("not_holder", "The code was not given to this customer.")
    if audience.kind == "segment":
        is_in = segment is not None and belongs(segment, cart, known, days)
        return None if is_in else ("terms_not_met", _NOT_IN_SEGMENT)
    detail = _outside(audience, cart, known, days)
    return ("terms_not_met", detail) if detail else None


def _outside(audience: Audience, cart: Cart, known: Known, days: DayRule) -> str:
    if audience.kind == "silent":
        return _too_soon(audience.days, cart, known, days)
    has_ordered = known.orders_before(cart.customer) > 0
    if has_ordered == (audience.kind == "returning"):
        return ""
    return f"It is for {_FOR[audience.kind]}; this one has {'some' if has_ordered else 'none'}."


def _too_soon(silence: int, cart: Cart, known: Known, days: DayRule) -> str:
    """Silence is counted in business days; who never spoke cannot fall silent."""
    last = known.last_order_at(cart.customer)
    if last is None:
        return f"It is for customers who were silent for {silence} days; this one never ordered."
    day = days.day_of(last)
    since = (days.day_of(cart.placed_at) - day).days
    if since >= silence:
        return ""
    return (
        f"It is for customers who were silent for {silence} days; the last order was {since} "
        f"days ago, on {day}."
    )
