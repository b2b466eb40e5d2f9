"""Simphony's side: the notifications of its checks, the guest checks of its reports, its digest.

A code stands on a check in two ways, dealt by the code: as the reference that an operator typed
beside the discount for codes, or as a discount of its own number, which the register's aliases
know. Loyalty and match are automatic discounts; coupon money without a code is a discount that no
alias knows. A return opens the check again: voids of the goods and of their discounts, and a
negative tender.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from local.dealing import MICROS
from local.journey import SHOP_ZONE
from local.payloads.message import Document, Headers, Json, Message, encoded, major, utc_text
from local.payloads.timeline import Step, last, paid_at, steps
from local.till import Discount, Sale

CODES = 2005
NUMBERS = {"loyalty": 1001, "match": 1002, "coupon": 3001}
# What a connection must say of these discounts, and of what the payload does not tell.
OPTIONS = {"currency": "USD", "automatic_discounts": "1001,1002", "code_discounts": str(CODES)}
REVENUE_CENTER = 42
EMPLOYEES = 4000
DISCOUNTED_AFTER = timedelta(seconds=20)
# Detail lines are numbered by what they are: items, discounts, tenders, and what came back.
DISCOUNT_LINES, TENDER_LINE, BACK_LINES = 1_000, 900_000, 1_000_000

Naming = Literal["number", "reference"]


def location(store: int) -> str:
    """A store's reference, in lower case as Simphony writes it."""
    return f"store{store}"


def check_ref(number: int) -> str:
    """The check's reference in notifications, and its GUID in the reports."""
    return f"{number:032x}0000431a"


def naming(code: str) -> Naming:
    """How a code stands on a check: two in five as a discount of its own."""
    return "number" if int(code) % 5 < 2 else "reference"


def alias(code: str) -> str | None:
    """What the register must know the code by; None where the check says the code itself."""
    return f"catalog:{int(code)}" if naming(code) == "number" else None


def reference(code: str) -> str:
    """The code as an operator typed it."""
    return f" {code[:4]} {code[4:]}"


def messages(sale: Sale) -> Iterator[Message]:
    """The notifications about one sale, oldest first: that the check changed, and no more."""
    for step in steps(sale):
        message = Message(MICROS, sale.number, "CheckNotification", step.at, b"")
        told: Json = {
            "id": message.id(),
            "creationDate": utc_text(step.at + timedelta(milliseconds=200)),
            "messageType": {"id": "CheckNotification"},
            "resource": {
                "orgShortName": MICROS.shop.casefold(),
                "locRef": location(sale.store),
                "rvcRef": str(REVENUE_CENTER),
                "checkRef": check_ref(sale.number),
            },
            "data": {"status": "Submitted", "timeStampUtc": utc_text(step.at)},
        }
        body = encoded({"messages": [told]})
        yield Message(MICROS, sale.number, "CheckNotification", step.at, body)


def headers(message: Message) -> Headers:
    """The delivery's headers, signed with the subscriber key."""
    return {
        "Content-Type": "application/json",
        "Key-Id": "journey-1",
        "Digest": signature(message.body, message.shop.signing_keys[0]),
    }


def signature(body: bytes, key: str) -> str:
    """Base64 of the HMAC-SHA256 over the raw body, under the key as it is when decoded."""
    digest = hmac.digest(base64.b64decode(key), body, hashlib.sha256)
    return base64.b64encode(digest).decode()


def business_date(at: datetime) -> str:
    """The business date of an instant; these stores close before midnight."""
    return at.astimezone(SHOP_ZONE).date().isoformat()


def guest_check(sale: Sale) -> Document:
    """The check as getGuestChecks gives it, in its last state."""
    step = last(sale)
    closed = step.stage != "placed"
    discount = sale.discount - _discount_back(sale)
    total = sale.total - sale.refunded()
    closed_at = paid_at(sale) if step.stage in {"paid", "returned"} else step.at
    again = _twins("reopnClsdChkClsd", sale.back.at) if sale.back else {}
    return {
        "guestCheckId": sale.number,
        "chkNum": sale.number % 10_000,
        "chkName": f"Household {sale.household}",
        "posChkGUID": check_ref(sale.number),
        "opnBusDt": business_date(sale.placed_at),
        **_twins("opn", sale.placed_at),
        "clsdBusDt": business_date(closed_at) if closed else None,
        **(_twins("clsd", closed_at) if closed else {}),
        **again,
        **_twins("lastTrans", step.at),
        **_twins("lastUpdated", updated_at(sale)),
        "clsdFlag": closed,
        **({"cancelFlag": True} if step.stage == "cancelled" else {}),
        "gstCnt": 1,
        "subTtl": _double(total),
        "nonTxblSlsTtl": None,
        "chkTtl": _double(total),
        "dscTtl": _double(-discount),
        "payTtl": _double(total if closed else 0),
        "balDueTtl": None if closed else _double(total),
        "rvcNum": REVENUE_CENTER,
        "otNum": 1,
        "empNum": EMPLOYEES + sale.store,
        "taxes": [],
        "detailLines": _numbered(_details(sale, step)),
    }


def updated_at(sale: Sale) -> datetime:
    """When the check last changed, in whole seconds."""
    return last(sale).at.replace(microsecond=0)


def _discount_back(sale: Sale) -> int:
    return sum(
        sale.share_back(each, at) for each in sale.discounts for at in range(len(sale.items))
    )


def _numbered(details: Iterator[Document]) -> Json:
    return [
        {"guestCheckLineItemId": at, "lineNum": at, **each} for at, each in enumerate(details, 1)
    ]


def _details(sale: Sale, step: Step) -> Iterator[Document]:
    for at, item in enumerate(sale.items):
        sold: Document = {"menuItem": {"miNum": _item_number(item.sku), "modFlag": False}}
        yield _line(1 + at, item.gross, item.units, sale.placed_at) | sold
    for index, discount in enumerate(sale.discounts):
        yield from _discount(sale, index, discount)
    if step.stage in {"paid", "returned"} and sale.total:
        yield _line(TENDER_LINE, sale.total, 1, paid_at(sale)) | {"tenderMedia": {"tmedNum": 1}}
    if sale.back:
        yield from _back(sale, sale.back.at)


def _discount(sale: Sale, index: int, discount: Discount) -> Iterator[Document]:
    """A line for each item that it fell on; for none, one for the check that takes nothing off."""
    at = sale.placed_at + DISCOUNTED_AFTER
    there = [(item, share) for item, share in enumerate(discount.shares) if share]
    for item, share in there:
        line = _line(_discount_line(index, item), -share, 1, at, parent=1 + item)
        yield line | _named(discount)
    if not there:
        yield _line(_discount_line(index, len(sale.items)), 0, 1, at) | _named(discount)


def _named(discount: Discount) -> Document:
    if discount.kind != "code":
        return {"discount": {"dscNum": NUMBERS[discount.kind]}, "refInfo1": None}
    if naming(discount.code) == "number":
        return {"discount": {"dscNum": int(discount.code)}, "refInfo1": None}
    return {"discount": {"dscNum": CODES}, "refInfo1": reference(discount.code)}


def _back(sale: Sale, at: datetime) -> Iterator[Document]:
    """The voids of what came back, and the money that was paid out."""
    lines = BACK_LINES
    for item, count in sale.back.items if sale.back else ():
        goods = sale.items[item]
        void: Document = {
            "menuItem": {"miNum": _item_number(goods.sku), "modFlag": False},
            "vdFlag": True,
        }
        yield _line(lines, -goods.price * count, -count, at, parent=1 + item) | void
        for index, discount in enumerate(sale.discounts):
            share = sale.share_back(discount, item)
            if share:
                parent = _discount_line(index, item)
                line = _line(lines + 1 + index, share, -1, at, parent=parent)
                yield line | _named(discount) | {"vdFlag": True}
        lines += 1 + len(sale.discounts)
    yield _line(lines, -sale.refunded(), 1, at) | {"tenderMedia": {"tmedNum": 1}}


def _line(
    line: int, cents: int, count: int, at: datetime, *, parent: int | None = None
) -> Document:
    return {
        "dtlId": line,
        "parDtlId": parent,
        "detailUTC": _naive(at, UTC),
        "busDt": business_date(at),
        "wsNum": 1,
        "dspTtl": _double(cents),
        "dspQty": count,
        "aggTtl": _double(cents),
        "aggQty": count,
    }


def _discount_line(index: int, item: int) -> int:
    return DISCOUNT_LINES * (1 + index) + item


def _item_number(sku: str) -> int:
    """Simphony numbers its items; the payout of a coupon's overage has a number of its own."""
    return int(sku) if sku.isdecimal() else 999_999_999


def _twins(name: str, at: datetime) -> Document:
    """An instant in UTC and in local time, neither with an offset."""
    return {f"{name}UTC": _naive(at, UTC), f"{name}Lcl": _naive(at, SHOP_ZONE)}


def _naive(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()


def _double(cents: int) -> float:
    """Major units as the JSON number that Simphony writes."""
    return float(major(cents))
