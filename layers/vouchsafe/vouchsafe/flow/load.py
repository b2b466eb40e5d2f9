"""A load's road: read all, check all, commit by one write, carry out, look at the past again.

What a run left behind that was killed is dealt with first: a load that was committed is finished,
one that was not is thrown away.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from vouchsafe.edge import (
    clock,
    orders_table,
    queue,
    redemptions_table,
    register_loads,
    register_table,
    secrets,
    topic,
    touchpoints_table,
)
from vouchsafe.edge.register_loads import Head, Overtaken
from vouchsafe.edge.settings import setting
from vouchsafe.flow.check import Files, Read, Tell, chunks, silent, spread, standing
from vouchsafe.pure.channel import switched
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.redemption import Redemption, Unmapped
from vouchsafe.pure.register import Code, Promotion
from vouchsafe.pure.register_changes import Changes, Tally, changes_of
from vouchsafe.pure.register_check import (
    Standing,
    changed_since,
    contacts_named,
    touches_terms,
)
from vouchsafe.pure.register_load import Load, Mandate, TillDiscount
from vouchsafe.pure.register_rows import Fault, Row

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


def load(
    files: Files,
    *,
    only_check: bool = False,
    tell: Tell = silent,
    mandate: Mandate | None = None,
) -> Outcome:
    """Loads files, by name and content, into the register: all of them or nothing.

    With a mandate it happens once, however often it is asked for, and only over what was seen.
    Raises Unavailable or Refused where AWS does not take it; a load that is committed by then is
    finished by the next run.
    """
    order = _Order(Read(files, _identify, tell), only_check, mandate, tell)
    finished = False
    for wait_s in _WAITS_S:
        time.sleep(wait_s)
        try:
            head = register_loads.head()
            if not only_check and head.load is not None:
                head, finished = _finished(head, head.load, tell), True
            if not only_check:
                head = register_loads.discard_stale(head)
                register_loads.list_what_is_not(head.at)
            return replace(_loaded(order, head), finished_earlier=finished)
        except Overtaken:
            continue
    raise Unavailable("others are loading at the same time; nothing was changed: try again")


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be loaded, and how."""

    read: Read
    only_check: bool
    mandate: Mandate | None
    tell: Tell


def _identify(rows: Sequence[Row]) -> Identify:
    """The stack's identity key is asked for only where people are named."""
    named = any(row.kind == "touchpoints" for row in rows)
    return secrets.identify() if named else lambda _kind, _raw: None


def _finished(head: Head, load_id: str, tell: Tell) -> Head:
    """Carries out what a killed run has committed. Raises Overtaken where another run does."""
    kept = register_loads.staged(load_id)
    ours = head if head.published() else register_loads.take_over(head)
    return _carry_out(ours, kept, tell)[0]


def _loaded(order: _Order, head: Head) -> Outcome:
    before = order.mandate and register_table.newest(order.mandate.key(), head.at)
    if before:
        return Outcome(revision=before)
    found = _all_named(order.read, head, order.tell)
    faults = _faults(order, found)
    if faults:
        return Outcome(revision=head.at.revision, faults=tuple(faults))
    changes = changes_of(order.read.lines, found)
    kept = _marked(changes.load, order.mandate)
    if order.only_check or kept.is_empty():
        return _outcome(changes, head.at.revision)
    committed = register_loads.commit(head, register_loads.stage(kept))
    try:
        done, orders = _carry_out(committed, kept, order.tell)
    except Overtaken:
        return replace(_outcome(changes, committed.load_revision), elsewhere=True)
    return replace(_outcome(changes, done.at.revision), orders_again=orders)


def _faults(order: _Order, found: Standing) -> list[Fault]:
    seen = order.mandate.seen if order.mandate else ()
    return [*order.read.faults(found), *changed_since(order.read.lines, found, seen)]


def _marked(load: Load, mandate: Mandate | None) -> Load:
    """The load with the mark that makes it happen once."""
    if mandate is None:
        return load
    marked = replace(load, changes=(*load.changes, mandate.enactment()))
    return replace(marked, codes_again=()) if mandate.fresh else marked


def _outcome(changes: Changes, revision: int) -> Outcome:
    moves = changes.moves_days or changes.moves_credit
    past = moves and next(orders_table.all_orders(), None) is not None
    return Outcome(
        revision=revision,
        tallies=changes.tallies,
        moves_days=past and changes.moves_days,
        moves_credit=past and changes.moves_credit,
    )


def _all_named(read: Read, head: Head, tell: Tell) -> Standing:
    """What the register says of all that the lines name, and all that hangs on changed terms."""
    contacts = touchpoints_table.standing(contacts_named(read.lines))
    found = standing(read.lines, head.at, contacts, tell)
    if not touches_terms(read.lines, found.held):
        return found
    promotions = register_table.all_of("promotion", head.at)
    codes = register_table.all_of("code", head.at)
    return replace(
        found,
        promotions=tuple(each for each in promotions if isinstance(each, Promotion)),
        codes=tuple(each for each in codes if isinstance(each, Code)),
    )


def _carry_out(head: Head, kept: Load, tell: Tell) -> tuple[Head, int]:
    """Every step may be repeated, by this run or by the one after it."""
    if not head.published():
        changes = list(chunks(kept.changes, _CHUNK))
        write = partial(register_loads.write, revision=head.load_revision)
        for _ in spread("writing the register", changes, write, tell):
            pass
        head = register_loads.publish(head)
    _tell_switches(kept, head.at.revision)
    touches = list(chunks(kept.touchpoints, _CHUNK))
    for _ in spread("writing touchpoints", touches, touchpoints_table.write, tell):
        pass
    orders = _look_again(kept, head.at.revision, tell)
    return register_loads.settle(head), orders


def _tell_switches(kept: Load, revision: int) -> None:
    """Tells that promotions were switched, as soon as it counts and before anything that waits. A
    run that takes over tells it again, which is known as the same."""
    for promotion_id in kept.switched:
        told = switched(promotion_id, revision, stack=setting("STACK_NAME"), at=clock.now())
        topic.publish(told)


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
        found = spread("reading the ledger", range(_WORKERS), partial(_scanned, kept), tell)
        return set().union(*found)
    asked: list[Callable[[], Iterator[OrderKey]]] = [
        partial(redemptions_table.orders_with_code, code) for code in kept.codes_again
    ]
    asked += [
        partial(redemptions_table.orders_with_alias, each.platform, each.account, each.alias)
        for each in kept.discounts_again
    ]
    told = spread("looking for orders", asked, lambda ask: {key.text() for key in ask()}, tell)
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
        for chunk in chunks(sorted(orders), _ORDERS_A_MESSAGE)
    ]
    queue.send(setting("PROJECTION_AGAIN_QUEUE_URL"), bodies, _AGAIN_AFTER_S)
    return orders
