"""The K-Series' ways of writing: ids as numbers or text, money in major units, milliseconds."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.money import exponent, minor_units
from vouchsafe.pure.parsing import Scalar

# Beyond 2^53 as numbers, and text elsewhere.
Id = Annotated[str, Field(min_length=1, max_length=64, coerce_numbers_to_str=True)]
Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]


def _moment(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**14:
        raise ValueError("must be milliseconds since 1970")
    return EPOCH + timedelta(milliseconds=value)


Millis = Annotated[datetime, BeforeValidator(_moment)]


def millis(at: datetime) -> str:
    """Text whose order is the order of time."""
    return f"{(at.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1):015d}"


def known(currency: str, path: str) -> str:
    """The currency. Raises Unreadable where there is none such."""
    try:
        exponent(currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error
    return currency


def rounded(amount: Decimal, currency: str, path: str) -> int:
    """Minor units, rounded half up: shares of a discount have up to six places. Raises Unreadable
    where an amount is too large to be money."""
    try:
        if amount.adjusted() > 15:
            return minor_units(amount, currency)
        unit = Decimal(1).scaleb(-exponent(currency))
        return minor_units(amount.quantize(unit, ROUND_HALF_UP), currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error
