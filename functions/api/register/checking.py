"""A draft held against the register as it stands: faults, findings, and what its drafter saw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from vouchsafe.edge import proposals_table, register_table, segments_table, vat_setting
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.flow.check import Read, standing
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.linter import Around, Finding, findings_of, forms_asked, in_turn, segments_asked
from vouchsafe.pure.proposal import Rows
from vouchsafe.pure.register import Campaign, Code, Promotion, Segment
from vouchsafe.pure.register_check import Standing
from vouchsafe.pure.register_entries import segment_key
from vouchsafe.pure.register_lines import CodeInPromotion, Line
from vouchsafe.pure.register_load import Seen
from vouchsafe.pure.register_rows import Fault

from .ahead import ahead
from .files import files_of

# Where the day ends last, it is past everywhere.
_LAST_ZONE = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is wrong with rows, what is unwise, and how often each entry had changed by then."""

    revision: int
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]
    seen: tuple[Seen, ...]

    def is_sound(self) -> bool:
        """Whether nothing holds it up."""
        return not self.faults and not any(each.severity == "error" for each in self.findings)


def checked(rows: Rows, now: datetime) -> Checked:
    """Raises Invalid where a column is none of the kind's."""
    read = Read(files_of(rows))
    if read.form_faults:
        raise _misshapen(read.form_faults[0])
    at = register_table.snapshot()
    found = _with_neighbours(read.lines, standing(read.lines, at), at)
    findings = findings_of(read.lines, _around(read.lines, found, at, now))
    findings += ahead(read.lines, at, _today(now))
    return Checked(
        revision=at.revision,
        faults=tuple(read.faults(found)),
        findings=tuple(in_turn(findings)),
        seen=tuple(_seen(read.lines, found)),
    )


def kind_and_row(fault: Fault) -> tuple[str, int]:
    """Where a person finds the row."""
    return fault.file.removesuffix(".json"), fault.line


def _misshapen(fault: Fault) -> Invalid:
    kind, row = kind_and_row(fault)
    return Invalid(f"rows.{kind}[{row - 1}].{fault.field}", fault.rule)


def _with_neighbours(lines: Sequence[Line], found: Standing, at: Snapshot) -> Standing:
    """The promotions too that a campaign's change may leave outside."""
    changed = {each for line in lines if (each := _campaign_changed(line, found))}
    promotions: list[Promotion] = []
    for campaign_id in sorted(changed):
        promotions += register_table.promotions_of(campaign_id, at)
    return replace(found, promotions=tuple(promotions))


def _campaign_changed(line: Line, found: Standing) -> str:
    held = found.entry(line.key) if line.key else None
    changes = isinstance(line.said, Campaign) and held is not None and held != line.said
    return line.said.campaign_id if changes and isinstance(line.said, Campaign) else ""


def _around(lines: Sequence[Line], found: Standing, at: Snapshot, now: datetime) -> Around:
    alike = register_table.held(forms_asked(lines), at)
    codes = [held.entry for held in alike.values() if isinstance(held.entry, Code)]
    return Around(
        standing=found,
        today=_today(now),
        naming=proposals_table.naming(),
        alike={code.canonical: code.raw for code in codes},
        empty=_empty(lines, found, now.date()),
        vat=vat_setting.standing(),
    )


def _empty(lines: Sequence[Line], found: Standing, today: date) -> frozenset[str]:
    """Of the segments that promotions name, those whose list has nobody on it: also one that
    comes with the same rows."""
    said = {line.said.segment_id: line.said for line in lines if isinstance(line.said, Segment)}
    empty = set()
    for segment_id in segments_asked(lines):
        segment = said.get(segment_id) or found.entry(segment_key(segment_id))
        is_list = isinstance(segment, Segment) and segment.is_list()
        if is_list and not segments_table.size(segment_id, today):
            empty.add(segment_id)
    return frozenset(empty)


def _today(now: datetime) -> date:
    return (now - _LAST_ZONE).date()


def _seen(lines: Sequence[Line], found: Standing) -> list[Seen]:
    """Of codes none: a load adds to a code and takes nothing away."""
    keys = {
        line.key: None for line in lines if line.key and not isinstance(line.said, CodeInPromotion)
    }
    held = found.held
    return [Seen(*key, version=held[key].version if key in held else 0) for key in keys]
