"""Segments: what they are is proposed like all of the register; who is on a list is data."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from vouchsafe.edge import audit_table, register_table, secrets, segments_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.edge.segments_table import MOST_AT_ONCE, Change
from vouchsafe.pure import register_values as values
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.errors import Absent, Conflict, Invalid, Unavailable
from vouchsafe.pure.register import Segment
from vouchsafe.pure.register_entries import segment_key
from vouchsafe.pure.register_told import rows_of_entry

from . import showing
from .words import (
    MembersAsked,
    MembersGone,
    MembersTold,
    RevisionTold,
    SegmentHead,
    SegmentsTold,
    SegmentTold,
)

# Two who change the same members at once: so often the second looks again.
_TRIES = 4

Changing = Callable[[Sequence[str]], Change]


def every(call: Call) -> Reply:
    """Segments by id."""
    at, after = register_table.snapshot(), showing.after(call) or ""
    most = showing.page_size(call.query)
    found = [each for each in register_table.segments(at) if each.segment_id > after]
    found.sort(key=lambda each: each.segment_id)
    told = SegmentsTold(
        segments=[_head(each, call) for each in found[:most]],
        after=found[most - 1].segment_id if len(found) > most else None,
        register_revision=at.revision,
    )
    return Reply(body=told)


def one(call: Call) -> Reply:
    """A segment, its size, and what it said before."""
    at = register_table.snapshot()
    segment, version = _found(call, at)
    history = register_table.history(segment_key(segment.segment_id), at)
    told = SegmentTold(
        **_head(segment, call).model_dump(),
        history=[
            RevisionTold(register_revision=revision, rows=rows_of_entry(entry)[1])
            for revision, entry in history
        ],
        register_revision=at.revision,
    )
    return Reply(body=told, version=version)


def add(call: Call) -> Reply:
    """A page of people comes onto the list; who is on it already gets the new last day."""
    asked = call.asked(MembersAsked)
    segment = _listed(call)
    if asked.until is not None and asked.until < call.now.date():
        raise Invalid("until", f"is past: {asked.until}")

    def changing(keys: Sequence[str]) -> Change:
        return segments_table.adding(segment.segment_id, keys, asked.until)

    return _changed(call, segment, asked.members, "segment_filled", changing)


def take_out(call: Call) -> Reply:
    """A page of people leaves the list; who is not on it is passed over."""
    segment = _listed(call)
    changing = partial(segments_table.taking_out, segment.segment_id)
    return _changed(call, segment, call.asked(MembersGone).members, "segment_thinned", changing)


def _changed(
    call: Call, segment: Segment, people: Sequence[str], what: str, changing: Changing
) -> Reply:
    keys = _keys(people)
    changed = 0
    for start in range(0, len(keys), MOST_AT_ONCE):
        changed += _written(call, keys[start : start + MOST_AT_ONCE], what, changing)
    size = segments_table.size(segment.segment_id, call.now.date())
    return Reply(body=MembersTold(segment_id=segment.segment_id, changed=changed, size=size))


def _written(call: Call, keys: Sequence[str], what: str, changing: Changing) -> int:
    """The change and the log's word of it, both or neither; how many it was of."""
    for _ in range(_TRIES):
        change = changing(keys)
        if not change.moves:
            return 0
        deed = _deed(call, what, change, _until(call))
        try:
            audit_table.append(deed, partial(segments_table.write, change))
        except Conflict:
            continue
        return len(change)
    raise Unavailable("segments: others are changing the same members")


def _deed(call: Call, what: str, change: Change, until: date | None) -> Deed:
    """How many, and never who."""
    last = f", until {until}" if until else ""
    return Deed(
        who=call.caller.id,
        at=call.now,
        what=what,
        subjects=(f"segment:{change.segment_id}",),
        after=f"{len(change)} members{last}",
    )


def _until(call: Call) -> date | None:
    return call.body.until if isinstance(call.body, MembersAsked) else None


def _keys(people: Sequence[str]) -> list[str]:
    """Hashed at the door, once each. Raises Invalid, which does not repeat what it refuses."""
    identify = secrets.identify()
    found: dict[str, None] = {}
    for at, each in enumerate(people):
        try:
            kind, value = values.person(each)
        except Invalid as error:
            raise Invalid(f"members[{at}]", error.rule) from None
        key = identify(kind, value)
        if key is None:
            raise Invalid(f"members[{at}]", f"is no {kind} that anybody could be known by")
        found[key] = None
    return list(found)


def _listed(call: Call) -> Segment:
    """The segment, which has a list. Raises Absent, Conflict."""
    segment, _ = _found(call, register_table.snapshot())
    if not segment.is_list():
        raise Conflict("who is in the segment follows from its rules: it has no list")
    return segment


def _found(call: Call, at: Snapshot) -> tuple[Segment, int]:
    key = segment_key(showing.name_asked(call, "segment_id"))
    held = register_table.held([key], at).get(key)
    if held is None or not isinstance(held.entry, Segment):
        raise Absent(f"segment {call.path['segment_id']}")
    return held.entry, held.version


def _head(segment: Segment, call: Call) -> SegmentHead:
    today = call.now.date()
    return SegmentHead(
        segment_id=segment.segment_id,
        row=rows_of_entry(segment)[1][0],
        size=segments_table.size(segment.segment_id, today) if segment.is_list() else None,
    )
