"""What shops send and are told; amounts are in minor units of the order's currency."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, StrictStr

from vouchsafe.pure.asking import Said
from vouchsafe.pure.facts import joined
from vouchsafe.pure.offer import Reason
from vouchsafe.pure.parsing import Instant, Quantity
from vouchsafe.pure.policy import Signal, Step
from vouchsafe.pure.redemption import State

MOST_CODES = 20
MOST_LINES = 1000
MOST_LEVELS = 250
_MOST_UNITS = 10**9
# Above any bill, and below where sums would leave 64 bits.
_MOST_MINOR = 10**13

LONGEST_NAME = 255
Name = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_NAME)]


def _fits(text: str) -> str:
    """In bytes, as keys of tables spell it: a sort key holds 1024 of them, and other parts."""
    if len(joined((text,)).encode()) > LONGEST_NAME:
        raise ValueError("is too long to be a key")
    return text


KeyName = Annotated[Name, AfterValidator(_fits)]
Typed = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Minor = Annotated[StrictInt, Field(ge=0, le=_MOST_MINOR)]
Units = Annotated[Quantity, Field(gt=0)]


class LineAsked(Said):
    """One line of the order; `gross_minor` is for all of its units, before discounts."""

    line_id: Name
    quantity: Units = Decimal(1)
    gross_minor: Minor
    sku: Name | None = None
    category: Name | None = None


class CustomerAsked(Said):
    """Who buys, as far as it is known. Only keyed hashes of it are ever kept."""

    email: Annotated[StrictStr, Field(max_length=320)] | None = None
    phone: Annotated[StrictStr, Field(max_length=50)] | None = None
    loyalty_id: Name | None = None
    customer_id: Name | None = None
    card_fingerprint: Name | None = None


class OrderAsked(Said):
    """What somebody wants to buy. `order_id` is the shop's own; asked again it is the same order.

    `stock` says how many units of a sku are left, for promotions that spare what is scarce; of
    skus that are not in it what was told to `/vouchers/stock` counts.
    """

    order_id: KeyName
    currency: Annotated[StrictStr, Field(pattern="^[A-Z]{3}$")]
    lines: Annotated[tuple[LineAsked, ...], Field(max_length=MOST_LINES)]
    shipping_minor: Minor = 0
    location_id: KeyName | None = None
    placed_at: Instant | None = None
    customer: CustomerAsked = CustomerAsked()
    device: Name | None = None
    stock: dict[str, StrictInt] = Field(default_factory=dict, max_length=MOST_LINES)


class LevelAsked(Said):
    """How many units of a sku are left: at one location, or in the whole account."""

    sku: KeyName
    left: Annotated[StrictInt, Field(ge=-_MOST_UNITS, le=_MOST_UNITS)]
    location_id: KeyName | None = None


class StockAsked(Said):
    """Counts of one moment, now if nothing is said; nobody relies on them for longer than that."""

    levels: Annotated[tuple[LevelAsked, ...], Field(min_length=1, max_length=MOST_LEVELS)]
    counted_at: Instant | None = None
    good_for_hours: Annotated[StrictInt, Field(ge=1, le=720)] = 24


class StockTold(Said):
    """How many counts were kept, and how many are older than what is known."""

    kept: int
    older: int


class LevelTold(Said):
    """A count; `holds` says whether promotions still go by it."""

    location_id: str | None
    left: int
    counted_at: datetime
    good_until: datetime
    holds: bool


class SkuTold(Said):
    """What is known of a sku, that of the whole account first."""

    sku: str
    levels: tuple[LevelTold, ...]


class CodesAsked(Said):
    """Codes as they were typed, and the order that they are for.

    `session` is the shopper's, so that guessing is held up there and nobody else is.
    """

    codes: Annotated[tuple[Typed, ...], Field(min_length=1, max_length=MOST_CODES)]
    order: OrderAsked
    session: Name | None = None


class BestAsked(Said):
    """As CodesAsked; the codes that were given to the customer join those that were typed."""

    codes: Annotated[tuple[Typed, ...], Field(max_length=MOST_CODES)] = ()
    order: OrderAsked
    session: Name | None = None


class ShareTold(Said):
    """A code's share of one line."""

    line_id: str
    discount_minor: int


class OfferTold(Said):
    """What a code takes off. `allocation` adds up to `discount_minor`; `waived_minor` is shipping
    that is not charged. `arithmetic` says each step in words. `state` and `until` where it is held
    or used."""

    code: str
    promotion_id: str
    discount_minor: int
    allocation: tuple[ShareTold, ...]
    waived_minor: int = 0
    arithmetic: tuple[str, ...] = ()
    state: State | None = None
    until: datetime | None = None


class RefusalTold(Said):
    """Why a code gives nothing: for unknown, disabled and not given codes one and the same."""

    code: str
    reason: Reason
    term: str | None = None
    detail: str | None = None


class MeasureTold(Said):
    """A step that the claims policy, or a person, took against this customer, device or card. For
    the shop's staff: what a customer may be told is the refusal."""

    step: Step
    until: datetime
    why: str


class FraudPartTold(Said):
    """A signal: its points of at most its weight, and why."""

    signal: Signal | Step
    points: int
    weight: int
    says: str


class FraudTold(Said):
    """What speaks for fraud, 0 to 100, and all that it is the sum of. For the shop's staff."""

    score: int
    parts: tuple[FraudPartTold, ...]


class VouchersTold(Said):
    """The answer for all codes together. `outcome`: `all`, `some` or `none` of them were taken, or
    would be. `measures` and `fraud` are absent where there is nothing to say."""

    order_id: str
    outcome: Literal["all", "some", "none"]
    currency: str
    discount_minor: int
    waived_minor: int
    offers: tuple[OfferTold, ...]
    refusals: tuple[RefusalTold, ...]
    arithmetic: tuple[str, ...] = ()
    measures: tuple[MeasureTold, ...] | None = None
    fraud: FraudTold | None = None


class VoucherTold(Said):
    """A code on an order as it stands."""

    code: str
    promotion_id: str
    state: State
    discount_minor: int
    returned_minor: int
    until: datetime | None = None
    because: str | None = None


class OrderTold(Said):
    """All codes of an order as they stand."""

    order_id: str
    vouchers: tuple[VoucherTold, ...]


class Ended(Said):
    """Why an order was called off."""

    because: Annotated[StrictStr, Field(min_length=1, max_length=200)] = "cancelled"


class Nothing(Said):
    """A call that says no more than its path."""


class UnitsBack(Said):
    """Units of a line that come back."""

    line_id: Name
    quantity: Units


class ReturnAsked(Said):
    """Goods that come back. `return_id` is the shop's own; the same one again is the same return.

    `amount_minor` is the money given back; without it, what was paid for those units.
    """

    return_id: KeyName
    lines: Annotated[tuple[UnitsBack, ...], Field(min_length=1, max_length=MOST_LINES)]
    amount_minor: Minor | None = None
