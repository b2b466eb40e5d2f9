"""Lambda: an approved proposal is carried out by the road of every load, once, and marked so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vouchsafe.edge import clock, journal, proposals_table, queue, register_table
from vouchsafe.flow.load import load
from vouchsafe.pure.errors import Absent, Conflict, Unavailable, VouchsafeError
from vouchsafe.pure.proposal import Proposal, applied, failed
from vouchsafe.pure.register_load import Mandate

from . import deeds, draw
from .files import files_of
from .switching import promotion_switched, switched

# A switch is made over what stands; so often somebody else may have been in between.
_TRIES = 4


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Takes messages `{"proposal_id": .., "part": .., "late": ..}`; the part is of an order of
    codes. One that was cut short comes again, and goes on; a late one is there in case that the
    other one was never sent."""
    with journal.line("apply", consumer="register") as line:

        def work(message: queue.Message) -> bool:
            try:
                body = message.body()
                line.note(proposal=body["proposal_id"], part=body.get("part", 0))
                line.note(state=_carried_out(body))
            except (VouchsafeError, KeyError, TypeError, ValueError) as reason:
                line.count("failed")
                line.note(reason=repr(reason)[:200])
                return False
            return True

        return queue.each(event, work)


def _carried_out(body: Mapping[str, Any]) -> str:
    """What a late message asks for may never have been approved, or be under way."""
    proposal_id = str(body["proposal_id"])
    if body.get("late") and (state := _needs_nobody(proposal_id)):
        return state
    return carried_out(proposal_id, int(body.get("part", 0)))


def _needs_nobody(proposal_id: str) -> str:
    """Why it is not to be carried out by a late message; empty where it is."""
    try:
        proposal = proposals_table.get(proposal_id)
    except Absent:
        return "absent"
    begun = proposal.draft.order and proposals_table.drawn(proposal_id, 0) is not None
    return "under_way" if begun else ""


def carried_out(proposal_id: str, part: int = 0) -> str:
    """The state that the proposal is in at the end. Raises Unavailable where it is to be tried
    again."""
    proposal = proposals_table.get(proposal_id)
    if proposal.state != "approved":
        return proposal.state
    order = proposal.draft.order
    if order is None:
        return _marked(proposal, *_loaded(proposal))
    faults, revision = draw.part_loaded(proposal_id, order, part)
    if not faults and part + 1 < order.parts():
        draw.go_on(proposal_id, part + 1)
        return proposal.state
    return _marked(proposal, faults, revision)


def _marked(proposal: Proposal, faults: list[str], revision: int) -> str:
    now = clock.now()
    if faults:
        after = failed(proposal, faults, now)
        deed = deeds.of_step("not_applied", after.decided_by, now, after, why="; ".join(faults))
    else:
        after = applied(proposal, revision, now)
        deed = deeds.of_application(after, now)
    proposals_table.keep(after, deed)
    return after.state


def _loaded(proposal: Proposal) -> tuple[list[str], int]:
    """(faults, revision) of the load, made now or by a run that was cut short."""
    mandate = Mandate(proposal_id=proposal.proposal_id, seen=proposal.draft.seen)
    rows = proposal.draft.rows
    for _ in range(_TRIES):
        outcome = load(files_of(rows), mandate=mandate)
        if outcome.elsewhere:
            raise Unavailable("another run is carrying out the load")
        if not outcome.faults or proposal.action == "propose":
            return [str(fault) for fault in outcome.faults], outcome.revision
        try:
            now = switched(promotion_switched(rows), proposal.action, proposal.created_at)
        except (Absent, Conflict) as reason:
            return _unless_done(mandate, str(reason))
        if now == (rows, mandate.seen):
            return [str(fault) for fault in outcome.faults], outcome.revision
        rows, mandate = now[0], replace(mandate, seen=now[1])
    raise Unavailable("others keep changing the promotion")


def _unless_done(mandate: Mandate, reason: str) -> tuple[list[str], int]:
    """There may be nothing to switch because a run beside this one has switched it."""
    revision = register_table.newest(mandate.key(), register_table.snapshot())
    return ([], revision) if revision else ([reason], 0)
