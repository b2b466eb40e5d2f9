"""The one way into the ledger: one conditional put for each fact of a delivery or document."""

from collections.abc import Callable, Iterable

from vouchsafe.edge import facts_table
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Saying

# Makes sayings durable; how many were new. Raises Unavailable where the outcome is unknown.
Record = Callable[[Iterable[Saying]], int]


def record(sayings: Iterable[Saying]) -> int:
    """Puts the facts down; how many were new. A fact that is there already is success, and the
    next one follows. Raises Unavailable at the first whose outcome is unknown."""
    return sum(facts_table.append(_fact(each)) for each in sayings)


def _fact(saying: Saying) -> Fact:
    """A room that hears of touchpoints has to say where they are kept: record_touched."""
    if not isinstance(saying, Fact):
        raise Invalid("touchpoint", "cannot be kept by this room")
    return saying
