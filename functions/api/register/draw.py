"""Drawing an approved order, part by part: drawn, kept, loaded; and the same when it comes again.

The codes of a part are kept before the register has them, so that a run that was cut short is
taken up with what it has drawn.
"""

from secrets import choice

from vouchsafe.edge import proposals_table, queue, register_table
from vouchsafe.edge.settings import setting
from vouchsafe.flow.check import chunks
from vouchsafe.flow.load import load
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.drawing import CodeOrder, draw
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.register_entries import code_key
from vouchsafe.pure.register_load import Mandate

from .files import files_of

_CHUNK = 100


def part_loaded(proposal_id: str, order: CodeOrder, part: int) -> tuple[list[str], int]:
    """(faults, revision) of one part's load, made now or by a run that was cut short."""
    codes = proposals_table.drawn(proposal_id, part)
    if codes is None:
        codes = proposals_table.keep_drawn(proposal_id, part, _drawn(order, part))
    mandate = Mandate(proposal_id=f"{proposal_id}.{part}", fresh=True)
    rows = [{"code": code, "promotion_id": order.promotion_id} for code in codes]
    outcome = load(files_of({"codes": rows}), mandate=mandate)
    if outcome.elsewhere:
        raise Unavailable("another run is carrying out the load")
    if not outcome.faults:
        proposals_table.keep_parts_done(proposal_id, part + 1)
    return [str(fault) for fault in outcome.faults], outcome.revision


def go_on(proposal_id: str, part: int) -> None:
    """Asks for the next part, which somebody else may draw."""
    body = {"proposal_id": proposal_id, "part": part}
    queue.send(setting("APPLY_QUEUE_URL"), [body])


def _drawn(order: CodeOrder, part: int) -> list[str]:
    """Codes that are not in the register, and not twice among themselves."""
    found: dict[str, str] = {}
    at = register_table.snapshot()
    while missing := order.size_of(part) - len(found):
        drawn = [draw(order.pattern, choice) for _ in range(missing)]
        fresh = {canonical(code): code for code in drawn}
        for some in chunks(list(fresh), _CHUNK):
            standing = register_table.held(map(code_key, some), at)
            found |= {each: fresh[each] for each in some if code_key(each) not in standing}
    return list(found.values())
