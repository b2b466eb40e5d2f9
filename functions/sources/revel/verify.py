"""Is it really Revel? An HMAC-SHA1 over the raw body, and the instance that we are connected to.

Source: developer.revelsystems.com/revelsystems/docs/webhooks, read 2026-11-20.
"""

import base64
import hmac
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

SIGNATURE = "x-revel-signature"
INSTANCE = "x-revel-instance"
# The option of a connection that says how the digest is written, and its other value.
ENCODING, BASE64 = "signature_encoding", "base64"


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Raises Forged. Revel signs no time, so there is no stale delivery: the ledger's natural
    keys guard against a replay. One secret signs for all of a partner's instances, and which one
    it is stands in a header that is not signed."""
    said = delivery.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    as_base64 = connection.options.get(ENCODING) == BASE64
    keys = [key for key in connection.signing_keys if key]
    # Every key is computed and compared, so that time tells nothing about which one matched.
    proven = [hmac.compare_digest(_signed(key, delivery.body, as_base64), said) for key in keys]
    if not any(proven):
        raise Forged("the signature is not Revel's")
    instance = delivery.headers.get(INSTANCE, "")
    if not connection.shop or instance.casefold() != connection.shop.casefold():
        raise Forged("the delivery is another instance's")
    return "genuine"


def _signed(key: str, body: bytes, as_base64: bool) -> bytes:
    digest = hmac.digest(key.encode(), body, "sha1")
    return base64.b64encode(digest) if as_base64 else digest.hex().encode()
