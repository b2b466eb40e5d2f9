"""The stand-ins hold our subscriptions as the vendors do: the rooms find, mend and miss them."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.shopify import subscriptions as shopify
from functions.sources.square import subscriptions as square
from functions.sources.vend import subscriptions as vend
from functions.sources.woocommerce import subscriptions as woocommerce
from local.dealing import NORTH, SHOPIFY, SOUTH, SQUARE, VEND, Shop
from local.vendors import shopify as shopify_vendor
from local.vendors import square as square_vendor
from local.vendors import vend as vend_vendor
from local.vendors import woocommerce as woocommerce_vendor
from local.vendors.exchange import Answer, Request
from vouchsafe.pure import pull
from vouchsafe.pure.connection import Connection

Check = Callable[[pull.Send, Connection], tuple[pull.Subscription, ...]]


class Desk(Protocol):
    """A stand-in that somebody can subscribe at."""

    def answer(self, request: Request) -> Answer: ...

    def subscribe(self, url: str) -> None: ...


@dataclass(frozen=True)
class Stand:
    """A shop's stand-in with the room's own way to look at its webhooks."""

    shop: Shop
    desk: Desk
    check: Check

    @property
    def connection(self) -> Connection:
        address = f"http://localhost/{self.shop.platform}"
        return Connection(
            platform=self.shop.platform,
            account=self.shop.account,
            signing_keys=self.shop.signing_keys,
            notification_url=f"http://localhost/webhooks/{self.shop.platform}",
            api_url=address,
            api_key=self.shop.api_key,
            api_secret=self.shop.api_secret,
            access_token=self.shop.api_key,
        )

    def states(self) -> set[str]:
        return {each.state for each in self.check(self.send, self.connection)}

    def send(self, request: pull.Request) -> pull.Response:
        parts = urlsplit(request.url)
        path = parts.path.removeprefix(f"/{self.shop.platform}")
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(
            request.method, path, dict(parse_qsl(parts.query)), headers, request.body or b""
        )
        answer = self.answer(asked)
        assert 200 <= answer.status < 300, answer.body
        shown = {name.lower(): value for name, value in answer.headers.items()}
        return pull.Response(status=answer.status, headers=shown, body=answer.body)

    def answer(self, asked: Request) -> Answer:
        """The answer; a refusal for the rate is asked again, as a client would."""
        answer = self.desk.answer(asked)
        throttled = answer.status == 429 or b"THROTTLED" in answer.body
        return self.answer(asked) if throttled else answer


def stands() -> list[Stand]:
    return [
        Stand(SHOPIFY, shopify_vendor.Admin(SHOPIFY, []), shopify.check),
        Stand(SQUARE, square_vendor.Merchant(SQUARE, []), square.check),
        Stand(SOUTH, woocommerce_vendor.Site(SOUTH, []), woocommerce.check),
        Stand(VEND, vend_vendor.Store(VEND, []), vend.check),
    ]


NAMES = ["shopify", "square", "woocommerce", "vend"]


@pytest.fixture(params=range(len(NAMES)), ids=NAMES)
def stand(request: pytest.FixtureRequest) -> Stand:
    at: int = request.param
    return stands()[at]


def test_every_subscription_is_on_once_the_shop_has_subscribed(stand: Stand) -> None:
    stand.desk.subscribe(stand.connection.notification_url)

    assert stand.states() == {"on"}


def test_another_address_is_not_ours(stand: Stand) -> None:
    stand.desk.subscribe("http://elsewhere.example/webhooks")

    assert "on" not in stand.states()


def test_what_the_api_can_make_is_there_afterwards(stand: Stand) -> None:
    made = stand.states()

    assert (made, stand.states()) == (
        ({"missing"}, {"missing"}) if stand.shop == SQUARE else ({"made_again"}, {"on"})
    )


def test_one_webhook_of_one_shop_begins_switched_off_and_is_mended() -> None:
    stand = Stand(NORTH, woocommerce_vendor.Site(NORTH, []), woocommerce.check)
    stand.desk.subscribe(stand.connection.notification_url)

    found = {each.event: each.state for each in stand.check(stand.send, stand.connection)}

    assert {event for event, state in found.items() if state != "on"} == {"order.updated"}
    assert found["order.updated"] == "made_again"
    assert stand.states() == {"on"}


def test_the_rooms_and_the_stand_ins_speak_of_the_same_events() -> None:
    assert set(shopify_vendor.TOPICS) == set(shopify.TOPICS)
    assert set(square_vendor.EVENTS) == set(square.EVENTS)
    assert set(woocommerce_vendor.TOPICS) == set(woocommerce.TOPICS)


def ask(stand: Stand, method: str, path: str, told: object) -> tuple[int, Any]:
    """What the stand-in says to a request of its own shop."""
    shop, pair = stand.shop, f"{stand.shop.api_key}:{stand.shop.api_secret}".encode()
    basic = stand.shop.platform == "woocommerce"
    headers = {
        "authorization": f"Basic {b64encode(pair).decode()}" if basic else f"Bearer {shop.api_key}",
        "x-shopify-access-token": shop.api_key,
    }
    answer = stand.answer(Request(method, path, {}, headers, json.dumps(told).encode()))
    return answer.status, json.loads(answer.body)


CREATE = """mutation($wish: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: ORDERS_PAID, webhookSubscription: $wish) {
    webhookSubscription { id } userErrors { field message }
  }
}"""


def test_shopify_makes_one_for_each_topic_and_address() -> None:
    stand = stands()[0]
    wish = {"query": CREATE, "variables": {"wish": {"uri": "https://us.test"}}}
    path = "/admin/api/2026-04/graphql.json"

    (_, first), (_, second) = ask(stand, "POST", path, wish), ask(stand, "POST", path, wish)

    assert first["data"]["webhookSubscriptionCreate"]["userErrors"] == []
    assert second["data"]["webhookSubscriptionCreate"]["webhookSubscription"] is None
    (error,) = second["data"]["webhookSubscriptionCreate"]["userErrors"]
    assert "already been taken" in error["message"]


def test_square_changes_only_what_it_has() -> None:
    wish = {"subscription": {"enabled": True}}

    status, told = ask(stands()[1], "PUT", "/v2/webhooks/subscriptions/wbhk_9", wish)

    assert (status, told["errors"][0]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "wish"),
    [
        ("POST", "webhooks", {"topic": "order.completed", "delivery_url": "https://us.test"}),
        ("POST", "webhooks", {"topic": "order.created"}),
        ("PUT", "webhooks/1", {"status": "on"}),
        ("PUT", "webhooks/9", {"status": "active"}),
    ],
)
def test_woocommerce_refuses_what_is_no_webhook(
    method: str, path: str, wish: dict[str, str]
) -> None:
    stand = stands()[2]
    stand.desk.subscribe("https://us.test")

    status, told = ask(stand, method, f"/wp-json/wc/v3/{path}", wish)

    assert status == 400
    assert told["code"].startswith("woocommerce_rest_shop_webhook_invalid_")


def test_woocommerces_secret_is_never_shown() -> None:
    stand = stands()[2]
    wish = {"topic": "order.created", "delivery_url": "https://us.test", "secret": "s3cret"}

    status, told = ask(stand, "POST", "/wp-json/wc/v3/webhooks", wish)

    assert status == 201
    assert "s3cret" not in json.dumps(told)
