"""The stand-in of Upserve lists every check once by its day, and refuses what it should."""

import json
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.upserve.api import list_orders
from local.dealing import UPSERVE
from local.payloads import upserve
from local.till import Sale
from local.vendors.exchange import Request
from local.vendors.upserve import REFUSE_ONE_IN, Venue
from local.world import World
from tests.local_data.test_payload_upserve import CONNECTION
from vouchsafe.pure.pull import Request as Asked
from vouchsafe.pure.pull import Response, Send, Window

HEADERS = {
    "x-breadcrumb-username": UPSERVE.shop,
    "x-breadcrumb-password": UPSERVE.api_secret,
    "x-breadcrumb-api-key": UPSERVE.api_key,
}
PATH = "/ws/v2/checks.json"


def sending(desk: Venue) -> Send:
    def send(asked: Asked) -> Response:
        parts = urlsplit(asked.url)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = Request(asked.method, parts.path, dict(parse_qsl(parts.query)), headers, b"")
        answer = desk.answer(request)
        while answer.status == 429:
            answer = desk.answer(request)
        assert answer.status == 200, answer.body
        return Response(status=200, headers={}, body=answer.body)

    return send


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    return list(window.sales)


@pytest.fixture(scope="module")
def desk(sales: list[Sale]) -> Venue:
    return Venue(UPSERVE, sales)


def listed(desk: Venue, window: Window) -> list[str]:
    send, found, cursor = sending(desk), list[str](), None
    while True:
        page = list_orders(send, CONNECTION, window, cursor)
        found += [json.loads(each.body)["id"] for each in page.documents]
        if page.cursor is None:
            return found
        cursor = page.cursor


def test_a_window_lists_every_check_once(desk: Venue, sales: list[Sale]) -> None:
    window = Window(
        start=min(each.placed_at for each in sales),
        end=max(each.placed_at for each in sales) + timedelta(seconds=1),
        by="placed",
    )

    found = listed(desk, window)

    assert sorted(found) == sorted(upserve.check_id(each.number) for each in sales)


def test_a_sweep_lists_the_days_before_its_window_too(desk: Venue, sales: list[Sale]) -> None:
    now = max(each.placed_at for each in sales)

    found = set(listed(desk, Window(start=now - timedelta(minutes=25), end=now)))

    recent = [each for each in sales if each.placed_at >= now - timedelta(hours=24)]
    assert {upserve.check_id(each.number) for each in recent} <= found
    assert len(found) < len(sales)


def ask(desk: Venue, headers: dict[str, str], path: str = PATH, **query: str) -> int:
    answer = desk.answer(Request("GET", path, query, headers, b""))
    return ask(desk, headers, path, **query) if answer.status == 429 else answer.status


def test_nobody_is_let_in_without_all_three_headers(desk: Venue) -> None:
    for name in HEADERS:
        given = {each: value for each, value in HEADERS.items() if each != name}
        assert ask(desk, given, date="20171115") == 401


@pytest.mark.parametrize("query", [{}, {"date": "2017-11-15"}, {"date": "20171115", "limit": "x"}])
def test_a_question_that_is_none_is_refused(desk: Venue, query: dict[str, str]) -> None:
    assert ask(desk, HEADERS, **query) == 400


def test_another_page_is_not_there(desk: Venue) -> None:
    assert ask(desk, HEADERS, "/ws/v2/menus.json", date="20171115") == 404


def test_it_asks_for_patience_now_and_then(sales: list[Sale]) -> None:
    desk = Venue(UPSERVE, sales[:1])
    request = Request("GET", PATH, {"date": "20171115"}, HEADERS, b"")

    statuses = [desk.answer(request).status for _ in range(REFUSE_ONE_IN)]

    assert statuses.count(429) == 1
