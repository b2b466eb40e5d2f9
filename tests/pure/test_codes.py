"""Do all spellings of one code meet, and do different codes stay apart?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchsafe.pure.codes import canonical


@pytest.mark.parametrize(
    "spelling",
    ["WELCOME10", "welcome10", " Welcome-10 ", "WELC0ME1O", "WELCOME\u200b10", "ＷＥＬＣＯＭＥ１０",
     "wElcome_10", "WЕLCOME10", "we.l.co.me/10"],
)  # fmt: skip
def test_spellings_of_one_code_meet(spelling: str) -> None:
    assert canonical(spelling) == canonical("WELCOME10")


@pytest.mark.parametrize(
    ("one", "other"),
    [("SAVE5", "SAVE6"), ("ÜBER20", "UBER20"), ("夏祭り", "秋祭り"), ("A1", "A11")],
)
def test_different_codes_stay_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("nothing", ["", "  ", "🎉", "---", "\u200b\u00ad"])
def test_what_holds_no_letter_or_digit_is_no_code(nothing: str) -> None:
    assert canonical(nothing) == ""


def test_the_german_eszett_meets_its_capital() -> None:
    assert canonical("straße") == canonical("STRASSE")


@given(st.text())
def test_the_canonical_form_is_its_own(raw: str) -> None:
    assert canonical(canonical(raw)) == canonical(raw)


@given(
    st.text(alphabet="0123456789", min_size=1, max_size=20),
    st.text(alphabet="0123456789", min_size=1, max_size=20),
)
def test_numbers_never_meet_other_numbers(one: str, other: str) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)


@given(st.text(max_size=2000))
def test_a_code_never_outgrows_its_key(raw: str) -> None:
    assert len(canonical(raw)) <= 255
