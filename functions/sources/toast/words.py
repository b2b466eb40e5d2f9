"""Toast's ways of writing: doubles without a currency, and 1970 for never."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.money import exponent, minor_units
from vouchsafe.pure.parsing import Scalar

# No order says its currency: the connection must.
CURRENCY = "currency"

# Numbers, read from the JSON's own digits.
Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]


def _moment(value: object) -> datetime | None:
    """An instant such as `2024-04-01T15:09:30.223+0000`; the beginning of 1970 means never."""
    if value in (None, ""):
        return None
    try:
        said = instant.parse(value if isinstance(value, str) else "")
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant with its offset") from None
    return said if said > EPOCH else None


Moment = Annotated[datetime | None, BeforeValidator(_moment)]


def currency_of(connection: Connection) -> str:
    """The account's currency. Raises Unreadable where the connection does not name it."""
    currency = connection.options.get(CURRENCY, "")
    try:
        exponent(currency)
    except Invalid as error:
        raise Unreadable("options.currency", "must name the account's currency") from error
    return currency


def minor(amount: Decimal, currency: str, path: str) -> int:
    """Minor units. Raises Unreadable with the path where the currency has no such amount."""
    try:
        return minor_units(amount, currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error


def rounded(amount: Decimal, currency: str, path: str) -> int:
    """Minor units, rounded half up: prices before discounts may have fractions of a cent."""
    if amount.adjusted() > 15:
        return minor(amount, currency, path)
    unit = Decimal(1).scaleb(-exponent(currency))
    return minor(amount.quantize(unit, ROUND_HALF_UP), currency, path)
