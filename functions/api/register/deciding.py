"""Deciding: another person approves or rejects, and an approver switches promotions off and on.

An approval is kept and carried out from a queue: a load waits up to 35 seconds for readers, and
API Gateway no longer than 29. So the answer is 202, and the proposal tells what came of it. Two
messages ask for it: a late one that is on its way before the approval is kept, so that no approval
is ever without, and one that follows at once.
"""

from vouchsafe.edge import proposals_table, queue
from vouchsafe.edge.settings import setting
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.proposal import Draft, Proposal, Verb, decreed, moved

from . import deeds, parameters, showing
from .drafting import must_be
from .promotion_words import SwitchAsked
from .proposal_words import RejectAsked, StepAsked
from .repeats import made_before
from .switching import Switch, switched

# By then the call is over, and what was asked for at once is done.
_LATE_S = 300.0


def approve(call: Call) -> Reply:
    """Approved, and on its way. Once more finishes what was cut short."""
    asked = call.asked(StepAsked)
    before = proposals_table.get(parameters.name_asked(call, "proposal_id"))
    if before.state in ("approved", "applied") and _may_repeat(call, before):
        return _under_way(before)
    return _under_way(_decided(call, before, "approve", asked.version, asked.reason))


def reject(call: Call) -> Reply:
    """Refused, with the reason; its author may say it otherwise."""
    asked = call.asked(RejectAsked)
    before = proposals_table.get(parameters.name_asked(call, "proposal_id"))
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
    _keep(after, deed)
    return after


def _switch(call: Call, action: Switch) -> Reply:
    before = made_before(call)
    if before:
        return _under_way(before)
    promotion_id, why = parameters.name_asked(call, "promotion_id"), call.asked(SwitchAsked).why
    rows, seen = switched(promotion_id, action, call.now)
    draft = Draft(title=f"{action} {promotion_id}", why=why, rows=rows, seen=seen)
    proposal = decreed(action, call.work_id, draft, call.caller.id, call.now)
    deed = deeds.of_draft(f"{action}_decreed", call.caller.id, call.now, proposal)
    _keep(proposal, deed)
    return _under_way(proposal)


def _keep(after: Proposal, deed: Deed) -> None:
    if after.state == "approved":
        late = {"proposal_id": after.proposal_id, "late": True}
        queue.send(setting("APPLY_QUEUE_URL"), [late], _LATE_S)
    proposals_table.keep(after, deed)


def _under_way(proposal: Proposal) -> Reply:
    if proposal.state == "approved":
        queue.send(setting("APPLY_QUEUE_URL"), [{"proposal_id": proposal.proposal_id}])
    return _told(proposal, 202)


def _told(proposal: Proposal, status: int) -> Reply:
    return Reply(body=showing.whole(proposal), status=status, version=proposal.version)
