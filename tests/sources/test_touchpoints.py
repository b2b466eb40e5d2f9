"""Does the room of touchpoints keep what a shop's systems and pages saw, and nothing else?"""

import hmac
from collections.abc import Mapping
from datetime import datetime

from functions.sources.touchpoints.read import READER, read
from functions.sources.touchpoints.verify import ORIGIN, SIGNATURE, STALE_AFTER_S, verify
from tests.sources.events import Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.connection import Connection

SHOP = Connection(platform="touchpoints", account="tea-shop", signing_keys=("current-signing-key",))


def headers(event: str) -> Mapping[str, str]:
    """A server says JSON; a page cannot, without being asked for more first."""
    if event == "beacon":
        return {"content-type": "text/plain;charset=UTF-8", ORIGIN: "https://tea.example.com"}
    return {"content-type": "application/json"}


def sign(body: bytes, connection: Connection, key: str, at: datetime) -> Mapping[str, str]:
    second = str(int(at.timestamp()))
    mac = hmac.digest(key.encode(), second.encode() + b"." + body, "sha256").hex()
    return {SIGNATURE: f"t={second},v1={mac}"}


ROOM = Room(
    platform="touchpoints",
    reader=READER,
    verify=verify,
    read=read,
    read_document=None,
    connection=SHOP,
    headers=headers,
    sign=sign,
    signature_header=SIGNATURE,
    genuine="call",
    stale_after_s=STALE_AFTER_S,
    two_codes=("call.publications", frozenset()),
    zero_decimal=("call", 0),
    required={
        "call": ("identity", "seen_at", "kind"),
        "call.list": ("[0].identity", "[1].seen_at", "[2].kind"),
        "call.publications": ("touchpoints[1].identity", "touchpoints[0].kind"),
        "beacon": ("touchpoints[0].kind", "touchpoints[1].seen_at"),
        "beacon.one": ("kind", "seen_at"),
    },
    amounts={},
    personal={
        "call": ("gclid", "fbclid", "utm_term", "utm_content"),
        "call.list": ("[0].gclid", "[1].fbclid", "[2].utm_id"),
        "beacon.one": ("gclid", "utm_term"),
    },
    exempt={
        "test_another_accounts_delivery_is_refused": (
            "the key is the account's own and nobody else's; a call names no shop"
        ),
        "test_two_codes_make_two_redemptions": "a touchpoint is no order and redeems nothing",
        "test_a_currency_without_minor_units_keeps_its_amounts": "a touchpoint has no money",
        "test_what_is_not_money_is_named": "a touchpoint has no money",
        "test_webhook_and_pull_say_the_same": "nobody is asked for touchpoints: they are told",
        "test_an_event_never_heard_of_is_told_apart": (
            "a kind that is none is a mistake of our own user, who is told so"
        ),
    },
)


class TestTouchpoints(SourceSuite):
    room = ROOM
