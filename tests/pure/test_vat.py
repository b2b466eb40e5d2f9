"""Does an amount split into net and tax without a unit lost, by the rate of its day and place?"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchsafe.pure import codec
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.vat import Rate, Vat, VatClass, check, split

DAY = date(2026, 11, 20)
BAR = "toast/bar/terrace"
AMOUNTS = st.integers(1, 10**12)
PERCENTS = st.integers(0, 999_999).map(lambda parts: Decimal(parts).scaleb(-4))


def rate(percent: str, holds_from: date = date(2012, 9, 1), *places: str) -> Rate:
    return Rate(percent=Decimal(percent), holds_from=holds_from, places=places)


def vat(*rates: Rate, name: str = "general", **said: object) -> Vat:
    return Vat(classes=(VatClass(name=name, rates=rates),), **said)  # type: ignore[arg-type]


def named(number: int) -> VatClass:
    return VatClass(name=f"class_{number}", rates=(rate("1"),))


@given(AMOUNTS, PERCENTS, st.booleans())
def test_net_and_tax_are_the_gross_and_the_tax_is_nearest(
    amount: int, percent: Decimal, includes: bool
) -> None:
    found = split(amount, percent, includes=includes)

    assert found.net_minor() + found.vat_minor == found.gross_minor()
    assert amount == (found.gross_minor() if includes else found.net_minor())
    of = 100 + Fraction(percent) if includes else Fraction(100)
    exact = amount * Fraction(percent) / of
    assert Fraction(-1, 2) < found.vat_minor - exact <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("amount", "percent", "includes", "net", "tax"),
    [
        (1000, "21", True, 826, 174),
        (1000, "10", True, 909, 91),
        (1000, "4", True, 962, 38),
        (1000, "21", False, 1000, 210),
        (50, "1", False, 50, 1),
        (1010, "0", True, 1010, 0),
        (121, "21", True, 100, 21),
        (1, "21", True, 1, 0),
        (1000, "5.2", False, 1000, 52),
    ],
)
def test_half_a_unit_goes_up(amount: int, percent: str, includes: bool, net: int, tax: int) -> None:
    found = split(amount, Decimal(percent), includes=includes)

    assert (found.net_minor(), found.vat_minor) == (net, tax)


@given(AMOUNTS, PERCENTS, st.booleans(), st.lists(st.integers(0, 10**12), max_size=8))
def test_however_many_steps_they_are_the_whole(
    amount: int, percent: Decimal, includes: bool, cuts: list[int]
) -> None:
    whole = split(amount, percent, includes=includes)
    steps = [whole.first(each) for each in sorted({0, amount, *(cut % amount for cut in cuts)})]

    for before, after in pairwise(steps):
        assert after.vat_minor >= before.vat_minor
        assert after.net_minor() >= before.net_minor()
        assert after.gross_minor() >= before.gross_minor()
    assert steps[0].gross_minor() == 0
    assert steps[-1] == whole


def test_a_rate_holds_from_its_day_on() -> None:
    said = vat(rate("21"), rate("18", date(2010, 7, 1)))

    assert said.rate("general", DAY, BAR) == Decimal(21)
    assert said.rate("general", date(2012, 8, 31), BAR) == Decimal(18)
    assert said.rate("general", date(2010, 6, 30), BAR) is None
    assert said.rate("reduced", DAY, BAR) is None


def test_the_most_exact_place_holds() -> None:
    said = vat(
        rate("21"),
        rate("7", DAY, "toast/canaries"),
        rate("3", DAY, "toast/canaries/ferry", "square"),
    )

    assert said.rate("general", DAY, "toast/canaries/pier") == Decimal(7)
    assert said.rate("general", DAY, "toast/canaries/ferry") == Decimal(3)
    assert said.rate("general", DAY, "square/bar/") == Decimal(3)
    assert said.rate("general", DAY, BAR) == Decimal(21)
    assert said.rate("general", DAY - timedelta(days=1), "toast/canaries/pier") == Decimal(21)


def test_prices_are_the_other_way_round_where_that_is_said() -> None:
    said = Vat(prices_include_vat=True, prices_differ_at=("vend", "toast/bar"))

    assert not said.includes("vend/shop/1")
    assert not said.includes(BAR)
    assert said.includes("toast/other/1")
    assert replace(said, prices_include_vat=False).includes(BAR)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (vat(rate("21"), name="General"), "classes[0].name"),
        (vat(rate("21"), name="vat_unknown"), "classes[0].name"),
        (vat(), "classes[0].rates"),
        (vat(rate("-1")), "classes[0].rates[0].percent"),
        (vat(rate("100")), "classes[0].rates[0].percent"),
        (vat(rate("NaN")), "classes[0].rates[0].percent"),
        (vat(rate("5.00001")), "classes[0].rates[0].percent"),
        (vat(rate("1E-400")), "classes[0].rates[0].percent"),
        (vat(rate("21"), rate("10")), "classes[0].rates"),
        (vat(rate("21"), rate("7", DAY, "toast", "toast")), "classes[0].rates[1].places"),
        (vat(rate("21", DAY, "Toast")), "classes[0].rates[0].places"),
        (vat(rate("21", DAY, "toast/")), "classes[0].rates[0].places"),
        (Vat(classes=vat(rate("1")).classes * 2), "classes"),
        (Vat(classes=tuple(map(named, range(51)))), "classes"),
        (Vat(prices_differ_at=("a b",)), "prices_differ_at"),
        (Vat(prices_differ_at=tuple(f"toast/bar{at}" for at in range(301))), "prices_differ_at"),
        (vat(*(rate("1", DAY - timedelta(days=at)) for at in range(201))), "classes"),
        (vat(rate("1", DAY, *(f"toast/bar{at}" for at in range(301)))), "classes"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_field(said: Vat, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(said)

    assert refused.value.field == field


def test_it_is_kept_as_it_was_said() -> None:
    said = vat(rate("5.2"), rate("7", DAY, "toast/canaries"), version=3)
    check(said)

    assert codec.loads(Vat, codec.dumps(said)) == said
