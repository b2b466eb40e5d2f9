"""Do amounts keep every minor unit, and currencies apart?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchsafe.pure.errors import Invalid, Unreadable
from vouchsafe.pure.money import (
    Money,
    currency_at,
    decimal_text,
    exponent,
    minor_at,
    minor_units,
    rounded_at,
    split,
)

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_shares_add_up_to_the_whole(total: int, weights: list[int]) -> None:
    assert sum(split(total, weights)) == total


@given(st.integers(0, 10**9), WEIGHTS)
def test_no_share_is_a_unit_away_from_its_exact_part(total: int, weights: list[int]) -> None:
    basis = weights if any(weights) else [1] * len(weights)
    for share, weight in zip(split(total, weights), basis, strict=True):
        assert abs(share * sum(basis) - total * weight) < sum(basis)


def test_equal_remainders_go_to_the_earlier_share() -> None:
    assert split(100, [1, 1, 1]) == (34, 33, 33)


def test_weights_of_nothing_share_equally() -> None:
    assert split(5, [0, 0]) == (3, 2)


def test_nothing_to_share_among_loses_no_money() -> None:
    with pytest.raises(Invalid, match="weights"):
        split(1, [])


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(Invalid, match="negative"):
        split(1, [2, -1])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.99", "USD", 1999),
        ("1999", "JPY", 1999),
        ("1.234", "KWD", 1234),
        ("-0.05", "EUR", -5),
        ("4.50", "USD", 450),
        ("1E+2", "USD", 10_000),
        (3, "USD", 300),
    ],
)
def test_decimal_text_becomes_minor_units(text: str, currency: str, minor: int) -> None:
    assert minor_units(text, currency) == minor


@pytest.mark.parametrize("text", ["0.001", "NaN", "Infinity", "", "1,00", "1e400", "0x1", None])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="amount"):
        minor_units(text, "USD")


def test_a_fraction_of_a_yen_is_refused() -> None:
    with pytest.raises(Invalid, match="fraction"):
        minor_units("100.5", "JPY")


@given(st.integers(-(10**12), 10**12), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_minor_units_read_back_from_their_text(minor: int, currency: str) -> None:
    assert minor_units(decimal_text(minor, currency), currency) == minor


def test_an_unlisted_currency_is_named() -> None:
    with pytest.raises(Invalid, match="XXX"):
        exponent("XXX")


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__"])
def test_no_operation_mixes_currencies(operation: str) -> None:
    with pytest.raises(Invalid, match="mixed"):
        getattr(Money(1, "USD"), operation)(Money(1, "EUR"))


def test_money_of_one_currency_adds_and_compares() -> None:
    assert Money(150, "EUR") + Money(50, "EUR") - Money(1, "EUR") == Money(199, "EUR")
    assert Money(1, "EUR") < Money(2, "EUR") <= Money(2, "EUR")
    assert str(-Money(1999, "EUR")) == "-19.99 EUR"


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1.005", "USD", 101),
        ("1.0049", "USD", 100),
        ("-1.005", "USD", -101),
        ("100.5", "JPY", 101),
        ("0.0005", "KWD", 1),
        ("-0", "USD", 0),
        ("999999999999999.999", "USD", 10**17),
        ("0.000000000000000000000000000001", "USD", 0),
    ],
)
def test_what_was_reckoned_is_rounded_half_up(amount: str, currency: str, minor: int) -> None:
    assert rounded_at(Decimal(amount), currency, "total") == minor


def test_what_changed_hands_is_never_rounded() -> None:
    assert minor_at("19.99", "USD", "total") == minor_at(Decimal("19.990"), "USD", "total") == 1999
    with pytest.raises(Unreadable) as refusal:
        minor_at("19.995", "USD", "lines[0].price")
    assert refusal.value.path == "lines[0].price"
    assert "fraction" in refusal.value.rule


def test_no_amount_is_nothing() -> None:
    assert (minor_at(None, "USD", "tip"), rounded_at(None, "USD", "tip")) == (0, 0)


@pytest.mark.parametrize(
    ("amount", "currency", "rule"),
    [("1e16", "USD", "below"), ("1e400", "USD", "below"), ("1.5", "XXX", "XXX")],
)
def test_what_cannot_be_rounded_is_named_by_its_path(amount: str, currency: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        rounded_at(Decimal(amount), currency, "total")
    assert refusal.value.path == "total"
    assert rule in refusal.value.rule


def test_a_currency_is_known_or_named_by_its_path() -> None:
    assert currency_at("EUR", "currency") == "EUR"
    with pytest.raises(Unreadable) as refusal:
        currency_at("", "options.currency", "must name the account's currency")
    assert (refusal.value.path, refusal.value.rule) == (
        "options.currency",
        "must name the account's currency",
    )
    with pytest.raises(Unreadable, match="EURO"):
        currency_at("EURO", "currency")
