"""Upserve's room: the reader's suite, and what only a check without versions and codes does."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from functions.sources.upserve.read import READER, read_document
from tests.sources.events import IDENTIFY, NOW, Event, Room, stems
from tests.sources.mangling import shuffled
from tests.sources.suite import ReaderSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, OrderSaid, RefundSaid
from vouchsafe.pure.order import Order, fold

CONNECTION = Connection(
    platform="upserve",
    account="kew",
    shop="api_kew-llc",
    api_url="https://api.breadcrumb.com",
    api_key="the-api-key",
    api_secret="the-password",
)
ROOM = Room(
    platform="upserve",
    reader=READER,
    verify=None,
    read=None,
    read_document=read_document,
    connection=CONNECTION,
    document_kind="check",
    two_codes=("check.two_codes", frozenset({canonical("BURGER"), canonical("WINE4")})),
    zero_decimal=("check.yen", 1485),
    required={
        "check.confirmed": (
            "id",
            "status",
            "open_time",
            "sub_total",
            "total",
            "items[0].id",
            "items[0].price",
            "payments[0].id",
            "payments[0].amount",
            "voidcomp.type",
        ),
    },
    amounts={
        "check.confirmed": (
            "sub_total",
            "tax_total",
            "total",
            "outstanding_balance",
            "mandatory_tip_amount",
            "items[0].price",
            "payments[0].amount",
            "payments[0].tip_amount",
            "payments[0].autograt_amount",
            "voidcomp.value",
        ),
        "check.two_codes": ("items[0].voidcomp.total",),
        "check.comp_of_a_side": ("items[0].sides[0].price", "items[0].sides[0].voidcomp.value"),
        "check.modifiers_beside_the_price": ("items[0].modifiers[0].price",),
    },
    personal={
        "check.confirmed": (
            "name",
            "table_name",
            "employee_name",
            "check_notes[0].note",
            "payments[0].cc_name",
            "payments[0].employee_name",
            "payments[0].tender_description",
        ),
        "check.online_order": (
            "online_order.delivery_info.name",
            "online_order.delivery_info.phone",
            "online_order.delivery_info.address.street1",
        ),
    },
    aliases={"name:burger3": "BURGER", "name:loyalty wine4": "WINE4"},
    exempt={
        "test_the_same_delivery_again_adds_nothing": (
            "a check has neither version nor update time: its version is when it was seen, and"
            " flow's record_changed keeps only what says something new"
        ),
    },
)


class TestUpserve(ReaderSuite):
    room = ROOM


def facts(stem: str, seconds: int = 0) -> tuple[Fact, ...]:
    at = NOW + timedelta(seconds=seconds)
    return Event(room=ROOM, stem=f"check.{stem}").heard(received_at=at).facts


def said(stem: str) -> OrderSaid:
    return next(each.body for each in facts(stem) if isinstance(each.body, OrderSaid))


def folded(*stems_: str) -> Order:
    order = fold(fact for at, stem in enumerate(stems_) for fact in facts(stem, at))
    assert order is not None
    return order


# --- What makes it a version


def test_what_a_check_says_does_not_hang_on_when_it_was_seen() -> None:
    for stem in stems("upserve"):
        event = Event(room=ROOM, stem=stem)
        if "unreadable" in stem:
            continue
        first = event.heard().facts
        later = event.heard(shuffled(event.body()), NOW + timedelta(hours=5)).facts

        assert [each.digest() for each in first] == [each.digest() for each in later], stem
        assert [each.version for each in first] < [each.version for each in later]


def test_the_version_is_when_it_was_seen() -> None:
    assert {each.version for each in facts("partial_return")} == {"2026-11-20T18:00:00.000Z"}


def test_the_update_time_is_the_newest_that_the_check_tells() -> None:
    assert said("open").updated_at.isoformat() == "2026-11-19T23:12:00+00:00"
    assert said("partial_return").updated_at.isoformat() == "2026-11-20T02:01:00+00:00"


# --- Which state is it in


def test_a_closed_check_without_a_balance_is_confirmed() -> None:
    assert folded("confirmed").stage == "confirmed"
    assert folded("open").stage == "open"
    assert folded("closed_and_outstanding").stage == "open"
    assert folded("comp_of_everything").stage == "confirmed"


def test_a_reopened_check_ends_the_confirmation() -> None:
    order = folded("confirmed", "reopened", "closed_again")

    assert [each.because for each in order.past] == ["reopened"]
    assert (order.stage, order.total_minor) == ("confirmed", 5450)


def test_a_check_seen_as_before_is_as_before() -> None:
    order = folded("confirmed", "reopened", "confirmed")

    assert (order.stage, len(order.past)) == ("confirmed", 1)


@pytest.mark.parametrize("stem", ["voided", "all_items_voided", "status_void"])
def test_a_check_of_voids_is_off(stem: str) -> None:
    order = folded(stem)

    assert (order.stage, order.reversed_because) == ("reversed", "voided")


def test_a_comp_that_is_gone_is_taken_back() -> None:
    order = folded("confirmed", "comp_gone_after_payment")

    assert [(each.removed, each.returned_minor) for each in order.charged] == [(True, 1000)]


def test_a_comp_that_became_a_void_is_taken_back_and_the_other_stands() -> None:
    order = folded("two_codes", "comp_turned_into_a_void")

    taken = {each.name: (each.removed, each.returned_minor) for each in order.charged}
    assert taken == {"BURGER3": (True, 300), "LOYALTY WINE4": (False, 0)}
    assert (order.gross_minor, order.total_minor) == (1600, 1308)


# --- What is a code


def test_a_reason_is_an_alias_and_never_a_code() -> None:
    (discount,) = said("confirmed").discounts

    assert (discount.kind, discount.code_raw) == ("till", None)
    assert (discount.aliases, discount.amount_minor) == (("name:promo dine10",), 1000)


def test_what_stands_behind_the_agreed_prefix_is_the_code() -> None:
    (discount,) = said("code_behind_a_prefix").discounts

    assert (discount.kind, discount.code_raw) == ("code", "DINE-10")


def test_happy_hour_is_a_price_and_no_discount() -> None:
    told = said("staff_comp_and_happy_hour")

    assert [each.name for each in told.discounts] == ["Manager comp"]
    assert told.gross_minor == 1100


def test_an_automatic_reason_is_automatic() -> None:
    assert [each.kind for each in said("automatic_reason").discounts] == ["automatic"]


def test_a_void_is_a_promotion_only_where_the_house_says_so() -> None:
    event = Event(room=ROOM, stem="check.promo_given_as_a_void")
    (fact,) = read_document(event.document(), CONNECTION, IDENTIFY, NOW)

    assert [each.amount_minor for each in said("promo_given_as_a_void").discounts] == [900]
    assert isinstance(fact.body, OrderSaid)
    assert (fact.body.discounts, fact.body.gross_minor) == ((), 5000)


def test_a_reason_on_several_lines_is_one_discount_with_its_shares() -> None:
    (discount,) = said("one_reason_on_three_lines").discounts

    assert discount.shares == (("i-1", 100), ("i-2", 200), ("i-3", 10))


def test_a_comp_without_effect_still_stands() -> None:
    (discount,) = said("comp_without_effect").discounts

    assert (discount.amount_minor, discount.shares) == (0, ())


# --- How much is it


@pytest.mark.parametrize(
    ("stem", "gross", "off"),
    [
        ("comp_in_percent", 4998, 500),
        ("item_comp_in_percent", 3000, 500),
        ("comp_without_an_amount", 6000, 5000),
        ("price_for_each", 3400, 500),
        ("modifiers_beside_the_price", 1150, 200),
        ("modifiers_within_the_price", 1150, 200),
        ("tax_inclusive", 5000, 500),
        ("comp_of_a_side", 2700, 400),
        ("side_voided", 2300, 0),
        ("numbers_and_empty_texts", 5000, 500),
    ],
)
def test_the_totals_of_the_check_tell_how_it_is_read(stem: str, gross: int, off: int) -> None:
    told = said(stem)

    assert (told.gross_minor, told.discount_minor) == (gross, off)
    assert told.sums_foot


def test_the_sums_of_every_readable_check_foot_but_for_one() -> None:
    readable = [each.removeprefix("check.") for each in stems("upserve") if "unread" not in each]

    assert [each for each in readable if not said(each).sums_foot] == ["sums_do_not_foot"]


def test_a_gratuity_is_counted_once() -> None:
    assert said("gratuity").tip_minor == 1000


# --- What came back


def test_goods_and_money_back_are_a_return_of_the_bill_as_sold() -> None:
    order = folded("partial_return")
    (refund,) = [each.body for each in facts("partial_return") if each.kind == "refund"]

    assert isinstance(refund, RefundSaid)
    assert [(each.line_id, each.quantity) for each in refund.lines] == [("i-1", Decimal(1))]
    assert (order.stage, order.total_minor, order.refunded_minor) == ("confirmed", 4968, 1944)
    assert [(each.amount_minor, each.returned_minor) for each in order.charged] == [(400, 200)]
    assert not order.estimated


def test_all_goods_back_is_a_reversal() -> None:
    order = folded("full_return")

    assert (order.stage, order.reversed_because) == ("reversed", "refunded in full")
    assert (order.total_minor, order.refunded_minor) == (4968, 4968)


def test_a_free_item_comes_back_without_money() -> None:
    order = folded("return_of_a_free_item")

    assert (order.total_minor, order.refunded_minor, order.stage) == (4320, 0, "confirmed")
    assert [(each.amount_minor, each.returned_minor) for each in order.charged] == [(1000, 1000)]


def test_money_back_alone_names_no_goods_and_is_estimated() -> None:
    order = folded("money_back_alone")

    assert (order.stage, order.total_minor, order.refunded_minor) == ("confirmed", 4360, 1000)
    assert order.estimated


def test_a_tender_that_was_changed_gives_nothing_back() -> None:
    assert folded("tender_changed").refunded_minor == 0


def test_a_return_that_is_undone_is_no_return() -> None:
    assert folded("money_back_alone", "confirmed").refunded_minor == 0


def test_a_return_on_a_check_of_its_own_is_an_order_without_discounts() -> None:
    told = said("return_on_a_check_of_its_own")

    assert (told.gross_minor, told.discounts, told.total_minor) == (-1800, (), -1944)


# --- What it cannot be


def test_a_document_of_another_kind_is_unreadable() -> None:
    document = replace(Event(room=ROOM, stem="check.confirmed").document(), kind="order")

    with pytest.raises(Unreadable, match=r"document\.kind"):
        read_document(document, CONNECTION, IDENTIFY, NOW)


def test_two_lines_of_one_id_are_unreadable() -> None:
    event = Event(room=ROOM, stem="check.two_codes")
    check = json.loads(event.body())
    check["items"][1]["id"] = check["items"][0]["id"]

    with pytest.raises(Unreadable, match="lines"):
        event.heard(json.dumps(check).encode())
