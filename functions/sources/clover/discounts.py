"""What a discount of the bill is called, and where it fell."""

from collections.abc import Iterable, Iterator

from vouchsafe.pure.codes import folded
from vouchsafe.pure.facts import Discount

from .bill import Bill, Taken


def discounts_of(bill: Bill) -> tuple[Discount, ...]:
    """The promotions of a bill, lines' own first, each in payload order. A promotion that stands
    on several lines is one, with a share on each."""
    goods = tuple(each.item.id for each in bill.lines if not each.is_fee)
    only = goods if len(goods) < len(bill.lines) else None
    return tuple(_discount(each, only) for each in _together(bill.taken))


def _together(taken: Iterable[Taken]) -> list[list[Taken]]:
    """Lines' own discounts by what they are; one that nothing says what it is stays alone."""
    groups: dict[tuple[str, ...], list[Taken]] = {}
    for each in taken:
        same = tuple(_aliases(each)) if each.line_id else ()
        groups.setdefault(same or ("", each.where), []).append(each)
    return list(groups.values())


def _discount(group: list[Taken], goods: tuple[str, ...] | None) -> Discount:
    """Lines' own discounts fell on their lines; one of the order is split over the goods."""
    first = group[0]
    own = [(each.line_id, each.minor) for each in group if each.line_id and each.minor]
    return Discount(
        discount_id=first.discount.id,
        kind="till",
        amount_minor=sum(each.minor for each in group),
        where=first.where,
        aliases=tuple(_aliases(first)),
        name=first.discount.name or None,
        shares=tuple(own) if first.line_id else None,
        lines=None if first.line_id else goods,
    )


def _aliases(taken: Taken) -> Iterator[str]:
    """What the register may know it by, best first."""
    inventory = taken.discount.discount
    if inventory and inventory.id:
        yield f"catalog:{inventory.id}"
    if taken.discount.name and folded(taken.discount.name):
        yield f"name:{folded(taken.discount.name)}"
