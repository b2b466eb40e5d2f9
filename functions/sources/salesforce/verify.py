"""Is it really Marketing Cloud? Base64 HMAC-SHA256 over the whole body, under the callback's key.

Source: developer.salesforce.com, Event Notification Service (verify a callback, signatures), read
2026-11-20. Whether the key is text or itself Base64 is not said there: both are accepted.
"""

import base64
import binascii
import hmac
from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.hearing import Delivery, Verdict
from vouchsafe.pure.parsing import parsed

from .documents import Handshake

SIGNATURE = "x-sfmc-ens-signature"
# The option of a connection that names the callback which may greet us.
CALLBACK = "callback_id"


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Raises Forged. No time is signed, so nothing is stale.

    The handshake is unsigned and wants an answer through the API: only the callback that the
    connection names gets one. All it can bring about is one call to our own account.
    """
    keys = [key for key in connection.signing_keys if key]
    if not keys:
        raise Forged("no signing key is configured")
    sent = delivery.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    # Every key is computed and compared, so that time tells nothing about which one matched.
    proven = [
        hmac.compare_digest(base64.b64encode(hmac.digest(key, delivery.body, "sha256")), sent)
        for said in keys
        for key in _read_as(said)
    ]
    if not any(proven) and not _is_our_handshake(delivery, connection):
        raise Forged("the signature is not this callback's")
    return "genuine"


def _read_as(key: str) -> Iterator[bytes]:
    yield key.encode()
    try:
        yield base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return


def _is_our_handshake(delivery: Delivery, connection: Connection) -> bool:
    wanted = connection.options.get(CALLBACK, "")
    if not wanted or SIGNATURE in delivery.headers or len(delivery.body) > Handshake.LONGEST:
        return False
    try:
        said = parsed(Handshake, delivery.body)
    except Unreadable:
        return False
    return hmac.compare_digest(said.callback_id.encode(), wanted.encode())
