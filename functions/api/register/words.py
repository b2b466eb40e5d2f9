"""What the control room is asked and answers, field by field; other fields are refused by name."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    Strict,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

from vouchsafe.pure import instant
from vouchsafe.pure.asking import Said
from vouchsafe.pure.channel import State as ChannelState
from vouchsafe.pure.drawing import MOST
from vouchsafe.pure.linter import Rule, Severity
from vouchsafe.pure.proposal import Action, State
from vouchsafe.pure.register import LimitPeriod, LimitScope, Status
from vouchsafe.pure.running import Running


def _cell(value: object) -> object:
    """Numbers become the text that a file would have; nothing else is a cell."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be text or a number")  # noqa: TRY004 - pydantic's way to refuse
    return repr(value)


_CELL_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}
Cell = Annotated[str, BeforeValidator(_cell), WithJsonSchema(_CELL_SCHEMA, mode="validation")]
Row = dict[str, Cell]
At = Annotated[datetime, PlainSerializer(instant.text, return_type=str)]
Title = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Why = Annotated[StrictStr, Field(min_length=1, max_length=2000)]
Note = Annotated[StrictStr, Field(max_length=2000)]
Version = Annotated[StrictInt, Field(ge=1)]
Season = Annotated[StrictStr, Field(min_length=1, max_length=30)]
Pattern = Annotated[StrictStr, Field(max_length=100)]
Day = Annotated[date, Strict()]
Person = Annotated[StrictStr, Field(min_length=1, max_length=400)]
Members = Annotated[tuple[Person, ...], Field(min_length=1, max_length=1000)]


class RowsAsked(Said):
    """Rows in the kinds and columns of the register's files (docs/register.md)."""

    accounts: tuple[Row, ...] = ()
    locations: tuple[Row, ...] = ()
    segments: tuple[Row, ...] = ()
    campaigns: tuple[Row, ...] = ()
    promotions: tuple[Row, ...] = ()
    codes: tuple[Row, ...] = ()
    aliases: tuple[Row, ...] = ()


class DraftAsked(Said):
    """What is proposed, and why."""

    title: Title
    why: Why
    rows: RowsAsked


class CheckAsked(Said):
    """Rows to be checked without being kept."""

    rows: RowsAsked


class StepAsked(Said):
    """A step of a proposal, over the version that was seen."""

    version: Version
    reason: Note = ""


class RejectAsked(Said):
    """A no, which says why."""

    version: Version
    reason: Why


class SwitchAsked(Said):
    """Why a promotion is switched on or off."""

    why: Why


class FaultTold(Said):
    """A rule of the register that a row breaks; `row` counts from 1 within its kind."""

    kind: str
    row: int
    field: str
    rule: str


class FindingTold(Said):
    """What the linter says; an error holds the proposal up, advice does not."""

    severity: Severity
    rule: Rule
    kind: str
    row: int
    field: str
    says: str


class CheckTold(Said):
    """Whether the rows could be submitted as the register stands now."""

    sound: bool
    register_revision: int
    faults: list[FaultTold]
    findings: list[FindingTold]


class ProposalHead(Said):
    """A proposal without its rows. People are named by the ids of their sign-ins."""

    proposal_id: str
    title: str
    why: str
    action: Action
    state: State
    version: int
    author: str
    editors: list[str]
    created_at: At
    updated_at: At
    decided_by: str | None
    decided_at: At | None
    reason: str | None
    faults: list[str]
    register_revision: int | None


class ProposalTold(ProposalHead):
    """A proposal; `check` while it still waits for somebody. Of an order of codes no rows.

    `channels`: of a switch, where to read what became of it at shops and tills.
    """

    rows: Mapping[str, list[Mapping[str, str]]]
    check: CheckTold | None
    channels: str | None = None


class ProposalsTold(Said):
    """A page, the newest first; `after` asks for the next one."""

    proposals: list[ProposalHead]
    after: str | None


class CampaignHead(Said):
    """A campaign in the columns of its row."""

    row: Mapping[str, str]


class CampaignsTold(Said):
    """A page by id; `after` asks for the next one."""

    campaigns: list[CampaignHead]
    after: str | None
    register_revision: int


class CounterTold(Said):
    """What is used of a limit that all share, holds included; of a budget minor units."""

    scope: LimitScope | Literal["budget", "revenue_goal"]
    period: LimitPeriod
    used: int
    most: int


class PromotionHead(Said):
    """A promotion in the columns of its row, whether it runs, and what is used of its limits."""

    promotion_id: str
    running: Running
    row: Mapping[str, str]
    counters: list[CounterTold]


class RevisionTold(Said):
    """What stood since a revision of the register."""

    register_revision: int
    rows: list[Mapping[str, str]]


class CampaignTold(Said):
    """A campaign, its promotions, and what it said before."""

    campaign_id: str
    row: Mapping[str, str]
    promotions: list[PromotionHead]
    history: list[RevisionTold]
    register_revision: int


class PromotionTold(PromotionHead):
    """A promotion with what it said before, the newest first."""

    history: list[RevisionTold]
    register_revision: int


class CodeTold(Said):
    """A code, whether any of its promotions runs, and what it stood for before."""

    code: str
    canonical: str
    running: Running
    promotions: list[PromotionHead]
    history: list[RevisionTold]
    register_revision: int


class AccountsTold(Said):
    """Every account, in the columns of its row."""

    accounts: list[Mapping[str, str]]
    register_revision: int


class AccountTold(Said):
    """An account and its places in the columns of their rows, and what the account said before."""

    row: Mapping[str, str]
    locations: list[Mapping[str, str]]
    history: list[RevisionTold]
    register_revision: int


class AliasTold(Said):
    """A till's discount in the columns of its row, and what it stood for before."""

    row: Mapping[str, str]
    history: list[RevisionTold]
    register_revision: int


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


class FoundTold(Said):
    """What became of a switch at an account, or at one discount there (`discount_id`).

    `before` is how the discount was set, in the platform's own form; `status` is the promotion's
    when it was looked at, at `at`.
    """

    register_revision: int
    platform: str
    account: str
    state: ChannelState
    why: str
    discount_id: str
    name: str
    codes: list[str]
    before: str
    status: str
    at: At
    happening_id: str


class ChannelsTold(Said):
    """A page by switch, the newest first; `after` asks for the next one. What is not there yet
    comes within minutes."""

    promotion_id: str
    status: Status
    found: list[FoundTold]
    after: str | None


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


class OrderAsked(Said):
    """Codes to be drawn; `{8}` in the pattern stands for eight drawn characters."""

    title: Title
    why: Why
    promotion_id: Title
    pattern: Pattern
    count: Annotated[StrictInt, Field(ge=1, le=MOST)]


class OrderTold(Said):
    """An order of codes, and how many of them the register has; approved like any proposal."""

    proposal: ProposalHead
    promotion_id: str
    pattern: str
    count: int
    done: int
    parts: int


class CodesTold(Said):
    """A part of the codes as CSV, the first one with a header; `after` asks for the next."""

    csv: str
    after: str | None


class KeyAsked(Said):
    """A key for one account of the register, and what it may do."""

    name: Title
    platform: Title
    account: Title
    scopes: Annotated[tuple[Literal["validate", "redeem"], ...], Field(min_length=1)]


class KeyTold(Said):
    """A key; `key` is its text, told when it is made and never again."""

    told_once: ClassVar[frozenset[str]] = frozenset({"key"})

    key_id: str
    name: str
    scopes: tuple[str, ...]
    platform: str
    account: str
    created_by: str
    created_at: At
    revoked_at: At | None = None
    key: str | None = None


class KeysTold(Said):
    """All keys, by when they were made."""

    keys: list[KeyTold]
