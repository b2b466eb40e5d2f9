"""API Gateway's HTTP event (payload format 2.0) as a delivery, and answers back to it."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vouchsafe.pure.hearing import Delivery

Event = Mapping[str, Any]
Answer = dict[str, object]

# One MiB: Toast orders reach 600 KB; nothing genuine is larger (DESIGN section 4).
LARGEST_BODY = 1024 * 1024


class TooLarge(Exception):
    """The body is over the limit; it was not decoded."""


def delivery(platform: str, event: Event, received_at: datetime) -> Delivery:
    """The delivery, with its body byte for byte. Raises TooLarge."""
    text = event.get("body") or ""
    encoded = bool(event.get("isBase64Encoded"))
    if len(text) > LARGEST_BODY * (4 / 3 if encoded else 1) + 4:
        raise TooLarge
    body = _decoded(text) if encoded else text.encode("utf-8", "surrogateescape")
    if len(body) > LARGEST_BODY:
        raise TooLarge
    headers = event.get("headers") or {}
    return Delivery(
        platform=platform,
        account=(event.get("pathParameters") or {}).get("account", ""),
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
        received_at=received_at,
    )


def answer(status: int, message: str) -> Answer:
    """A short JSON answer, the same for every refusal of one kind."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"message": message}),
    }


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text.encode()
