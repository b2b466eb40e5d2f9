"""Revel's documents foot, its bodies are signed, and its room makes the sale of them."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.revel import api
from functions.sources.revel.read import read, read_document
from functions.sources.revel.verify import verify
from local.dealing import REVEL
from local.payloads import revel
from local.payloads.message import Message
from local.till import Sale
from local.vendors.exchange import Request as Asked
from local.vendors.revel import Instance
from local.world import World
from vouchsafe.pure.codes import alias_key, canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Delivery, Document, Heard
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.order import Charged, Order, fold
from vouchsafe.pure.pull import Request, Response, Send, Window

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
IDENTIFY = identify_with(b"the identity key of the tests")
CONNECTION = Connection(
    platform="revel",
    account=REVEL.account,
    signing_keys=REVEL.signing_keys,
    shop=REVEL.shop,
    api_url="http://127.0.0.1:1",
    api_key=REVEL.api_key,
    api_secret=REVEL.api_secret,
    options={"currency": "USD", "zone": "America/New_York"},
)
BODY = (
    b'{"order":{"id":8842,"uuid":"5f0f6a0e-7c53-4f6e-9c55-1f5f2f1f7d11","closed":true,"version":4}}'
)


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """Some hundreds, and every one that something became of."""
    fated = [each for each in window.sales if each.back or each.cancelled_at or not each.paid]
    numbers = {each.number for each in fated}
    return [*(each for each in window.sales[:300] if each.number not in numbers), *fated]


@pytest.fixture(scope="module")
def orders(sales: list[Sale]) -> Mapping[str, Order]:
    """What the room hears of each sale: by webhooks, fetches, and one sweep of it all."""
    send = sender(Instance(REVEL, sales))
    told: dict[str, list[Fact]] = defaultdict(list)
    for message in (message for each in sales for message in revel.messages(each)):
        said = heard(message)
        documents = [
            each for notice in said.notices for each in api.fetch(send, CONNECTION, notice)
        ]
        for fact in (*said.facts, *(fact for each in documents for fact in facts_of(each))):
            told[fact.order.order_id].append(fact)
    for document in listed(send, everything(sales)):
        for fact in facts_of(document):
            told[fact.order.order_id].append(fact)
    folded = {order_id: fold(facts) for order_id, facts in told.items()}
    return {order_id: order for order_id, order in folded.items() if order}


def everything(sales: list[Sale]) -> Window:
    start = min(each.placed_at for each in sales)
    return Window(start=start, end=max(each.placed_at for each in sales) + timedelta(days=2))


def sender(instance: Instance) -> Send:
    def send(asked: Request) -> Response:
        parts = urlsplit(asked.url)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        query = dict(parse_qsl(parts.query))
        request = Asked(asked.method, parts.path, query, headers, asked.body or b"")
        answer = instance.answer(request)
        while answer.status == 429:
            answer = instance.answer(request)
        assert answer.status == 200, answer.body
        return Response(status=200, headers={}, body=answer.body)

    return send


def heard(message: Message) -> Heard:
    delivery = Delivery(
        platform="revel",
        account=message.shop.account,
        headers={name.lower(): value for name, value in revel.headers(message).items()},
        body=message.body,
        received_at=NOW,
    )
    assert verify(delivery, CONNECTION, NOW) == "genuine"
    return read(delivery, CONNECTION, IDENTIFY)


def facts_of(document: Document) -> tuple[Fact, ...]:
    return read_document(document, CONNECTION, IDENTIFY, NOW)


def listed(send: Send, window: Window) -> list[Document]:
    found, cursor = list[Document](), None
    while True:
        page = api.list_orders(send, CONNECTION, window, cursor)
        found += page.documents
        cursor = page.cursor
        if cursor is None:
            return found


def test_the_raw_body_is_signed() -> None:
    signed = revel.signature(BODY, "revel-webhook-secret-example")

    assert signed == "21459a626ff0d7b51589a57909509784d77fe32d"


def test_an_order_foots(sales: list[Sale]) -> None:
    for each in sales:
        order: Any = revel.order(each)
        items: Any = revel.items(each)
        gross = sum(Decimal(str(item["price"])) * item["quantity"] for item in items)
        applied = [*order["applied_discounts"], *(x for i in items for x in i["applied_discounts"])]
        taken = sum(Decimal(x["discount_amount"]) for x in applied)

        assert gross == Decimal(str(order["subtotal"]))
        assert taken == Decimal(str(order["discount_amount"]))
        assert gross - taken == Decimal(str(order["final_total"]))


def test_only_a_closed_bill_is_told(sales: list[Sale]) -> None:
    for each in sales:
        closed = each.paid and not each.cancelled_at

        assert len(list(revel.messages(each))) == int(closed)


def test_bills_are_told_whole_thin_and_by_their_id(sales: list[Sale]) -> None:
    told = [heard(message) for each in sales for message in revel.messages(each)]
    bodies = [json.loads(message.body) for each in sales for message in revel.messages(each)]

    assert any(each.facts and not each.notices for each in told)
    assert any(each.notices and not each.facts for each in told)
    assert {"order" in body for body in bodies} == {True, False}


def test_the_room_makes_the_sale_of_its_documents(
    sales: list[Sale], orders: Mapping[str, Order]
) -> None:
    assert len(orders) == len(sales)
    for each in sales:
        order = orders[str(each.number)]

        assert order.sums_foot
        assert (order.gross_minor, order.total_minor) == (each.gross, each.total)
        assert order.discount_minor == each.discount
        assert order.refunded_minor == each.refunded()
        assert order.placed_at == each.placed_at.replace(microsecond=0)
        assert IDENTIFY("email", each.email) in order.customer


def test_every_code_of_a_sale_is_there_by_one_of_its_names(
    sales: list[Sale], orders: Mapping[str, Order]
) -> None:
    codes = {one.code for each in sales for one in each.discounts if one.kind == "code"}
    known = {alias_key(revel.alias(code) or ""): code for code in codes if revel.alias(code)}
    ways = {revel.naming(code) for code in codes}

    for each in sales:
        found: dict[str, int] = defaultdict(int)
        for charge in orders[str(each.number)].charged:
            found[_code_of(charge, known)] += charge.amount_minor
        rung: dict[str, int] = defaultdict(int)
        for one in each.discounts:
            rung[canonical(one.code) if one.kind == "code" else ""] += one.amount

        assert {**found, "": found[""]} == {**rung, "": rung[""]}
    assert ways == {"code", "definition", "name"}


def test_a_return_takes_back_what_its_units_took_off(
    sales: list[Sale], orders: Mapping[str, Order]
) -> None:
    returned = [each for each in sales if each.back and not each.returned_in_full]
    for each in returned:
        goods = each.back.items if each.back else ()
        back = sum(each.share_back(one, at) for at, _ in goods for one in each.discounts)

        assert sum(one.returned_minor for one in orders[str(each.number)].charged) == back
    assert returned


def test_stages_are_those_of_the_sales(sales: list[Sale], orders: Mapping[str, Order]) -> None:
    for each in sales:
        off = each.cancelled_at is not None or each.returned_in_full
        stage = "reversed" if off else "confirmed" if each.paid else "open"

        assert orders[str(each.number)].stage == stage


def _code_of(charge: Charged, known: Mapping[str, str]) -> str:
    if charge.code_raw:
        return canonical(charge.code_raw)
    return next((canonical(known[each]) for each in charge.aliases if each in known), "")
