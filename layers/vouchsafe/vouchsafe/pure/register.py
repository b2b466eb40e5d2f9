"""The register's words: campaigns, promotions with their terms, codes, aliases and places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal, Protocol

from vouchsafe.pure.business_day import DayRule

ConfirmedBy = Literal["platform", "payment", "final_bill", "check_in"]
Stacking = Literal["exclusive", "combinable", "best_only"]
VoucherClass = Literal["discount", "single_purpose", "multi_purpose", "stored_value"]
OnRollback = Literal["restore", "keep"]
Status = Literal["active", "paused", "retired"]
BenefitKind = Literal["percent", "amount", "free_item", "free_shipping"]
AudienceKind = Literal["anyone", "new", "returning", "silent", "holder", "segment"]
SegmentRuleKind = Literal[
    "first_time", "silent", "orders", "spent", "bought_sku", "bought_category", "ordered_at"
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LimitScope = Literal["promotion", "code", "customer", "device", "card", "location"]
LimitPeriod = Literal["ever", "day", "week", "month"]

# Classes that carry value: `single_purpose` is taxed when it is sold, the others when they pay.
PAID: frozenset[VoucherClass] = frozenset({"single_purpose", "multi_purpose", "stored_value"})
# Classes that pay for an order whose tax is due in full: they must never cut its base.
MEANS_OF_PAYMENT: frozenset[VoucherClass] = frozenset({"multi_purpose", "stored_value"})


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
class Benefit:
    """What a code gives: a percentage, minor units, the cheapest unit of a `sku`, or delivery."""

    kind: BenefitKind
    percent: Decimal = Decimal(0)
    amount_minor: int = 0
    sku: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a promotion is for; `days` are those of silence."""

    kind: AudienceKind = "anyone"
    days: int = 0
    segment_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRule:
    """What the ledger must know of a customer. `least` are orders, or minor units that were spent.

    `days` are those of silence. Orders count since a business day, or for as many days as
    `within` says. `name` is the sku, the category or the place.
    """

    kind: SegmentRuleKind
    least: int = 0
    days: int = 0
    since: date | None = None
    within: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A group of customers: those who meet all `rules`; without any, those on its list."""

    segment_id: str
    name: str
    owner: str
    currency: str | None = None
    rules: tuple[SegmentRule, ...] = ()

    def is_list(self) -> bool:
        """Whether people say who is in it."""
        return not self.rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A span of the location's wall clock, both minutes included; it may pass midnight."""

    opens: time
    closes: time

    def holds(self, at: time) -> bool:
        """Whether that wall-clock time falls in the span."""
        minute = at.replace(second=0, microsecond=0)
        if self.opens <= self.closes:
            return self.opens <= minute <= self.closes
        return minute >= self.opens or minute <= self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitTerm:
    """At most so many uses of each one of a scope in a period of business days.

    A week begins on Monday. `customer` counts for each identity key by itself.
    """

    scope: LimitScope
    period: LimitPeriod
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The terms. An absent limit, minimum or cap is no term; no places means everywhere.

    Amounts are minor units of `currency`; `max_percent` is of the order's gross. Limits count
    redemptions that hold a use. `places` are `platform/account/location_id`. `max_discount` and
    `max_percent` are what a till may give at most, `cap_discount_at` is where a benefit that
    would be deeper ends; above `refuse_above` of the order's gross there is none at all. Without
    a benefit the till decides what a code gives. `priority`: the higher is applied first.
    Once `revenue_goal` is earned nobody may use it any more.
    `off_since`: when it was paused or retired, if that is known.
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
    status: Status = "active"
    off_since: datetime | None = None
    benefit: Benefit | None = None
    cap_discount_at_minor: int | None = None
    refuse_above_minor: int | None = None
    include_skus: frozenset[str] = frozenset()
    exclude_skus: frozenset[str] = frozenset()
    include_categories: frozenset[str] = frozenset()
    exclude_categories: frozenset[str] = frozenset()
    low_stock_below: int | None = None
    weekdays: frozenset[Weekday] = frozenset()
    hours: tuple[Hours, ...] = ()
    audience: Audience = Audience()
    limits: tuple[LimitTerm, ...] = ()
    budget_minor: int | None = None
    revenue_goal_minor: int | None = None
    priority: int = 0
    hold_minutes: int = 30
    requires_reservation: bool = False

    def runs_on(self, day: date) -> bool:
        """Whether the business day falls in the window, its last day included."""
        return self.starts_on <= day <= self.ends_on

    def was_off_at(self, at: datetime) -> bool:
        """Whether it was paused or retired by then; where nobody knows since when, it was not."""
        return self.off_since is not None and self.off_since <= at


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

    def segment(self, segment_id: str) -> Segment | None: ...

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


def segment_of(register: Register, promotion: Promotion) -> Segment | None:
    """The segment that the promotion is for, if it is for one that the register holds."""
    segment_id = promotion.audience.segment_id
    return register.segment(segment_id) if segment_id else None


def channel_of(utm_source: str, utm_medium: str) -> str:
    """A channel's name as `source / medium`; `(direct)` where neither is known."""
    return f"{utm_source} / {utm_medium}" if utm_source or utm_medium else "(direct)"
