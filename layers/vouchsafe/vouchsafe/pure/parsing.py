"""A vendor's JSON as a pydantic model, or Unreadable with the path and the broken rule.

Models hold only the fields that a room uses; whatever else a document carries is skipped by the
parser and never becomes a Python object.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, ValidationError

from vouchsafe.pure import instant
from vouchsafe.pure.errors import Invalid, Unreadable

ROOT = "document"


class Narrow(BaseModel):
    """Frozen, blind to unknown fields, and silent about values: errors may be logged."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


M = TypeVar("M", bound=BaseModel)


def parsed(model: type[M], raw: bytes) -> M:
    """The document as that model. Raises Unreadable, naming the first place that does not fit."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        rule = _RULES.get(first["type"], first["msg"])
    # Not chained: pydantic's own error holds what the vendor sent, people's names included.
    raise Unreadable(path_of(first["loc"]), rule)


def path_of(steps: tuple[str | int, ...]) -> str:
    """Steps into a document as `line_items[0].price`."""
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".") or ROOT


_RULES = {"missing": "is missing", "json_invalid": "is not JSON"}


def _instant(value: object) -> datetime:
    try:
        return instant.parse(value if isinstance(value, str) else "")
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant with its offset") from None


# An instant of a vendor's clock, in UTC.
Instant = Annotated[datetime, BeforeValidator(_instant)]


def _in_utc(value: object) -> datetime:
    try:
        return instant.parse(value if isinstance(value, str) else "", assume_utc=True)
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant in UTC") from None


# One that is in UTC, whether it says so or not.
UtcInstant = Annotated[datetime, BeforeValidator(_in_utc)]


def _of_millis(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LAST_MS:
        raise ValueError("must be milliseconds since 1970")
    return instant.EPOCH + timedelta(milliseconds=value)


# The year 5138: no till's clock is there.
_LAST_MS = 10**14
# One that is written as milliseconds since 1970.
Millis = Annotated[datetime, BeforeValidator(_of_millis)]


def _scalar(value: object) -> object:
    if isinstance(value, list | tuple):
        raise ValueError("must be a decimal number")  # noqa: TRY004 - pydantic's way to refuse
    return value


# Beside every Decimal: pydantic would build one out of a list of sign, digits and exponent.
Scalar = BeforeValidator(_scalar)

# An amount in major units, as text or as a number, until its currency is known.
Amount = Annotated[Decimal, Scalar, Field(max_digits=38, allow_inf_nan=False)]

# A decimal quantity of units or measure; bounded, for its text is kept.
Quantity = Annotated[Decimal, Scalar, Field(max_digits=24, decimal_places=12)]

# A name that something else hangs on: never empty.
Key = Annotated[StrictStr, Field(min_length=1, max_length=255)]
