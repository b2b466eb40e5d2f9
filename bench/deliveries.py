"""Real-looking deliveries, out of the event files, signed as their platforms sign them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from tests.sources.events import Event, room_of
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.hearing import Delivery

HttpEvent = dict[str, Any]
Handle = Callable[[Mapping[str, Any], object], Mapping[str, Any]]

PLATFORMS = ("shopify", "square", "woocommerce")


def delivery(platform: str, stem: str, body: bytes | None = None) -> Delivery:
    """The delivery that an event file stands for, or one like it with another body."""
    return Event(room=room_of(platform), stem=stem).delivery(body)


def http_event(sent: Delivery) -> HttpEvent:
    """The delivery as API Gateway hands it on."""
    return {
        "headers": dict(sent.headers),
        "pathParameters": {"account": sent.account},
        "body": sent.body.decode(),
        "isBase64Encoded": False,
    }


def door(platform: str) -> Handle:
    """The platform's Lambda."""
    handle: Handle = import_module(f"functions.sources.{platform}.webhook").handle
    return handle


def secrets() -> dict[str, str]:
    """What Secrets Manager holds: every platform's connection, and the identity key."""
    found = {"vouchsafe/identity": "the identity key of the bench"}
    for platform in PLATFORMS:
        connection = room_of(platform).connection
        found[f"vouchsafe/{platform}/{connection.account}"] = _secret(connection)
    return found


def _secret(connection: Connection) -> str:
    said = asdict(connection)
    for not_of_the_secret in ("platform", "account", "access_token"):
        said.pop(not_of_the_secret)
    return json.dumps(said)
