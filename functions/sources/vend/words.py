"""The X-Series' ways of writing: amounts, times and names."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictStr

from vouchsafe.pure import instant
from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.money import exponent, minor_units
from vouchsafe.pure.parsing import Scalar

# A name of something, short enough to be part of a key.
Name = Annotated[StrictStr, Field(max_length=255)]

# Major units, as numbers; older shapes have them as text.
Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]


def _moment(value: object) -> datetime:
    try:
        at = instant.parse(value if isinstance(value, str) else "", assume_utc=True)
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant in UTC") from None
    # Facts keep milliseconds.
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


# Documented as UTC, with an offset or without.
Moment = Annotated[datetime, BeforeValidator(_moment)]


def minor(amount: Decimal, currency: str, path: str) -> int:
    """Minor units, rounded half up. Prices are kept without tax and with five decimals, so that
    those of a shop that shows them with tax have fractions of a minor unit. Raises Unreadable."""
    try:
        if amount.adjusted() > 15:
            return minor_units(amount, currency)
        unit = Decimal(1).scaleb(-exponent(currency))
        return minor_units(amount.quantize(unit, ROUND_HALF_UP), currency)
    except Invalid as error:
        raise Unreadable(path, error.rule) from error
