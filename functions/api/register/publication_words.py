"""What the control room is asked and answers of publications; whom they went to is told nowhere."""

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from vouchsafe.pure.asking import Said
from vouchsafe.pure.parsing import Instant
from vouchsafe.pure.register_values import LONGEST

from .segment_words import Person
from .words import At, Note, Title, Why

MOST = 500
Code = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST)]
Channel = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST)]
Identities = Annotated[tuple[Person, ...], Field(max_length=5)]


class PublicationAsked(Said):
    """A code, and all identities of the one whom it was given to, `email:ann@example.com`. Without
    any it was put up in the channel."""

    code: Code
    to: Identities = ()


class PublicationsAsked(Said):
    """Codes of a promotion that were given out at one time. `channel` is `source / medium`; the
    campaign's where nothing is said."""

    promotion_id: Title
    at: Instant
    publications: Annotated[tuple[PublicationAsked, ...], Field(min_length=1, max_length=MOST)]
    channel: Channel | None = None
    why: Note = ""


class TooManyTold(Said):
    """A publication by its place in the call that is one release too many for whom it went to."""

    publication: int
    says: str


class PublishedTold(Said):
    """How many publications are new, and how many were told before."""

    promotion_id: str
    given: int
    known: int
    over_mailed: list[TooManyTold]


class WithdrawAsked(Said):
    """Why it was told by mistake."""

    why: Why


class WithdrawalTold(Said):
    """Who took it back, and why."""

    at: At
    by: str
    why: str


class PublicationTold(Said):
    """A publication: of which code, when, by which channel, and to a person or the channel."""

    publication_id: str
    promotion_id: str
    campaign_id: str
    code: str
    at: At
    channel: str
    to: Literal["person", "channel"]
    by: str
    withdrawal: WithdrawalTold | None


class PublicationsTold(Said):
    """A page by time; `after` asks for the next one."""

    publications: list[PublicationTold]
    after: str | None
