"""Orders of codes: drafted and approved like any proposal, drawn by lot, taken out as CSV."""

from vouchsafe.edge import audit_table, proposals_table, register_table
from vouchsafe.pure import drawing
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.drawing import CodeOrder
from vouchsafe.pure.errors import Absent, Invalid
from vouchsafe.pure.proposal import Draft, Proposal
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.register_entries import promotion_key

from . import deeds, parameters, showing
from .proposal_words import CodesTold, OrderAsked, OrderTold
from .repeats import made_before


def create(call: Call) -> Reply:
    """A draft: nothing is drawn before another person has approved it."""
    asked = call.asked(OrderAsked)
    before = made_before(call)
    if before and before.draft.order:
        return _told(before, before.draft.order, 201)
    order = CodeOrder(promotion_id=asked.promotion_id, pattern=asked.pattern, count=asked.count)
    must_be_sound(order)
    proposal = Proposal(
        proposal_id=call.work_id,
        draft=Draft(title=asked.title, why=asked.why, rows={}, order=order),
        author=call.caller.id,
        created_at=call.now,
        updated_at=call.now,
    )
    proposals_table.keep(proposal, deeds.of_draft("drafted", call.caller.id, call.now, proposal))
    return _told(proposal, order, 201)


def one(call: Call) -> Reply:
    """An order, and how far it is."""
    return _told(*_order(call), 200)


def codes(call: Call) -> Reply:
    """A part of what was drawn and stands in the register; the log tells who has taken it out."""
    proposal, order = _order(call)
    part = _part(parameters.after(call))
    done = proposals_table.parts_done(proposal.proposal_id)
    drawn = proposals_table.drawn(proposal.proposal_id, part) if part < done else None
    if drawn is None:
        raise Absent(f"part {part} of the codes yet: {done} of {order.parts()} are done")
    audit_table.append(deeds.of_taking_out(proposal, call.caller.id, call.now, part))
    after = str(part) if part + 1 < order.parts() else None
    return Reply(body=CodesTold(csv=csv(order, drawn, header=part == 0), after=after))


def csv(order: CodeOrder, drawn: tuple[str, ...], *, header: bool) -> str:
    """Drawn codes have nothing in them that a file would have to quote; ids of promotions may."""
    promotion_id = order.promotion_id
    if any(sign in promotion_id for sign in ',;"'):
        promotion_id = '"' + promotion_id.replace('"', '""') + '"'
    lines = [f"{code},{promotion_id}\n" for code in drawn]
    return "".join(["code,promotion_id\n" if header else "", *lines])


def drawn_for(promotion_id: str) -> int:
    """How many codes the register has of all orders for a promotion."""
    placed = proposals_table.orders_for(promotion_id)
    return sum(_done(proposal_id, order) for proposal_id, order in placed)


def must_be_sound(order: CodeOrder) -> None:
    """Raises Invalid where it cannot be drawn as the register stands."""
    key = promotion_key(order.promotion_id)
    held = register_table.held([key], register_table.snapshot()).get(key)
    promotion = held.entry if held and isinstance(held.entry, Promotion) else None
    drawing.check(order, promotion)


def _order(call: Call) -> tuple[Proposal, CodeOrder]:
    proposal = proposals_table.get(parameters.name_asked(call, "proposal_id"))
    if proposal.draft.order is None:
        raise Absent(f"order of codes {proposal.proposal_id}")
    return proposal, proposal.draft.order


def _part(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdecimal() and len(after) <= 6):
        raise Invalid("after", "must be as the part before said it")
    return int(after) + 1


def _done(proposal_id: str, order: CodeOrder) -> int:
    return sum(map(order.size_of, range(proposals_table.parts_done(proposal_id))))


def _told(proposal: Proposal, order: CodeOrder, status: int) -> Reply:
    told = OrderTold(
        proposal=showing.head(proposal),
        promotion_id=order.promotion_id,
        pattern=order.pattern,
        count=order.count,
        done=_done(proposal.proposal_id, order),
        parts=order.parts(),
    )
    return Reply(body=told, status=status, version=proposal.version)
