"""Is it really Lightspeed? An HMAC over the raw form, whose header names its algorithm.

Source: x-series-api.lightspeedhq.com/docs/webhooks (Webhook Signatures), read 2026-11-20.
"""

import base64
import hmac
import re
from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

from .form import fields

SIGNATURE = "x-signature"
# The option of a connection that says how the digest is written, and its other value.
ENCODING, BASE64 = "signature_encoding", "base64"
SHOP = "domain_prefix"

# A base64 digest may hold an equals sign, and no comma.
_HEADER = re.compile(r"signature=([^,]+), ?algorithm=HMAC-SHA256")


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Raises Forged. No time is signed, so no delivery is stale: it only makes us ask the shop.

    One application signs for all of its retailers with one key, so a form that names its shop
    must name this one. A form need not name it: what it tells of is then asked of this shop only.
    """
    header = _HEADER.fullmatch(delivery.headers.get(SIGNATURE, ""))
    said = header.group(1).encode("utf-8", "replace") if header else b""
    written = connection.options.get(ENCODING, "")
    keys = [key for key in connection.signing_keys if key]
    # Every key is computed and compared, so that time tells nothing about which one matched.
    proven = [
        hmac.compare_digest(digest, said)
        for key in keys
        for digest in _digests(key, delivery.body, written)
    ]
    if not any(proven):
        raise Forged("the signature is not Lightspeed's")
    named = fields(delivery.body).get(SHOP, connection.shop)
    if not connection.shop or named.casefold() != connection.shop.casefold():
        raise Forged("the delivery is another retailer's")
    return "genuine"


def _digests(key: str, body: bytes, written: str) -> Iterator[bytes]:
    """The digest in each way that it may be written; the vendor's page shows none of them."""
    digest = hmac.digest(key.encode(), body, "sha256")
    if written == BASE64:
        yield base64.b64encode(digest)
        return
    yield digest.hex().encode()
    yield digest.hex().upper().encode()
