"""Whether a promotion runs, by the same rules that refuse its codes; asked by whoever shows it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.register import Promotion

Running = Literal["active", "not_yet_active", "paused", "expired", "retired"]
# Of a code with several promotions: what it is good for comes first.
_ORDER: tuple[Running, ...] = ("active", "not_yet_active", "paused", "expired", "retired")


def running(promotion: Promotion, days: Iterable[DayRule], now: datetime) -> Running:
    """`days` are the business days of all places where it holds: it runs while it runs anywhere."""
    if promotion.status != "active":
        return promotion.status
    today = {each.day_of(now) for each in days} or {DayRule().day_of(now)}
    if any(promotion.runs_on(day) for day in today):
        return "active"
    return "not_yet_active" if max(today) < promotion.starts_on else "expired"


def best(states: Iterable[Running]) -> Running:
    """Of a code; one without any promotion is retired."""
    found = set(states)
    return next((each for each in _ORDER if each in found), "retired")
