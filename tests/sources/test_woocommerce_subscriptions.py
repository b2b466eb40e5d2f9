"""Are a shop's webhooks looked at, switched on again, and made where there are none?"""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.sources.woocommerce.subscriptions import TOPICS, check
from tests.sources.test_woocommerce import SHOP
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Throttled, Unavailable
from vouchsafe.pure.pull import Request, Response, Subscription

Plain = dict[str, Any]
URL = "https://hooks.example.com/webhooks/woocommerce/tea-shop"
CONNECTION = replace(SHOP, notification_url=URL)


def webhook(number: int, topic: str, **beside: Any) -> Plain:
    plain: Plain = {"id": number, "status": "active", "topic": topic, "delivery_url": URL}
    return plain | beside


EVERY = [webhook(number, topic) for number, topic in enumerate(TOPICS, start=1)]


class Site:
    """A shop with webhooks, two to a page, whose key may or may not write."""

    def __init__(self, *webhooks: Any, refuses: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.told: list[Plain] = []
        self._webhooks = list(webhooks)
        self._refuses = refuses

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.url.startswith("https://shop.example.com/wp-json/wc/v3/webhooks")
        assert request.headers["authorization"].startswith("Basic ")
        self.asked.append(f"{request.method} {parts.path.removeprefix('/wp-json/wc/v3/')}")
        if request.method == "GET":
            return self._page(int(parse_qs(parts.query)["page"][0]))
        if self._refuses:
            raise self._refuses
        self.told.append(json.loads(request.body or b""))
        return Response(status=201, headers={}, body=b"{}")

    def _page(self, number: int) -> Response:
        pages = str(-(-len(self._webhooks) // 2))
        body = json.dumps(self._webhooks[number * 2 - 2 : number * 2]).encode()
        return Response(status=200, headers={"x-wp-totalpages": pages}, body=body)


def states(site: Site, connection: Connection = CONNECTION) -> dict[str, str]:
    return {each.event: each.state for each in check(site.send, connection)}


def of(topic: str, site: Site) -> Subscription:
    return next(each for each in check(site.send, CONNECTION) if each.event == topic)


def changed(topic: str, **to: Any) -> list[Plain]:
    return [each | to if each["topic"] == topic else each for each in EVERY]


def test_webhooks_that_are_on_are_left_alone() -> None:
    site = Site(*EVERY)

    assert states(site) == dict.fromkeys(TOPICS, "on")
    assert site.asked == ["GET webhooks", "GET webhooks"]


def test_a_disabled_webhook_is_switched_on_again() -> None:
    site = Site(*changed("order.deleted", status="disabled"))

    assert states(site) == dict.fromkeys(TOPICS, "on") | {"order.deleted": "made_again"}
    assert site.asked[-1] == "PUT webhooks/3"
    assert site.told == [{"status": "active"}]


def test_a_webhook_that_a_person_paused_stays_so_and_is_told() -> None:
    site = Site(*changed("order.updated", status="paused"))

    assert of("order.updated", site).state == "off"
    assert site.told == []


def test_one_that_is_on_is_enough() -> None:
    site = Site(*changed("order.updated", status="disabled"), webhook(9, "order.updated"))

    assert states(site) == dict.fromkeys(TOPICS, "on")


def test_a_missing_webhook_is_made_with_the_first_signing_key() -> None:
    keys = replace(CONNECTION, signing_keys=("current", "previous"))
    site = Site(*EVERY[1:])

    assert states(site, keys)["order.created"] == "made_again"
    (told,) = site.told
    assert site.asked[-1] == "POST webhooks"
    assert (told["topic"], told["delivery_url"], told["secret"]) == (
        "order.created",
        URL,
        "current",
    )


def test_nothing_is_made_without_a_key_to_sign_with() -> None:
    site = Site()

    assert set(states(site, replace(CONNECTION, signing_keys=())).values()) == {"missing"}
    assert site.told == []


def test_a_webhook_for_another_address_is_not_ours() -> None:
    site = Site(*(each | {"delivery_url": f"{URL}/elsewhere"} for each in EVERY))

    assert set(states(site).values()) == {"made_again"}
    assert site.asked[-4:] == ["POST webhooks"] * 4


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_only_read_is_told(status: int) -> None:
    refusal = Refused("the vendor answered", status=status)
    site = Site(*changed("order.created", status="disabled")[:3], refuses=refusal)

    found = {each.event: each for each in check(site.send, CONNECTION)}

    assert [each.state for each in found.values()] == ["off", "on", "on", "missing"]
    assert "Read/Write" in found["order.created"].why
    assert "Read/Write" in found["order.restored"].why


@pytest.mark.parametrize("reason", [Unavailable("not now"), Throttled("later", 5), Refused("no")])
def test_what_cannot_be_mended_leaves_the_others_told(reason: Exception) -> None:
    site = Site(*changed("order.created", status="disabled"), refuses=reason)

    found = check(site.send, CONNECTION)

    assert [each.state for each in found] == ["off", "on", "on", "on"]
    assert found[0].why == str(reason)


@pytest.mark.parametrize(
    ("pages", "body"),
    [
        ("1", b"<h1>Down for maintenance</h1>"),
        ("1", b'{"code": "rest_no_route"}'),
        ("1", b"[null]"),
        ("1", b'[{"id": 1, "status": "active", "topic": "order.created"}]'),
        ("1", b'[{"id": "x", "status": 0, "topic": [], "delivery_url": null}]'),
        ("1", b"[" * 100_000),
        ("1000000000", b"[]"),
    ],
)
def test_an_odd_list_is_unavailable(pages: str, body: bytes) -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={"x-wp-totalpages": pages}, body=body)

    with pytest.raises(Unavailable):
        check(send, CONNECTION)
