"""The X-Series' ways of writing: times and names."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StrictStr

from vouchsafe.pure.parsing import UtcInstant

# A name of something, short enough to be part of a key.
Name = Annotated[StrictStr, Field(max_length=255)]


def _whole_millis(at: datetime) -> datetime:
    """Facts keep milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


# Documented as UTC, with an offset or without.
Moment = Annotated[UtcInstant, AfterValidator(_whole_millis)]
