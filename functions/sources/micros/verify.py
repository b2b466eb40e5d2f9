"""Is it really Simphony? An HMAC-SHA256 over the raw body, under the subscriber key as decoded.

Source: docs.oracle.com, Simphony Transaction Services Generation 2, Notifications, 2026-11-20.
"""

import base64
import binascii
import hmac
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

SIGNATURE = "digest"


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Raises Forged. Neither time nor address is signed: the key is made for one account, and
    whose organisation it is stands in the body, where `notices` looks. `Key-Id` is not signed
    either, so every key is tried."""
    said = delivery.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    keys = [key for key in map(_decoded, connection.signing_keys) if key]
    # Every key is computed and compared, so that time tells nothing about which one matched.
    proven = [hmac.compare_digest(_signed(key, delivery.body), said) for key in keys]
    if not any(proven):
        raise Forged("the digest is not of a subscriber key of ours")
    return "genuine"


def _decoded(key: str) -> bytes:
    """The key's bytes; none of a text that is not base64, which opens nothing."""
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _signed(key: bytes, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, body, "sha256"))
