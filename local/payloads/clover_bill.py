"""The lines and discounts of a Clover bill.

A unit is a line of its own, as Clover's tills ring it, and some prices stand partly in a
modification. There is no field for a code: it is dealt by the code whether a discount of the
inventory or a mere name stands for it. What a discount took of a unit is told as an amount below
zero, or, dealt by code and line, as a percentage whose money nobody tells; on a bill of one line a
code is a discount of the whole order. Loyalty and match come from the inventory, and no alias knows
them; coupon money without a code is typed in by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.payloads.message import Document, Json
from local.till import Discount, Sale
from vouchsafe.pure.instant import EPOCH

NAMES = {
    "loyalty": "Loyalty card price",
    "match": "Coupon match",
    "coupon": "Manufacturer coupon",
}
# One code in so many is a percentage, one product in so many has a modification.
PERCENT_ONE_IN = 3
MODIFIED_ONE_IN = 9
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of an item of the bill, which Clover rings as a line."""

    item: int
    unit: int


def order_id(number: int) -> str:
    return f"CJORDER{number}"


def line_id(number: int, unit: Unit) -> str:
    return f"CJLINE{number}X{unit.item}X{unit.unit}"


def ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def inventory_id(code: str) -> str:
    return f"CJDISCOUNT{code}"


def discount_name(code: str) -> str:
    return f"Journey Coupon {code}" if _is_named(code) else "Journey offer"


def alias(code: str) -> str:
    """The register's alias of a code at the Clover tills."""
    if _is_named(code):
        return f"name:{discount_name(code).casefold()}"
    return f"catalog:{inventory_id(code)}"


def _is_named(code: str) -> bool:
    return int(code) % 4 == 0


def _units(sale: Sale) -> list[Unit]:
    return [Unit(at, unit) for at, item in enumerate(sale.items) for unit in range(item.units)]


def returned(sale: Sale) -> list[Unit]:
    """The units that came back: the first of their item."""
    return [each for each in _units(sale) if each.unit < sale.units_back(each.item)]


def lines(sale: Sale) -> list[Json]:
    back = set(returned(sale))
    taken = _taken(sale)
    return [_line(sale, each, taken[each], back=each in back) for each in _units(sale)]


def _line(sale: Sale, unit: Unit, taken: Sequence[int], *, back: bool) -> Json:
    item = sale.items[unit.item]
    modified = item.price // 5 if int(_digits(item.sku)) % MODIFIED_ONE_IN == 0 else 0
    modifications: list[Json] = []
    if modified:
        modifications = [{"id": f"CJMOD{item.sku}", "name": "Extra", "amount": modified}]
    discounts: list[Json] = [
        _told(sale, index, cents, item.price, f"{unit.item}X{unit.unit}")
        for index, cents in enumerate(taken)
        if cents
    ]
    return {
        "id": line_id(sale.number, unit),
        "orderRef": {"id": order_id(sale.number)},
        "item": {"id": f"CJITEM{item.sku}"},
        "name": item.title,
        "price": item.price - modified,
        "printed": True,
        "createdTime": ms(sale.placed_at),
        "orderClientCreatedTime": ms(sale.placed_at),
        "exchanged": False,
        "refunded": back,
        "isRevenue": True,
        "modifications": {"elements": modifications},
        "discounts": {"elements": discounts},
    }


def _digits(sku: str) -> str:
    return "".join(filter(str.isdecimal, sku)) or "1"


def _on_order(sale: Sale) -> list[int]:
    """The discounts that are the order's: codes without effect, and every code on a bill of one
    line."""
    alone = len(_units(sale)) == 1
    return [
        index
        for index, each in enumerate(sale.discounts)
        if each.kind == "code" and (alone or not each.amount)
    ]


def of_order(sale: Sale) -> list[Json]:
    own = _on_order(sale)
    base = sale.total + sum(sale.discounts[index].amount for index in own)
    return [_told(sale, index, sale.discounts[index].amount, base, "O") for index in own]


def _taken(sale: Sale) -> dict[Unit, list[int]]:
    """What each discount took of each unit. Those that come back take their part with them; a unit
    bears no more than its price."""
    apart = _on_order(sale)
    shares = {each: [0] * len(sale.discounts) for each in _units(sale)}
    for at, item in enumerate(sale.items):
        units = [Unit(at, unit) for unit in range(item.units)]
        left = dict.fromkeys(units, item.price)
        back, kept = units[: sale.units_back(at)], units[sale.units_back(at) :]
        for index, discount in enumerate(sale.discounts):
            if index in apart:
                continue
            taken_back = sale.share_back(discount, at)
            rest = discount.shares[at] - taken_back
            for group, cents in ((back, taken_back), (kept, rest)):
                for unit, part in zip(group, _even(cents, [left[x] for x in group]), strict=True):
                    shares[unit][index] = part
                    left[unit] -= part
    return shares


def _even(total: int, room: Sequence[int]) -> list[int]:
    """An amount spread over units as evenly as they have room."""
    parts = [0] * len(room)
    while total:
        free = [at for at, most in enumerate(room) if parts[at] < most]
        if not free:
            raise ValueError(f"{total} cents of a discount have no unit left to fall on")
        for at in free:
            part = min(-(-total // len(free)), room[at] - parts[at], total)
            parts[at] += part
            total -= part
    return parts


def _told(sale: Sale, index: int, cents: int, base: int, where: str) -> Json:
    """A discount row: an amount below zero, or a percentage of the base that comes to it."""
    discount = sale.discounts[index]
    row: Document = {"id": f"CJD{sale.number}X{index}X{where}", "discType": "DEFAULT"}
    row |= _named(discount)
    rate = _rate(cents, base) if _by_percent(discount, base) else None
    if rate is None:
        return row | {"amount": -cents}
    whole: Document = {"percentage": rate // 10_000} if rate % 10_000 == 0 else {}
    return row | whole | {"amount": 0, "percentageDecimal": rate}


def _by_percent(discount: Discount, base: int) -> bool:
    if discount.kind == "code":
        return int(discount.code) % PERCENT_ONE_IN == 0
    return discount.kind == "loyalty" and base % 2 == 0


def _rate(cents: int, base: int) -> int | None:
    """The percentage, in ten thousandths, that rounds half up to these cents of a base."""
    if not 0 < cents <= base:
        return None
    rate = (cents * MILLION + base // 2) // base
    return rate if (base * rate * 2 + MILLION) // (2 * MILLION) == cents else None


def _named(discount: Discount) -> Document:
    if discount.kind == "code":
        name: Document = {"name": discount_name(discount.code)}
        if _is_named(discount.code):
            return name
        return name | {"discount": {"id": inventory_id(discount.code)}}
    by_hand = discount.kind == "coupon"
    inventory: Document = {"discount": {"id": f"CJDISCOUNT{discount.kind.upper()}"}}
    return {"name": NAMES[discount.kind]} | ({} if by_hand else inventory)
