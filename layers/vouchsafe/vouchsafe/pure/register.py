"""The register's words: campaigns, promotions with their terms, codes, aliases and places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from vouchsafe.pure.business_day import DayRule

ConfirmedBy = Literal["platform", "payment", "final_bill", "check_in"]
Stacking = Literal["exclusive", "combinable", "best_only"]
VoucherClass = Literal["discount", "single_purpose", "multi_purpose", "stored_value"]
OnRollback = Literal["restore", "keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One shop or merchant at a platform, with what holds where a location says nothing.

    `front_end` is the analytics that its pages report to, as `platform/account`; empty for none.
    """

    platform: str
    account: str
    currency: str
    days: DayRule
    confirmed_by: ConfirmedBy = "platform"
    front_end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One place of an account, with its own business day."""

    platform: str
    account: str
    location_id: str
    name: str
    days: DayRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Purpose, owner and window. Both days are included, in the location's business days."""

    campaign_id: str
    name: str
    purpose: str
    owner: str
    starts_on: date
    ends_on: date
    utm_source: str
    utm_medium: str
    utm_campaign: str
    planned_uses_a_day: float = 0.0
    look_back_days: int = 30

    def channel(self) -> str:
        """The marketing channel, as `source / medium`."""
        return channel_of(self.utm_source, self.utm_medium)

    def runs_on(self, day: date) -> bool:
        """Whether the business day falls in the window, its last day included."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The terms. An absent limit, minimum or cap is no term; no places means everywhere.

    Amounts are minor units of `currency`; `max_percent` is of the order's gross. Limits count
    redemptions that hold a use. `places` are `platform/account/location_id`.
    """

    promotion_id: str
    campaign_id: str
    starts_on: date
    ends_on: date
    voucher_class: VoucherClass
    owner: str
    purpose: str
    vat_class: str = ""
    code_limit: int | None = None
    customer_limit: int | None = None
    places: frozenset[str] = frozenset()
    minimum_spend_minor: int | None = None
    max_discount_minor: int | None = None
    max_percent: float | None = None
    currency: str | None = None
    stacking: Stacking = "combinable"
    generic: bool = False
    confirmed_by: ConfirmedBy = "platform"
    on_rollback: OnRollback = "restore"

    def runs_on(self, day: date) -> bool:
        """Whether the business day falls in the window, its last day included."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A voucher's code and the promotions it may be redeemed under."""

    canonical: str
    raw: str
    promotions: tuple[str, ...]


class Register(Protocol):
    """What a judgement may ask of the register; each answer is None where it knows nothing."""

    def account(self, platform: str, account: str) -> Account | None: ...

    def location(self, platform: str, account: str, location_id: str) -> Location | None: ...

    def code(self, canonical: str) -> Code | None: ...

    def alias(self, platform: str, account: str, alias: str) -> str | None:
        """The raw code that a till's discount stands for."""
        ...

    def promotion(self, promotion_id: str) -> Promotion | None: ...

    def campaign(self, campaign_id: str) -> Campaign | None: ...

    def revision(self) -> int:
        """Rises with every load; what was derived under a higher one wins."""
        ...


def days_at(register: Register, platform: str, account: str, location_id: str | None) -> DayRule:
    """The location's business day, else the account's, else plain UTC days."""
    place = register.location(platform, account, location_id) if location_id else None
    if place:
        return place.days
    shop = register.account(platform, account)
    return shop.days if shop else DayRule()


def promotions_of(register: Register, code: Code | None) -> tuple[Promotion, ...]:
    """The code's promotions that the register holds, in the code's order."""
    if code is None:
        return ()
    found: Iterable[Promotion | None] = (register.promotion(each) for each in code.promotions)
    return tuple(promotion for promotion in found if promotion)


def channel_of(utm_source: str, utm_medium: str) -> str:
    """A channel's name as `source / medium`; `(direct)` where neither is known."""
    return f"{utm_source} / {utm_medium}" if utm_source or utm_medium else "(direct)"
