"""Does each class of voucher reach the right accounts, and does every document balance?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.saying import KEY, at, bill, fact
from tests.pure.test_redemption import promotion
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.money import exponent
from vouchsafe.pure.order import fold
from vouchsafe.pure.posting import (
    Document,
    Grounds,
    Returned,
    lines_of,
    of_redemption,
    prices_include_tax,
)
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.vat import UNKNOWN, Rate, Vat, VatClass

LONG_AGO = date(2012, 9, 1)


def named(name: str, percent: str) -> VatClass:
    return VatClass(name=name, rates=(Rate(percent=Decimal(percent), holds_from=LONG_AGO),))


SPANISH = Vat(classes=(named("general", "21"), named("reduced", "10"), named("super_reduced", "4")))


def used(minor: int = 1000, **said: object) -> Redemption:
    """A code that was confirmed at noon, on a sale in Madrid."""
    default: dict[str, object] = {
        "key": KEY,
        "code": "TEN",
        "code_raw": "ten",
        "generation": 0,
        "state": "confirmed",
        "currency": "EUR",
        "redeemed_at": at(0),
        "updated_at": at(0),
        "received_at": at(0),
        "confirmed_at": at(0),
        "business_day": date(2026, 11, 20),
        "discount_minor": minor,
        "facts_seen": 1,
        "promotions": ("p1",),
    }
    return Redemption(**(default | said))  # type: ignore[arg-type]


def booked(
    redemption: Redemption,
    *promotions: Promotion,
    returned: Sequence[int] = (),
    vat: Vat = SPANISH,
    has_value: bool = False,
) -> list[Document]:
    days = DayRule("Europe/Madrid", time(5))
    grounds = Grounds(promotions=promotions, vat=vat, days=days, has_value=has_value)
    back = [Returned(at=at(60 * turn), minor=minor) for turn, minor in enumerate(returned, 1)]
    return of_redemption(redemption, grounds, back)


def of_class(voucher_class: str, vat_class: str = "general") -> Promotion:
    return promotion(voucher_class=voucher_class, vat_class=vat_class)


def amounts(document: Document) -> dict[str, int]:
    """Debits above zero, credits below it."""
    return {line.role: line.debit_minor - line.credit_minor for line in document.lines}


def total(documents: Sequence[Document]) -> dict[str, int]:
    held: Counter[str] = Counter()
    for each in documents:
        held.update(amounts(each))
    return {role: minor for role, minor in held.items() if minor}


@pytest.mark.parametrize(
    ("voucher_class", "expected"),
    [
        ("discount", {"discounts_given": 826, "vat_output": 174, "takings_clearing": -1000}),
        ("single_purpose", {"deferred_revenue": 826, "vat_output": 174, "takings_clearing": -1000}),
        ("multi_purpose", {"voucher_liability": 1000, "takings_clearing": -1000}),
        ("stored_value", {"voucher_liability": 1000, "takings_clearing": -1000}),
    ],
)
def test_the_class_says_the_accounts(voucher_class: str, expected: dict[str, int]) -> None:
    (document,) = booked(used(), of_class(voucher_class))

    assert amounts(document) == expected
    assert document.voucher_class == voucher_class


def test_a_means_of_payment_has_no_tax_in_it() -> None:
    (document,) = booked(used(), of_class("multi_purpose"))

    assert (document.vat_class, document.percent) == ("", None)


@pytest.mark.parametrize("voucher_class", ["single_purpose", "multi_purpose", "stored_value"])
def test_what_a_till_gave_of_a_value_waits_until_a_person_withdraws_it(voucher_class: str) -> None:
    (document,) = booked(used(), of_class(voucher_class), has_value=True)

    assert amounts(document)["value_withdrawn"] == 1000 - amounts(document).get("vat_output", 0)
    assert amounts(document)["takings_clearing"] == -1000


def test_what_was_never_confirmed_or_took_nothing_off_is_not_booked() -> None:
    assert booked(used(state="redeemed", confirmed_at=None), of_class("discount")) == []
    assert booked(used(state="rolled_back", confirmed_at=None), of_class("discount")) == []
    assert booked(used(0, no_effect=True), of_class("discount")) == []


def test_a_document_says_where_and_when_and_what_for() -> None:
    (document,) = booked(used(location_id="pier"), of_class("discount", "reduced"))

    assert document.document_id == "shopify#corner-shop#1001#redemption#TEN#000#confirmed"
    assert document.place == "shopify/corner-shop/pier"
    assert (document.order, document.code, document.promotions) == (KEY.text(), "TEN", ("p1",))
    assert (document.vat_class, document.percent) == ("reduced", Decimal(10))
    assert document.reversal_of == ""


def test_it_is_booked_on_the_business_day_of_what_happened() -> None:
    late = used(confirmed_at=at(60 * 15), redeemed_at=at(60 * 15))
    sold, back = booked(late, of_class("discount"), returned=[400])

    assert (sold.happened_at, sold.booked_on) == (at(60 * 15), date(2026, 11, 20))
    assert (back.happened_at, back.booked_on) == (at(60), date(2026, 11, 20))
    assert booked(replace(late, confirmed_at=at(60 * 16)))[0].booked_on == date(2026, 11, 21)


@pytest.mark.parametrize(
    "promotions",
    [
        (),
        (of_class("discount", ""),),
        (of_class("discount", "books"),),
        (of_class("discount", "general"), of_class("discount", "reduced")),
        (of_class("discount", "vat_unknown"),),
    ],
)
def test_where_nobody_has_said_the_rate_the_amount_stays_whole(
    promotions: tuple[Promotion, ...],
) -> None:
    (document,) = booked(used(), *promotions)

    assert (document.vat_class, document.percent) == (UNKNOWN, None)
    assert amounts(document) == {"discounts_given": 1000, "takings_clearing": -1000}


def test_a_code_of_two_classes_is_a_discount_of_no_class() -> None:
    (document,) = booked(used(), of_class("discount"), of_class("multi_purpose"))

    assert document.voucher_class is None
    assert amounts(document)["discounts_given"] == 1000 - amounts(document)["vat_output"]


def test_prices_without_tax_leave_the_tax_to_be_added() -> None:
    vat = replace(SPANISH, prices_differ_at=("shopify/corner-shop",))

    sold, back = booked(used(), of_class("discount"), returned=[333], vat=vat)

    assert amounts(sold) == {"discounts_given": 1000, "vat_output": 210, "takings_clearing": -1210}
    assert amounts(back) == {"discounts_given": -333, "vat_output": -70, "takings_clearing": 403}


@pytest.mark.parametrize("told", [True, False])
def test_prices_that_contradict_the_setting_leave_the_tax_unknown(told: bool) -> None:
    vat = replace(SPANISH, prices_include_vat=told)
    days = DayRule("Europe/Madrid")

    def known_if(includes_tax: bool | None) -> str:
        promotions = (of_class("discount"),)
        grounds = Grounds(promotions=promotions, vat=vat, days=days, includes_tax=includes_tax)
        (document,) = of_redemption(used(), grounds, [])
        return document.vat_class

    assert [known_if(None), known_if(told), known_if(not told)] == ["general", "general", UNKNOWN]


@pytest.mark.parametrize(
    ("said", "includes"),
    [
        ({"tax_minor": 360, "total_minor": 4860}, False),
        ({"tax_minor": 360, "total_minor": 4500}, True),
        ({"tax_minor": 360, "total_minor": 4502, "tip_minor": 1}, True),
        ({"tax_minor": 360, "total_minor": 4960, "tip_minor": 100}, False),
        ({"tax_minor": 360, "total_minor": 4700}, None),
        ({"tax_minor": 360, "total_minor": 4500, "sums_foot": False}, None),
        ({"tax_minor": 0, "total_minor": 4500}, None),
        ({"tax_minor": 1, "total_minor": 4501}, None),
    ],
)
def test_an_order_says_whether_its_prices_hold_the_tax(
    said: dict[str, Any], includes: bool | None
) -> None:
    order = fold([fact(bill(**said))])

    assert order is not None
    assert prices_include_tax(order) is includes


def test_a_return_that_named_no_goods_is_an_estimate() -> None:
    sold, back = booked(used(estimated=True), of_class("discount"), returned=[300])

    assert (sold.estimated, back.estimated) == (False, True)


def test_a_return_takes_back_its_share_and_names_what_it_reverses() -> None:
    sold, first, rest = booked(used(), of_class("discount"), returned=[333, 1000])

    assert amounts(first) == {"takings_clearing": 333, "discounts_given": -275, "vat_output": -58}
    assert {first.reversal_of, rest.reversal_of} == {sold.document_id}
    assert first.document_id == sold.document_id.replace("confirmed", "returned#333")
    assert total([sold, first, rest]) == {}


def test_what_brought_nothing_back_is_no_document() -> None:
    assert len(booked(used(), of_class("discount"), returned=[0, 300, 300])) == 2


CLASSES = st.sampled_from(["discount", "single_purpose", "multi_purpose", "stored_value"])
VAT_CLASSES = st.sampled_from(["general", "reduced", "super_reduced", "books", ""])


@given(
    minor=st.integers(1, 10**9),
    cuts=st.lists(st.integers(0, 10**9), max_size=6),
    promotions=st.lists(st.builds(of_class, CLASSES, VAT_CLASSES), max_size=2),
    includes=st.booleans(),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_every_document_balances_and_all_returns_end_in_nothing(
    minor: int, cuts: list[int], promotions: list[Promotion], includes: bool, currency: str
) -> None:
    vat = replace(SPANISH, prices_include_vat=includes)
    steps = [*sorted(cut % minor for cut in cuts), minor]

    sold, *back = booked(used(minor, currency=currency), *promotions, returned=steps, vat=vat)

    for each in (sold, *back):
        assert each.lines
        assert sum(amounts(each).values()) == 0
        assert all((line.debit_minor > 0) != (line.credit_minor > 0) for line in each.lines)
        assert len({line.role for line in each.lines}) == len(each.lines)
    for each in back:
        assert all((amounts(sold)[role] > 0) != (held > 0) for role, held in amounts(each).items())
    assert total([sold, *back]) == {}
    known = [held for role, held in amounts(sold).items() if role not in ("vat_output",)]
    assert minor in map(abs, known)
    assert len({each.document_id for each in (sold, *back)}) == 1 + len(back)


def test_a_currency_without_a_minor_unit_is_split_in_whole_units() -> None:
    (document,) = booked(used(1100, currency="JPY"), of_class("discount", "reduced"))

    assert exponent("JPY") == 0
    assert amounts(document) == {
        "discounts_given": 1000,
        "vat_output": 100,
        "takings_clearing": -1100,
    }


def test_what_does_not_balance_is_never_a_document() -> None:
    unequal: Any = {"discounts_given": 2, "takings_clearing": -1}

    with pytest.raises(ValueError, match="balance"):
        lines_of(unequal)
