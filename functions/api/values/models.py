"""What shops send and are told of values; amounts are in minor units of the value's currency."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, StrictStr

from vouchsafe.pure.asking import Said
from vouchsafe.pure.facts import joined
from vouchsafe.pure.offer import Reason
from vouchsafe.pure.register import VoucherClass
from vouchsafe.pure.value import Kind

# Above any bill, and below where sums would leave 64 bits.
_MOST_MINOR = 10**13
LONGEST_NAME = 255


def _fits(text: str) -> str:
    """In bytes, as keys of tables spell it: a sort key holds 1024 of them, and other parts."""
    if len(joined((text,)).encode()) > LONGEST_NAME:
        raise ValueError("is too long to be a key")
    return text


KeyName = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_fits)]
# Part of a key beside an order's.
ShortName = Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Session = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_NAME)]
Currency = Annotated[StrictStr, Field(pattern="^[A-Z]{3}$")]
Amount = Annotated[StrictInt, Field(ge=1, le=_MOST_MINOR)]
Paid = Annotated[StrictInt, Field(ge=0, le=_MOST_MINOR)]


class SaleAsked(Said):
    """Value that an order sells. `paid_minor` is what was paid for it, its sale's discounts taken
    off: 0 where it was given. An order sells value to a code once."""

    order_id: KeyName
    currency: Currency
    amount_minor: Amount
    paid_minor: Paid
    location_id: KeyName | None = None
    session: Session | None = None


class IssueAsked(SaleAsked):
    """The first value of a code. Without `expires_on` it lasts as long as its promotion."""

    expires_on: date | None = None


class PaymentAsked(Said):
    """What a payment of an order asks for. An order that pays several times names its payments;
    `partly`: as much as there is will do."""

    order_id: KeyName
    currency: Currency
    amount_minor: Amount
    payment_id: ShortName | None = None
    partly: bool = False
    location_id: KeyName | None = None
    session: Session | None = None


class ReleaseAsked(Said):
    """Whose hold is given back."""

    order_id: KeyName
    payment_id: ShortName | None = None
    location_id: KeyName | None = None
    session: Session | None = None


class GiveBackAsked(Said):
    """What of a payment comes back; without `amount_minor` all that is left of it. `return_id` is
    the shop's own: the same one again is the same return."""

    order_id: KeyName
    return_id: ShortName
    amount_minor: Amount | None = None
    payment_id: ShortName | None = None
    location_id: KeyName | None = None
    session: Session | None = None


class RefusalTold(Said):
    """Why a value does not pay: for unknown and disabled codes one and the same."""

    reason: Reason
    term: str | None = None
    detail: str | None = None


class HoldTold(Said):
    """What is held for an order, and until when."""

    order_id: str
    payment_id: str | None = None
    amount_minor: int
    until: datetime


class EntryTold(Said):
    """One move, in the order in which they were made: `number` counts from 1 without gaps."""

    number: int
    kind: Kind
    amount_minor: int
    at: datetime
    order_id: str | None = None
    payment_id: str | None = None


class ValueTold(Said):
    """A value as it stands. `available_minor` is what can be held or spent now: nothing once it
    is `expired`. `held_minor` are holds whose time is not over."""

    code: str
    promotion_id: str
    voucher_class: VoucherClass
    currency: str
    available_minor: int
    held_minor: int
    spent_minor: int
    expires_on: date
    expired: bool
    holds: tuple[HoldTold, ...] = ()


class ValueRead(ValueTold):
    """With its newest entries; `after` asks for the older ones."""

    entries: tuple[EntryTold, ...]
    after: str | None = None


class MoveTold(Said):
    """What became of it. `granted_minor` is what was issued, held, spent or given back, now or when
    the same was asked before; or what is released now. `outcome` is `partly` where it is less than
    was asked for, and where it is `refused` nothing is paid."""

    outcome: Literal["granted", "partly", "refused"]
    granted_minor: int
    refusal: RefusalTold | None = None
    value: ValueTold
