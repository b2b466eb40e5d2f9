"""Is it really Square? An HMAC-SHA256 over the registered address and the raw body.

Source: developer.squareup.com/docs/webhooks/step3validate, read 2026-11-20.
"""

import base64
import hmac
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

# The older x-square-signature (SHA-1) proves nothing and is never looked at.
SIGNATURE = "x-square-hmacsha256-signature"


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Raises Forged. Square signs no time, so there is no stale delivery: the ledger's natural
    keys guard against a replay. Whose merchant it is stands in the body: `notices` checks that."""
    said = delivery.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    message = connection.notification_url.encode() + delivery.body
    keys = [key for key in connection.signing_keys if key]
    # Every key is computed and compared, so that time tells nothing about which one matched.
    proven = [hmac.compare_digest(_signed(key, message), said) for key in keys]
    if not (any(proven) and connection.notification_url):
        raise Forged("the signature is not Square's for this address")
    return "genuine"


def _signed(key: str, message: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key.encode(), message, "sha256"))
