"""Shopify's orders: which discount is a code, whose money it is, and at what stage it stands."""

import json
from datetime import UTC, datetime

import pytest

from functions.sources.shopify.read import read_document
from tests.sources.events import IDENTIFY, NOW
from tests.sources.shopify_kiln import ROOM, event, folded, order_said
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import OrderSaid
from vouchsafe.pure.hearing import Document


def test_only_an_application_of_type_code_is_a_code() -> None:
    said = order_said("orders_create.manual_among_codes")

    (discount,) = said.discounts
    assert discount.kind == "manual"
    assert discount.code_raw is None
    assert discount.amount_minor == 800
    assert discount.aliases == ("name:loyal customer",)


def test_a_listed_code_that_nothing_bears_out_is_kept_and_is_no_code() -> None:
    said = order_said("orders_create.code_not_borne_out")

    (discount,) = said.discounts
    assert (discount.kind, discount.code_raw) == ("manual", None)
    assert (discount.name, discount.amount_minor) == ("GHOST5", 500)


def test_a_listed_code_is_known_again_whatever_its_case() -> None:
    said = order_said("orders_create.two_codes")

    assert [each.code_raw for each in said.discounts] == [None, "TENOFF-EXTRA", "ShipFree"]


def test_allocations_are_exact_and_by_index_shipping_too() -> None:
    automatic, ten_off, ship_free = order_said("orders_create.two_codes").discounts

    assert automatic.shares == (("11000000000021", 600),)
    assert ten_off.shares == (("11000000000021", 340), ("11000000000022", 200))
    assert ship_free.shares == (("shipping:12000000000001", 500),)


def test_automatic_manual_and_script_keep_their_kinds() -> None:
    assert [each.kind for each in order_said("orders_create.script_and_repeated").discounts] == [
        "automatic",
        "automatic",
        "automatic",
    ]
    assert [each.kind for each in order_said("orders_updated.edited").discounts] == [
        "code",
        "manual",
    ]


def test_a_discounts_id_does_not_move_when_another_goes() -> None:
    body = json.loads(event("orders_create.two_codes").body())
    del body["discount_applications"][0]
    for line in [*body["line_items"], *body["shipping_lines"]]:
        line["discount_allocations"] = [
            {**each, "discount_application_index": each["discount_application_index"] - 1}
            for each in line["discount_allocations"]
            if each["discount_application_index"]
        ]

    before = {each.discount_id for each in order_said("orders_create.two_codes").discounts}
    after = {each.discount_id for each in order_said("orders_create.two_codes", body).discounts}

    assert after == before - {"automatic:Autumn mugs 15%"}


def test_the_same_title_twice_is_two_discounts() -> None:
    ids = [each.discount_id for each in order_said("orders_create.script_and_repeated").discounts]

    assert ids == ["automatic:Autumn 10%", "automatic:Autumn 10%:2", "automatic:Member price"]


def test_a_code_that_took_nothing_off_stands_with_nothing() -> None:
    (discount,) = order_said("orders_create.no_effect").discounts

    assert (discount.code_raw, discount.amount_minor, discount.shares) == ("NOTHING", 0, ())


def test_a_discount_that_no_list_explains_is_kept_as_no_code() -> None:
    (discount,) = order_said("orders_create.unlisted_discount").discounts

    assert (discount.kind, discount.amount_minor) == ("manual", 250)


def test_a_discount_of_a_kind_never_seen_is_unreadable() -> None:
    with pytest.raises(Unreadable, match=r"discount_applications\[0\].type"):
        event("orders_create.unknown_discount").heard()


def test_a_discount_that_only_its_allocation_tells_keeps_its_name() -> None:
    body = json.loads(event("order").body())
    listed, edited = body["discount_applications"]
    body["discount_applications"] = [listed]

    code, manual = order_said("order", body).discounts

    assert edited["title"] == "Sorry for the wait"
    assert (manual.kind, manual.name) == ("manual", "Sorry for the wait")
    assert code.code_raw == "WELCOME10"


def test_the_apis_own_index_counts_and_not_the_place_in_its_list() -> None:
    body = json.loads(event("order").body())
    body["discount_applications"].reverse()

    assert order_said("order", body) == order_said("order")


def test_what_is_no_code_and_took_nothing_off_is_no_discount() -> None:
    body = json.loads(event("orders_create.no_effect").body())
    body["discount_applications"][0] = {"type": "automatic", "title": "Nothing"}
    body["discount_codes"] = []

    assert order_said("orders_create.no_effect", body).discounts == ()


def test_an_allocation_of_nothing_is_no_share() -> None:
    body = json.loads(event("orders_create.plain_amounts").body())
    nothing = {"amount": "0.00", "discount_application_index": 0}
    body["line_items"].append({**body["line_items"][0], "id": 7, "price": "0.00"})
    body["line_items"][1]["discount_allocations"] = [nothing]

    (discount,) = order_said("orders_create.plain_amounts", body).discounts

    assert discount.shares == (("11000000000171", 250),)


def test_of_two_codes_that_nothing_bears_out_the_first_takes_what_is_left() -> None:
    body = json.loads(event("orders_create.code_not_borne_out").body())
    body["discount_codes"].append({"code": "GHOST6", "amount": "0.00", "type": "fixed_amount"})

    said = order_said("orders_create.code_not_borne_out", body)

    assert [(each.name, each.amount_minor) for each in said.discounts] == [
        ("GHOST5", 500),
        ("GHOST6", 0),
    ]
    assert said.sums_foot


def test_a_long_title_does_not_outgrow_a_key() -> None:
    body = json.loads(event("orders_create.manual_among_codes").body())
    body["discount_codes"] = []
    body["discount_applications"][0]["title"] = "🎁" * 1024

    (discount,) = order_said("orders_create.manual_among_codes", body).discounts

    assert len(discount.discount_id.encode()) < 512


def test_a_title_longer_than_any_is_unreadable() -> None:
    body = json.loads(event("orders_create.manual_among_codes").body())
    body["discount_applications"][0]["title"] = "x" * 1025

    with pytest.raises(Unreadable, match=r"discount_applications\[0\].title"):
        order_said("orders_create.manual_among_codes", body)


def test_amounts_are_the_shops_and_never_the_buyers() -> None:
    said = order_said("orders_create.buyer_in_euro")

    assert (said.currency, said.total_minor, said.discount_minor) == ("USD", 4500, 500)
    assert said.gross_minor == 5000


def test_shipping_is_a_line_and_removed_shipping_is_none() -> None:
    lines = {each.line_id: each for each in order_said("orders_create.two_codes").lines}

    assert lines["shipping:12000000000001"].gross_minor == 500
    assert lines["shipping:12000000000001"].category == "shipping"
    assert "shipping:12000000000002" not in lines


def test_a_tip_is_no_line() -> None:
    said = order_said("orders_create.tip")

    assert [each.line_id for each in said.lines] == ["11000000000091"]
    assert (said.gross_minor, said.tip_minor, said.total_minor) == (900, 359, 1169)
    assert said.sums_foot


def test_a_custom_line_that_costs_what_the_tip_is_stays_a_line() -> None:
    body = json.loads(event("orders_create.tip").body())
    body["line_items"].append({**body["line_items"][1], "id": 11000000000093, "tip": None})

    said = order_said("orders_create.tip", body)

    assert [each.line_id for each in said.lines] == ["11000000000091", "11000000000093"]


def test_totals_that_do_not_add_up_are_told() -> None:
    assert not order_said("orders_create.sums_do_not_foot").sums_foot
    assert order_said("orders_create.duties_and_gift_card").sums_foot
    assert order_said("orders_create.buyer_in_euro").sums_foot


def test_a_line_with_a_sku_is_no_tip_whatever_it_costs() -> None:
    body = json.loads(event("orders_create.tip").document().body)
    body["line_items"][1]["sku"] = "CUSTOM"

    facts = read_document(
        Document(kind="order", body=json.dumps(body).encode()), ROOM.connection, IDENTIFY, NOW
    )

    assert isinstance(facts[0].body, OrderSaid)
    assert len(facts[0].body.lines) == 2


@pytest.mark.parametrize(("told", "foots"), [("16.40", True), ("11.40", True), ("16.39", False)])
def test_the_total_of_discounts_may_leave_shipping_out(told: str, foots: bool) -> None:
    body = json.loads(event("orders_create.two_codes").body())
    body["total_discounts_set"]["shop_money"]["amount"] = told

    assert order_said("orders_create.two_codes", body).sums_foot == foots


def test_plain_amounts_read_as_those_in_sets() -> None:
    body = json.loads(event("orders_create.plain_amounts").body())
    body["total_price_set"] = {
        "shop_money": {"amount": "22.50", "currency_code": "USD"},
        "presentment_money": {"amount": "20.70", "currency_code": "EUR"},
    }

    assert order_said("orders_create.plain_amounts", body) == order_said(
        "orders_create.plain_amounts"
    )


@pytest.mark.parametrize(
    ("status", "paid", "off"),
    [
        (None, False, False),
        ("pending", False, False),
        ("authorized", False, False),
        ("partially_paid", False, False),
        ("expired", False, False),
        ("paid", True, False),
        ("partially_refunded", True, False),
        ("refunded", True, True),
        ("voided", False, True),
    ],
)
def test_the_financial_status_decides(status: str | None, paid: bool, off: bool) -> None:
    body = json.loads(event("orders_paid").body()) | {"financial_status": status}

    said = order_said("orders_paid", body)

    assert (said.confirmed_at is not None) == paid
    assert (("payment", said.placed_at) in said.signals) == paid
    assert (said.reversed_at is not None) == off


def test_a_status_never_seen_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="financial_status"):
        event("orders_create.unknown_status").heard()


def test_a_cancelled_order_is_off_though_it_was_paid() -> None:
    body = json.loads(event("orders_cancelled").body()) | {"financial_status": "paid"}

    said = order_said("orders_cancelled", body)

    assert said.reversed_at == datetime(2026, 11, 20, 15, 59, 58, tzinfo=UTC)
    assert said.reversed_because == "cancelled: customer"


def test_a_full_refund_is_off_when_the_last_of_it_went() -> None:
    said = order_said("orders_updated.full_return")

    assert said.reversed_at == datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    assert said.reversed_because == "refunded in full"


def test_a_test_order_is_kept_and_flagged() -> None:
    assert order_said("orders_create.test").test


def test_the_version_is_the_update_time_in_utc() -> None:
    (fact,) = event("orders_paid").heard().facts

    assert fact.version == "2026-11-20T15:01:02.000Z"


def test_a_deleted_order_is_gone() -> None:
    facts = (*event("orders_paid").heard().facts, *event("orders_delete").heard().facts)

    order = folded(facts)

    assert (order.stage, order.reversed_because) == ("reversed", "deleted")
