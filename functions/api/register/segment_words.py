"""What segments are asked and answered, field by field."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, Strict, StrictStr

from vouchsafe.pure.asking import Said

from .words import RevisionTold

Day = Annotated[date, Strict()]
Person = Annotated[StrictStr, Field(min_length=1, max_length=400)]
Members = Annotated[tuple[Person, ...], Field(min_length=1, max_length=1000)]


class SegmentHead(Said):
    """A segment in the columns of its row. `size`: how many identities are on its list today;
    nobody counts whom rules hold for."""

    segment_id: str
    row: Mapping[str, str]
    size: int | None


class SegmentsTold(Said):
    """A page by id; `after` asks for the next one."""

    segments: list[SegmentHead]
    after: str | None
    register_revision: int


class SegmentTold(SegmentHead):
    """A segment with what it said before, the newest first."""

    history: list[RevisionTold]
    register_revision: int


class MembersAsked(Said):
    """A page of people by their identities, `email:ann@example.com`; `until` is their last day."""

    members: Members
    until: Day | None = None


class MembersGone(Said):
    """A page of people who are to leave."""

    members: Members


class MembersTold(Said):
    """How many were changed, and how many are on the list now."""

    segment_id: str
    changed: int
    size: int
