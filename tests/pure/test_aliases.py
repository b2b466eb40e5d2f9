"""Names of till discounts: alike however they are typed, and never more alike than they are."""

import pytest

from vouchsafe.pure.codes import alias_key, folded


@pytest.mark.parametrize(
    "typed", ["Staff 10%", "staff 10%", "  STAFF\t10% ", "Staff\u00a010\uff05"]
)
def test_case_spaces_and_wide_letters_make_one_name(typed: str) -> None:
    assert folded(typed) == "staff 10%"


def test_signs_keep_two_discounts_apart() -> None:
    assert folded("10% off") != folded("$10 off")


def test_a_name_in_the_register_is_folded() -> None:
    assert alias_key(" name:Welcome  Back ") == "name:welcome back"


def test_an_id_in_the_register_stays_to_the_letter() -> None:
    assert alias_key("catalog:ABCdef") == "catalog:ABCdef"
    assert alias_key("Name:X") == "Name:X"
