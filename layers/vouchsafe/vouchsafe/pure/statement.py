"""A till's own list of a business day, row by row, and the same rows seen from the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.facts import joined, parted
from vouchsafe.pure.order import Order
from vouchsafe.pure.redemption import Redemption, State, Unmapped

Period = Literal["daily", "weekly", "monthly"]
PERIODS: tuple[Period, ...] = ("daily", "weekly", "monthly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One business day of one account, listed for a period `[first, last]`, both included."""

    period: Period
    first: date
    last: date
    platform: str
    account: str
    day: date

    def key(self) -> str:
        """The object's key in the statements bucket."""
        span = f"{self.first.isoformat()}_{self.last.isoformat()}"
        return (
            f"{self.period}/{span}/{self.platform}/{self.account}/{self.day.isoformat()}.jsonl.gz"
        )


def scope_of(key: str) -> Scope:
    """The scope that an object's key names. Raises Invalid."""
    try:
        period, span, platform, account, name = key.split("/")
        first, last = (date.fromisoformat(each) for each in span.split("_"))
        day = date.fromisoformat(name.removesuffix(".jsonl.gz"))
    except ValueError as error:
        raise Invalid("key", f"is not a statement's: {key}") from error
    if period not in PERIODS:
        raise Invalid("period", f"must be one of {', '.join(PERIODS)}")
    return Scope(period=period, first=first, last=last, platform=platform, account=account, day=day)


def span_before(period: Period, today: date) -> tuple[date, date]:
    """First and last day of the newest closed period before `today`; weeks begin on Monday."""
    if period == "daily":
        return today - timedelta(days=1), today - timedelta(days=1)
    if period == "weekly":
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday - timedelta(days=1)
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def closed_on(today: date) -> list[Period]:
    """The periods that were over when `today` began."""
    yesterday = today - timedelta(days=1)
    return [period for period in PERIODS if span_before(period, today)[1] == yesterday]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A code on an order: what it took off, and what returns took back, in minor units."""

    code: str
    state: State
    discount_minor: int
    returned_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One order of a business day, as far as the books care. `order` is the text of its key."""

    order: str
    location_id: str
    business_day: date
    placed_at: datetime
    stage: str
    currency: str
    total_minor: int
    discount_minor: int
    refunded_minor: int
    codes: tuple[CodeRow, ...] = ()
    unmapped: tuple[tuple[str, int], ...] = ()
    sums_foot: bool = True


def row_of(order: Order, day: date, rows: Sequence[Redemption | Unmapped]) -> StatementRow:
    """The row of an order; superseded generations and removed codes are history, not the bill."""
    codes: Iterable[Redemption] = (each for each in rows if isinstance(each, Redemption))
    newest = {each.code: each for each in sorted(codes, key=lambda each: each.generation)}
    return StatementRow(
        order=order.key.text(),
        location_id=order.location_id or "",
        business_day=day,
        placed_at=order.placed_at,
        stage=order.stage,
        currency=order.currency,
        total_minor=order.total_minor,
        discount_minor=order.discount_minor,
        refunded_minor=order.refunded_minor,
        codes=tuple(
            CodeRow(
                code=each.code,
                state=each.state,
                discount_minor=each.discount_minor,
                returned_minor=each.returned_minor,
            )
            for _, each in sorted(newest.items())
            if each.because not in ("removed from the order", "reopened")
        ),
        unmapped=tuple(
            sorted(
                (each.alias(), each.discount_minor) for each in rows if isinstance(each, Unmapped)
            )
        ),
        sums_foot=order.sums_foot,
    )


def run_key(scope: Scope) -> str:
    """The key of a reconciliation run: one for each period, account and platform."""
    return joined((scope.period, scope.first.isoformat(), scope.platform, scope.account))


def run_parts(key: str) -> tuple[str, ...]:
    """What `run_key` joined: period, first day, platform, account."""
    return parted(key)
