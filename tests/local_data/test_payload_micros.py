"""Simphony's documents foot, its digest is the sheet's, and the room reads the sale out of them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from functions.sources.micros.notices import notices
from functions.sources.micros.read import read_document
from functions.sources.micros.verify import verify
from local.dealing import MICROS
from local.payloads import micros
from local.till import Sale
from local.world import World
from tests.pure.registers import Shelf
from vouchsafe.pure import codes
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Document
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.redemption import derive

IDENTIFY = identify_with(b"a key of this test")
HEARD_AT = datetime(2026, 11, 20, tzinfo=UTC)
CONNECTION = Connection(
    platform="micros",
    account=MICROS.account,
    signing_keys=MICROS.signing_keys,
    shop=MICROS.shop,
    options=micros.OPTIONS,
)
BODY = (
    b'{"messages":[{"id":"8d1f7c7e-3a55-4a0b-9d3c-6f1b2c3d4e5f",'
    b'"creationDate":"2026-11-20T18:45:10.120Z","messageType":{"id":"CheckNotification"},'
    b'"resource":{"orgShortName":"acme","locRef":"store12","rvcRef":"42",'
    b'"checkRef":"5c1e0d9ab7c64b6f8a3f2d7b9e4400120000431a"},'
    b'"data":{"status":"Submitted","timeStampUtc":"2026-11-20T18:45:09.901Z"}}]}'
)


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """Every sale of a window that carries a discount or has a fate, and some of the others."""
    plain = [each for each in window.sales if not each.discounts][:50]
    return plain + [each for each in window.sales if each.discounts]


def read(sale: Sale) -> Order:
    whole = {"locRef": micros.location(sale.store), "guestCheck": micros.guest_check(sale)}
    document = Document(kind="check", body=json.dumps(whole).encode())
    order = fold(read_document(document, CONNECTION, IDENTIFY, HEARD_AT))
    assert order is not None
    return order


def test_the_digest_is_the_sheets() -> None:
    key = "c3RzLWdlbjItc3Vic2NyaWJlci1rZXktMzJieXRlcyE="

    assert micros.signature(BODY, key) == "oV39qcwCa4fGPg/fn6Fmj477kHZq3a9Xv9uOifXBK+Y="


def test_a_check_foots(sales: list[Sale]) -> None:
    for sale in sales:
        check: Any = micros.guest_check(sale)

        def total(name: str, details: Any = check["detailLines"]) -> Decimal:
            return sum((Decimal(str(x["aggTtl"])) for x in details if name in x), Decimal(0))

        assert total("menuItem") + total("discount") == Decimal(str(check["chkTtl"]))
        assert total("discount") == Decimal(str(check["dscTtl"]))
        if check["clsdFlag"] and "cancelFlag" not in check:
            assert total("tenderMedia") == Decimal(str(check["chkTtl"]))
        assert len({each["dtlId"] for each in check["detailLines"]}) == len(check["detailLines"])


def test_the_room_reads_the_sale_to_the_cent(sales: list[Sale]) -> None:
    for sale in sales:
        order = read(sale)

        assert order.total_minor == sale.total, sale.number
        assert order.gross_minor == sale.gross
        assert order.discount_minor == sale.discount
        assert order.refunded_minor == sale.refunded()
        assert order.sums_foot
        assert sum(each.returned_minor for each in order.charged) == _expected_back(sale, order)


def _expected_back(sale: Sale, order: Order) -> int:
    if order.stage == "reversed":
        return sale.discount
    return sum(sale.share_back(d, at) for d in sale.discounts for at in range(len(sale.items)))


def test_every_fate_is_told(sales: list[Sale]) -> None:
    stages = {
        "unpaid": {read(each).stage for each in sales if not each.paid},
        "cancelled": {read(each).stage for each in sales if each.cancelled_at},
        "full": {read(each).stage for each in sales if each.returned_in_full},
        "partial": {read(each).stage for each in sales if each.back and not each.returned_in_full},
    }

    assert stages == {
        "unpaid": {"open"},
        "cancelled": {"reversed"},
        "full": {"reversed"},
        "partial": {"confirmed"},
    }


def test_codes_and_their_money_survive(sales: list[Sale]) -> None:
    register = Shelf()
    for code in {each.code for sale in sales for each in sale.discounts if each.code}:
        if alias := micros.alias(code):
            register.aliases["micros", MICROS.account, alias] = code
    namings = set()
    for sale in sales:
        projected = derive(read(sale), register)

        told = {each.code: each.discount_minor for each in projected.redemptions}
        assert told == _by_code(sale)
        codeless = [each.amount for each in sale.discounts if each.kind == "coupon"]
        assert [each.discount_minor for each in projected.unmapped] == codeless
        namings |= {micros.naming(each.code) for each in sale.discounts if each.code}
    assert namings == {"number", "reference"}


def _by_code(sale: Sale) -> dict[str, int]:
    return {codes.canonical(each.code): each.amount for each in sale.discounts if each.code}


def test_a_notification_is_genuine_and_names_the_check(sales: list[Sale]) -> None:
    for sale in sales[:60]:
        for delivery in deliveries(sale):
            assert verify(delivery, CONNECTION, HEARD_AT) == "genuine"
            (notice,) = notices(delivery, CONNECTION, IDENTIFY).notices
            assert notice.object_id == micros.guest_check(sale)["posChkGUID"]
            assert notice.details["location"] == micros.location(sale.store)
            assert b"Ttl" not in delivery.body


def test_a_notification_on_the_way_may_not_change(sales: list[Sale]) -> None:
    delivery = next(deliveries(sales[0]))
    other = Delivery(
        platform="micros",
        account=MICROS.account,
        headers=delivery.headers,
        body=delivery.body.replace(b"Submitted", b"Submittee"),
        received_at=HEARD_AT,
    )

    with pytest.raises(Forged):
        verify(other, CONNECTION, HEARD_AT)


def deliveries(sale: Sale) -> Iterator[Delivery]:
    for message in micros.messages(sale):
        yield Delivery(
            platform="micros",
            account=MICROS.account,
            headers={name.lower(): value for name, value in micros.headers(message).items()},
            body=message.body,
            received_at=HEARD_AT,
        )
