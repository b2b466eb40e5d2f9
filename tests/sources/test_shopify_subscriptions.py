"""Are the app's wishes at a shop looked at, and made again where Shopify has deleted them?"""

from dataclasses import replace
from typing import Any

import pytest

from functions.sources.shopify.subscriptions import TOPICS, check
from tests.sources.shopify_kiln import ROOM
from tests.sources.shopify_vendor import Json, Vendor, failing, paged
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Throttled, Unavailable
from vouchsafe.pure.pull import Subscription

URL = "https://hooks.example.com/webhooks/shopify/kew"
CONNECTION = replace(ROOM.connection, notification_url=URL)


def wish(topic: str, **beside: Any) -> Json:
    plain: Json = {
        "topic": topic,
        "uri": URL,
        "format": "JSON",
        "filter": None,
        "include_fields": [],
    }
    return plain | beside


class Shop:
    """Holds wishes in two pages, and makes new ones, or says why not."""

    def __init__(self, *held: Json, complaint: str = "") -> None:
        self.made: list[Json] = []
        self._held = list(held)
        self._complaint = complaint

    def __call__(self, variables: Json) -> Json:
        if "wish" in variables:
            return {"data": {"webhookSubscriptionCreate": self._create(variables)}}
        assert variables["uri"] == URL
        half = len(self._held) // 2
        page = (
            paged(self._held[half:])
            if variables["after"]
            else paged(self._held[:half], more="the second half")
        )
        return {"data": {"webhookSubscriptions": page}}

    def _create(self, variables: Json) -> Json:
        if self._complaint:
            return {"wish": None, "complaints": [{"message": self._complaint}]}
        self.made.append(variables)
        return {"wish": {"id": "gid://shopify/WebhookSubscription/1"}, "complaints": []}


def checked(answer: Any, connection: Connection = CONNECTION) -> dict[str, Subscription]:
    return {each.event: each for each in check(Vendor(answer), connection)}


def states(answer: Any) -> dict[str, str]:
    return {event: each.state for event, each in checked(answer).items()}


EVERY = [wish(topic) for topic in TOPICS]


def test_wishes_that_are_there_are_left_alone() -> None:
    shop = Shop(*EVERY)

    assert states(shop) == dict.fromkeys(TOPICS.values(), "on")
    assert shop.made == []


def test_what_was_deleted_is_made_again() -> None:
    shop = Shop(*(each for each in EVERY if each["topic"] != "ORDERS_PAID"))

    assert states(shop) == dict.fromkeys(TOPICS.values(), "on") | {"orders/paid": "made_again"}
    assert shop.made == [{"topic": "ORDERS_PAID", "wish": {"uri": URL, "format": "JSON"}}]


def test_a_wish_for_another_address_is_not_ours() -> None:
    shop = Shop(*(each | {"uri": f"{URL}/elsewhere"} for each in EVERY))

    assert set(states(shop).values()) == {"made_again"}
    assert len(shop.made) == len(TOPICS)


@pytest.mark.parametrize(
    "narrowed",
    [{"filter": "total_price:>100"}, {"include_fields": ["id"]}, {"format": "XML"}],
)
def test_a_wish_that_brings_less_than_all_is_told(narrowed: Json) -> None:
    shop = Shop(*(each | narrowed if each["topic"] == "ORDERS_PAID" else each for each in EVERY))

    found = checked(shop)["orders/paid"]

    assert (found.state, bool(found.why)) == ("off", True)
    assert shop.made == []


@pytest.mark.parametrize(
    ("complaint", "why"),
    [
        (
            "This app is not approved to subscribe to webhook topics containing protected"
            " customer data. See https://partners.shopify.com/1/apps/2 for more details.",
            "the app may not see protected customer data",
        ),
        ("You need an access scope for ann@example.com", "the app lacks the scope for it"),
        ("ann@example.com says no", "the vendor refused it"),
    ],
)
def test_what_the_vendor_does_not_make_is_told_in_our_words(complaint: str, why: str) -> None:
    found = checked(Shop(complaint=complaint))

    assert {(each.state, each.why) for each in found.values()} == {("missing", why)}


def test_what_another_sweep_has_just_made_is_on() -> None:
    shop = Shop(complaint="Address for this topic has already been taken")

    assert set(states(shop).values()) == {"on"}


def test_one_refusal_leaves_the_others_told() -> None:
    shop = Shop(*EVERY[2:])

    def answer(variables: Json) -> Json:
        denied = variables.get("topic") == "ORDERS_UPDATED"
        return failing("ACCESS_DENIED")(variables) if denied else shop(variables)

    found = checked(answer)

    assert found["orders/create"].state == "made_again"
    assert found["orders/updated"].state == "missing"
    assert "ACCESS_DENIED" in found["orders/updated"].why
    assert found["orders/paid"].state == "on"


def test_the_apps_own_configuration_is_not_looked_at() -> None:
    configured = replace(CONNECTION, options={"webhooks": "configured"})

    assert checked(failing("ACCESS_DENIED"), configured) == {}


@pytest.mark.parametrize(
    ("code", "error"),
    [("ACCESS_DENIED", Refused), ("THROTTLED", Throttled), ("TIMEOUT", Unavailable)],
)
def test_a_list_that_is_not_shown_is_an_error_of_its_own(code: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        checked(failing(code))


def held(page: Any) -> Json:
    return {"data": {"webhookSubscriptions": page}}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": None},
        held(None),
        held([]),
        held({"nodes": {}, "page_info": {"has_next_page": False}}),
        held({"nodes": [None], "page_info": {"has_next_page": False}}),
        held({"nodes": [{"topic": "ORDERS_PAID"}], "page_info": {"has_next_page": False}}),
        held({"nodes": [wish("ORDERS_PAID", uri=7)], "page_info": {"has_next_page": False}}),
        held({"nodes": [], "page_info": {"has_next_page": "for ever"}}),
        held(paged([], more="and on, and on")),
    ],
)
def test_an_odd_list_is_unavailable(answer: Json) -> None:
    with pytest.raises(Unavailable):
        checked(lambda _: answer)


@pytest.mark.parametrize(
    "made", [None, {}, {"wish": {"id": "1"}}, {"wish": None, "complaints": [{"message": None}]}]
)
def test_an_odd_answer_to_a_wish_is_told(made: Any) -> None:
    shop = Shop()

    def answer(variables: Json) -> Json:
        if "wish" in variables:
            return {"data": {"webhookSubscriptionCreate": made}}
        return shop(variables)

    assert set(states(answer).values()) == {"missing"}
