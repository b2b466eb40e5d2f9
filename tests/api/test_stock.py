"""Is what is scarce spared, by what the shop says or by what it counted before?"""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.calls import Answered
from tests.api.test_validations import NOON, Shop, given, reason, shop

__all__ = ["shop"]


@pytest.fixture(autouse=True)
def spared(shop: Shop) -> None:
    """Ten percent of mugs, as long as there are five."""
    shop.knows(*given("MUGS", include_skus=frozenset({"MUG"}), low_stock_below=5))


def counted(shop: Shop, left: int, sku: str = "mug", **said: Any) -> Answered:
    level = {"sku": sku, "left": left, **{k: said.pop(k) for k in ("location_id",) if k in said}}
    return shop.call("POST", "/stock", {"levels": [level], **said})


def outcome(shop: Shop, verb: str = "validate", **order: Any) -> str:
    found = shop.asks(verb, "MUGS", **order)
    return "given" if found.body["outcome"] == "all" else found.body["refusals"][0]["term"]


@pytest.mark.parametrize(("left", "told"), [(-1, "low_stock"), (4, "low_stock"), (5, "given")])
def test_what_was_counted_before_decides(shop: Shop, left: int, told: str) -> None:
    assert outcome(shop) == "given"

    assert counted(shop, left).body == {"kept": 1, "older": 0}

    assert outcome(shop) == told
    assert outcome(shop, "reserve") == told
    assert outcome(shop, "redeem", order_id="W2") == told


def test_what_the_shop_says_with_the_order_comes_first(shop: Shop) -> None:
    counted(shop, 4)

    assert outcome(shop, stock={"Mug": 9}) == "given"
    assert outcome(shop, stock={"TEA": 9}) == "low_stock"


def test_a_place_goes_by_its_own_count(shop: Shop) -> None:
    counted(shop, 50)
    counted(shop, 4, location_id="bar")

    assert outcome(shop, location_id="bar") == "low_stock"
    assert outcome(shop, location_id="inn") == "given"
    assert outcome(shop) == "given"


def test_a_count_is_relied_on_for_as_long_as_it_is_good(shop: Shop) -> None:
    counted(shop, 4, good_for_hours=2)

    shop.now = NOON + timedelta(hours=2) - timedelta(seconds=1)
    assert outcome(shop) == "low_stock"
    shop.now = NOON + timedelta(hours=2)
    assert outcome(shop) == "given"


@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_count_holds_in_whatever_order_they_come(shop: Shop, turned: bool) -> None:
    counts = [(4, "2026-11-20T11:00:00Z"), (9, "2026-11-20T11:30:00Z")]

    told = [
        counted(shop, left, counted_at=at).body for left, at in (counts[::-1] if turned else counts)
    ]

    assert told[1] == ({"kept": 0, "older": 1} if turned else {"kept": 1, "older": 0})
    assert outcome(shop) == "given"


@pytest.mark.parametrize("lefts", [(4, 9), (9, 4)])
def test_of_two_counts_of_one_instant_the_lower_one_holds(
    shop: Shop, lefts: tuple[int, int]
) -> None:
    for left in lefts:
        counted(shop, left, counted_at="2026-11-20T11:00:00Z")

    assert outcome(shop) == "low_stock"


def test_a_clock_that_runs_ahead_does_not_hold_for_ever(shop: Shop) -> None:
    counted(shop, 4, counted_at="2126-01-01T00:00:00Z")
    shop.now += timedelta(minutes=1)

    assert counted(shop, 9).body["kept"] == 1


def test_another_accounts_count_says_nothing(shop: Shop) -> None:
    counted(shop, 4)
    other = Shop.__new__(Shop)
    other.__dict__ |= {**shop.__dict__, "platform": "square"}
    other.key = other._made("square", frozenset({"validate", "redeem"}))

    assert outcome(other) == "given"
    assert other.call("GET", "/stock/MUG").status == 404


def test_a_code_that_spares_nothing_reads_no_stock(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vouchsafe.edge.stock_table.levels", lambda *_: pytest.fail("was read"))
    shop.knows(*given("TEN"))

    assert shop.asks("validate", "TEN").body["outcome"] == "all"


def test_what_is_known_of_a_sku_can_be_opened(shop: Shop) -> None:
    counted(shop, 50)
    counted(shop, 4, location_id="bar", good_for_hours=1)
    shop.now += timedelta(hours=1)

    told = shop.call("GET", "/stock/MUG").body

    assert told["sku"] == "mug"
    assert [(each.get("location_id"), each["left"], each["holds"]) for each in told["levels"]] == [
        (None, 50, True),
        ("bar", 4, False),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"levels": []}, "levels"),
        ({"levels": [{"sku": "mug", "left": "4"}]}, "levels[0].left"),
        ({"levels": [{"left": 4}]}, "levels[0].sku"),
        ({"levels": [{"sku": "mug", "left": 4}], "good_for_hours": 0}, "good_for_hours"),
        ({"levels": [{"sku": "mug", "left": 4}] * 251}, "levels"),
    ],
)
def test_a_bad_count_names_its_field(shop: Shop, body: object, field: str) -> None:
    found = shop.call("POST", "/stock", body)

    assert (found.status, found.body["field"]) == (400, field)


def test_who_may_only_validate_counts_nothing(shop: Shop) -> None:
    assert counted(shop.with_scopes("validate"), 4).status == 403
    assert reason(shop.asks("validate", "NOPE")) == "code_not_found"
