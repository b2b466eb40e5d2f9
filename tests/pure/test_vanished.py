"""What becomes of an order that its platform deletes, and of refunds that come and go?"""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.pure.registers import Shelf
from tests.pure.saying import at, back, bill, code, fact, histories, refund
from vouchsafe.pure.facts import Fact, GoneSaid, OrderSaid
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.redemption import derive

SHORT = st.none() | st.lists(
    st.tuples(st.sampled_from(["refund-0", "refund-1", "refund-9"]), st.integers(0, 10**6)),
    max_size=3,
    unique_by=lambda named: named[0],
).map(tuple)


def folded(*facts: Fact) -> Order:
    order = fold(facts)
    assert order is not None
    return order


def gone(minutes: int = 90) -> Fact:
    told = fact(bill())
    return replace(told, kind="gone", version="gone", body=GoneSaid(), received_at=at(minutes))


@st.composite
def vanishing(draw: st.DrawFn) -> list[Fact]:
    """Histories whose documents name their refunds, some of orders that were deleted."""
    facts = [
        replace(each, body=replace(each.body, refunds=draw(SHORT)))
        if isinstance(each.body, OrderSaid)
        else each
        for each in draw(histories())
    ]
    return facts + draw(st.sampled_from([[], [gone()], [gone(80), gone(70)]]))


@given(vanishing(), st.integers())
def test_any_order_and_repetition_folds_to_one_order(facts: list[Fact], seed: int) -> None:
    shuffled = facts * 2
    random.Random(seed).shuffle(shuffled)

    assert fold(shuffled) == fold(facts)


@given(vanishing())
def test_a_deleted_order_is_reversed_whatever_else_was_said(facts: list[Fact]) -> None:
    order = fold([*facts, gone()])

    if order is not None:
        assert order.stage == "reversed"
        assert order.reversed_at is not None
        assert all(each.returned_minor == each.amount_minor for each in order.charged)


def test_a_deleted_order_that_was_never_told_is_no_order() -> None:
    assert fold([gone()]) is None


def test_a_deleted_order_is_reversed_when_we_were_told() -> None:
    order = folded(fact(bill()), gone(minutes=90))

    assert (order.stage, order.reversed_at) == ("reversed", at(90))
    assert order.reversed_because == "deleted"
    assert order.confirmed_at is not None


def test_a_deletion_is_never_older_than_what_it_deletes() -> None:
    order = folded(fact(bill(updated_at=at(120))), gone(minutes=90))

    assert order.reversed_at == at(120)


def test_a_cancelled_order_that_is_deleted_stays_cancelled() -> None:
    cancelled = bill(reversed_at=at(10), reversed_because="cancelled")

    order = folded(fact(cancelled), gone())

    assert (order.reversed_at, order.reversed_because) == (at(10), "cancelled")


def test_a_later_save_of_a_cancelled_order_moves_no_reversal() -> None:
    first = bill(updated_at=at(10), reversed_at=at(10), reversed_because="failed")
    later = bill(updated_at=at(999), reversed_at=at(999), reversed_because="cancelled")

    order = folded(fact(bill()), fact(first, version=2), fact(later, version=3))

    assert (order.reversed_at, order.reversed_because) == (at(10), "failed")


def test_an_order_reversed_twice_tells_each_time() -> None:
    facts = [
        fact(bill()),
        fact(bill(updated_at=at(10), reversed_at=at(10)), version=2),
        fact(bill(updated_at=at(15), reversed_at=at(15)), version=3),
        fact(bill(updated_at=at(20)), version=4),
        fact(bill(updated_at=at(30), reversed_at=at(30)), version=5),
    ]

    order = folded(*facts)

    assert order.reversed_at == at(30)
    assert [each.ended_at for each in order.past] == [at(10)]


def test_a_refund_named_in_short_is_plain_money_since_it_was_first_named() -> None:
    named = (("r1", 2430),)
    facts = [
        fact(bill(refunds=())),
        fact(bill(refunds=named, updated_at=at(60)), version=2),
        fact(bill(refunds=named, updated_at=at(99)), version=3),
    ]

    order = folded(*facts)

    assert (order.refunded_minor, order.returned_at) == (2430, at(60))
    assert order.estimated
    assert order.charged[0].returned_minor == 250


def test_a_refund_told_in_full_takes_the_place_of_its_short_form() -> None:
    named = bill(refunds=(("r1", 2430),), updated_at=at(61))
    full = fact(refund(2430, back("mug", 1), minutes=60), object_id="r1")

    order = folded(fact(named), full)

    assert (order.refunded_minor, order.returned_at) == (2430, at(60))
    assert not order.estimated
    assert order.charged[0].returned_minor == 250


def test_a_refund_that_the_newest_document_leaves_out_was_deleted() -> None:
    full = fact(refund(4860, minutes=60), object_id="r1")
    facts = [fact(bill(refunds=(("r1", 4860),), updated_at=at(60))), full]
    assert folded(*facts).stage == "reversed"

    order = folded(*facts, fact(bill(refunds=(), updated_at=at(70)), version=2))

    assert (order.stage, order.refunded_minor) == ("confirmed", 0)


def test_a_refund_newer_than_the_newest_document_stands() -> None:
    full = fact(refund(2430, minutes=60), object_id="r1")

    order = folded(fact(bill(refunds=(), updated_at=at(59))), full)

    assert order.refunded_minor == 2430


def test_a_document_that_names_no_refunds_denies_none() -> None:
    full = fact(refund(2430, minutes=60), object_id="r1")

    order = folded(fact(bill(updated_at=at(70))), full)

    assert order.refunded_minor == 2430


def test_what_is_given_in_kind_has_an_effect_and_holds_a_use() -> None:
    effects: list[bool] = []
    for in_kind in (True, False):
        order = folded(fact(bill(discounts=(code("SHIPFREE", 0, in_kind=in_kind),))))
        (redemption,) = derive(order, Shelf()).redemptions
        effects.append(redemption.holds_a_use())

    assert effects == [True, False]
