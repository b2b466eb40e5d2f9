"""The fixed rules of the feed, on baskets small enough to do by hand."""

from datetime import UTC, date, datetime

import pytest

from local import journey, till
from local.journey import COUPON_PRODUCT, Basket, Claim, Line, Redeemed

DAY = date(2017, 6, 1)
GOODS = {("777", 1): frozenset({10, 11}), ("888", 1): frozenset({11}), ("777", 2): frozenset({12})}


def line(product: int = 10, sales: int = 100, coupon: int = 0, quantity: int = 1) -> Line:
    return Line(product, quantity, sales, 0, 0, coupon)


def basket(number: int, *lines: Line, household: int = 5) -> Basket:
    return Basket(number, household, 1, datetime(2017, 6, 1, 15, tzinfo=UTC), DAY, lines)


def redeemed(code: str = "777", campaign: int = 1) -> Redeemed:
    return Redeemed(5, code, campaign, DAY)


@pytest.mark.parametrize(
    ("lines", "tier"),
    [
        ((line(10, coupon=50),), 1),
        ((line(10), line(COUPON_PRODUCT, 0, 50, 0)), 2),
        ((line(10),), 3),
        ((line(99, coupon=50),), 4),
        ((line(99),), 5),
    ],
)
def test_a_basket_fits_a_code_by_what_was_bought_and_what_was_taken_off(
    lines: tuple[Line, ...], tier: int
) -> None:
    assert journey.tier(basket(1, *lines), {10, 11}) == tier


def test_the_best_tier_wins_over_an_earlier_basket() -> None:
    baskets = [basket(1, line(99)), basket(2, line(10, coupon=50))]

    assert journey.place([redeemed()], baskets, GOODS) == {2: {"777": frozenset({1})}}


def test_equal_tiers_go_to_the_lowest_basket() -> None:
    baskets = [basket(9, line(10)), basket(3, line(10))]

    assert list(journey.place([redeemed()], baskets, GOODS)) == [3]


def test_two_campaigns_that_claim_one_code_put_it_on_one_basket() -> None:
    baskets = [basket(1, line(10)), basket(2, line(12, coupon=50))]

    placed = journey.place([redeemed(campaign=1), redeemed(campaign=2)], baskets, GOODS)

    assert placed == {2: {"777": frozenset({1, 2})}}


def test_a_redemption_without_a_basket_is_an_error() -> None:
    with pytest.raises(ValueError, match="no basket"):
        journey.place([redeemed()], [basket(1, line(), household=6)], GOODS)


def test_coupon_money_goes_to_the_codes_that_are_good_for_the_line() -> None:
    lines = (line(10, coupon=50), line(99, coupon=30))

    assert journey.claims(lines, {"777": {10, 11}}) == (Claim("777", 0, 50), Claim("", 1, 30))


def test_codes_that_fit_one_line_share_its_money_and_the_first_takes_the_odd_cent() -> None:
    shared = journey.claims((line(11, coupon=75),), {"888": {11}, "777": {11}})

    assert shared == (Claim("777", 0, 38), Claim("888", 0, 37))


def test_a_coupon_falls_on_its_own_line_as_far_as_its_price_reaches() -> None:
    rung = basket(1, line(10, sales=30, coupon=50), line(12, sales=100))
    claimed = Basket(1, 5, 1, rung.placed_at, DAY, rung.lines, ("777",), (Claim("777", 0, 50),))

    (discount,) = till.ring(claimed, {}).discounts

    assert discount.shares == (30, 20)


def test_a_coupon_on_a_line_of_its_own_is_spread_over_what_is_left_of_the_bill() -> None:
    lines = (line(10, sales=100), line(12, sales=50), line(COUPON_PRODUCT, 0, 10, 0))
    claimed = Basket(1, 5, 1, datetime(2017, 6, 1, tzinfo=UTC), DAY, lines, (), (Claim("", 2, 10),))

    sale = till.ring(claimed, {})

    assert [item.sku for item in sale.items] == ["10", "12"]
    assert [each.shares for each in sale.discounts] == [(7, 3)]


def test_what_coupons_exceed_the_sale_by_is_paid_out_on_a_line_of_its_own() -> None:
    lines = (line(10, sales=99, coupon=100),)
    claimed = Basket(
        1, 5, 1, datetime(2017, 6, 1, tzinfo=UTC), DAY, lines, (), (Claim("", 0, 100),)
    )

    sale = till.ring(claimed, {})

    assert [(item.sku, item.gross) for item in sale.items] == [("10", 99), (till.PAID_OUT_SKU, 1)]
    assert (sale.gross, sale.discount, sale.total) == (100, 100, 0)


def test_a_code_without_money_stands_on_the_bill_without_effect() -> None:
    bare = Basket(1, 5, 1, datetime(2017, 6, 1, tzinfo=UTC), DAY, (line(10),), ("777",), ())

    (discount,) = till.ring(bare, {}).discounts

    assert (discount.kind, discount.code, discount.amount) == ("code", "777", 0)


@pytest.mark.parametrize(
    ("quantity", "sales", "units"), [(3, 99, 3), (3, 100, 1), (0, 100, 1), (11_562, 2312, 1)]
)
def test_units_are_rung_only_where_they_make_up_the_value(
    quantity: int, sales: int, units: int
) -> None:
    sale = till.ring(basket(1, line(10, sales=sales, quantity=quantity)), {})

    assert [(item.units, item.gross) for item in sale.items] == [(units, sales)]


def test_a_basket_in_which_nothing_was_sold_is_a_bill_over_nothing() -> None:
    sale = till.ring(basket(1, line(10, sales=0, quantity=0)), {})

    assert [(item.units, item.gross) for item in sale.items] == [(1, 0)]
