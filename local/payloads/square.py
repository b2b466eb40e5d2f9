"""Square's side: the stubs of its webhooks, the documents of its API, and its signature.

Square has no field for a code. A code stands on an order as a discount of the catalogue, as a mere
name, or in a discount's metadata; which of the three is dealt by the code, and the register's
aliases say what the first two stand for. Loyalty and match are automatic (a pricing rule); coupon
money without a code is a plain discount that no alias knows.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from local.dealing import CURRENCY, SQUARE, place
from local.payloads.message import Document, Headers, Json, Message, encoded, utc_text
from local.payloads.timeline import Step, last, paid_at, steps
from local.till import Discount, Sale

CATALOG_VERSION = 1_510_000_000_001
NAMES = {
    "loyalty": "Loyalty card price",
    "match": "Coupon match",
    "coupon": "Manufacturer coupon",
}
# The agreed key under which a partner's till writes the code it was given.
METADATA_KEY = "promo_code"
VERSIONS = {"placed": 1, "paid": 4, "cancelled": 6, "returned": 4}
STATES = {"placed": "OPEN", "paid": "COMPLETED", "cancelled": "CANCELED", "returned": "COMPLETED"}

Naming = Literal["catalog", "name", "metadata"]


def order_id(number: int) -> str:
    return f"CJORDER{number}"


def return_id(number: int) -> str:
    return f"CJRETURN{number}"


def payment_id(number: int) -> str:
    return f"CJPAY{number}"


def refund_id(number: int) -> str:
    return f"{payment_id(number)}_CJREFUND{number}"


def number_of(object_id: str) -> int | None:
    """The sale's number in any of the ids above; None for an id that Square does not have."""
    digits = object_id.rpartition("CJ")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdecimal() else None


def naming(code: str) -> Naming:
    """How a code stands on a Square order: three in five from the catalogue."""
    lot = int(code) % 5
    return "name" if lot == 0 else "metadata" if lot == 1 else "catalog"


def catalog_id(code: str) -> str:
    return f"CJDISCOUNT{code}"


def discount_name(code: str) -> str:
    return f"Journey Coupon {code}" if naming(code) == "name" else "Journey offer"


def metadata_value(code: str) -> str:
    """The code as a person typed it into a partner's till."""
    return f"{code[:5]}-{code[5:]} "


def messages(sale: Sale) -> Iterator[Message]:
    """The deliveries about one sale, oldest first."""
    for step in steps(sale):
        for event, body in _events(sale, step):
            message = Message(SQUARE, sale.number, event, step.at, b"")
            envelope: Json = {
                "merchant_id": SQUARE.shop,
                "type": event,
                "event_id": message.id(),
                "created_at": utc_text(step.at),
                "data": body,
            }
            yield Message(SQUARE, sale.number, event, step.at, encoded(envelope))


def headers(message: Message, url: str) -> Headers:
    """The delivery's headers, signed for the webhook address as registered."""
    return {
        "Content-Type": "application/json",
        "x-square-hmacsha256-signature": signature(message.body, message.shop.signing_keys[0], url),
        "square-environment": "Production",
        "square-initial-delivery-timestamp": utc_text(message.at),
    }


def signature(body: bytes, key: str, url: str) -> str:
    """Base64 of the HMAC-SHA256 over the notification address and the raw body."""
    digest = hmac.digest(key.encode(), url.encode() + body, hashlib.sha256)
    return base64.b64encode(digest).decode()


def order(sale: Sale) -> Document:
    """The order as RetrieveOrder gives it, in its last state."""
    step = last(sale)
    closed = step.stage != "placed"
    paid = closed and payment(sale) is not None
    return {
        "id": order_id(sale.number),
        "location_id": place(sale.store).location_id,
        "source": {"name": "Square Point of Sale"},
        "customer_id": _customer(sale),
        "line_items": [_line(sale, at) for at in range(len(sale.items))],
        "discounts": [_discount(sale, at) for at in range(len(sale.discounts))],
        "tenders": [_tender(sale)] if paid else [],
        "state": STATES[step.stage],
        "version": VERSIONS[step.stage],
        "created_at": utc_text(sale.placed_at),
        "updated_at": utc_text(updated_at(sale)),
        **({"closed_at": utc_text(updated_at(sale))} if closed else {}),
        "total_money": _money(sale.total),
        "total_tax_money": _money(0),
        "total_discount_money": _money(sale.discount),
        "total_tip_money": _money(0),
        "total_service_charge_money": _money(0),
        "net_amounts": _amounts(sale.total, sale.discount),
        "net_amount_due_money": _money(0 if closed else sale.total),
    }


def updated_at(sale: Sale) -> datetime:
    """When the sale's order last changed; a return is an order of its own and changes it not."""
    return next(step.at for step in reversed(list(steps(sale))) if step.stage != "returned")


def return_order(sale: Sale) -> Document:
    """The order that a return is booked as."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    items = [at for at, _ in sale.back.items]
    discount = sum(sale.share_back(each, at) for at in items for each in sale.discounts)
    return {
        "id": return_id(sale.number),
        "location_id": place(sale.store).location_id,
        "source": {"name": "Square Point of Sale"},
        "customer_id": _customer(sale),
        "state": "COMPLETED",
        "version": 3,
        "created_at": utc_text(sale.back.at),
        "updated_at": utc_text(sale.back.at),
        "closed_at": utc_text(sale.back.at),
        "returns": [
            {
                "uid": "ret-1",
                "source_order_id": order_id(sale.number),
                "return_line_items": [_returned(sale, at) for at in items],
                "return_discounts": _return_discounts(sale, items),
            }
        ],
        "return_amounts": _amounts(sale.refunded(), discount),
        "refunds": [
            {
                "id": refund_id(sale.number),
                "location_id": place(sale.store).location_id,
                "transaction_id": return_id(sale.number),
                "tender_id": payment_id(sale.number),
                "created_at": utc_text(sale.back.at),
                "reason": "Returned goods",
                "amount_money": _money(sale.refunded()),
                "status": "APPROVED",
            }
        ],
    }


def payment(sale: Sale) -> Document | None:
    """The payment of a sale; None where there was nothing to pay, or nobody paid."""
    if not sale.paid or not sale.total or sale.cancelled_at:
        return None
    refunded: Document = {
        "refunded_money": _money(sale.refunded()),
        "refund_ids": [refund_id(sale.number)],
    }
    return {
        "id": payment_id(sale.number),
        "status": "COMPLETED",
        "amount_money": _money(sale.total),
        "tip_money": _money(0),
        "total_money": _money(sale.total),
        "order_id": order_id(sale.number),
        "location_id": place(sale.store).location_id,
        "customer_id": _customer(sale),
        "buyer_email_address": sale.email,
        "team_member_id": f"TMCJ{sale.store}",
        "source_type": "CASH",
        "receipt_number": payment_id(sale.number)[:4],
        "created_at": utc_text(paid_at(sale)),
        "updated_at": utc_text(last(sale).at),
        "version_token": f"opaque-{last(sale).stage}",
        "application_details": {"square_product": "SQUARE_POS"},
        **(refunded if sale.refunded() else {}),
    }


def refund(sale: Sale) -> Document | None:
    """The refund of a sale of which something came back; None where no money went back."""
    if sale.back is None or not sale.refunded():
        return None
    return {
        "id": refund_id(sale.number),
        "status": "COMPLETED",
        "amount_money": _money(sale.refunded()),
        "payment_id": payment_id(sale.number),
        "order_id": return_id(sale.number),
        "location_id": place(sale.store).location_id,
        "reason": "Returned goods",
        "created_at": utc_text(sale.back.at),
        "updated_at": utc_text(sale.back.at),
        "version": 8,
    }


def customer(sale: Sale) -> Document:
    """The customer's record, personal data and all."""
    return {
        "id": _customer(sale),
        "given_name": "Ren\u00e9e",
        "family_name": f"Household{sale.household}",
        "email_address": sale.email,
        "phone_number": f"+1513555{sale.household % 10000:04d}",
        "address": {"address_line_1": f"{sale.household} Journey Street", "locality": "Cincinnati"},
    }


def _events(sale: Sale, step: Step) -> Iterator[tuple[str, Json]]:
    paid = payment(sale)
    if step.stage == "paid" and paid is not None:
        # What came back later is not known yet when the payment is told.
        told = _as_paid(sale, paid)
        yield "payment.updated", _whole("payment", payment_id(sale.number), told)
    if step.stage == "returned":
        back = refund(sale)
        if back is not None:
            yield "refund.updated", _whole("refund", refund_id(sale.number), back)
        yield "order.updated", _stub(sale, step, return_id(sale.number), 3)
    else:
        yield "order.updated", _stub(sale, step, order_id(sale.number), VERSIONS[step.stage])


def _as_paid(sale: Sale, paid: Document) -> Document:
    held = {key: value for key, value in paid.items() if not key.startswith("refund")}
    at = next(step.at for step in steps(sale) if step.stage == "paid")
    return held | {
        "updated_at": utc_text(at),
        "version_token": "opaque-paid",
    }


def _whole(kind: str, object_id: str, document: Document) -> Json:
    return {"type": kind, "id": object_id, "object": {kind: document}}


def _stub(sale: Sale, step: Step, object_id: str, version: int) -> Json:
    returned = step.stage == "returned"
    stub: Json = {
        "order_id": object_id,
        "version": version,
        "location_id": place(sale.store).location_id,
        "state": STATES[step.stage],
        "created_at": utc_text(step.at if returned else sale.placed_at),
        "updated_at": utc_text(step.at),
    }
    return {"type": "order_updated", "id": object_id, "object": {"order_updated": stub}}


def _line(sale: Sale, at: int) -> Json:
    item = sale.items[at]
    return {
        "uid": f"li-{at}",
        "catalog_object_id": f"CJITEM{item.sku}",
        "catalog_version": CATALOG_VERSION,
        "name": item.title,
        "quantity": str(item.units),
        "item_type": "ITEM",
        "base_price_money": _money(item.price),
        "gross_sales_money": _money(item.gross),
        "variation_total_price_money": _money(item.gross),
        "total_discount_money": _money(item.gross - sale.net_of(at)),
        "total_tax_money": _money(0),
        "total_money": _money(sale.net_of(at)),
        "applied_discounts": _applied([each.shares[at] for each in sale.discounts], at, "disc"),
    }


def _applied(shares: Sequence[int], at: int, prefix: str) -> Json:
    return [
        {
            "uid": f"{prefix}-{index}-{at}",
            "discount_uid": f"{prefix}-{index}",
            "applied_money": _money(share),
        }
        for index, share in enumerate(shares)
        if share
    ]


def _discount(sale: Sale, index: int) -> Document:
    discount = sale.discounts[index]
    return {
        "uid": f"disc-{index}",
        **_named(discount),
        "type": "FIXED_AMOUNT",
        "amount_money": _money(discount.amount),
        "applied_money": _money(discount.amount),
        "scope": "LINE_ITEM",
    }


def _named(discount: Discount) -> Document:
    if discount.kind in {"loyalty", "match"}:
        return {"name": NAMES[discount.kind], "pricing_rule_id": f"CJRULE{discount.kind.upper()}"}
    if discount.kind == "coupon":
        return {"name": NAMES["coupon"]}
    name: Document = {"name": discount_name(discount.code)}
    kind = naming(discount.code)
    if kind == "metadata":
        return name | {"metadata": {METADATA_KEY: metadata_value(discount.code)}}
    if kind == "name":
        return name
    return {
        "catalog_object_id": catalog_id(discount.code),
        "catalog_version": CATALOG_VERSION,
        **name,
    }


def _return_discounts(sale: Sale, items: Sequence[int]) -> Json:
    found: list[Json] = []
    for index, discount in enumerate(sale.discounts):
        back = sum(sale.share_back(discount, at) for at in items)
        if back:
            found.append(
                {
                    "uid": f"rdisc-{index}",
                    "source_discount_uid": f"disc-{index}",
                    **_named(discount),
                    "type": "FIXED_AMOUNT",
                    "amount_money": _money(back),
                    "applied_money": _money(back),
                    "scope": "LINE_ITEM",
                }
            )
    return found


def _returned(sale: Sale, at: int) -> Json:
    item, units = sale.items[at], sale.units_back(at)
    taken = [sale.share_back(each, at) for each in sale.discounts]
    return {
        "uid": f"rli-{at}",
        "source_line_item_uid": f"li-{at}",
        "name": item.title,
        "quantity": str(units),
        "item_type": "ITEM",
        "base_price_money": _money(item.price),
        "gross_return_money": _money(item.price * units),
        "total_discount_money": _money(sum(taken)),
        "total_tax_money": _money(0),
        "total_money": _money(sale.net_back(at)),
        "applied_discounts": _applied(taken, at, "rdisc"),
    }


def _tender(sale: Sale) -> Json:
    return {
        "id": payment_id(sale.number),
        "location_id": place(sale.store).location_id,
        "transaction_id": order_id(sale.number),
        "created_at": utc_text(paid_at(sale)),
        "amount_money": _money(sale.total),
        "tip_money": _money(0),
        "type": "CASH",
        "payment_id": payment_id(sale.number),
        "customer_id": _customer(sale),
    }


def _amounts(total: int, discount: int) -> Json:
    return {
        "total_money": _money(total),
        "tax_money": _money(0),
        "discount_money": _money(discount),
        "tip_money": _money(0),
        "service_charge_money": _money(0),
    }


def _customer(sale: Sale) -> str:
    return f"CJCUSTOMER{sale.household}"


def _money(cents: int) -> Json:
    return {"amount": cents, "currency": CURRENCY}
