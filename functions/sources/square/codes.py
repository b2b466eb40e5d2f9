"""What Square's catalogue lists of discounts: a till's own, by id and name, for it has no codes."""

from vouchsafe.pure import money
from vouchsafe.pure.census_lists import Objects
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.pull import Send

from .calls import Plain, Square


def list_codes(send: Send, connection: Connection, cursor: str | None) -> Objects:
    """A page of the merchant's discounts."""
    found, rest = Square(send, connection).discounts(cursor or "")
    return Objects(objects=tuple(map(_told, found)), cursor=rest or None)


def _told(found: Plain) -> Plain:
    said = found.get("discount_data") or {}
    amount = said.get("amount_money") or {}
    currency = str(amount.get("currency") or "")
    percent = said.get("percentage")
    return {
        "id": found.get("id"),
        "name": said.get("name"),
        "kind": said.get("discount_type"),
        "value": percent if percent is not None else _major(amount.get("amount"), currency),
        "currency": currency,
        "status": "ended" if found.get("is_deleted") else "active",
    }


def _major(minor: object, currency: str) -> str:
    try:
        return money.decimal_text(minor, currency) if isinstance(minor, int) else ""
    except Invalid:
        return ""
