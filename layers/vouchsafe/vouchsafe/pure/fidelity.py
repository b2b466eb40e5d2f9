"""Fidelity: how much of what the ledger confirmed on a day a shop's front end has reported."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

# no_such_order: no shop knows it: a test, a failed payment, a forgery. not_confirmed: it was never
# served and paid. other_codes: it was, and without this code.
WhyAlone = Literal["no_such_order", "not_confirmed", "other_codes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFidelity:
    """One code at one place on one day. `reported` counts confirmed redemptions whose order was
    reported with this code; the orders of the others are `missing`, where no report came at all,
    or `codeless`, where one came without the code."""

    location_id: str
    code: str
    confirmed: int
    reported: int
    missing: tuple[str, ...] = ()
    codeless: tuple[str, ...] = ()

    def under_reporting_rate(self) -> float:
        """1 - reported / confirmed; there is no row without anything confirmed."""
        return under_reporting_rate(self.confirmed, self.reported)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """A purchase with a code that only the front end has."""

    transaction_id: str
    code: str
    why: WhyAlone


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """An order whose amount the front end told otherwise, in minor units of `currency`."""

    order: str
    currency: str
    front_end_minor: int
    ledger_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFidelity:
    """One day of one shop against its front end, both by the property's clock.

    `front_end` is `platform/account`. `applied` counts, by code, how often one was accepted at the
    checkout, which knows no place. `repeated` are transactions that were reported more than once:
    each counts once.
    """

    platform: str
    account: str
    front_end: str
    day: date
    judged_at: datetime
    codes: tuple[CodeFidelity, ...] = ()
    applied: tuple[tuple[str, int], ...] = ()
    alone: tuple[Alone, ...] = ()
    repeated: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()

    def confirmed(self) -> int:
        return sum(each.confirmed for each in self.codes)

    def reported(self) -> int:
        return sum(each.reported for each in self.codes)

    def unreported(self) -> tuple[str, ...]:
        """The orders to look at, each once."""
        return orders_of(self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One number of a day with the orders behind it; transactions where no order is known."""

    code: str
    finding: str
    count: int
    location_id: str = ""
    orders: tuple[str, ...] = ()


def findings(result: DayFidelity) -> Iterator[Finding]:
    """Every number of the day. What is confirmed and reported opens in the ledger's own reports."""
    for row in result.codes:
        counts = (
            ("confirmed", row.confirmed, ()),
            ("reported", row.reported, ()),
            ("missing", len(row.missing), row.missing),
            ("codeless", len(row.codeless), row.codeless),
        )
        for name, count, orders in counts:
            if count:
                yield Finding(
                    location_id=row.location_id,
                    code=row.code,
                    finding=name,
                    count=count,
                    orders=orders,
                )
    for code, count in result.applied:
        yield Finding(code=code, finding="applied", count=count)
    for each in result.alone:
        yield Finding(code=each.code, finding=each.why, count=1, orders=(each.transaction_id,))
    for transaction in result.repeated:
        yield Finding(code="", finding="repeated", count=1, orders=(transaction,))
    for other in result.deviations:
        yield Finding(code="", finding="deviation", count=1, orders=(other.order,))


def under_reporting_rate(confirmed: int, reported: int) -> float:
    """1 - reported / confirmed; 0 where nothing was confirmed."""
    return 1 - reported / confirmed if confirmed else 0.0


def orders_of(codes: Iterable[CodeFidelity]) -> tuple[str, ...]:
    """The orders that were not reported with their code, in order, each once."""
    return tuple(sorted({order for each in codes for order in (*each.missing, *each.codeless)}))


def by_code(codes: Iterable[CodeFidelity]) -> dict[str, tuple[CodeFidelity, ...]]:
    """The rows of each code at all its places."""
    found: dict[str, tuple[CodeFidelity, ...]] = {}
    for each in codes:
        found[each.code] = (*found.get(each.code, ()), each)
    return found
