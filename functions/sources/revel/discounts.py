"""What was taken off an order: by discounts of the whole bill, and by those of single items."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vouchsafe.pure.codes import alias_key, canonical
from vouchsafe.pure.facts import Discount
from vouchsafe.pure.money import rounded_at

from .documents import AppliedDiscount, Item, Order

# Items of the bill, with their places in the document.
Items = Sequence[tuple[int, Item]]


def off_the_order(order: Order, items: Items, currency: str) -> Iterator[Discount]:
    """The discounts, those of the whole bill first; one that stands on several items is one, with
    a share on each. Revel does not tell what a discount of the bill took off which item."""
    whole = order.applied_discounts or ()
    for at, each in enumerate(whole):
        code = each.discount_code or _code_of_the_order(each, order)
        yield _discount(each, code, f"order.applied_discounts[{at}]", None, currency)
    single = [
        (at, item, of) for at, item in items for of in enumerate(item.applied_discounts or ())
    ]
    yield from _together(
        _discount(
            each,
            each.discount_code,
            f"order.items[{at}].applied_discounts[{index}]",
            item.id,
            currency,
        )
        for at, item, (index, each) in single
    )
    if not whole and not single and order.discount_amount:
        yield _mirrored(order, currency)


def _together(single: Iterator[Discount]) -> Iterator[Discount]:
    """Items' own discounts by what they are; one that nothing says what it is stays alone."""
    found: dict[str, Discount] = {}
    for each in single:
        name = _identity(each)
        held = found.get(name)
        found[name] = replace(each, discount_id=name) if held is None else _sum(held, each)
    yield from found.values()


def _identity(each: Discount) -> str:
    """The same, whichever items it still stands on: voiding one makes no other discount of it."""
    if each.code_raw:
        return f"code:{canonical(each.code_raw)}"
    return " ".join(each.aliases) or each.discount_id


def _sum(held: Discount, other: Discount) -> Discount:
    shares = dict(held.shares or ())
    for item_id, amount in other.shares or ():
        shares[item_id] = shares.get(item_id, 0) + amount
    amount_minor = held.amount_minor + other.amount_minor
    return replace(held, amount_minor=amount_minor, shares=tuple(shares.items()))


def _code_of_the_order(each: AppliedDiscount, order: Order) -> str | None:
    """The order repeats the code of its first discount, or its only one."""
    alone = len(order.applied_discounts or ()) == 1
    same = each.discount is not None and each.discount == order.discount
    return order.discount_code if alone or same else None


def _discount(
    each: AppliedDiscount, code: str | None, where: str, item_id: str | None, currency: str
) -> Discount:
    amount = abs(rounded_at(each.discount_amount, currency, f"{where}.discount_amount"))
    spelt = code if code and canonical(code) else None
    shares = None if item_id is None else ((item_id, amount),) if amount else ()
    return Discount(
        # Discounts of items are counted by themselves.
        discount_id=each.id if item_id is None else f"item:{each.id}",
        kind="code" if spelt else "till",
        amount_minor=amount,
        where=where,
        code_raw=spelt,
        aliases=tuple(_aliases(each.discount, each.name)),
        name=each.name or None,
        shares=shares,
    )


def _mirrored(order: Order, currency: str) -> Discount:
    """The one discount that an order without a list of them tells of itself."""
    code = order.discount_code if canonical(order.discount_code or "") else None
    return Discount(
        discount_id="order",
        kind="code" if code else "till",
        amount_minor=abs(rounded_at(order.discount_amount, currency, "order.discount_amount")),
        where="order.discount_amount",
        code_raw=code,
        aliases=tuple(_aliases(order.discount, order.discount_reason)),
        name=order.discount_reason or None,
    )


def _aliases(definition: str | None, name: str | None) -> Iterator[str]:
    """What the register may know the discount by, best first."""
    if definition:
        yield f"catalog:{definition}"
    if name:
        yield alias_key(f"name:{name}")
