"""What several areas of the control room are asked and answered in: other fields are refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field, PlainSerializer, StrictStr

from vouchsafe.pure import instant
from vouchsafe.pure.asking import Said

At = Annotated[datetime, PlainSerializer(instant.text, return_type=str)]
Title = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Why = Annotated[StrictStr, Field(min_length=1, max_length=2000)]
Note = Annotated[StrictStr, Field(max_length=2000)]
Pattern = Annotated[StrictStr, Field(max_length=100)]


class RevisionTold(Said):
    """What stood since a revision of the register."""

    register_revision: int
    rows: list[Mapping[str, str]]
