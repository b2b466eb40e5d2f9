"""What does a redemption break of its terms, and what is within them?"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.streams.alarms.judge import breaches, limits
from functions.streams.alarms.trace import Lead, lead_of, leads_to
from tests.streams.vigil import DAY, NOON, campaign, promotion, redemption, shelf
from vouchsafe.pure.register import Code
from vouchsafe.pure.touchpoint import Touchpoint

PLACE = "shopify/corner-shop/high-street"


def broken(said: dict[str, Any], **terms: Any) -> list[tuple[str, str | None, int]]:
    """(rule, term, money at risk) of a redemption under a promotion with these terms."""
    found = breaches(redemption(**said), shelf(promotion(**terms)))
    return [(each.cause.rule, each.cause.term, each.evidence.at_risk_minor) for each in found]


def test_a_redemption_within_its_terms_breaks_none() -> None:
    assert broken({}) == []


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "rule"),
    [
        (date(2025, 11, 20), date(2025, 11, 20), None),
        (date(2025, 11, 1), date(2025, 11, 20), None),
        (date(2025, 11, 1), date(2025, 11, 19), "expired"),
        (date(2025, 11, 20), date(2025, 11, 30), None),
        (date(2025, 11, 21), date(2025, 11, 30), "not_yet_active"),
    ],
)
def test_both_days_of_the_window_are_included(
    starts_on: date, ends_on: date, rule: str | None
) -> None:
    found = broken({}, starts_on=starts_on, ends_on=ends_on)

    assert found == ([(rule, None, 200)] if rule else [])


def test_the_day_is_the_business_day_not_the_calendar_day() -> None:
    after_midnight = {"redeemed_at": NOON.replace(day=21, hour=3), "business_day": DAY}

    assert broken(after_midnight, ends_on=DAY) == []


@pytest.mark.parametrize(
    ("off_since", "is_off"),
    [(None, False), (NOON + timedelta(milliseconds=1), False), (NOON, True)],
)
def test_what_was_switched_off_before_is_disabled(off_since: datetime | None, is_off: bool) -> None:
    found = broken({"redeemed_at": NOON}, status="paused", off_since=off_since)

    assert found == ([("code_disabled", None, 200)] if is_off else [])


def test_a_code_whose_other_promotion_runs_is_not_disabled() -> None:
    register = shelf(promotion(status="retired", off_since=NOON), promotion("other"))
    register.codes["MA1L"] = Code(canonical="MA1L", raw="Mail", promotions=("by-mail", "other"))

    assert breaches(redemption(redeemed_at=NOON), register) == ()


def test_a_code_that_nobody_registered_is_unknown() -> None:
    (breach,) = breaches(redemption(code="GH0ST", code_known=False), shelf())

    assert breach.cause.alarm_id() == "code_not_found:GH0ST:2025-11-20"
    assert "'GH0ST'" in breach.evidence.seen


def test_the_code_is_shown_as_the_register_writes_it_else_as_typed() -> None:
    register = shelf(promotion(ends_on=date(2025, 11, 2)))
    register.codes["MA1L"] = Code(canonical="MA1L", raw="Mail", promotions=("by-mail",))

    (known,) = breaches(redemption(code_raw=" ma-il"), register)
    (unknown,) = breaches(redemption(code="GH0ST", code_raw="gh-ost", code_known=False), shelf())

    assert (known.evidence.code_raw, unknown.evidence.code_raw) == ("Mail", "gh-ost")


def test_a_code_that_the_register_learnt_meanwhile_is_known() -> None:
    assert breaches(redemption(code_known=False), shelf()) == ()


def test_a_code_that_projection_knew_is_not_unknown_for_a_register_that_lags() -> None:
    assert breaches(redemption(code="NEW", code_known=True), shelf()) == ()


@pytest.mark.parametrize(
    ("places", "expected"),
    [(frozenset(), 0), (frozenset({PLACE}), 0), (frozenset({"square/kew/1"}), 1)],
)
def test_a_place_that_the_terms_do_not_name_is_wrong(places: frozenset[str], expected: int) -> None:
    found = broken({}, places=places)

    assert found == [("terms_not_met", "places", 200)] * expected


@pytest.mark.parametrize(
    ("voucher_class", "breaks"),
    [
        ("discount", False),
        ("single_purpose", False),
        ("multi_purpose", True),
        ("stored_value", True),
    ],
)
def test_a_means_of_payment_that_was_taken_off_has_cut_the_base_of_the_tax(
    voucher_class: str, breaks: bool
) -> None:
    found = broken({}, voucher_class=voucher_class)

    assert found == ([("terms_not_met", "voucher_class", 200)] if breaks else [])


def test_an_order_without_a_place_was_not_at_the_place() -> None:
    found = broken({"location_id": None}, places=frozenset({PLACE}))

    assert found == [("terms_not_met", "places", 200)]


@pytest.mark.parametrize(
    ("stacking", "others", "order_discount", "expected"),
    [
        ("combinable", ("SECOND",), 500, False),
        ("exclusive", (), 200, False),
        ("exclusive", ("SECOND",), 500, True),
        ("best_only", ("SECOND",), 500, True),
        ("exclusive", ("SECOND",), 200, False),
    ],
    ids=["combinable", "alone", "stacked", "best only", "the other took nothing off"],
)
def test_forbidden_stacking(
    stacking: str, others: tuple[str, ...], order_discount: int, expected: bool
) -> None:
    said = {"other_codes": others, "order_discount_minor": order_discount}

    assert broken(said, stacking=stacking) == [("not_combinable", None, 200)] * expected


@pytest.mark.parametrize(("gross", "expected"), [(999, True), (1000, False), (1001, False)])
def test_the_minimum_spend(gross: int, expected: bool) -> None:
    found = broken({"order_gross_minor": gross}, minimum_spend_minor=1000)

    assert found == [("terms_not_met", "minimum_spend", 200)] * expected


@pytest.mark.parametrize(("most", "at_risk"), [(199, 1), (200, None), (201, None)])
def test_a_discount_deeper_than_the_most(most: int, at_risk: int | None) -> None:
    found = broken({}, max_discount_minor=most)

    assert found == ([("terms_not_met", "max_discount", at_risk)] if at_risk else [])


@pytest.mark.parametrize(
    ("gross", "percent", "at_risk"),
    [(1000, 20, None), (999, 20, None), (995, 20, 1), (1200, 15, 20), (1200, 16.7, None)],
)
def test_a_discount_deeper_than_the_percentage(
    gross: int, percent: float, at_risk: int | None
) -> None:
    found = broken({"order_gross_minor": gross}, max_percent=percent)

    assert found == ([("terms_not_met", "max_percent", at_risk)] if at_risk else [])


def test_amounts_in_another_currency_are_not_compared() -> None:
    assert broken({}, max_discount_minor=1, minimum_spend_minor=10_000, currency="JPY") == []
    assert len(broken({}, max_discount_minor=1, minimum_spend_minor=10_000, currency="EUR")) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"state": "rolled_back", "returned_minor": 200},
        {"no_effect": True, "discount_minor": 0},
        {"state": "lapsed"},
    ],
    ids=["taken back", "took nothing off", "lapsed"],
)
def test_what_holds_no_use_breaks_nothing(said: dict[str, Any]) -> None:
    assert broken(said, ends_on=date(2025, 11, 2)) == []


def test_what_came_back_is_not_at_risk() -> None:
    said = {"state": "partially_returned", "returned_minor": 50}

    assert broken(said, ends_on=date(2025, 11, 2)) == [("expired", None, 150)]


def test_a_code_of_two_promotions_breaks_terms_only_if_it_breaks_both() -> None:
    strict = promotion("strict", minimum_spend_minor=10_000)
    lenient = promotion("lenient")
    stricter = promotion("stricter", minimum_spend_minor=20_000)

    assert breaches(redemption(), shelf(strict, lenient)) == ()
    assert len(breaches(redemption(), shelf(strict, stricter))) == 1


def test_a_use_counts_under_the_newest_promotion_that_runs() -> None:
    old = promotion("old", code_limit=3, ends_on=date(2025, 11, 25))
    new = promotion("new", code_limit=5, starts_on=date(2025, 11, 15))
    register = shelf(old, new)

    (now,) = limits(redemption(), register)
    (early,) = limits(redemption(business_day=date(2025, 11, 14)), register)

    assert (now.scope, now.most) == ("new#code#MA1L", 5)
    assert (early.scope, early.most) == ("old#code#MA1L", 3)


def test_each_identity_has_a_count_and_a_stranger_has_none() -> None:
    register = shelf(promotion(customer_limit=1))

    known = limits(redemption(customer=("email:a#b", "card:1")), register)

    assert [each.scope for each in known] == [
        "by-mail#customer#email:a%23b",
        "by-mail#customer#card:1",
    ]
    assert limits(redemption(customer=()), register) == ()


def touch(**said: object) -> Touchpoint:
    default: dict[str, object] = {
        "touchpoint_id": "t",
        "customer": "email:ann",
        "seen_at": NOON,
        "kind": "publication",
    }
    return Touchpoint(**(default | said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "leads"),
    [
        ({"code": "MA1L"}, True),
        ({"code": "0THER", "campaign_id": "mailing"}, False),
        ({"campaign_id": "mailing"}, True),
        ({"campaign_id": "poster"}, False),
        ({"kind": "sighting", "code": "MA1L"}, False),
        (
            {
                "kind": "click",
                "utm_source": "newsletter",
                "utm_medium": "email",
                "utm_campaign": "mailing",
            },
            True,
        ),
        ({"kind": "click", "utm_source": "newsletter", "utm_medium": "email"}, False),
        ({"kind": "visit"}, False),
    ],
)
def test_a_touchpoint_leads_to_a_code_or_its_campaign(said: dict[str, object], leads: bool) -> None:
    lead = Lead(code="MA1L", campaigns=(campaign(),), public=False)

    assert leads_to(lead, [touch(**said)]) is leads


def test_only_what_runs_on_the_day_leads_anywhere() -> None:
    register = shelf(promotion(ends_on=date(2025, 11, 19)))
    over = shelf()
    over.campaigns["mailing"] = campaign(ends_on=date(2025, 11, 19))
    unknown = shelf()
    unknown.codes["L0ST"] = Code(canonical="L0ST", raw="L0ST", promotions=("nowhere",))

    assert lead_of(redemption(), register).campaigns == ()
    assert lead_of(redemption(), over).campaigns == ()
    assert lead_of(redemption(code="L0ST"), unknown).campaigns == ()


def test_a_code_is_public_if_all_its_running_promotions_are_generic() -> None:
    generic, own = promotion("generic", generic=True), promotion("own")

    assert lead_of(redemption(), shelf(generic)).public
    assert not lead_of(redemption(), shelf(generic, own)).public
