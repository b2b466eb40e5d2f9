"""Does a claim go the ways of the vocabulary, and no others?"""

from dataclasses import replace
from typing import get_args

import pytest

from tests.api.uses import NOW, after, cart, claim, promotion
from vouchsafe.pure import codec
from vouchsafe.pure.claim import (
    Claim,
    changes,
    content_of,
    expired,
    first_full,
    moved,
    taken,
    unnamed,
)
from vouchsafe.pure.errors import Conflict
from vouchsafe.pure.redemption import HOLDS_A_USE, TRANSITIONS, State

STATES: tuple[State, ...] = get_args(State)


def at(state: State, **said: object) -> Claim:
    until = after(30) if state == "reserved" else None
    held = replace(claim(promotion("promotion/ever=1")), state=state, until=until)
    return replace(held, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("to", [each for each in STATES if each != "partially_returned"])
@pytest.mark.parametrize("state", STATES)
def test_every_way_is_one_of_the_vocabularys(state: State, to: State) -> None:
    held = at(state)
    if to == state:
        assert moved(held, to, after(60)) is held
    elif to in TRANSITIONS[state]:
        found = moved(held, to, after(60), because="why")
        assert (found.state, found.version, found.because) == (to, held.version + 1, "why")
        assert found.until is None
    else:
        with pytest.raises(Conflict):
            moved(held, to, after(60))


@pytest.mark.parametrize("state", STATES)
def test_only_what_stands_can_be_returned(state: State) -> None:
    held, back = at(state), (("a", 50),)
    if state in ("redeemed", "confirmed", "partially_returned"):
        found = moved(held, "partially_returned", NOW, returned=back)
        assert (found.state, found.returned, found.returned_minor) == (
            "partially_returned",
            back,
            50,
        )
    else:
        with pytest.raises(Conflict):
            moved(held, "partially_returned", NOW, returned=back)
    with pytest.raises(Conflict):
        moved(replace(held, returned=back), "partially_returned", NOW, returned=(("a", 40),))


@pytest.mark.parametrize("policy", ["restore", "keep"])
@pytest.mark.parametrize("state", STATES)
def test_what_counts_follows_from_state_and_policy(state: State, policy: str) -> None:
    held = at(state, on_rollback=policy)
    kept = policy == "keep" and state in ("lapsed", "rolled_back")

    assert held.counts() == (state in HOLDS_A_USE or kept)
    assert held.uses() == ({"promotion#P1#ever": 1} if held.counts() else {})


@pytest.mark.parametrize("state", STATES)
def test_taking_what_stands_counts_nothing_and_what_ended_counts_again(state: State) -> None:
    held = at(state, version=3, generation=1)

    found = taken(held, replace(held, state="redeemed"), NOW)

    assert found.generation == (1 if state in HOLDS_A_USE else 2)
    assert sum(changes(held, found).values()) == (0 if state in HOLDS_A_USE else 1)
    assert found.version == (3 if state in HOLDS_A_USE - {"reserved"} else 4)


@pytest.mark.parametrize(
    ("used", "full"), [(0, False), (1, False), (2, False), (3, True), (9, True)]
)
def test_a_limit_is_full_one_use_before_it_would_be_over(used: int, full: bool) -> None:
    asked = claim(promotion("promotion/ever=3"))
    change = changes(None, asked)

    assert (first_full(asked, change, {"promotion#P1#ever": used}) is not None) == full
    assert first_full(asked, {}, {"promotion#P1#ever": used}) is None
    assert first_full(asked, {"promotion#P1#ever": -1}, {"promotion#P1#ever": used}) is None


def test_a_hold_is_over_at_its_minute() -> None:
    held = at("reserved")

    assert expired(held, after(29.9)) is held
    assert expired(held, after(30)).state == "expired"
    assert expired(at("redeemed"), after(99)).state == "redeemed"
    with pytest.raises(Conflict):
        moved(held, "expired", after(1))


def test_a_cart_is_known_by_what_is_bought() -> None:
    """A repeat may come later, and know more of who buys."""
    one = content_of(cart())

    assert content_of(cart(placed_at=after(5), customer=(), card="card:1", device=None)) == one
    assert content_of(cart(stock=(("MUG", 3),))) == one
    assert content_of(cart(shipping_minor=1)) != one
    assert content_of(cart("2")) != one
    assert content_of(cart(lines=cart().lines[:1])) != one


def test_a_claim_survives_its_table() -> None:
    held = claim(promotion("customer/day=1", budget_minor=900), state="reserved")

    assert codec.loads(Claim, codec.dumps(held)) == held


@pytest.mark.parametrize("state", STATES)
def test_without_its_person_a_claim_counts_for_all_as_it_did(state: State) -> None:
    terms = promotion("promotion/ever=9", "customer/day=1", "device/ever=2", "card/ever=3")
    held = replace(claim(terms, card="card:1"), state=state)

    after_all = unnamed(held, after(1))

    said = codec.dumps(after_all)
    assert not any(name in said for name in ("email:", "phone:", "card:", "till-1"))
    assert after_all.state == state
    assert after_all.uses() == {
        counter: by for counter, by in held.uses().items() if counter.startswith("promotion#")
    }
    assert unnamed(after_all, after(2)) is after_all
