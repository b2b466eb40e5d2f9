"""Revel's documents, as far as we read them: an order, with its items, payments and customer."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from vouchsafe.pure.parsing import Amount, Narrow, Quantity

from .words import Flag, MaybeAmount, MaybeStamp, Number, Ref, Stamp


class AppliedDiscount(Narrow):
    """One discount, of an order or of one of its items. `discount` is its definition."""

    id: Number
    discount_amount: Amount
    discount: Ref = None
    name: str | None = None
    discount_code: str | None = None


class Item(Narrow):
    """One line of the bill; one that was voided is no part of it any more."""

    id: Number
    quantity: Quantity
    price: Amount
    product: Ref = None
    modifier_amount: MaybeAmount = None
    voided_date: MaybeStamp = None
    deleted: Flag = None
    applied_discounts: tuple[AppliedDiscount, ...] | None = None


class Payment(Narrow):
    """A tender; what is given back has a minus."""

    id: Number
    amount: Amount
    created_date: Stamp
    updated_date: MaybeStamp = None
    deleted: Flag = None


class Customer(Narrow):
    id: Ref = None
    email: str | None = None
    phone_number: str | None = None


def _customer(value: object) -> object:
    """A customer told whole; a mere reference is one of whom no more is known."""
    return value if isinstance(value, dict) or value in (None, "") else {"id": value}


class Order(Narrow):
    id: Number
    final_total: Amount
    created_date: Stamp
    updated_date: Stamp
    version: Annotated[int, Field(ge=0, lt=10**12)] | None = None
    establishment: Ref = None
    closed: Flag = None
    deleted: Flag = None
    remaining_due: MaybeAmount = None
    subtotal: MaybeAmount = None
    tax: MaybeAmount = None
    gratuity: MaybeAmount = None
    service_charge: MaybeAmount = None
    surcharge: MaybeAmount = None
    rounding_delta: MaybeAmount = None
    discount: Ref = None
    discount_amount: MaybeAmount = None
    discount_code: str | None = None
    discount_reason: str | None = None
    applied_discounts: tuple[AppliedDiscount, ...] | None = None
    created_by: Ref = None
    web_order: Flag = None
    customer: Annotated[
        Customer | None, BeforeValidator(lambda value: _customer(value) or None)
    ] = None
    items: tuple[Item, ...] = ()
    payments: tuple[Payment, ...] = ()


class Original(Narrow):
    """The order that a return gives back, and its items."""

    id: Number
    items: tuple[Item, ...] = ()


class OrderDocument(Narrow):
    """Revel's answers, put together by `api`."""

    order: Order
    original: Original | None = None


def live(items: tuple[Item, ...]) -> list[tuple[int, Item]]:
    """The items that are still on the bill, with their places."""
    return [(at, each) for at, each in enumerate(items) if not (each.voided_date or each.deleted)]
