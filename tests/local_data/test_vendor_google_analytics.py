"""The stand-in of Google tells the same by reports and by files, and refuses what it should."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.google_analytics.api import list_orders, sign_in
from functions.sources.google_analytics.read import read_document
from local.dealing import GOOGLE_ANALYTICS
from local.journey import starts
from local.payloads import google_analytics as payload
from local.till import Sale
from local.vendors.exchange import Request
from local.vendors.google_analytics import REFUSE_ONE_IN, Property
from local.world import World
from tests.local_data.product import HEARD_AT, IDENTIFY
from tests.local_data.test_payload_google_analytics import CONNECTION
from vouchsafe.pure import codes
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.pull import Request as Asked
from vouchsafe.pure.pull import Response, Send, Window
from vouchsafe.pure.sighting import Sighting

Way = Literal["export", "reports"]
REPORT = f"/v1beta/{GOOGLE_ANALYTICS.shop}:runReport"
OBJECTS = f"/storage/v1/b/{payload.BUCKET}/o"


def sending(desk: Property) -> Send:
    def send(asked: Asked) -> Response:
        parts = urlsplit(asked.url)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = Request(
            asked.method, parts.path, dict(parse_qsl(parts.query)), headers, asked.body or b""
        )
        answer = desk.answer(request)
        while answer.status == 429:
            answer = desk.answer(request)
        if answer.status >= 400:
            raise Refused("no", status=answer.status)
        return Response(status=answer.status, headers={}, body=answer.body)

    return send


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    return [each for each in window.sales if payload.order_id(each)]


@pytest.fixture(scope="module")
def desk(window: World) -> Property:
    return Property(GOOGLE_ANALYTICS, window.sales)


def connection(desk: Property, way: Way) -> Connection:
    options = payload.options("http://127.0.0.1:1", ways=way)
    unsigned = replace(CONNECTION, options=options)
    grant = sign_in(sending(desk), unsigned, None, HEARD_AT)
    return replace(unsigned, access_token=grant.token)


def listed(desk: Property, way: Way, window: Window) -> list[Sighting]:
    signed, send = connection(desk, way), sending(desk)
    found, cursor = list[Sighting](), None
    while True:
        page = list_orders(send, signed, window, cursor)
        for document in page.documents:
            found += read_document(document, signed, IDENTIFY, HEARD_AT)
        if page.cursor is None:
            return found
        cursor = page.cursor


def whole(window: World) -> Window:
    return Window(start=starts(window.first), end=starts(window.last + timedelta(days=2)))


@pytest.mark.parametrize("way", ["export", "reports"])
def test_a_sweep_brings_every_report_of_every_sale(
    desk: Property, window: World, sales: list[Sale], way: Way
) -> None:
    found = listed(desk, way, whole(window))

    times, told = Counter[str](), dict[str, tuple[str, ...]]()
    for each in set(found):
        if each.kind == "purchased":
            times[each.transaction_id] += each.times
            told[each.transaction_id] = each.codes
    expected = [
        each
        for sale in sales
        for each in (payload.reported(sale), payload.tested(sale))
        if each and each.times
    ]
    assert times == Counter({each.transaction_id: each.times for each in expected})
    assert told == {
        each.transaction_id: tuple(map(codes.canonical, each.codes)) for each in expected
    }


@pytest.mark.parametrize("way", ["export", "reports"])
def test_a_sweep_brings_what_was_applied(
    desk: Property, window: World, sales: list[Sale], way: Way
) -> None:
    found = {each for each in listed(desk, way, whole(window)) if each.kind == "applied"}

    expected = Counter(codes.canonical(code) for sale in sales for code in payload.applied(sale))
    assert Counter(each.codes[0] for each in found) == expected


@pytest.mark.parametrize("way", ["export", "reports"])
def test_a_sweep_brings_what_came_back(
    desk: Property, window: World, sales: list[Sale], way: Way
) -> None:
    found = [each for each in listed(desk, way, whole(window)) if each.kind == "refunded"]

    assert {each.transaction_id: each.amount_minor for each in found} == {
        payload.order_id(each): each.refunded()
        for each in sales
        if each.back and payload.how(each) != "not at all"
    }
    assert found


@pytest.mark.parametrize("way", ["export", "reports"])
def test_a_backfill_of_a_day_brings_that_day(desk: Property, window: World, way: Way) -> None:
    day = window.first + timedelta(days=2)
    span = Window(start=starts(day), end=starts(day + timedelta(days=1)), by="placed")

    assert {each.day for each in listed(desk, way, span)} == {day}


def ask(desk: Property, request: Request) -> int:
    answer = desk.answer(request)
    return ask(desk, request) if answer.status == 429 else answer.status


def request(desk: Property, method: str, path: str, said: Any = None, **query: str) -> Request:
    token = connection(desk, "export").access_token
    headers = {"authorization": f"Bearer {token}"}
    return Request(method, path, query, headers, json.dumps(said).encode() if said else b"")


def test_nobody_is_let_in_without_a_token(desk: Property) -> None:
    for path in (REPORT, OBJECTS):
        assert ask(desk, Request("POST", path, {}, {}, b"{}")) == 401


@pytest.mark.parametrize("field", ["api_key", "api_secret"])
def test_no_token_is_given_for_another_client(desk: Property, field: str) -> None:
    other: dict[str, Any] = {field: "somebody else's"}
    stranger = replace(CONNECTION, **other)

    with pytest.raises(Refused):
        sign_in(sending(desk), stranger, None, HEARD_AT)


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"dateRanges": [{"startDate": "yesterday", "endDate": "today"}]},
        {
            "dateRanges": [{"startDate": "2017-11-15", "endDate": "2017-11-15"}],
            "dimensions": [{"name": "itemCoupon"}],
            "metrics": [{"name": "eventCount"}],
        },
    ],
)
def test_a_question_that_is_none_is_refused(desk: Property, question: Any) -> None:
    assert ask(desk, request(desk, "POST", REPORT, question)) == 400


def test_an_object_that_is_not_there_is_not_found(desk: Property) -> None:
    path = f"{OBJECTS}/ga4%2Fevents_20200101.json"

    assert ask(desk, request(desk, "GET", path, alt="media")) == 404


def test_it_asks_for_patience_now_and_then(desk: Property) -> None:
    asked = request(desk, "GET", OBJECTS)

    statuses = [desk.answer(asked).status for _ in range(REFUSE_ONE_IN)]

    assert statuses.count(429) == 1
