"""What the control room is asked and answers of the value of paid vouchers, in minor units."""

from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from vouchsafe.pure.asking import Said
from vouchsafe.pure.register import VoucherClass
from vouchsafe.pure.value import Kind

from .words import At, Why

Amount = Annotated[StrictInt, Field(ge=1, le=10**13)]


class ValueHead(Said):
    """A value. `available_minor` and `held_minor` are what is outstanding, of what was issued and
    topped up, and neither spent nor withdrawn: breakage once it is `expired`."""

    code: str
    promotion_id: str
    voucher_class: VoucherClass
    currency: str
    issued_minor: int
    topped_up_minor: int
    withdrawn_minor: int
    paid_minor: int
    available_minor: int
    held_minor: int
    spent_minor: int
    expires_on: date
    expired: bool
    version: int


class SumTold(Said):
    """What is outstanding of a page, by class and currency."""

    voucher_class: VoucherClass
    currency: str
    expired: bool
    values: int
    outstanding_minor: int


class ValuesTold(Said):
    """A page by code, of those of which something is left; `after` asks for the next one."""

    values: list[ValueHead]
    sums: list[SumTold]
    after: str | None


class EntryTold(Said):
    """One move. `order` is `platform#account#order`, `place` is `platform/account/location`."""

    number: int
    kind: Kind
    amount_minor: int
    at: At
    day: date
    place: str
    order: str
    payment: str
    asked_minor: int
    paid_minor: int
    until: At | None
    because: str
    who: str


class ValueTold(ValueHead):
    """A value with its entries, the newest first; `after` asks for the older ones."""

    entries: list[EntryTold]
    after: str | None


class WithdrawAsked(Said):
    """Takes value away; without an amount all that nobody holds."""

    why: Why
    amount_minor: Amount | None = None
