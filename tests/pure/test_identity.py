"""Is a person recognised again, and never readable?"""

import pytest

from vouchsafe.pure.identity import identify_with, ranked

identify = identify_with(b"key")


@pytest.mark.parametrize(
    "raw", ["Ann@Example.com", " ann@example.com ", "ann+shop@example.com", "ANN@EXAMPLE.COM"]
)
def test_spellings_of_one_address_are_one_person(raw: str) -> None:
    assert identify("email", raw) == identify("email", "ann@example.com")


def test_the_hash_holds_nothing_of_the_address() -> None:
    assert "ann" not in (identify("email", "ann@example.com") or "").partition(":")[2]


def test_kinds_and_keys_keep_people_apart() -> None:
    assert identify("customer", "7") != identify("loyalty", "7")
    assert identify("customer", "7") != identify_with(b"other")("customer", "7")


@pytest.mark.parametrize("nobody", [None, "", "  ", "no address", "@x"])
def test_nobody_has_no_identity(nobody: str | None) -> None:
    assert identify("email", nobody) is None


def test_an_unset_key_never_becomes_an_empty_one() -> None:
    with pytest.raises(ValueError, match="empty"):
        identify_with(b"")


def test_phone_numbers_meet_whatever_their_spaces() -> None:
    assert identify("phone", "+34 600-100 200") == identify("phone", "+34600100200")


def test_the_strongest_key_stands_first() -> None:
    assert ranked([None, "card:1", "email:2", "email:2", "customer:3"]) == (
        "email:2",
        "customer:3",
        "card:1",
    )
