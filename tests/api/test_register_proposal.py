"""Does a proposal take two people, whatever anybody does with it?"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vouchsafe.pure import codec
from vouchsafe.pure.errors import Conflict, Forbidden
from vouchsafe.pure.proposal import (
    TRANSITIONS,
    Draft,
    Proposal,
    State,
    Verb,
    applied,
    decreed,
    edited,
    failed,
    moved,
)
from vouchsafe.pure.register_load import Seen

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PEOPLE = ("ana", "eva", "emil")
DRAFT = Draft(title="t", why="w", rows={"codes": [{"code": "A"}]}, seen=(Seen("a", "b", 1),))
Step = tuple[str, str]

# What leads far more often than what ends it, or most paths would end at once.
VERBS = ("edit", "submit", "approve") * 3 + get_args(Verb)
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from(PEOPLE)), max_size=12)


def proposal(author: str = "eva") -> Proposal:
    return Proposal(proposal_id="1", draft=DRAFT, author=author, created_at=NOON, updated_at=NOON)


def after(before: Proposal, verb: str, who: str) -> Proposal:
    """The step as the room takes it."""
    if verb == "edit":
        return edited(before, DRAFT, who, NOON)
    if verb == "apply":
        return applied(before, 7, NOON)
    if verb == "fail":
        return failed(before, ["a fault"], NOON)
    steps: dict[str, Callable[[], Proposal]] = {
        each: lambda each=each: moved(before, each, who, NOON, "why")  # type: ignore[misc]
        for each in ("submit", "withdraw", "approve", "reject")
    }
    return steps[verb]()


@settings(max_examples=1000)
@given(STEPS)
def test_no_path_leads_to_applied_without_two_people(steps: list[Step]) -> None:
    now, hands = proposal(), {"eva"}
    for verb, who in steps:
        try:
            now = after(now, verb, who)
        except (Conflict, Forbidden):
            continue
        hands |= {who} if verb == "edit" else set()

        assert now.decided_by not in hands or not now.decided_by
        if now.state in ("approved", "applied"):
            assert now.decided_by
            assert now.decided_by not in hands
        if now.state == "applied":
            assert now.revision == 7


@given(STEPS)
def test_a_refused_step_leaves_it_as_it_was_and_each_other_counts_one(steps: list[Step]) -> None:
    now, done = proposal(), 0
    for verb, who in steps:
        before = now
        try:
            now = after(now, verb, who)
        except (Conflict, Forbidden):
            assert now is before
        else:
            done += 1

        assert now.version == 1 + done
        assert now.author == "eva"


def test_what_is_applied_or_withdrawn_is_over() -> None:
    ends: set[State] = {"applied", "withdrawn"}

    assert not [each for each in TRANSITIONS if each[0] in ends]


def test_only_approval_leads_to_the_register() -> None:
    assert [each for each, state in TRANSITIONS.items() if state == "applied"] == [
        ("approved", "apply")
    ]
    assert [each for each, state in TRANSITIONS.items() if state == "approved"] == [
        ("submitted", "approve")
    ]


def test_an_editor_who_was_followed_by_others_still_had_a_hand_in_it() -> None:
    now = edited(edited(proposal(), DRAFT, "ana", NOON), DRAFT, "emil", NOON)
    now = moved(now, "submit", "eva", NOON)

    for who in PEOPLE:
        with pytest.raises(Forbidden):
            moved(now, "approve", who, NOON)


def test_a_decree_is_approved_by_who_makes_it_and_can_only_be_carried_out() -> None:
    now = decreed("pause", "2", DRAFT, "ana", NOON)

    assert (now.state, now.decided_by) == ("approved", "ana")
    with pytest.raises(Conflict):
        edited(now, DRAFT, "ana", NOON)
    assert applied(now, 3, NOON).state == "applied"


def test_a_thousand_faults_are_told_in_short() -> None:
    now = moved(moved(proposal(), "submit", "eva", NOON), "approve", "ana", NOON)

    told = failed(now, [f"fault {at}" for at in range(1000)], NOON)

    assert len(told.faults) == 51
    assert told.faults[-1] == "and 950 more"


@given(STEPS)
def test_a_kept_proposal_reads_back_equal(steps: list[Step]) -> None:
    now = proposal()
    for verb, who in steps:
        try:
            now = after(now, verb, who)
        except (Conflict, Forbidden):
            continue

    assert codec.loads(Proposal, codec.dumps(now)) == now
