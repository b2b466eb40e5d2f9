"""Clover's documents foot, its batches are hints, its room makes the sale of them to the cent."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.sources.clover import api
from functions.sources.clover.notices import notices
from functions.sources.clover.read import read_document
from functions.sources.clover.verify import verify
from local.dealing import CLOVER
from local.payloads import clover, clover_bill
from local.payloads.message import Message
from local.till import Item, Sale
from local.vendors.clover import Merchant
from local.vendors.exchange import Request as Asked
from local.world import World
from vouchsafe.pure.codes import alias_key
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Delivery, Greeting
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.order import Charged, Order, fold
from vouchsafe.pure.pull import Request, Response, Send

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
IDENTIFY = identify_with(b"the identity key of the tests")
CONNECTION = Connection(
    platform="clover",
    account=CLOVER.account,
    signing_keys=CLOVER.signing_keys,
    shop=CLOVER.shop,
    api_url="http://127.0.0.1:1",
    access_token=CLOVER.api_key,
    options={"merchant": clover.MERCHANT},
)


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """Some hundreds, and every one that something became of."""
    fated = [each for each in window.sales if each.back or each.cancelled_at or not each.paid]
    return list({each.number: each for each in (*window.sales[:250], *fated)}.values())


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def folded(sales: list[Sale], asked: list[str]) -> Mapping[int, Order]:
    """What the room hears of each sale, by webhook and fetch."""
    send = sender(Merchant(CLOVER, sales), asked)
    orders = {}
    for sale in sales:
        order = fold(fact for message in clover.messages(sale) for fact in heard(message, send))
        assert order is not None
        orders[sale.number] = order
    return orders


def sender(merchant: Merchant, asked: list[str]) -> Send:
    def send(request: Request) -> Response:
        parts = urlsplit(request.url)
        asked.append(parts.path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = {name: "&".join(values) for name, values in parse_qs(parts.query).items()}
        told = Asked(request.method, parts.path, query, headers, request.body or b"")
        answer = merchant.answer(told)
        while answer.status == 429:
            answer = merchant.answer(told)
        assert answer.status == 200, answer.body
        return Response(status=200, headers={}, body=answer.body)

    return send


def delivery(message: Message) -> Delivery:
    return Delivery(
        platform="clover",
        account=message.shop.account,
        headers={name.lower(): value for name, value in clover.headers(message).items()},
        body=message.body,
        received_at=NOW,
    )


def heard(message: Message, send: Send) -> list[Fact]:
    told = delivery(message)
    assert verify(told, CONNECTION, NOW) == "genuine"
    return [
        fact
        for notice in notices(told, CONNECTION, IDENTIFY).notices
        for each in api.fetch(send, CONNECTION, notice)
        for fact in read_document(each, CONNECTION, IDENTIFY, NOW)
    ]


def code_of(charge: Charged, codes: Mapping[str, str]) -> str | None:
    return next((codes[each] for each in charge.aliases if each in codes), None)


def test_a_greeting_brings_its_code(sales: list[Sale]) -> None:
    (message,) = clover.greeting(CLOVER, sales[0])

    verdict = verify(delivery(message), replace(CONNECTION, signing_keys=()), NOW)

    assert isinstance(verdict, Greeting)
    assert "X-Clover-Auth" not in clover.headers(message)


def test_a_batch_holds_ids_and_other_merchants(sales: list[Sale]) -> None:
    merchants = Counter[str]()
    for sale in sales:
        for message in clover.messages(sale):
            batch = json.loads(message.body)
            merchants.update(list(batch["merchants"]))
            for changes in batch["merchants"].values():
                assert all(set(each) == {"objectId", "type", "ts"} for each in changes)

    assert merchants[clover.MERCHANT] > merchants[clover.STRANGER] > 0


def test_an_order_tells_no_money_of_a_percentage(sales: list[Sale]) -> None:
    rows = Counter[str]()
    for sale in sales:
        order: Any = clover.order(sale)
        for line in order["lineItems"]["elements"]:
            for row in line["discounts"]["elements"]:
                rows["percent" if "percentageDecimal" in row else "amount"] += 1
                assert row["amount"] <= 0
                assert "percentageDecimal" not in row or row["amount"] == 0
        rows["order"] += len(order["discounts"]["elements"])
        prices = sum(
            line["price"] + sum(each["amount"] for each in line["modifications"]["elements"])
            for line in order["lineItems"]["elements"]
        )
        assert prices == sale.gross

    assert all(rows[kind] for kind in ("percent", "amount", "order")), rows


def test_the_room_makes_the_sale_of_its_documents(
    sales: list[Sale], folded: Mapping[int, Order]
) -> None:
    for sale in sales:
        order = folded[sale.number]

        assert order.sums_foot
        assert (order.gross_minor, order.total_minor) == (sale.gross, sale.total)
        assert order.discount_minor == sale.discount
        assert order.refunded_minor == sale.refunded()
        assert order.location_id == clover.MERCHANT
        assert not order.estimated


def test_every_code_of_a_sale_has_its_amount(
    sales: list[Sale], folded: Mapping[int, Order]
) -> None:
    codes = {
        alias_key(clover_bill.alias(each.code)): each.code
        for sale in sales
        for each in sale.discounts
        if each.code
    }
    seen = Counter[str]()
    for sale in sales:
        rung, found = Counter[str](), Counter[str]()
        for one in sale.discounts:
            if one.code:
                rung[one.code] += one.amount
        for charge in folded[sale.number].charged:
            code = code_of(charge, codes)
            if code:
                found[code] += charge.amount_minor
                seen[charge.aliases[0].partition(":")[0]] += 1

        assert dict(found) == dict(rung)
    assert seen["catalog"]
    assert seen["name"]


def test_money_without_a_code_is_one_discount_of_each_kind(
    sales: list[Sale], folded: Mapping[int, Order]
) -> None:
    for sale in sales:
        rung = {
            clover_bill.NAMES[each.kind]: each.amount for each in sale.discounts if not each.code
        }
        found = {
            each.name: each.amount_minor
            for each in folded[sale.number].charged
            if each.name in clover_bill.NAMES.values()
        }

        assert found == {name: cents for name, cents in rung.items() if cents}
        names = [each.name for each in folded[sale.number].charged]
        assert all(names.count(name) == 1 for name in found)


def test_a_return_takes_back_what_its_units_took_off(
    sales: list[Sale], folded: Mapping[int, Order]
) -> None:
    returned = [each for each in sales if each.back and not each.returned_in_full]
    for sale in returned:
        items = sale.back.items if sale.back else ()
        back = sum(sale.share_back(one, at) for at, _ in items for one in sale.discounts)

        assert sum(one.returned_minor for one in folded[sale.number].charged) == back
    assert returned


def test_stages_are_those_of_the_sales(sales: list[Sale], folded: Mapping[int, Order]) -> None:
    stages = Counter[str]()
    for sale in sales:
        off = sale.cancelled_at is not None or (sale.returned_in_full and sale.total > 0)
        stage = "reversed" if off else "confirmed" if sale.paid else "open"

        assert folded[sale.number].stage == stage
        stages[stage] += 1
    assert len(stages) == 3


def test_a_buyer_is_known_by_mail(sales: list[Sale], folded: Mapping[int, Order]) -> None:
    for sale in sales:
        assert IDENTIFY("email", sale.email) in folded[sale.number].customer


def test_modified_lines_take_a_read_of_their_own(
    folded: Mapping[int, Order], asked: list[str]
) -> None:
    assert folded
    assert any(path.endswith("/line_items") for path in asked)


def test_every_sale_of_the_window_can_be_rung(window: World) -> None:
    for sale in window.sales:
        clover.order(sale)


def test_many_units_are_many_lines(sales: list[Sale]) -> None:
    sale = next(each for each in sales if each.paid and not each.back and not each.discount)
    many = replace(sale, items=(Item("1001", "Rolls", 99, 30), Item("1002", "Milk", 9, 180)))
    send = sender(Merchant(CLOVER, [many]), [])

    order = fold(fact for message in clover.messages(many) for fact in heard(message, send))

    assert order is not None
    assert len(order.lines) == 108
    assert order.total_minor == many.total
