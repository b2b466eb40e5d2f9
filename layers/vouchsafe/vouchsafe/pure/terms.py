"""Whether a code may be used on a cart by its terms, and what it gives; limits are not asked here.

Reasons are looked for in the order of `offer.PRECEDENCE`, terms in the order of `_CHECKS`: the
first that holds is the answer, so that one cart and one register give one answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from vouchsafe.pure import benefit
from vouchsafe.pure.audience import missed
from vouchsafe.pure.benefit import Given
from vouchsafe.pure.business_day import DayRule, zone
from vouchsafe.pure.cart import Cart, Known
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.eligible import eligible, in_terms, names_items
from vouchsafe.pure.facts import Line
from vouchsafe.pure.money import Money
from vouchsafe.pure.offer import PRECEDENCE, Offer, Reason, Refusal
from vouchsafe.pure.register import (
    MEANS_OF_PAYMENT,
    Code,
    Promotion,
    Register,
    Segment,
    Weekday,
    days_at,
    promotions_of,
    segment_of,
)

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One code under one of its promotions, held against a cart."""

    code: Code
    promotion: Promotion
    segment: Segment | None
    cart: Cart
    known: Known
    days: DayRule
    day: date

    def refuse(self, reason: Reason, detail: str, term: str = "") -> Refusal:
        return Refusal(code=self.code.canonical, reason=reason, term=term, detail=detail)

    def money(self, minor: int) -> Money:
        return Money(minor, self.cart.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A promotion whose terms are met, the lines that it is for, and what it gives alone."""

    code: Code
    promotion: Promotion
    lines: tuple[Line, ...]
    alone: Given

    def offer(self, given: Given, cart: Cart, terms_revision: int) -> Offer:
        """What it gives, as it is kept."""
        kind = self.promotion.benefit and self.promotion.benefit.kind
        return Offer(
            code=self.code.canonical,
            promotion_id=self.promotion.promotion_id,
            terms_revision=terms_revision,
            discount_minor=given.discount_minor,
            allocation=given.allocation,
            in_kind=kind == "free_shipping",
            waived_minor=given.waived_minor,
            arithmetic=benefit.in_words(given, self.promotion, cart.currency),
        )


def offer_of(
    code: Code | None, raw: str, cart: Cart, register: Register, known: Known
) -> Offer | Refusal:
    """What the code gives by itself; of several promotions the first that gives most.

    Where none gives anything, the refusal is that of the promotion that came furthest.
    """
    found = judged(code, raw, cart, register, known)
    if isinstance(found, Refusal):
        return found
    most = max(found, key=lambda each: each.alone.worth_minor())
    return most.offer(most.alone, cart, register.revision())


def judged(
    code: Code | None, raw: str, cart: Cart, register: Register, known: Known
) -> tuple[Candidate, ...] | Refusal:
    """The code's promotions that give something on the cart, one at least, in the code's order."""
    promotions = promotions_of(register, code)
    if code is None or not promotions:
        detail = "The register does not know it." if code is None else "It has no promotion."
        return Refusal(code=canonical(raw), reason="code_not_found", detail=detail)
    days = days_at(register, cart.platform, cart.account, cart.location_id)
    day = days.day_of(cart.placed_at)
    answers = [
        _judged(
            Ask(
                code=code,
                promotion=each,
                segment=segment_of(register, each),
                cart=cart,
                known=known,
                days=days,
                day=day,
            )
        )
        for each in promotions
    ]
    given = tuple(each for each in answers if isinstance(each, Candidate))
    return given or furthest([each for each in answers if isinstance(each, Refusal)])


def furthest(refusals: Sequence[Refusal]) -> Refusal:
    """The refusal that is the least far from an offer; of equals the first."""
    return max(refusals, key=lambda each: (PRECEDENCE.index(each.reason), _place_of(each.term)))


def _judged(ask: Ask) -> Candidate | Refusal:
    for check in _CHECKS:
        for refusal in check(ask):
            return refusal
    if _pays(ask):
        return ask.refuse("no_effect", "It takes nothing off: it pays, at /values/{code}.")
    lines = eligible(ask.promotion, ask.cart)
    left = benefit.untouched(ask.cart)
    given = benefit.given_by(ask.promotion, ask.cart, lines, left)
    if not given.worth_minor():
        # Nothing taken off is no use of the code (lessons.md 8).
        said = "It would take nothing off this order."
        silent = "Its promotion does not say what it gives."
        return ask.refuse("no_effect", said if ask.promotion.benefit else silent)
    return Candidate(code=ask.code, promotion=ask.promotion, lines=lines, alone=given)


def _pays(ask: Ask) -> bool:
    """Whether it is no discount: as one it would cut the base of a tax that is due in full
    (lessons.md 35), or be had a second time beside the value that it was sold with."""
    said = ask.promotion.voucher_class
    if said in MEANS_OF_PAYMENT:
        return True
    return said == "single_purpose" and ask.known.has_value(ask.code.canonical)


def _place_of(term: str) -> int:
    return TERMS.index(term) if term in TERMS else -1


def _status(ask: Ask) -> Iterator[Refusal]:
    if ask.promotion.status != "active":
        yield ask.refuse("code_disabled", f"Its promotion is {ask.promotion.status}.")


def _window(ask: Ask) -> Iterator[Refusal]:
    """Business days of the location, both ends included (lessons.md 27)."""
    promotion, day = ask.promotion, ask.day
    if day > promotion.ends_on:
        yield ask.refuse("expired", f"Its last day was {promotion.ends_on}; this is {day}.")
    if day < promotion.starts_on:
        yield ask.refuse(
            "not_yet_active", f"Its first day is {promotion.starts_on}; this is {day}."
        )


def _audience(ask: Ask) -> Iterator[Refusal]:
    found = missed(ask.code, ask.promotion, ask.segment, ask.cart, ask.known, ask.days)
    if found:
        reason, detail = found
        yield ask.refuse(reason, detail, "audience")


def _places(ask: Ask) -> Iterator[Refusal]:
    places, here = ask.promotion.places, ask.cart.place()
    if places and here not in places:
        yield _unmet(ask, "places", f"It is for {len(places)} places; {here} is none of them.")


def _currency(ask: Ask) -> Iterator[Refusal]:
    said, asked = ask.promotion.currency, ask.cart.currency
    if said is not None and said != asked:
        yield _unmet(ask, "currency", f"Its terms are in {said}, the order is in {asked}.")


def _weekdays(ask: Ask) -> Iterator[Refusal]:
    today = WEEKDAYS[ask.day.weekday()]
    if ask.promotion.weekdays and today not in ask.promotion.weekdays:
        allowed = ", ".join(each for each in WEEKDAYS if each in ask.promotion.weekdays)
        yield _unmet(ask, "weekdays", f"It is for {allowed}; {ask.day} is {today}.")


def _hours(ask: Ask) -> Iterator[Refusal]:
    clock = ask.cart.placed_at.astimezone(zone(ask.days.zone)).time()
    spans = ask.promotion.hours
    if spans and not any(span.holds(clock) for span in spans):
        allowed = ", ".join(f"{span.opens:%H:%M}-{span.closes:%H:%M}" for span in spans)
        yield _unmet(ask, "hours", f"It is for {allowed}; it is {clock:%H:%M} there.")


def _minimum_spend(ask: Ask) -> Iterator[Refusal]:
    least, gross = ask.promotion.minimum_spend_minor, ask.cart.gross_minor()
    if least is not None and gross < least:
        detail = f"The order is {ask.money(gross)}, at least {ask.money(least)} is asked for: "
        yield _unmet(ask, "minimum_spend", f"{detail}{ask.money(least - gross)} are missing.")


def _refuse_above(ask: Ask) -> Iterator[Refusal]:
    most, gross = ask.promotion.refuse_above_minor, ask.cart.gross_minor()
    if most is not None and gross > most:
        detail = f"The order is {ask.money(gross)}, above {ask.money(most)}."
        yield _unmet(ask, "refuse_above", detail)


def _items(ask: Ask) -> Iterator[Refusal]:
    promotion, cart = ask.promotion, ask.cart
    if names_items(promotion) and not eligible(promotion, cart):
        if in_terms(promotion, cart):
            detail = f"Of all that it is for, fewer than {promotion.low_stock_below} are left."
            yield _unmet(ask, "low_stock", detail)
        yield _unmet(ask, "items", f"None of the {len(cart.lines)} lines is what it is for.")


def _unmet(ask: Ask, term: str, detail: str) -> Refusal:
    return ask.refuse("terms_not_met", detail, term)


_CHECKS: tuple[Callable[[Ask], Iterator[Refusal]], ...] = (
    _status,
    _window,
    _audience,
    _places,
    _currency,
    _weekdays,
    _hours,
    _minimum_spend,
    _refuse_above,
    _items,
)
# The terms in the order in which they are looked at.
TERMS: tuple[str, ...] = (
    "audience",
    "places",
    "currency",
    "weekdays",
    "hours",
    "minimum_spend",
    "refuse_above",
    "items",
    "low_stock",
)
