"""Does each benefit come to the minor unit that its terms say, and is every step told?"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.carts import (
    CAKE,
    FREE_SHIPPING,
    MUG,
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
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.offer import Offer
from vouchsafe.pure.register import Benefit, Promotion
from vouchsafe.pure.terms import offer_of


def offered(terms: Promotion, to: Cart | None = None) -> Offer:
    code = code_of("CODE", terms.promotion_id)
    found = offer_of(code, "CODE", to or cart(), shelf([terms], [code]), NOBODY)
    assert isinstance(found, Offer), found
    return found


def told(to: Cart | None = None, **said: Any) -> tuple[int, tuple[str, ...]]:
    found = offered(promotion(**said), to)
    return found.discount_minor, found.arithmetic


@pytest.mark.parametrize(
    ("value", "gross", "discount"),
    [("12.5", 4000, 500), ("10", 5, 1), ("10", 14, 1), ("33.33", 1000, 333), ("0.05", 1000, 1)],
)
def test_a_percentage_is_rounded_half_up_once(value: str, gross: int, discount: int) -> None:
    two = cart(line("1", gross), line("2", 100000, sku="DEAR"))

    found = offered(promotion(benefit=percent(value), exclude_skus=frozenset({"DEAR"})), two)

    assert found.discount_minor == discount


def test_a_percentage_is_of_the_order_not_of_each_line() -> None:
    """Three lines of 0.05 at 10 % are 0.02 together; line by line it would be 0.03."""
    three = cart(*(line(str(each), 5) for each in range(3)))

    found = offered(promotion(), three)

    assert found.discount_minor == 2
    assert found.allocation == (("0", 1), ("1", 1))


def test_lesson_19_shares_are_whole_and_add_up() -> None:
    """The remainder goes to the largest part, of equal parts to the first line."""
    odd = cart(line("b", 333), line("a", 333), line("c", 334))

    assert offered(promotion(benefit=amount(100)), odd).allocation == (
        ("a", 33),
        ("b", 33),
        ("c", 34),
    )
    assert offered(promotion(benefit=amount(101)), odd).allocation == (
        ("a", 34),
        ("b", 33),
        ("c", 34),
    )


def test_an_amount_comes_off_the_lines_that_it_is_for() -> None:
    assert told(benefit=amount(500)) == (500, ("5.00 EUR off 40.00 EUR",))


def test_an_amount_is_never_more_than_its_lines() -> None:
    found = offered(promotion(benefit=amount(1500), include_skus=frozenset({"CAKE"})))

    assert (found.discount_minor, found.allocation) == (900, (("2", 900),))
    assert found.arithmetic[1] == "no more than what is left of its lines: 9.00 EUR"


def test_nothing_is_ever_more_than_the_order() -> None:
    """A line that comes back makes the order cheaper than the lines that it is for."""
    exchange = cart(MUG, replace(TEA, gross_minor=-1500))

    assert told(exchange, benefit=amount(2000)) == (
        600,
        ("20.00 EUR off 21.00 EUR", "no more than what is left of the order: 6.00 EUR"),
    )


def test_lesson_33_a_cap_is_no_refusal() -> None:
    assert told(benefit=percent(50), cap_discount_at_minor=1000) == (
        1000,
        ("50 % of 40.00 EUR is 20.00 EUR", "capped by cap_discount_at: 10.00 EUR"),
    )
    assert told(benefit=percent(25), cap_discount_at_minor=1000)[1] == (
        "25 % of 40.00 EUR is 10.00 EUR",
    )


@pytest.mark.parametrize(
    ("said", "discount"),
    [
        ({"max_discount_minor": 700}, 700),
        ({"max_percent": 12.5}, 500),
        ({"max_percent": 12.49}, 499),
        ({"max_discount_minor": 700, "max_percent": 20.0, "cap_discount_at_minor": 900}, 700),
    ],
)
def test_we_offer_nothing_that_would_be_a_breach(said: dict[str, Any], discount: int) -> None:
    found = offered(promotion(benefit=percent(50), **said))

    assert found.discount_minor == discount
    assert found.arithmetic[-1].startswith("no more than max_")


@pytest.mark.parametrize(
    ("lines", "line_id", "discount"),
    [
        ((TEA, CAKE), "2", 450),
        ((CAKE, line("9", 400, sku="cake")), "9", 400),
        ((CAKE, line("0", 450, sku="CAKE")), "0", 450),
        ((line("1", 1000, "3", sku="CAKE"),), "1", 333),
        ((line("1", 500, "0.25", sku="CAKE"),), "1", 500),
        ((line("1", 0, sku="CAKE"), CAKE), "2", 450),
    ],
    ids=["only one", "cheaper unit", "of equals the first", "thirds", "by weight", "a gift beside"],
)
def test_a_free_item_is_the_cheapest_matching_unit(
    lines: tuple[Any, ...], line_id: str, discount: int
) -> None:
    found = offered(promotion(benefit=free("CAKE")), cart(*lines))

    assert found.allocation == ((line_id, discount),)
    assert not found.in_kind


def test_a_free_item_is_told_with_its_price() -> None:
    assert told(benefit=free("CAKE"))[1] == ("the cheapest unit of CAKE at 4.50 EUR is free",)


def test_free_shipping_is_in_kind_and_takes_nothing_off_the_lines() -> None:
    found = offered(promotion(benefit=FREE_SHIPPING), cart(shipping_minor=490))

    assert found.in_kind
    assert (found.discount_minor, found.allocation) == (0, ())
    assert (found.waived_minor, found.worth_minor()) == (490, 490)
    assert found.arithmetic == ("shipping of 4.90 EUR is not charged",)


def test_where_no_shipping_is_charged_free_shipping_has_no_effect() -> None:
    code = code_of("CODE", "P")
    terms = promotion(benefit=FREE_SHIPPING)

    found = offer_of(code, "CODE", cart(), shelf([terms], [code]), NOBODY)

    assert not isinstance(found, Offer)
    assert found.reason == "no_effect"


def test_amounts_are_the_currencys_own_minor_units() -> None:
    yen = cart(line("1", 4001), currency="JPY")

    assert told(yen, currency="JPY", benefit=percent("12.5")) == (
        500,
        ("12.5 % of 4001 JPY is 500 JPY",),
    )


LINES = st.lists(
    st.builds(
        line,
        line_id=st.uuids().map(str),
        gross_minor=st.integers(-500, 5000),
        quantity=st.sampled_from(["1", "2", "3", "0.5", "0", "-1"]),
        sku=st.sampled_from(["TEA", "CAKE"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each.line_id,
)
BENEFITS = st.one_of(
    st.integers(1, 10000).map(lambda each: percent(Decimal(each) / 100)),
    st.integers(1, 6000).map(amount),
    st.just(free("TEA")),
    st.just(FREE_SHIPPING),
)
BOUNDS = st.none() | st.integers(1, 3000)


@given(LINES, BENEFITS, BOUNDS, BOUNDS, st.booleans())
def test_no_discount_is_negative_or_deeper_than_its_lines(
    lines: list[Any], benefit: Benefit, cap: int | None, most: int | None, only_tea: bool
) -> None:
    bought = cart(*lines, shipping_minor=300)
    terms = promotion(
        benefit=benefit,
        cap_discount_at_minor=cap,
        max_discount_minor=most,
        include_skus=frozenset({"TEA"} if only_tea else ()),
    )
    code = code_of("CODE", "P")

    found = offer_of(code, "CODE", bought, shelf([terms], [code]), NOBODY)

    if isinstance(found, Offer):
        gross = {each.line_id: each.gross_minor for each in lines}
        assert sum(share for _, share in found.allocation) == found.discount_minor
        assert all(0 < share <= gross[line_id] for line_id, share in found.allocation)
        assert 0 <= found.discount_minor <= bought.gross_minor()
        assert found.discount_minor <= min(cap or 10**9, most or 10**9)
        assert found.worth_minor() > 0


@given(LINES, BENEFITS, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(lines: list[Any], benefit: Benefit, dice: Any) -> None:
    terms, code = promotion(benefit=benefit), code_of("CODE", "P")
    mixed = lines.copy()
    dice.shuffle(mixed)

    one, other = (
        offer_of(code, "CODE", cart(*each), shelf([terms], [code]), NOBODY)
        for each in (lines, mixed)
    )

    assert one == other
