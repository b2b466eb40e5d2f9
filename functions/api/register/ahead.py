"""What a proposal would do to the calendar, shown before anybody approves it."""

from collections.abc import Sequence
from datetime import date

from vouchsafe.edge import proposals_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.pure.linter import Finding
from vouchsafe.pure.register_lines import Line
from vouchsafe.pure.release import looked_from
from vouchsafe.pure.release_ahead import findings_ahead, period_of

from .plan import plan


def ahead(lines: Sequence[Line], at: Snapshot, today: date) -> list[Finding]:
    """What would cross and be too much if the lines stood already."""
    period = period_of(lines, today)
    if period is None:
        return []
    stands = plan(looked_from(period[0]), period[1], at)
    return findings_ahead(lines, stands, proposals_table.fatigue(), today)
