"""Does a delivery that names an order come to the ledger, by way of the shop's own API?"""

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.sources.woocommerce import fetch, webhook
from tests import cloud
from tests.sources.events import NOW, Event
from tests.sources.test_woocommerce import ROOM, SHOP, headers, sign
from vouchsafe.edge import facts_table
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.order import Order, fold

KEY = OrderKey(platform="woocommerce", account="tea-shop", order_id="727").text()
ORDERS = "/wp-json/wc/v3/orders/727"


class Site(BaseHTTPRequestHandler):
    """What the shop answers now, by path; anything else is its 404."""

    answers: dict[str, Any] = {}  # noqa: RUF012 - one shop, changed by the tests

    def do_GET(self) -> None:
        found = self.answers.get(urlsplit(self.path).path)
        refusal = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID."}
        body = json.dumps(refusal if found is None else found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def connected(aws: None) -> Iterator[None]:
    Site.answers = {}
    with HTTPServer(("127.0.0.1", 0), Site) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        connection = {
            "signing_keys": list(SHOP.signing_keys),
            "shop": SHOP.shop,
            "api_url": f"http://127.0.0.1:{site.server_port}",
            "api_key": "ck_test",
            "api_secret": "cs_test",
        }
        cloud.put_secret("woocommerce/tea-shop", json.dumps(connection))
        yield
        site.shutdown()


def delivered(stem: str) -> int:
    """What the door answers, as API Gateway would bring the delivery."""
    body = Event(room=ROOM, stem=stem).body()
    signed = sign(body, SHOP, SHOP.signing_keys[0], NOW)
    event = {
        "headers": {**headers(stem.partition(".")[0]), **signed},
        "pathParameters": {"account": "tea-shop"},
        "isBase64Encoded": False,
        "body": body.decode(),
    }
    return int(str(webhook.handle(event, None)["statusCode"]))


def fetched() -> int:
    """Works off the fetch queue; how many notices there were."""
    waiting = cloud.sent("FETCH")
    records = [
        {"messageId": str(at), "receiptHandle": "r", "eventSourceARN": "a:b:c:d:e:f", "body": text}
        for at, text in enumerate(waiting)
    ]
    assert fetch.handle({"Records": records}, None) == {"batchItemFailures": []}
    return len(waiting)


def order() -> Order:
    found = fold(facts_table.of_order(KEY))
    assert found is not None
    return found


def test_a_refund_is_counted_at_once_and_then_in_full() -> None:
    both = json.loads(Event(room=ROOM, stem="order_refunds.in_part").body())
    Site.answers = {ORDERS: both["order"], f"{ORDERS}/refunds": both["refunds"]}

    assert delivered("order_updated.refunded_in_part") == 200
    assert (order().refunded_minor, order().estimated) == (1350, True)

    assert fetched() == 1
    assert (order().refunded_minor, order().estimated) == (1350, False)
    assert [fact.kind for fact in facts_table.of_order(KEY)] == ["order", "refund"]


def test_the_same_again_adds_nothing() -> None:
    both = json.loads(Event(room=ROOM, stem="order_refunds.in_part").body())
    Site.answers = {ORDERS: both["order"], f"{ORDERS}/refunds": both["refunds"]}

    for _ in range(3):
        delivered("order_updated.refunded_in_part")
        fetched()

    assert len(facts_table.of_order(KEY)) == 2


def test_a_deleted_order_is_in_the_trash_or_gone() -> None:
    delivered("order_updated.completed")
    Site.answers = {ORDERS: json.loads(Event(room=ROOM, stem="order_trashed").body())}

    assert delivered("order_deleted") == 200
    assert fetched() == 1
    assert (order().stage, order().reversed_because) == ("reversed", "trash")

    Site.answers = {}
    for _ in range(2):
        delivered("order_deleted")
        fetched()
    assert (order().stage, order().reversed_because) == ("reversed", "trash")
    kinds = [fact.kind for fact in facts_table.of_order(KEY)]
    assert sorted(kinds) == ["gone", "order", "order"]


def test_an_action_brings_the_order() -> None:
    Site.answers = {ORDERS: json.loads(Event(room=ROOM, stem="order_updated.completed").body())}

    assert delivered("action_woocommerce_order_status_completed") == 200
    assert fetched() == 1
    assert order().stage == "confirmed"


def test_the_greeting_of_a_new_webhook_is_answered_with_200() -> None:
    event = {
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "pathParameters": {"account": "tea-shop"},
        "isBase64Encoded": True,
        "body": base64.b64encode(b"webhook_id=5").decode(),
    }

    assert webhook.handle(event, None)["statusCode"] == 200
    assert cloud.sent("FETCH") == []
