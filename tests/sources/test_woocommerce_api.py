"""Do we ask the shop for everything, once it lists what keeps changing under us?"""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.sources.woocommerce.api import fetch, list_orders
from tests.sources.test_woocommerce import SHOP
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request, Response, Window

NOTICE = Notice(
    platform="woocommerce", account="tea-shop", kind="order", object_id="727", details={}
)
WINDOW = Window(
    start=datetime(2026, 11, 20, 15, 0, 0, 500_000, tzinfo=UTC),
    end=datetime(2026, 11, 20, 15, 15, 0, 1, tzinfo=UTC),
)
GONE = "woocommerce_rest_shop_order_invalid_id"


class Shop:
    """A shop that lists its orders by id, and whose orders may be saved between two answers."""

    def __init__(self, orders: int = 0, trashed: int = 0, refunded: frozenset[int] = frozenset()):
        self.asked: list[Request] = []
        self.listed = {
            "any": list(range(1, orders + 1)),
            "trash": list(range(9001, 9001 + trashed)),
        }
        self.refunded = refunded
        self.between: Callable[[], None] = lambda: None

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        parts = urlsplit(request.url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/refunds"):
            return self._answer([{"id": 1}])
        if not asked:
            return self._answer(self._order(int(parts.path.rpartition("/")[2])))
        found, size = self.listed[asked["status"]], int(asked["per_page"])
        at = (int(asked["page"]) - 1) * size
        answer = self._answer([self._order(each) for each in found[at : at + size]])
        pages = str(-(-len(found) // size))
        self.between()
        return Response(status=200, headers={"x-wp-totalpages": pages}, body=answer.body)

    def _order(self, order_id: int) -> dict[str, Any]:
        return {"id": order_id, "refunds": [{"id": 1}] if order_id in self.refunded else []}

    def _answer(self, document: Any) -> Response:
        return Response(status=200, headers={}, body=json.dumps(document).encode())


def walked(shop: Shop) -> list[Document]:
    documents: list[Document] = []
    cursor: str | None = None
    for _ in range(100):
        page = list_orders(shop.send, SHOP, WINDOW, cursor)
        documents += page.documents
        cursor = page.cursor
        if cursor is None:
            return documents
    raise AssertionError("the listing has no end")


def ids(documents: list[Document]) -> set[int]:
    return {json.loads(each.body)["id"] for each in documents}


def query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}


@pytest.mark.parametrize("orders", [0, 1, 49, 50, 51, 100, 149, 150, 151])
def test_every_order_is_listed_and_the_trash_too(orders: int) -> None:
    shop = Shop(orders, trashed=51)

    assert ids(walked(shop)) == {*range(1, orders + 1), *range(9001, 9052)}


def test_a_short_listing_is_asked_for_once() -> None:
    shop = Shop(orders=50)

    walked(shop)

    assert [(query(each)["status"], query(each)["page"]) for each in shop.asked] == [
        ("any", "1"),
        ("trash", "1"),
    ]


def test_orders_that_leave_the_window_meanwhile_hide_no_other() -> None:
    shop = Shop(orders=400)
    stays = set(range(1, 401, 2))

    def save_some() -> None:
        leaving = [each for each in shop.listed["any"] if each not in stays][:23]
        shop.listed["any"] = [each for each in shop.listed["any"] if each not in leaving]

    shop.between = save_some

    assert ids(walked(shop)) >= stays


def test_a_window_is_asked_for_in_whole_seconds_of_utc_and_never_too_narrow() -> None:
    shop = Shop()

    list_orders(shop.send, SHOP, WINDOW, None)

    asked = query(shop.asked[0])
    assert asked["modified_after"] == "2026-11-20T14:59:59"
    assert asked["modified_before"] == "2026-11-20T15:15:01"
    assert (asked["dates_are_gmt"], asked["orderby"], asked["order"]) == ("true", "id", "asc")


def test_a_window_by_placing_time_asks_for_creation() -> None:
    shop = Shop()
    placed = Window(start=WINDOW.start, end=WINDOW.end.replace(microsecond=0), by="placed")

    list_orders(shop.send, SHOP, placed, None)

    asked = query(shop.asked[0])
    assert (asked["after"], asked["before"]) == ("2026-11-20T14:59:59", "2026-11-20T15:15:00")
    assert "modified_after" not in asked


def test_a_listed_order_comes_with_its_refunds() -> None:
    documents = walked(Shop(orders=3, refunded=frozenset({2})))

    assert [each.kind for each in documents] == ["order", "refunded order", "order"]
    assert json.loads(documents[1].body) == {
        "order": {"id": 2, "refunds": [{"id": 1}]},
        "refunds": [{"id": 1}],
    }


def test_a_noticed_order_comes_with_its_refunds() -> None:
    plain, refunded = Shop(), Shop(refunded=frozenset({727}))

    assert [each.kind for each in fetch(plain.send, SHOP, NOTICE)] == ["order"]
    assert [each.kind for each in fetch(refunded.send, SHOP, NOTICE)] == ["refunded order"]
    assert urlsplit(refunded.asked[1].url).path == "/wp-json/wc/v3/orders/727/refunds"


def test_an_order_that_is_not_there_is_gone() -> None:
    def send(_: Request) -> Response:
        raise Refused("no", status=404, code=GONE)

    assert fetch(send, SHOP, NOTICE) == (Document(kind="gone", body=b'{"id":"727"}'),)


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "rest_no_route"), (404, ""), (403, GONE), (401, "woocommerce_rest_cannot_view")],
)
def test_any_other_refusal_says_nothing_about_the_order(status: int, code: str) -> None:
    def send(_: Request) -> Response:
        raise Refused("no", status=status, code=code)

    with pytest.raises(Refused):
        fetch(send, SHOP, NOTICE)


def test_key_and_secret_go_by_basic_and_only_in_the_header() -> None:
    shop = Shop()

    fetch(shop.send, SHOP, NOTICE)

    (request,) = shop.asked
    scheme, _, pair = request.headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair)) == ("Basic", b"ck_test:cs_test")
    assert "ck_test" not in request.url
    assert "cs_test" not in repr(request)


@pytest.mark.parametrize("address", ["https://example.com/tea", "https://example.com/tea/"])
def test_a_shop_may_live_in_a_folder(address: str) -> None:
    shop = Shop()

    fetch(shop.send, replace(SHOP, api_url=address), NOTICE)

    assert shop.asked[0].url == "https://example.com/tea/wp-json/wc/v3/orders/727"


@pytest.mark.parametrize("body", [b"Warning: x in y.php<br>[]", b"[" * 100_000, b'{"a":1}'])
def test_a_listing_that_is_none_is_tried_again(body: bytes) -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={"x-wp-totalpages": "1"}, body=body)

    with pytest.raises(Unavailable):
        list_orders(send, SHOP, WINDOW, None)


def test_a_listing_that_does_not_tell_its_length_is_refused() -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={}, body=b"[]")

    with pytest.raises(Refused):
        list_orders(send, SHOP, WINDOW, None)


def test_an_order_with_letters_that_no_text_has_is_left_to_the_reader() -> None:
    def send(_: Request) -> Response:
        body = b'[{"id":1,"refunds":[],"status":"\\ud800"}]'
        return Response(status=200, headers={"x-wp-totalpages": "1"}, body=body)

    (document,) = list_orders(send, SHOP, WINDOW, None).documents

    assert b"\\ud800" in document.body
