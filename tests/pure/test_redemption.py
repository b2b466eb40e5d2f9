"""Is there one redemption for each code on each order, in its true state?"""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given

from tests.pure.registers import Shelf
from tests.pure.saying import KEY, at, back, bill, code, fact, histories, refund
from vouchsafe.pure import codec
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.facts import Discount, Fact, Line, RefundSaid
from vouchsafe.pure.order import fold
from vouchsafe.pure.redemption import TRANSITIONS, Projected, Redemption, derive
from vouchsafe.pure.register import Account, Code, Promotion

EMPTY = Shelf()


def projected(*facts: Fact, register: Shelf = EMPTY) -> Projected:
    order = fold(facts)
    assert order is not None
    return derive(order, register)


def only(*facts: Fact, register: Shelf = EMPTY) -> Redemption:
    (redemption,) = projected(*facts, register=register).redemptions
    return redemption


def till(name: str, amount: int, **said: object) -> Discount:
    default: dict[str, object] = {
        "discount_id": name,
        "kind": "till",
        "amount_minor": amount,
        "where": "discounts[0]",
        "aliases": (f"catalog:{name}", f"name:{name}"),
        "name": name,
    }
    return Discount(**(default | said))  # type: ignore[arg-type]


def promotion(**said: object) -> Promotion:
    default: dict[str, object] = {
        "promotion_id": "p1",
        "campaign_id": "c1",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "voucher_class": "discount",
        "owner": "ann",
        "purpose": "try",
    }
    return Promotion(**(default | said))  # type: ignore[arg-type]


def test_two_codes_make_two_redemptions_that_share_the_revenue() -> None:
    said = bill(discount_minor=800, discounts=(code("A", 500), code("B", 300)))

    found = projected(fact(said)).redemptions

    assert [(each.code, each.discount_minor) for each in found] == [("A", 500), ("B", 300)]
    assert sum(each.revenue_minor for each in found) == 4200
    assert found[0].other_codes == ("B",)


def test_the_odd_cent_goes_by_the_code_whichever_the_bill_names_first() -> None:
    def revenue(*names: str) -> dict[str, int]:
        said = bill(discounts=tuple(code(name, 50) for name in names), gross_minor=5001)
        return {each.code: each.revenue_minor for each in projected(fact(said)).redemptions}

    assert revenue("A", "B") == revenue("B", "A") == {"A": 2251, "B": 2250}


def test_two_spellings_of_one_code_make_one_redemption() -> None:
    said = bill(discounts=(code("SAVE-A", 500), code("save a", 300)))

    assert only(fact(said)).discount_minor == 800


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        ({"confirmed_at": None}, "redeemed"),
        ({}, "confirmed"),
        ({"reversed_at": at(9), "reversed_because": "cancelled"}, "rolled_back"),
    ],
)
def test_the_state_follows_the_order(stage: dict[str, object], state: str) -> None:
    assert only(fact(bill(**stage))).state == state


def test_a_partial_return_is_one_and_the_rest_rolls_back() -> None:
    one = fact(refund(2430, back("mug", 1)), object_id="r1")
    other = fact(refund(2430, back("mug", 1)), object_id="r2")

    assert only(fact(bill()), one).state == "partially_returned"
    assert only(fact(bill()), one, other).state == "rolled_back"


def test_a_return_of_lines_that_the_code_never_touched_leaves_it_confirmed() -> None:
    lines = (
        Line(line_id="mug", quantity=Decimal(1), gross_minor=4000),
        Line(line_id="tea", quantity=Decimal(1), gross_minor=1000),
    )
    said = bill(lines=lines, discounts=(code("X", 500, shares=(("mug", 500),)),))

    assert only(fact(said), fact(refund(1000, back("tea", 1)), object_id="r")).state == "confirmed"


def test_a_code_that_took_nothing_off_is_kept_and_holds_no_use() -> None:
    redemption = only(fact(bill(discounts=(code("NOTHING", 0),))))

    assert (redemption.state, redemption.no_effect) == ("confirmed", True)
    assert not redemption.holds_a_use()


def test_a_removed_code_is_rolled_back_and_says_why() -> None:
    redemption = only(fact(bill(), version=1), fact(bill(discounts=()), version=2))

    assert (redemption.state, redemption.because) == ("rolled_back", "removed from the order")


def test_a_reopened_order_has_two_generations_and_one_use() -> None:
    found = projected(
        fact(bill(), version=1),
        fact(bill(confirmed_at=None), version=2),
        fact(bill(), version=3),
    ).redemptions

    assert [(each.generation, each.state) for each in found] == [
        (0, "rolled_back"),
        (1, "confirmed"),
    ]
    assert sum(each.holds_a_use() for each in found) == 1


def test_a_test_order_redeems_nothing() -> None:
    assert projected(fact(bill(test=True))).redemptions == ()


def test_a_discount_without_a_code_is_kept_unmapped() -> None:
    (unmapped,) = projected(fact(bill(discounts=(till("Lunch deal", 500),)))).unmapped

    assert (unmapped.alias(), unmapped.discount_minor) == ("catalog:Lunch deal", 500)


def test_the_register_maps_a_till_discount_to_its_code() -> None:
    register = Shelf(aliases={("shopify", "corner-shop", "name:Lunch deal"): "LUNCH"})

    found = projected(fact(bill(discounts=(till("Lunch deal", 500),))), register=register)

    assert [each.code for each in found.redemptions] == [canonical("LUNCH")]
    assert found.unmapped == ()


def test_an_automatic_discount_is_codeless_by_its_own_word() -> None:
    found = projected(fact(bill(discounts=(till("Happy hour", 500, kind="automatic"),))))

    assert (found.redemptions, found.unmapped) == ((), ())


def test_an_empty_code_is_unmapped_not_a_code() -> None:
    assert len(projected(fact(bill(discounts=(code("🎉", 500),)))).unmapped) == 1


def test_the_campaign_says_what_confirms() -> None:
    register = Shelf(
        codes={canonical("WELCOME10"): Code(canonical="x", raw="x", promotions=("p1",))},
        promotions={"p1": promotion(confirmed_by="check_in")},
    )

    waiting = only(fact(bill()), register=register)
    arrived = only(fact(bill(signals=(("check_in", at(60)),))), register=register)

    assert (waiting.state, arrived.state) == ("redeemed", "confirmed")
    assert arrived.confirmed_at == at(60)


def test_the_business_day_is_the_places_own() -> None:
    days = DayRule(zone="America/New_York", day_start=time(8))
    account = Account(platform="shopify", account="corner-shop", currency="USD", days=days)
    register = Shelf(accounts={("shopify", "corner-shop"): account})

    assert only(fact(bill()), register=register).business_day == date(2026, 11, 19)


def test_only_promotions_that_ran_on_the_day_are_named() -> None:
    names = ("p1", "p2")
    register = Shelf(
        codes={canonical("WELCOME10"): Code(canonical="x", raw="x", promotions=names)},
        promotions={
            "p1": promotion(ends_on=date(2026, 11, 19)),
            "p2": promotion(promotion_id="p2", ends_on=date(2026, 11, 20)),
        },
    )

    assert only(fact(bill()), register=register).promotions == ("p2",)


@given(histories())
def test_what_is_derived_adds_up(facts: list[Fact]) -> None:
    order = fold(facts)
    if order is None:
        return

    found = derive(order, EMPTY)

    live = [each for each in found.redemptions if each.state != "rolled_back"]
    kept = max(order.net_minor - order.returned_net_minor, 0)
    assert sum(each.revenue_minor for each in live) == (kept if live else 0)
    for each in found.redemptions:
        assert sum(share for _, share, _ in each.allocation) == each.discount_minor
        assert 0 <= each.returned_minor <= each.discount_minor
        assert each.state in TRANSITIONS[None]
    assert len({each.item_id() for each in found.rows()}) == len(found.rows())


@given(histories())
def test_redemptions_survive_their_stored_form(facts: list[Fact]) -> None:
    order = fold(facts)

    for each in derive(order, EMPTY).rows() if order else ():
        assert codec.loads(type(each), codec.dumps(each)) == each


def test_the_key_names_platform_account_and_order() -> None:
    assert only(fact(bill())).key == KEY


def test_each_return_is_told_with_what_had_come_back_by_then() -> None:
    mugs = Line(line_id="mug", quantity=Decimal(4), gross_minor=5000)
    plates = Line(line_id="plate", quantity=Decimal(4), gross_minor=5000)
    on_mugs = {"shares": (("mug", 300),)}
    discounts = (code("A", 300, **on_mugs), code("a", 200, shares=(("mug", 200),)))
    sold = bill(lines=(mugs, plates), discounts=discounts)

    def came_back(*refunds: RefundSaid) -> tuple[object, int]:
        told = [replace(fact(each), object_id=f"r{each.refunded_at}") for each in refunds]
        found = only(fact(sold), *told)
        return found.came_back, found.returned_minor

    one, two = (refund(10, back("mug", many), minutes=60 * many) for many in (1, 2))
    other = refund(10, back("plate", 1), minutes=240)

    assert came_back() == ((), 0)
    assert came_back(one) == (((at(60), 125),), 125)
    assert came_back(one, two) == (((at(60), 125), (at(120), 375)), 375)
    assert came_back(other, two, one) == came_back(one, two)


def test_a_return_before_the_end_keeps_its_own_instant() -> None:
    lines = (Line(line_id="mug", quantity=Decimal(4), gross_minor=5000),)
    sold = bill(lines=lines)
    off = replace(sold, reversed_at=at(200), updated_at=at(200), reversed_because="cancelled")

    found = only(fact(sold), fact(refund(10, back("mug", 1))), fact(off, version=2))

    assert found.came_back == ((at(60), 125),)
    assert (found.returned_minor, found.ended_at) == (500, at(200))


@given(histories())
def test_returns_come_one_after_another_and_within_all_that_came_back(facts: list[Fact]) -> None:
    order = fold(facts)
    for each in derive(order, EMPTY).redemptions if order else ():
        assert list(each.came_back) == sorted(each.came_back)
        assert all(0 < minor <= each.returned_minor for _, minor in each.came_back)
