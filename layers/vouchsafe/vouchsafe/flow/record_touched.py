"""The way in for rooms that hear of touchpoints besides facts, or of nothing else."""

from collections.abc import Iterable

from vouchsafe.edge import touchpoints_table
from vouchsafe.flow.record import record
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Saying
from vouchsafe.pure.touchpoint import Touchpoint


def record_touched(sayings: Iterable[Saying]) -> int:
    """Facts into the ledger, touchpoints beside it; how many were new. Raises Unavailable."""
    held = list(sayings)
    touchpoints = [each for each in held if isinstance(each, Touchpoint)]
    return record(each for each in held if isinstance(each, Fact)) + touchpoints_table.keep(
        touchpoints
    )
