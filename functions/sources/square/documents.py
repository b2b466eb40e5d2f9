"""Square's documents of orders and refunds, as far as we read them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from vouchsafe.pure.parsing import Instant, Key, Narrow, Quantity

from .words import Money, Name, Taken


class AppliedDiscount(Narrow):
    discount_uid: Key
    applied_money: Taken | None = None


class LineItem(Narrow):
    uid: Key
    quantity: Quantity
    gross_sales_money: Money
    item_type: str = "ITEM"
    catalog_object_id: Name | None = None
    applied_discounts: tuple[AppliedDiscount, ...] = ()


class OrderDiscount(Narrow):
    uid: Key
    applied_money: Taken | None = None
    catalog_object_id: Name | None = None
    name: str | None = None
    pricing_rule_id: str | None = None
    reward_ids: tuple[str, ...] = ()
    metadata: Mapping[str, str | None] = Field(default_factory=dict)


class Named(Narrow):
    name: str | None = None


class ReturnLine(Narrow):
    quantity: Quantity
    source_line_item_uid: Key | None = None
    total_discount_money: Taken | None = None
    total_money: Money | None = None
    applied_discounts: tuple[AppliedDiscount, ...] = ()


class ReturnDiscount(Narrow):
    uid: Key
    source_discount_uid: Key | None = None


class Amounts(Narrow):
    total_money: Money | None = None


class Return(Narrow):
    source_order_id: Key | None = None
    return_line_items: tuple[ReturnLine, ...] = ()
    return_discounts: tuple[ReturnDiscount, ...] = ()
    return_amounts: Amounts | None = None


class RefundName(Narrow):
    id: Key


class Refund(Narrow):
    """A refund of the Refunds API, or what an order says of one that it does not know."""

    id: Key
    # APPROVED is an order's own word for a refund that went through.
    status: Literal["PENDING", "COMPLETED", "APPROVED", "REJECTED", "FAILED"]
    amount_money: Taken
    created_at: Instant
    updated_at: Instant | None = None


class Order(Narrow):
    id: Key
    state: Literal["DRAFT", "OPEN", "COMPLETED", "CANCELED"]
    version: Annotated[int, Field(strict=True, ge=0, lt=10**12)] = 0
    created_at: Instant
    updated_at: Instant
    closed_at: Instant | None = None
    location_id: Name | None = None
    customer_id: str | None = None
    source: Named | None = None
    creation_source: Named | None = None
    line_items: tuple[LineItem, ...] = ()
    discounts: tuple[OrderDiscount, ...] = ()
    returns: tuple[Return, ...] = ()
    return_amounts: Amounts | None = None
    refunds: tuple[RefundName, ...] = ()
    total_money: Money | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None
    total_tip_money: Money | None = None


class OrderDocument(Narrow):
    """An order, with the refunds that it names. `source_order_id` is the sale of a return that
    does not name it itself."""

    order: Order
    refunds: tuple[Refund, ...] = ()
    source_order_id: Key | None = None


class RefundDocument(Narrow):
    """A refund that no return order tells of, and the sale whose payment it gave back."""

    refund: Refund
    source_order_id: Key
