"""What is told of deeds, and how things are to be named, field by field."""

from typing import Annotated

from pydantic import Field, StrictStr

from vouchsafe.pure.asking import Said

from .words import At, Pattern

Season = Annotated[StrictStr, Field(min_length=1, max_length=30)]


class AuditEntryTold(Said):
    """One deed in the chain; `digest` covers it all and `previous`, the digest before it."""

    number: int
    at: At
    who: str
    what: str
    subjects: list[str]
    why: str
    before: str
    after: str
    previous: str
    digest: str


class AuditTold(Said):
    """A page, the newest first. `broken_at`: the first number at which the page's chain does not
    hold; it is only looked for where no subject is asked for."""

    entries: list[AuditEntryTold]
    after: str | None
    broken_at: int | None


class NamingSaid(Said):
    """How campaigns, promotions and generic codes are to be named; an empty pattern asks nothing.

    In braces: season, year, yy, month, word, number, and of promotions and codes campaign.
    """

    campaign: Pattern = ""
    promotion: Pattern = ""
    code: Pattern = ""
    seasons: tuple[Season, ...] = ()
    strict: bool = False
