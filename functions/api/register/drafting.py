"""Drafting: proposals are written, checked, changed, handed in and taken back."""

from typing import get_args

from vouchsafe.edge import proposals_table
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.errors import Conflict, Invalid
from vouchsafe.pure.proposal import Draft, Proposal, Rows, State, edited, moved

from . import deeds, orders, parameters, showing
from .checking import Checked, checked, kind_and_row
from .proposal_words import CheckAsked, DraftAsked, ProposalsTold, RowsAsked, StepAsked
from .repeats import made_before

_WAITING: tuple[State, ...] = ("draft", "submitted")


def check(call: Call) -> Reply:
    """Faults and findings of rows that nobody keeps."""
    return Reply(body=showing.told(checked(_rows(call.asked(CheckAsked).rows), call.now)))


def create(call: Call) -> Reply:
    """A draft may be faulty; it cannot be handed in so."""
    asked = call.asked(DraftAsked)
    rows = _rows(asked.rows)
    check = checked(rows, call.now)
    before = made_before(call)
    if before:
        return _told(before, check, status=201)
    proposal = Proposal(
        proposal_id=call.work_id,
        draft=Draft(title=asked.title, why=asked.why, rows=rows, seen=check.seen),
        author=call.caller.id,
        created_at=call.now,
        updated_at=call.now,
    )
    proposals_table.keep(proposal, deeds.of_draft("drafted", call.caller.id, call.now, proposal))
    return _told(proposal, check, status=201)


def every(call: Call) -> Reply:
    """Proposals, the newest first."""
    most, state = parameters.page_size(call.query), call.query.get("state")
    if state is not None and state not in get_args(State):
        raise Invalid("state", f"must be one of {', '.join(get_args(State))}")
    found = proposals_table.newest(parameters.after(call), most + 1, state)
    after = found[most - 1].proposal_id if len(found) > most else None
    return Reply(
        body=ProposalsTold(proposals=[showing.head(each) for each in found[:most]], after=after)
    )


def one(call: Call) -> Reply:
    """A proposal; while it waits, with what is wrong with it now."""
    proposal = proposals_table.get(parameters.name_asked(call, "proposal_id"))
    waits = proposal.state in _WAITING and proposal.draft.order is None
    return _told(proposal, checked(proposal.draft.rows, call.now) if waits else None)


def edit(call: Call) -> Reply:
    """Said anew, over the version that was seen; what was handed in is a draft again."""
    asked = call.asked(DraftAsked)
    before = proposals_table.get(parameters.name_asked(call, "proposal_id"))
    rows = _rows(asked.rows)
    check = checked(rows, call.now)
    draft = Draft(title=asked.title, why=asked.why, rows=rows, seen=check.seen)
    if before.draft.order:
        raise Conflict("an order of codes is not changed: withdraw it, and order anew")
    if call.version is None:
        raise Invalid("If-Match", "is missing: it says which version was seen")
    if _is_repeat(before, draft, call):
        return _told(before, check)
    must_be(before, call.version)
    after = edited(before, draft, call.caller.id, call.now)
    deed = deeds.of_draft("edited", call.caller.id, call.now, after, before.draft)
    proposals_table.keep(after, deed)
    return _told(after, check)


def submit(call: Call) -> Reply:
    """Handed in for another person to judge. Raises Invalid where something holds it up."""
    before = proposals_table.get(parameters.name_asked(call, "proposal_id"))
    asked = call.asked(StepAsked)
    if before.state == "submitted" and before.version == asked.version + 1:
        return _told(before)
    must_be(before, asked.version)
    after = moved(before, "submit", call.caller.id, call.now)
    check = _sound(before.draft, call)
    _keep("submitted", call, after, asked.reason)
    return _told(after, check)


def withdraw(call: Call) -> Reply:
    """Taken back for good."""
    before = proposals_table.get(parameters.name_asked(call, "proposal_id"))
    asked = call.asked(StepAsked)
    if before.state == "withdrawn" and before.version == asked.version + 1:
        return _told(before)
    must_be(before, asked.version)
    after = moved(before, "withdraw", call.caller.id, call.now, asked.reason)
    _keep("withdrawn", call, after, asked.reason)
    return _told(after)


def must_be(proposal: Proposal, version: int) -> None:
    """Nobody decides on what he has not seen. Raises Conflict."""
    if proposal.version != version:
        raise Conflict(f"the proposal is at version {proposal.version} by now: look at it again")


def _is_repeat(before: Proposal, draft: Draft, call: Call) -> bool:
    """Whether the same person's same change was made already, and only its answer was lost."""
    same = (before.draft.title, before.draft.why, before.draft.rows) == (
        draft.title,
        draft.why,
        draft.rows,
    )
    return same and before.version == (call.version or 0) + 1 and before.is_by(call.caller.id)


def _sound(draft: Draft, call: Call) -> Checked | None:
    """Raises Invalid where something holds the draft up."""
    if draft.order:
        orders.must_be_sound(draft.order)
        return None
    check = checked(draft.rows, call.now)
    _must_be_sound(check)
    return check


def _must_be_sound(check: Checked) -> None:
    told = [(*kind_and_row(each), each.field, each.rule) for each in check.faults]
    told += [
        (each.kind, each.row, each.field, each.says)
        for each in check.findings
        if each.severity == "error"
    ]
    if told:
        kind, row, field, rule = told[0]
        more = f"; and {len(told) - 1} more, which the proposal lists" if len(told) > 1 else ""
        raise Invalid(f"rows.{kind}[{row - 1}].{field}", rule + more)


def _keep(what: str, call: Call, after: Proposal, why: str) -> None:
    deed = deeds.of_step(what, call.caller.id, call.now, after, why=why)
    proposals_table.keep(after, deed)


def _rows(asked: RowsAsked) -> Rows:
    """Kinds and cells that say something. Raises Invalid where there is none."""
    kinds = {
        kind: [{name: text for name, text in row.items() if text} for row in of_kind]
        for kind, of_kind in asked.model_dump().items()
        if of_kind
    }
    if not kinds:
        raise Invalid("rows", "are missing: there is nothing to propose")
    return kinds


def _told(proposal: Proposal, check: Checked | None = None, status: int = 200) -> Reply:
    return Reply(body=showing.whole(proposal, check), status=status, version=proposal.version)
