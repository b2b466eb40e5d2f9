"""WooCommerce's documents, as far as we use them: orders, and refunds in full."""

from decimal import Decimal

from vouchsafe.pure.parsing import Amount, Key, Narrow, UtcInstant

from .words import Number, Units


class Billing(Narrow):
    email: str | None = None
    phone: str | None = None


class LineItem(Narrow):
    id: Number
    quantity: Units
    subtotal: Amount
    total: Amount
    sku: str | None = None


class ShippingLine(Narrow):
    id: Number
    total: Amount
    method_id: str | None = None


class FeeLine(Narrow):
    id: Number
    total: Amount
    name: str | None = None


class CouponLine(Narrow):
    code: str
    discount: Amount
    free_shipping: bool | None = None


class NamedRefund(Narrow):
    id: Number
    total: Amount


class Order(Narrow):
    id: Number
    parent_id: int | None = None
    status: Key
    currency: Key
    created_via: str | None = None
    customer_id: int | None = None
    billing: Billing = Billing()
    date_created_gmt: UtcInstant
    date_modified_gmt: UtcInstant
    date_paid_gmt: UtcInstant | None = None
    date_completed_gmt: UtcInstant | None = None
    total: Amount
    total_tax: Amount
    line_items: tuple[LineItem, ...]
    shipping_lines: tuple[ShippingLine, ...]
    fee_lines: tuple[FeeLine, ...]
    coupon_lines: tuple[CouponLine, ...]
    refunds: tuple[NamedRefund, ...]


class Meta(Narrow):
    key: str
    value: object = None


class RefundedItem(Narrow):
    total: Amount
    quantity: Units = Decimal(0)
    meta_data: tuple[Meta, ...] = ()


class Refund(Narrow):
    id: Number
    date_created_gmt: UtcInstant
    amount: Amount
    line_items: tuple[RefundedItem, ...]
    shipping_lines: tuple[RefundedItem, ...] = ()
    fee_lines: tuple[RefundedItem, ...] = ()


class RefundedOrder(Narrow):
    """The shop's two answers, put together by `api`."""

    order: Order
    refunds: tuple[Refund, ...]
