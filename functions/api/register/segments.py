"""Segments: what they are is proposed like all of the register; who is on a list is data."""

from vouchsafe.edge import register_table, segments_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.flow.enlist import enlist, keys_of, strike
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.errors import Absent, Conflict, Invalid
from vouchsafe.pure.register import Segment
from vouchsafe.pure.register_entries import segment_key
from vouchsafe.pure.register_told import rows_of_entry

from . import parameters
from .segment_words import (
    MembersAsked,
    MembersGone,
    MembersTold,
    SegmentHead,
    SegmentsTold,
    SegmentTold,
)
from .words import RevisionTold


def every(call: Call) -> Reply:
    """Segments by id."""
    at, after = register_table.snapshot(), parameters.after(call) or ""
    most = parameters.page_size(call.query)
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
    segment, asked = _listed(call), call.asked(MembersAsked)
    if asked.until is not None and asked.until < call.now.date():
        raise Invalid("until", f"is past: {asked.until}")
    keys = keys_of(asked.members)
    changed = enlist(segment.segment_id, keys, asked.until, call.caller.id, call.now)
    return _told(segment, changed, call)


def take_out(call: Call) -> Reply:
    """A page of people leaves the list; who is not on it is passed over."""
    segment, keys = _listed(call), keys_of(call.asked(MembersGone).members)
    return _told(segment, strike(segment.segment_id, keys, call.caller.id, call.now), call)


def _told(segment: Segment, changed: int, call: Call) -> Reply:
    size = segments_table.size(segment.segment_id, call.now.date())
    return Reply(body=MembersTold(segment_id=segment.segment_id, changed=changed, size=size))


def _listed(call: Call) -> Segment:
    """The segment, which has a list. Raises Absent, Conflict."""
    segment, _ = _found(call, register_table.snapshot())
    if not segment.is_list():
        raise Conflict("who is in the segment follows from its rules: it has no list")
    return segment


def _found(call: Call, at: Snapshot) -> tuple[Segment, int]:
    key = segment_key(parameters.name_asked(call, "segment_id"))
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
