"""The cells of one row, read as what they must be, with every fault kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Generic, TypeVar, get_args

from vouchsafe.pure import money
from vouchsafe.pure import register_term_values as terms
from vouchsafe.pure import register_values as values
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.identity import Kind
from vouchsafe.pure.register import (
    Audience,
    Benefit,
    ConfirmedBy,
    Hours,
    LimitTerm,
    OnRollback,
    SegmentRule,
    Stacking,
    Status,
    VoucherClass,
    Weekday,
)
from vouchsafe.pure.register_rows import Fault, Row
from vouchsafe.pure.touchpoint import TouchKind

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class As(Generic[T]):
    """How a cell is read. `parse` raises Invalid; `stand_in` takes the place of what it refused."""

    parse: Callable[[str], T]
    stand_in: T


class Cells:
    """One row's cells, read as what they must be; every fault is kept.

    What is read of a faulty cell is a stand-in, so that the rest of the row can be judged too.
    """

    def __init__(self, row: Row) -> None:
        self._row = row
        self.faults: list[Fault] = []
        self.bad: set[str] = set()

    def needed(self, column: str, how: As[T]) -> T:
        """A cell that must say something."""
        if self._row.cells.get(column):
            return self.given(column, how, how.stand_in)
        self.bad.add(column)
        if column in self._row.cells:
            self.faults.append(self._row.fault(column, "is empty"))
        return how.stand_in

    def given(self, column: str, how: As[T], default: D) -> T | D:
        """A cell that may be empty, which says the default."""
        text = self._row.cells.get(column)
        if not text:
            return default
        try:
            return how.parse(text)
        except Invalid as error:
            self.refuse(column, error.rule)
            return how.stand_in

    def refuse(self, column: str, rule: str) -> None:
        """A rule that the cell breaks together with others."""
        self.bad.add(column)
        self.faults.append(self._row.fault(column, rule))

    def says(self, *columns: str) -> bool:
        """Whether any of the cells says something."""
        return any(self._row.cells.get(column) for column in columns)

    def are_good(self, *columns: str) -> bool:
        return not self.bad.intersection(columns)


def amount(currency: str | None) -> As[int]:
    """Major units above zero, as minor units; with no currency known, only whether it is one."""

    def parse(text: str) -> int:
        value = values.decimal(text)
        if value == 0:
            raise Invalid("cell", "must be above 0")
        return money.minor_units(value, currency) if currency else 1

    return As(parse, 1)


def benefit(currency: str | None) -> As[Benefit]:
    """What a code gives; with no currency known, an amount is only held to be one."""
    return As(
        lambda text: terms.benefit(text, currency), Benefit(kind="percent", percent=Decimal(1))
    )


def segment_rules(currency: str | None) -> As[tuple[SegmentRule, ...]]:
    """Who is in a segment; with no currency known, an amount is only held to be one."""
    return As(lambda text: terms.segment_rules(text, currency), ())


def window(of: Cells) -> tuple[date, date]:
    """The first and last day of a row that has a window."""
    starts_on, ends_on = of.needed("starts_on", DAY), of.needed("ends_on", DAY)
    if of.are_good("starts_on", "ends_on") and ends_on < starts_on:
        of.refuse("ends_on", f"must not be before starts_on, {starts_on}: {ends_on}")
    return starts_on, ends_on


def one_of(words: tuple[T, ...]) -> As[T]:
    """One of a closed set of words; the first stands in."""

    def parse(text: str) -> T:
        for word in words:
            if word == text:
                return word
        raise Invalid("cell", f"must be one of {', '.join(map(str, words))}: {text!r}")

    return As(parse, words[0])


TEXT = As(values.plain, "")
NAME = As(values.name_of_thing, "")
CODE = As(values.code, "")
PLATFORM = As(values.platform, "")
ACCOUNT = As(values.account, "")
FRONT_END = As(values.front_end, "")
DAY = As(values.day, date.min)
CLOCK = As(values.clock, time(0))
ZONE = As(values.zone, "UTC")
CURRENCY = As(values.currency, "")
COUNT = As(values.whole_above_zero, 1)
WHOLE = As(values.whole, 0)
NUMBER = As(lambda text: float(values.decimal(text)), 0.0)
PERCENT = As(values.percent, 1.0)
PLACES: As[frozenset[str]] = As(values.places, frozenset())
ALIAS = As(values.alias, "")
CHANNEL = As(values.channel, ("", ""))
PERSON: As[tuple[Kind, str]] = As(values.person, ("customer", ""))
MOMENT = As(values.moment, datetime(1970, 1, 1, tzinfo=UTC))
YES_OR_NO = As(values.yes_or_no, stand_in=False)
CONFIRMED_BY: As[ConfirmedBy] = one_of(get_args(ConfirmedBy))
STACKING: As[Stacking] = one_of(get_args(Stacking))
VOUCHER_CLASS: As[VoucherClass] = one_of(get_args(VoucherClass))
ON_ROLLBACK: As[OnRollback] = one_of(get_args(OnRollback))
STATUS: As[Status] = one_of(get_args(Status))
ANYONE = Audience()
AUDIENCE = As(terms.audience, ANYONE)
NAMES: As[frozenset[str]] = As(terms.names, frozenset())
WEEKDAYS: As[frozenset[Weekday]] = As(terms.weekdays, frozenset())
HOURS: As[tuple[Hours, ...]] = As(terms.hours, ())
LIMITS: As[tuple[LimitTerm, ...]] = As(terms.limits, ())
TOUCH_KIND: As[TouchKind] = one_of(get_args(TouchKind))
