"""Shopify: the shared suite, the sheet's vectors, and each rule of the room's own."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.sources.shopify.read import READER, read, read_document
from functions.sources.shopify.verify import verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import Fact, OrderSaid, RefundSaid
from vouchsafe.pure.hearing import Delivery
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.pull import Document

TOPICS = {
    "customers_data_request": "customers/data_request",
    "orders_risk_assessment_changed": "orders/risk_assessment_changed",
}


def headers(event: str) -> Mapping[str, str]:
    """A topic is a resource, a slash and what happened to it."""
    return {
        "x-shopify-topic": TOPICS.get(event) or event.replace("_", "/", 1),
        "x-shopify-shop-domain": "kiln-and-co.myshopify.com",
        "x-shopify-api-version": "2026-04",
    }


def sign(body: bytes, _connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    proof = base64.b64encode(hmac.digest(key.encode(), body, "sha256")).decode()
    return {"x-shopify-hmac-sha256": proof}


ROOM = Room(
    platform="shopify",
    reader=READER,
    verify=verify,
    read=read,
    read_document=read_document,
    connection=Connection(
        platform="shopify",
        account="kiln",
        signing_keys=("shpss_kiln_client_secret",),
        shop="kiln-and-co.myshopify.com",
        api_url="https://kiln-and-co.myshopify.com",
        api_key="shpat_kiln_access_token",
    ),
    headers=headers,
    sign=sign,
    signature_header="x-shopify-hmac-sha256",
    bound_to=("shop",),
    genuine="orders_paid",
    two_codes=("orders_create.two_codes", frozenset({"TENOFFEXTRA", "SH1PFREE"})),
    zero_decimal=("orders_create.yen", 3239),
    unknown="orders_risk_assessment_changed",
    required={
        "orders_create.plain_amounts": ("id", "updated_at", "processed_at", "currency"),
        "orders_paid": (
            "line_items",
            "line_items[0].id",
            "line_items[0].quantity",
            "line_items[0].discount_allocations[0].discount_application_index",
            "discount_applications[0].type",
            "discount_applications[0].code",
        ),
        "refunds_create": (
            "id",
            "order_id",
            "processed_at",
            "refund_line_items[0].quantity",
            "transactions[0].kind",
            "transactions[0].status",
        ),
        "order": (
            "id",
            "updated_at",
            "currency",
            "total_price_set.shop_money.amount",
            "line_items[0].price_set.shop_money.amount",
            "line_items[0].discount_allocations[0].amount_set.shop_money.amount",
            "refunds[0].id",
            "refunds[0].processed_at",
        ),
        "orders_edited": ("order_edit", "order_edit.order_id", "order_edit.committed_at"),
        "orders_delete": ("id",),
        "customers_redact": ("shop_domain", "customer", "orders_to_redact"),
        "shop_redact": ("shop_id", "shop_domain"),
    },
    amounts={
        "orders_create.plain_amounts": (
            "total_price",
            "total_discounts",
            "total_tax",
            "line_items[0].price",
            "line_items[0].discount_allocations[0].amount",
        ),
        "orders_paid": (
            "total_price_set.shop_money.amount",
            "line_items[0].price_set.shop_money.amount",
            "line_items[0].discount_allocations[0].amount_set.shop_money.amount",
        ),
        "refunds_create": ("transactions[0].amount",),
        "order": ("total_price_set.shop_money.amount", "total_tax_set.shop_money.amount"),
    },
    personal={
        "orders_create.duties_and_gift_card": ("phone", "shipping_address.address1"),
        "orders_updated.partial_return": (
            "email",
            "contact_email",
            "customer.email",
            "customer.first_name",
            "customer.default_address.address1",
            "billing_address.last_name",
            "billing_address.phone",
            "browser_ip",
            "note",
            "refunds[0].note",
            "refunds[0].transactions[0].payment_details.credit_card_name",
        ),
        "refunds_create": ("note", "transactions[0].payment_details.credit_card_name"),
        "orders_edited": ("order_edit.staff_note",),
        "customers_redact": ("customer.email", "customer.phone"),
    },
)


class TestShopify(SourceSuite):
    room = ROOM


# --- Authenticity: the sheet's own vectors

SHEET_KEY = "shpss_test_client_secret_001"
SHEET_BODY = (
    rb'{"id":820000000000000001,"name":"#1001","test":false,"financial_status":"paid",'
    rb'"currency":"USD","note":"caf\u00e9","discount_codes":[{"code":"WELCOME10",'
    rb'"amount":"4.50","type":"percentage"}]}'
)
SHEET_SIGNATURE = "bkx6iq+GNt3QaDtnfbGt6aD1JGDLZoRxVS4/ILEHoMg="
SHEET_HEX = "6e4c7a8aaf8636ddd0683b677db1ade9a0f52460cb668471552e3f20b107a0c8"
SHEET_SIGNATURE_WITH_NEWLINE = "RfbXQ2GNSXSdlNbWuOxt2u+x6JVchlslFu98kHatpQc="


def _sheet(signature: str, body: bytes = SHEET_BODY) -> str:
    delivery = Delivery(
        platform="shopify",
        account="kiln",
        headers={
            "x-shopify-hmac-sha256": signature,
            "x-shopify-shop-domain": "Kiln-and-Co.myshopify.com",
        },
        body=body,
        received_at=NOW,
    )
    return verify(delivery, replace(ROOM.connection, signing_keys=(SHEET_KEY,)), NOW)


def test_the_sheets_vector_is_genuine() -> None:
    assert len(SHEET_BODY) == 191
    assert _sheet(SHEET_SIGNATURE) == "genuine"
    assert _sheet(SHEET_SIGNATURE_WITH_NEWLINE, SHEET_BODY + b"\n") == "genuine"


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        (SHEET_HEX, SHEET_BODY),
        (SHEET_SIGNATURE, SHEET_BODY + b"\n"),
        (SHEET_SIGNATURE, SHEET_BODY.replace(rb"\u00e9", "é".encode())),
        (SHEET_SIGNATURE_WITH_NEWLINE, SHEET_BODY),
    ],
    ids=["hexadecimal", "a newline more", "escapes undone", "the other's signature"],
)
def test_the_sheets_other_vectors_are_forged(signature: str, body: bytes) -> None:
    with pytest.raises(Forged):
        _sheet(signature, body)


def test_a_genuine_signature_for_another_shop_is_forged() -> None:
    delivery = _event("orders_paid").delivery()
    elsewhere = {**delivery.headers, "x-shopify-shop-domain": "elsewhere.myshopify.com"}
    nowhere = {k: v for k, v in delivery.headers.items() if k != "x-shopify-shop-domain"}

    for changed in (elsewhere, nowhere):
        with pytest.raises(Forged):
            verify(replace(delivery, headers=changed), ROOM.connection, NOW)


# --- Discounts


def test_only_an_application_of_type_code_is_a_code() -> None:
    said = _order("orders_create.manual_among_codes")

    (discount,) = said.discounts
    assert discount.kind == "manual"
    assert discount.code_raw is None
    assert discount.amount_minor == 800
    assert discount.aliases == ("name:loyal customer",)


def test_a_listed_code_that_nothing_bears_out_is_kept_and_is_no_code() -> None:
    said = _order("orders_create.code_not_borne_out")

    (discount,) = said.discounts
    assert (discount.kind, discount.code_raw) == ("manual", None)
    assert (discount.name, discount.amount_minor) == ("GHOST5", 500)


def test_a_listed_code_is_known_again_whatever_its_case() -> None:
    said = _order("orders_create.two_codes")

    assert [each.code_raw for each in said.discounts] == [None, "TENOFF-EXTRA", "ShipFree"]


def test_allocations_are_exact_and_by_index_shipping_too() -> None:
    automatic, ten_off, ship_free = _order("orders_create.two_codes").discounts

    assert automatic.shares == (("11000000000021", 600),)
    assert ten_off.shares == (("11000000000021", 340), ("11000000000022", 200))
    assert ship_free.shares == (("shipping:12000000000001", 500),)


def test_automatic_manual_and_script_keep_their_kinds() -> None:
    assert [each.kind for each in _order("orders_create.script_and_repeated").discounts] == [
        "automatic",
        "automatic",
        "automatic",
    ]
    assert [each.kind for each in _order("orders_updated.edited").discounts] == ["code", "manual"]


def test_a_discounts_id_does_not_move_when_another_goes() -> None:
    body = json.loads(_event("orders_create.two_codes").body())
    del body["discount_applications"][0]
    for line in [*body["line_items"], *body["shipping_lines"]]:
        line["discount_allocations"] = [
            {**each, "discount_application_index": each["discount_application_index"] - 1}
            for each in line["discount_allocations"]
            if each["discount_application_index"]
        ]

    before = {each.discount_id for each in _order("orders_create.two_codes").discounts}
    after = {each.discount_id for each in _order("orders_create.two_codes", body).discounts}

    assert after == before - {"automatic:Autumn mugs 15%"}


def test_the_same_title_twice_is_two_discounts() -> None:
    ids = [each.discount_id for each in _order("orders_create.script_and_repeated").discounts]

    assert ids == ["automatic:Autumn 10%", "automatic:Autumn 10%:2", "automatic:Member price"]


def test_a_code_that_took_nothing_off_stands_with_nothing() -> None:
    (discount,) = _order("orders_create.no_effect").discounts

    assert (discount.code_raw, discount.amount_minor, discount.shares) == ("NOTHING", 0, ())


def test_a_discount_that_no_list_explains_is_kept_as_no_code() -> None:
    (discount,) = _order("orders_create.unlisted_discount").discounts

    assert (discount.kind, discount.amount_minor) == ("manual", 250)


def test_a_discount_of_a_kind_never_seen_is_unreadable() -> None:
    with pytest.raises(Unreadable, match=r"discount_applications\[0\].type"):
        _event("orders_create.unknown_discount").heard()


# --- Money


def test_amounts_are_the_shops_and_never_the_buyers() -> None:
    said = _order("orders_create.buyer_in_euro")

    assert (said.currency, said.total_minor, said.discount_minor) == ("USD", 4500, 500)
    assert said.gross_minor == 5000


def test_a_refund_in_the_buyers_currency_is_worked_out_in_the_shops() -> None:
    assert _refund("refunds_create.buyer_in_euro").amount_minor == 2250


def test_shipping_is_a_line_and_removed_shipping_is_none() -> None:
    lines = {each.line_id: each for each in _order("orders_create.two_codes").lines}

    assert lines["shipping:12000000000001"].gross_minor == 500
    assert lines["shipping:12000000000001"].category == "shipping"
    assert "shipping:12000000000002" not in lines


def test_a_tip_is_no_line() -> None:
    said = _order("orders_create.tip")

    assert [each.line_id for each in said.lines] == ["11000000000091"]
    assert (said.gross_minor, said.tip_minor, said.total_minor) == (900, 359, 1169)
    assert said.sums_foot


def test_a_custom_line_that_costs_what_the_tip_is_stays_a_line() -> None:
    body = json.loads(_event("orders_create.tip").body())
    body["line_items"].append({**body["line_items"][1], "id": 11000000000093, "tip": None})

    said = _order("orders_create.tip", body)

    assert [each.line_id for each in said.lines] == ["11000000000091", "11000000000093"]


def test_totals_that_do_not_add_up_are_told() -> None:
    assert not _order("orders_create.sums_do_not_foot").sums_foot
    assert _order("orders_create.duties_and_gift_card").sums_foot
    assert _order("orders_create.buyer_in_euro").sums_foot


def test_plain_amounts_read_as_those_in_sets() -> None:
    body = json.loads(_event("orders_create.plain_amounts").body())
    body["total_price_set"] = {
        "shop_money": {"amount": "22.50", "currency_code": "USD"},
        "presentment_money": {"amount": "20.70", "currency_code": "EUR"},
    }

    assert _order("orders_create.plain_amounts", body) == _order("orders_create.plain_amounts")


# --- Stages


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
    body = json.loads(_event("orders_paid").body()) | {"financial_status": status}

    said = _order("orders_paid", body)

    assert (said.confirmed_at is not None) == paid
    assert (("payment", said.placed_at) in said.signals) == paid
    assert (said.reversed_at is not None) == off


def test_a_status_never_seen_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="financial_status"):
        _event("orders_create.unknown_status").heard()


def test_a_cancelled_order_is_off_though_it_was_paid() -> None:
    body = json.loads(_event("orders_cancelled").body()) | {"financial_status": "paid"}

    said = _order("orders_cancelled", body)

    assert said.reversed_at == datetime(2026, 11, 20, 15, 59, 58, tzinfo=UTC)
    assert said.reversed_because == "cancelled: customer"


def test_a_full_refund_is_off_when_the_last_of_it_went() -> None:
    said = _order("orders_updated.full_return")

    assert said.reversed_at == datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    assert said.reversed_because == "refunded in full"


def test_a_test_order_is_kept_and_flagged() -> None:
    assert _order("orders_create.test").test


def test_the_version_is_the_update_time_in_utc() -> None:
    (fact,) = _event("orders_paid").heard().facts

    assert fact.version == "2026-11-20T15:01:02.000Z"


def test_a_deleted_order_is_gone() -> None:
    facts = (*_event("orders_paid").heard().facts, *_event("orders_delete").heard().facts)

    order = fold(facts)

    assert order is not None
    assert (order.stage, order.reversed_because) == ("reversed", "deleted")


# --- Refunds


def test_a_refund_is_the_same_fact_alone_and_within_its_order() -> None:
    for alone, within in (
        ("refunds_create", "orders_updated.partial_return"),
        ("refunds_create.buyer_in_euro", "orders_updated.buyer_in_euro"),
    ):
        (fact,) = _event(alone).heard().facts
        embedded = _event(within).heard().facts[1]

        assert fact.fact_id() == embedded.fact_id()
        assert fact.order == embedded.order


def test_one_of_two_mugs_takes_half_of_the_code_back() -> None:
    facts = (*_event("orders_paid").heard().facts, *_event("refunds_create").heard().facts)

    order = _folded(facts)

    assert [each.returned_minor for each in order.charged] == [250]
    assert order.refunded_minor == 2430
    assert not order.estimated


def test_a_refund_of_money_only_is_shared_by_money_and_says_so() -> None:
    facts = (
        *_event("orders_paid").heard().facts,
        *_event("refunds_create.money_only").heard().facts,
    )

    order = _folded(facts)

    assert order.estimated
    assert [each.returned_minor for each in order.charged] == [500 * 486 // 4860]


def test_money_on_its_way_is_superseded_by_money_at_rest() -> None:
    (under_way,) = _event("refunds_create.money_under_way").heard().facts
    (failed,) = _event("refunds_create.money_failed").heard().facts

    assert _refund("refunds_create.money_under_way").state == "pending"
    assert _refund("refunds_create.money_failed").state == "failed"
    assert under_way.object_id == failed.object_id
    assert under_way.version < failed.version


def test_goods_that_came_back_count_whatever_the_money_does() -> None:
    said = _refund("refunds_create.goods_without_money")

    assert (said.state, said.amount_minor, len(said.lines)) == ("completed", 0, 1)


def test_shipping_given_back_whole_takes_its_share_back() -> None:
    order = _folded(_event("orders_updated.shipping_back").heard().facts)

    (charge,) = order.charged
    assert charge.allocation == (
        ("11000000000121", 800, 0),
        ("shipping:12000000000003", 100, 100),
    )


def test_a_line_that_an_edit_took_off_is_returned() -> None:
    order = _folded(_event("orders_updated.edited").heard().facts)

    code, manual = order.charged
    assert (code.amount_minor, code.returned_minor) == (500, 250)
    assert (manual.amount_minor, manual.returned_minor) == (400, 0)


# --- People


def test_a_person_is_known_by_keyed_hashes() -> None:
    (fact,) = _event("orders_paid").heard().facts

    assert fact.customer == (
        IDENTIFY("email", "Shopper@Example.com"),
        IDENTIFY("customer", "shopify:700000000000000001"),
    )


def test_staff_is_kept_unless_the_connection_says_not_to() -> None:
    event = _event("orders_create.zero_total_pos")
    silent = replace(ROOM.connection, options={"staff": "none"})

    (fact,) = read(event.delivery(), silent, IDENTIFY).facts

    assert _order("orders_create.zero_total_pos").staff == "61000001"
    assert isinstance(fact.body, OrderSaid)
    assert fact.body.staff is None
    assert fact.body.location_id == "3001"


def test_a_person_who_asks_to_be_forgotten_is_named_by_orders() -> None:
    (erasure,) = _event("customers_redact").heard().erasures

    assert erasure.order_ids == ("820000000000000001", "820000000000000003")
    assert erasure.asked == "customers/redact"
    assert IDENTIFY("email", "shopper@example.com") in erasure.customer


def test_a_person_without_orders_never_erases_the_whole_account() -> None:
    heard = _event("customers_redact.without_orders").heard()

    assert heard.known
    assert not heard.erasures


def test_a_shop_that_asks_to_be_forgotten_is_the_whole_account() -> None:
    (erasure,) = _event("shop_redact").heard().erasures

    assert erasure.order_ids == ()
    assert (erasure.account, erasure.asked) == ("kiln", "shop/redact")


@pytest.mark.parametrize("stem", ["customers_redact.another_shop", "shop_redact.another_shop"])
def test_another_shops_wish_erases_nothing(stem: str) -> None:
    with pytest.raises(Unreadable, match="shop_domain"):
        _event(stem).heard()


def test_a_persons_wish_under_the_shops_topic_erases_nothing() -> None:
    with pytest.raises(Unreadable):
        _event("shop_redact.in_disguise").heard()


# --- Topics


@pytest.mark.parametrize("stem", ["orders_fulfilled", "customers_data_request"])
def test_a_known_topic_with_nothing_for_us_is_known(stem: str) -> None:
    heard = _event(stem).heard()

    assert heard.known
    assert not (heard.facts + heard.notices + heard.erasures)


def test_a_delivery_without_a_topic_is_unreadable() -> None:
    delivery = _event("orders_paid").delivery()
    bare = {k: v for k, v in delivery.headers.items() if k != "x-shopify-topic"}

    with pytest.raises(Unreadable, match="x-shopify-topic"):
        read(replace(delivery, headers=bare), ROOM.connection, IDENTIFY)


def test_an_edit_asks_for_its_order() -> None:
    (notice,) = _event("orders_edited").heard().notices

    assert (notice.kind, notice.object_id) == ("order", "820000000000000015")
    assert notice.details == {"committed_at": "2026-11-20T17:00:00.000Z"}


def test_a_document_of_another_kind_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="kind"):
        read_document(Document(kind="refund", body=b"{}"), ROOM.connection, IDENTIFY, NOW)


def _event(stem: str) -> Event:
    return Event(room=ROOM, stem=stem)


def _order(stem: str, body: Any = None) -> OrderSaid:
    raw = None if body is None else json.dumps(body).encode()
    said = _event(stem).heard(raw).facts[0].body
    assert isinstance(said, OrderSaid)
    return said


def _refund(stem: str) -> RefundSaid:
    (fact,) = _event(stem).heard().facts
    assert isinstance(fact.body, RefundSaid)
    return fact.body


def _folded(facts: tuple[Fact, ...]) -> Order:
    order = fold(facts)
    assert order is not None
    return order
