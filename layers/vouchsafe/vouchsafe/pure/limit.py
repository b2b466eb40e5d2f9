"""Limits: what one use counts against, as the names of counters and how much fits into each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from vouchsafe.pure.cart import Cart
from vouchsafe.pure.facts import joined, parted
from vouchsafe.pure.offer import PRECEDENCE, Reason
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Code, LimitPeriod, LimitScope, LimitTerm, Promotion

LimitReason = Literal["usage_limit_reached", "customer_limit_reached"]

_BUDGET = "budget"
_GOAL = "revenue_goal"
_REASONS: dict[LimitScope, LimitReason] = {
    "promotion": "usage_limit_reached",
    "code": "usage_limit_reached",
    "location": "usage_limit_reached",
    "customer": "customer_limit_reached",
    "device": "customer_limit_reached",
    "card": "customer_limit_reached",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A counter that holds at most `most`, and what one use adds to it: a use, or minor units.

    At a revenue goal a use adds nothing when it is taken, and what its order brought in once that
    is confirmed, be it above `most`; what is there then lets nobody else in.
    `over_on` is the first day after the counter's period; None for one that counts for ever.
    """

    counter: str
    most: int
    reason: Reason
    by: int = 1
    over_on: date | None = None

    def scope(self) -> tuple[str, str]:
        """The scope, and which one of it."""
        scope, _, *rest = parted(self.counter)
        return scope, rest[0] if len(rest) > 1 else ""

    def term(self) -> tuple[str, str, str]:
        """What stays the same from one period to the next: the scope, which one, and how long."""
        period = self.counter.rpartition("#")[2]
        if self.over_on is None:
            return (*self.scope(), "ever")
        return (*self.scope(), "week" if "W" in period else "day" if period[7:] else "month")

    def is_budget(self) -> bool:
        """Whether it counts money."""
        return self.scope()[0] == _BUDGET

    def is_goal(self) -> bool:
        """Whether it counts what was earned, and not what was given."""
        return self.scope()[0] == _GOAL

    def has_room(self, used: int, by: int) -> bool:
        """Whether `by` more may be asked for; giving back always may."""
        fullest = self.fullest(by)
        return by < 0 or fullest is None or used <= fullest

    def fullest(self, by: int) -> int | None:
        """What it may show at most for `by` more to be asked for; None where nothing stops it."""
        if self.is_goal():
            return self.most - 1 if by == 0 else None
        return self.most - by


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What limits must know of one use. Any of `customer`, identity keys, stands for the person."""

    code: str
    place: str
    day: date
    currency: str
    minor: int
    customer: tuple[str, ...] = ()
    device: str | None = None
    card: tuple[str, ...] = ()

    def ones(self, scope: LimitScope) -> tuple[str, ...]:
        """Which ones of a scope the use counts for; nobody known gives none."""
        return {
            "promotion": ("",),
            "code": (self.code,),
            "location": (self.place,),
            "customer": self.customer,
            "device": (self.device,) if self.device else (),
            "card": self.card,
        }[scope]


def limits_of(
    promotion: Promotion, code: Code, cart: Cart, day: date, discount_minor: int
) -> tuple[Limit, ...]:
    """What taking the code on the cart counts against, in the order in which refusals are told.

    A limit of customers or devices that meets nobody is a counter with no room: whoever claims
    hears `identity_required`. A card is known only once somebody pays: until then it counts
    nowhere, and what a till does then is counted from the ledger.
    """
    card = (cart.card,) if cart.card else ()
    use = Use(
        code=code.canonical,
        place=cart.place(),
        day=day,
        currency=cart.currency,
        minor=discount_minor,
        customer=tuple(dict.fromkeys((*cart.customer, *card))),
        device=cart.device,
        card=card or _cards(cart.customer),
    )
    return _limits(promotion, use, asked=True)


def limits_told(promotion: Promotion, redemption: Redemption) -> tuple[Limit, ...]:
    """What a redemption of the ledger counts against; nobody known counts for nobody."""
    return _limits(promotion, _use_told(redemption), asked=False)


def ones_told(redemption: Redemption, scope: LimitScope) -> tuple[str, ...]:
    """Which ones of a scope a redemption of the ledger counts for."""
    return _use_told(redemption).ones(scope)


def terms_of(promotion: Promotion) -> tuple[LimitTerm, ...]:
    """The promotion's limits, its two short forms among them; of twins the tighter one."""
    found: dict[tuple[LimitScope, LimitPeriod], int] = {}
    for term in (*_short_forms(promotion), *promotion.limits):
        name = (term.scope, term.period)
        found[name] = min(term.most, found.get(name, term.most))
    return tuple(
        LimitTerm(scope=scope, period=period, most=most) for (scope, period), most in found.items()
    )


def is_limited(promotion: Promotion) -> bool:
    """Whether uses of it count against anything."""
    money = (promotion.budget_minor, promotion.revenue_goal_minor)
    return bool(terms_of(promotion)) or any(each is not None for each in money)


def reason_of(term: LimitTerm) -> LimitReason:
    """What is said to who finds no room."""
    return _REASONS[term.scope]


def counter_of(promotion: Promotion, term: LimitTerm, one: str, day: date) -> str:
    """The counter's name, such as `customer#P1#email:Yk3#2026-11-20`."""
    which = () if term.scope == "promotion" else (one,)
    return joined((term.scope, promotion.promotion_id, *which, _period(term.period, day)))


def running(promotions: Iterable[Promotion], day: date) -> list[Promotion]:
    """Those that run on the day, the newest first: a till's use belongs to the newest."""
    found = [each for each in promotions if each.runs_on(day)]
    return sorted(found, key=lambda each: (each.starts_on, each.promotion_id), reverse=True)


def with_more(held: Iterable[Limit], told: Iterable[Limit]) -> tuple[Limit, ...]:
    """The limits of a use that stands, with what is known now: who it was, the money, new terms.

    Its periods stay those that it met, so that a hold from before midnight is no second use after.
    """
    limits, more = tuple(held), tuple(told)
    money = {each.counter: each.by for each in more if each.is_budget()}
    known = {each.term() for each in limits}
    kept = [replace(each, by=money.get(each.counter, each.by)) for each in limits]
    return (*kept, *(each for each in more if each.term() not in known))


def _use_told(redemption: Redemption) -> Use:
    key = redemption.key
    return Use(
        code=redemption.code,
        place=f"{key.platform}/{key.account}/{redemption.location_id or ''}",
        day=redemption.business_day,
        currency=redemption.currency,
        minor=redemption.discount_minor,
        customer=redemption.customer,
        card=_cards(redemption.customer),
    )


def _limits(promotion: Promotion, use: Use, *, asked: bool) -> tuple[Limit, ...]:
    found = [
        limit
        for term in terms_of(promotion)
        for limit in _of_term(promotion, term, use, asked=asked)
    ]
    if promotion.currency in (None, use.currency):
        found += _of_money(promotion, use)
    return tuple(sorted(found, key=lambda each: PRECEDENCE.index(each.reason)))


def _of_money(promotion: Promotion, use: Use) -> Iterator[Limit]:
    for scope, most, by in (
        (_BUDGET, promotion.budget_minor, use.minor),
        (_GOAL, promotion.revenue_goal_minor, 0),
    ):
        if most is not None:
            name = joined((scope, promotion.promotion_id, use.currency))
            yield Limit(counter=name, most=most, by=by, reason="budget_exhausted")


def _of_term(promotion: Promotion, term: LimitTerm, use: Use, *, asked: bool) -> Iterator[Limit]:
    ones = use.ones(term.scope)
    for one in ones:
        yield Limit(
            counter=counter_of(promotion, term, one, use.day),
            most=term.most,
            reason=reason_of(term),
            over_on=_over_on(term.period, use.day),
        )
    if asked and not ones and term.scope != "card":
        nobody = counter_of(promotion, term, "", use.day)
        yield Limit(counter=nobody, most=0, reason="identity_required")


def _short_forms(promotion: Promotion) -> Iterator[LimitTerm]:
    if promotion.code_limit is not None:
        yield LimitTerm(scope="code", period="ever", most=promotion.code_limit)
    if promotion.customer_limit is not None:
        yield LimitTerm(scope="customer", period="ever", most=promotion.customer_limit)


def _cards(customer: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for key in customer if key.startswith("card:"))


def _period(period: LimitPeriod, day: date) -> str:
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return {"ever": "ever", "day": day.isoformat(), "month": day.isoformat()[:7]}[period]


def _over_on(period: LimitPeriod, day: date) -> date | None:
    if period == "day":
        return day + timedelta(days=1)
    if period == "week":
        return day + timedelta(days=7 - day.weekday())
    if period == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None
