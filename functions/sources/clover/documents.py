"""Clover's document of an order, as far as we read it. Amounts are minor units of its currency."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StrictStr

from vouchsafe.pure.parsing import Key, Millis

from .words import (
    Amount,
    Elements,
    MaybeMillis,
    Name,
    Off,
    Percent,
    PercentDecimal,
    Sum,
    Told,
    listed,
)

PaymentState = Literal[
    "OPEN", "PAID", "REFUNDED", "CREDITED", "PARTIALLY_PAID", "PARTIALLY_REFUNDED"
]
Result = Literal[
    "SUCCESS",
    "FAIL",
    "INITIATED",
    "VOIDED",
    "VOIDING",
    "VOID_FAILED",
    "AUTH",
    "AUTH_COMPLETED",
    "DISCOUNT",
    "OFFLINE_RETRYING",
    "PENDING",
]


class Reference(Told):
    id: Name | None = None


class Discount(Told):
    """`amount` is absent or 0 where a percentage says all; `discount` is that of the inventory."""

    id: Key
    name: str | None = None
    amount: Off | None = None
    percentage: Percent | None = None
    percentage_decimal: PercentDecimal | None = None
    disc_type: str | None = None
    discount: Reference | None = None

    @property
    def is_pricing(self) -> bool:
        """A cash-discount programme is a price list, and no promotion."""
        return self.disc_type == "CASH_DISCOUNT"


class Modification(Told):
    amount: Amount | None = None


class LineItem(Told):
    """`price` is of one unit; `unit_qty` in thousandths, of goods that are sold by measure."""

    id: Key
    price: Amount | None = None
    unit_qty: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None
    item: Reference | None = None
    discounts: Elements[Discount] | None = None
    modifications: Elements[Modification] | None = None
    refunded: bool | None = None
    refund: Reference | None = None
    is_order_fee: bool | None = None
    percentage: PercentDecimal | None = None


class Payment(Told):
    """`amount` is without the tip."""

    id: Key
    amount: Amount
    tip_amount: Sum | None = None
    tax_amount: Amount | None = None
    result: Result
    created_time: Millis
    modified_time: MaybeMillis = None
    employee: Reference | None = None
    void_payment_ref: Reference | None = None


class Refund(Told):
    """`amount` is with tax and tip; older ones have no status."""

    id: Key
    amount: Sum
    tip_amount: Sum | None = None
    status: Literal["SUCCESS", "FAIL", "PENDING", "VOIDED"] | None = None
    voided: bool | None = None
    created_time: Millis
    line_items: Elements[Reference] | None = None


class Credit(Told):
    """A manual refund: money given back without a payment that it belongs to."""

    id: Key
    amount: Sum
    result: Result | None = None
    voided: bool | None = None
    created_time: Millis
    credit_refunds: Elements[Reference] | None = None


class Charge(Told):
    """A charge on the order: an amount, or a percentage of what the goods come to."""

    amount: Amount | None = None
    percentage: Percent | None = None
    percentage_decimal: PercentDecimal | None = None


class Email(Told):
    email_address: str | None = None


class Phone(Told):
    phone_number: str | None = None


class Customer(Told):
    id: Name | None = None
    email_addresses: Elements[Email] | None = None
    phone_numbers: Elements[Phone] | None = None


class OrderType(Told):
    label: Name | None = None


class Order(Told):
    """`total` is the word of whichever application wrote it last; Clover never counts it anew."""

    id: Key
    currency: StrictStr
    total: Amount | None = None
    payment_state: PaymentState | None = None
    state: str | None = None
    unpaid_balance: Amount | None = None
    test_mode: bool | None = None
    manual_transaction: bool | None = None
    is_vat: bool | None = None
    created_time: Millis
    client_created_time: MaybeMillis = None
    modified_time: Millis
    deleted_timestamp: MaybeMillis = None
    employee: Reference | None = None
    order_type: OrderType | None = None
    customers: Elements[Customer] | None = None
    line_items: Elements[LineItem] | None = None
    discounts: Elements[Discount] | None = None
    service_charge: Charge | None = None
    additional_charges: Elements[Charge] | None = None
    payments: Elements[Payment] | None = None
    refunds: Elements[Refund] | None = None
    credits: Elements[Credit] | None = None
    voids: Elements[Payment] | None = None

    def lines(self) -> Iterator[tuple[str, LineItem]]:
        """The lines of the bill, each with its path."""
        for at, line in enumerate(listed(self.line_items)):
            yield f"lineItems.elements[{at}]", line


class Gone(Told):
    """An order that Clover has no more."""

    id: Key
