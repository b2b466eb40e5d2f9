"""SAP Business One's side: invoices and credit memos as its Service Layer gives them.

It never calls. A code stands in a user field: of the line that it took something off, or, on a bill
of one line, of the header. Some codes are goods below zero, known by their item; so is coupon money
without a code. A line has one field, so that one with several codes is invoiced in parts. Members
buy from a price list of their own: loyalty and match never show. Everybody is the walk-in customer.
Times are the server's, in its zone, and tell whole seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from local.dealing import CURRENCY, ZONE
from local.journey import SHOP_ZONE
from local.payloads.message import Document, Json
from local.payloads.timeline import last, paid_at
from local.till import Discount, Sale

WALK_IN = "C99999"
OPTIONS = {"currency": CURRENCY, "zone": ZONE, "confirmed_when": "paid", "walk_in": WALK_IN}
CODE_FIELD = "U_PromoCode"
COUPON_ITEM = "MFRCOUPON"
VOUCHER_ITEM = "VOUCHER"
INVOICE_TYPE = 13
# Entries of documents that the data set has no number for lie above all of its own.
FIRST_CANCELLATION = 900_000_000_000
_MEMBERS = frozenset({"loyalty", "match"})

Way = Literal["line", "header", "item"]


def entry(number: int) -> int:
    return number


def cancellation_entry(number: int) -> int:
    return FIRST_CANCELLATION + number


def branch(store: int) -> int:
    return 100_000 + store


def coupon_item(code: str) -> str:
    return f"CJ-{code}"


def as_goods(code: str) -> bool:
    """Whether a code is sold as goods below zero: two in five."""
    return int(code) % 5 < 2


def alias(code: str) -> str | None:
    """The register's alias of a code; None where the user field spells it out."""
    return f"name:{coupon_item(code).casefold()}" if as_goods(code) else None


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is invoiced, in cents: units of an item for a price, with its code and what
    that took off. `item` is its place on the bill; -1 for what is no goods of it."""

    number: int
    item: int
    sku: str
    units: int
    price: int
    code: str = ""
    taken: int = 0

    @property
    def net(self) -> int:
        return self.price - self.taken

    def back(self, units: int) -> "Row":
        """Units of it that came back, their part of the discount rounded down."""
        part = units if self.units > 1 else 1
        price, taken = self.price * part // self.units, self.taken * part // self.units
        return replace(self, units=part, price=price, taken=taken)


def rows(sale: Sale) -> list[Row]:
    """Every line of the invoice, numbered from 0."""
    return [replace(row, number=at) for at, row in enumerate(_rows(sale))]


def invoice(sale: Sale) -> Document:
    """The invoice in its last state; what came back of it is a credit memo."""
    paid = sale.paid and not sale.cancelled_at
    header = _of_the_header(sale)
    return {
        **_head(sale, entry(sale.number), INVOICE_TYPE, sale.placed_at, changed_at(sale)),
        "CancelStatus": "csYes" if sale.cancelled_at else "csNo",
        "Cancelled": "tYES" if sale.cancelled_at else "tNO",
        **_discounted(header, header.amount if header else 0, sale.total),
        "PaidToDate": sale.total / 100 if paid else 0.0,
        "DocumentLines": [_line(row, {"BaseType": -1, "BaseEntry": None}) for row in rows(sale)],
    }


def cancellation(sale: Sale) -> Document:
    """The other half of a cancellation: an invoice that takes the first one back."""
    if sale.cancelled_at is None:
        raise ValueError(f"sale {sale.number} was not called off")
    at = sale.cancelled_at
    return {
        **invoice(sale),
        **_head(sale, cancellation_entry(sale.number), INVOICE_TYPE, at, at),
        "CancelStatus": "csCancellation",
        "DocumentLines": [_line(row, _base(sale, row)) for row in rows(sale)],
    }


def memo(sale: Sale) -> Document:
    """The credit memo over what came back, copied from the invoice line by line."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    header = _of_the_header(sale)
    taken = sum(sale.share_back(header, at) for at, _ in sale.back.items) if header else 0
    return {
        **_head(sale, entry(sale.number), INVOICE_TYPE + 1, sale.back.at, sale.back.at),
        "CancelStatus": "csNo",
        "Cancelled": "tNO",
        **_discounted(header, taken, sale.refunded()),
        "PaidToDate": sale.refunded() / 100,
        "DocumentLines": [_line(row, _base(sale, row)) for row in _back(sale)],
    }


def changed_at(sale: Sale) -> datetime:
    """When the invoice last changed; a credit memo does not change it."""
    step = last(sale)
    return paid_at(sale) if step.stage == "returned" else step.at


def way(sale: Sale, discount: Discount) -> Way:
    """Where a code with effect stands. Goods below zero belong to no line, so that nothing comes
    back in part of a bill with such."""
    shown = [each for each in sale.discounts if each.kind not in _MEMBERS and each.amount]
    if len(sale.items) == 1 and shown == [discount]:
        return "header"
    in_part = sale.back is not None and not sale.returned_in_full
    return "item" if as_goods(discount.code) and not in_part else "line"


def day_of(at: datetime) -> str:
    """The day on the server's clock."""
    return at.astimezone(SHOP_ZONE).date().isoformat()


def _rows(sale: Sale) -> Iterator[Row]:
    """The goods, then codes that took nothing off, then goods below zero."""
    codes = [each for each in sale.discounts if each.kind == "code"]
    on_lines = [each for each in codes if each.amount and way(sale, each) == "line"]
    for at in range(len(sale.items)):
        yield from _goods(sale, at, on_lines)
    for each in codes:
        if not each.amount:
            yield Row(0, -1, VOUCHER_ITEM, 1, 0, each.code)
        elif way(sale, each) == "item":
            yield Row(0, -1, coupon_item(each.code), -1, -each.amount)
    for each in sale.discounts:
        if each.kind == "coupon" and each.amount:
            yield Row(0, -1, COUPON_ITEM, -1, -each.amount)


def _goods(sale: Sale, at: int, on_lines: list[Discount]) -> Iterator[Row]:
    item = sale.items[at]
    price = item.gross - sum(each.shares[at] for each in sale.discounts if each.kind in _MEMBERS)
    own = [(each.code, each.shares[at]) for each in on_lines if each.shares[at]]
    if len(own) < 2:
        code, taken = own[0] if own else ("", 0)
        yield Row(0, at, item.sku, item.units, price, code, taken)
        return
    for part, (code, taken) in enumerate(own):
        rest = part == len(own) - 1
        yield Row(0, at, item.sku, 1, price if rest else taken, code, taken)
        price -= taken


def _back(sale: Sale) -> Iterator[Row]:
    """The lines that came back; with everything, the goods below zero too."""
    for row in rows(sale):
        units = sale.units_back(row.item) if row.item >= 0 else 0
        if units:
            yield row.back(units)
        elif row.price < 0 and sale.returned_in_full:
            yield row


def _of_the_header(sale: Sale) -> Discount | None:
    codes = [each for each in sale.discounts if each.kind == "code" and each.amount]
    return next((each for each in codes if way(sale, each) == "header"), None)


def _head(sale: Sale, told: int, kind: int, made: datetime, changed: datetime) -> Document:
    return {
        "DocEntry": told,
        "DocNum": sale.number % 10**9,
        "DocObjectCode": str(kind),
        "DocType": "dDocument_Items",
        "DocDate": day_of(made),
        "DocTime": _clock(made),
        "CreationDate": day_of(made),
        "UpdateDate": day_of(changed),
        "UpdateTime": _clock(changed),
        "CardCode": WALK_IN,
        "CardName": f"Household {sale.household}",
        "NumAtCard": sale.email,
        "Comments": sale.note,
        "BPL_IDAssignedToInvoice": branch(sale.store),
        "SalesPersonCode": sale.store,
        "DocumentStatus": "bost_Close",
        "DocCurrency": "$",
        "DocRate": 1.0,
        "VatSum": 0.0,
    }


def _discounted(header: Discount | None, taken: int, total: int) -> Document:
    return {
        "DiscountPercent": _percent(taken, total + taken),
        "TotalDiscount": taken / 100,
        "DocTotal": total / 100,
        CODE_FIELD: header.code.lower() if header else None,
    }


def _line(row: Row, base: Document) -> Json:
    return {
        "LineNum": row.number,
        "ItemCode": row.sku,
        "ItemDescription": "Goods",
        "Quantity": row.units,
        "UnitPrice": round(row.price / 100 / row.units, 6),
        "DiscountPercent": _percent(row.taken, row.price),
        "LineTotal": row.net / 100,
        "TaxTotal": 0.0,
        "BaseLine": None,
        CODE_FIELD: row.code or None,
        **base,
    }


def _base(sale: Sale, row: Row) -> Document:
    return {"BaseType": INVOICE_TYPE, "BaseEntry": entry(sale.number), "BaseLine": row.number}


def _percent(taken: int, of: int) -> float:
    return round(taken * 100 / of, 4) if of and taken else 0.0


def _clock(at: datetime) -> str:
    return f"{at.astimezone(SHOP_ZONE):%H:%M:%S}"
