"""The way in for rooms whose platform gives neither versions nor update times: what changed only.

Such a room makes the instant of its looking the version. A listing then says the same of most of
its objects as the one before, and that is nothing new: a fact is put down only where the one before
it, of the same object, says something else. A, then B, then A again are three facts.
"""

from collections.abc import Iterable

from vouchsafe.edge import facts_table
from vouchsafe.flow.record import record
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Saying


def record_changed(sayings: Iterable[Saying]) -> int:
    """Puts down the facts that say something else than the one before; how many were new.

    Before is meant by version, not by arrival: what was parked and is read at last is held against
    what was known when it was seen. Raises Unavailable.
    """
    return sum(record((each,)) for each in sayings if not _is_known(each))


def _is_known(saying: Saying) -> bool:
    return isinstance(saying, Fact) and facts_table.digest_before(saying) == saying.digest()
