"""The one way into the ledger: one conditional put for each fact of a delivery or document."""

from collections.abc import Iterable

from vouchsafe.edge import facts_table
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.pull import Saying
from vouchsafe.pure.touchpoint import Touchpoint


def record(sayings: Iterable[Saying]) -> int:
    """Puts facts and touchpoints down; how many were new. What is there already is success, and
    the next one follows. Raises Unavailable at the first whose outcome is unknown."""
    held = list(sayings)
    new = sum(facts_table.append(each) for each in held if isinstance(each, Fact))
    return new + _kept([each for each in held if isinstance(each, Touchpoint)])


def _kept(touchpoints: list[Touchpoint]) -> int:
    if not touchpoints:
        return 0
    # Only a room that hears of touchpoints has been given their table.
    from vouchsafe.edge import touchpoints_table

    return touchpoints_table.keep(touchpoints)
