"""The detail lines of a guest check after all that was voided: what was sold, what came back.

Simphony never takes a line away. A void is a line of its own with the opposite sign, or a flag on
the line itself; and a check that was paid may be opened again to give goods and money back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from .documents import Detail, GuestCheck
from .words import minor, units


@dataclass(frozen=True, slots=True)
class Rung:
    """One detail line with its money in minor units, and where it stands in the document."""

    at: int
    detail: Detail
    amount: int
    units: Decimal


@dataclass(frozen=True, slots=True)
class Void:
    """What was taken back of a line: the line that says so, and the one that it is about."""

    rung: Rung
    of: Rung


@dataclass(frozen=True, slots=True)
class Bill:
    """What stands on a check as it was sold, and what came back of it after it was paid.

    Goods that went off a bill while nothing was paid out were never sold, and are not in it.
    `is_voided`: there was something on it, and all of it was taken back.
    """

    items: tuple[Rung, ...]
    charges: tuple[Rung, ...]
    discounts: tuple[Rung, ...]
    goods_back: tuple[Void, ...]
    discounts_back: tuple[Void, ...]
    money_back: int
    is_voided: bool


def bill_of(check: GuestCheck, currency: str) -> Bill:
    """The bill of a check. Raises Unreadable for what is not money."""
    rung = [_rung(at, each, currency) for at, each in enumerate(check.details or ())]
    items = [each for each in rung if each.detail.menu_item]
    charges = [each for each in rung if each.detail.service_charge]
    discounts = [each for each in rung if each.detail.discount]
    tenders = [each for each in rung if each.detail.tender]
    paid_at = min(
        (each.detail.at for each in tenders if each.amount > 0 and each.detail.at), default=None
    )
    item_voids, discount_voids = _voids(items, 1, _item), _voids(discounts, -1, _discount)
    goods = tuple(each for each in item_voids if _after(each.rung, paid_at))
    off = tuple(each for each in discount_voids if _after(each.rung, paid_at))
    money = -sum(each.amount for each in tenders if each.amount < 0 and _after(each, paid_at))
    worth = -sum(each.rung.amount for each in (*goods, *off))
    # Goods that their discounts had paid for wholly come back without money.
    back, off = (goods, off) if goods and (money > 0 or not worth) else ((), ())
    sold = _standing(items, 1, item_voids, back)
    return Bill(
        items=sold,
        charges=_standing(charges, 1, _voids(charges, 1, _charge), ()),
        discounts=_standing(discounts, -1, discount_voids, off),
        goods_back=back,
        discounts_back=off,
        money_back=money if back else 0,
        is_voided=bool(items) and not sold,
    )


def _rung(at: int, detail: Detail, currency: str) -> Rung:
    name, text = (
        ("aggTtl", detail.total) if detail.total is not None else ("dspTtl", detail.shown_total)
    )
    amount = minor(text, currency, f"guestCheck.detailLines[{at}].{name}")
    return Rung(at, detail, amount, units(detail.quantity))


_Key = Callable[[Rung], object]


def _item(rung: Rung) -> object:
    return rung.detail.menu_item


def _charge(rung: Rung) -> object:
    return rung.detail.service_charge


def _discount(rung: Rung) -> object:
    return rung.detail.discount, rung.detail.reference


def _after(rung: Rung, paid_at: datetime | None) -> bool:
    return paid_at is not None and rung.detail.at is not None and rung.detail.at > paid_at


def _voids(rungs: Sequence[Rung], sign: int, key: _Key) -> list[Void]:
    """The lines that take another one back, each with the one that it is about.

    One that is about none of the check's lines is no void: it stands, with its sign.
    """
    left = {each.detail.id: each.amount * sign for each in rungs if each.amount * sign > 0}
    by_id = {each.detail.id: each for each in rungs}
    found = []
    for each in rungs:
        if not each.detail.is_taken_back or each.amount * sign >= 0:
            continue
        about = _about(
            each, [by_id[name] for name, rest in left.items() if rest >= abs(each.amount)], key
        )
        if about:
            left[about.detail.id] -= abs(each.amount)
            found.append(Void(each, about))
    return found


def _about(void: Rung, among: Sequence[Rung], key: _Key) -> Rung | None:
    """The line that it names as its parent, else the last one of the same thing before it. A void
    of a condiment names the dish: what is the same thing comes before what is named."""
    earlier = [each for each in among if each.at < void.at]
    named = [each for each in earlier if each.detail.id == void.detail.parent]
    same = [each for each in reversed(earlier) if key(each) == key(void)]
    both = [each for each in named if each in same]
    return next(iter([*both, *same, *named]), None)


def _standing(
    rungs: Iterable[Rung], sign: int, voids: Sequence[Void], later: Sequence[Void]
) -> tuple[Rung, ...]:
    """The lines with what voids left of each; those of later returns leave them as sold. One of
    which nothing is left is gone, and so is one that is flagged while no line takes it back."""
    taken: dict[str, tuple[int, Decimal]] = {}
    for void in voids:
        amount, count = taken.get(void.of.detail.id, (0, Decimal(0)))
        if void not in later:
            amount, count = amount + void.rung.amount, count + abs(void.rung.units)
        taken[void.of.detail.id] = amount, count
    said = {void.rung.detail.id for void in voids}
    found = []
    for each in rungs:
        amount, count = taken.get(each.detail.id, (0, Decimal(0)))
        left = replace(each, amount=each.amount + amount, units=each.units - count)
        flagged = each.detail.is_taken_back and each.amount * sign >= 0
        touched = each.detail.id in taken
        if each.detail.id not in said and (left.amount if touched else not flagged):
            found.append(left)
    return tuple(found)
