"""Routes: segments and the people on them."""

from functions.api.register import segment_words, segments
from functions.api.register.parameters import PAGE
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/segments",
        name="listSegments",
        summary="Lists segments by id, with the sizes of lists.",
        right="read",
        handle=segments.every,
        answers=segment_words.SegmentsTold,
        query=PAGE,
    ),
    Route(
        method="GET",
        path="/register/segments/{segment_id}",
        name="readSegment",
        summary="Reads a segment, its size and its history.",
        right="read",
        handle=segments.one,
        answers=segment_words.SegmentTold,
    ),
    Route(
        method="PUT",
        path="/register/segments/{segment_id}/members",
        name="addMembers",
        summary="Puts a page of people on a segment's list; only keyed hashes of them are kept.",
        right="draft",
        handle=segments.add,
        asks=segment_words.MembersAsked,
        answers=segment_words.MembersTold,
        problems=(409,),
    ),
    Route(
        method="POST",
        path="/register/segments/{segment_id}/members/remove",
        name="removeMembers",
        summary="Takes a page of people off a segment's list.",
        right="draft",
        handle=segments.take_out,
        asks=segment_words.MembersGone,
        answers=segment_words.MembersTold,
        problems=(409,),
    ),
)
