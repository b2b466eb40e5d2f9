"""Toast's side: the whole order in every delivery, and the same order from its API.

One check for each sale. A code falls on items, as discounts of each item that name it; coupon money
without a code is one discount of the check. Guests pay members' prices, so that loyalty and match
never show, and nobody says who they are.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

from local.dealing import TOAST, place
from local.payloads.message import Document, Headers, Json, Message, encoded, utc_text
from local.payloads.timeline import Step, last, paid_at, steps
from local.till import Discount, Sale

_MEMBERS = frozenset({"loyalty", "match"})
_NEVER = "1970-01-01T00:00:00.000+0000"


def order_id(number: int) -> str:
    return f"cj-order-{number}"


def check_id(number: int) -> str:
    return f"cj-check-{number}"


def number_of(order: str) -> int | None:
    """The sale's number in an order's id; None for an id that Toast does not have."""
    digits = order.removeprefix("cj-order-")
    return int(digits) if digits.isdecimal() else None


def messages(sale: Sale) -> Iterator[Message]:
    """The deliveries about one sale, oldest first."""
    for step in steps(sale):
        said: Document = {
            "timestamp": utc_text(step.at),
            "eventCategory": "order_updated",
            "eventType": "order_updated",
            "guid": f"cj-event-{sale.number}-{step.stage}",
            "details": {
                "restaurantGuid": place(sale.store).location_id,
                "order": order(sale, step),
            },
        }
        yield Message(TOAST, sale.number, "order_updated", step.at, encoded(said))


def headers(message: Message) -> Headers:
    """The delivery's headers; the signature is over the body and, once more, its timestamp."""
    proof = signature(message.body, utc_text(message.at), message.shop.signing_keys[0])
    return {
        "Content-Type": "application/json",
        "Toast-Signature": proof,
        "Toast-Attempt-Number": "1",
        "Toast-Event-Category": message.event,
        "Toast-Event-Type": message.event,
    }


def signature(body: bytes, timestamp: str, key: str) -> str:
    """Base64 of the HMAC-SHA256 over the raw body, directly followed by its timestamp."""
    digest = hmac.digest(key.encode(), body + timestamp.encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def order(sale: Sale, step: Step | None = None) -> Document:
    """The order as it stands after a step; in its last state without one."""
    at = step or last(sale)
    paid = at.stage in ("paid", "returned")
    off = at.stage == "cancelled"
    return {
        "guid": order_id(sale.number),
        "entityType": "Order",
        "externalId": None,
        "openedDate": _text(sale.placed_at),
        "createdDate": _text(sale.placed_at),
        "modifiedDate": _text(at.at),
        "paidDate": _text(paid_at(sale)) if paid else None,
        "closedDate": _text(paid_at(sale)) if paid else None,
        "deletedDate": _NEVER,
        "voided": off,
        "voidDate": _text(sale.cancelled_at) if off and sale.cancelled_at else None,
        "deleted": False,
        "createdInTestMode": False,
        "approvalStatus": "APPROVED",
        "source": "In Store",
        "server": {"guid": f"cj-server-{sale.store}", "entityType": "RestaurantUser"},
        "checks": [_check(sale, at, paid=paid)],
    }


def _check(sale: Sale, step: Step, *, paid: bool) -> Document:
    back = sale.back if step.stage == "returned" else None
    selections: list[Json] = [
        _selection(sale, at, back=back is not None) for at in range(len(sale.items))
    ]
    whole: list[Json] = [
        _applied(sale, at, None)
        for at, each in enumerate(sale.discounts)
        if each.kind == "coupon" or (each.code and not each.amount)
    ]
    payments: list[Json] = [_payment(sale, back=back is not None)] if paid and sale.total else []
    return {
        "guid": check_id(sale.number),
        "entityType": "Check",
        "displayNumber": str(sale.number % 1000),
        "amount": _major(sale.total),
        "taxAmount": 0.0,
        "totalAmount": _major(sale.total),
        "paymentStatus": "CLOSED" if paid else "OPEN",
        "voided": step.stage == "cancelled",
        "deleted": False,
        "tabName": f"Household {sale.household}",
        "customer": None,
        "appliedDiscounts": whole,
        "appliedServiceCharges": [],
        "selections": selections,
        "payments": payments,
    }


def _selection(sale: Sale, at: int, *, back: bool) -> Document:
    item = sale.items[at]
    members = sum(each.shares[at] for each in sale.discounts if each.kind in _MEMBERS)
    own: list[Json] = [
        _applied(sale, index, at)
        for index, each in enumerate(sale.discounts)
        if each.kind == "code" and each.shares[at]
    ]
    given_back = back and sale.units_back(at)
    details: Document = {
        "refundAmount": _major(sale.net_back(at)),
        "refundTransaction": _refunded(sale),
    }
    return {
        "guid": f"cj-line-{sale.number}-{at}",
        "entityType": "MenuItemSelection",
        "displayName": item.title,
        "item": {"guid": item.sku, "entityType": "MenuItem"},
        "quantity": float(item.units),
        "preDiscountPrice": _major(item.gross - members),
        "price": _major(sale.net_of(at)),
        "voided": False,
        "deferred": False,
        "appliedDiscounts": own,
        "modifiers": [],
        "refundDetails": details if given_back else None,
    }


def _applied(sale: Sale, index: int, at: int | None) -> Document:
    """A discount of the check, or its share on one item."""
    discount: Discount = sale.discounts[index]
    amount = discount.amount if at is None else discount.shares[at]
    where = "check" if at is None else str(at)
    return {
        "guid": f"cj-discount-{sale.number}-{index}-{where}",
        "entityType": "AppliedCustomDiscount",
        "name": "Partner coupon" if discount.code else "Manufacturer coupon",
        "discountAmount": _major(amount),
        "discount": {"guid": f"cj-{discount.kind}", "entityType": "Discount"},
        "discountType": "FIXED",
        "appliedPromoCode": discount.code or None,
        "processingState": None,
        "loyaltyDetails": None,
    }


def _payment(sale: Sale, *, back: bool) -> Document:
    amount = sale.refunded() if back else 0
    refund: Document = {
        "refundAmount": _major(amount),
        "tipRefundAmount": 0.0,
        "refundDate": _text(sale.back.at) if sale.back else None,
        "refundTransaction": _refunded(sale),
    }
    return {
        "guid": f"cj-payment-{sale.number}",
        "entityType": "OrderPayment",
        "type": "CREDIT",
        "amount": _major(sale.total),
        "tipAmount": 0.0,
        "paymentStatus": "CAPTURED",
        "refundStatus": ("FULL" if amount == sale.total else "PARTIAL") if amount else "NONE",
        "refund": refund if back else None,
        "paidDate": _text(paid_at(sale)),
    }


def _refunded(sale: Sale) -> Document:
    return {"guid": f"cj-refund-{sale.number}", "entityType": "RefundTransaction"}


def _major(cents: int) -> float:
    """A JSON number of major units; two decimals are written as they are."""
    return cents / 100


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"
