"""The value of a voucher that was paid for: its moves, each keyed by its cause, and their sum.

A value is a means of payment and no discount: it has a ledger of its own. A move is an entry that
is never changed; the balance is the fold of the entries. Expiry is no entry: it follows from the
terms and the clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Literal

from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.errors import Conflict
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.register import VoucherClass

Kind = Literal["issued", "topped_up", "held", "released", "spent", "given_back", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTerms:
    """What holds for a value from its issue on. `code` is canonical.

    It expires with the business day `expires_on`, by the `days` of the place that issued it,
    wherever it is spent.
    """

    code: str
    promotion_id: str
    voucher_class: VoucherClass
    currency: str
    expires_on: date
    days: DayRule

    def over_at(self) -> datetime:
        """The first instant at which nothing of it can be held or spent."""
        return self.days.starts(self.expires_on + timedelta(days=1))

    def is_over(self, at: datetime) -> bool:
        return at >= self.over_at()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One move. `cause` names it among the entries of its value, so that a repeat is the same.

    `amount_minor` is what moved, always positive; `asked_minor` what was asked for, where less may
    have been granted. `order` is the key of the order that it was sold, held or spent on, and
    `payment` tells the payments of one order apart. `day` is the business day at the `place`
    (`platform/account/location`). `paid_minor` is what was paid for what was issued or topped up.
    `hold_minor` is the hold that a spend ended, the part that was not spent included. `number`
    counts the entries of the value from 1 without gaps.
    """

    terms: ValueTerms
    kind: Kind
    cause: str
    number: int
    amount_minor: int
    at: datetime
    day: date
    place: str = ""
    order: str = ""
    payment: str = ""
    asked_minor: int = 0
    paid_minor: int = 0
    hold_minor: int = 0
    until: datetime | None = None
    because: str = ""
    who: str = ""

    def available_by(self) -> int:
        """What it adds to what is available; negative where it takes."""
        match self.kind:
            case "issued" | "topped_up" | "released" | "given_back":
                return self.amount_minor
            case "held" | "withdrawn":
                return -self.amount_minor
            case "spent":
                return self.hold_minor - self.amount_minor

    def held_by(self) -> int:
        """What it adds to what is held."""
        match self.kind:
            case "held":
                return self.amount_minor
            case "released":
                return -self.amount_minor
            case _:
                return -self.hold_minor

    def spent_by(self) -> int:
        """What it adds to what is spent."""
        match self.kind:
            case "spent":
                return self.amount_minor
            case "given_back":
                return -self.amount_minor
            case _:
                return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What is held for a payment of an order; `number` is that of the entry that held it."""

    order: str
    payment: str
    amount_minor: int
    asked_minor: int
    until: datetime
    number: int

    def is_over(self, now: datetime) -> bool:
        return self.until <= now

    def is_for(self, order: str, payment: str) -> bool:
        return (self.order, self.payment) == (order, payment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The balance after `version` entries. `spent_minor` is what was not given back; `moved_at` is
    the latest time of an entry, and no later entry is before it.

    Raises ValueError where it does not foot: such a balance is never written.
    """

    terms: ValueTerms
    issued_minor: int = 0
    topped_up_minor: int = 0
    withdrawn_minor: int = 0
    paid_minor: int = 0
    available_minor: int = 0
    held_minor: int = 0
    spent_minor: int = 0
    holds: tuple[Hold, ...] = ()
    moved_at: datetime = EPOCH
    version: int = 0

    def __post_init__(self) -> None:
        parts = self.available_minor, self.held_minor, self.spent_minor
        came = self.issued_minor + self.topped_up_minor - self.withdrawn_minor
        held = sum(each.amount_minor for each in self.holds)
        if min(parts) < 0 or sum(parts) != came or held != self.held_minor:
            raise ValueError(f"a value that does not foot: {parts} of {came}")

    def outstanding_minor(self) -> int:
        """What its holder may still spend, were it not for expiry."""
        return self.available_minor + self.held_minor

    def free_minor(self, now: datetime) -> int:
        """What may be held or spent now: what is available, and holds whose time is over."""
        if self.terms.is_over(now):
            return 0
        over = sum(each.amount_minor for each in self.holds if each.is_over(now))
        return self.available_minor + over

    def hold_of(self, order: str, payment: str) -> Hold | None:
        return next((each for each in self.holds if each.is_for(order, payment)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a value has paid of an order, and what of that was given back."""

    order: str
    payment: str
    asked_minor: int
    spent_minor: int
    given_back_minor: int = 0

    def left_minor(self) -> int:
        """What can still be given back."""
        return self.spent_minor - self.given_back_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """What nobody can spend any more, on the business day on which that came true.

    `cause` is `expired`, or that of the give-back that came after expiry.
    """

    terms: ValueTerms
    day: date
    amount_minor: int
    cause: str


def after(value: Value | None, entry: Entry) -> Value:
    """The balance with one more entry. Raises Conflict where it is not the next one, ValueError
    where the entry would break the balance."""
    before = value or Value(terms=entry.terms)
    if entry.number != before.version + 1 or (value is None) != (entry.kind == "issued"):
        raise Conflict(f"the value is at entry {before.version}")
    sold = entry.amount_minor
    return replace(
        before,
        issued_minor=before.issued_minor + (sold if entry.kind == "issued" else 0),
        topped_up_minor=before.topped_up_minor + (sold if entry.kind == "topped_up" else 0),
        withdrawn_minor=before.withdrawn_minor + (sold if entry.kind == "withdrawn" else 0),
        paid_minor=before.paid_minor + entry.paid_minor,
        available_minor=before.available_minor + entry.available_by(),
        held_minor=before.held_minor + entry.held_by(),
        spent_minor=before.spent_minor + entry.spent_by(),
        holds=_holds(before, entry),
        moved_at=max(before.moved_at, entry.at),
        version=entry.number,
    )


def paid(payment: Payment | None, entry: Entry) -> Payment | None:
    """The payment with one more entry of it. Raises Conflict where more came back than was paid."""
    if entry.kind == "spent":
        return Payment(
            order=entry.order,
            payment=entry.payment,
            asked_minor=entry.asked_minor,
            spent_minor=entry.amount_minor,
        )
    if entry.kind != "given_back":
        return payment
    if payment is None or payment.left_minor() < entry.amount_minor:
        raise Conflict("more would be given back than was paid")
    return replace(payment, given_back_minor=payment.given_back_minor + entry.amount_minor)


def folded(entries: Iterable[Entry]) -> Value | None:
    """The balance of a value's entries, in whatever order and however often each arrived; None
    without any. Raises Conflict where one is missing in between."""
    found: Value | None = None
    return reduce(after, in_turn(entries), found)


def payments(entries: Iterable[Entry]) -> dict[tuple[str, str], Payment]:
    """What the entries paid, by order and payment."""
    found: dict[tuple[str, str], Payment] = {}
    for entry in in_turn(entries):
        key = entry.order, entry.payment
        if (after_it := paid(found.get(key), entry)) is not None:
            found[key] = after_it
    return found


def in_turn(entries: Iterable[Entry]) -> list[Entry]:
    """Each entry once, in the order in which they were made."""
    return sorted({each.cause: each for each in entries}.values(), key=lambda each: each.number)


def breakages(entries: Iterable[Entry], now: datetime) -> list[Breakage]:
    """What of a value has expired by now, each with its day; nothing before it expires.

    A hold never outlasts the value, so what was held at the end of its last day is part of it.
    """
    made = in_turn(entries)
    if not made or not made[0].terms.is_over(now):
        return []
    terms = made[0].terms
    in_time = [each for each in made if not terms.is_over(each.at)]
    left = sum(each.available_by() + each.held_by() for each in in_time)
    ended = [(terms.expires_on, left, "expired")]
    ended += [
        (each.day, each.amount_minor, each.cause)
        for each in made
        if each.kind == "given_back" and terms.is_over(each.at)
    ]
    return [
        Breakage(terms=terms, day=day, amount_minor=minor, cause=cause)
        for day, minor, cause in ended
        if minor
    ]


def _holds(value: Value, entry: Entry) -> tuple[Hold, ...]:
    if entry.kind == "held" and entry.until is not None:
        held = Hold(
            order=entry.order,
            payment=entry.payment,
            amount_minor=entry.amount_minor,
            asked_minor=entry.asked_minor,
            until=entry.until,
            number=entry.number,
        )
        return (*value.holds, held)
    if entry.kind in ("released", "spent"):
        ended = entry.order, entry.payment
        return tuple(each for each in value.holds if not each.is_for(*ended))
    return value.holds
