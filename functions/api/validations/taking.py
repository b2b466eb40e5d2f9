"""Which of the codes a cart gets, and taking them: terms first, then limits, then the write.

A use is named by order and code, so that asking again is the same use. What an order holds already
stays: a code that cannot stand beside it is refused, and nothing is thrown out silently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from vouchsafe.edge import uses_table
from vouchsafe.edge.uses_items import Seen
from vouchsafe.pure.best import Best, Way, best
from vouchsafe.pure.cart import Cart, Known
from vouchsafe.pure.claim import Claim, Full, asked_for, content_of
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Conflict
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.fraud import Fraud
from vouchsafe.pure.offer import Offer, Refusal
from vouchsafe.pure.register import Register, days_at
from vouchsafe.pure.standing import Measure

Wanted = Literal["reserved", "redeemed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the codes give. `claims` are those that stand or would be taken, in the order in which
    they are applied; `arithmetic` says the sum in words. `measures` of the claims policy are in
    force for the customer, and `fraud` is what speaks for it."""

    claims: tuple[Claim, ...]
    refusals: tuple[Refusal, ...]
    arithmetic: tuple[str, ...]
    measures: tuple[Measure, ...] = ()
    fraud: Fraud | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A cart with its codes, and whom to ask."""

    cart: Cart
    raws: tuple[str, ...]
    register: Register
    known: Known
    now: datetime
    wanted: Wanted

    def order(self) -> str:
        cart = self.cart
        key = OrderKey(platform=cart.platform, account=cart.account, order_id=cart.order_id)
        return key.text()

    def day(self) -> date:
        """The business day at the location."""
        cart = self.cart
        rule = days_at(self.register, cart.platform, cart.account, cart.location_id)
        return rule.day_of(cart.placed_at)


def would_give(question: Question) -> Outcome:
    """The answer without any consumption: limits are looked at, and nothing is taken."""
    return _settled(question, _standing(question), {})[0]


def taken(question: Question) -> Outcome:
    """What could be taken is taken. Where somebody else fills a limit between the look and the
    write, that code takes another of its promotions, or is refused alone. Raises Conflict where the
    order has a code for another cart, Unavailable."""
    full: dict[Way, Refusal] = {}
    while True:
        found, seen = _settled(question, _standing(question), full)
        claims, lost = _written(found.claims, seen, question.now)
        if not lost:
            return replace(found, claims=claims)
        full |= lost


def _written(
    asked: Sequence[Claim], seen: Mapping[Way, Seen], now: datetime
) -> tuple[tuple[Claim, ...], dict[Way, Refusal]]:
    """The claims that stand now, and those that somebody else's have left no room for."""
    claims: list[Claim] = []
    lost: dict[Way, Refusal] = {}
    for claim in asked:
        try:
            claims.append(uses_table.take(claim, now, seen[_way(claim)]))
        except Full as full:
            lost[_way(claim)] = _full(claim.code, full)
    return tuple(claims), lost


def _standing(question: Question) -> dict[str, Claim]:
    """What the order holds already. Raises Conflict where another cart is to be held; what is
    bought in the end may differ from what was held."""
    found = {}
    for claim in uses_table.of_order(question.order()):
        if not claim.holds_a_use() or claim.is_over(question.now):
            continue
        other = claim.offer is not None and claim.asked != content_of(question.cart)
        if other and question.wanted == "reserved":
            raise Conflict(
                f"the order is {claim.state} with {claim.code} for another cart: release it first"
            )
        found[claim.code] = claim
    return found


def _settled(
    question: Question, standing: dict[str, Claim], full: Mapping[Way, Refusal]
) -> tuple[Outcome, dict[Way, Seen]]:
    """The best that terms and limits allow, and what was seen of its claims; a code without room
    under one promotion takes another, or makes place for the others."""
    asked = {canonical(raw): raw for raw in question.raws}
    closed = {**_other_ways(question, standing), **full}
    raws = [*asked.values(), *standing]
    while True:
        found = best(raws, question.cart, question.register, question.known, closed)
        refusals = list(found.refusals)
        offers = _beside(found, standing, refusals)
        claims = [_claim(question, offer, standing) for offer in offers]
        looked = {_way(claim): _looked(claim, question, standing) for claim in claims}
        refused = {way: each for way, each in looked.items() if isinstance(each, Refusal)}
        if not refused:
            wanted = [claim for claim in claims if claim.code in asked]
            told = [each for each in refusals if each.code in asked and each.code not in standing]
            outcome = Outcome(
                claims=tuple(wanted),
                refusals=tuple(sorted(told, key=lambda each: each.code)),
                arithmetic=found.arithmetic,
            )
            return outcome, {way: each for way, each in looked.items() if isinstance(each, Seen)}
        closed |= refused


def _other_ways(question: Question, standing: dict[str, Claim]) -> dict[Way, Refusal]:
    """What is held for this cart stays under its promotion, though another may have room by now."""
    found: dict[Way, Refusal] = {}
    for claim in standing.values():
        code = question.register.code(claim.code)
        if code is None or claim.offer is None or claim.asked != content_of(question.cart):
            continue
        detail = f"The order holds it under {claim.promotion_id}."
        other = Refusal(code=claim.code, reason="better_offer_applied", detail=detail)
        found |= {(claim.code, each): other for each in code.promotions}
        found.pop(_way(claim), None)
    return found


def _beside(found: Best, standing: dict[str, Claim], refusals: list[Refusal]) -> list[Offer]:
    """The offers that may join what stands; where that is not among the best, none may."""
    chosen = {offer.code for offer in found.offers}
    if standing.keys() <= chosen:
        return list(found.offers)
    held = " and ".join(sorted(standing))
    for offer in found.offers:
        if offer.code not in standing:
            detail = f"The order holds {held}: release that first."
            refusals.append(
                Refusal(code=offer.code, reason="not_combinable", term=held, detail=detail)
            )
    return [claim.offer for claim in standing.values() if claim.offer is not None]


def _claim(question: Question, offer: Offer, standing: dict[str, Claim]) -> Claim:
    """The claim of an offer; one that stands keeps what was frozen in it."""
    register = question.register
    promotion, code = register.promotion(offer.promotion_id), register.code(offer.code)
    if promotion is None or code is None:
        raise Conflict("the register changed meanwhile: ask again")
    held = standing.get(offer.code)
    same = held is not None and held.asked == content_of(question.cart)
    frozen = held.offer if held is not None and held.offer is not None and same else offer
    return asked_for(
        promotion,
        code,
        question.cart,
        frozen,
        question.day(),
        question.now,
        state=question.wanted,
    )


def _looked(claim: Claim, question: Question, standing: dict[str, Claim]) -> Refusal | Seen:
    """Why the claim cannot be taken now, or what there is of it where it can."""
    promotion = question.register.promotion(claim.promotion_id)
    held = standing.get(claim.code)
    if promotion and promotion.requires_reservation and question.wanted == "redeemed" and not held:
        detail = "Its promotion asks for a reservation before it is redeemed."
        return Refusal(code=claim.code, reason="reservation_required", detail=detail)
    try:
        return uses_table.check(claim, question.now)
    except Full as full:
        return _full(claim.code, full)


def _way(claim: Claim) -> Way:
    return claim.code, claim.promotion_id


def _full(code: str, full: Full) -> Refusal:
    """The counter's name would name people; its scope does not."""
    limit = full.limit
    scope, _ = limit.scope()
    if limit.is_goal():
        detail = "Its orders have brought in all that they were to bring in."
    else:
        detail = f"All {limit.most} of this {scope} are used or held."
    told = detail if limit.most else "Nobody is named."
    return Refusal(code=code, reason=limit.reason, term=scope, detail=told)


def codes_of(raws: Sequence[str], given: set[str]) -> tuple[str, ...]:
    """The typed codes and those that were given to the customer, each once."""
    typed = {canonical(raw): raw for raw in raws}
    return tuple(typed.values()) + tuple(sorted(given - typed.keys()))
