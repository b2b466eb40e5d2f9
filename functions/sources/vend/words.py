"""The X-Series' ways of writing: times and names."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictStr

from vouchsafe.pure import instant
from vouchsafe.pure.errors import Invalid

# A name of something, short enough to be part of a key.
Name = Annotated[StrictStr, Field(max_length=255)]


def _moment(value: object) -> datetime:
    try:
        at = instant.parse(value if isinstance(value, str) else "", assume_utc=True)
    except (Invalid, OverflowError):
        raise ValueError("must be an ISO 8601 instant in UTC") from None
    # Facts keep milliseconds.
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


# Documented as UTC, with an offset or without.
Moment = Annotated[datetime, BeforeValidator(_moment)]
