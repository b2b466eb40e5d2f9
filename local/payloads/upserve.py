"""Upserve's side: the checks of its API. It never calls.

Upserve has no field for a code: a discount is a comp with a reason, and an item has one comp only.
So an item's first discount is its own comp, and each further one comps a side that is rung with it.
Two codes in five stand in their reason behind an agreed prefix; of the others the register's
aliases know the reason. Loyalty and match are comps by rule; coupon money without a code has a
reason that no alias knows. A return rings the goods below zero on the same check.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from local.journey import SHOP_ZONE
from local.payloads.message import Document, Json, major
from local.payloads.timeline import last, paid_at
from local.till import Discount, Sale

REASONS = {
    "loyalty": "Loyalty card price",
    "match": "Coupon match",
    "coupon": "Manufacturer coupon",
}
PREFIX = "Coupon code"
# What a connection must say of these reasons.
OPTIONS = {
    "currency": "USD",
    "code_prefix": PREFIX,
    "automatic_reasons": f"{REASONS['loyalty']}, {REASONS['match']}",
}

Naming = Literal["prefix", "reason"]
Part = tuple[int, int]  # a discount of the sale, and what it took off the item


def check_id(number: int) -> str:
    return str(UUID(int=number))


def naming(code: str) -> Naming:
    """How a code stands on a check: two in five behind the agreed prefix."""
    return "prefix" if int(code) % 5 < 2 else "reason"


def reason(discount: Discount) -> str:
    """What the till shows as the reason of a discount."""
    if discount.kind != "code":
        return REASONS[discount.kind]
    if naming(discount.code) == "prefix":
        return f"{PREFIX} {discount.code[:5]} {discount.code[5:]}"
    return f"Journey Coupon {discount.code}"


def alias(code: str) -> str | None:
    """What the register must know the code by; None where the reason says the code itself."""
    return f"name:journey coupon {code}" if naming(code) == "reason" else None


def trading_day(at: datetime) -> str:
    """The trading day of an instant as the API asks for it; these stores close before midnight."""
    return at.astimezone(SHOP_ZONE).strftime("%Y%m%d")


def check(sale: Sale) -> Document:
    """The check as checks.json gives it, in its last state."""
    step = last(sale)
    closed = step.stage != "placed"
    off = step.stage == "cancelled"
    total = sale.total - sale.refunded()
    return {
        "id": check_id(sale.number),
        "trading_day_id": str(UUID(int=int(trading_day(sale.placed_at)))),
        "name": f"Household {sale.household}",
        "number": str(sale.number % 10_000),
        "status": "Closed" if closed else "Open",
        "sub_total": major(total),
        "tax_total": major(0),
        "total": major(total),
        "outstanding_balance": major(0 if closed else total),
        "mandatory_tip_amount": major(0),
        "open_time": _text(sale.placed_at),
        "close_time": _text(step.at) if closed else None,
        "employee_name": "Ren\u00e9e",
        "employee_role_name": "Server",
        "employee_id": f"cj-{sale.store}",
        "guest_count": 1,
        "type": "Table",
        "type_id": "1",
        "taxed_type": "exclusive",
        "items": [*_items(sale), *_back(sale)],
        "voidcomp": _void() if off else None,
        "payments": list(_payments(sale, paid=closed and not off)),
        "table_name": "1",
        "zone": f"Store {sale.store}",
        "zone_id": str(sale.store),
        "check_notes": [{"id": "n-1", "note": sale.email, "author_id": f"cj-{sale.store}"}],
    }


def _void() -> Document:
    return {"type": "void", "value": major(0), "reason_text": "Called off"}


def _items(sale: Sale) -> Iterator[Json]:
    for at, item in enumerate(sale.items):
        parts = _parts(sale, at, [each.shares[at] for each in sale.discounts])
        name = f"cj-{at}"
        yield _item(sale, at, name, item.gross, item.units, parts, sale.placed_at)


def _back(sale: Sale) -> Iterator[Json]:
    for at, units in sale.back.items if sale.back else ():
        parts = _parts(sale, at, [-sale.share_back(each, at) for each in sale.discounts])
        at_back = sale.back.at if sale.back else sale.placed_at
        gross = -sale.items[at].price * units
        yield _item(sale, at, f"cj-{at}-back", gross, -units, parts, at_back)


def _parts(sale: Sale, at: int, shares: Sequence[int]) -> list[Part]:
    """The discounts of an item, codes first: a unit's part of what follows them is whole cents.

    A code that took nothing off stands on the first item.
    """
    there = [
        (index, share) for index, share in enumerate(shares) if sale.discounts[index].shares[at]
    ]
    there.sort(key=lambda each: sale.discounts[each[0]].kind != "code")
    idle = [(index, 0) for index, each in enumerate(sale.discounts) if not each.amount]
    return there + (idle if at == 0 and not any(share < 0 for share in shares) else [])


def _item(
    sale: Sale, at: int, name: str, gross: int, units: int, parts: Sequence[Part], rung: datetime
) -> Json:
    """An item with its first discount; each further one is a side that the comp takes wholly."""
    first, rest = parts[:1], parts[1:]
    price = gross - sum(share for _, share in rest)
    kind = f"it-{at}-{sale.items[at].sku}"
    return {
        **_line(name, kind, price, units, rung),
        "check_id": check_id(sale.number),
        "name": sale.items[at].title,
        "regular_price": major(price),
        "sides": [
            {
                **_line(f"{name}-{index}", f"{kind}-{index}", share, units, rung),
                "name": "Coupon part",
                "voidcomp": _comp(sale, index, share, with_total=False),
            }
            for index, share in rest
        ],
        "voidcomp": _comp(sale, *first[0], with_total=True) if first else None,
    }


def _line(name: str, item_id: str, price: int, units: int, rung: datetime) -> Document:
    return {
        "id": name,
        "item_id": item_id,
        "category_id": "cj",
        "date": _text(rung),
        "quantity": units,
        "price": major(price),
        "pre_tax_price": major(price),
        "modifiers": [],
    }


def _comp(sale: Sale, index: int, share: int, *, with_total: bool) -> Document:
    said: Document = {
        "type": "comp value",
        "value": major(share),
        "reason_text": reason(sale.discounts[index]),
        "authorized_id": f"cj-{sale.store}",
        "authorizer_role_name": "Manager",
    }
    return said | ({"total": major(share)} if with_total else {})


def _payments(sale: Sale, *, paid: bool) -> Iterator[Json]:
    if paid and sale.total:
        yield _payment(sale, "paid", sale.total, paid_at(sale))
    if sale.back and sale.refunded():
        yield _payment(sale, "back", -sale.refunded(), sale.back.at)


def _payment(sale: Sale, name: str, cents: int, at: datetime) -> Json:
    return {
        "id": f"{sale.number}-{name}",
        "amount": major(cents),
        "tip_amount": major(0),
        "autograt_amount": major(0),
        "date": _text(at),
        "type": "Cash",
        "tender_description": "Cash",
        "cc_name": f"Household {sale.household}",
    }


def _text(at: datetime) -> str:
    """An instant in whole seconds, as the API writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
