"""Shopify's side: the order and refund documents of version 2026-04, and its signature.

Loyalty and match are automatic discount applications, a code is a `discount_code` application, and
coupon money without a code is the till's `manual` one, which also shows in `discount_codes` with
its title in place of a code, as draft orders' do.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime

from local.dealing import CURRENCY, place
from local.journey import SHOP_ZONE
from local.payloads.message import Document, Headers, Json, Message, encoded, major
from local.payloads.timeline import Stage, Step, steps
from local.till import Discount, Sale

API_VERSION = "2026-04"
FIRST_ORDER = 820_000_000_000_000_000
FIRST_REFUND = 930_000_000_000_000
FIRST_CUSTOMER = 700_000_000_000_000_000
# A line's id is the order's number with the line's place.
LINES_EACH = 1000

TITLES = {
    "loyalty": "Loyalty card price",
    "match": "Coupon match",
    "coupon": "Manufacturer coupon",
}
TYPES = {"loyalty": "automatic", "match": "automatic", "code": "discount_code", "coupon": "manual"}


def order_id(sale: Sale) -> int:
    return FIRST_ORDER + sale.number


def refund_id(sale: Sale) -> int:
    return FIRST_REFUND + sale.number


def line_id(sale: Sale, at: int) -> int:
    return sale.number * LINES_EACH + at


def messages(sale: Sale) -> Iterator[Message]:
    """The deliveries about one sale, oldest first."""
    told = False
    for step in steps(sale):
        for topic in _topics(step.stage, told=told):
            body = refund(sale) if topic == "refunds/create" else order(sale, step)
            yield Message(place(sale.store).shop, sale.number, topic, step.at, encoded(body))
        told = True


def _topics(stage: Stage, *, told: bool) -> tuple[str, ...]:
    if stage == "returned":
        return "refunds/create", "orders/updated"
    if stage == "cancelled":
        return ("orders/cancelled",)
    return ("orders/paid",) if told else ("orders/create",)


def headers(message: Message, *, previous: bool = False) -> Headers:
    """The delivery's headers; `previous`: still signed with the key before the rotation."""
    keys = message.shop.signing_keys
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": message.event,
        "X-Shopify-Hmac-Sha256": signature(message.body, keys[-1] if previous else keys[0]),
        "X-Shopify-Shop-Domain": message.shop.shop,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Webhook-Id": message.id(),
        "X-Shopify-Event-Id": message.id()[::-1],
        "X-Shopify-Triggered-At": _triggered(message.at),
    }


def signature(body: bytes, key: str) -> str:
    """Base64 of the HMAC-SHA256 over the raw body."""
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()


def order(sale: Sale, step: Step) -> Document:
    """The order document as it stands after a step."""
    status = financial_status(sale, step.stage)
    gone = step.stage == "cancelled" or (step.stage == "returned" and sale.returned_in_full)
    now = sale.total - sale.refunded() if step.stage == "returned" else sale.total
    current = 0 if gone else now
    return {
        **_head(sale, step, status),
        **_person(sale),
        "discount_codes": [
            _code(each) for each in sale.discounts if each.kind in {"code", "coupon"}
        ],
        "discount_applications": [_application(each) for each in sale.discounts],
        "line_items": [_line(sale, at, step.stage) for at in range(len(sale.items))],
        "shipping_lines": [],
        "total_line_items_price": major(sale.gross),
        "subtotal_price": major(sale.total),
        "total_discounts": major(sale.discount),
        "total_tax": "0.00",
        "total_price": major(sale.total),
        "total_outstanding": major(sale.total if status == "pending" else 0),
        "total_tip_received": "0.00",
        "current_subtotal_price": major(current),
        "current_total_discounts": major(0 if gone else sale.discount),
        "current_total_tax": "0.00",
        "current_total_price": major(current),
        "payment_gateway_names": ["cash"] if sale.total else [],
        "tags": "",
        "note_attributes": [],
        "refunds": [refund(sale)] if step.stage == "returned" else [],
    }


def refund(sale: Sale) -> Document:
    """The refund document of a sale of which something came back."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    return {
        "id": refund_id(sale),
        "order_id": order_id(sale),
        "created_at": _text(sale.back.at),
        "processed_at": _text(sale.back.at),
        "note": "brought back",
        "user_id": _staff(sale),
        "restock": True,
        "admin_graphql_api_id": f"gid://shopify/Refund/{refund_id(sale)}",
        "refund_line_items": [_returned(sale, at) for at, _ in sale.back.items],
        "order_adjustments": [],
        "refund_shipping_lines": [],
        "duties": [],
        "transactions": [_transaction(sale)] if sale.refunded() else [],
    }


def financial_status(sale: Sale, stage: Stage) -> str:
    if stage == "placed":
        return "pending" if sale.total else "paid"
    if stage == "returned":
        return "refunded" if sale.returned_in_full else "partially_refunded"
    return "voided" if stage == "cancelled" else "paid"


def _head(sale: Sale, step: Step, status: str) -> Document:
    cancelled = sale.cancelled_at if step.stage == "cancelled" else None
    return {
        "id": order_id(sale),
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id(sale)}",
        "name": f"#{sale.number}",
        "order_number": sale.number,
        "app_id": 129785,
        "source_name": "pos",
        "test": False,
        "confirmed": True,
        "currency": CURRENCY,
        "presentment_currency": CURRENCY,
        "created_at": _text(sale.placed_at),
        "processed_at": _text(sale.placed_at),
        "updated_at": _text(step.at),
        "closed_at": None,
        "cancelled_at": _text(cancelled) if cancelled else None,
        "cancel_reason": "customer" if cancelled else None,
        "location_id": int(place(sale.store).location_id),
        "user_id": _staff(sale),
        "device_id": 1,
        "taxes_included": False,
        "financial_status": status,
        "fulfillment_status": "fulfilled",
        "note": sale.note or None,
    }


def _person(sale: Sale) -> Document:
    """Personal data as a real order has it; none of it may appear right of the door."""
    address: Json = {
        "first_name": "Ren\u00e9e",
        "last_name": f"Household{sale.household}",
        "address1": f"{sale.household} Journey Street",
        "city": "Cincinnati",
        "zip": "45202",
        "phone": f"+1513555{sale.household % 10000:04d}",
    }
    return {
        "email": sale.email,
        "contact_email": sale.email,
        "phone": None,
        "browser_ip": "203.0.113.7",
        "customer": {
            "id": FIRST_CUSTOMER + sale.household,
            "email": sale.email,
            "first_name": "Ren\u00e9e",
            "last_name": f"Household{sale.household}",
            "default_address": address,
        },
        "billing_address": address,
    }


def _code(discount: Discount) -> Json:
    code = discount.code or TITLES[discount.kind]
    return {"code": code, "amount": major(discount.amount), "type": "fixed_amount"}


def _application(discount: Discount) -> Json:
    named: Document = {"title": TITLES.get(discount.kind, "")}
    if discount.kind == "coupon":
        named["description"] = TITLES["coupon"]
    return {
        "target_type": "line_item",
        "type": TYPES[discount.kind],
        "value": major(discount.amount),
        "value_type": "fixed_amount",
        "allocation_method": "across",
        "target_selection": "explicit",
        **({"code": discount.code} if discount.kind == "code" else named),
    }


def _line(sale: Sale, at: int, stage: Stage) -> Document:
    item = sale.items[at]
    back = sale.units_back(at) if stage == "returned" else 0
    return {
        "id": line_id(sale, at),
        "product_id": int(item.sku) if item.sku.isdigit() else None,
        "variant_id": None,
        "sku": item.sku,
        "title": item.title,
        "quantity": item.units,
        "current_quantity": 0 if stage == "cancelled" else item.units - back,
        "price": major(item.price),
        "price_set": _both(item.price),
        "total_discount": "0.00",
        "taxable": False,
        "gift_card": False,
        "discount_allocations": _allocations(sale, at),
        "tax_lines": [],
        "attributed_staffs": [{"id": f"gid://shopify/StaffMember/{_staff(sale)}", "quantity": 1}],
    }


def _allocations(sale: Sale, at: int) -> Json:
    return [
        {
            "amount": major(discount.shares[at]),
            "amount_set": _both(discount.shares[at]),
            "discount_application_index": index,
        }
        for index, discount in enumerate(sale.discounts)
        if discount.shares[at]
    ]


def _returned(sale: Sale, at: int) -> Json:
    return {
        "id": line_id(sale, at) + FIRST_REFUND,
        "line_item_id": line_id(sale, at),
        "quantity": sale.units_back(at),
        "location_id": int(place(sale.store).location_id),
        "restock_type": "return",
        # A JSON number, unlike all other money of the platform.
        "subtotal": sale.net_back(at) / 100,
        "total_tax": 0.0,
        "subtotal_set": _both(sale.net_back(at)),
        "total_tax_set": _both(0),
        "line_item": _line(sale, at, "returned"),
    }


def _transaction(sale: Sale) -> Json:
    return {
        "id": refund_id(sale) + 1,
        "order_id": order_id(sale),
        "kind": "refund",
        "status": "success",
        "amount": major(sale.refunded()),
        "currency": CURRENCY,
        "gateway": "cash",
        "processed_at": _text(sale.back.at) if sale.back else None,
    }


def _both(cents: int) -> Json:
    money: Json = {"amount": major(cents), "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": money}


def _staff(sale: Sale) -> int:
    return 61_000_000 + sale.store


def _text(instant: datetime) -> str:
    """An instant with the shop's offset, in whole seconds."""
    return instant.astimezone(SHOP_ZONE).isoformat(timespec="seconds")


def _triggered(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
