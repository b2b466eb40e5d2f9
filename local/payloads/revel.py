"""Revel's side: its one webhook, the resources of its API, and its signature.

Revel has a field for codes that is often empty: a code stands there, or as the definition of its
discount, or as a mere name; which of the three is dealt by the code, and the register's aliases
say what the last two stand for. Discounts stand on the items that they fell on; on a bill of one
item, and where they have no effect, on the bill. Only a closed bill is told of: what is called off
or comes back, the sweep has to find. Money is a number here and text there, times have no zone.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from local.dealing import REVEL
from local.journey import SHOP_ZONE
from local.payloads.message import Document, Headers, Json, Message, encoded, major
from local.payloads.timeline import Stage, last, paid_at, steps
from local.till import Discount, Sale

FINALIZED = "order.finalized"
NAMES = {
    "loyalty": "Loyalty card price",
    "match": "Coupon match",
    "coupon": "Manufacturer coupon",
}
DEFINITIONS = {"loyalty": 1, "match": 2, "coupon": 3}
VERSIONS: dict[Stage, int] = {"placed": 2, "paid": 6, "cancelled": 7, "returned": 6}
# A return is an order of its own; its number lies above all of the data set's.
FIRST_RETURN = 500_000_000_000
LINES_EACH = 1000

Naming = Literal["code", "definition", "name"]


def order_id(number: int) -> int:
    return number


def return_id(number: int) -> int:
    return FIRST_RETURN + number


def establishment(store: int) -> int:
    return 100_000 + store


def naming(code: str) -> Naming:
    """How a code stands on an order: three in five in the field for codes."""
    lot = int(code) % 5
    return "name" if lot == 0 else "definition" if lot == 1 else "code"


def discount_name(code: str) -> str:
    return f"Journey Coupon {code}" if naming(code) == "name" else "Journey offer"


def alias(code: str) -> str | None:
    """The register's alias of a code; None where the order spells the code out."""
    match naming(code):
        case "definition":
            return f"catalog:{code}"
        case "name":
            return f"name:{discount_name(code).casefold()}"
        case "code":
            return None


def messages(sale: Sale) -> Iterator[Message]:
    """The one delivery about a sale, when its bill is closed; none where it never was."""
    for step in steps(sale):
        if step.stage == "paid":
            body = encoded(_told(sale))
            yield Message(REVEL, sale.number, FINALIZED, step.at, body)


def headers(message: Message) -> Headers:
    """The delivery's headers, signed over the raw body."""
    return {
        "Content-Type": "application/json",
        "X-Revel-Signature": signature(message.body, message.shop.signing_keys[0]),
        "X-Revel-Instance": message.shop.shop,
        "X-Revel-Event-Type": message.event,
        "X-Revel-Event-Id": message.id(),
        "X-Revel-Message-Id": message.id()[:12],
    }


def signature(body: bytes, key: str) -> str:
    """The HMAC-SHA1 over the raw body, in hexadecimal."""
    return hmac.digest(key.encode(), body, hashlib.sha1).hex()


def order(sale: Sale, stage: Stage | None = None) -> Document:
    """The order without its items, as it stands after a stage; in the end, where none is named."""
    stage = stage or last(sale).stage
    closed = stage in {"paid", "returned"}
    return {
        **_head(sale, order_id(sale.number), sale.placed_at, updated_at(sale, stage)),
        "version": VERSIONS[stage],
        "closed": closed,
        "is_unpaid": not closed,
        "deleted": stage == "cancelled",
        **_money(sale, sale.gross, sale.discount, 0 if closed else sale.total),
        "applied_discounts": _of_the_bill(sale, [each.amount for each in sale.discounts]),
        "notes": sale.note,
    }


def return_order(sale: Sale) -> Document:
    """The order that a return is, without its items."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    taken = [sum(sale.share_back(each, at) for at, _ in sale.back.items) for each in sale.discounts]
    gross = sale.refunded() + sum(taken)
    return {
        **_head(sale, return_id(sale.number), sale.back.at, sale.back.at),
        "version": 2,
        "closed": True,
        "is_unpaid": False,
        "deleted": False,
        "exchanged": True,
        **_money(sale, -gross, -sum(taken), 0),
        "applied_discounts": _of_the_bill(sale, [-each for each in taken]),
        "notes": f"Refund of order {order_id(sale.number)}",
    }


def items(sale: Sale) -> list[Document]:
    """The sale's items."""
    return [
        _item(sale, at, at, sale.items[at].units, [each.shares[at] for each in sale.discounts])
        for at in range(len(sale.items))
    ]


def returned_items(sale: Sale) -> list[Document]:
    """The items of its return, with units below zero."""
    return [
        _item(sale, at, 500 + at, -units, [-sale.share_back(x, at) for x in sale.discounts])
        for at, units in (sale.back.items if sale.back else ())
    ]


def payments(sale: Sale) -> list[Document]:
    """What was paid for a sale: nothing where it cost nothing, or nobody paid."""
    closed = last(sale).stage in {"paid", "returned"}
    paid = closed and sale.total
    return [_payment(sale, 1, order_id(sale.number), sale.total, paid_at(sale))] if paid else []


def returned_payments(sale: Sale) -> list[Document]:
    """What was paid out for its return."""
    if sale.back is None or not sale.refunded():
        return []
    return [_payment(sale, 2, return_id(sale.number), -sale.refunded(), sale.back.at)]


def customer(sale: Sale) -> Document:
    """The customer's record, personal data and all."""
    return {
        "id": sale.household,
        "first_name": "Ren\u00e9e",
        "last_name": f"Household{sale.household}",
        "email": sale.email,
        "phone_number": f"+1513555{sale.household % 10000:04d}",
        "resource_uri": f"/resources/Customer/{sale.household}/",
    }


def updated_at(sale: Sale, stage: Stage) -> datetime:
    """When the order last changed; a return is an order of its own and changes it not."""
    wanted = "paid" if stage == "returned" else stage
    return next(step.at for step in steps(sale) if step.stage == wanted)


def local_text(instant: datetime) -> str:
    """The establishment's wall clock, without an offset."""
    return instant.astimezone(SHOP_ZONE).strftime("%Y-%m-%dT%H:%M:%S")


def _told(sale: Sale) -> Document:
    """One delivery in each of the shapes that integrators saw: whole or thin, wrapped or bare."""
    told = order(sale, "paid")
    if sale.number % 7 == 0:
        return {"event": FINALIZED, "id": order_id(sale.number)}
    if sale.number % 2 == 0:
        tenders: list[Json] = list(payments(sale))
        goods: list[Json] = list(items(sale))
        told |= {"items": goods, "payments": tenders, "customer": customer(sale)}
    return told if sale.number % 3 == 0 else {"order": told}


def _head(sale: Sale, number: int, made: datetime, changed: datetime) -> Document:
    place = establishment(sale.store)
    return {
        "id": number,
        "uuid": f"cj-{number}",
        "local_id": f"A-{number % 10000}",
        "resource_uri": f"/resources/Order/{number}/",
        "establishment": place if sale.number % 5 == 0 else f"/enterprise/Establishment/{place}/",
        "created_date": local_text(made),
        "updated_date": local_text(changed),
        "created_at": f"/resources/PosStation/{sale.store}/",
        "created_by": f"/enterprise/User/{sale.store}/",
        "customer": f"/resources/Customer/{sale.household}/",
        "call_name": f"Household{sale.household}",
        "web_order": False,
        "printed": True,
        "deleted_discounts": '{"service_fees":[],"discounts":[]}',
    }


def _money(sale: Sale, gross: int, discount: int, due: int) -> Document:
    """Amounts as numbers; of one order in four as text."""

    def told(cents: int) -> Json:
        return f"{major(cents)}0000" if sale.number % 4 == 0 else cents / 100

    return {
        "subtotal": told(gross),
        "discount_amount": told(discount),
        "tax": told(0),
        "gratuity": told(0),
        "final_total": told(gross - discount),
        "remaining_due": told(due),
        "is_discounted": discount != 0,
    }


def _of_the_bill(sale: Sale, amounts: Sequence[int]) -> Json:
    return [
        _applied(sale, index, 900, amount)
        for index, amount in enumerate(amounts)
        if _is_of_the_bill(sale, sale.discounts[index])
    ]


def _is_of_the_bill(sale: Sale, discount: Discount) -> bool:
    return len(sale.items) == 1 or not discount.amount


def _item(sale: Sale, at: int, place: int, units: int, amounts: Sequence[int]) -> Document:
    item = sale.items[at]
    number = sale.number * LINES_EACH + place
    belongs = return_id(sale.number) if units < 0 else order_id(sale.number)
    applied: list[Json] = [
        _applied(sale, index, place, amount)
        for index, amount in enumerate(amounts)
        if amount and not _is_of_the_bill(sale, sale.discounts[index])
    ]
    return {
        "id": number,
        "order": f"/resources/Order/{belongs}/",
        "product": f"/resources/Product/{item.sku}/" if item.sku.isdigit() else None,
        "product_name_override": item.title,
        "quantity": units,
        "price": item.price / 100,
        "modifier_amount": 0,
        "tax_amount": 0.0,
        "voided_date": None,
        "deleted": False,
        "applied_discounts": applied,
    }


def _applied(sale: Sale, index: int, place: int, cents: int) -> Document:
    """One discount, whose amount is text with six decimals."""
    return {
        "id": (sale.number * LINES_EACH + place) * 100 + index,
        **_named(sale.discounts[index]),
        "rule_type": 0,
        "discount_amount": f"{major(cents)}0000",
    }


def _named(discount: Discount) -> Document:
    if discount.kind != "code":
        definition = f"/resources/Discount/{DEFINITIONS[discount.kind]}/"
        return {"discount": definition, "name": NAMES[discount.kind], "discount_code": ""}
    code, kind = discount.code, naming(discount.code)
    return {
        "discount": None if kind == "name" else f"/resources/Discount/{code}/",
        "name": discount_name(code),
        "discount_code": code.lower() if kind == "code" else None,
    }


def _payment(sale: Sale, place: int, belongs: int, cents: int, at: datetime) -> Document:
    return {
        "id": sale.number * 10 + place,
        "order": f"/resources/Order/{belongs}/",
        "amount": f"{major(cents)}" if sale.number % 3 == 0 else cents / 100,
        "payment_type": 1,
        "created_date": local_text(at),
        "updated_date": local_text(at),
        "deleted": False,
    }
