"""SAP Business One's documents foot, and the room reads the sale out of them to the cent."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from functions.sources.sap_business_one.documents import CREDIT_MEMO, INVOICE
from functions.sources.sap_business_one.read import read_document
from local.dealing import SAP_BUSINESS_ONE
from local.payloads import sap_business_one as payload
from local.till import GivenBack, Sale
from local.world import World
from tests.local_data.product import HEARD_AT, IDENTIFY
from tests.pure.registers import Shelf
from vouchsafe.pure import codes
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.redemption import derive

MEMBERS = ("loyalty", "match")
CONNECTION = Connection(
    platform="sap_business_one",
    account=SAP_BUSINESS_ONE.account,
    shop=SAP_BUSINESS_ONE.shop,
    api_url="http://127.0.0.1:1",
    api_key=SAP_BUSINESS_ONE.api_key,
    api_secret=SAP_BUSINESS_ONE.api_secret,
    options=payload.OPTIONS,
)


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """Every sale of a window that carries a discount or has a fate, and some of the others."""
    plain = [each for each in window.sales if not each.discounts][:50]
    return plain + [each for each in window.sales if each.discounts]


def facts(sale: Sale) -> list[Fact]:
    told = [(INVOICE, payload.invoice(sale))]
    if sale.cancelled_at:
        told.append((INVOICE, payload.cancellation(sale)))
    if sale.back:
        told.append((CREDIT_MEMO, payload.memo(sale)))
    return [
        fact
        for kind, document in told
        for fact in read_document(
            Document(kind=kind, body=json.dumps(document).encode()), CONNECTION, IDENTIFY, HEARD_AT
        )
    ]


def read(sale: Sale) -> Order:
    order = fold(facts(sale))
    assert order is not None
    return order


def shown(sale: Sale) -> int:
    """What was taken off the members' price."""
    return sum(each.amount for each in sale.discounts if each.kind not in MEMBERS)


def test_an_invoice_foots(sales: list[Sale]) -> None:
    for sale in sales:
        told: Any = payload.invoice(sale)
        net = sum((Decimal(str(line["LineTotal"])) for line in told["DocumentLines"]), Decimal(0))

        assert net - Decimal(str(told["TotalDiscount"])) == Decimal(str(told["DocTotal"]))
        numbers = [line["LineNum"] for line in told["DocumentLines"]]
        assert numbers == list(range(len(numbers)))


def test_the_room_reads_the_sale_to_the_cent(sales: list[Sale]) -> None:
    for sale in sales:
        order = read(sale)

        assert order.total_minor == sale.total, sale.number
        assert order.discount_minor == shown(sale)
        assert order.gross_minor == sale.total + shown(sale)
        assert order.refunded_minor == sale.refunded()
        assert order.placed_at == sale.placed_at.replace(microsecond=0)
        assert order.sums_foot
        assert order.customer == ()


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


def test_everything_may_come_back_coupons_and_all(sales: list[Sale]) -> None:
    with_goods_below_zero = [
        each
        for each in sales
        if each.total and not each.back and any(row.price < 0 for row in payload.rows(each))
    ]
    for sale in with_goods_below_zero[:20]:
        everything = tuple((at, item.units) for at, item in enumerate(sale.items))
        order = read(replace(sale, back=GivenBack(sale.placed_at, everything)))

        assert (order.stage, order.refunded_minor) == ("reversed", sale.total)
    assert with_goods_below_zero


def test_codes_and_their_money_survive(sales: list[Sale]) -> None:
    register = Shelf()
    for code in {each.code for sale in sales for each in sale.discounts if each.code}:
        if known := payload.alias(code):
            register.aliases["sap_business_one", SAP_BUSINESS_ONE.account, known] = code
    for sale in sales:
        projected = derive(read(sale), register)

        told = {each.code: each.discount_minor for each in projected.redemptions}
        expected = {codes.canonical(each.code): each.amount for each in sale.discounts if each.code}
        assert told == expected, sale.number
        codeless = [each.amount for each in sale.discounts if each.kind == "coupon"]
        assert [each.discount_minor for each in projected.unmapped] == codeless


def test_codes_stand_on_lines_on_the_header_and_as_goods(sales: list[Sale]) -> None:
    ways = {
        payload.way(sale, each)
        for sale in sales
        for each in sale.discounts
        if each.kind == "code" and each.amount
    }

    assert ways == {"line", "header", "item"}


def test_a_return_takes_back_what_its_units_took_off(sales: list[Sale]) -> None:
    narrow = [
        each
        for each in sales
        if each.back
        and not each.returned_in_full
        and sum(one.kind == "code" for one in each.discounts) == 1
        and not any(one.kind == "coupon" for one in each.discounts)
    ]
    for sale in narrow:
        (code,) = (each for each in sale.discounts if each.kind == "code")
        back = sum(sale.share_back(code, at) for at in range(len(sale.items)))

        assert [each.returned_minor for each in read(sale).charged] == [back]
    assert narrow


def test_people_are_in_the_documents_and_nowhere_after(sales: list[Sale]) -> None:
    sale = sales[0]

    assert f"Household {sale.household}" in json.dumps(payload.invoice(sale))
    assert "Household" not in repr(facts(sale))
    assert sale.email not in repr(facts(sale))
