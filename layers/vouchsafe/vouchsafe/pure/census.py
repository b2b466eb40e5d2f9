"""The census: what each system says of a code, what orders say, and the register, as one entry."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from vouchsafe.pure.codes import canonical
from vouchsafe.pure.credit import Counters
from vouchsafe.pure.facts import joined, parted
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.running import Running

Kind = Literal["percent", "amount", "free_shipping", "free_item", "other"]
# As a system says it; `` where it says nothing, and then the window alone decides.
Status = Literal["", "active", "paused", "scheduled", "ended"]

_ALIAS_MARK = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one system says of one code. `ref` is its own id of it, `value` is in percent or major
    units of `currency`, `uses` and `cost_minor` are as that system counts.

    Where a till's discounts have no code, `code` is empty and `ref` names the discount.
    """

    system: str
    account: str
    code: str = ""
    ref: str = ""
    name: str = ""
    owner: str = ""
    kind: Kind | None = None
    value: Decimal | None = None
    currency: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    status: Status = ""
    limit: int | None = None
    uses: int | None = None
    cost_minor: int | None = None
    made_on: date | None = None

    def subject(self) -> str:
        """What it is about: one spelling of a code for all, or a till's discount."""
        if self.code:
            return canonical(self.code)
        return of_discount(self.system, self.account, f"catalog:{self.ref}")

    def place(self) -> str:
        """Where it is listed, for people."""
        return f"{self.system}/{self.account}"

    def may_be_used(self, today: date) -> bool:
        """Whether that system would still take it."""
        if self.status in ("paused", "ended"):
            return False
        return self.ends_on is None or today <= self.ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A listing since it was first met; `gone` where a newer complete list does not have it."""

    listing: Listing
    first_seen_at: datetime
    last_seen_at: datetime
    gone: bool = False

    def may_be_used(self, today: date) -> bool:
        return not self.gone and self.listing.may_be_used(today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The first order that bore a code, or a till's discount, which the register did not know.

    `shown` is the code as typed, or the discount's name; `place` the location by the platform's
    name for it. `told` is whether anybody was told.
    """

    subject: str
    shown: str
    platform: str
    account: str
    order: str
    seen_at: datetime
    currency: str
    discount_minor: int
    told: bool = False
    place: str = ""

    def as_told(self) -> "Noticed":
        return replace(self, told=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Uses of a code by the ledger: those that hold, and their cost by currency in minor units."""

    uses: int = 0
    cost: tuple[tuple[str, int], ...] = ()
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Born:
    """A promotion that the register has the code in, and whether it runs."""

    promotion: Promotion
    running: Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of one code. `code` is what the register says that a discount stands for;
    `registered` also where it has the code without any promotion."""

    subject: str
    listed: tuple[Listed, ...] = ()
    noticed: Noticed | None = None
    used: Used = Used()
    registered: bool = False
    code: str = ""
    born: tuple[Born, ...] = ()

    def shown(self) -> str:
        """The code as somebody wrote it, or the discount's name."""
        if self.code:
            return self.code
        named = (each.listing.code or each.listing.name for each in self.listed)
        return next(filter(None, named), self.noticed.shown if self.noticed else self.subject)

    def is_unregistered(self) -> bool:
        """Whether it was seen on an order and the register does not know it."""
        return not self.registered and (self.noticed is not None or self.used.uses > 0)

    def first_seen_at(self) -> datetime | None:
        return min(self._seen(), default=None)

    def last_seen_at(self) -> datetime | None:
        """By lists and by the first order; `used.last_on` tells of the newest order."""
        return max(self._seen(last=True), default=None)

    def _seen(self, *, last: bool = False) -> Iterable[datetime]:
        if self.noticed:
            yield self.noticed.seen_at
        for each in self.listed:
            yield each.last_seen_at if last else each.first_seen_at


def of_discount(platform: str, account: str, alias: str) -> str:
    """What a till's discount without a code is called: no code can be called so."""
    return f"{_ALIAS_MARK}{joined((platform, account, alias))}"


def discount_of(subject: str) -> tuple[str, str, str] | None:
    """Platform, account and alias; None for a code."""
    parts = parted(subject.removeprefix(_ALIAS_MARK))
    if not subject.startswith(_ALIAS_MARK) or len(parts) != 3:
        return None
    return parts[0], parts[1], parts[2]


def used_of(rows: Counters) -> Used:
    """A code's uses and cost from its rows of Insight, whose keys are day and currency."""
    uses, cost, days = 0, dict[str, int](), set[str]()
    for key, row in rows.items():
        day, currency = parted(key.sk)[:2]
        held = sum(row.get(name, 0) for name in ("redeemed", "confirmed", "partially_returned"))
        if held:
            days.add(day)
            uses += held
            taken = row.get("discount_minor", 0) - row.get("returned_minor", 0)
            cost[currency] = cost.get(currency, 0) + taken
    return Used(
        uses=uses,
        cost=tuple(sorted(cost.items())),
        first_on=date.fromisoformat(min(days)) if days else None,
        last_on=date.fromisoformat(max(days)) if days else None,
    )


def once(listings: Iterable[Listing]) -> list[Listing]:
    """Each listing once; of two that have one code and id the later stands."""
    found = {(each.subject(), each.code, each.ref): each for each in listings}
    return list(found.values())


def without_people(listing: Listing) -> Listing:
    """An owner that is an address is a person's: only what stands before the @ is kept."""
    return replace(listing, owner=listing.owner.partition("@")[0].strip())
