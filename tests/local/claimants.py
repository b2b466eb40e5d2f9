"""One of many client processes: its threads claim orders one after another, each until it knows.

    python tests/local/claimants.py taken 0 2500 8      takes orders 0 to 2499 with eight threads
    python tests/local/claimants.py given 0 100 8       rolls those of them back that stand

Prints how many were taken or given back, how many found no room, and how often nobody could tell.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from vouchsafe.edge import uses_table
from vouchsafe.pure.claim import Claim, Full
from vouchsafe.pure.errors import Absent, Conflict, Unavailable
from vouchsafe.pure.limit import Limit

LIMIT = 1000
COUNTER = "promotion#STORM#ever"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def claim_of(number: int) -> Claim:
    """One order's claim. Of twenty orders two are the same customer's, who may use it once."""
    once = Limit(counter=f"customer#STORM#{number // 2}#ever", most=1, reason="usage_limit_reached")
    everybody = Limit(counter=COUNTER, most=LIMIT, reason="usage_limit_reached")
    return Claim(
        order=f"direct#corner#{number}",
        code="ST0RM",
        promotion_id="STORM",
        state="redeemed",
        day=date(2026, 11, 20),
        currency="EUR",
        limits=(everybody, once) if number % 20 < 2 else (everybody,),
        discount_minor=100,
    )


def taken(number: int) -> str:
    """Takes one order's use."""
    try:
        uses_table.take(claim_of(number), NOW)
    except Full:
        return "full"
    return "taken"


def given(number: int) -> str:
    """Gives one order's use back."""
    try:
        uses_table.move(claim_of(number).order, "ST0RM", "rolled_back", NOW)
    except (Absent, Conflict):
        return "none"
    return "given"


def until_known(work: Callable[[int], str], number: int, said: Counter[str]) -> str:
    """Asks again, as a shop does that hears 503: the same use, not another."""
    while True:
        try:
            return work(number)
        except Unavailable:
            said["unavailable"] += 1


def main(what: str, first: str, last: str, threads: str) -> None:
    """Works off the orders first to last, the last one left out."""
    work = {"taken": taken, "given": given}[what]
    said: Counter[str] = Counter()
    with ThreadPoolExecutor(int(threads)) as pool:
        numbers = range(int(first), int(last))
        said.update(pool.map(lambda number: until_known(work, number, said), numbers))
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
