"""Shopify's order document, and what it says in our words."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from pydantic import AliasChoices, AliasPath, Field

from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Discount, Line, OrderSaid
from vouchsafe.pure.money import currency_at
from vouchsafe.pure.parsing import Instant, Narrow

from .discounts import Allocation, Application, discounts_said, named, unexplained
from .refund import Refund, last_refunded_at
from .words import Amount, Number, Text, Word, minor, number, shop_money

_PAID = frozenset({"paid", "partially_refunded", "refunded"})
_OFF = {"refunded": "refunded in full", "voided": "payment voided"}
_OPEN = frozenset({"pending", "authorized", "partially_paid", "expired"})


class Item(Narrow):
    id: Number
    quantity: int = Field(ge=0, le=10**9)
    price: Amount = shop_money("price")
    sku: Text | None = None
    gift_card: bool = False
    tip: object | None = None
    product: object | None = None
    discount_allocations: tuple[Allocation, ...] = ()


class Shipping(Narrow):
    id: Number
    price: Amount = shop_money("price")
    is_removed: bool = False
    discount_allocations: tuple[Allocation, ...] = ()


class ListedCode(Narrow):
    code: Text


class Customer(Narrow):
    id: Number


class Order(Narrow):
    id: Number
    updated_at: Instant
    processed_at: Instant
    cancelled_at: Instant | None = None
    cancel_reason: Word | None = None
    financial_status: Word | None = None
    test: bool = False
    currency: str
    taxes_included: bool = False
    source_name: Text | None = None
    email: str | None = None
    phone: str | None = None
    customer: Customer | None = None
    location: Number | None = Field(
        None, validation_alias=AliasChoices("location_id", AliasPath("location", "id"))
    )
    staff: Number | None = Field(
        None, validation_alias=AliasChoices("user_id", AliasPath("staff", "id"))
    )
    total_price: Amount = shop_money("total_price")
    total_discounts: Amount | None = shop_money("total_discounts", default=None)
    total_tax: Amount | None = shop_money("total_tax", default=None)
    total_tip_received: Amount | None = shop_money("total_tip_received", default=None)
    duties: Amount | None = shop_money("original_total_duties", default=None)
    fees: Amount | None = shop_money("original_total_additional_fees", default=None)
    line_items: tuple[Item, ...]
    shipping_lines: tuple[Shipping, ...] = ()
    discount_applications: tuple[Application, ...] = ()
    discount_codes: tuple[ListedCode, ...] = ()
    codes: tuple[Text, ...] = ()
    refunds: tuple[Refund, ...] = ()


def order_said(order: Order, *, with_staff: bool) -> OrderSaid:
    """The order in our words, in the shop's currency. Raises Unreadable."""
    currency = currency_at(order.currency, "currency")
    bill = _Bill(order, currency)
    paid_at = _paid_at(order)
    off_at, because = _off(order)
    return OrderSaid(
        currency=currency,
        placed_at=order.processed_at,
        updated_at=order.updated_at,
        confirmed_at=paid_at,
        reversed_at=off_at,
        reversed_because=because,
        signals=(("payment", paid_at),) if paid_at else (),
        location_id=number(order.location) if order.location else None,
        staff=number(order.staff) if order.staff and with_staff else None,
        channel=order.source_name,
        test=order.test,
        gross_minor=bill.gross,
        discount_minor=bill.taken,
        tax_minor=bill.tax,
        tip_minor=bill.tip,
        total_minor=bill.total,
        sums_foot=bill.foots(),
        lines=bill.lines,
        discounts=bill.discounts,
    )


def _paid_at(order: Order) -> datetime | None:
    """Shopify does not tell when an order was paid: most are when they are processed."""
    status = order.financial_status
    if status is not None and status not in _PAID | _OPEN and status not in _OFF:
        raise Unreadable("financial_status", "is a status that we do not know")
    return order.processed_at if status in _PAID else None


def _off(order: Order) -> tuple[datetime | None, str | None]:
    """When the whole order was called off, and why."""
    if order.cancelled_at:
        return order.cancelled_at, f"cancelled: {order.cancel_reason or 'other'}"
    because = _OFF.get(order.financial_status or "")
    if because is None:
        return None, None
    return last_refunded_at(order.refunds) or order.updated_at, because


class _Bill:
    """The money of one order, worked out once in minor units."""

    def __init__(self, order: Order, currency: str) -> None:
        self._order = order
        self._currency = currency
        self.tax = self._minor(order.total_tax, "total_tax")
        self.tip = self._minor(order.total_tip_received, "total_tip_received")
        self.total = self._minor(order.total_price, "total_price")
        self._told = self._minor(order.total_discounts, "total_discounts")
        self._items = [
            (at, each) for at, each in enumerate(order.line_items) if not _tip(each, order)
        ]
        self._shipping = [
            (at, each) for at, each in enumerate(order.shipping_lines) if not each.is_removed
        ]
        self.lines = (*self._goods(), *self._carriage())
        self.gross = sum(each.gross_minor for each in self.lines)
        self.discounts = tuple(self._discounts())
        self.taken = sum(each.amount_minor for each in self.discounts)

    def foots(self) -> bool:
        """Whether the document's own totals add up."""
        order = self._order
        beside = self._minor(order.duties, "original_total_duties_set")
        beside += self._minor(order.fees, "original_total_additional_fees_set")
        beside += self.tip + (0 if order.taxes_included else self.tax)
        return self.gross - self.taken + beside == self.total and self._told in self._takings()

    def _takings(self) -> tuple[int, int]:
        """What `total_discounts` may be: the vendor does not say whether shipping is in it."""
        on_goods = [
            minor
            for each in self.discounts
            for line, minor in each.shares or (("", each.amount_minor),)
            if not line.startswith("shipping:")
        ]
        return self.taken, sum(on_goods)

    def _goods(self) -> Iterator[Line]:
        for at, each in self._items:
            price = self._minor(each.price, "line_items", at, "price")
            yield Line(
                line_id=number(each.id),
                quantity=Decimal(each.quantity),
                gross_minor=price * each.quantity,
                sku=each.sku or None,
                category="gift_card" if each.gift_card else None,
            )

    def _carriage(self) -> Iterator[Line]:
        for at, each in self._shipping:
            yield Line(
                line_id=f"shipping:{number(each.id)}",
                quantity=Decimal(1),
                gross_minor=self._minor(each.price, "shipping_lines", at, "price"),
                category="shipping",
            )

    def _discounts(self) -> list[Discount]:
        order = self._order
        allocations = [each for _, _, each in self._allocations()]
        applications = named(order.discount_applications, iter(allocations))
        said = discounts_said(applications, self._taken())
        left = max(self._told - sum(each.amount_minor for each in said), 0)
        listed = order.codes or tuple(each.code for each in order.discount_codes)
        return said + unexplained(listed, applications, left)

    def _taken(self) -> dict[int, dict[str, int]]:
        taken: dict[int, dict[str, int]] = {}
        for line_id, where, each in self._allocations():
            of_line = taken.setdefault(each.index, {})
            amount = self._minor(each.amount, *where, "amount")
            of_line[line_id] = of_line.get(line_id, 0) + amount
        return taken

    def _allocations(self) -> Iterator[tuple[str, tuple[str | int, ...], Allocation]]:
        for at, item in self._items:
            for place, each in enumerate(item.discount_allocations):
                where = ("line_items", at, "discount_allocations", place)
                yield number(item.id), where, each
        for at, line in self._shipping:
            for place, each in enumerate(line.discount_allocations):
                where = ("shipping_lines", at, "discount_allocations", place)
                yield f"shipping:{number(line.id)}", where, each

    def _minor(self, amount: str | None, *where: str | int) -> int:
        return minor(amount, self._currency, *where)


def _tip(item: Item, order: Order) -> bool:
    """A tip is a line of the document, and counted in `total_tip_received` already.

    The webhook says so; the API does not, where it can only be the line without a product that
    costs what the tip is.
    """
    if "product" not in item.model_fields_set:
        return item.tip is not None
    is_bare = item.product is None and not item.sku and not item.discount_allocations
    tip = Decimal(order.total_tip_received or 0)
    return is_bare and item.quantity == 1 and Decimal(item.price) == tip != 0
