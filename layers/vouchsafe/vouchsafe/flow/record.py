"""The one way into the ledger: one conditional put for each fact of a delivery or document."""

from collections.abc import Iterable

from vouchsafe.edge import facts_table
from vouchsafe.pure.facts import Fact


def record(facts: Iterable[Fact]) -> int:
    """Puts the facts down; how many were new. A fact that is there already is success, and the
    next one follows. Raises Unavailable at the first whose outcome is unknown."""
    return sum(facts_table.append(fact) for fact in facts)
