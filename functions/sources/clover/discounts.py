"""What a discount of the bill is called, and where it fell."""

from collections.abc import Iterator

from vouchsafe.pure.codes import folded
from vouchsafe.pure.facts import Discount

from .bill import Bill, Taken


def discounts_of(bill: Bill) -> tuple[Discount, ...]:
    """The promotions of a bill, lines' own first, each in payload order."""
    goods = tuple(each.item.id for each in bill.lines if not each.is_fee)
    only = goods if len(goods) < len(bill.lines) else None
    return tuple(_discount(each, only) for each in bill.taken)


def _discount(taken: Taken, goods: tuple[str, ...] | None) -> Discount:
    """A line's own discount fell on its line; one of the order is split over the goods."""
    own = taken.line_id
    shares = ((own, taken.minor),) if own and taken.minor else ()
    return Discount(
        discount_id=taken.discount.id,
        kind="till",
        amount_minor=taken.minor,
        where=taken.where,
        aliases=tuple(_aliases(taken)),
        name=taken.discount.name or None,
        shares=shares if own else None,
        lines=None if own else goods,
    )


def _aliases(taken: Taken) -> Iterator[str]:
    """What the register may know it by, best first."""
    inventory = taken.discount.discount
    if inventory and inventory.id:
        yield f"catalog:{inventory.id}"
    if taken.discount.name and folded(taken.discount.name):
        yield f"name:{folded(taken.discount.name)}"
