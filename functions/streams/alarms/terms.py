"""One redemption's breaches and limits, brought to the table exactly as they stand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from vouchsafe.edge.alarms_table import Key, key_of
from vouchsafe.pure.register import Register

from . import counting
from .book import Book, written
from .change import Change
from .evidence import evidence_key, place, withdraw
from .judge import Breach, Limit, breaches, limits

_BY_TERMS = "terms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a redemption left behind when it was judged last.

    `accused` are alarm ids with the evidence's position; `counted` are scopes with the use's
    position and the alarm that it is evidence for if it lies beyond the limit. `touched` and
    `turned` are the alarms and scopes of this entry and of all before it: what to look at again
    if a fault came between a write and what follows it, even one that a later record overtook.
    """

    item: str
    sequence: int
    accused: tuple[tuple[str, str], ...] = ()
    counted: tuple[tuple[str, str, str], ...] = ()
    touched: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()

    def alarms(self) -> set[str]:
        """The alarms that it may be evidence for."""
        return {each for each, _ in self.accused} | {each for _, _, each in self.counted}

    def scopes(self) -> set[str]:
        """The counts that it takes part in."""
        return {scope for scope, _, _ in self.counted}


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
    return judged or bool(after and (breaches(after, register) or limits(after, register)))


def judge(change: Change, register: Register, at: datetime) -> set[str]:
    """Brings alarms and counts to what the redemption is now; the alarms it touched.

    A change that was judged before, or that a later one has overtaken, changes nothing.
    """
    after = change.after
    broken = breaches(after, register) if after else ()
    counted = limits(after, register) if after else ()
    entry = written(lambda book: _judged(book, change, broken, counted, at))
    touched = set(entry.touched)
    for scope in entry.turned:
        touched |= counting.settle(scope, at)
    return touched


def _judged(
    book: Book,
    change: Change,
    broken: Iterable[Breach],
    counted: Iterable[Limit],
    at: datetime,
) -> Entry:
    key, item = judged_key(change), change.redemption().item_id()
    held = book.get(Judged, key) or Judged()
    was = held.of(item)
    if was.sequence >= change.sequence:
        return was
    _read_ahead(book, was, broken, counted)
    accused = _accused(book, was, broken, at)
    uses = _counted(book, was, counted, at)
    entry = Entry(item=item, sequence=change.sequence, accused=accused, counted=uses)
    entry = replace(
        entry,
        touched=tuple(sorted({*entry.alarms(), *was.alarms(), *was.touched})),
        turned=tuple(sorted({*entry.scopes(), *was.scopes(), *was.turned})),
    )
    book.put(key, held.with_entry(entry))
    return entry


def _read_ahead(book: Book, was: Entry, broken: Iterable[Breach], counted: Iterable[Limit]) -> None:
    """All that this will need in one call, not one by one."""
    keys = [key_of(alarm_id) for alarm_id, _ in was.accused]
    keys += [evidence_key(alarm_id, position) for alarm_id, position in was.accused]
    for scope, position, _ in was.counted:
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
) -> tuple[tuple[str, str, str], ...]:
    """Counts what counts now and takes back what no longer does."""
    now = {(limit.scope, counting.position_in(limit)): limit for limit in counted}
    for scope, position, _ in was.counted:
        if (scope, position) not in now:
            counting.discount(book, scope, position, was.item, at)
    for limit in now.values():
        counting.count(book, limit, at)
    return tuple(
        (scope, position, limit.breach.cause.alarm_id())
        for (scope, position), limit in sorted(now.items(), key=lambda one: one[0])
    )
