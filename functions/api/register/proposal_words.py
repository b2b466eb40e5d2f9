"""What proposals and orders of codes are asked and answered, field by field."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt, WithJsonSchema

from vouchsafe.pure.asking import Said
from vouchsafe.pure.drawing import MOST
from vouchsafe.pure.linter import Rule, Severity
from vouchsafe.pure.proposal import Action, State

from .words import At, Note, Pattern, Title, Why


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
Version = Annotated[StrictInt, Field(ge=1)]


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
