"""Shopify: the shared suite, and the sheet's own signatures."""

from dataclasses import replace

import pytest

from functions.sources.shopify.verify import verify
from tests.sources.events import NOW
from tests.sources.shopify_kiln import ROOM, event
from tests.sources.suite import SourceSuite
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery


class TestShopify(SourceSuite):
    room = ROOM


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
    delivery = event("orders_paid").delivery()
    elsewhere = {**delivery.headers, "x-shopify-shop-domain": "elsewhere.myshopify.com"}
    nowhere = {k: v for k, v in delivery.headers.items() if k != "x-shopify-shop-domain"}

    for changed in (elsewhere, nowhere):
        with pytest.raises(Forged):
            verify(replace(delivery, headers=changed), ROOM.connection, NOW)


def test_a_connection_without_a_shop_takes_no_delivery() -> None:
    delivery = event("orders_paid").delivery()
    nowhere = {**delivery.headers, "x-shopify-shop-domain": ""}

    with pytest.raises(Forged):
        verify(replace(delivery, headers=nowhere), replace(ROOM.connection, shop=""), NOW)
