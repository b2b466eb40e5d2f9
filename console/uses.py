"""Holds the counters of limits against their claims: `make uses`, or `python -m console.uses`.

They change together or not at all, so that a difference is a fault of ours, or of somebody's hand.
What is only in the making differs from one look to the next, and is looked at again.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from console import stack

if TYPE_CHECKING:
    from vouchsafe.pure.claim import Claim

_LOOKS = 3


def main(arguments: Sequence[str]) -> int:
    """0 where all agree, 1 where something differs each time that it is looked at."""
    parser = argparse.ArgumentParser(prog="make uses", description=__doc__)
    parser.add_argument("--counters", action="store_true", help="name every counter and its uses")
    asked = parser.parse_args(arguments)
    stack.connected()
    from vouchsafe.edge import uses_table

    if asked.counters:
        for counter, used in sorted(uses_table.all_counters().items()):
            print(f"{used:>12,} {counter}")
    found = differences()
    for counter, (shown, owed) in sorted(found.items()):
        print(f"{counter}: shows {shown:,}, its claims are {owed:,}")
    if not found:
        print("Every counter shows what its claims add up to.")
    return 1 if found else 0


def differences() -> dict[str, tuple[int, int]]:
    """(what it shows, what its claims add up to) of each counter that differs at every look."""
    found = _look()
    for _ in range(_LOOKS - 1):
        if found:
            again = _look()
            found = {name: each for name, each in found.items() if again.get(name) == each}
    return found


def _look() -> dict[str, tuple[int, int]]:
    from vouchsafe.edge import uses_table
    from vouchsafe.pure.claim import recount

    shown = uses_table.all_counters()
    gone: set[str] = set()
    owed = recount(_noting(gone, uses_table.all_claims()))
    both = {name: (shown.get(name, 0), owed.get(name, 0)) for name in {**shown, **owed}}
    differing = {name: each for name, each in both.items() if each[0] != each[1]}
    return {name: each for name, each in differing.items() if name not in gone or each[0]}


def _noting(gone: set[str], claims: "Iterable[Claim]") -> "Iterator[Claim]":
    """The claims; counters of periods that are long over are deleted, and their claims stay."""
    from vouchsafe.edge import clock
    from vouchsafe.edge.uses_items import COUNTER_KEPT

    last = (clock.now() - COUNTER_KEPT).date()
    for claim in claims:
        gone |= {each.counter for each in claim.limits if each.over_on and each.over_on <= last}
        yield claim


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
