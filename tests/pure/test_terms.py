"""Is each term held as it is written, and each refusal named with reason, term and numbers?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.pure.carts import (
    CAKE,
    MUG,
    NOBODY,
    NOON,
    PLACE,
    TEA,
    Customer,
    cart,
    code_of,
    percent,
    promotion,
    shelf,
)
from vouchsafe.pure.cart import Cart
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.offer import PRECEDENCE, Offer, Reason, Refusal, public
from vouchsafe.pure.register import Audience, Hours, Promotion
from vouchsafe.pure.terms import TERMS, offer_of

ALWAYS = {"VIP": date.max, "GONE": date.max}
LUNCH = (Hours(opens=time(12), closes=time(15)),)
NIGHT = (Hours(opens=time(22), closes=time(2)),)


def answer(
    *promotions: Promotion, to: Cart | None = None, known: Customer = NOBODY
) -> Offer | Refusal:
    """The answer to the code of those promotions."""
    code = code_of("Tea-Time", *(each.promotion_id for each in promotions))
    return offer_of(code, "tea time", to or cart(), shelf(promotions, [code]), known)


def refused(
    *promotions: Promotion, to: Cart | None = None, known: Customer = NOBODY
) -> tuple[str, str, str]:
    """Reason, term and detail; empty where there is an offer."""
    found = answer(*promotions, to=to, known=known)
    if isinstance(found, Offer):
        return "", "", ""
    assert found.code == "TEAT1ME"
    assert found.detail
    return found.reason, found.term, found.detail


def at(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> Cart:
    """An order at that instant, in UTC."""
    return cart(placed_at=datetime(2026, month, day, hour, minute, second, tzinfo=UTC))


def test_a_code_that_nobody_knows_is_not_found() -> None:
    found = offer_of(None, " tea-time ", cart(), shelf([], []), NOBODY)

    assert found == Refusal(
        code="TEAT1ME", reason="code_not_found", detail="The register does not know it."
    )


def test_a_code_without_a_promotion_is_not_found() -> None:
    code = code_of("Tea-Time", "GONE")

    found = offer_of(code, code.raw, cart(), shelf([], [code]), NOBODY)

    assert isinstance(found, Refusal)
    assert found.reason == "code_not_found"


@pytest.mark.parametrize("status", ["paused", "retired"])
def test_what_is_paused_or_retired_is_disabled(status: str) -> None:
    assert refused(promotion(status=status)) == (
        "code_disabled",
        "",
        f"Its promotion is {status}.",
    )


@pytest.mark.parametrize(
    ("instant", "reason"),
    [
        ((11, 1, 3, 59), "not_yet_active"),
        ((11, 1, 4, 0), ""),
        ((12, 1, 3, 59), ""),
        ((12, 1, 4, 0), "expired"),
    ],
)
def test_lesson_27_the_window_ends_with_the_business_day_of_the_place(
    instant: tuple[int, int, int, int], reason: str
) -> None:
    """The tea room's day begins at 05:00 in Madrid, 04:00 in UTC: its 30th ends on the 1st."""
    assert refused(promotion(), to=at(*instant))[0] == reason


def test_a_window_is_told_with_its_days() -> None:
    assert refused(promotion(), to=at(12, 3, 12))[2] == (
        "Its last day was 2026-11-30; this is 2026-12-03."
    )
    assert refused(promotion(), to=at(10, 3, 12))[2] == (
        "Its first day is 2026-11-01; this is 2026-10-03."
    )


def test_without_a_place_the_accounts_day_holds() -> None:
    midnight = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)

    assert refused(promotion(), to=cart(placed_at=midnight)) == ("", "", "")
    assert refused(promotion(), to=cart(placed_at=midnight, location_id=None))[0] == "expired"


def test_a_promotion_is_for_its_places() -> None:
    here = promotion(places=frozenset({PLACE}))
    there = promotion(places=frozenset({"direct/tea/SEVILLA", "direct/tea/CADIZ"}))

    assert refused(here) == ("", "", "")
    assert refused(there) == (
        "terms_not_met",
        "places",
        f"It is for 2 places; {PLACE} is none of them.",
    )
    assert refused(here, to=cart(location_id=None))[1] == "places"


def test_lesson_34_money_of_another_currency_meets_no_term() -> None:
    assert refused(promotion(), to=cart(currency="USD")) == (
        "terms_not_met",
        "currency",
        "Its terms are in EUR, the order is in USD.",
    )
    assert refused(promotion(currency=None), to=cart(currency="JPY")) == ("", "", "")


@pytest.mark.parametrize(
    ("instant", "term"),
    [((11, 20, 12), ""), ((11, 21, 3, 59), ""), ((11, 21, 4, 0), "weekdays"), ((11, 19, 12), "w")],
)
def test_a_bars_friday_ends_on_saturday_morning(instant: tuple[int, ...], term: str) -> None:
    found = refused(promotion(weekdays=frozenset({"fri"})), to=at(*instant))

    assert found[1].startswith(term)
    assert bool(found[1]) == bool(term)


def test_a_weekday_is_told_with_those_allowed() -> None:
    found = refused(promotion(weekdays=frozenset({"tue", "mon"})))

    assert found == ("terms_not_met", "weekdays", "It is for mon, tue; 2026-11-20 is fri.")


@pytest.mark.parametrize(
    ("hours", "instant", "met"),
    [
        (LUNCH, (11, 20, 10, 59, 59), False),
        (LUNCH, (11, 20, 11, 0, 0), True),
        (LUNCH, (11, 20, 14, 0, 59), True),
        (LUNCH, (11, 20, 14, 1, 0), False),
        (NIGHT, (11, 20, 20, 59, 59), False),
        (NIGHT, (11, 20, 21, 0, 0), True),
        (NIGHT, (11, 20, 23, 30, 0), True),
        (NIGHT, (11, 20, 1, 0, 59), True),
        (NIGHT, (11, 20, 1, 1, 0), False),
        (LUNCH + NIGHT, (11, 20, 11, 0, 0), True),
        (LUNCH + NIGHT, (11, 20, 22, 0, 0), True),
        (LUNCH + NIGHT, (11, 20, 16, 0, 0), False),
    ],
)
def test_hours_are_the_places_wall_clock_both_minutes_included(
    hours: tuple[Hours, ...], instant: tuple[int, ...], met: bool
) -> None:
    """Madrid's winter is one hour ahead of UTC."""
    assert refused(promotion(hours=hours), to=at(*instant))[1] == ("" if met else "hours")


def test_hours_follow_summer_time() -> None:
    summer = promotion(hours=LUNCH, starts_on=date(2026, 6, 1))

    assert refused(summer, to=at(6, 5, 10, 0)) == ("", "", "")
    assert refused(summer, to=at(6, 5, 13, 1)) == (
        "terms_not_met",
        "hours",
        "It is for 12:00-15:00; it is 15:01 there.",
    )


@pytest.mark.parametrize(("minimum", "met"), [(3999, True), (4000, True), (4001, False)])
def test_the_minimum_is_of_the_orders_gross(minimum: int, met: bool) -> None:
    found = refused(promotion(minimum_spend_minor=minimum))

    assert found[1] == ("" if met else "minimum_spend")


def test_a_minimum_is_told_with_what_is_missing() -> None:
    assert refused(promotion(minimum_spend_minor=5050))[2] == (
        "The order is 40.00 EUR, at least 50.50 EUR is asked for: 10.50 EUR are missing."
    )


@pytest.mark.parametrize(("above", "met"), [(3999, False), (4000, True), (4001, True)])
def test_lesson_33_refuse_above_refuses(above: int, met: bool) -> None:
    found = refused(promotion(refuse_above_minor=above))

    assert found == (
        ("", "", "")
        if met
        else ("terms_not_met", "refuse_above", "The order is 40.00 EUR, above 39.99 EUR.")
    )


@pytest.mark.parametrize(
    ("audience", "known", "reason"),
    [
        (Audience(kind="anyone"), Customer(orders=3), ""),
        (Audience(kind="new"), Customer(), ""),
        (Audience(kind="new"), Customer(orders=1), "terms_not_met"),
        (Audience(kind="returning"), Customer(orders=1), ""),
        (Audience(kind="returning"), Customer(), "terms_not_met"),
        (Audience(kind="holder"), Customer(held=frozenset({"TEAT1ME"})), ""),
        (Audience(kind="holder"), Customer(), "not_holder"),
        (Audience(kind="segment", segment_id="VIP"), Customer(listed=ALWAYS), ""),
        (Audience(kind="segment", segment_id="VIP"), Customer(), "terms_not_met"),
        (Audience(kind="segment", segment_id="GONE"), Customer(listed=ALWAYS), "terms_not_met"),
    ],
)
def test_an_audience_is_asked_for(audience: Audience, known: Customer, reason: str) -> None:
    found = refused(promotion(audience=audience), known=known)

    assert found[:2] == (reason, "audience" if reason else "")


def test_orders_before_are_told() -> None:
    new, returning = (promotion(audience=Audience(kind=kind)) for kind in ("new", "returning"))  # type: ignore[arg-type]

    assert refused(new, known=Customer(orders=2))[2] == (
        "It is for customers without an order before; this one has some."
    )
    assert refused(returning)[2] == "It is for customers with an order before; this one has none."


@pytest.mark.parametrize(
    ("last", "met"),
    [
        (NOON - timedelta(days=89), False),
        (NOON - timedelta(days=90), True),
        (datetime(2026, 8, 23, 2, 59, tzinfo=UTC), True),
        (datetime(2026, 8, 23, 3, 1, tzinfo=UTC), False),
        (NOON + timedelta(days=200), False),
        (None, False),
    ],
    ids=["a day short", "to the day", "end of the night before", "that morning", "later", "never"],
)
def test_silence_is_counted_in_business_days(last: datetime | None, met: bool) -> None:
    found = refused(promotion(audience=Audience(kind="silent", days=90)), known=Customer(last=last))

    assert found[1] == ("" if met else "audience")


def test_silence_is_told_with_its_days() -> None:
    known = Customer(last=NOON - timedelta(days=12))

    assert refused(promotion(audience=Audience(kind="silent", days=90)), known=known)[2] == (
        "It is for customers who were silent for 90 days; the last order was 12 days ago, on "
        "2026-11-08."
    )


def test_nobody_at_a_till_learns_which_segment_it_is() -> None:
    found = refused(promotion(audience=Audience(kind="segment", segment_id="VIP")))

    assert found[2] == "It is for a group of customers; this one is not in it."


@pytest.mark.parametrize("kind", ["new", "returning", "silent", "holder", "segment"])
def test_lesson_23_an_unknown_customer_is_an_answer_and_no_exception(kind: Any) -> None:
    """Nobody is asked about, so that nothing can throw."""
    known = Customer()

    found = refused(
        promotion(audience=Audience(kind=kind, days=1)), to=cart(customer=()), known=known
    )

    assert found[:2] == ("identity_required", "audience")
    assert known.asked == []


def test_lesson_22_every_identity_key_is_asked_about() -> None:
    known = Customer()

    refused(
        promotion(audience=Audience(kind="new")),
        to=cart(customer=("email:1", "card:2")),
        known=known,
    )

    assert known.asked == [("email:1", "card:2")]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ({}, {"1", "2", "3"}),
        ({"include_skus": frozenset({"tea"})}, {"1"}),
        ({"include_categories": frozenset({"cakes ", "hot  DRINKS"})}, {"1", "2"}),
        ({"include_skus": {"MUG"}, "include_categories": {"Cakes"}}, {"2", "3"}),
        ({"exclude_skus": frozenset({"Tea"})}, {"2", "3"}),
        ({"exclude_categories": frozenset({"Cakes"})}, {"1", "3"}),
        ({"include_categories": {"Cakes", "Ware"}, "exclude_skus": {"MUG"}}, {"2"}),
        ({"low_stock_below": 5}, {"1", "3"}),
    ],
)
def test_only_the_lines_that_it_is_for_are_cheaper(said: dict[str, Any], lines: set[str]) -> None:
    stock = (("cake", 4), ("TEA", 5))

    found = answer(promotion(**said), to=cart(stock=stock))

    assert isinstance(found, Offer)
    assert {line_id for line_id, _ in found.allocation} == lines


def test_without_a_line_that_it_is_for_the_items_are_told() -> None:
    assert refused(promotion(include_skus=frozenset({"POT"}))) == (
        "terms_not_met",
        "items",
        "None of the 3 lines is what it is for.",
    )


def test_of_what_is_low_in_stock_the_stock_is_told() -> None:
    low = promotion(include_skus=frozenset({"CAKE"}), low_stock_below=5)

    assert refused(low, to=cart(stock=(("CAKE", 4),))) == (
        "terms_not_met",
        "low_stock",
        "Of all that it is for, fewer than 5 are left.",
    )
    assert refused(low, to=cart(stock=(("CAKE", 5),))) == ("", "", "")
    assert refused(low, to=cart(stock=())) == ("", "", "")


def test_a_line_of_no_sku_is_in_no_list() -> None:
    bare = replace(TEA, sku=None, category=None)

    assert refused(promotion(include_skus=frozenset({"TEA"})), to=cart(bare))[1] == "items"
    assert refused(promotion(exclude_skus=frozenset({"TEA"})), to=cart(bare)) == ("", "", "")


def test_lesson_8_what_takes_nothing_off_is_no_use() -> None:
    for_nothing = cart(replace(TEA, gross_minor=0))

    assert refused(promotion(), to=for_nothing) == (
        "no_effect",
        "",
        "It would take nothing off this order.",
    )
    assert refused(promotion(), to=cart(replace(MUG, gross_minor=4)))[0] == "no_effect"
    assert refused(promotion(), to=cart(lines=()))[0] == "no_effect"


def test_what_says_no_benefit_gives_none() -> None:
    assert refused(promotion(benefit=None)) == (
        "no_effect",
        "",
        "Its promotion does not say what it gives.",
    )


@pytest.mark.parametrize(
    ("voucher_class", "sold", "pays"),
    [
        ("discount", True, False),
        ("single_purpose", False, False),
        ("single_purpose", True, True),
        ("multi_purpose", False, True),
        ("stored_value", False, True),
    ],
)
def test_what_pays_takes_nothing_off(voucher_class: Any, sold: bool, pays: bool) -> None:
    known = Customer(sold=frozenset({"TEAT1ME"} if sold else ()))
    said = "It takes nothing off: it pays, at /values/{code}."

    found = refused(promotion(voucher_class=voucher_class), known=known)

    assert found == (("no_effect", "", said) if pays else ("", "", ""))


# One cause for each answer, the first to be told first.
CAUSES: tuple[tuple[dict[str, Any], Reason, str], ...] = (
    ({"status": "paused"}, "code_disabled", ""),
    ({"ends_on": date(2026, 11, 2)}, "expired", ""),
    ({"audience": Audience(kind="holder")}, "not_holder", "audience"),
    ({"places": frozenset({"a/b/c"})}, "terms_not_met", "places"),
    ({"currency": "USD"}, "terms_not_met", "currency"),
    ({"weekdays": frozenset({"mon"})}, "terms_not_met", "weekdays"),
    ({"hours": NIGHT}, "terms_not_met", "hours"),
    ({"minimum_spend_minor": 9000}, "terms_not_met", "minimum_spend"),
    ({"refuse_above_minor": 100}, "terms_not_met", "refuse_above"),
    ({"include_skus": frozenset({"POT"})}, "terms_not_met", "items"),
    ({"benefit": None}, "no_effect", ""),
)


@pytest.mark.parametrize("first", range(len(CAUSES)))
def test_of_several_reasons_the_first_is_told(first: int) -> None:
    said: dict[str, Any] = {}
    for cause, _, _ in CAUSES[first:]:
        said |= cause

    assert refused(promotion(**said))[:2] == CAUSES[first][1:]


def test_reasons_and_terms_are_told_in_the_order_in_which_they_rank() -> None:
    reasons = [PRECEDENCE.index(reason) for _, reason, _ in CAUSES]
    terms = [TERMS.index(term) for _, _, term in CAUSES if term]

    assert reasons == sorted(reasons)
    assert terms == sorted(terms)


def test_of_several_promotions_the_one_that_gives_most_is_taken() -> None:
    capped = promotion("B", benefit=percent(50), cap_discount_at_minor=900)

    found = answer(promotion("A"), capped, promotion("C", benefit=percent(30)))

    assert isinstance(found, Offer)
    assert (found.promotion_id, found.discount_minor, found.terms_revision) == ("C", 1200, 7)


def test_of_equal_promotions_the_first_of_the_code_is_taken() -> None:
    for one, other in permutations([promotion("A"), promotion("B")]):
        found = answer(one, other)

        assert isinstance(found, Offer)
        assert found.promotion_id == one.promotion_id


def test_where_none_gives_the_refusal_is_of_the_one_that_came_furthest() -> None:
    paused = promotion("A", status="paused")
    early = promotion("B", starts_on=date(2026, 11, 25))
    over = promotion("C", ends_on=date(2026, 11, 5))
    dear = promotion("D", minimum_spend_minor=5000)
    elsewhere = promotion("E", places=frozenset({"a/b/c"}))

    for one, other in permutations([paused, early]):
        assert refused(one, other)[0] == "not_yet_active"
    for one, other in permutations([over, early]):
        assert refused(one, other)[0] == "not_yet_active"
    for several in permutations([paused, over, dear, elsewhere]):
        assert refused(*several)[1] == "minimum_spend"


def test_lesson_31_every_refusal_says_why() -> None:
    for cause, _, _ in CAUSES:
        assert refused(promotion(**cause))[2].endswith(".")


def test_lesson_24_the_public_answer_does_not_tell_which_codes_there_are() -> None:
    heard = {reason: public(Refusal(code="X", reason=reason)) for reason in PRECEDENCE}

    alike = [reason for reason, told in heard.items() if told == "code_not_found"]
    assert alike == ["code_not_found", "code_disabled", "not_holder"]
    assert all(told == reason for reason, told in heard.items() if reason not in alike)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"lines": (TEA, replace(CAKE, line_id="1"))}, "lines"),
        ({"currency": "EURO"}, "currency"),
        ({"shipping_minor": -1}, "shipping_minor"),
        ({"placed_at": datetime(2026, 11, 20, 12)}, "placed_at"),
    ],
)
def test_a_cart_that_cannot_be_reckoned_with_is_refused(said: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cart(**said)

    assert refusal.value.field == field
