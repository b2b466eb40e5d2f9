"""Is it really the K-Series? It signs nothing: it shows a password or a token that we chose.

Source: api-docs.lsk.lightspeed.app (webhook authentication types), read 2026-11-20.
"""

import base64
import hmac
import re
from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

AUTHORIZATION = "authorization"
# Options of a connection: the header of an API key, and the locations beside `shop`.
KEY_HEADER, LOCATIONS = "key_header", "locations"
_LOCATION = re.compile(rb'"businessLocationId"\s*:\s*"?([0-9]{1,20})')


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Genuine, or raises Forged. Nothing binds the body to its sender, so what it says confirms
    nothing: the sale is asked for, and that answer counts. No delivery is stale."""
    keys = [key for key in connection.signing_keys if key]
    if not keys:
        raise Forged("no signing key is configured")
    # Every key is compared in every way, so that time tells nothing about which one matched.
    proven = [
        hmac.compare_digest(wanted, said)
        for key in keys
        for wanted, said in _ways(key, delivery, connection)
    ]
    if not any(proven):
        raise Forged("the credentials are not those that we gave")
    named = {each.decode() for each in _LOCATION.findall(delivery.body)}
    if not named or not named <= locations(connection):
        raise Forged("it is from another location")
    return "genuine"


def locations(connection: Connection) -> frozenset[str]:
    """The account's business locations."""
    said = (connection.shop, *connection.options.get(LOCATIONS, "").split(","))
    return frozenset(each.strip() for each in said if each.strip())


def _ways(key: str, delivery: Delivery, connection: Connection) -> Iterator[tuple[bytes, bytes]]:
    """(what it must be, what was sent): Basic for `user:password`, Bearer, or its own header."""
    said = delivery.headers.get(AUTHORIZATION, "").encode("utf-8", "replace")
    yield f"Bearer {key}".encode(), said
    yield b"Basic " + base64.b64encode(key.encode()), said if ":" in key else b""
    header = connection.options.get(KEY_HEADER, "").strip().casefold()
    own = delivery.headers.get(header, "") if header and header != AUTHORIZATION else ""
    yield key.encode(), own.encode("utf-8", "replace")
