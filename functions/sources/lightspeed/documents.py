"""The fields of the K-Series that we use: accounts of notifications, sales of the Financial API.

Source: K-Series OpenAPI (reservations and platforms, financial v2), read 2026-11-20.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, StrictStr
from pydantic.alias_generators import to_camel

from vouchsafe.pure.parsing import Amount, Instant, Key, Millis, Narrow

from .words import Id

Word = Annotated[StrictStr, Field(max_length=255)]
_NONE_IS_EMPTY = BeforeValidator(lambda value: () if value is None else value)
Units = Annotated[Decimal, Field(max_digits=20, decimal_places=6)]


class _Row(Narrow):
    model_config = ConfigDict(alias_generator=to_camel)


class ToldDiscount(_Row):
    code: Word | None = None
    description: Word | None = None


class TransactionLine(_Row):
    """A line of an account; `discounted_amount` is the money taken off it."""

    id: Id
    item_sku: Annotated[str | None, Field(coerce_numbers_to_str=True)] = None
    quantity: Units = Decimal(1)
    amount: Amount
    discounted_amount: Amount = Decimal(0)
    discounts: Annotated[tuple[ToldDiscount, ...], _NONE_IS_EMPTY] = ()


class Account(_Row):
    account_number: Key
    type: Word = "SALE"
    currency_code: Word
    open_date: Millis
    update_date: Millis
    close_date: Annotated[Millis | None, Field()] = None
    origin_account_number: Word | None = None
    total_amount: Amount
    staff_id: Annotated[str | None, Field(coerce_numbers_to_str=True)] = None
    discounts: Annotated[tuple[ToldDiscount, ...], _NONE_IS_EMPTY] = ()
    transaction_lines: Annotated[tuple[TransactionLine, ...], _NONE_IS_EMPTY] = ()


class Envelope(_Row):
    notification_type: Key


class Told(_Row):
    """A notification, where `provideAccount` is switched on."""

    business_location_id: Id
    account: Account


class SalesLine(_Row):
    """A line of a sale; up to two discounts fell on it: its own, and its part of the account's."""

    id: Id
    sku: Annotated[str | None, Field(coerce_numbers_to_str=True)] = None
    parent_line_id: Annotated[str | None, Field(coerce_numbers_to_str=True)] = None
    quantity: Units = Decimal(1)
    discount_code: Word | None = None
    discount_name: Word | None = None
    discount_amount: Amount = Decimal(0)
    account_discount_code: Word | None = None
    account_discount_name: Word | None = None
    account_discount_amount: Amount = Decimal(0)
    total_net_amount_with_tax: Amount
    tax_amount: Amount = Decimal(0)
    currency: Word
    staff_id: Annotated[str | None, Field(coerce_numbers_to_str=True)] = None


class Consumer(_Row):
    email: Word | None = None
    phone_number: Word | None = None


class Payment(_Row):
    tip: Amount = Decimal(0)
    consumer: Consumer | None = None


class Source(_Row):
    initial_account_id: Word | None = None


class Sale(_Row):
    account_fisc_id: Key
    type: Word = "SALE"
    cancelled: StrictBool = False
    source: Source = Source()
    time_of_opening: Instant
    time_closed: Instant
    sales_lines: Annotated[tuple[SalesLine, ...], _NONE_IS_EMPTY] = ()
    payments: Annotated[tuple[Payment, ...], _NONE_IS_EMPTY] = ()
    consumer: Consumer | None = None


class Sold(_Row):
    """A sale as `api` gives it, with the location that it does not name itself."""

    business_location_id: Id
    sale: Sale
