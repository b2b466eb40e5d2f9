"""What a call has made already that was cut short before its answer, and comes again."""

from vouchsafe.edge import proposals_table
from vouchsafe.pure.asking import Call
from vouchsafe.pure.errors import Absent
from vouchsafe.pure.proposal import Proposal


def made_before(call: Call) -> Proposal | None:
    """The proposal that the call has made, as it stands by now; proposals are named by the work."""
    if not call.again:
        return None
    try:
        return proposals_table.get(call.work_id)
    except Absent:
        return None
