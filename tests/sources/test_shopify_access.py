"""How Shopify's Admin API lets us in: lasting tokens, and tokens of a day."""

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from functions.sources.shopify import access
from functions.sources.shopify.api import list_orders
from tests.sources.shopify_kiln import ROOM
from tests.sources.shopify_vendor import HOUR, Json, paged
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Request, Response

DAILY = replace(
    ROOM.connection,
    api_url="https://kiln-and-co.myshopify.com/",
    api_key="client-id",
    api_secret="client-secret",
)


class Door:
    """Shopify with tokens of a day: the newest one it granted is good until `night` falls."""

    def __init__(self) -> None:
        self.granted = 0
        self.good: set[str] = set()
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        if request.url.endswith("/admin/oauth/access_token"):
            self.granted += 1
            token = f"token-{self.granted}"
            self.good.add(token)
            return _response({"access_token": token, "expires_in": 86399})
        if request.headers["X-Shopify-Access-Token"] not in self.good:
            raise Refused("the vendor answered 401", status=401)
        return _response({"data": {"orders": paged([])}})

    def night(self) -> None:
        self.good.clear()


@pytest.fixture
def door() -> Iterator[Door]:
    access._tokens.clear()
    yield Door()
    access._tokens.clear()


def _response(said: Json) -> Response:
    return Response(status=200, headers={}, body=json.dumps(said).encode())


def test_a_token_of_a_day_is_asked_for_once(door: Door) -> None:
    list_orders(door, DAILY, HOUR, None)
    list_orders(door, DAILY, HOUR, None)

    assert [each.url.rpartition("/")[2] for each in door.requests] == [
        "access_token",
        "graphql.json",
        "graphql.json",
    ]
    asked = parse_qs((door.requests[0].body or b"").decode())
    assert asked == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-id"],
        "client_secret": ["client-secret"],
    }


def test_a_token_that_expired_is_renewed(door: Door) -> None:
    list_orders(door, DAILY, HOUR, None)
    door.night()

    list_orders(door, DAILY, HOUR, None)

    assert door.granted == 2


def test_each_shop_has_a_token_of_its_own(door: Door) -> None:
    list_orders(door, DAILY, HOUR, None)
    list_orders(door, replace(DAILY, api_url="https://other.myshopify.com"), HOUR, None)

    assert door.granted == 2


def test_a_lasting_token_that_is_refused_stays_refused(door: Door) -> None:
    with pytest.raises(Refused):
        list_orders(door, ROOM.connection, HOUR, None)

    assert len(door.requests) == 1


def test_a_fresh_token_that_is_refused_is_not_asked_for_again(door: Door) -> None:
    def send(request: Request) -> Response:
        answer = door(request)
        door.night()
        return answer

    with pytest.raises(Refused):
        list_orders(send, DAILY, HOUR, None)

    assert door.granted == 2


def test_an_answer_without_a_token_passes(door: Door) -> None:
    with pytest.raises(Unavailable):
        list_orders(lambda _: _response({}), DAILY, HOUR, None)
