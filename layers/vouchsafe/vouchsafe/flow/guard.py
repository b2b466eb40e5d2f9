"""Guessing is held up: first somebody has to prove that they are no machine, then to wait.

A shopper mistypes; who names a handful of codes that there are not within ten minutes guesses. The
session is held up, and the shop's other shoppers are not; calls without a session share one.
"""

from collections.abc import Sequence

from vouchsafe.edge import guesses_table, journal
from vouchsafe.pure.asking import Call
from vouchsafe.pure.offer import Reason, Refusal, public

STEP_UP_AFTER = 5
REFUSED_AFTER = 20
# Those who send no session are many at once.
_TOGETHER = 50


def held_up(call: Call, session: str | None) -> Reason | None:
    """Whether this session's codes are looked at at all."""
    seen = guesses_table.misses(call.caller.id, session or "", call.now)
    many = 1 if session else _TOGETHER
    if seen >= REFUSED_AFTER * many:
        return "rate_limited"
    return "step_up_required" if seen >= STEP_UP_AFTER * many else None


def note(call: Call, session: str | None, found: int, refusals: Sequence[Refusal] = ()) -> None:
    """Counts codes that were found, and those of which a guesser would learn nothing.

    An alarm looks at the share of misses: guessing from many sessions shows there.
    """
    missed = sum(public(each) == "code_not_found" for each in refusals)
    with journal.line("codes", room="shops") as line:
        line.count("codes_asked", found + len(refusals))
        line.count("codes_missed", missed)
    if missed:
        guesses_table.missed(call.caller.id, session or "", missed, call.now)
