"""Upserve's ways of writing: decimal text in major units, and what a comp is called."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

_DECIMAL = r"^-?[0-9]{1,13}(\.[0-9]{1,6})?$"


def _filled(value: object) -> object:
    """An amount that is empty is none."""
    return None if value == "" else value


# Text until the currency is known; some clients of the API have seen numbers.
Amount = Annotated[str, Field(pattern=_DECIMAL, coerce_numbers_to_str=True)]
Maybe = Annotated[Amount | None, BeforeValidator(_filled)]
# What a comp takes off: an amount, or a part of the price in percent.
Value = Annotated[
    Annotated[str, Field(pattern=_DECIMAL[:-1] + "%?$", coerce_numbers_to_str=True)] | None,
    BeforeValidator(_filled),
]
# A word of the vendor's, whose case nobody promises.
Word = Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, max_length=64)]


def part_of(whole_minor: int, percent: str) -> int:
    """So many percent of an amount, rounded half up."""
    share = Decimal(whole_minor) * Decimal(percent.removesuffix("%")) / 100
    return int((share + Decimal("0.5")).to_integral_value("ROUND_FLOOR"))
