"""The K-Series' side: notifications of accounts as they are rung, and sales as its API lists them.

A line bears one discount of its own and its part of one of the whole account, so that a line with
more is rung in parts. Guests pay members' prices: loyalty and match never show. Coupon money
without a code is a discount by name only, and lies on the account.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from local.dealing import LIGHTSPEED, place
from local.payloads.message import Document, Headers, Json, Message, encoded, major, utc_text
from local.payloads.timeline import Step, paid_at, steps
from local.till import Sale
from vouchsafe.pure.instant import EPOCH

USER = "journey"
_MEMBERS = frozenset({"loyalty", "match"})
_TOLD = {"placed": "OPEN", "paid": "CLOSE", "cancelled": "CANCEL", "returned": "CLOSE"}


def account_number(number: int) -> str:
    return f"A{number}"


def return_number(number: int) -> str:
    return f"B{number}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line in cents: a price, its own code with what it took, and its part of the coupon."""

    id: str
    sku: str
    item: int
    units: int
    price: int
    code: str = ""
    taken: int = 0
    coupon: int = 0


def messages(sale: Sale) -> Iterator[Message]:
    """The notifications about one sale, oldest first."""
    for step in steps(sale):
        told: Document = {
            "notificationType": _TOLD[step.stage],
            "businessLocationId": int(place(sale.store).location_id),
            "sequenceId": f"S{sale.number}.{step.stage}",
            "account": _account(sale, step),
        }
        event = _TOLD[step.stage]
        yield Message(LIGHTSPEED, sale.number, event, step.at, encoded(told))


def headers(message: Message) -> Headers:
    """What we chose ourselves; it says nothing of the body."""
    pair = f"{USER}:{message.shop.signing_keys[0]}".encode()
    return {
        "Content-Type": "application/json",
        "Authorization": f"Basic {base64.b64encode(pair).decode()}",
        "X-Lightspeed-Idempotency-Key": message.id(),
    }


def sales(sale: Sale) -> Iterator[tuple[datetime, Document]]:
    """(when it closed, sale) of what the API lists: nothing while it is open."""
    if sale.cancelled_at:
        yield sale.cancelled_at, _sale(sale, sale.cancelled_at, cancelled=True)
    elif sale.paid:
        yield paid_at(sale), _sale(sale, paid_at(sale), cancelled=False)
    if sale.back:
        yield sale.back.at, _reversal(sale, sale.back.at)


def rows(sale: Sale) -> Iterator[Row]:
    """Every line of a sale, and one at no price for each code that took nothing off."""
    for at in range(len(sale.items)):
        yield from _rows_of(sale, at)
    without = (each.code for each in sale.discounts if each.code and not each.amount)
    for nth, code in enumerate(without):
        yield Row(f"{sale.number}-free-{nth}", "", -1, 1, 0, code)


def _rows_of(sale: Sale, at: int) -> Iterator[Row]:
    item = sale.items[at]
    members = sum(each.shares[at] for each in sale.discounts if each.kind in _MEMBERS)
    coupon = sum(each.shares[at] for each in sale.discounts if each.kind == "coupon")
    price = item.gross - members
    codes = [each for each in sale.discounts if each.kind == "code" and each.shares[at]]
    name = f"{sale.number}-{at}"
    if len(codes) < 2:
        code, taken = (codes[0].code, codes[0].shares[at]) if codes else ("", 0)
        yield Row(f"{name}-0", item.sku, at, item.units, price, code, taken, coupon)
        return
    for part, each in enumerate(codes):
        rest = part == len(codes) - 1
        share = each.shares[at]
        cost = price if rest else share
        yield Row(f"{name}-{part}", item.sku, at, 1, cost, each.code, share, coupon if rest else 0)
        price -= share


def _account(sale: Sale, step: Step) -> Document:
    back = step.stage == "returned"
    lines: list[Json] = [] if back else [_told_line(row) for row in rows(sale)]
    closed = step.stage in ("paid", "returned")
    codes: list[Json] = (
        [{"description": "Manufacturer coupon", "rate": 1}]
        if any(each.kind == "coupon" for each in sale.discounts) and not back
        else []
    )
    return {
        "accountNumber": (return_number if back else account_number)(sale.number),
        "businessLocationId": place(sale.store).location_id,
        "name": f"Household {sale.household}",
        "type": "REFUND" if back else "SALE",
        "currencyCode": "USD",
        "openDate": _ms(step.at if back else sale.placed_at),
        "closeDate": _ms(_closed_at(sale, step)) if closed else None,
        "updateDate": _ms(step.at),
        "staffId": str(sale.store),
        "totalAmount": (-sale.refunded() if back else sale.total) / 100,
        "discounts": codes,
        "transactionLines": lines,
        "originAccountNumber": account_number(sale.number) if back else None,
    }


def _closed_at(sale: Sale, step: Step) -> datetime:
    return step.at if step.stage == "returned" else paid_at(sale)


def _told_line(row: Row) -> Document:
    off = row.taken + row.coupon
    own: list[Json] = [{"code": row.code, "description": "Partner coupon"}] if row.code else []
    return {
        "id": row.id,
        "itemSku": row.sku,
        "quantity": row.units,
        "amount": (row.price - off) / 100,
        "discountedAmount": off / 100,
        "discounts": own,
    }


def _sale(sale: Sale, closed: datetime, *, cancelled: bool) -> Document:
    lines: list[Json] = [_sold_line(sale, row, row.units, 1) for row in rows(sale)]
    return {
        **_head(sale, account_number(sale.number), closed),
        "type": "SALE",
        "cancelled": cancelled,
        "source": {"initialAccountId": account_number(sale.number)},
        "timeOfOpening": utc_text(sale.placed_at),
        "salesLines": lines,
    }


def _reversal(sale: Sale, at: datetime) -> Document:
    lines: list[Json] = []
    for row in rows(sale):
        units = sale.units_back(row.item) if row.item >= 0 else 0
        if units:
            lines.append(_sold_line(sale, row, units if row.units > 1 else 1, -1))
    return {
        **_head(sale, return_number(sale.number), at),
        "type": "REFUND",
        "cancelled": False,
        "source": {"initialAccountId": account_number(sale.number)},
        "timeOfOpening": utc_text(at),
        "salesLines": lines,
    }


def _head(sale: Sale, number: str, closed: datetime) -> Document:
    return {
        "accountFiscId": number,
        "receiptId": f"R{number}",
        "timeClosed": utc_text(closed),
        "payments": [{"code": "CARD", "tip": "0.00", "currency": "USD"}],
        "consumer": {"name": f"Household {sale.household}", "email": sale.email},
    }


def _sold_line(sale: Sale, row: Row, units: int, sign: int) -> Document:
    """Units of a line; of what came back, the part of its discounts rounded down."""
    price, taken, coupon = (
        cents * units // row.units for cents in (row.price, row.taken, row.coupon)
    )
    return {
        "id": row.id if sign > 0 else f"back-{row.id}",
        "parentLineId": None if sign > 0 else row.id,
        "sku": row.sku,
        "name": "Goods",
        "quantity": str(sign * units),
        "discountCode": row.code or None,
        "discountName": "Partner coupon" if row.code else None,
        "discountAmount": major(sign * taken),
        "accountDiscountCode": None,
        "accountDiscountName": "Manufacturer coupon" if coupon else None,
        "accountDiscountAmount": major(sign * coupon),
        "totalNetAmountWithTax": major(sign * (price - taken - coupon)),
        "taxAmount": "0.00",
        "currency": "USD",
        "staffId": sale.store,
    }


def _ms(at: datetime) -> int:
    return int((at.astimezone(UTC) - EPOCH).total_seconds() * 1000)
