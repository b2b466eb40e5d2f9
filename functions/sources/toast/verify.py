"""Is it really Toast? Base64 HMAC-SHA256 over the raw body followed by its own timestamp.

Source: doc.toasttab.com, webhooks: message signing; retries, read 2026-11-20.
"""

import base64
import hmac
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid
from vouchsafe.pure.hearing import Delivery, Verdict

SIGNATURE = "toast-signature"
# Options of a connection: all restaurants of the account; how old a delivery may be.
RESTAURANTS = "restaurants"
STALE_AFTER = "stale_after_hours"
# Toast sends a second and third time within a quarter of an hour.
_USUAL_STALE_AFTER_H = 6
_TIMESTAMP = re.compile(rb'"timestamp"\s*:\s*"([^"\\]{1,40})"')
_RESTAURANT = re.compile(rb'"restaurantGuid"\s*:\s*"([^"\\]{1,64})"')
# An order may hold times of that name, too; the envelope's is among the first.
_MOST_TIMESTAMPS = 4


def verify(delivery: Delivery, connection: Connection, now: datetime) -> Verdict:
    """Genuine, or raises Forged: a wrong signature, an old delivery, another restaurant's."""
    keys = [key for key in connection.signing_keys if key]
    if not keys:
        raise Forged("no signing key is configured")
    sent = delivery.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    # Every key is computed and compared, so that time tells nothing about which one matched.
    proven = [
        (hmac.compare_digest(_signed(key, delivery.body + at), sent), at)
        for key in keys
        for at in _timestamps(delivery.body)
    ]
    signed_at = [at for fits, at in proven if fits]
    if not signed_at:
        raise Forged("the signature is not this subscription's")
    if abs(now - _instant(signed_at[0])) > _tolerance(connection):
        raise Forged("the delivery is stale")
    named = {each.decode() for each in _RESTAURANT.findall(delivery.body)}
    if not named or not named <= restaurants(connection):
        raise Forged("it is from another restaurant")
    return "genuine"


def restaurants(connection: Connection) -> frozenset[str]:
    """The account's restaurants: its own, and those that the option names."""
    said = (connection.shop, *connection.options.get(RESTAURANTS, "").split(","))
    return frozenset(each.strip() for each in said if each.strip())


def _signed(key: str, message: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key.encode(), message, "sha256"))


def _timestamps(body: bytes) -> Iterator[bytes]:
    found = dict.fromkeys(_TIMESTAMP.findall(body))
    yield from list(found)[:_MOST_TIMESTAMPS]


def _instant(text: bytes) -> datetime:
    try:
        return instant.parse(text.decode())
    except (Invalid, ValueError) as error:
        raise Forged("the signed timestamp is none") from error


def _tolerance(connection: Connection) -> timedelta:
    try:
        return timedelta(hours=float(connection.options.get(STALE_AFTER, _USUAL_STALE_AFTER_H)))
    except (ValueError, OverflowError) as error:
        raise Invalid(STALE_AFTER, "must be a number of hours") from error
