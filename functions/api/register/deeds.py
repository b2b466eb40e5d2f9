"""What the audit log is told of a step: by what it is looked up, and what was before and after."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from vouchsafe.edge import register_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.flow.check import Read
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.proposal import Draft, Proposal, Rows
from vouchsafe.pure.register_entries import Key
from vouchsafe.pure.register_lines import CodeInPromotion
from vouchsafe.pure.register_told import rows_of_entry
from vouchsafe.pure.register_values import LONGEST

from .files import files_of

# A transaction holds a hundred items, and each subject is one.
_MOST_SUBJECTS = 80
_MOST_CODES_SHOWN = 50


def of_step(
    what: str, who: str, at: datetime, proposal: Proposal, *, why: str = "", before: str = ""
) -> Deed:
    """A step that leaves what is proposed as it is."""
    return Deed(
        who=who,
        at=at,
        what=f"proposal_{what}",
        subjects=(f"proposal:{proposal.proposal_id}",),
        why=why,
        before=before,
        after=_text({"state": proposal.state, "version": proposal.version}),
    )


def of_draft(
    what: str, who: str, at: datetime, proposal: Proposal, before: Draft | None = None
) -> Deed:
    """Something drafted, or said otherwise."""
    return Deed(
        who=who,
        at=at,
        what=f"proposal_{what}",
        subjects=(f"proposal:{proposal.proposal_id}", *_subjects(proposal.draft)),
        why=proposal.draft.why,
        before=_draft(before) if before else "",
        after=_draft(proposal.draft),
    )


def of_application(proposal: Proposal, at: datetime) -> Deed:
    """What a proposal has changed in the register: entries as they stood and stand."""
    revision = proposal.revision or 0
    snapshot = register_table.snapshot()
    before = Snapshot(revision - 1, snapshot.abandoned)
    after = Snapshot(revision, snapshot.abandoned)
    keys = _keys(proposal.draft.rows)
    return Deed(
        who=proposal.decided_by,
        at=at,
        what="proposal_applied",
        subjects=(f"proposal:{proposal.proposal_id}", *_subjects(proposal.draft)),
        why=proposal.draft.why,
        before=_text({"register_revision": revision - 1, "rows": _rows(keys, before)}),
        after=_text({"register_revision": revision, "rows": _rows(keys, after)}),
    )


def subject_of_code(raw: str) -> str:
    """Codes are looked up however they are spelt."""
    return f"code:{canonical(raw)}"


def of_taking_out(proposal: Proposal, who: str, at: datetime, part: int) -> Deed:
    """Drawn codes are as good as money: who has taken them out is told."""
    return Deed(
        who=who,
        at=at,
        what="codes_taken_out",
        subjects=(f"proposal:{proposal.proposal_id}", *_subjects(proposal.draft)),
        after=_text({"part": part}),
    )


def _subjects(draft: Draft) -> list[str]:
    if draft.order:
        return [f"promotion:{draft.order.promotion_id}"]
    rows = draft.rows
    found = [f"campaign:{row['campaign_id']}" for row in _with(rows, "campaigns", "campaign_id")]
    found += [
        f"promotion:{row['promotion_id']}" for row in _with(rows, "promotions", "promotion_id")
    ]
    found += [f"segment:{row['segment_id']}" for row in _with(rows, "segments", "segment_id")]
    found += [subject_of_code(row["code"]) for row in _with(rows, "codes", "code")]
    return list(dict.fromkeys(found))[:_MOST_SUBJECTS]


def _with(rows: Rows, kind: str, column: str) -> Iterable[Mapping[str, str]]:
    return (row for row in rows.get(kind, ()) if 0 < len(row.get(column, "")) <= LONGEST)


def _keys(rows: Rows) -> list[Key]:
    """What the rows are about; of the codes the first, for each one's past is a look-up."""
    lines = Read(files_of(rows)).lines
    codes = [line.key for line in lines if line.key and isinstance(line.said, CodeInPromotion)]
    others = [line.key for line in lines if line.key and not isinstance(line.said, CodeInPromotion)]
    return list(dict.fromkeys((*others, *codes[:_MOST_CODES_SHOWN])))


def _rows(keys: list[Key], at: Snapshot) -> dict[str, list[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = {}
    for held in register_table.held(keys, at).values():
        kind, rows = rows_of_entry(held.entry)
        found.setdefault(kind, []).extend(rows)
    return found


def _draft(draft: Draft) -> str:
    said: dict[str, object] = {"title": draft.title, "why": draft.why}
    if draft.order:
        return _text(said | {"order": asdict(draft.order)})
    return _text(said | {"rows": draft.rows})


def _text(said: Mapping[str, object]) -> str:
    return json.dumps(said, sort_keys=True, ensure_ascii=False)
