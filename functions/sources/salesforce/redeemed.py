"""Vouchers that are redeemed in Salesforce itself and reported by no till: orders of their own."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Discount, Line, OrderSaid
from vouchsafe.pure.money import currency_at, minor_at

from .documents import Voucher

# Options of a connection. Without `redemptions: yes` a till tells of the same use, and counts it.
REDEMPTIONS, CURRENCY = "redemptions", "currency"
_LINE = "voucher"


def order_said(voucher: Voucher, connection: Connection) -> OrderSaid | None:
    """What became of it; None while it is only issued, and where redemptions count elsewhere."""
    if connection.options.get(REDEMPTIONS, "").strip().casefold() != "yes":
        return None
    used_at = _used_at(voucher)
    if voucher.status != "Reserved" and used_at is None:
        return None
    currency = _currency(voucher, connection)
    amount = _amount(voucher, currency)
    confirmed = used_at if voucher.status != "Reserved" else None
    off = voucher.status in ("Cancelled", "Issued")
    return OrderSaid(
        currency=currency,
        placed_at=used_at or voucher.changed_at,
        updated_at=voucher.changed_at,
        confirmed_at=confirmed,
        reversed_at=voucher.changed_at if off else None,
        reversed_because=voucher.status.casefold() if off else None,
        signals=(("payment", confirmed), ("final_bill", confirmed)) if confirmed else (),
        gross_minor=amount,
        discount_minor=amount,
        lines=(Line(line_id=_LINE, quantity=Decimal(1), gross_minor=amount),),
        discounts=(
            Discount(
                discount_id=voucher.id,
                kind="code",
                amount_minor=amount,
                where="VoucherCode",
                code_raw=voucher.code,
                in_kind=not amount,
            ),
        ),
    )


def _used_at(voucher: Voucher) -> datetime | None:
    """The day is all that is known: its noon, so that few zones make another day of it."""
    if voucher.used_on is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(voucher.used_on), time(12), UTC)
    except ValueError as error:
        raise Unreadable("UseDate", "must be a day") from error


def _currency(voucher: Voucher, connection: Connection) -> str:
    """The voucher's own, in organisations with several; else the connection's."""
    currency = voucher.currency or connection.options.get(CURRENCY, "")
    path = "CurrencyIsoCode" if voucher.currency else "options.currency"
    return currency_at(currency, path, "must be a currency")


def _amount(voucher: Voucher, currency: str) -> int:
    """What was redeemed, else what it is worth; a percentage has no amount here."""
    for path, value in (
        ("RedeemedValue", voucher.redeemed_value),
        ("FaceValue", voucher.face_value),
    ):
        if value:
            return abs(minor_at(value, currency, path))
    return 0
