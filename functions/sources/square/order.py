"""The order fact that an order of Square makes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.codes import canonical, folded
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Discount, DiscountKind, Fact, Line, OrderSaid
from vouchsafe.pure.identity import ranked
from vouchsafe.pure.source import Source

from .documents import LineItem, Order, OrderDiscount
from .words import Money, minor, one_currency

# The option of a connection that names the metadata key under which an app writes its codes.
METADATA_KEY = "code_metadata_key"
USUAL_METADATA_KEY = "promo_code"

# What a discount took of each line, by the discount's uid, as (line uid, minor units).
Applied = Mapping[str, Sequence[tuple[str, int]]]


def order_facts(order: Order, source: Source) -> tuple[Fact, ...]:
    """The order itself. A return has nothing but returns in it, and is no order of its own; an
    exchange has both. Raises Unreadable."""
    if order.returns and not order.line_items:
        return ()
    customer = ranked([source.customer(order.customer_id)])
    said = _said(order, source.connection.options.get(METADATA_KEY, USUAL_METADATA_KEY))
    return (source.fact("order", order.id, order.id, version(order), said, customer),)


def version(order: Order) -> str:
    """The version, then the update time. Orders that no API made have no version: they stand as
    version 0, in the order of their updates, and before the first version that is counted."""
    return f"{order.version:012d} {instant.text(order.updated_at)}"


def _said(order: Order, metadata_key: str) -> OrderSaid:
    if order.total_money is None:
        raise Unreadable("order.total_money", "is missing")
    currency = one_currency(_monies(order))
    applied = _applied(order.line_items)
    discounts = [
        _discount(each, at, applied.get(each.uid, ()), metadata_key)
        for at, each in enumerate(order.discounts)
    ]
    taken = sum(each.amount_minor for each in discounts)
    return OrderSaid(
        currency=currency,
        placed_at=order.created_at,
        updated_at=order.updated_at,
        confirmed_at=_closed_at(order) if order.state == "COMPLETED" else None,
        reversed_at=_closed_at(order) if order.state == "CANCELED" else None,
        reversed_because="cancelled" if order.state == "CANCELED" else None,
        signals=_signals(order),
        location_id=order.location_id or None,
        channel=_channel(order),
        gross_minor=sum(each.gross_sales_money.amount for each in order.line_items),
        discount_minor=taken,
        tax_minor=minor(order.total_tax_money),
        tip_minor=minor(order.total_tip_money),
        total_minor=order.total_money.amount,
        sums_foot=_foots(order, discounts, taken),
        lines=tuple(map(_line, order.line_items)),
        discounts=tuple(discounts),
    )


def _closed_at(order: Order) -> datetime:
    return order.closed_at or order.updated_at


def _signals(order: Order) -> tuple[tuple[str, datetime], ...]:
    """A completed order is the final bill; where there is nothing to pay it is the payment too,
    for Square makes none of 0."""
    if order.state != "COMPLETED":
        return ()
    final = ("final_bill", _closed_at(order))
    return (final,) if minor(order.total_money) else (final, ("payment", _closed_at(order)))


def _channel(order: Order) -> str | None:
    """Where the order was made; `source` is only where it was last touched."""
    made = order.creation_source and order.creation_source.name
    return made or (order.source and order.source.name) or None


def _line(item: LineItem) -> Line:
    return Line(
        line_id=item.uid,
        quantity=item.quantity,
        gross_minor=item.gross_sales_money.amount,
        sku=item.catalog_object_id or None,
        category=None if item.item_type == "ITEM" else item.item_type.lower(),
    )


def _applied(items: Sequence[LineItem]) -> dict[str, list[tuple[str, int]]]:
    applied: dict[str, list[tuple[str, int]]] = {}
    for item in items:
        for each in item.applied_discounts:
            share = (item.uid, minor(each.applied_money))
            applied.setdefault(each.discount_uid, []).append(share)
    return applied


def _discount(
    discount: OrderDiscount, at: int, shares: Sequence[tuple[str, int]], metadata_key: str
) -> Discount:
    """Square's own shares are summed and never computed anew: it spreads a discount over the
    lines in its own way. Only where no line tells one is the discount's own amount taken."""
    code = discount.metadata.get(metadata_key)
    code = code if code and canonical(code) else None
    told = shares or not minor(discount.applied_money)
    return Discount(
        discount_id=discount.uid,
        kind="code" if code else _kind(discount),
        amount_minor=sum(share for _, share in shares) if told else minor(discount.applied_money),
        where=f"order.discounts[{at}]",
        code_raw=code,
        aliases=tuple(_aliases(discount, code)),
        name=discount.name or None,
        shares=tuple((line, share) for line, share in shares if share) if told else None,
    )


def _kind(discount: OrderDiscount) -> DiscountKind:
    if discount.reward_ids:
        return "reward"
    return "automatic" if discount.pricing_rule_id else "till"


def _aliases(discount: OrderDiscount, code: str | None) -> Iterator[str]:
    """What the register may know the discount by, best first."""
    if code:
        yield f"metadata:{code}"
    if discount.catalog_object_id:
        yield f"catalog:{discount.catalog_object_id}"
    if discount.name and folded(discount.name):
        yield f"name:{folded(discount.name)}"


def _foots(order: Order, discounts: Sequence[Discount], taken: int) -> bool:
    """Whether the lines, the discounts and the total tell the same of what was taken off."""
    told = zip(order.discounts, discounts, strict=True)
    if any(
        each.applied_money and minor(each.applied_money) != said.amount_minor for each, said in told
    ):
        return False
    return order.total_discount_money is None or order.total_discount_money.amount == taken


def _monies(order: Order) -> Iterator[tuple[str, Money | None]]:
    yield "order.total_money", order.total_money
    yield "order.total_tax_money", order.total_tax_money
    yield "order.total_discount_money", order.total_discount_money
    yield "order.total_tip_money", order.total_tip_money
    for at, discount in enumerate(order.discounts):
        yield f"order.discounts[{at}].applied_money", discount.applied_money
    for at, item in enumerate(order.line_items):
        line = f"order.line_items[{at}]"
        yield f"{line}.gross_sales_money", item.gross_sales_money
        for index, each in enumerate(item.applied_discounts):
            yield f"{line}.applied_discounts[{index}].applied_money", each.applied_money
