"""What do platforms' answers mean for a switch, and what do we ask them for?"""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from functions.destinations.channels.platform import BY_HAND, TELL_ONLY, by_hand
from functions.destinations.channels.shopify import Shop
from functions.destinations.channels.square import Merchant
from functions.destinations.channels.woocommerce import Site
from tests.house.stack import rooms
from vouchsafe.pure.channel import Sought, Switchable
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Throttled, Unavailable
from vouchsafe.pure.pull import Request, Response, Send

SOUGHT = Sought(codes=("WELCOME",), aliases={})
HELD = Switchable(object_id="7", name="welcome", runs=True, codes=("welcome",), settings="publish")


class Desk:
    """Answers one after another, and keeps what it was asked."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Response(status=200, headers={}, body=body)


def connection(platform: str, **said: Any) -> Connection:
    return Connection(
        platform=platform, account="kew", api_url="https://shop.test/", api_key="key", **said
    )


def shop(desk: Desk, **said: Any) -> Shop:
    return Shop(desk.send, connection("shopify", **said))


def node(kind: str = "DiscountCodeBasic", status: str = "ACTIVE") -> dict[str, object]:
    dates = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": None}
    codes = {"nodes": [{"code": "Welcome"}]}
    discount = {"kind": kind, "title": "W", "status": status, "codes": codes, **dates}
    return {"id": "gid://shopify/DiscountCodeNode/1", "discount": discount}


def test_shopify_is_asked_under_a_token_of_a_day_where_the_app_has_a_secret() -> None:
    desk = Desk({"access_token": "of-a-day"}, {"data": {"codeDiscountNodeByCode": None}})

    assert list(shop(desk, api_secret="secret").find(SOUGHT)) == []

    assert desk.asked[0].url == "https://shop.test/admin/oauth/access_token"
    assert desk.asked[1].headers["X-Shopify-Access-Token"] == "of-a-day"


@pytest.mark.parametrize("kind", ["App", "Basic", "Bxgy", "FreeShipping"])
def test_each_kind_of_shopifys_discounts_gets_its_dates_back(kind: str) -> None:
    desk = Desk(
        {"data": {"codeDiscountNodeByCode": node(f"DiscountCode{kind}")}},
        {"data": {"update": {"userErrors": []}}},
    )
    (held,) = shop(desk).find(SOUGHT)

    shop(desk).switch_on(held, held.settings)

    asked = json.loads(desk.asked[1].body or b"")
    assert f"discountCode{kind}Update(" in asked["query"]
    assert asked["variables"]["dates"] == {"startsAt": "2026-01-01T00:00:00Z", "endsAt": None}


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        ({"errors": [{"extensions": {"code": "THROTTLED"}}]}, Throttled, "patience"),
        ({"errors": [{"extensions": {"code": "ACCESS_DENIED"}}]}, Refused, "write_discounts"),
        ({"errors": [{"extensions": {"code": "TIMEOUT"}}]}, Unavailable, "TIMEOUT"),
        ({"errors": [{"message": "Field is not there"}]}, Refused, "without a code"),
        ({"errors": "[API] Invalid API key"}, Refused, "without a code"),
        ({"data": {"codeDiscountNode": {"id": 7}}}, Unavailable, "not a discount"),
        ({"data": {"codeDiscountNode": node("DiscountCodeNew")}}, Refused, "DiscountCodeNew"),
        ({"data": {}}, Unavailable, "not a GraphQL answer"),
        ({}, Unavailable, "not a GraphQL answer"),
        ([], Unavailable, "not answer with an object"),
        (b"<html>", Unavailable, "not answer with JSON"),
    ],
)
def test_what_shopify_says_is_told_in_our_words(
    answer: object, expected: type[Exception], says: str
) -> None:
    with pytest.raises(expected, match=says):
        shop(Desk(answer)).read("gid://shopify/DiscountCodeNode/1")


def test_what_shopify_refuses_is_told_by_its_code_and_never_its_text() -> None:
    error = {"code": "INVALID", "message": "the customer's words"}
    desk = Desk({"data": {"discountCodeDeactivate": {"userErrors": [error]}}})

    with pytest.raises(Refused, match="INVALID") as refusal:
        shop(desk).switch_off(HELD)

    assert "customer" not in str(refusal.value)


def test_a_discount_that_shopify_still_shows_running_is_looked_at_again() -> None:
    desk = Desk(
        {"data": {"discountCodeDeactivate": {"userErrors": []}}},
        {"data": {"codeDiscountNode": node()}},
    )

    with pytest.raises(Unavailable):
        shop(desk).switch_off(HELD)


def test_a_woocommerce_that_keeps_no_status_says_so() -> None:
    desk = Desk({"id": 7, "code": "welcome"})

    with pytest.raises(Refused, match="too old"):
        Site(desk.send, connection("woocommerce")).switch_off(HELD)


def test_a_coupon_that_somebody_changed_meanwhile_is_left_to_him() -> None:
    trashed = Switchable(object_id="7", name="w", runs=False, codes=("w",), settings="trash")

    with pytest.raises(Refused, match="somebody has changed"):
        Site(Desk().send, connection("woocommerce")).switch_on(trashed, "publish")


@pytest.mark.parametrize("answer", [{"id": 7}, [{"code": "w"}], b"Warning: <b>"])
def test_a_shop_whose_plugins_print_is_asked_again(answer: object) -> None:
    with pytest.raises(Unavailable):
        list(Site(Desk(answer).send, connection("woocommerce")).find(SOUGHT))


def test_square_is_read_page_by_page_and_matched_by_alias_alone() -> None:
    desk = Desk(
        {"objects": [{"id": "D1", "discount_data": {"name": "WELCOME"}}], "cursor": "more"},
        {"objects": [{"id": "D2", "present_at_all_locations": False}]},
    )
    merchant = Merchant(desk.send, connection("square"))

    (held,) = merchant.find(Sought(codes=("Welcome",), aliases={"catalog:D2": "WELCOME"}))

    assert (held.object_id, held.runs, held.codes) == ("D2", False, ("WELCOME",))
    assert desk.asked[1].url.endswith("types=DISCOUNT&cursor=more")


def test_a_discount_that_changed_at_the_same_time_is_tried_again() -> None:
    held = {"id": "7", "type": "DISCOUNT", "version": 3}
    mismatch = Refused("the vendor answered 400", status=400, code="VERSION_MISMATCH")
    desk = Desk({"object": held}, mismatch)

    with pytest.raises(Unavailable):
        Merchant(desk.send, connection("square")).switch_off(HELD)

    assert json.loads(desk.asked[1].body or b"")["object"]["version"] == 3


def gone(channel: type[Site | Merchant], platform: str) -> Switchable | None:
    send: Send = Desk(Refused("the vendor answered 404", status=404)).send
    return channel(send, connection(platform)).read("7")


def test_what_is_gone_is_none() -> None:
    assert gone(Site, "woocommerce") is None
    assert gone(Merchant, "square") is None
    deleted = Desk({"object": {"id": "7", "is_deleted": True}})
    assert Merchant(deleted.send, connection("square")).read("7") is None


def _platforms() -> Iterable[str]:
    return (room.partition("/")[2] for room in rooms() if room.startswith("sources/"))


def test_of_every_platform_it_is_said_what_becomes_of_a_switch() -> None:
    switched = {"shopify", "square", "woocommerce", "direct"}

    assert set(_platforms()) == {*switched, *BY_HAND, *TELL_ONLY}
    assert "Toast Web" in by_hand("toast")
