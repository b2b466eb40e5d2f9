"""The uses that limits count: each entered and left once, and the fence where it belongs."""

from collections.abc import Iterable
from datetime import datetime

from vouchsafe.edge import alarms_table
from vouchsafe.edge.alarms_table import Held, Key
from vouchsafe.pure import codec

from . import limits
from .book import Book, written
from .evidence import place, withdraw
from .judge import Limit
from .limits import Counted, Scope, Use

# A limit that the register changed moves the fence by many places; the rest follows with the
# next use, so that no record takes for ever.
_MOST_STEPS = 50


def scope_key(scope: str) -> Key:
    """Where a scope's count lies."""
    return Key(f"watch#limit#{scope}", "scope")


def use_key(scope: str, position: str) -> Key:
    """Where one use lies among its scope's."""
    return Key(f"watch#limit#{scope}", f"use#{position}")


def position_in(limit: Limit) -> str:
    """The place of a redemption's use among its scope's."""
    return limits.position_of(limit.breach.evidence.redeemed_at, limit.use)


def keys_of(limit: Limit) -> list[Key]:
    """The items that counting will ask for."""
    return [scope_key(limit.scope), use_key(limit.scope, position_in(limit))]


def count(book: Book, limit: Limit, at: datetime) -> None:
    """Enters a redemption's use, or brings it up to date."""
    evidence, position = limit.breach.evidence, position_in(limit)
    key = use_key(limit.scope, position)
    one = Counted(item=evidence.item, live=limit.live, cause=limit.breach.cause, evidence=evidence)
    scope = limits.limited(book.get(Scope, scope_key(limit.scope)), limit.most)
    use = book.get(Use, key)
    if use is None:
        scope = limits.entered(scope, position)
        use = Use(position=position, counted=())
    book.put(scope_key(limit.scope), limits.turned(scope))
    book.put(key, use.with_one(one))
    accused = [one] if scope.is_beyond(position) and one.live else []
    for old in use.counted:
        if old.item == one.item and _alarms([old]) != _alarms(accused):
            _acquit(book, limit.scope, old, at)
    _accuse(book, limit.scope, accused, at)


def discount(book: Book, scope_name: str, position: str, item: str, at: datetime) -> None:
    """Takes a redemption's part of a use back; the last one takes the use out of the count."""
    key = use_key(scope_name, position)
    use, scope = book.get(Use, key), book.get(Scope, scope_key(scope_name))
    if use is None or scope is None:
        return
    for one in use.counted:
        if one.item == item:
            _acquit(book, scope_name, one, at)
    rest = use.without(item)
    if rest.counted:
        book.put(key, rest)
    else:
        book.drop(key)
        scope = limits.left(scope, position)
    if scope.total:
        book.put(scope_key(scope_name), limits.turned(scope))
    else:
        # Its name may be a person's, who is to be forgotten with the last use.
        book.drop(scope_key(scope_name))


def stands_wrong(book: Book, scope_name: str) -> bool:
    """Whether the fence must move after what the attempt did."""
    scope = book.get(Scope, scope_key(scope_name))
    return scope is not None and limits.step(scope) is not None


def settle(scope_name: str, at: datetime) -> set[str]:
    """Moves the fence to where the limit wants it, one use in each write; the alarms it touched."""
    touched: set[str] = set()
    for _ in range(_MOST_STEPS):
        if not written(lambda book: _stepped(book, scope_name, at, touched)):
            break
    return touched


def _stepped(book: Book, scope_name: str, at: datetime, touched: set[str]) -> bool:
    """One step of the fence; False where it stands right."""
    key = scope_key(scope_name)
    scope = book.get(Scope, key)
    if scope is None:
        return False
    touched.update(scope.touched)
    step = limits.step(scope)
    if step == "push":
        alarms = _push(book, scope_name, scope, at)
    elif step == "pull":
        alarms = _pull(book, scope_name, scope, at)
    else:
        return False
    touched.update(alarms)
    return True


def _push(book: Book, name: str, scope: Scope, at: datetime) -> Iterable[str]:
    """The last use within the limit is beyond it now."""
    last, *before = _uses(alarms_table.up_to(use_key(name, scope.fence), "use#", 2))
    alarms = _accuse(book, name, last.counted, at)
    moved = limits.pushed(scope, before[0].position if before else "")
    book.put(scope_key(name), limits.touching(moved, alarms))
    return alarms


def _pull(book: Book, name: str, scope: Scope, at: datetime) -> Iterable[str]:
    """The first use beyond the limit is within it now."""
    (first,) = _uses(alarms_table.after(use_key(name, scope.fence), 1))
    alarms = tuple(_acquit(book, name, one, at) for one in first.counted)
    moved = limits.pulled(scope, first.position)
    book.put(scope_key(name), limits.touching(moved, alarms))
    return alarms


def _accuse(book: Book, name: str, counted: Iterable[Counted], at: datetime) -> tuple[str, ...]:
    live = [one for one in counted if one.live]
    for one in live:
        place(book, one.cause, one.evidence, name, at)
    return _alarms(live)


def _acquit(book: Book, name: str, one: Counted, at: datetime) -> str:
    withdraw(book, one.cause.alarm_id(), one.evidence.position(), name, at)
    return one.cause.alarm_id()


def _alarms(counted: Iterable[Counted]) -> tuple[str, ...]:
    return tuple(one.cause.alarm_id() for one in counted)


def _uses(found: list[tuple[Key, Held]]) -> list[Use]:
    return [codec.loads(Use, held.body) for _, held in found]
