"""Of several codes those that give a cart most, with the arithmetic, and why not the others.

All allowed combinations of up to `combination.MOST_CODES` codes are compared. Of more, those are
compared that give most by themselves; of codes with so many promotions that comparing would not
end in time, the promotion that gives most by itself. `Best.arithmetic` says so where it happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vouchsafe.pure.cart import Cart, Known
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.combination import (
    Combination,
    Field,
    best_of,
    field_of,
    stands_alone,
    strongest,
)
from vouchsafe.pure.money import Money
from vouchsafe.pure.offer import Offer, Reason, Refusal
from vouchsafe.pure.register import Register
from vouchsafe.pure.terms import Candidate, furthest, judged

# A code under one of its promotions: its canonical form and the promotion's id.
Way = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """What is given in the order in which it is applied, and every other code with its reason.

    `total_minor` is what the customer saves in all, shipping included.
    """

    offers: tuple[Offer, ...]
    refusals: tuple[Refusal, ...]
    total_minor: int
    arithmetic: tuple[str, ...]


def best(
    raws: Sequence[str],
    cart: Cart,
    register: Register,
    known: Known,
    closed: Mapping[Way, Refusal] = MappingProxyType({}),
) -> Best:
    """The best that the codes allow. Neither their order nor that of the lines changes it.

    Two spellings of one code are one code. `closed` are ways that terms would leave open, and why
    nobody may go there: a code takes another of its promotions, and where there is none, it is
    refused as the one that came furthest.
    """
    asked = {canonical(raw): raw for raw in sorted(raws)}
    found = {
        code: _open(judged(register.code(code), raw, cart, register, known), closed)
        for code, raw in sorted(asked.items())
    }
    by_code = {code: each for code, each in found.items() if not isinstance(each, Refusal)}
    field = field_of(by_code, cart)
    chosen = best_of(field.options, cart)
    refusals = [each for each in found.values() if isinstance(each, Refusal)]
    refusals += _left_out(by_code, chosen, field, cart)
    return Best(
        offers=tuple(
            candidate.offer(given, cart, register.revision()) for candidate, given in chosen.taken
        ),
        refusals=tuple(sorted(refusals, key=lambda each: each.code)),
        total_minor=chosen.worth_minor(),
        arithmetic=tuple(_arithmetic(chosen, field, len(by_code), cart)),
    )


def _open(
    found: tuple[Candidate, ...] | Refusal, closed: Mapping[Way, Refusal]
) -> tuple[Candidate, ...] | Refusal:
    if isinstance(found, Refusal):
        return found
    ways = {(each.code.canonical, each.promotion.promotion_id): each for each in found}
    left = tuple(each for way, each in ways.items() if way not in closed)
    return left or furthest([closed[way] for way in ways])


def _left_out(
    by_code: Mapping[str, Sequence[Candidate]], chosen: Combination, field: Field, cart: Cart
) -> Iterator[Refusal]:
    for code, candidates in by_code.items():
        if code in chosen.codes():
            continue
        if code in field.passed_over:
            detail = f"Only the {len(by_code) - len(field.passed_over)} codes were compared that "
            yield _refusal(code, "better_offer_applied", f"{detail}give most by themselves.")
        else:
            yield _beaten(code, strongest(candidates), chosen, cart)


def _beaten(code: str, candidate: Candidate, chosen: Combination, cart: Cart) -> Refusal:
    """Why a code that gives something by itself is not among the best."""
    names = " and ".join(each.code.raw for each, _ in chosen.taken)
    most, alone = chosen.worth_minor(), candidate.alone.worth_minor()
    said = f"By itself it gives {_money(alone, cart)}, {names} {_money(most, cart)}."
    own = candidate.promotion.stacking
    theirs = next((each.promotion.stacking for each, _ in chosen.taken), "combinable")
    if "best_only" in (own, theirs) and own != "exclusive":
        return _refusal(code, "better_offer_applied", said)
    if stands_alone(candidate) or theirs != "combinable":
        return _refusal(code, "not_combinable", f"It cannot stand beside {names}. {said}", names)
    return _refusal(code, "no_effect", f"Beside {names} it takes nothing more off. {said}")


def _refusal(code: str, reason: Reason, detail: str, term: str = "") -> Refusal:
    return Refusal(code=code, reason=reason, term=term, detail=detail)


def _arithmetic(chosen: Combination, field: Field, compared: int, cart: Cart) -> Iterator[str]:
    if field.passed_over:
        kept = compared - len(field.passed_over)
        yield f"of {compared} codes the {kept} were compared that give most by themselves"
    if field.narrowed:
        yield "of each code only the promotion was compared that gives most by itself"
    yield f"the order is {_money(cart.gross_minor(), cart)}"
    for candidate, given in chosen.taken:
        worth = _money(given.worth_minor(), cart)
        yield f"{candidate.code.raw} ({candidate.promotion.promotion_id}) gives {worth}"
    yield f"in all {_money(chosen.worth_minor(), cart)}"


def _money(minor: int, cart: Cart) -> Money:
    return Money(minor, cart.currency)
