"""The steps of a sale as its platform learns them: placed, paid, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from local.injections import drawn
from local.till import Sale

Stage = Literal["placed", "paid", "cancelled", "returned"]
# One sale in so many is told twice: once when it is placed, once more when it is paid.
SLOW_ONE_IN = 4
WRITTEN_AFTER = timedelta(seconds=2)
PAID_AFTER = timedelta(seconds=41)


@dataclass(frozen=True, slots=True)
class Step:
    """What is true of a sale from `at` on."""

    stage: Stage
    at: datetime


def steps(sale: Sale) -> Iterator[Step]:
    """Every step that a platform tells of, oldest first."""
    slow = drawn(sale.number, "slow", SLOW_ONE_IN)
    paid = sale.paid and not sale.cancelled_at
    if slow or not paid:
        yield Step("placed", sale.placed_at + WRITTEN_AFTER)
    if paid:
        yield Step("paid", paid_at(sale) + WRITTEN_AFTER)
    if sale.cancelled_at:
        yield Step("cancelled", sale.cancelled_at)
    if sale.back:
        yield Step("returned", sale.back.at)


def last(sale: Sale) -> Step:
    """How the sale stands in the end."""
    *_, step = steps(sale)
    return step


def paid_at(sale: Sale) -> datetime:
    """When the money came: at once at a till, a little later where the sale was told first."""
    slow = drawn(sale.number, "slow", SLOW_ONE_IN)
    return sale.placed_at + PAID_AFTER if slow else sale.placed_at
