"""People onto a segment's list and off it: hashed at the door, counted, told of by number alone."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial

from vouchsafe.edge import audit_table, secrets, segments_table
from vouchsafe.edge.segments_table import MOST_AT_ONCE, Change
from vouchsafe.pure import register_values as values
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.errors import Conflict, Invalid, Unavailable

# Two who change the same members at once: so often the second looks again.
_TRIES = 4

Told = Callable[[int], Deed]


def keys_of(people: Iterable[str], field: str = "members") -> list[str]:
    """The identity keys of people such as `email:ann@example.com`, once each.

    Raises Invalid with the place in the field of who cannot be known; it does not repeat who that
    is.
    """
    identify = secrets.identify()
    found: dict[str, None] = {}
    for at, each in enumerate(people):
        try:
            kind, value = values.person(each)
        except Invalid as error:
            raise Invalid(f"{field}[{at}]", error.rule) from None
        key = identify(kind, value)
        if key is None:
            raise Invalid(f"{field}[{at}]", f"is no {kind} that anybody could be known by")
        found[key] = None
    return list(found)


def enlist(segment_id: str, keys: Sequence[str], until: date | None, who: str, at: datetime) -> int:
    """Puts them on the list to the end of that day; for how many that changed anything."""
    last = f", until {until}" if until else ""

    def told(many: int) -> Deed:
        return _deed("segment_filled", segment_id, f"{many} members{last}", who, at)

    return _changed(keys, partial(segments_table.adding, segment_id, until=until), told)


def strike(segment_id: str, keys: Sequence[str], who: str, at: datetime) -> int:
    """Takes them off the list; how many were on it."""

    def told(many: int) -> Deed:
        return _deed("segment_thinned", segment_id, f"{many} members", who, at)

    return _changed(keys, partial(segments_table.taking_out, segment_id), told)


def _changed(keys: Sequence[str], changing: Callable[[Sequence[str]], Change], told: Told) -> int:
    starts = range(0, len(keys), MOST_AT_ONCE)
    return sum(_written(keys[start : start + MOST_AT_ONCE], changing, told) for start in starts)


def _written(keys: Sequence[str], changing: Callable[[Sequence[str]], Change], told: Told) -> int:
    """The change and the log's word of it, both or neither; of how many it was."""
    for _ in range(_TRIES):
        change = changing(keys)
        if not change.moves:
            return 0
        try:
            audit_table.append(told(len(change.moves)), partial(segments_table.write, change))
        except Conflict:
            continue
        return len(change.moves)
    raise Unavailable("segments: others are changing the same members")


def _deed(what: str, segment_id: str, after: str, who: str, at: datetime) -> Deed:
    return Deed(who=who, at=at, what=what, subjects=(f"segment:{segment_id}",), after=after)
