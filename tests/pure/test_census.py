"""Does the census say of a code what its systems, its orders and the register say together?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from vouchsafe.pure.census import (
    Born,
    Known,
    Listed,
    Listing,
    Noticed,
    Used,
    discount_of,
    of_discount,
    used_of,
)
from vouchsafe.pure.census_verdict import Verdict, judge
from vouchsafe.pure.credit import RowKey
from vouchsafe.pure.register import Benefit, Promotion
from vouchsafe.pure.running import Running

TODAY = date(2026, 11, 21)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
SHOPIFY = Listing(
    system="shopify", account="web", code="AUTUMN-10", kind="percent", value=Decimal("10.0")
)
KLAVIYO = replace(SHOPIFY, system="klaviyo", account="main")
TERMS = Promotion(
    promotion_id="P1",
    campaign_id="C1",
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 30),
    voucher_class="discount",
    owner="eva",
    purpose="autumn",
    benefit=Benefit(kind="percent", percent=Decimal(10)),
)
NOTICED = Noticed(
    subject="AUTUMN1O",
    shown="autumn10",
    platform="square",
    account="kew",
    order="square#kew#1",
    seen_at=AT,
    currency="EUR",
    discount_minor=100,
)


def _listed(*listings: Listing, gone: bool = False) -> tuple[Listed, ...]:
    return tuple(
        Listed(listing=each, first_seen_at=AT, last_seen_at=AT, gone=gone) for each in listings
    )


def _born(running: Running = "active", **terms: Any) -> dict[str, Any]:
    promotion = replace(TERMS, **terms)
    born = (Born(promotion=promotion, running=running),)
    return {"registered": True, "code": "AUTUMN-10", "born": born}


def _judged(*listings: Listing, gone: bool = False, **known: Any) -> Verdict:
    listed = _listed(*listings, gone=gone)
    return judge(Known(subject="AUTUMN1O", listed=listed, **known), TODAY)


def test_what_a_shop_takes_and_the_register_does_not_know_is_to_be_adopted() -> None:
    found = _judged(SHOPIFY)

    assert (found.advice, found.conflicts) == ("adopt", ())
    assert found.reason == "it is taken at shopify/web, and the register does not know it"


def test_what_all_say_alike_is_fine_and_its_duplicates_are_named() -> None:
    found = _judged(SHOPIFY, KLAVIYO, **_born())

    assert (found.advice, found.conflicts) == ("fine", ())
    assert found.duplicates == ("klaviyo/main", "shopify/web")


@pytest.mark.parametrize(
    ("other", "kind", "says"),
    [
        (
            {"value": Decimal(20)},
            "value",
            ("10%: shopify/web, register P1", "20%: klaviyo/main"),
        ),
        (
            {"ends_on": date(2026, 12, 31)},
            "window",
            ("to 2026-11-30: register P1", "to 2026-12-31: klaviyo/main"),
        ),
        (
            {"code": "AUTUMN-1O"},
            "spelling",
            ("AUTUMN-10: shopify/web, register", "AUTUMN-1O: klaviyo/main"),
        ),
    ],
)
def test_who_says_otherwise_is_named(
    other: dict[str, Any], kind: str, says: tuple[str, ...]
) -> None:
    found = _judged(SHOPIFY, replace(KLAVIYO, **other), **_born())

    assert [(each.kind, each.says) for each in found.conflicts] == [(kind, says)]
    assert found.advice == "merge"


def test_case_alone_makes_no_other_spelling() -> None:
    assert not _judged(SHOPIFY, replace(KLAVIYO, code="autumn-10")).conflicts


def test_one_code_for_two_promotions_of_a_system_is_a_conflict() -> None:
    found = _judged(
        replace(SHOPIFY, ref="1", name="Autumn"), replace(SHOPIFY, ref="2", name="Spring")
    )

    assert [each.kind for each in found.conflicts] == ["promotions"]


@pytest.mark.parametrize("running", ["paused", "retired", "expired"])
def test_what_is_over_here_and_taken_there_is_to_be_retired_there(running: Running) -> None:
    found = _judged(SHOPIFY, **_born(running))

    assert found.advice == "retire"
    assert found.conflicts[0].says == ("active: shopify/web", f"{running}: register P1")


@pytest.mark.parametrize(
    "past", [{"status": "paused"}, {"status": "ended"}, {"ends_on": date(2026, 11, 20)}]
)
def test_what_a_system_no_longer_takes_contradicts_nobody(past: dict[str, Any]) -> None:
    found = _judged(SHOPIFY, replace(KLAVIYO, **past, value=Decimal(50)), **_born())

    assert (found.advice, found.conflicts) == ("fine", ())


def test_what_is_gone_from_the_shop_and_runs_here_is_to_be_watched() -> None:
    assert _judged(SHOPIFY, gone=True, **_born()).advice == "watch"


def test_a_shop_that_counts_more_uses_than_the_ledger_is_to_be_watched() -> None:
    told = _judged(replace(SHOPIFY, uses=5), **_born(), used=Used(uses=4))

    assert told.advice == "watch"
    assert _judged(replace(SHOPIFY, uses=5), **_born(), used=Used(uses=5)).advice == "fine"


def test_what_only_orders_bear_is_to_be_watched() -> None:
    known = Known(subject="AUTUMN1O", noticed=NOTICED)

    assert known.is_unregistered()
    assert judge(known, TODAY).advice == "watch"
    assert known.shown() == "autumn10"


def test_one_promotion_that_is_over_argues_no_more_beside_one_that_runs() -> None:
    over = Born(promotion=replace(TERMS, promotion_id="P0", benefit=None), running="paused")
    deeper = Benefit(kind="percent", percent=Decimal(50))
    past = replace(over, promotion=replace(over.promotion, benefit=deeper), running="retired")
    runs = Born(promotion=TERMS, running="active")

    found = _judged(SHOPIFY, registered=True, code="AUTUMN-10", born=(over, past, runs))

    assert (found.advice, found.conflicts) == ("fine", ())


def test_an_amount_without_a_currency_contradicts_nothing() -> None:
    euros = replace(SHOPIFY, kind="amount", value=Decimal(5), currency="EUR")

    assert not _judged(euros, replace(KLAVIYO, kind="amount", value=Decimal(6))).conflicts
    other = replace(KLAVIYO, kind="amount", value=Decimal(6), currency="EUR")
    assert [each.kind for each in _judged(euros, other).conflicts] == ["value"]


def test_a_code_is_taken_on_its_last_day() -> None:
    assert _judged(replace(SHOPIFY, ends_on=TODAY)).advice == "adopt"


def test_what_the_register_knows_by_now_is_not_unregistered() -> None:
    assert not Known(subject="AUTUMN1O", noticed=NOTICED, **_born()).is_unregistered()


@pytest.mark.parametrize(("days", "advice"), [(90, "watch"), (91, "fine")])
def test_what_was_used_of_late_and_is_gone_from_every_list_is_watched(
    days: int, advice: str
) -> None:
    used = Used(uses=1, last_on=TODAY - timedelta(days=days))

    assert _judged(SHOPIFY, gone=True, used=used).advice == advice


def test_uses_after_the_end_are_to_be_watched() -> None:
    ended = replace(SHOPIFY, ends_on=date(2026, 5, 31))

    assert _judged(ended).advice == "fine"
    assert _judged(ended, used=Used(uses=1, last_on=date(2026, 5, 31))).advice == "fine"
    assert _judged(ended, used=Used(uses=1, last_on=date(2026, 6, 1))).advice == "watch"


def test_uses_and_cost_are_those_that_hold() -> None:
    rows = {
        RowKey("code#A", "2026-11-02#EUR"): {
            "confirmed": 2,
            "redeemed": 1,
            "rolled_back": 4,
            "discount_minor": 300,
            "returned_minor": 50,
        },
        RowKey("code#A", "2026-11-01#USD"): {"confirmed": 1, "discount_minor": 100},
        RowKey("code#A", "2026-12-01#USD"): {"rolled_back": 1},
    }

    assert used_of(rows) == Used(
        uses=4,
        cost=(("EUR", 250), ("USD", 100)),
        first_on=date(2026, 11, 1),
        last_on=date(2026, 11, 2),
    )


def test_a_discount_is_told_from_a_code_and_back() -> None:
    subject = of_discount("square", "kew", "name:10% #1")

    assert discount_of(subject) == ("square", "kew", "name:10% #1")
    assert discount_of("AUTUMN1O") is None
