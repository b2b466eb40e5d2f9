"""What the X-Series' room asks of a shop, and what it makes of the answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from functions.sources.vend import api
from functions.sources.vend.access import sign_in
from functions.sources.vend.read import read_document
from functions.sources.vend.subscriptions import check
from functions.sources.vend.versions import Mark, version_before
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_vend import CONNECTION, ROOM
from tests.sources.vend_vendor import Plain, Shop
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Grant, Request, Response, Window

START = datetime(2026, 11, 20, tzinfo=UTC)
CUSTOMER = {
    "id": "36f675cc-81e7-4ef5-a8e2-5d940ed90475",
    "customer_code": "MARIA-9XK2",
    "first_name": "Maria",
    "email": "maria.silva@example.com",
    "mobile": "+64 21 555 0142",
}
# Versions are counted over all shops: one shop's are far apart.
APART = 7_000_003
FIRST = 48_000_000_000


def held(stem: str, name: str = "sale") -> Plain:
    document: Plain = json.loads(Event(room=ROOM, stem=stem).document().body)[name]
    return document


def notice(sale_id: str, kind: str = "sale") -> Notice:
    return Notice(platform="vend", account="kew", kind=kind, object_id=sale_id, details={})


def told(document: Document) -> set[tuple[str, str]]:
    facts = read_document(document, CONNECTION, IDENTIFY, NOW)
    return {(fact.order.order_id, fact.fact_id()) for fact in facts}


def expected(stem: str) -> set[tuple[str, str]]:
    facts = Event(room=ROOM, stem=stem).heard().facts
    return {(fact.order.order_id, fact.fact_id()) for fact in facts}


def made(number: int, **more: Any) -> Plain:
    """A sale of its own, one each ten minutes."""
    sale = held("sale.no_discount")
    at = (START + timedelta(minutes=10 * number)).isoformat()
    sale |= {"id": f"s-{number}", "date": at, "created_at": at, "updated_at": at}
    sale |= {"_metadata": {"version": FIRST + APART * number}, **more}
    return sale


def listed(shop: Shop, window: Window) -> list[str]:
    found, cursor = list[str](), None
    while True:
        page = api.list_orders(shop.send, CONNECTION, window, cursor)
        found += [json.loads(each.body)["sale"]["id"] for each in page.documents]
        cursor = page.cursor
        if cursor is None:
            return found


def test_a_fetch_brings_the_sale_and_its_buyer_without_their_name() -> None:
    shop = Shop([held("sale.confirmed")], [CUSTOMER])

    (document,) = api.fetch(shop.send, CONNECTION, notice(held("sale.confirmed")["id"]))

    assert told(document) == expected("sale.confirmed")
    assert json.loads(document.body)["customer"]["email"] == "maria.silva@example.com"
    assert "first_name" not in json.loads(document.body)["customer"]


def test_a_fetch_of_a_return_brings_the_sale_that_it_gives_back() -> None:
    shop = Shop([held("sale.two_codes"), held("return.partial")], [CUSTOMER])

    (document,) = api.fetch(shop.send, CONNECTION, notice(held("return.partial")["id"]))

    assert told(document) == expected("return.partial")


@pytest.mark.parametrize("status", [403, 404])
def test_a_buyer_that_we_may_not_see_is_nobody(status: int) -> None:
    shop = Shop([held("sale.confirmed")], [CUSTOMER])
    shop.refuses[f"GET customers/{CUSTOMER['id']}"] = status

    (document,) = api.fetch(shop.send, CONNECTION, notice(held("sale.confirmed")["id"]))

    assert told(document) == expected("sale.confirmed")
    assert "customer" not in json.loads(document.body)


def test_a_sale_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused):
        api.fetch(Shop().send, CONNECTION, notice("nowhere"))
    with pytest.raises(Invalid):
        api.fetch(Shop().send, CONNECTION, notice("s-1", "product"))


def test_a_window_is_listed_once_and_in_full() -> None:
    shop = Shop(made(number) for number in range(600))
    window = Window(start=START + timedelta(hours=40), end=START + timedelta(hours=50))

    found = listed(shop, window)

    assert found == [f"s-{number}" for number in range(240, 300)]


def test_a_search_for_the_start_takes_few_calls() -> None:
    shop = Shop(made(number) for number in range(3000))
    window = Window(start=START + timedelta(hours=400), end=START + timedelta(hours=401))

    assert listed(shop, window) == [f"s-{number}" for number in range(2400, 2406)]
    assert len(shop.asked) < 45


def test_a_window_of_placing_has_its_sales_and_their_returns_to_this_day() -> None:
    original = held("sale.two_codes") | {"_metadata": {"version": FIRST + APART * 900}}
    back = held("return.partial") | {"_metadata": {"version": FIRST + APART * 901}}
    other = held("return.sale_not_there") | {"_metadata": {"version": FIRST + APART * 902}}
    shop = Shop([*(made(number) for number in range(200)), original, back, other])
    day = Window(start=START, end=START + timedelta(days=1), by="placed")

    found = listed(shop, day)

    assert set(found) == {f"s-{number}" for number in range(144)} | {original["id"], back["id"]}


def test_a_sale_that_is_touched_later_stays_in_its_window_of_placing() -> None:
    late = made(3, updated_at="2026-12-24T10:00:00+00:00", _metadata={"version": FIRST * 2})
    shop = Shop([*(made(number) for number in range(3)), late])
    day = Window(start=START, end=START + timedelta(days=1), by="placed")

    assert "s-3" in listed(shop, day)


def test_an_empty_shop_has_no_sales() -> None:
    window = Window(start=START, end=START + timedelta(days=1))

    assert listed(Shop(), window) == []


def test_a_listing_that_does_not_go_on_is_given_up() -> None:
    def send(_: Request) -> Response:
        answer = {"data": [made(1)], "version": {"min": 0, "max": 0}}
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    with pytest.raises(Unavailable):
        api.list_orders(send, CONNECTION, Window(start=START, end=NOW), "7")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": [1]}', b'{"data": [{}]}'])
def test_an_answer_that_is_no_listing_is_unavailable(body: bytes) -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    window = Window(start=START, end=NOW)
    if body == b"[]":
        assert api.list_orders(send, CONNECTION, window, "7").cursor is None
        return
    with pytest.raises(Unavailable):
        api.list_orders(send, CONNECTION, window, "7")


@pytest.mark.parametrize("many", [0, 1, 2, 99, 100, 101, 350])
@pytest.mark.parametrize("early", [0, 1, 50, 100, 101, 349, 350])
def test_the_version_before_an_instant_leaves_nothing_out(many: int, early: int) -> None:
    marks = [Mark(FIRST + APART * at, START + timedelta(minutes=at)) for at in range(many)]
    start = START + timedelta(minutes=early)

    found = version_before(start, lambda after: [m for m in marks if m.version > after][:100])

    left_out = [each for each in marks if each.version <= found]
    assert all(each.at < start for each in left_out)
    needless = [each for each in marks if each.version > found and each.at < start]
    assert len(needless) <= 60


class Tokens:
    """The vendor's token endpoint: each refresh is good for one time."""

    def __init__(self) -> None:
        self.good = "refresh-1"

    def send(self, request: Request) -> Response:
        assert request.url == "https://demostore.retail.lightspeed.app/api/1.0/token"
        form = dict(parse_qsl((request.body or b"").decode()))
        assert (form["client_id"], form["client_secret"]) == ("the-client", "the-secret")
        assert form["grant_type"] == "refresh_token"
        if form["refresh_token"] != self.good:
            raise Refused("the vendor answered 400", status=400)
        number = int(self.good[-1])
        self.good = f"refresh-{number + 1}"
        answer = {"access_token": f"a-{number}", "refresh_token": self.good, "expires_in": 86400}
        return Response(status=200, headers={}, body=json.dumps(answer).encode())


APPLICATION = replace(
    CONNECTION,
    api_key="the-client",
    api_secret="the-secret",
    options={"currency": "USD", "refresh_token": "refresh-1"},
)


def test_an_application_signs_in_with_the_last_refresh() -> None:
    tokens = Tokens()

    first = sign_in(tokens.send, APPLICATION, None, NOW)
    second = sign_in(tokens.send, APPLICATION, first, NOW)

    assert first == Grant(token="a-1", expires_at=NOW + timedelta(days=1), refresh="refresh-2")
    assert second.token == "a-2"
    with pytest.raises(Refused):
        sign_in(tokens.send, APPLICATION, first, NOW)


def test_a_personal_token_is_used_as_it_is() -> None:
    def nobody(_: Request) -> Response:
        raise AssertionError

    assert sign_in(nobody, CONNECTION, None, NOW).token == "the-personal-token"


def test_an_answer_without_a_token_is_unavailable() -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={}, body=b"{}")

    with pytest.raises(Unavailable):
        sign_in(send, APPLICATION, None, NOW)


URL = CONNECTION.notification_url
OURS = {"id": "wh-7", "type": "sale.update", "url": URL, "active": True}


def test_a_subscription_that_is_on_is_left_alone() -> None:
    shop = Shop(webhooks=[OURS | {"url": "https://elsewhere.example"}, OURS])

    assert [each.state for each in check(shop.send, CONNECTION)] == ["on"]
    assert shop.asked == ["GET webhooks"]


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ([OURS | {"active": False}], "PUT webhooks/wh-7"),
        ([OURS | {"type": "product.update"}], "POST webhooks"),
        ([], "POST webhooks"),
    ],
)
def test_a_subscription_that_is_gone_is_made_again(there: list[Plain], asked: str) -> None:
    shop = Shop(webhooks=there)

    assert [each.state for each in check(shop.send, CONNECTION)] == ["made_again"]
    assert shop.asked[-1] == asked
    assert shop.told == [{"type": "sale.update", "url": URL, "active": True}]


@pytest.mark.parametrize(
    ("there", "refused", "status", "state"),
    [
        ([OURS | {"active": False}], "PUT webhooks/wh-7", 403, "off"),
        ([], "POST webhooks", 403, "missing"),
        ([], "POST webhooks", 409, "off"),
    ],
)
def test_a_subscription_that_cannot_be_made_is_told(
    there: list[Plain], refused: str, status: int, state: str
) -> None:
    shop = Shop(webhooks=there)
    shop.refuses[refused] = status

    (found,) = check(shop.send, CONNECTION)

    assert found.state == state
    assert found.why
