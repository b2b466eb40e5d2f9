"""SAP Business One's ways of writing: local dates and times, numbers in the company's currency."""

from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.money import exponent, minor_units
from vouchsafe.pure.parsing import Scalar

# Options of a connection: the company's own currency, the server's zone, the user field of a code.
CURRENCY, ZONE, CODE_FIELD, CONFIRMED_WHEN = "currency", "zone", "code_field", "confirmed_when"
# The business partners to whom sales to nobody in particular are posted, with commas between.
WALK_IN = "walk_in"
USUAL_CODE_FIELD = "U_PromoCode"

Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]


def currency_of(connection: Connection) -> str:
    """The company's currency, in which every total stands. Raises Unreadable without one."""
    currency = connection.options.get(CURRENCY, "")
    try:
        exponent(currency)
    except Invalid as error:
        raise Unreadable("options.currency", "must name the company's currency") from error
    return currency


def zone_of(connection: Connection) -> ZoneInfo:
    """The server's zone: no document tells it. Raises Unreadable where none is set."""
    try:
        return ZoneInfo(connection.options.get(ZONE, ""))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable("options.zone", "must be the server's IANA zone") from error


def moment(day: date, at: time | None, zone: ZoneInfo) -> datetime:
    """An instant of the server's clock, in UTC."""
    return datetime.combine(day, at or time(), zone).astimezone(UTC)


def minor(amount: Decimal, currency: str, path: str) -> int:
    """Minor units. Raises Unreadable with the path where the currency has no such amount."""
    try:
        return minor_units(amount, currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error


def rounded(amount: Decimal, currency: str, path: str) -> int:
    """Minor units, rounded half up: prices and percentages have up to six places."""
    if amount.adjusted() > 15:
        return minor(amount, currency, path)
    unit = Decimal(1).scaleb(-exponent(currency))
    return minor(amount.quantize(unit, ROUND_HALF_UP), currency, path)
