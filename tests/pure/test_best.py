"""Is the best that codes allow found, whichever way they are named, and is the rest told why?"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pure.carts import (
    CAKE,
    FREE_SHIPPING,
    NOBODY,
    TEA,
    amount,
    cart,
    code_of,
    free,
    line,
    percent,
    promotion,
    shelf,
)
from tests.pure.reckoning import most
from vouchsafe.pure.best import Best, best
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.offer import Offer, Refusal
from vouchsafe.pure.register import Code, Promotion
from vouchsafe.pure.terms import offer_of


def of(*promotions: Promotion, to: Cart | None = None, raws: Sequence[str] | None = None) -> Best:
    """The best of codes named after their promotions."""
    codes = [code_of(each.promotion_id, each.promotion_id) for each in promotions]
    asked = [code.raw for code in codes] if raws is None else raws
    return best(asked, to or cart(), shelf(promotions, codes), NOBODY)


def given_by(found: Best) -> dict[str, int]:
    return {offer.promotion_id: offer.worth_minor() for offer in found.offers}


def reasons(found: Best) -> dict[str, str]:
    return {refusal.code: refusal.reason for refusal in found.refusals}


def test_of_no_code_the_best_is_nothing() -> None:
    found = of()

    assert (found.offers, found.refusals, found.total_minor) == ((), (), 0)


def test_one_code_gives_what_it_gives_by_itself() -> None:
    terms = promotion("A")
    code = code_of("A", "A")

    found = of(terms)

    assert found.offers == (offer_of(code, "A", cart(), shelf([terms], [code]), NOBODY),)
    assert found.arithmetic == ("the order is 40.00 EUR", "A (A) gives 4.00 EUR", "in all 4.00 EUR")


def test_combinable_codes_stand_together_each_on_what_is_left() -> None:
    found = of(promotion("A", benefit=percent(50)), promotion("B", benefit=percent(10)))

    assert given_by(found) == {"A": 2000, "B": 200}
    assert found.total_minor == 2200
    assert found.offers[1].arithmetic == ("10 % of 20.00 EUR is 2.00 EUR",)


def test_the_higher_priority_is_applied_first() -> None:
    off, half = promotion("A", benefit=amount(1000)), promotion("B", benefit=percent(50))

    assert given_by(of(off, half)) == {"A": 1000, "B": 1500}
    assert given_by(of(off, replace(half, priority=1))) == {"B": 2000, "A": 1000}
    assert [offer.code for offer in of(off, replace(half, priority=1)).offers] == ["B", "A"]


def test_an_exclusive_code_stands_alone() -> None:
    small, other = promotion("A"), promotion("B")
    alone = promotion("C", benefit=percent(15), stacking="exclusive")

    found = of(small, alone)
    beaten = of(small, other, alone)

    assert given_by(found) == {"C": 600}
    assert reasons(found) == {"A": "not_combinable"}
    assert given_by(beaten) == {"A": 400, "B": 360}
    assert reasons(beaten) == {"C": "not_combinable"}
    assert beaten.refusals[0].term == "A and B"
    assert beaten.refusals[0].detail == (
        "It cannot stand beside A and B. By itself it gives 6.00 EUR, A and B 7.60 EUR."
    )


def test_of_best_only_codes_the_best_is_taken() -> None:
    small = promotion("A", stacking="best_only")
    big = promotion("B", benefit=percent(20), stacking="best_only")

    found = of(small, big)

    assert given_by(found) == {"B": 800}
    assert reasons(found) == {"A": "better_offer_applied"}
    assert found.refusals[0].detail == "By itself it gives 4.00 EUR, B 8.00 EUR."


def test_a_best_only_code_stands_beside_no_other() -> None:
    """The alarms call it a breach where a till lets it: what is offered here must not be one."""
    only = promotion("A", benefit=percent(20), stacking="best_only")

    exclusive = promotion("B", stacking="exclusive")

    assert reasons(of(only, exclusive)) == {"B": "not_combinable"}
    assert reasons(of(only, promotion("B"))) == {"B": "better_offer_applied"}
    assert reasons(of(only, promotion("B", benefit=percent(30)))) == {"A": "better_offer_applied"}


def test_lesson_32_codes_do_not_all_apply_at_once() -> None:
    four = [
        promotion("A", stacking="exclusive"),
        promotion("B", stacking="best_only"),
        promotion("C"),
        promotion("D", benefit=amount(100)),
    ]

    found = of(*four)

    assert given_by(found) == {"C": 400, "D": 100}
    assert reasons(found) == {"A": "not_combinable", "B": "better_offer_applied"}


def test_lesson_8_a_code_that_adds_nothing_is_not_used_up() -> None:
    """The cake is free already: the second code would take off nothing and be gone."""
    free_cake = promotion("A", benefit=percent(100), include_skus=frozenset({"CAKE"}))
    off_cake = promotion("B", benefit=amount(100), include_skus=frozenset({"CAKE"}))

    found = of(free_cake, off_cake)

    assert given_by(found) == {"A": 900}
    assert reasons(found) == {"B": "no_effect"}
    assert found.refusals[0].detail == (
        "Beside A it takes nothing more off. By itself it gives 1.00 EUR, A 9.00 EUR."
    )


def test_two_free_items_are_two_units() -> None:
    first, second, third = (promotion(each, benefit=free("CAKE")) for each in "ABC")

    found = of(first, second, third)

    assert given_by(found) == {"A": 450, "B": 450}
    assert reasons(found) == {"C": "no_effect"}


def test_a_second_free_item_may_be_dearer_than_the_first() -> None:
    """So the search may not give up on it for what it gives by itself."""
    two = cart(line("1", 400, sku="CAKE"), line("2", 900, sku="CAKE"))
    alone = promotion("X", benefit=amount(1000), stacking="exclusive")

    cake, other = (promotion(each, benefit=free("CAKE")) for each in "AB")

    found = of(cake, other, alone, to=two)

    assert given_by(found) == {"A": 400, "B": 900}


def test_a_free_item_after_a_percentage_is_free_of_what_is_left() -> None:
    half = promotion("A", benefit=percent(50), priority=1)

    assert given_by(of(half, promotion("B", benefit=free("CAKE")))) == {"A": 2000, "B": 225}


def test_shipping_is_waived_once_and_beside_discounts() -> None:
    shipped = cart(shipping_minor=490)
    ship, other = promotion("A", benefit=FREE_SHIPPING), promotion("B", benefit=FREE_SHIPPING)

    found = of(ship, other, promotion("C"), to=shipped)

    assert given_by(found) == {"A": 490, "C": 400}
    assert found.total_minor == 890


def test_never_below_zero_and_never_more_than_the_order() -> None:
    found = of(*(promotion(each, benefit=amount(1700)) for each in "ABCD"))

    assert given_by(found) == {"A": 1700, "B": 1700, "C": 600}
    assert found.total_minor == 4000
    assert reasons(found) == {"D": "no_effect"}


def test_of_equals_fewer_codes_are_used_and_the_first_in_turn() -> None:
    all_off, part = amount(4000), amount(1000)
    codes = [promotion("B", benefit=part), promotion("C", benefit=all_off)]

    assert given_by(of(*codes)) == {"C": 4000}
    assert given_by(of(*codes, promotion("D", benefit=all_off))) == {"C": 4000}
    assert given_by(of(*codes, promotion("D", benefit=all_off, priority=1))) == {"D": 4000}


def test_a_refused_code_keeps_its_reason_beside_the_others() -> None:
    best_of = promotion("A", benefit=percent(20))
    more = [promotion("B", status="paused"), promotion("C", stacking="best_only")]

    found = of(best_of, *more, raws=["A", "C", "B", "nobody", "a-nobody"])

    assert given_by(found) == {"A": 800}
    assert [(each.code, each.reason) for each in found.refusals] == [
        ("ANOBODY", "code_not_found"),
        ("B", "code_disabled"),
        ("C", "better_offer_applied"),
        ("NOBODY", "code_not_found"),
    ]


def test_lesson_26_two_spellings_are_one_code() -> None:
    found = of(promotion("SAVE-10"), raws=["SAVE-10", "save 1o", " Save10 "])

    assert given_by(found) == {"SAVE-10": 400}
    assert found.refusals == ()


def test_of_a_code_with_several_promotions_that_one_is_taken_which_serves_best() -> None:
    """By itself its exclusive promotion gives more, beside the other code the combinable one."""
    alone = promotion("A1", benefit=percent(20), stacking="exclusive")
    beside = promotion("A2", benefit=percent(15))
    other = promotion("B", benefit=percent(10))
    both = [code_of("A", "A1", "A2"), code_of("B", "B")]
    register = shelf([alone, beside, other], both)

    assert given_by(best(["A"], cart(), register, NOBODY)) == {"A1": 800}
    assert given_by(best(["A", "B"], cart(), register, NOBODY)) == {"A2": 600, "B": 340}


def test_a_code_whose_best_promotion_is_closed_takes_its_next() -> None:
    code = code_of("A", "A1", "A2", "A3")
    terms = [promotion(f"A{at}", benefit=percent(at * 10)) for at in (1, 2, 3)]
    full = {("A", "A3"): Refusal(code="A", reason="budget_exhausted")}

    found = best(["A"], cart(), shelf(terms, [code]), NOBODY, full)

    assert given_by(found) == {"A2": 800}
    assert found.refusals == ()


def test_a_code_without_an_open_promotion_is_refused_as_the_one_that_came_furthest() -> None:
    code = code_of("A", "A1", "A2")
    full = {
        ("A", "A1"): Refusal(code="A", reason="budget_exhausted"),
        ("A", "A2"): Refusal(code="A", reason="usage_limit_reached"),
    }

    found = best(["A"], cart(), shelf(map(promotion, ("A1", "A2")), [code]), NOBODY, full)

    assert found.offers == ()
    assert reasons(found) == {"A": "budget_exhausted"}


def test_lesson_31_every_code_that_is_asked_for_is_answered() -> None:
    asked = ["A", "B", "C", "D", "what"]

    found = of(
        promotion("A"),
        promotion("B", stacking="exclusive"),
        promotion("C", status="retired"),
        promotion("D", benefit=None),
        raws=asked,
    )

    answered = [offer.code for offer in found.offers] + [each.code for each in found.refusals]
    assert sorted(answered) == sorted(each.upper() for each in asked)
    assert all(refusal.detail for refusal in found.refusals)


def test_ten_codes_are_all_compared() -> None:
    """Greedy would take the nine percents that each give more than the one that beats them."""
    ten = [promotion(f"P{at}", benefit=percent(1 + at)) for at in range(9)]
    alone = promotion("X", benefit=percent(37), stacking="exclusive")

    found = of(*ten, alone)

    assert len(found.offers) == 9
    assert reasons(found) == {"X": "not_combinable"}
    assert not any("compared" in each for each in found.arithmetic)


def test_of_more_codes_those_are_compared_that_give_most_and_it_is_said() -> None:
    many = [promotion(name, benefit=amount(10 + at)) for at, name in enumerate("ABCDEFGHJKMN")]

    found = of(*many)

    assert "".join(offer.promotion_id for offer in found.offers) == "CDEFGHJKMN"
    assert reasons(found) == dict.fromkeys("AB", "better_offer_applied")
    assert found.refusals[0].detail == (
        "Only the 10 codes were compared that give most by themselves."
    )
    assert found.arithmetic[0] == "of 12 codes the 10 were compared that give most by themselves"


def test_of_many_promotions_of_many_codes_the_strongest_are_compared_and_it_is_said() -> None:
    terms = [promotion(f"P{at}", benefit=amount(10 + at)) for at in range(30)]
    codes = [code_of(f"C{at}", *(f"P{3 * at + by}" for by in range(3))) for at in range(10)]

    found = best([code.raw for code in codes], cart(), shelf(terms, codes), NOBODY)

    assert {offer.promotion_id for offer in found.offers} == {f"P{3 * at + 2}" for at in range(10)}
    assert found.arithmetic[0] == (
        "of each code only the promotion was compared that gives most by itself"
    )


def test_of_long_orders_fewer_combinations_are_compared_and_it_is_said() -> None:
    """Six codes of three promotions each are 4,096 combinations."""
    terms = [promotion(f"P{at}", benefit=amount(10 + at)) for at in range(18)]
    codes = [code_of(f"C{at}", *(f"P{3 * at + by}" for by in range(3))) for at in range(6)]
    lines = [line(str(each), 100) for each in range(98)]

    short, long = (
        best([code.raw for code in codes], cart(*some), shelf(terms, codes), NOBODY)
        for some in (lines[:97], lines)
    )

    assert short.arithmetic[0] == "the order is 97.00 EUR"
    assert long.arithmetic[0].startswith("of each code only the promotion was compared")
    assert short.total_minor == long.total_minor


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_the_order_of_codes_in_the_request_changes_nothing(order: tuple[int, ...]) -> None:
    terms = [promotion(each, benefit=percent(10)) for each in "ABC"]

    assert of(*terms, raws=["ABC"[at] for at in order]) == of(*terms)


SKUS = ["TEA", "CAKE", "MUG"]
BENEFITS = st.one_of(
    st.integers(1, 100).map(percent),
    st.integers(1, 3000).map(amount),
    st.sampled_from(SKUS).map(free),
    st.just(FREE_SHIPPING),
)
LINES = st.lists(
    st.builds(
        line,
        line_id=st.integers(0, 99).map(str),
        gross_minor=st.integers(-300, 3000),
        quantity=st.sampled_from(["1", "2", "3"]),
        sku=st.sampled_from(SKUS),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.line_id,
)


@st.composite
def registers(draw: st.DrawFn, most: int = 4) -> tuple[list[Promotion], list[Code]]:
    terms = [
        promotion(
            f"P{at}",
            benefit=draw(BENEFITS),
            stacking=draw(st.sampled_from(["combinable"] * 4 + ["exclusive", "best_only"])),
            priority=draw(st.integers(0, 2)),
            cap_discount_at_minor=draw(st.none() | st.integers(1, 2000)),
            max_percent=draw(st.none() | st.integers(1, 100).map(float)),
            include_skus=draw(st.frozensets(st.sampled_from(SKUS), max_size=2)),
            minimum_spend_minor=draw(st.none() | st.integers(1, 4000)),
        )
        for at in range(draw(st.integers(1, most)))
    ]
    ids = st.lists(st.sampled_from(terms), min_size=1, max_size=2, unique=True)
    codes = [
        code_of(each, *(one.promotion_id for one in draw(ids)))
        for each in "ABCD"[: draw(st.integers(1, most))]
    ]
    return terms, codes


@settings(max_examples=300)
@given(registers(), LINES, st.integers(0, 600))
def test_the_best_is_that_of_all_combinations(
    register: tuple[list[Promotion], list[Code]], lines: list[Any], shipping: int
) -> None:
    terms, codes = register
    bought = cart(*lines, shipping_minor=shipping)

    found = best([code.raw for code in codes], bought, shelf(terms, codes), NOBODY)

    assert found.total_minor == most(terms, codes, bought)


@settings(max_examples=200)
@given(registers(), LINES, st.integers(0, 600), st.randoms(use_true_random=False))
def test_what_is_given_adds_up_and_never_goes_below_zero(
    register: tuple[list[Promotion], list[Code]], lines: list[Any], shipping: int, dice: Any
) -> None:
    terms, codes = register
    bought = cart(*lines, shipping_minor=shipping)
    shelves = shelf(terms, codes)

    found = best([code.raw for code in codes], bought, shelves, NOBODY)

    left = {each.line_id: each.gross_minor for each in lines}
    for offer in found.offers:
        assert sum(share for _, share in offer.allocation) == offer.discount_minor
        assert offer.worth_minor() > 0
        for line_id, share in offer.allocation:
            assert share > 0
            left[line_id] -= share
    assert all(left[e.line_id] >= min(e.gross_minor, 0) for e in lines)
    discount = sum(offer.discount_minor for offer in found.offers)
    assert discount <= bought.gross_minor()
    assert found.total_minor <= bought.gross_minor() + shipping
    assert found.total_minor == sum(offer.worth_minor() for offer in found.offers)
    for code in codes:
        alone = offer_of(code, code.raw, bought, shelves, NOBODY)
        assert not isinstance(alone, Offer) or alone.worth_minor() <= found.total_minor
    answered = [each.code for each in found.offers] + [each.code for each in found.refusals]
    assert sorted(answered) == sorted(code.canonical for code in codes)


@settings(max_examples=100)
@given(registers(), LINES, st.randoms(use_true_random=False))
def test_the_order_of_codes_lines_and_shelves_changes_nothing(
    register: tuple[list[Promotion], list[Code]], lines: list[Any], dice: Any
) -> None:
    terms, codes = register
    raws = [code.raw for code in codes]
    mixed = [each.copy() for each in (raws, lines, terms, codes)]
    for each in mixed:
        dice.shuffle(each)

    one = best(raws, cart(*lines), shelf(terms, codes), NOBODY)
    other = best(mixed[0], cart(*mixed[1]), shelf(mixed[2], mixed[3]), NOBODY)

    assert one == other


def test_every_order_of_four_codes_gives_one_answer() -> None:
    terms = [
        promotion("A", benefit=percent(10)),
        promotion("B", benefit=amount(400)),
        promotion("C", benefit=free("TEA"), stacking="best_only"),
        promotion("D", benefit=percent(19), stacking="exclusive"),
    ]

    answers = {of(*terms, to=cart(TEA, CAKE), raws=raws) for raws in permutations("ABCD")}

    assert len(answers) == 1
