"""Deciding: another person approves or rejects, and an approver switches promotions off and on.

An approval is kept first and carried out from a queue: a load waits up to 35 seconds for readers,
and API Gateway no longer than 29. So the answer is 202, and the proposal tells what came of it.
"""

from vouchsafe.edge import proposals_table, queue
from vouchsafe.edge.settings import setting
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.proposal import Draft, Proposal, Verb, decreed, moved

from . import deeds, showing
from .drafting import must_be
from .switching import Switch, switched
from .words import RejectAsked, StepAsked, SwitchAsked


def approve(call: Call) -> Reply:
    """Approved, and on its way. Once more finishes what was cut short."""
    asked = call.asked(StepAsked)
    before = proposals_table.get(showing.name_asked(call, "proposal_id"))
    if before.state in ("approved", "applied") and _may_repeat(call, before):
        return _under_way(before)
    return _under_way(_decided(call, before, "approve", asked.version, asked.reason))


def reject(call: Call) -> Reply:
    """Refused, with the reason; its author may say it otherwise."""
    asked = call.asked(RejectAsked)
    before = proposals_table.get(showing.name_asked(call, "proposal_id"))
    if before.state == "rejected" and before.decided_by == call.caller.id:
        return _told(before, 200)
    return _told(_decided(call, before, "reject", asked.version, asked.reason), 200)


def pause(call: Call) -> Reply:
    return _switch(call, "pause")


def resume(call: Call) -> Reply:
    return _switch(call, "resume")


def retire(call: Call) -> Reply:
    return _switch(call, "retire")


def _may_repeat(call: Call, before: Proposal) -> bool:
    """Whoever decided it, or could have."""
    return before.decided_by == call.caller.id or not before.is_by(call.caller.id)


def _decided(call: Call, before: Proposal, verb: Verb, version: int, reason: str) -> Proposal:
    must_be(before, version)
    after = moved(before, verb, call.caller.id, call.now, reason)
    deed = deeds.of_step(after.state, call.caller.id, call.now, after, why=reason)
    proposals_table.keep(after, deed)
    return after


def _switch(call: Call, action: Switch) -> Reply:
    promotion_id, why = showing.name_asked(call, "promotion_id"), call.asked(SwitchAsked).why
    rows, seen = switched(promotion_id, action, call.now)
    draft = Draft(title=f"{action} {promotion_id}", why=why, rows=rows, seen=seen)
    proposal_id = showing.new_id(call.now)
    proposal = decreed(action, proposal_id, draft, call.caller.id, call.now)
    deed = deeds.of_draft(f"{action}_decreed", call.caller.id, call.now, proposal)
    proposals_table.keep(proposal, deed)
    return _under_way(proposal)


def _under_way(proposal: Proposal) -> Reply:
    if proposal.state == "approved":
        queue.send(setting("APPLY_QUEUE_URL"), [{"proposal_id": proposal.proposal_id}])
    return _told(proposal, 202)


def _told(proposal: Proposal, status: int) -> Reply:
    return Reply(body=showing.whole(proposal), status=status, version=proposal.version)
