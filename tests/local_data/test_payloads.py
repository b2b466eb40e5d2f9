"""Each platform's documents foot, and its signatures are those of the platform's own vectors."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from local.dealing import NORTH, SHOPIFY, SQUARE, place
from local.payloads import shopify, square, woocommerce
from local.payloads.message import Message, major
from local.payloads.timeline import last
from local.till import Sale
from local.world import World

SHOPIFY_BODY = (
    rb'{"id":820000000000000001,"name":"#1001","test":false,"financial_status":"paid",'
    rb'"currency":"USD","note":"caf\u00e9","discount_codes":[{"code":"WELCOME10",'
    rb'"amount":"4.50","type":"percentage"}]}'
)
WOO_BODY = (
    b'{"id":727,"status":"completed","currency":"USD","date_modified_gmt":"2026-11-20T15:04:05",'
    b'"total":"27.00","coupon_lines":[{"id":93,"code":"welcome10","discount":"3.00",'
    b'"discount_tax":"0.00"}]}'
)
SQUARE_BODY = (
    b'{"merchant_id":"MLTESTMERCHANT1","type":"order.updated",'
    b'"event_id":"5f0d9c1e-7a1b-4b6e-9b8e-0c2d4e6f8a01","created_at":"2026-11-20T15:04:05.678Z",'
    b'"data":{"type":"order_updated","id":"ORDtest0001","object":{"order_updated":'
    b'{"order_id":"ORDtest0001","version":4,"location_id":"LTESTLOC00001","state":"COMPLETED",'
    b'"created_at":"2026-11-20T15:01:00.000Z","updated_at":"2026-11-20T15:04:04.900Z"}}}}'
)


def of(window: World, platform: str) -> Iterator[Sale]:
    return (each for each in window.sales if place(each.store).shop.platform == platform)


def test_shopify_signs_the_raw_body() -> None:
    signed = shopify.signature(SHOPIFY_BODY, "shpss_test_client_secret_001")

    assert signed == "bkx6iq+GNt3QaDtnfbGt6aD1JGDLZoRxVS4/ILEHoMg="


@pytest.mark.parametrize(
    ("key", "url", "body", "expected"),
    [
        (
            "sq-test-signature-key-001",
            "https://hooks.example.com/v1/square?src=main",
            SQUARE_BODY,
            "zu4n2B8pqeLy8t68Fx8T0cnILFcPVf/0wK4KTEMPMBc=",
        ),
        (
            "asdf1234",
            "https://example.com/webhook",
            b'{"hello":"world"}',
            "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=",
        ),
    ],
)
def test_square_signs_address_and_body(key: str, url: str, body: bytes, expected: str) -> None:
    assert square.signature(body, key, url) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("wc_whsec_test_001", "b3t5Tegy0zSwipWE0QBA8npdOCR1TG2vlQVv5srJPsc="),
        ('wc_whsec_"A&B"_001', "QUn1xEvhUjCcWzWfeRlSHSd/uWhYgg9ocpcRjcNDpYg="),
    ],
)
def test_woocommerce_signs_the_raw_body_with_the_secret_as_typed(key: str, expected: str) -> None:
    assert woocommerce.signature(WOO_BODY, key) == expected


def test_a_shopify_order_foots(window: World) -> None:
    for sale in of(window, "shopify"):
        order: Any = shopify.order(sale, last(sale))

        gross = sum(Decimal(each["price"]) * each["quantity"] for each in order["line_items"])
        allocated = [
            (each["discount_application_index"], Decimal(each["amount"]))
            for line in order["line_items"]
            for each in line["discount_allocations"]
        ]

        assert gross == Decimal(order["total_line_items_price"])
        assert gross - Decimal(order["total_discounts"]) == Decimal(order["total_price"])
        assert sum(amount for _, amount in allocated) == Decimal(order["total_discounts"])
        for index, application in enumerate(order["discount_applications"]):
            own = sum((amount for at, amount in allocated if at == index), Decimal(0))
            assert own == Decimal(application["value"])


def test_a_square_order_foots(window: World) -> None:
    for sale in of(window, "square"):
        order: Any = square.order(sale)

        applied = {each["uid"]: each["applied_money"]["amount"] for each in order["discounts"]}
        on_lines = dict.fromkeys(applied, 0)
        for line in order["line_items"]:
            for each in line["applied_discounts"]:
                on_lines[each["discount_uid"]] += each["applied_money"]["amount"]
        gross = sum(each["gross_sales_money"]["amount"] for each in order["line_items"])

        assert on_lines == applied
        assert gross - sum(applied.values()) == order["total_money"]["amount"]
        assert sum(applied.values()) == order["total_discount_money"]["amount"]


def test_a_woocommerce_order_foots(window: World) -> None:
    for sale in of(window, "woocommerce"):
        order: Any = woocommerce.order(sale, last(sale))

        lines = order["line_items"]
        taken = sum((Decimal(x["subtotal"]) - Decimal(x["total"]) for x in lines), Decimal(0))
        fees = sum((Decimal(each["total"]) for each in order["fee_lines"]), Decimal(0))
        total = sum((Decimal(each["total"]) for each in lines), Decimal(0)) + fees

        assert taken == Decimal(order["discount_total"])
        assert taken == sum(Decimal(each["discount"]) for each in order["coupon_lines"])
        assert total == Decimal(order["total"]) >= 0


def test_a_square_return_takes_back_what_its_units_took_off(window: World) -> None:
    returned = [sale for sale in of(window, "square") if sale.back]
    for sale in returned:
        order: Any = square.return_order(sale)

        (back,) = order["returns"]
        lines = sum(each["total_money"]["amount"] for each in back["return_line_items"])

        assert back["source_order_id"] == square.order(sale)["id"]
        assert lines == sale.refunded() == order["return_amounts"]["total_money"]["amount"]
    assert returned


def test_a_woocommerce_refund_names_what_it_gave_back(window: World) -> None:
    returned = [sale for sale in of(window, "woocommerce") if sale.back]
    for sale in returned:
        refund: Any = woocommerce.refund(sale)

        lines = sum((Decimal(each["total"]) for each in refund["line_items"]), Decimal(0))
        fees = sum((Decimal(each["total"]) for each in refund["fee_lines"]), Decimal(0))

        assert -(lines + fees) == Decimal(refund["amount"])
    assert returned


def test_personal_data_is_in_the_documents(window: World) -> None:
    sale = next(of(window, "shopify"))
    other = next(of(window, "woocommerce"))

    told = json.dumps([shopify.order(sale, last(sale)), woocommerce.order(other, last(other))])

    assert f"Household{sale.household}" in told
    assert f"{other.household} Journey Street" in told


def test_a_square_webhook_tells_no_discount_and_no_line(window: World) -> None:
    for sale in of(window, "square"):
        for message in square.messages(sale):
            assert b"discount" not in message.body
            assert b"line_items" not in message.body


def test_headers_prove_the_delivery_by_each_platforms_own_scheme(window: World) -> None:
    sale = next(of(window, "shopify"))
    (first, *_) = shopify.messages(sale)
    old = shopify.headers(first, previous=True)["X-Shopify-Hmac-Sha256"]
    greeting = woocommerce.headers(woocommerce.ping(NORTH, first.at))

    assert old == shopify.signature(first.body, SHOPIFY.signing_keys[1])
    assert "X-WC-Webhook-Signature" not in greeting
    url = "http://localhost/webhooks/square/x"
    stub = Message(SQUARE, 1, "order.updated", first.at, b"{}")
    assert square.headers(stub, url)["x-square-hmacsha256-signature"] == square.signature(
        b"{}", SQUARE.signing_keys[0], url
    )


def test_cents_are_written_in_major_units() -> None:
    assert [major(each) for each in (0, 5, 100, -1350)] == ["0.00", "0.05", "1.00", "-13.50"]
