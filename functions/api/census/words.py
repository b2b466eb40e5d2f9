"""What the census is asked and answers, field by field; other fields are refused by name."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, PlainSerializer, StrictBool, StrictInt, StrictStr

from vouchsafe.pure import instant
from vouchsafe.pure.asking import Said
from vouchsafe.pure.census import Kind, Status
from vouchsafe.pure.census_verdict import Advice, ConflictKind
from vouchsafe.pure.running import Running

At = Annotated[datetime, PlainSerializer(instant.text, return_type=str)]
# One lower-case word, and an account's slug; as in the register.
System = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Account = Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]


class ImportAsked(Said):
    """A part of what a system gave out, as it gave it: CSV with its header, or JSON.

    All parts of a list bear the instant at which it was taken out; the one that ends it is `last`.
    """

    system: System
    account: Account = "main"
    taken_at: AwareDatetime | None = None
    part: Annotated[StrictInt, Field(ge=1, le=10_000)] = 1
    last: StrictBool = True
    content: Annotated[StrictStr, Field(max_length=1_000_000)]


class RefusedTold(Said):
    """A line that was not taken, and why."""

    line: int
    column: str
    rule: str


class ImportTold(Said):
    """What was kept. `complete`: all parts are in without a refused line, so that what the list
    does not have is gone from the system."""

    system: str
    account: str
    taken_at: At
    part: int
    kept: int
    refused: list[RefusedTold]
    complete: bool


class SystemTold(Said):
    """A system that was listed, and when its newest complete list was taken."""

    system: str
    account: str
    complete_at: At | None


class SystemsTold(Said):
    """Every system that was ever listed."""

    systems: list[SystemTold]


class MoneyTold(Said):
    """An amount in minor units."""

    currency: str
    minor: int


class ListingTold(Said):
    """What one system says; `gone`: its newest complete list does not have it."""

    system: str
    account: str
    code: str | None
    ref: str | None
    name: str | None
    owner: str | None
    kind: Kind | None
    value: str | None
    currency: str | None
    starts_on: date | None
    ends_on: date | None
    status: Status | None
    limit: int | None
    uses: int | None
    cost_minor: int | None
    made_on: date | None
    first_seen_at: At
    last_seen_at: At
    gone: bool


class NoticedTold(Said):
    """The first order that bore it while the register did not know it."""

    order: str
    platform: str
    account: str
    seen_at: At
    discount: MoneyTold


class BornTold(Said):
    """A promotion that the register has the code in."""

    promotion_id: str
    campaign_id: str
    owner: str
    running: Running


class UsedTold(Said):
    """By the ledger: uses that hold, and what they cost."""

    uses: int
    cost: list[MoneyTold]
    first_on: date | None
    last_on: date | None


class ConflictTold(Said):
    """Who says what of it, where not all say the same."""

    kind: ConflictKind
    says: list[str]


class EntryTold(Said):
    """All that is known of one code, and the one thing to do about it."""

    code: str
    subject: str
    registered: bool
    unregistered: bool
    promotions: list[BornTold]
    listings: list[ListingTold]
    noticed: NoticedTold | None
    ledger: UsedTold
    first_seen_at: At | None
    last_seen_at: At | None
    conflicts: list[ConflictTold]
    duplicates: list[str]
    advice: Advice
    reason: str


class EntriesTold(Said):
    """A page of codes. It may be empty and have an `after` where a filter leaves much out."""

    codes: list[EntryTold]
    after: str | None


class EntryWithRows(EntryTold):
    """With the rows to propose, where the register does not know the code and could hold it."""

    rows: dict[str, list[dict[str, str]]] | None


class TableTold(Said):
    """A page of the census as CSV, with its header on the first."""

    csv: str
    after: str | None
