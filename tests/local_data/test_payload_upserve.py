"""Upserve's checks foot, and the room reads the sale out of them to the cent."""

import json
from decimal import Decimal
from typing import Any

import pytest

from functions.sources.upserve.read import read_document
from local.dealing import UPSERVE
from local.payloads import upserve
from local.till import Sale
from local.world import World
from tests.local_data.product import HEARD_AT, IDENTIFY
from tests.pure.registers import Shelf
from vouchsafe.pure import codes
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.redemption import derive

CONNECTION = Connection(
    platform="upserve",
    account=UPSERVE.account,
    shop=UPSERVE.shop,
    api_url="http://127.0.0.1:1/",
    api_key=UPSERVE.api_key,
    api_secret=UPSERVE.api_secret,
    options=upserve.OPTIONS,
)


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """Every sale of a window that carries a discount or has a fate, and some of the others."""
    plain = [each for each in window.sales if not each.discounts][:50]
    return plain + [each for each in window.sales if each.discounts]


def read(sale: Sale) -> Order:
    document = Document(kind="check", body=json.dumps(upserve.check(sale)).encode())
    order = fold(read_document(document, CONNECTION, IDENTIFY, HEARD_AT))
    assert order is not None
    return order


def test_a_check_foots(sales: list[Sale]) -> None:
    for sale in sales:
        check: Any = upserve.check(sale)

        lines = [each for item in check["items"] for each in (item, *item["sides"])]
        net = sum((Decimal(x["price"]) for x in lines), Decimal(0))
        net -= sum((Decimal(x["voidcomp"]["value"]) for x in lines if x["voidcomp"]), Decimal(0))
        paid = sum((Decimal(x["amount"]) for x in check["payments"]), Decimal(0))

        assert len({each["id"] for each in lines}) == len(lines)
        assert net == Decimal(check["sub_total"]) == Decimal(check["total"])
        if not sale.cancelled_at:
            assert Decimal(check["total"]) - paid == Decimal(check["outstanding_balance"])


def test_the_room_reads_the_sale_to_the_cent(sales: list[Sale]) -> None:
    for sale in sales:
        order = read(sale)

        assert order.gross_minor == sale.gross, sale.number
        assert order.discount_minor == sale.discount
        assert order.refunded_minor == sale.refunded()
        assert order.sums_foot
        assert not order.estimated
        assert order.total_minor == sale.total
        back = sum(sale.share_back(d, at) for d in sale.discounts for at in range(len(sale.items)))
        expected = sale.discount if order.stage == "reversed" else back
        assert sum(each.returned_minor for each in order.charged) == expected
        if order.stage != "reversed":
            assert order.returned_net_minor == sale.refunded()


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
        if known := upserve.alias(code):
            register.aliases["upserve", UPSERVE.account, known] = code
    namings = set()
    for sale in sales:
        projected = derive(read(sale), register)

        told = {each.code: each.discount_minor for each in projected.redemptions}
        expected = {codes.canonical(each.code): each.amount for each in sale.discounts if each.code}
        assert told == expected, sale.number
        codeless = [each.amount for each in sale.discounts if each.kind == "coupon"]
        assert [each.discount_minor for each in projected.unmapped] == codeless
        namings |= {upserve.naming(each.code) for each in sale.discounts if each.code}
    assert namings == {"prefix", "reason"}


def test_people_are_in_the_checks_and_nowhere_after(sales: list[Sale]) -> None:
    sale = next(each for each in sales if each.discounts)

    assert f"Household {sale.household}" in json.dumps(upserve.check(sale))
    assert "Household" not in repr(read(sale))
    assert sale.email not in repr(read(sale))
