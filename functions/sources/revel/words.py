"""Revel's ways of writing, of which one field may have several: ids, references, money, times."""

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictStr

from vouchsafe.pure.money import minor_at
from vouchsafe.pure.parsing import Amount

# An id: a number, or the same as text.
Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$", coerce_numbers_to_str=True)]

_LAST = re.compile(r"(?:^|/)([0-9]{1,18})/?$")
# Discounts are told with six decimals; numbers that went through floating point may have more.
_PLACES = Decimal("0.000001")


def reference(value: object) -> str | None:
    """The id in `/enterprise/Establishment/12/`, in `12`, or in an object that is told whole; None
    where there is none. Raises ValueError."""
    if isinstance(value, dict):
        value = value.get("id") or value.get("resource_uri")
    if value is None or value == "":
        return None
    told = isinstance(value, str | int) and not isinstance(value, bool)
    found = _LAST.search(str(value)) if told else None
    if not found:
        raise ValueError("must be a reference or an id")
    return found.group(1)


# What a reference leads to, by its id alone; None where there is none.
Ref = Annotated[StrictStr | None, BeforeValidator(reference)]


def _blank(value: object) -> object:
    return None if value == "" else value


# Empty text is nothing.
MaybeAmount = Annotated[Amount | None, BeforeValidator(_blank)]
Flag = Annotated[bool | None, BeforeValidator(_blank)]


def _stamp(value: object) -> datetime:
    try:
        return datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("must be an ISO 8601 date and time") from None


# A date and time as Revel writes it: mostly without a zone, and then of no instant yet.
Stamp = Annotated[datetime, BeforeValidator(_stamp)]
MaybeStamp = Annotated[Stamp | None, BeforeValidator(lambda value: value or None)]


def exact(amount: Decimal, currency: str, path: str) -> int:
    """Minor units of money that changed hands. Raises Unreadable for a fraction of one."""
    if amount.adjusted() > 15:
        return minor_at(amount, currency, path)
    return minor_at(amount.quantize(_PLACES, ROUND_HALF_UP), currency, path)
