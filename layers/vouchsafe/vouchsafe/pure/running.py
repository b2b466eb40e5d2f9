"""Whether a promotion runs, by the same rules that refuse its codes; asked by whoever shows it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.facts import joined
from vouchsafe.pure.limit import counter_of, terms_of
from vouchsafe.pure.register import LimitPeriod, LimitScope, Promotion

Running = Literal["active", "not_yet_active", "used_up", "paused", "expired", "retired"]
# Of a code with several promotions: what it is good for comes first.
_ORDER: tuple[Running, ...] = (
    "active",
    "not_yet_active",
    "used_up",
    "paused",
    "expired",
    "retired",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter that everybody's uses fill: of uses, of the budget's minor units, or of the net
    revenue that is held against its goal."""

    name: str
    scope: LimitScope | Literal["budget", "revenue_goal"]
    period: LimitPeriod
    most: int


def running(
    promotion: Promotion, days: Iterable[DayRule], now: datetime, *, used_up: bool = False
) -> Running:
    """`days` are the business days of all places where it holds: it runs while it runs anywhere."""
    if promotion.status != "active":
        return promotion.status
    today = {each.day_of(now) for each in days} or {DayRule().day_of(now)}
    if any(promotion.runs_on(day) for day in today):
        return "used_up" if used_up else "active"
    return "not_yet_active" if max(today) < promotion.starts_on else "expired"


def counters(promotion: Promotion, day: date, code: str = "") -> tuple[Counter, ...]:
    """The promotion's own counters on a business day, and those of one canonical code.

    What is counted for each customer, device, card or place is none of these: it says nothing
    about others.
    """
    scopes = ("promotion", "code") if code else ("promotion",)
    found = [
        Counter(
            name=counter_of(promotion, term, code, day),
            scope=term.scope,
            period=term.period,
            most=term.most,
        )
        for term in terms_of(promotion)
        if term.scope in scopes
    ]
    return (*found, *_of_money(promotion))


def _of_money(promotion: Promotion) -> Iterator[Counter]:
    said: tuple[tuple[Literal["budget", "revenue_goal"], int | None], ...] = (
        ("budget", promotion.budget_minor),
        ("revenue_goal", promotion.revenue_goal_minor),
    )
    for scope, most in said:
        if most is not None and promotion.currency:
            name = joined((scope, promotion.promotion_id, promotion.currency))
            yield Counter(name=name, scope=scope, period="ever", most=most)


def best(states: Iterable[Running]) -> Running:
    """Of a code; one without any promotion is retired."""
    found = set(states)
    return next((each for each in _ORDER if each in found), "retired")
