"""Is it really this shop? Its server signs time and body; its pages show a token of the server's.

The header is Stripe's in shape (docs.stripe.com/webhooks#verify-manually, read 2026-11-21), with
one signature in it: whoever rotates keys signs with the new one, and we still take the old.
"""

import hmac
import re
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

from .beacon import proven
from .document import is_csv

SIGNATURE = "x-vouchsafe-signature"
ORIGIN = "origin"
STALE_AFTER_S = 300

_SIGNED = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def verify(delivery: Delivery, connection: Connection, now: datetime) -> Verdict:
    """Genuine, or raises Forged. Without a signature it can only be a beacon."""
    keys = [key for key in connection.signing_keys if key]
    if not keys:
        raise Forged("no signing key is configured")
    if SIGNATURE in delivery.headers:
        _signed(delivery, keys, now)
    elif is_csv(delivery):
        raise Forged("a file is signed by a server")
    else:
        proven(delivery.body, delivery.headers.get(ORIGIN, ""), keys, now)
    return "genuine"


def _signed(delivery: Delivery, keys: list[str], now: datetime) -> None:
    said = _SIGNED.fullmatch(delivery.headers[SIGNATURE])
    if said is None:
        raise Forged("the signature is not t=<unix seconds>,v1=<hex>")
    message = said[1].encode() + b"." + delivery.body
    # Every key is computed and compared, so that time tells nothing about which one matched.
    fits = [hmac.compare_digest(_mac(key, message), said[2].encode()) for key in keys]
    if not any(fits):
        raise Forged("the signature does not fit")
    if abs(now.timestamp() - int(said[1])) > STALE_AFTER_S:
        raise Forged("it was signed more than five minutes ago, or ahead of time")


def _mac(key: str, message: bytes) -> bytes:
    return hmac.digest(key.encode(), message, "sha256").hex().encode()
