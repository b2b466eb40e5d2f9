"""Is the application's webhook looked at, switched on again, and given its events again?"""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.square.subscriptions import EVENTS, check
from tests.sources.test_square import CONNECTION, KEY
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Throttled, Unavailable
from vouchsafe.pure.pull import Request, Response

Plain = dict[str, Any]
TOKEN = {"application_token": "the-applications-own-token"}
OWNER = replace(CONNECTION, options=TOKEN)
OURS: Plain = {
    "id": "wbhk_1",
    "enabled": True,
    "event_types": list(EVENTS),
    "notification_url": CONNECTION.notification_url,
    "signature_key": KEY,
}


class Vendor:
    """Square with an application's webhooks, one to a page, for one token."""

    def __init__(
        self,
        *webhooks: Any,
        token: str = TOKEN["application_token"],
        refuses: Exception | None = None,
    ) -> None:
        self.asked: list[str] = []
        self.told: list[Plain] = []
        self._webhooks = list(webhooks)
        self._token = token
        self._refuses = refuses

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.url.startswith("https://connect.squareup.com/v2/webhooks/subscriptions")
        if request.headers["authorization"] != f"Bearer {self._token}":
            raise Refused("the vendor answered 401 UNAUTHORIZED", status=401, code="UNAUTHORIZED")
        self.asked.append(f"{request.method} {parts.path.removeprefix('/v2/webhooks/')}")
        if request.method == "GET":
            return self._page(dict(parse_qsl(parts.query)))
        if self._refuses:
            raise self._refuses
        self.told.append(json.loads(request.body or b""))
        return Response(status=200, headers={}, body=b"{}")

    def _page(self, query: dict[str, str]) -> Response:
        held = self._webhooks
        if query.get("include_disabled") != "true":
            held = [each for each in held if each["enabled"]]
        at = int(query.get("cursor", "0"))
        rest = {"cursor": str(at + 1)} if at + 1 < len(held) else {}
        page = {"subscriptions": held[at : at + 1], **rest} if held else {}
        return Response(status=200, headers={}, body=json.dumps(page).encode())


def states(vendor: Vendor, connection: Connection = OWNER) -> dict[str, str]:
    return {each.event: each.state for each in check(vendor.send, connection)}


ALL_ON = dict.fromkeys(EVENTS, "on")


def test_a_webhook_that_is_on_is_left_alone() -> None:
    vendor = Vendor(OURS | {"notification_url": "https://elsewhere.example"}, OURS)

    assert states(vendor) == ALL_ON
    assert vendor.asked == ["GET subscriptions"] * 2


def test_the_events_of_several_webhooks_count_together() -> None:
    half = OURS | {"event_types": list(EVENTS[:3])}
    rest = OURS | {"id": "wbhk_2", "event_types": list(EVENTS[3:])}

    assert states(Vendor(half, rest)) == ALL_ON


def test_a_webhook_that_is_off_is_switched_on_again() -> None:
    vendor = Vendor(OURS | {"enabled": False, "event_types": [*EVENTS, "loyalty.account.created"]})

    assert set(states(vendor).values()) == {"made_again"}
    assert vendor.asked[-1] == "PUT subscriptions/wbhk_1"
    (told,) = vendor.told
    assert told["subscription"]["enabled"] is True
    # What somebody else wanted to hear of is kept.
    assert set(told["subscription"]["event_types"]) == {*EVENTS, "loyalty.account.created"}


def test_an_event_that_is_not_named_is_named_again() -> None:
    vendor = Vendor(OURS | {"event_types": list(EVENTS[1:])})

    assert states(vendor) == ALL_ON | {EVENTS[0]: "made_again"}
    assert set(vendor.told[0]["subscription"]["event_types"]) == set(EVENTS)


def test_one_that_is_on_is_given_what_another_had() -> None:
    off = OURS | {"id": "wbhk_0", "enabled": False}
    on = OURS | {"event_types": list(EVENTS[:1])}
    vendor = Vendor(off, on)

    assert states(vendor)[EVENTS[0]] == "on"
    assert vendor.asked[-1] == "PUT subscriptions/wbhk_1"


@pytest.mark.parametrize(
    "there", [(), (OURS | {"notification_url": f"{CONNECTION.notification_url}/other"},)]
)
def test_a_missing_webhook_is_told_and_not_made(there: tuple[Plain, ...]) -> None:
    vendor = Vendor(*there)

    found = check(vendor.send, OWNER)

    assert {each.state for each in found} == {"missing"}
    assert all("signing_keys" in each.why for each in found)
    assert vendor.told == []


def test_a_webhook_that_signs_with_an_unknown_key_brings_nothing() -> None:
    found = check(Vendor(OURS | {"signature_key": "another-key"}).send, OWNER)

    assert {each.state for each in found} == {"off"}
    assert not any("another-key" in each.why for each in found)


def test_a_sellers_token_is_not_shown_the_webhooks() -> None:
    with pytest.raises(Refused, match="application_token"):
        check(Vendor(OURS).send, CONNECTION)


def test_the_own_businesss_token_is_the_applications() -> None:
    assert states(Vendor(OURS, token=CONNECTION.api_key), CONNECTION) == ALL_ON


@pytest.mark.parametrize("reason", [Unavailable("not now"), Throttled("later", 5), Refused("no")])
def test_what_cannot_be_mended_is_told(reason: Exception) -> None:
    off = OURS | {"enabled": False, "event_types": list(EVENTS[1:])}

    found = check(Vendor(off, refuses=reason).send, OWNER)

    assert [each.state for each in found] == ["missing"] + ["off"] * 6
    assert {each.why for each in found} == {str(reason)}


@pytest.mark.parametrize("answered", [Refused("gone", status=404), Unavailable("not now")])
def test_other_refusals_of_the_list_are_told_as_they_are(answered: Exception) -> None:
    def send(_: Request) -> Response:
        raise answered

    with pytest.raises(type(answered), match=str(answered)):
        check(send, OWNER)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"subscriptions": "none"}',
        b'{"subscriptions": [null]}',
        b'{"subscriptions": [{"id": 7}]}',
        b'{"subscriptions": [{"id": "wbhk_1", "event_types": {"a": 1}}]}',
        b'{"subscriptions": [], "cursor": "and on"}',
    ],
)
def test_an_odd_list_is_unavailable(body: bytes) -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    with pytest.raises(Unavailable):
        check(send, OWNER)
