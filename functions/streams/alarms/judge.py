"""What a redemption breaks of the terms that it was redeemed under; the verdict is data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from vouchsafe.pure import instant
from vouchsafe.pure.alarm import Cause, Evidence, Rule, Term
from vouchsafe.pure.facts import joined
from vouchsafe.pure.limit import counter_of, ones_told, reason_of, running, terms_of
from vouchsafe.pure.money import Money
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import (
    MEANS_OF_PAYMENT,
    LimitPeriod,
    LimitScope,
    LimitTerm,
    Promotion,
    Register,
    promotions_of,
)

_OF: dict[LimitScope, str] = {
    "promotion": "promotion",
    "code": "code",
    "location": "code at this place",
    "customer": "customer",
    "device": "device",
    "card": "card",
}
_IN: dict[LimitPeriod, str] = {
    "ever": "",
    "day": " in a day",
    "week": " in a week",
    "month": " in a month",
}

# Whether the code was sold with a value, by which the order was not paid.
ValueStands = Callable[[Redemption], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An alarm's cause and the evidence that this redemption gives for it."""

    cause: Cause
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A count that this redemption takes part in: `scope` names it, `most` is the limit, `use` is
    what counts once in it.

    `live` is False for a use that was taken back and counts on by the promotion's policy: it
    fills the count and is itself no breach. `breach` is what it is if it lies beyond the limit.
    """

    scope: str
    most: int
    use: str
    live: bool
    breach: Breach


def breaches(
    redemption: Redemption, register: Register, value_stands: ValueStands = lambda _: False
) -> tuple[Breach, ...]:
    """The terms that the redemption breaks by itself; limits are counted elsewhere.

    A redemption that was taken back, or took nothing off, breaks none. A code with several
    promotions breaks terms only where it breaks those of every promotion that ran that day.
    """
    if not redemption.holds_a_use():
        return ()
    promotions = promotions_of(register, register.code(redemption.code))
    if not promotions:
        return () if redemption.code_known else (_unknown(redemption),)
    redemption = named(redemption, register)
    ran = running(promotions, redemption.business_day)
    if not ran:
        return (_out_of_window(redemption, promotions),)
    on = [each for each in ran if not each.was_off_at(redemption.redeemed_at)]
    if not on:
        return (_disabled(redemption, ran[0]),)
    broken = [tuple(_broken(redemption, each, value_stands)) for each in on]
    return broken[0] if all(broken) else ()


def limits(redemption: Redemption, register: Register) -> tuple[Limit, ...]:
    """The counts of the newest promotion that ran that day: each scope in each of its periods.

    Each identity key of the order has its own count, and any one beyond its limit is a breach
    (lesson 22). A code on an order counts once in each, whatever came of its redemptions; for the
    customer's limit that is for ever, the order does.
    """
    promotions = promotions_of(register, register.code(redemption.code))
    ran = running(promotions, redemption.business_day)
    if not ran or not _counts(redemption, ran[0]):
        return ()
    return tuple(_limits(named(redemption, register), ran[0]))


def named(redemption: Redemption, register: Register) -> Redemption:
    """With the code as the register writes it; a code that it does not know stays as typed."""
    known = register.code(redemption.code)
    return replace(redemption, code_raw=known.raw if known else redemption.code_raw.strip())


def place_of(redemption: Redemption) -> str:
    """Where it happened: `platform/account/location`."""
    key = redemption.key
    return f"{key.platform}/{key.account}/{redemption.location_id or ''}"


def kept_minor(redemption: Redemption) -> int:
    """The part of the discount that was not taken back."""
    return redemption.discount_minor - redemption.returned_minor


def _unknown(redemption: Redemption) -> Breach:
    return _breach(
        redemption,
        "code_not_found",
        seen=f"honoured as {redemption.code_raw!r}",
        expected="a code that the register knows",
    )


def _out_of_window(redemption: Redemption, promotions: tuple[Promotion, ...]) -> Breach:
    """Ended before the day, else not begun; both days of a window are included."""
    day = redemption.business_day
    ended = [each for each in promotions if each.ends_on < day]
    if ended:
        last = max(ended, key=lambda each: (each.ends_on, each.promotion_id))
        rule: Rule = "expired"
        expected = f"last day {last.ends_on.isoformat()}"
    else:
        last = min(promotions, key=lambda each: (each.starts_on, each.promotion_id))
        rule = "not_yet_active"
        expected = f"first day {last.starts_on.isoformat()}"
    return _breach(redemption, rule, last, seen=f"redeemed on {day.isoformat()}", expected=expected)


def _disabled(redemption: Redemption, terms: Promotion) -> Breach:
    return _breach(
        redemption,
        "code_disabled",
        terms,
        seen=f"redeemed at {instant.text(redemption.redeemed_at)}",
        expected=f"no use of what is {terms.status}",
    )


def _broken(
    redemption: Redemption, terms: Promotion, value_stands: ValueStands
) -> Iterator[Breach]:
    place = place_of(redemption)
    if redemption.discount_minor and _pays(redemption, terms, value_stands):
        yield _as_a_discount(redemption, terms)
    if terms.places and place not in terms.places:
        expected = f"one of {len(terms.places)} places"
        if len(terms.places) == 1:
            expected = next(iter(terms.places))
        yield _breach(
            redemption, "terms_not_met", terms, "places", seen=f"at {place}", expected=expected
        )
    if terms.stacking != "combinable" and _is_stacked(redemption):
        others = ", ".join(redemption.other_codes)
        yield _breach(
            redemption, "not_combinable", terms, seen=f"together with {others}", expected="alone"
        )
    if terms.currency in (None, redemption.currency):
        yield from _too_deep(redemption, terms)


def _pays(redemption: Redemption, terms: Promotion, value_stands: ValueStands) -> bool:
    """A means of payment never cuts the base of the order's tax (lesson 35); and what was sold
    with a value pays by that, or it is had twice."""
    if terms.voucher_class in MEANS_OF_PAYMENT:
        return True
    return terms.voucher_class == "single_purpose" and value_stands(redemption)


def _as_a_discount(redemption: Redemption, terms: Promotion) -> Breach:
    return _breach(
        redemption,
        "terms_not_met",
        terms,
        "voucher_class",
        seen=f"{_money(redemption.discount_minor, redemption)} taken off as a discount",
        expected=f"a payment by the value of a {terms.voucher_class} voucher",
    )


def _is_stacked(redemption: Redemption) -> bool:
    """Whether another code took something off too: one that took nothing is no stacking."""
    other = redemption.order_discount_minor > redemption.discount_minor
    return bool(redemption.other_codes) and other


def _too_deep(redemption: Redemption, terms: Promotion) -> Iterator[Breach]:
    """Amounts, where the terms speak the order's currency; others cannot be compared."""
    gross, discount = redemption.order_gross_minor, redemption.discount_minor
    if terms.minimum_spend_minor is not None and gross < terms.minimum_spend_minor:
        yield _breach(
            redemption,
            "terms_not_met",
            terms,
            "minimum_spend",
            seen=f"a bill of {_money(gross, redemption)}",
            expected=f"at least {_money(terms.minimum_spend_minor, redemption)}",
        )
    if terms.max_discount_minor is not None and discount > terms.max_discount_minor:
        most = terms.max_discount_minor
        yield _over(redemption, terms, "max_discount", most, f"at most {_money(most, redemption)}")
    if terms.max_percent is not None:
        most = _share(gross, terms.max_percent)
        if discount > most:
            expected = f"at most {terms.max_percent:g}% of {_money(gross, redemption)}"
            yield _over(redemption, terms, "max_percent", most, expected)


def _over(redemption: Redemption, terms: Promotion, term: Term, most: int, expected: str) -> Breach:
    """Deeper than the terms: at risk is what lies above them."""
    return _breach(
        redemption,
        "terms_not_met",
        terms,
        term,
        seen=f"{_money(redemption.discount_minor, redemption)} off",
        expected=expected,
        at_risk_minor=max(kept_minor(redemption) - most, 0),
    )


def _share(gross_minor: int, percent: float) -> int:
    """A percentage in minor units; a till may round its half cent up."""
    exact = Decimal(gross_minor) * Decimal(str(percent)) / 100
    return int(exact.to_integral_value(ROUND_CEILING))


def _counts(redemption: Redemption, terms: Promotion) -> bool:
    """Whether it holds a use: by its state, or by policy after it was taken back."""
    taken_back = redemption.state in ("rolled_back", "lapsed") and not redemption.no_effect
    return redemption.holds_a_use() or (taken_back and terms.on_rollback == "keep")


def _limits(redemption: Redemption, promotion: Promotion) -> Iterator[Limit]:
    for term in terms_of(promotion):
        for one in ones_told(redemption, term.scope):
            yield _limit(redemption, promotion, term, one)


def _limit(redemption: Redemption, promotion: Promotion, term: LimitTerm, one: str) -> Limit:
    what, when = _OF[term.scope], _IN[term.period]
    breach = _breach(
        redemption,
        reason_of(term),
        promotion,
        seen=f"another use of the same {what}{when}",
        expected=f"at most {term.most}{when}",
    )
    scope, use = _count(redemption, promotion, term, one)
    live = redemption.holds_a_use()
    return Limit(scope=scope, most=term.most, use=use, live=live, breach=breach)


def _count(
    redemption: Redemption, promotion: Promotion, term: LimitTerm, one: str
) -> tuple[str, str]:
    """What the count goes by, and what counts once in it. The two oldest kinds keep the names and
    the uses that they had first: orders; the others count as their counters do that refuse."""
    order = redemption.key.text()
    if term.period == "ever" and term.scope in ("code", "customer"):
        return joined((promotion.promotion_id, term.scope, one)), order
    counter = counter_of(promotion, term, one, redemption.business_day)
    return counter, f"{order}#{redemption.code}"


def _breach(
    redemption: Redemption,
    rule: Rule,
    terms: Promotion | None = None,
    term: Term | None = None,
    *,
    seen: str,
    expected: str,
    at_risk_minor: int | None = None,
) -> Breach:
    cause = Cause(
        rule=rule,
        code=redemption.code,
        day=redemption.business_day,
        term=term,
        promotion=terms.promotion_id if terms else "",
    )
    evidence = Evidence(
        order=redemption.key.text(),
        item=redemption.item_id(),
        redeemed_at=redemption.redeemed_at,
        currency=redemption.currency,
        at_risk_minor=kept_minor(redemption) if at_risk_minor is None else at_risk_minor,
        place=place_of(redemption),
        code_raw=redemption.code_raw,
        seen=seen,
        expected=expected,
    )
    return Breach(cause=cause, evidence=evidence)


def _money(minor: int, redemption: Redemption) -> str:
    return str(Money(minor, redemption.currency))
