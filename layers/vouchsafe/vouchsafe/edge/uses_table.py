"""Uses: taking, moving and giving back what limits count, exactly, whoever else does so.

A claim and what it changes at its counters are written in one transaction, under the condition
that the claim is still the one that was read and that each counter has room. So no counter is
ever ahead of its claims or behind them, and giving back takes the same way as taking. How uses
lie in the table is in `uses_items`.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from time import sleep

from vouchsafe.edge import journal, uses_items
from vouchsafe.edge.uses_items import Fence, Raced, Seen
from vouchsafe.pure import claim as claims
from vouchsafe.pure import instant
from vouchsafe.pure.claim import Claim, Full
from vouchsafe.pure.claim_told import Told, told
from vouchsafe.pure.errors import Absent, Conflict, Unavailable
from vouchsafe.pure.limit import Limit
from vouchsafe.pure.redemption import State

# A counter is one item, and DynamoDB takes one transaction on an item at a time: of many at once
# most hear TransactionConflict. Full jitter over at most half a second, about three seconds in all.
_ATTEMPTS = 16
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5
# Holds that are over are given back a few at a time, so that no claim pays for all of them.
_GIVEN_BACK_AT_ONCE = 5

# At which counters no hold was over, and when that was seen; of so many at most.
_CALM = timedelta(seconds=1)
_MOST_CALM = 10_000
_calm: dict[str, datetime] = {}
_dice = random.SystemRandom()

Decide = Callable[[Claim | None], tuple[Claim | None, Fence | None]]


def get(order: str, code: str) -> Claim | None:
    """The claim of a code on an order, read consistently."""
    return uses_items.get(order, code)


def of_order(order: str) -> list[Claim]:
    """An order's claims by code, those that ended too, read consistently."""
    return uses_items.of_order(order)


def used(counters: Iterable[str]) -> dict[str, int]:
    """How much of each counter is used, holds included, read consistently."""
    asked = list(counters)
    return dict.fromkeys(asked, 0) | uses_items.used(asked)


def all_claims() -> Iterator[Claim]:
    """Every claim, in no order: a consistent scan."""
    return uses_items.all_claims()


def all_counters() -> dict[str, int]:
    """What every counter shows, those of nothing left out: a consistent scan."""
    return uses_items.all_counters()


def check(claim: Claim, now: datetime) -> Seen:
    """What was read of the claim; nothing is taken. Raises Full or Conflict where `take` would."""
    seen = uses_items.read(claim.order, claim.code, _counters(claim))
    after = claims.taken(seen.claim, claim, now)
    moved = claims.changes(seen.claim, after)
    free = dict(seen.used)
    while (full := claims.first_full(after, moved, free)) is not None:
        freed = sum(each.uses()[full.counter] for each in _over(after, full, now))
        if not freed or free[full.counter] < seen.used[full.counter]:
            raise Full(full)
        free[full.counter] -= freed
    return seen


def take(claim: Claim, now: datetime, seen: Seen | None = None) -> Claim:
    """The use, counted; "me again" is the claim that stands, counted once.

    What `check` has `seen` is not read again: the write is under the condition that it still holds.

    Raises Full where a limit has no room after holds that are over were given back, Conflict
    where the order has the code for another cart, and Unavailable where nobody could tell in
    time: asking again then tells.
    """

    def decide(held: Claim | None) -> tuple[Claim, None]:
        return claims.taken(held, claim, now), None

    counters = _counters(claim)
    return _known(_written(claim.order, claim.code, decide, now, counters=counters, seen=seen))


def move(
    order: str,
    code: str,
    state: State,
    now: datetime,
    *,
    because: str = "",
    returned: tuple[tuple[str, int], ...] = (),
    version: int | None = None,
) -> Claim:
    """The claim in its next state, its counters with it; as it is where it is there already.

    `returned`: see `claim.moved`. Raises Absent, Conflict (no way leads there, or `version` is not
    what stands), Full (only where a lapsed use is taken up again), and Unavailable as `take` does.
    """

    def decide(held: Claim | None) -> tuple[Claim, None]:
        found = _known(held)
        after = claims.moved(found, state, now, because=because, returned=returned)
        if version is not None and found.version != version and after is not found:
            raise Conflict(f"the claim is at version {found.version}")
        return after, None

    return _known(_written(order, code, decide, now))


def expire(order: str, code: str, now: datetime) -> Claim | None:
    """The claim, given back if it is a hold whose time is over; None where there is none."""

    def decide(held: Claim | None) -> tuple[Claim | None, None]:
        return claims.expired(held, now) if held else None, None

    return _written(order, code, decide, now)


def unname(order: str, code: str, now: datetime) -> None:
    """Leaves nothing in the claim, or at counters, of who it was; where there is none, nothing."""
    before: Claim | None = None

    def decide(held: Claim | None) -> tuple[Claim | None, None]:
        nonlocal before
        before = held
        return (claims.unnamed(held, now) if held else None), None

    after = _written(order, code, decide, now)
    if before and after:
        for counter in set(_counters(before)) - set(_counters(after)):
            uses_items.drop_empty(counter)


def tell(
    order: str, code: str, ask: Callable[[Claim | None], tuple[Told | None, Fence]], now: datetime
) -> Claim | None:
    """The claim as the ledger's word leaves it, over the limit if need be.

    `ask` reads the ledger, anew each time, and gives with its word a condition under which it
    still holds: what was overtaken is never written.
    """

    def decide(held: Claim | None) -> tuple[Claim | None, Fence]:
        said, fence = ask(held)
        return told(held, (order, code), said, now), fence

    return _written(order, code, decide, now, asked=False)


def forget() -> None:
    """Forgets at which counters no hold was over lately."""
    _calm.clear()


def _written(
    order: str,
    code: str,
    decide: Decide,
    now: datetime,
    *,
    counters: Iterable[str] = (),
    seen: Seen | None = None,
    asked: bool = True,
) -> Claim | None:
    """What stands once the decision is written; decided anew after each race and lost answer."""
    wanted = set(counters)
    for attempt in range(_ATTEMPTS):
        if attempt:
            sleep(_dice.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)))
        if seen is None or attempt:
            seen = uses_items.read(order, code, wanted)
        after, fence = decide(seen.claim)
        if after is None or after is seen.claim:
            return after
        moved = claims.changes(seen.claim, after)
        full = claims.first_full(after, moved, seen.used) if asked else None
        if full is not None:
            _make_room(seen, after, full, now)
            continue
        try:
            uses_items.commit(seen.claim, after, _givable(moved, seen, wanted), fence, asked=asked)
        except (Raced, Unavailable):
            # After a lost answer too the claim tells what happened: it stands, or it does not.
            wanted.update(moved)
        else:
            return after
    raise Unavailable("uses: too many at once")


def _make_room(seen: Seen, after: Claim, full: Limit, now: datetime) -> None:
    """Gives back holds that are over. Raises Full where there are none.

    The claim is read once more after its counter: the last use may have gone to this very order.
    """
    if _version(get(after.order, after.code)) != _version(seen.claim):
        return
    over = [] if full.is_goal() else _over(after, full, now)
    if not over:
        raise Full(full)
    for each in over[:_GIVEN_BACK_AT_ONCE]:
        expire(each.order, each.code, now)


def _over(claim: Claim, full: Limit, now: datetime) -> list[Claim]:
    """The holds at that counter whose time is over, the oldest first.

    Where there were none a moment ago nobody looks again: a counter that is full and asked for by
    thousands is read, and nothing is written or looked for.
    """
    calm = _calm.get(full.counter, instant.EPOCH)
    if calm <= now < calm + _CALM:
        return []
    over = uses_items.holds_over(claim.promotion_id, full.counter, now)
    if not over:
        if len(_calm) >= _MOST_CALM:
            _calm.clear()
        _calm[full.counter] = now
    return over


def _givable(moved: Mapping[str, int], seen: Seen, known: set[str]) -> dict[str, int]:
    """The changes, but nothing that a counter cannot give back: one of an old period is gone."""
    possible = dict(moved)
    for counter, by in moved.items():
        there = seen.used.get(counter, 0)
        if by < 0 and counter in known and there < -by:
            possible[counter] = -there
            if counter in seen.used:
                scope = counter.partition("#")[0]
                journal.error("a counter shows less than its claims", scope=scope)
    return {counter: by for counter, by in possible.items() if by or not moved[counter]}


def _known(claim: Claim | None) -> Claim:
    if claim is None:
        raise Absent("claim of this code on this order")
    return claim


def _version(claim: Claim | None) -> int:
    return claim.version if claim else 0


def _counters(claim: Claim) -> list[str]:
    return [each.counter for each in claim.limits]
