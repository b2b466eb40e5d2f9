"""Is a counter that somebody's hand changed found, and one in the making left alone?"""

from datetime import date

import pytest

from console import stack, uses
from tests.api.uses import NOW, Spoilt, claim, promotion, spoilt
from vouchsafe.edge import uses_table


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "connected", dict)


def test_counters_agree_with_their_claims(capsys: pytest.CaptureFixture[str]) -> None:
    with spoilt():
        uses_table.take(claim(promotion("promotion/ever=5", budget_minor=900)), NOW)

        assert uses.main(["--counters"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "         200 budget#P1#EUR",
        "           1 promotion#P1#ever",
        "Every counter shows what its claims add up to.",
    ]


def test_a_counter_that_was_changed_by_hand_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    with spoilt() as found:
        uses_table.take(claim(promotion("promotion/ever=5")), NOW)
        _by_hand(found, "7")

        assert uses.main([]) == 1

    assert capsys.readouterr().out == "promotion#P1#ever: shows 7, its claims are 1\n"


def test_what_is_in_the_making_is_no_difference() -> None:
    """A use that comes between the look at the counters and the look at the claims."""
    with spoilt() as found:
        terms = promotion("promotion/ever=5")
        uses_table.take(claim(terms), NOW)
        orders = iter("234")

        def meanwhile(operation: str) -> None:
            if operation == "Scan" and found.calls.count("Scan") % 2 == 0:
                uses_table.take(claim(terms, next(orders)), NOW)

        found.before = meanwhile

        assert uses.differences() == {}


def test_counters_of_periods_that_are_long_over_are_not_missed() -> None:
    with spoilt() as found:
        uses_table.take(claim(promotion("promotion/day=5"), day=date(2020, 2, 29)), NOW)
        found.dynamo.tables["Uses"].parts.pop("counter#promotion#P1#2020-02-29")

        assert uses.differences() == {}


def _by_hand(found: Spoilt, used: str) -> None:
    table = found.dynamo.tables["Uses"]
    (key,) = (each for each in table.items if each[0].startswith("counter#"))
    table.items[key] = table.items[key] | {"used": {"N": used}}
    table.parts[key[0]][key] = table.items[key]
