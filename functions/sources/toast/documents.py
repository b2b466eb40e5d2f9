"""The fields of Toast's orders that we use. Enumerations are open: an unknown word is no fault.

Source: Toast Orders OpenAPI 2.9.0, and its enumeration policy of 2026-07-20, read 2026-11-20.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, StrictStr
from pydantic.alias_generators import to_camel

from vouchsafe.pure.parsing import Amount, Instant, Key, Narrow

from .words import Moment

Word = Annotated[StrictStr, Field(max_length=255)]
_NONE_IS_EMPTY = BeforeValidator(lambda value: () if value is None else value)
Units = Annotated[Decimal, Field(max_digits=15, decimal_places=6)]


class _Row(Narrow):
    model_config = ConfigDict(alias_generator=to_camel)


class Named(_Row):
    guid: Key


class Loyalty(_Row):
    vendor: Word | None = None


class AppliedDiscount(_Row):
    guid: Key
    name: Word | None = None
    discount_amount: Amount
    discount: Named | None = None
    discount_type: Word | None = None
    applied_promo_code: Word | None = None
    processing_state: Word | None = None
    loyalty_details: Loyalty | None = None

    def is_off(self) -> bool:
        return self.processing_state in ("PENDING_VOID", "VOID")


class RefundDetails(_Row):
    refund_amount: Amount
    refund_transaction: Named | None = None


class Modifier(_Row):
    applied_discounts: Annotated[tuple[AppliedDiscount, ...], _NONE_IS_EMPTY] = ()
    modifiers: Annotated[tuple["Modifier", ...], _NONE_IS_EMPTY] = ()


class Selection(_Row):
    """One line. `price` is what is left after discounts of the item and of the check."""

    guid: Key
    item: Named | None = None
    quantity: Units = Decimal(1)
    pre_discount_price: Amount
    price: Amount
    voided: StrictBool | None = None
    deferred: StrictBool | None = None
    applied_discounts: Annotated[tuple[AppliedDiscount, ...], _NONE_IS_EMPTY] = ()
    modifiers: Annotated[tuple[Modifier, ...], _NONE_IS_EMPTY] = ()
    refund_details: RefundDetails | None = None


class ServiceCharge(_Row):
    guid: Key
    charge_amount: Amount = Decimal(0)


class Refund(_Row):
    refund_amount: Amount
    tip_refund_amount: Amount = Decimal(0)
    refund_date: Instant
    refund_transaction: Named | None = None


class Payment(_Row):
    guid: Key
    tip_amount: Amount = Decimal(0)
    payment_status: Word | None = None
    paid_date: Moment = None
    refund: Refund | None = None

    def stands(self) -> bool:
        return self.payment_status not in ("VOIDED", "DENIED", "CANCELLED", "ERROR")


class Customer(_Row):
    email: Word | None = None
    phone: Word | None = None


class Check(_Row):
    guid: Key
    amount: Amount
    tax_amount: Amount = Decimal(0)
    total_amount: Amount
    payment_status: Word | None = None
    voided: StrictBool | None = None
    void_date: Moment = None
    deleted: StrictBool | None = None
    deleted_date: Moment = None
    applied_discounts: Annotated[tuple[AppliedDiscount, ...], _NONE_IS_EMPTY] = ()
    applied_service_charges: Annotated[tuple[ServiceCharge, ...], _NONE_IS_EMPTY] = ()
    selections: Annotated[tuple[Selection, ...], _NONE_IS_EMPTY] = ()
    payments: Annotated[tuple[Payment, ...], _NONE_IS_EMPTY] = ()
    customer: Customer | None = None


class Order(_Row):
    guid: Key
    opened_date: Instant
    modified_date: Instant
    paid_date: Moment = None
    closed_date: Moment = None
    deleted_date: Moment = None
    void_date: Moment = None
    voided: StrictBool | None = None
    deleted: StrictBool | None = None
    created_in_test_mode: StrictBool | None = None
    approval_status: Word | None = None
    source: Word | None = None
    server: Named | None = None
    checks: Annotated[tuple[Check, ...], _NONE_IS_EMPTY]


class Details(_Row):
    """An order and its restaurant, as both roads tell it."""

    restaurant_guid: Key
    order: Order


class Envelope(_Row):
    """What every delivery says of itself."""

    event_category: Key


class OrderTold(_Row):
    details: Details
