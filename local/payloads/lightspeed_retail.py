"""The R-Series' side: sales as its API gives them, for it never calls.

Everything is text, and a relation of one is no list. A line bears one discount only, so that a line
with several is rung in parts, one for each. There is no field for codes: a code is a discount of
the shop's list, known by its number or by its name. Members pay members' prices: loyalty and match
never show.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from local.dealing import place
from local.payloads.message import Document, Json, major
from local.payloads.timeline import last, paid_at
from local.till import Discount, Sale

_PARTS = 10
_NO_ITEM = 900
_MEMBERS = frozenset({"loyalty", "match"})


def sale_id(number: int) -> str:
    return str(number)


def return_id(number: int) -> str:
    return f"7{number}"


def by_name(code: str) -> bool:
    """How the register knows a code: two in five by the discount's name, else by its number."""
    return int(code) % 5 < 2


def discount_name(code: str) -> str:
    return f"Coupon {code}"


def alias(code: str) -> str:
    """The register's alias of a code."""
    return f"name:{discount_name(code).casefold()}" if by_name(code) else f"catalog:{code}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is rung: units of an item at a price, with one discount at most, in cents."""

    id: str
    sku: str
    units: int
    price: int
    discount: Discount | None = None
    taken: int = 0


def rows(sale: Sale) -> Iterator[Row]:
    """Every line of a sale, and one at no price for each code that took nothing off."""
    for at in range(len(sale.items)):
        yield from _rows_of(sale, at)
    without = (each for each in sale.discounts if each.code and not each.amount)
    for at, discount in enumerate(without, start=_NO_ITEM):
        yield Row(_line_id(sale, at, 0), "", 1, 0, discount)


def sale(sale: Sale) -> Document:
    """The sale in its last state; what came back of it is a sale of its own."""
    step = last(sale)
    rung = [_line(sale, row) for row in rows(sale)]
    done = sale.paid and not sale.cancelled_at
    changed = paid_at(sale) if step.stage == "returned" else step.at
    return {
        **_head(sale, sale_id(sale.number), sale.placed_at, changed, sale.total),
        "completed": "true" if done else "false",
        "completeTime": _text(paid_at(sale)) if done else "",
        "voided": "true" if sale.cancelled_at else "false",
        "SaleLines": {"SaleLine": _one_or_many(rung)},
    }


def return_sale(sale: Sale) -> Document:
    """The sale that a return is."""
    if sale.back is None:
        raise ValueError(f"nothing of sale {sale.number} came back")
    rung = [_returned(sale, row, units) for row, units in _back(sale)]
    return {
        **_head(sale, return_id(sale.number), sale.back.at, sale.back.at, -sale.refunded()),
        "completed": "true",
        "completeTime": _text(sale.back.at),
        "voided": "false",
        "SaleLines": {"SaleLine": _one_or_many(rung)},
    }


def sale_line(sale: Sale, line_id: str) -> Document | None:
    """One line by its id; None where the sale has none such."""
    found = next((row for row in rows(sale) if row.id == line_id), None)
    return None if found is None else _line(sale, found)


def number_of(line_id: str) -> int:
    """The sale's number in the id of a line."""
    return int(line_id) // (1000 * _PARTS)


def _rows_of(sale: Sale, at: int) -> Iterator[Row]:
    """An item as one line; in parts where it bears several discounts."""
    item = sale.items[at]
    members = sum(each.shares[at] for each in sale.discounts if each.kind in _MEMBERS)
    price = item.gross - members
    taken = [
        (each, each.shares[at])
        for each in sale.discounts
        if each.kind not in _MEMBERS and each.shares[at]
    ]
    if len(taken) < 2:
        discount, share = taken[0] if taken else (None, 0)
        yield Row(_line_id(sale, at, 0), item.sku, item.units, price, discount, share)
        return
    for part, (discount, share) in enumerate(taken):
        rest = part == len(taken) - 1
        yield Row(_line_id(sale, at, part), item.sku, 1, price if rest else share, discount, share)
        price -= share


def _back(sale: Sale) -> Iterator[tuple[Row, int]]:
    """The lines that came back, with their units; what is rung in parts comes back whole."""
    for row in rows(sale):
        at = int(row.id) // _PARTS % 1000
        units = sale.units_back(at) if at < len(sale.items) else 0
        if units:
            yield row, units if row.units > 1 else 1


def _line(sale: Sale, row: Row) -> Document:
    unit = Decimal(row.price) / 100 / row.units
    return {
        **_discounted(row.discount, row.taken),
        "saleLineID": row.id,
        "saleID": sale_id(sale.number),
        "itemID": row.sku if row.sku.isdecimal() else "0",
        "unitQuantity": str(row.units),
        "unitPrice": f"{unit:.6f}",
        "calcTransactionDiscount": "0",
        "calcTotal": major(row.price - row.taken),
        "parentSaleLineID": "0",
    }


def _returned(sale: Sale, row: Row, units: int) -> Document:
    """Units of a line that came back, their part of its discount rounded down."""
    price, taken = row.price * units // row.units, row.taken * units // row.units
    return {
        **_line(sale, row),
        **_discounted(row.discount, -taken),
        "saleLineID": f"7{row.id}",
        "saleID": return_id(sale.number),
        "unitQuantity": str(-units),
        "calcTotal": major(taken - price),
        "parentSaleLineID": row.id,
    }


def _discounted(discount: Discount | None, taken: int) -> Document:
    money: Document = {"calcLineDiscount": major(taken), "discountAmount": "0"}
    if discount is None or not discount.code:
        return {**money, "discountID": "0"}
    named: Document = {"discountID": discount.code, "name": discount_name(discount.code)}
    return {**money, "discountID": discount.code, "Discount": {**named, "archived": "false"}}


def _head(sale: Sale, told_id: str, made: datetime, changed: datetime, total: int) -> Document:
    return {
        "saleID": told_id,
        "timeStamp": _text(changed),
        "createTime": _text(made),
        "archived": "false",
        "shopID": place(sale.store).location_id,
        "registerID": "1",
        "employeeID": str(sale.store),
        "customerID": str(sale.household),
        "discountID": "0",
        "discountPercent": "0",
        "calcTax1": "0",
        "calcTax2": "0",
        "calcTotal": major(total),
        "total": major(total),
        "referenceNumber": sale.note,
        "SalePayments": "",
        "Customer": {
            "customerID": str(sale.household),
            "firstName": "Ren\u00e9e",
            "lastName": f"Household{sale.household}",
            "Contact": {
                "Emails": {"ContactEmail": {"address": sale.email, "useType": "Primary"}},
                "Phones": "",
            },
        },
    }


def _one_or_many(rung: list[Document]) -> Json:
    if len(rung) == 1:
        return rung[0]
    return [*rung] if rung else ""


def _line_id(sale: Sale, at: int, part: int) -> str:
    return f"{sale.number}{at:03d}{part}"


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
