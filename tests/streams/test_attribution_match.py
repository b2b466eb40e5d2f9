"""Does credit go to who brought the customer, and the class say how sure we are?"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.streams.attribution.match import Row, horizon
from tests.streams.journeys import (
    NOON,
    Given,
    campaign,
    earned,
    judged,
    promotion,
    redemption,
    shop,
    touch,
    unmapped,
)
from vouchsafe.pure.credit import DIRECT, MODELS, UNKNOWN, InfluenceClass
from vouchsafe.pure.redemption import State
from vouchsafe.pure.register import Code
from vouchsafe.pure.touchpoint import Touchpoint

FIRST, LAST, LINEAR, TIME_DECAY, POSITION = range(len(MODELS))

MAILED = touch(9, kind="publication", campaign_id="mailing", code="MA1L")
MAILED_WITHOUT_CODE = touch(9, kind="publication", campaign_id="mailing")
AD = touch(5, "google / cpc")
POSTER_LINK = touch(
    4, "street / print", kind="click", utm_campaign="poster", touchpoint_id="poster-link"
)
CAME_BY_ITSELF = touch(1, kind="visit")
SAVE10_SEEN = touch(2, "couponhub / affiliate", kind="sighting", code="SAVE10")
SAVE10_CLICKED = touch(0.01, "couponhub / affiliate", code="SAVE10")

CLASSES: list[tuple[str, str, tuple[Touchpoint, ...], Given, InfluenceClass, list[str]]] = [
    ("the code was given", "MA1L", (MAILED, AD), Given(), "caused", ["publication-9"]),
    (
        "its campaign was given, which names no code",
        "MA1L",
        (MAILED_WITHOUT_CODE,),
        Given(campaigns=frozenset({"mailing"})),
        "caused",
        ["publication-9"],
    ),
    (
        "its link was clicked",
        "P0STER",
        (touch(3, "street / print", code="P0STER"),),
        Given(),
        "caused",
        ["click-3"],
    ),
    ("its campaign was met, not the code", "P0STER", (POSTER_LINK,), Given(), "assisted",
     ["poster-link"]),
    (
        "another code of its campaign was given",
        "P0STER",
        (touch(3, kind="publication", campaign_id="poster", code="OTHER"),),
        Given(),
        "assisted",
        ["publication-3"],
    ),
    ("a generic code, and nothing of it", "SAVE10", (AD,), Given(), "found_at_checkout",
     ["click-5"]),
    (
        "a generic code from a coupon site",
        "SAVE10",
        (SAVE10_SEEN,),
        Given(),
        "found_at_checkout",
        ["sighting-2"],
    ),
    (
        "a generic code that was given, beside an ad",
        "SAVE10",
        (touch(6, kind="publication", campaign_id="evergreen", code="SAVE10"), AD),
        Given(),
        "assisted",
        ["publication-6", "click-5"],
    ),
    (
        "a generic code that was given, and nothing else",
        "SAVE10",
        (touch(6, kind="publication", campaign_id="evergreen", code="SAVE10"),),
        Given(),
        "caused",
        ["publication-6"],
    ),
    ("a public code without contact to its campaign", "P0STER", (AD,), Given(),
     "found_at_checkout", ["click-5"]),
    ("a public code after a direct visit", "P0STER", (CAME_BY_ITSELF,), Given(),
     "found_at_checkout", ["visit-1"]),
    (
        "a code that was given to others",
        "MA1L",
        (AD,),
        Given(codes=frozenset({"MA1L"})),
        "leaked",
        [],
    ),
    (
        "a campaign that was given to others",
        "MA1L",
        (AD,),
        Given(campaigns=frozenset({"mailing"})),
        "leaked",
        [],
    ),
    (
        "a code given to others, to one who was given another of the campaign",
        "MA1L",
        (touch(3, kind="publication", campaign_id="mailing", code="OTHER"),),
        Given(codes=frozenset({"MA1L", "OTHER"})),
        "leaked",
        [],
    ),
    (
        "a code given to others, to one who came by its campaign's link",
        "P0STER",
        (POSTER_LINK,),
        Given(codes=frozenset({"P0STER"})),
        "assisted",
        ["poster-link"],
    ),
    (
        "one of its two campaigns was only for others",
        "TW1N",
        (AD,),
        Given(campaigns=frozenset({"mailing"})),
        "found_at_checkout",
        ["click-5"],
    ),
    ("a generic code is for everyone", "SAVE10", (), Given(codes=frozenset({"SAVE10"})),
     "unknown", []),
    ("a code that the register does not know", "FORGED", (AD,), Given(), "leaked", []),
    ("a public code and nothing seen", "P0STER", (), Given(), "unknown", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "touches", "given", "expected", "evidence"),
    [case[1:] for case in CLASSES],
    ids=[case[0] for case in CLASSES],
)
def test_the_class_follows_from_the_evidence(
    code: str,
    touches: tuple[Touchpoint, ...],
    given: Given,
    expected: InfluenceClass,
    evidence: list[str],
) -> None:
    [credit] = judged(redemption(code), *touches, given=given)

    assert (credit.influence_class, list(credit.evidence)) == (expected, evidence)


def test_nobody_known_is_unknown_even_for_a_targeted_code() -> None:
    [credit] = judged(redemption(customer=()), given=Given(codes=frozenset({"MA1L"})))

    assert credit.influence_class == "unknown"
    assert credit.campaigns == ("mailing",)


def test_evidence_lies_before_the_order_and_not_before_the_campaign() -> None:
    shelf = shop()
    shelf.campaigns["mailing"] = campaign(
        "mailing", "newsletter", "email", starts_on=date(2026, 9, 1), look_back_days=7
    )
    shelf.promotions["by-mail"] = promotion("by-mail", "mailing", starts_on=date(2026, 9, 1))
    given = Given(codes=frozenset({"MA1L"}))

    def judge(days: float) -> str | None:
        sent = touch(days, kind="publication", campaign_id="mailing", code="MA1L")
        return judged(redemption(), sent, shelf=shelf, given=given)[0].influence_class

    assert [judge(each) for each in (-0.1, 0, 0.1, 60, 95)] == [
        "leaked", "leaked", "caused", "caused", "leaked",
    ]  # fmt: skip


def test_a_send_before_the_look_back_is_evidence_and_the_code_stands_for_it() -> None:
    shelf = shop()
    shelf.campaigns["mailing"] = campaign("mailing", "newsletter", "email", look_back_days=7)

    [credit] = judged(redemption(), MAILED, AD, shelf=shelf)

    assert credit.influence_class == "caused"
    assert earned(credit, LAST).minor == {"newsletter / email": 1000}
    assert earned(credit, FIRST).minor == {"google / cpc": 1000}


def test_the_horizon_reaches_back_to_what_can_matter() -> None:
    shelf = shop()

    assert horizon([redemption(customer=()), unmapped()], shelf) is None
    assert horizon([redemption()], shelf) == NOON.replace(day=1, hour=0) - timedelta(days=30)
    assert horizon([redemption("FORGED")], shelf) == NOON - timedelta(days=30)


def test_a_code_stands_for_its_campaign_where_no_contact_was_seen() -> None:
    [credit] = judged(redemption("P0STER"), AD)

    assert earned(credit, LAST).minor == {"street / print": 1000}
    assert earned(credit, LINEAR).minor == {"street / print": 500, "google / cpc": 500}
    assert [share.own for share in credit.shares] == [False, True]


def test_a_code_stands_for_the_send_it_was_issued_in_and_adds_no_contact() -> None:
    [credit] = judged(redemption(), MAILED, AD)

    assert earned(credit, LAST).minor == {"google / cpc": 1000}
    assert earned(credit, FIRST).minor == {"newsletter / email": 1000}
    assert earned(credit, POSITION).millionths == {
        "newsletter / email": 500_000,
        "google / cpc": 500_000,
    }


def test_a_generic_code_takes_nothing_from_the_paid_source() -> None:
    [credit] = judged(redemption("SAVE10"), AD, SAVE10_SEEN, SAVE10_CLICKED)

    assert credit.low_value
    for model in range(len(MODELS)):
        assert earned(credit, model).minor == {"google / cpc": 1000}


def test_a_generic_code_alone_keeps_the_order_with_its_origin_unknown() -> None:
    [credit] = judged(redemption("SAVE10"), SAVE10_SEEN)

    assert earned(credit, FIRST).minor == {UNKNOWN: 1000}
    assert credit.campaigns == ("evergreen",)


def test_a_direct_visit_counts_only_where_nothing_else_is_left() -> None:
    [beside] = judged(redemption("SAVE10"), AD, CAME_BY_ITSELF)
    [alone] = judged(redemption("SAVE10"), CAME_BY_ITSELF, SAVE10_CLICKED)

    assert earned(beside, LAST).minor == {"google / cpc": 1000}
    assert earned(alone, LAST).minor == {DIRECT: 1000}


def test_a_leaked_code_funds_no_campaign() -> None:
    [credit] = judged(redemption(), AD, given=Given(codes=frozenset({"MA1L"})))

    assert (credit.campaigns, credit.leaked_from) == ((), ("mailing",))
    assert earned(credit, LINEAR).minor == {"google / cpc": 1000}


def test_a_code_of_a_campaign_that_is_over_stands_for_nothing() -> None:
    late = redemption("P0STER", business_day=date(2026, 12, 1))

    [credit] = judged(late, AD)

    assert credit.campaigns == ()
    assert earned(credit, LAST).minor == {"google / cpc": 1000}


def test_two_campaigns_that_both_gave_the_code_share_one_redemption() -> None:
    both = (MAILED_WITHOUT_CODE, touch(3, kind="publication", campaign_id="poster"))

    [twice] = judged(redemption("TW1N"), *both)
    [once] = judged(redemption("TW1N"), both[0])
    [never] = judged(redemption("TW1N"), AD)

    assert twice.campaigns == ("mailing", "poster")
    assert once.campaigns == ("mailing",)
    assert never.campaigns == ("mailing", "poster")
    assert earned(never, LAST).minor == {"newsletter / email": 500, "street / print": 500}


def test_a_meeting_does_not_credit_a_campaign_beside_one_that_gave_the_code() -> None:
    [credit] = judged(redemption("TW1N"), MAILED_WITHOUT_CODE, POSTER_LINK)

    assert credit.campaigns == ("mailing",)


@pytest.mark.parametrize("state", ["redeemed", "rolled_back"])
def test_what_does_not_count_earns_nothing(state: State) -> None:
    [credit] = judged(redemption(state=state, revenue_minor=0), MAILED)

    assert credit.shares == ()
    assert credit.campaigns == ("mailing",)


def test_a_return_takes_back_with_the_weights_of_the_order() -> None:
    [before] = judged(redemption(), MAILED, AD)
    [after] = judged(
        redemption(state="partially_returned", revenue_minor=500, returned_minor=100), MAILED, AD
    )

    for model in range(len(MODELS)):
        assert earned(after, model).millionths == earned(before, model).millionths
        whole, half = earned(before, model).minor, earned(after, model).minor
        assert {each: 2 * part for each, part in half.items()} == pytest.approx(whole, abs=1)


def test_one_redemption_carries_the_order_for_each_campaign() -> None:
    rows: list[Row] = [
        redemption("MA1L", state="rolled_back", revenue_minor=0),
        redemption("P0STER", revenue_minor=300),
        redemption("TW1N", revenue_minor=700),
        unmapped(),
    ]

    found = {each.item_id: each for each in judged(rows)}

    poster, twin = found["redemption#P0STER#000"], found["redemption#TW1N#000"]
    assert [each.leads for each in found.values()] == [False, True, False, False]
    assert (poster.leads_for, twin.leads_for) == (("poster",), ("mailing",))
    assert {each.order_kept_minor for each in (poster, twin)} == {1000}


CHANNELS = st.sampled_from(["google / cpc", "newsletter / email", "street / print", ""])
DAYS = st.integers(1, 29 * 24).map(lambda hours: hours / 24)


@st.composite
def journeys(draw: st.DrawFn, least: int = 0) -> list[Touchpoint]:
    """Ann's contacts of the last month, none of which carries a code."""
    found = draw(st.lists(st.tuples(DAYS, CHANNELS), min_size=least, max_size=8))
    return [
        touch(days, channel, kind="click" if channel else "visit", touchpoint_id=f"touch-{at}")
        for at, (days, channel) in enumerate(found)
    ]


@given(journeys(least=1), st.lists(DAYS, max_size=5), st.integers(0, 10**6))
def test_low_value_touches_anywhere_change_no_other_channel(
    journey: list[Touchpoint], added: list[float], revenue: int
) -> None:
    row = redemption("SAVE10", revenue_minor=revenue)
    noise = [
        touch(days, "couponhub / affiliate", code="SAVE10", touchpoint_id=f"noise-{at}")
        for at, days in enumerate([0.001, 29.9, *added])
    ]

    [without] = judged(row, *journey)
    [beside] = judged(row, *journey, *noise)

    assert without.shares == beside.shares


@given(journeys(), st.integers(0, 10**6), st.integers(-5 * 24, 5 * 24))
def test_shifting_all_times_changes_nothing(
    journey: list[Touchpoint], revenue: int, hours: int
) -> None:
    by = timedelta(hours=hours)
    row = redemption(revenue_minor=revenue)
    later = redemption(revenue_minor=revenue, redeemed_at=NOON + by)

    [here] = judged(row, *journey)
    [there] = judged(later, *(_moved(each, by) for each in journey))

    assert here.shares == there.shares


def _moved(each: Touchpoint, by: timedelta) -> Touchpoint:
    return touch(
        0,
        f"{each.utm_source} / {each.utm_medium}" if each.utm_source else "",
        kind=each.kind,
        touchpoint_id=each.touchpoint_id,
        seen_at=each.seen_at + by,
    )


def test_a_long_journey_keeps_its_first_contact_and_its_newest() -> None:
    touches = [touch(29 - at / 10, f"source-{at:03d} / cpc") for at in range(100)]

    [credit] = judged(redemption("SAVE10"), *touches)

    assert len(credit.shares) == 36
    assert earned(credit, FIRST).minor == {"source-000 / cpc": 1000}
    assert earned(credit, LAST).minor == {"source-099 / cpc": 1000}


def test_a_code_without_a_promotion_earns_its_campaigns_nothing() -> None:
    shelf = shop()
    shelf.codes["0LD"] = Code(canonical="0LD", raw="0LD", promotions=())

    [credit] = judged(redemption("0LD", shelf), shelf=shelf)

    assert (credit.influence_class, credit.campaigns) == ("unknown", ())
