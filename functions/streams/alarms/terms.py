"""One redemption's breaches and limits, brought to the table exactly as they stand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from vouchsafe.edge.alarms_table import Key, key_of
from vouchsafe.pure.facts import parted
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Register

from . import carried, counting
from .book import Book, written
from .change import Change
from .evidence import evidence_key, place, withdraw
from .judge import Breach, Limit, breaches, limits

_BY_TERMS = "terms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a redemption left behind when it was judged last.

    `accused` are alarm ids with the evidence's position, `counted` scopes with the use's.
    `touched` and `turned` are the alarms and scopes that this entry and all before it changed:
    what to look at again if a fault came between a write and what follows it, even where a later
    record overtook it.
    """

    item: str
    sequence: int
    accused: tuple[tuple[str, str], ...] = ()
    counted: tuple[tuple[str, str], ...] = ()
    touched: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The entries of one code on one order, one for each generation."""

    entries: tuple[Entry, ...] = ()

    def of(self, item: str) -> Entry:
        """The redemption's entry; an empty one where it was never judged."""
        found = (entry for entry in self.entries if entry.item == item)
        return next(found, Entry(item=item, sequence=0))

    def with_entry(self, entry: Entry) -> "Judged":
        """With that entry in place of the one before."""
        others = tuple(each for each in self.entries if each.item != entry.item)
        return replace(self, entries=(*others, entry))


def judged_key(change: Change) -> Key:
    """Where a redemption's entry lies."""
    redemption = change.redemption()
    return Key(f"watch#order#{redemption.key.text()}", redemption.code)


def concerns(change: Change, register: Register, *, judged: bool) -> bool:
    """Whether there is anything to do: most redemptions break nothing and count for nothing."""
    after = change.after
    return judged or bool(after and (_breaches(after, register) or limits(after, register)))


def judge(change: Change, register: Register, at: datetime) -> set[str]:
    """Brings alarms and counts to what the redemption is now; the alarms that may have news.

    A change that was judged before, or that a later one has overtaken, changes nothing.
    """
    after = change.after
    broken = _breaches(after, register) if after else ()
    counted = limits(after, register) if after else ()
    touched, turned = written(lambda book: _judged(book, change, broken, counted, at))
    for scope in turned:
        touched |= counting.settle(scope, at)
    return touched


def _breaches(redemption: Redemption, register: Register) -> tuple[Breach, ...]:
    return breaches(redemption, register, carried.value_stands)


def _judged(
    book: Book,
    change: Change,
    broken: Iterable[Breach],
    counted: Iterable[Limit],
    at: datetime,
) -> tuple[set[str], set[str]]:
    """The alarms to tell of, and the scopes whose fence may stand wrong."""
    key, item = judged_key(change), change.redemption().item_id()
    held = book.get(Judged, key) or Judged()
    was = held.of(item)
    if was.sequence >= change.sequence:
        return set(was.touched), set(was.turned)
    _read_ahead(book, was, broken, counted)
    accused = _accused(book, was, broken, at)
    uses = _counted(book, was, counted, at)
    turned = {scope for scope, _ in (*was.counted, *uses)}
    entry = Entry(
        item=item,
        sequence=change.sequence,
        accused=accused,
        counted=uses,
        touched=tuple(sorted(book.touched.union(was.touched))),
        turned=tuple(sorted(_of_known(turned.union(was.turned), change))),
    )
    book.put(key, held.with_entry(entry))
    return set(entry.touched), {scope for scope in turned if counting.stands_wrong(book, scope)}


def _of_known(scopes: Iterable[str], change: Change) -> Iterable[str]:
    """Without those of people whom the redemption names no more: their names are in them."""
    gone = change.gone()
    return (scope for scope in scopes if gone.isdisjoint(parted(scope)))


def _read_ahead(book: Book, was: Entry, broken: Iterable[Breach], counted: Iterable[Limit]) -> None:
    """All that this will need in one call, not one by one."""
    keys = [key_of(alarm_id) for alarm_id, _ in was.accused]
    keys += [evidence_key(alarm_id, position) for alarm_id, position in was.accused]
    for scope, position in was.counted:
        keys += [counting.scope_key(scope), counting.use_key(scope, position)]
    for breach in broken:
        alarm_id = breach.cause.alarm_id()
        keys += [key_of(alarm_id), evidence_key(alarm_id, breach.evidence.position())]
    for limit in counted:
        keys += counting.keys_of(limit)
    book.learn(keys)


def _accused(
    book: Book, was: Entry, broken: Iterable[Breach], at: datetime
) -> tuple[tuple[str, str], ...]:
    """Places what is broken now and withdraws what no longer is."""
    now = {(breach.cause.alarm_id(), breach.evidence.position()): breach for breach in broken}
    for alarm_id, position in was.accused:
        if (alarm_id, position) not in now:
            withdraw(book, alarm_id, position, _BY_TERMS, at)
    for breach in now.values():
        place(book, breach.cause, breach.evidence, _BY_TERMS, at)
    return tuple(sorted(now))


def _counted(
    book: Book, was: Entry, counted: Iterable[Limit], at: datetime
) -> tuple[tuple[str, str], ...]:
    """Counts what counts now and takes back what no longer does."""
    now = {(limit.scope, counting.position_in(limit)): limit for limit in counted}
    for scope, position in was.counted:
        if (scope, position) not in now:
            counting.discount(book, scope, position, was.item, at)
    for limit in now.values():
        counting.count(book, limit, at)
    return tuple(sorted(now))
