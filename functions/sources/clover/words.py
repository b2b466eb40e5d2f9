"""Clover's ways of writing: lists in `elements`, whole minor units, milliseconds, and names."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    model_validator,
)
from pydantic.alias_generators import to_camel

from vouchsafe.pure.parsing import Millis, Narrow

# The option of a connection that names the merchant whose orders its account holds.
MERCHANT = "merchant"

_MOST = 10**15

T = TypeVar("T", bound=BaseModel)


class Told(Narrow):
    """A part of a document, whose fields Clover writes in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class Elements(Told, Generic[T]):
    """A list, as the REST API wraps it; a bare one is understood too."""

    elements: tuple[T, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _wrapped(cls, value: object) -> object:
        return {"elements": value} if isinstance(value, list) else value


def listed(found: Elements[T] | None) -> tuple[T, ...]:
    """What stands in a list; nothing where it was not told."""
    return found.elements if found else ()


def _happened(value: object) -> object:
    return None if value == 0 else value


# Where nothing has happened yet, Clover writes nothing, `null` or 0.
MaybeMillis = Annotated[Millis | None, BeforeValidator(_happened)]

# Minor units, with their sign.
Amount = Annotated[int, Field(strict=True, ge=-_MOST, le=_MOST)]
# What money was taken or given back; never negative.
Sum = Annotated[int, Field(strict=True, ge=0, le=_MOST)]
# What a discount takes off, as Clover writes it: with a minus.
Off = Annotated[int, Field(strict=True, ge=-_MOST, le=0)]
# Percent, and ten thousandths of a percent.
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
PercentDecimal = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]

# A name of something, short enough to be part of a key.
Name = Annotated[StrictStr, Field(max_length=255)]


def half_up(amount: Decimal) -> int:
    """Whole minor units. Clover's own calculator rounds half up wherever it rounds."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
