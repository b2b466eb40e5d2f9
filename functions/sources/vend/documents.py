"""The documents of the X-Series' API 2026-07, as far as we read them."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from vouchsafe.pure.parsing import Amount, Key, Narrow, Quantity

from .words import Moment, Name

NOTHING = Decimal(0)


class Pricing(Narrow):
    """`total` is what is paid for the line without tax, after its discounts."""

    total: Amount
    price: Amount | None = None
    discount: Amount | None = None
    discount_total: Amount | None = None


class Promotion(Narrow):
    """`amount` is what it took off the line; its code, where one was entered."""

    amount: Amount
    id: Name | None = None
    name: str | None = None
    promo_code: str | None = None
    promo_code_id: Name | None = None


class Product(Narrow):
    id: Name | None = None


class Tax(Narrow):
    total: Amount | None = None


class LineReturn(Narrow):
    is_return: StrictBool | None = None


class LineItem(Narrow):
    id: Key
    quantity: Quantity
    pricing: Pricing
    product: Product | None = None
    tax: Tax | None = None
    promotions: tuple[Promotion, ...] | None = None
    back: LineReturn | None = Field(default=None, alias="return")


class Author(Narrow):
    id: Name | None = None


class Source(Narrow):
    outlet_id: Name | None = None
    author: Author | None = None
    type: Name | None = None


class Adjustment(Narrow):
    total: Amount
    adjustment_type: str | None = None
    name: str | None = None


class Payment(Narrow):
    date: Moment | None = None
    deleted_at: Moment | None = None


class Totals(Narrow):
    price_incl_tax: Amount
    tax: Amount


class SaleReturn(Narrow):
    is_return: StrictBool | None = None
    original_sale_id: Name | None = None


class Metadata(Narrow):
    version: Annotated[int, Field(strict=True, ge=0, lt=10**18)]


class Sale(Narrow):
    id: Key
    state: Literal["parked", "pending", "voided", "closed"]
    metadata: Metadata = Field(alias="_metadata")
    totals: Totals
    line_items: tuple[LineItem, ...]
    date: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    deleted_at: Moment | None = None
    customer_id: Name | None = None
    source: Source | None = None
    adjustments: tuple[Adjustment, ...] | None = None
    payments: tuple[Payment, ...] | None = None
    back: SaleReturn | None = Field(default=None, alias="return")


class Original(Narrow):
    """The sale that a return gives back."""

    id: Key
    line_items: tuple[LineItem, ...] = ()
    adjustments: tuple[Adjustment, ...] | None = None


class Customer(Narrow):
    customer_code: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None


class SaleDocument(Narrow):
    """The shop's answers, put together by `api`: a sale, what it gives back, and its buyer."""

    sale: Sale
    original: Original | None = None
    customer: Customer | None = None
