"""A load's road: read all, check all, commit by one write, carry out, look at the past again.

What a run left behind that was killed is dealt with first: a load that was committed is finished,
one that was not is thrown away.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from vouchsafe.edge import (
    orders_table,
    queue,
    redemptions_table,
    register_loads,
    register_table,
    secrets,
    touchpoints_table,
)
from vouchsafe.edge.register_loads import Head, Overtaken
from vouchsafe.edge.settings import setting
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.redemption import Redemption, Unmapped
from vouchsafe.pure.register import Code, Promotion
from vouchsafe.pure.register_changes import Changes, Tally, changes_of
from vouchsafe.pure.register_check import (
    Standing,
    contact_of,
    contacts_named,
    faults_of,
    keys_named,
    touches_terms,
)
from vouchsafe.pure.register_entries import Held, Key
from vouchsafe.pure.register_lines import Line, line_of
from vouchsafe.pure.register_load import Load, TillDiscount
from vouchsafe.pure.register_rows import Fault, rows_of

T = TypeVar("T")
R = TypeVar("R")
# tell(step, done, of): for whoever waits.
Tell = Callable[[str, int, int], None]

_WORKERS = 4
_CHUNK = 100
_ORDERS_A_MESSAGE = 25
# Readers stand on a revision for 30 seconds: what they derived meanwhile is found by looking
# twice, and derived again only when none of them can be behind.
_READERS_BEHIND_S = 35
_AGAIN_AFTER_S = 45
# A code is asked for in a query for each shard, an alias in a walk over its account's unmapped
# discounts. With more of them than this one walk over everything is sooner done.
_CODES_ASKED = 2_000
_DISCOUNTS_ASKED = 20
_WAITS_S = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a load. With faults nothing was written.

    `finished_earlier`: a killed run's load was carried out first. `elsewhere`: the load is
    committed, and another run carries it out. `orders_again` are derived anew within a minute.
    `moves_days`, `moves_credit`: orders of before are as they were, until a rebuild.
    """

    revision: int
    faults: tuple[Fault, ...] = ()
    tallies: tuple[Tally, ...] = ()
    orders_again: int = 0
    finished_earlier: bool = False
    elsewhere: bool = False
    moves_days: bool = False
    moves_credit: bool = False


def silent(_step: str, _done: int, _of: int) -> None:
    """Tells nobody."""


def load(
    files: Iterable[tuple[str, bytes]], *, only_check: bool = False, tell: Tell = silent
) -> Outcome:
    """Loads files, by name and content, into the register: all of them or nothing.

    Raises Unavailable or Refused where AWS does not take it; a load that is committed by then is
    finished by the next run.
    """
    read = _Read(files, tell)
    finished = False
    for wait_s in _WAITS_S:
        time.sleep(wait_s)
        try:
            head = register_loads.head()
            if not only_check and head.load is not None:
                head, finished = _finished(head, head.load, tell), True
            if not only_check:
                head = register_loads.discard_stale(head)
            return _loaded(read, head, only_check, finished, tell)
        except Overtaken:
            continue
    raise Unavailable("others are loading at the same time; nothing was changed: try again")


def _finished(head: Head, load_id: str, tell: Tell) -> Head:
    """Carries out what a killed run has committed. Raises Overtaken where another run does."""
    kept = register_loads.staged(load_id)
    ours = head if head.published() else register_loads.take_over(head)
    return _carry_out(ours, kept, tell)[0]


class _Read:
    """The files' lines, and what is wrong with each by itself."""

    def __init__(self, files: Iterable[tuple[str, bytes]], tell: Tell) -> None:
        found = [rows_of(name, content) for name, content in files]
        rows = [row for each in found for row in each.rows]
        identify = _identify(any(row.kind == "touchpoints" for row in rows))
        self.form_faults = [fault for each in found for fault in each.faults]
        self.lines: list[Line] = []
        for at, row in enumerate(rows, 1):
            self.lines.append(line_of(row, identify))
            if at % _CHUNK == 0:
                tell("reading rows", at, len(rows))


def _identify(asked: bool) -> Identify:
    """The stack's identity key is asked for only where people are named."""
    return secrets.identify() if asked else lambda _kind, _raw: None


def _loaded(read: _Read, head: Head, only_check: bool, finished: bool, tell: Tell) -> Outcome:
    standing = _standing(read.lines, head, tell)
    faults = sorted(
        [*read.form_faults, *faults_of(read.lines, standing)],
        key=lambda fault: (fault.file, fault.line),
    )
    if faults:
        return Outcome(revision=head.at.revision, faults=tuple(faults), finished_earlier=finished)
    changes = changes_of(read.lines, standing)
    if only_check or changes.load.is_empty():
        return _outcome(changes, head.at.revision, finished)
    committed = register_loads.commit(head, register_loads.stage(changes.load))
    try:
        done, orders = _carry_out(committed, changes.load, tell)
    except Overtaken:
        return _outcome(changes, committed.load_revision, finished, elsewhere=True)
    return _outcome(changes, done.at.revision, finished, orders=orders)


def _outcome(
    changes: Changes, revision: int, finished: bool, *, orders: int = 0, elsewhere: bool = False
) -> Outcome:
    moves = changes.moves_days or changes.moves_credit
    past = moves and next(orders_table.all_orders(), None) is not None
    return Outcome(
        revision=revision,
        tallies=changes.tallies,
        orders_again=orders,
        finished_earlier=finished,
        elsewhere=elsewhere,
        moves_days=past and changes.moves_days,
        moves_credit=past and changes.moves_credit,
    )


def _standing(lines: Sequence[Line], head: Head, tell: Tell) -> Standing:
    """What the register says of all that the lines name, as the head has it."""
    held: dict[Key, Held] = {}
    keys = sorted(keys_named(lines))
    for found in _spread(
        "looking up", list(_chunks(keys, _CHUNK)), partial(register_table.held, at=head.at), tell
    ):
        held |= found
    contacts = touchpoints_table.standing(contacts_named(lines))
    terms = touches_terms(lines, held)
    promotions = register_table.all_of("promotion", head.at) if terms else ()
    codes = register_table.all_of("code", head.at) if terms else ()
    return Standing(
        held=held,
        contacts={contact_of(each): each for each in contacts},
        promotions=tuple(each for each in promotions if isinstance(each, Promotion)),
        codes=tuple(each for each in codes if isinstance(each, Code)),
    )


def _carry_out(head: Head, kept: Load, tell: Tell) -> tuple[Head, int]:
    """Every step may be repeated, by this run or by the one after it."""
    if not head.published():
        changes = list(_chunks(kept.changes, _CHUNK))
        write = partial(register_loads.write, revision=head.load_revision)
        for _ in _spread("writing the register", changes, write, tell):
            pass
        head = register_loads.publish(head)
    touches = list(_chunks(kept.touchpoints, _CHUNK))
    for _ in _spread("writing touchpoints", touches, touchpoints_table.write, tell):
        pass
    orders = _look_again(kept, head.at.revision, tell)
    return register_loads.settle(head), orders


def _look_again(kept: Load, revision: int, tell: Tell) -> int:
    """Sends the orders that the load concerns to be derived again; how many they are."""
    if not (kept.codes_again or kept.discounts_again) or redemptions_table.is_empty():
        return 0
    sent = _send_again(_orders(kept, tell), revision)
    for second in range(_READERS_BEHIND_S):
        tell("waiting until every reader is up to date", second, _READERS_BEHIND_S)
        time.sleep(1)
    return len(sent | _send_again(_orders(kept, tell) - sent, revision))


def _orders(kept: Load, tell: Tell) -> set[str]:
    """The orders on which what the load changed stands, asked for one by one or by one scan."""
    if len(kept.codes_again) > _CODES_ASKED or len(kept.discounts_again) > _DISCOUNTS_ASKED:
        found = _spread("reading the ledger", range(_WORKERS), partial(_scanned, kept), tell)
        return set().union(*found)
    asked: list[Callable[[], Iterator[OrderKey]]] = [
        partial(redemptions_table.orders_with_code, code) for code in kept.codes_again
    ]
    asked += [
        partial(redemptions_table.orders_with_alias, each.platform, each.account, each.alias)
        for each in kept.discounts_again
    ]
    told = _spread("looking for orders", asked, lambda ask: {key.text() for key in ask()}, tell)
    return set().union(*told)


def _scanned(kept: Load, segment: int) -> set[str]:
    codes, discounts = frozenset(kept.codes_again), frozenset(kept.discounts_again)
    return {
        row.key.text()
        for row in redemptions_table.all_rows(segment, _WORKERS)
        if (row.code in codes if isinstance(row, Redemption) else discounts & _named(row))
    }


def _named(row: Unmapped) -> set[TillDiscount]:
    """What the register may know an unmapped discount by."""
    return {TillDiscount(row.key.platform, row.key.account, alias) for alias in row.aliases}


def _send_again(orders: set[str], revision: int) -> set[str]:
    bodies = [
        {"orders": list(chunk), "revision": revision}
        for chunk in _chunks(sorted(orders), _ORDERS_A_MESSAGE)
    ]
    queue.send(setting("PROJECTION_AGAIN_QUEUE_URL"), bodies, _AGAIN_AFTER_S)
    return orders


def _spread(step: str, work: Sequence[T], do: Callable[[T], R], tell: Tell) -> Iterator[R]:
    """Does the work in a few threads; what came of it, in its order."""
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        for at, done in enumerate(pool.map(do, work), 1):
            tell(step, at, len(work))
            yield done
    finally:
        pool.shutdown(cancel_futures=True)


def _chunks(many: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (many[start : start + size] for start in range(0, len(many), size))
