"""The K-Series' ways of writing: ids as numbers or text, and times as milliseconds."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from vouchsafe.pure.instant import EPOCH

# Beyond 2^53 as numbers, and text elsewhere.
Id = Annotated[str, Field(min_length=1, max_length=64, coerce_numbers_to_str=True)]


def millis(at: datetime) -> str:
    """Text whose order is the order of time."""
    return f"{(at.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1):015d}"
