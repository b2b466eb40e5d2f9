"""Is it told where a till takes a voucher off that was sold with a value, and the value stands?"""

from dataclasses import replace

import pytest

from tests.pure.values import TERMS, here
from tests.streams.vigil import promotion, redemption, shelf, vigil
from vouchsafe.edge import values_table
from vouchsafe.pure import value_moves as moves
from vouchsafe.pure.value_moves import Asked, Sale

ALARM = "terms_not_met.voucher_class:MA1L:2025-11-20"


def sold() -> None:
    terms = replace(TERMS, code="MA1L", voucher_class="single_purpose")
    sale = Sale(order="shopify#corner-shop#900", amount_minor=5000, paid_minor=5000)
    values_table.move("MA1L", lambda seen: moves.issue(seen, terms, sale, here()))


def paid(order: str) -> None:
    want = Asked(order=order, payment="", amount_minor=200)
    values_table.move("MA1L", lambda seen: moves.spend(seen, want, here()), order=order)


@pytest.mark.parametrize(
    ("is_sold", "paid_order", "alarms"),
    [
        (False, "", set()),
        (True, "", {ALARM}),
        (True, "shopify#corner-shop#77", {ALARM}),
        (True, "shopify#corner-shop#1001", set()),
    ],
)
def test_a_discount_beside_a_value_is_told_unless_the_value_paid_that_order(
    is_sold: bool, paid_order: str, alarms: set[str]
) -> None:
    with vigil(shelf(promotion(voucher_class="single_purpose"))) as watch:
        if is_sold:
            sold()
        if paid_order:
            paid(paid_order)

        watch.see(redemption())

        assert watch.open() == alarms


def test_nothing_is_taken_from_the_value_by_itself() -> None:
    with vigil(shelf(promotion(voucher_class="single_purpose"))) as watch:
        sold()
        watch.see(redemption())
        value = values_table.get("MA1L")

    assert value is not None
    assert value.available_minor == 5000
