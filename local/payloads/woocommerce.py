"""WooCommerce's side: the order and refund documents of wc/v3, the ping, and its signature.

A WooCommerce shop sells to members at their price: loyalty and match are in the line's subtotal
and leave no discount behind. A code is a coupon line; coupon money without a code is what plugins
make of it, a negative fee.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

from local.dealing import CURRENCY, NORTH, Shop, place
from local.journey import SHOP_ZONE
from local.payloads.message import Document, Headers, Json, Message, encoded, major
from local.payloads.timeline import Stage, Step, paid_at, steps
from local.till import Sale

VERSION = "10.3.0"
STATUSES: dict[Stage, str] = {
    "placed": "on-hold",
    "paid": "completed",
    "cancelled": "cancelled",
    "returned": "completed",
}
LINES_EACH = 1000
# Refunds share the numbers of orders on a real site; these lie above all of them.
FIRST_REFUND = 500_000_000_000


def order_id(sale: Sale) -> int:
    return sale.number


def refund_id(sale: Sale) -> int:
    return FIRST_REFUND + sale.number


def messages(sale: Sale) -> Iterator[Message]:
    """The deliveries about one sale, oldest first."""
    topic = "order.created"
    for step in steps(sale):
        body = encoded(order(sale, step))
        yield Message(place(sale.store).shop, sale.number, topic, step.at, body)
        topic = "order.updated"


def ping(shop: Shop, at: datetime) -> Message:
    """The greeting that a new webhook sends, form-encoded and unsigned."""
    return Message(shop, 0, "ping", at, b"webhook_id=5")


def headers(message: Message) -> Headers:
    """The delivery's headers; a ping has no signature and no topic."""
    site = {"X-WC-Webhook-Source": f"{message.shop.shop}/"}
    if message.event == "ping":
        return site | {"Content-Type": "application/x-www-form-urlencoded"}
    resource, _, event = message.event.partition(".")
    return site | {
        "Content-Type": "application/json",
        "User-Agent": f"WooCommerce/{VERSION} Hookshot (WordPress/6.8)",
        "X-WC-Webhook-Topic": message.event,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-Signature": signature(message.body, message.shop.signing_keys[0]),
        "X-WC-Webhook-ID": "5",
        "X-WC-Webhook-Delivery-ID": message.id(),
    }


def signature(body: bytes, key: str) -> str:
    """Base64 of the HMAC-SHA256 over the raw body."""
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()


def order(sale: Sale, step: Step) -> Document:
    """The order document as it stands after a step."""
    codes = [each for each in sale.discounts if each.kind == "code"]
    taken = sum(each.amount for each in codes)
    return {
        **_head(sale, step),
        "discount_total": major(taken),
        "discount_tax": "0.00",
        "shipping_total": "0.00",
        "shipping_tax": "0.00",
        "cart_tax": "0.00",
        "total": major(sale.total),
        "total_tax": "0.00",
        **_person(sale),
        "meta_data": [{"id": 1, "key": "_store_id", "value": str(sale.store)}],
        "line_items": [_line(sale, at) for at in range(len(sale.items))],
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": _fees(sale),
        "coupon_lines": [
            {
                "id": _id(sale, 900 + index),
                "code": discount.code.lower(),
                "discount": major(discount.amount),
                "discount_tax": "0.00",
                "discount_type": "fixed_product",
                "nominal_amount": discount.amount / 100,
                "free_shipping": False,
                "meta_data": [],
            }
            for index, discount in enumerate(codes)
        ],
        "refunds": _refunds(sale, step.stage),
    }


def refund(sale: Sale) -> Document:
    """The refund as `/orders/{id}/refunds` gives it: what came back, with negative amounts."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    return {
        "id": refund_id(sale),
        "date_created": _site(sale.back.at),
        "date_created_gmt": _gmt(sale.back.at),
        "amount": major(sale.refunded()),
        "reason": "brought back",
        "refunded_by": 1,
        "refunded_payment": True,
        "meta_data": [],
        "line_items": [_returned(sale, at) for at, _ in sale.back.items],
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": _fees_back(sale),
    }


def subtotal(sale: Sale, at: int) -> int:
    """A line before coupons, at the member's price."""
    cuts = (each for each in sale.discounts if each.kind in {"loyalty", "match"})
    return sale.items[at].gross - sum(each.shares[at] for each in cuts)


def after_coupons(sale: Sale, at: int) -> int:
    """A line after the coupons that have a code."""
    codes = (each for each in sale.discounts if each.kind == "code")
    return subtotal(sale, at) - sum(each.shares[at] for each in codes)


def status(sale: Sale, stage: Stage) -> str:
    if stage == "placed" and not sale.total:
        return "completed"
    if stage == "returned" and sale.returned_in_full:
        return "refunded"
    return STATUSES[stage]


def _head(sale: Sale, step: Step) -> Document:
    paid = step.stage in {"paid", "returned"} or not sale.total
    done = paid_at(sale)
    return {
        "id": order_id(sale),
        "parent_id": 0,
        "number": str(sale.number),
        "order_key": f"wc_order_{sale.number}",
        "created_via": "checkout",
        "version": VERSION,
        "status": status(sale, step.stage),
        "currency": CURRENCY,
        "currency_symbol": "$",
        "prices_include_tax": False,
        "date_created": _site(sale.placed_at),
        "date_created_gmt": _gmt(sale.placed_at),
        "date_modified": _site(step.at),
        "date_modified_gmt": _gmt(step.at),
        "date_paid": _site(done) if paid else None,
        "date_paid_gmt": _gmt(done) if paid else None,
        "date_completed": _site(done) if paid else None,
        "date_completed_gmt": _gmt(done) if paid else None,
    }


def _person(sale: Sale) -> Document:
    """Personal data as a real order has it; none of it may appear right of the door."""
    billing: Document = {
        "first_name": "Ren\u00e9e",
        "last_name": f"Household{sale.household}",
        "address_1": f"{sale.household} Journey Street",
        "city": "Cincinnati",
        "postcode": "45202",
        "country": "US",
        "email": sale.email,
        "phone": f"+1513555{sale.household % 10000:04d}",
    }
    return {
        "customer_id": sale.household,
        "customer_ip_address": "203.0.113.7",
        "customer_note": sale.note,
        "billing": billing,
        "shipping": {key: value for key, value in billing.items() if key != "email"},
        "payment_method": "cod" if sale.total else "",
        "payment_method_title": "Cash at pickup" if sale.total else "",
        "transaction_id": "",
    }


def _line(sale: Sale, at: int) -> Json:
    item = sale.items[at]
    return {
        "id": _id(sale, at),
        "name": item.title,
        "product_id": int(item.sku) if item.sku.isdigit() else 0,
        "variation_id": 0,
        "quantity": item.units,
        "tax_class": "",
        "subtotal": major(subtotal(sale, at)),
        "subtotal_tax": "0.00",
        "total": major(after_coupons(sale, at)),
        "total_tax": "0.00",
        "price": after_coupons(sale, at) / 100 / item.units,
        "sku": item.sku,
        "taxes": [],
        "meta_data": [],
    }


def _fees(sale: Sale) -> Json:
    amount = sum(each.amount for each in sale.discounts if each.kind == "coupon")
    return [_fee(sale, -amount)] if amount else []


def _fee(sale: Sale, cents: int) -> Json:
    return {
        "id": _id(sale, 990),
        "name": "Manufacturer coupon",
        "tax_class": "",
        "tax_status": "none",
        "amount": major(cents),
        "total": major(cents),
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
    }


def _refunds(sale: Sale, stage: Stage) -> Json:
    if stage != "returned":
        return []
    return [{"id": refund_id(sale), "reason": "brought back", "total": major(-sale.refunded())}]


def _returned(sale: Sale, at: int) -> Json:
    item, units = sale.items[at], sale.units_back(at)
    codes = (each for each in sale.discounts if each.kind == "code")
    taken = sum(sale.share_back(each, at) for each in codes)
    back = subtotal(sale, at) * units // item.units - taken
    return {
        "id": _id(sale, 500 + at),
        "name": item.title,
        "product_id": int(item.sku) if item.sku.isdigit() else 0,
        "variation_id": 0,
        "quantity": -units,
        "tax_class": "",
        "subtotal": major(-back),
        "subtotal_tax": "0.00",
        "total": major(-back),
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [{"id": 1, "key": "_refunded_item_id", "value": str(_id(sale, at))}],
        "sku": item.sku,
        "price": -back / 100 / units,
    }


def _fees_back(sale: Sale) -> Json:
    """A negative fee is refunded as a positive one, and only when everything comes back."""
    fees = _fees(sale)
    if not fees or not sale.returned_in_full:
        return []
    amount = sum(each.amount for each in sale.discounts if each.kind == "coupon")
    return [_fee(sale, amount)]


def _id(sale: Sale, at: int) -> int:
    return sale.number * LINES_EACH + at


def _site(instant: datetime) -> str:
    """The site's wall clock, without an offset."""
    return instant.astimezone(SHOP_ZONE).strftime("%Y-%m-%dT%H:%M:%S")


def _gmt(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def pinged() -> tuple[Shop, ...]:
    """The shops whose webhooks greet first."""
    return (NORTH,)
