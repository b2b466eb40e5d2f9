"""Simphony's ways of writing: money and units as JSON numbers."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from vouchsafe.pure.money import minor_at

# Numbers come as doubles: 3.6 may be written 3.6000000000000001. Text until the currency is known.
_DECIMAL = r"^-?[0-9]{1,12}(\.[0-9]{1,18})?([eE]-[0-9]{1,2})?$"
Amount = Annotated[str, Field(pattern=_DECIMAL, coerce_numbers_to_str=True)]
# What a double may be off by, and far less than any minor unit.
_FINEST = Decimal("0.000001")

# An id, which is a number at Simphony.
Number = Annotated[str, Field(pattern=r"^[0-9]{1,20}$", coerce_numbers_to_str=True)]


def minor(amount: str | None, currency: str, path: str) -> int:
    """Minor units with their sign, 0 for no amount. Raises Unreadable."""
    told = None if amount is None else Decimal(amount).quantize(_FINEST)
    return minor_at(told, currency, path)


def units(amount: str | None) -> Decimal:
    """Units or a measure; what is not told is one."""
    return Decimal(1) if amount is None else Decimal(amount).quantize(_FINEST)
