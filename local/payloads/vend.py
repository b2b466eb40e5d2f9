"""The X-Series' side: the form of its webhooks, the documents of its API, and its signature.

A code stands in a promotion on each line that it fell on, in the spelling of whoever typed it; one
without effect stands there with 0. Loyalty and match are promotions without a code; coupon money
without a code is what a cashier takes off a line by hand. A return is a sale of its own.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from local.dealing import VEND, place
from local.payloads.message import Document, Headers, Json, Message, encoded, utc_text
from local.payloads.timeline import Stage, Step, last, paid_at, steps
from local.till import Discount, Sale

NAMES = {"loyalty": "Loyalty card price", "match": "Coupon match"}
STATES: dict[Stage, str] = {
    "placed": "parked",
    "paid": "closed",
    "cancelled": "voided",
    "returned": "closed",
}
# The status words of the older API, which webhooks still speak.
STATUSES = {"parked": "SAVED", "closed": "CLOSED", "voided": "VOIDED"}
# Versions are counted over every change at every shop of the vendor.
EPOCH = datetime(2016, 1, 1, tzinfo=UTC)
CHANGES_A_SECOND = 10_000_000


def sale_id(number: int) -> str:
    return f"cj-sale-{number}"


def return_id(number: int) -> str:
    return f"cj-return-{number}"


def customer_id(household: int) -> str:
    return f"cj-customer-{household}"


def messages(sale: Sale) -> Iterator[Message]:
    """The deliveries about one sale, oldest first."""
    for step in steps(sale):
        yield _message(sale, step, sale_id(sale.number))
        if step.stage == "returned":
            yield _message(sale, step, return_id(sale.number))


def headers(message: Message) -> Headers:
    """The delivery's headers; the signature is over the form as it is posted."""
    digest = signature(message.body, message.shop.signing_keys[0])
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Signature": f"signature={digest},algorithm=HMAC-SHA256",
    }


def signature(body: bytes, key: str) -> str:
    """The HMAC-SHA256 over the raw form, in hexadecimal."""
    return hmac.digest(key.encode(), body, hashlib.sha256).hex()


def sale(sale: Sale) -> Document:
    """The sale as the API gives it, in its last state."""
    step = last(sale)
    closed = STATES[step.stage] == "closed"
    lines: list[Json] = [_line(sale, at) for at in range(len(sale.items))]
    payments: list[Json] = [_payment(sale, "pay", sale.total, paid_at(sale))] if closed else []
    return {
        **_head(sale, sale_id(sale.number), STATES[step.stage], sale.placed_at, step.at),
        "_metadata": {"version": version(sale, step)},
        "line_items": lines,
        "payments": payments if sale.total else [],
        "totals": _totals(sale.total),
        "return": {
            "is_return": False,
            "original_sale_id": None,
            "return_sale_ids": [return_id(sale.number)] if sale.back else [],
        },
    }


def return_sale(sale: Sale) -> Document:
    """The sale that a return is."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    at, amount = sale.back.at, -sale.refunded()
    lines: list[Json] = [_returned(sale, item) for item, _ in sale.back.items]
    return {
        **_head(sale, return_id(sale.number), "closed", at, at),
        "_metadata": {"version": version(sale, Step("returned", at)) + 1},
        "line_items": lines,
        "payments": [_payment(sale, "back", amount, at)] if amount else [],
        "totals": _totals(amount),
        "return": {
            "is_return": True,
            "original_sale_id": sale_id(sale.number),
            "return_sale_ids": [],
        },
    }


def customer(sale: Sale) -> Document:
    """The customer's record, personal data and all."""
    return {
        "id": customer_id(sale.household),
        "customer_code": f"CJ-{sale.household}",
        "first_name": "Ren\u00e9e",
        "last_name": f"Household{sale.household}",
        "email": sale.email,
        "mobile": f"+1513555{sale.household % 10000:04d}",
        "physical_address_1": f"{sale.household} Journey Street",
    }


def version(sale: Sale, step: Step) -> int:
    """The version of a sale after a step; that of its return is the next one."""
    second = int((step.at - EPOCH).total_seconds())
    return second * CHANGES_A_SECOND + sale.number * 2 % CHANGES_A_SECOND


def as_typed(code: str) -> str:
    """A code in the spelling of the till that took it."""
    return f"{code[:5]} {code[5:]}" if int(code) % 3 == 0 else code


def _message(sale: Sale, step: Step, told_id: str) -> Message:
    document = _told(sale, step, told_id)
    form = {
        "domain_prefix": VEND.shop,
        "environment": "prod",
        "payload": encoded(document).decode(),
        "retailer_id": "cj-retailer",
        "type": "sale.update",
    }
    return Message(VEND, sale.number, "sale.update", step.at, urlencode(form).encode())


def _told(sale: Sale, step: Step, told_id: str) -> Document:
    """The sale in the shape of API 1.0: of its discounts only the amounts on its lines."""
    back = told_id == return_id(sale.number)
    items = [at for at, _ in sale.back.items] if back and sale.back else range(len(sale.items))
    return {
        "id": told_id,
        "status": STATUSES[STATES[step.stage]],
        "user_id": f"cj-user-{sale.store}",
        "customer_id": customer_id(sale.household),
        "customer": customer(sale),
        "sale_date": _older(step.at if back else sale.placed_at),
        "updated_at": _older(step.at),
        "invoice_number": str(sale.number),
        "note": sale.note,
        "return_for": sale_id(sale.number) if back else "",
        "total_price": -sale.refunded() / 100 if back else sale.total / 100,
        "register_sale_products": [_product(sale, at) for at in items],
    }


def _product(sale: Sale, at: int) -> Json:
    item = sale.items[at]
    return {
        "id": f"cj-{sale.number}-{at}",
        "product_id": f"cj-product-{item.sku}",
        "name": item.title,
        "quantity": str(item.units),
        "price": f"{sale.net_of(at) / 100 / item.units:.5f}",
        "discount": f"{(item.gross - sale.net_of(at)) / 100 / item.units:.5f}",
    }


def _head(sale: Sale, told_id: str, state: str, made: datetime, changed: datetime) -> Document:
    return {
        "id": told_id,
        "state": state,
        "attributes": [],
        "date": utc_text(made),
        "created_at": utc_text(made),
        "updated_at": utc_text(changed),
        "deleted_at": None,
        "customer_id": customer_id(sale.household),
        "invoice_number": str(sale.number),
        "note": sale.note,
        "source": {
            "outlet_id": place(sale.store).location_id,
            "register_id": f"cj-register-{sale.store}",
            "author": {"id": f"cj-user-{sale.store}"},
        },
        "adjustments": [],
        "taxes": [],
    }


def _line(sale: Sale, at: int) -> Json:
    item = sale.items[at]
    return {
        "id": f"cj-{sale.number}-{at}",
        "quantity": item.units,
        "product": {"id": f"cj-product-{item.sku}"},
        "pricing": _pricing(sale.net_of(at), item.gross - sale.net_of(at), item.units),
        "tax": {"id": "no-tax", "amount": 0, "total": 0},
        "promotions": _promotions(sale, at, [each.shares[at] for each in sale.discounts]),
        "return": {"is_return": False},
    }


def _returned(sale: Sale, at: int) -> Json:
    item, units = sale.items[at], sale.units_back(at)
    taken = [sale.share_back(each, at) for each in sale.discounts]
    return {
        "id": f"cj-back-{sale.number}-{at}",
        "quantity": -units,
        "product": {"id": f"cj-product-{item.sku}"},
        "pricing": _pricing(-sale.net_back(at), -sum(taken), -units),
        "tax": {"id": "no-tax", "amount": 0, "total": 0},
        "promotions": _promotions(sale, at, [-each for each in taken]),
        "return": {"is_return": True, "reason": "brought back"},
    }


def _pricing(total: int, discount: int, units: int) -> Json:
    """Amounts as numbers; those of one unit are kept with five decimals."""
    return {
        "price": round(total / 100 / units, 5),
        "discount": round(discount / 100 / units, 5),
        "discount_total": discount / 100,
        "total": total / 100,
        "loyalty_amount": 0,
    }


def _promotions(sale: Sale, at: int, amounts: Sequence[int]) -> Json:
    """The promotions that fell on a line; a code without effect stands on the first."""
    return [
        {**_named(each), "amount": amount / 100}
        for each, amount in zip(sale.discounts, amounts, strict=True)
        if each.kind != "coupon" and (each.shares[at] or (at == 0 and not each.amount))
    ]


def _named(discount: Discount) -> Document:
    if discount.kind != "code":
        return {"id": f"cj-promotion-{discount.kind}", "name": NAMES[discount.kind]}
    return {
        "id": f"cj-promotion-{discount.code}",
        "name": "Journey offer",
        "promo_code": as_typed(discount.code),
        "promo_code_id": f"cj-code-{discount.code}",
    }


def _payment(sale: Sale, name: str, cents: int, at: datetime) -> Json:
    return {
        "id": f"cj-{name}-{sale.number}",
        "amount": cents / 100,
        "date": utc_text(at),
        "deleted_at": None,
        "type": {"config_id": "cj-cash", "name": "Cash"},
    }


def _totals(cents: int) -> Json:
    amount = cents / 100
    return {"price": amount, "price_incl_tax": amount, "tax": 0, "loyalty": 0, "surcharge": 0}


def _older(instant: datetime) -> str:
    """UTC without saying so, as API 1.0 writes it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
