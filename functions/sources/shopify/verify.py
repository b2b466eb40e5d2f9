"""Is it really Shopify, and this shop? HMAC-SHA256 over the raw body, under the app's secret.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook
read 2026-11-20.
"""

import base64
import hmac
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

SIGNATURE = "x-shopify-hmac-sha256"
SHOP = "x-shopify-shop-domain"


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Genuine, or raises Forged. No time is signed, so that no delivery is ever stale.

    One app secret serves all shops of an app, so that a signature alone does not say whose the
    delivery is: the shop must be the connection's as well.
    """
    sent = delivery.headers.get(SIGNATURE, "").encode(errors="replace")
    # Every key is tried, so that the time taken does not tell which one fitted. An empty key is
    # no key: it must not become one that everybody knows.
    fits = [
        hmac.compare_digest(sent, _proof(key, delivery.body))
        for key in connection.signing_keys
        if key
    ]
    if not any(fits):
        raise Forged("the signature does not fit")
    if not connection.shop or _domain(delivery.headers.get(SHOP, "")) != _domain(connection.shop):
        raise Forged("it is for another shop")
    return "genuine"


def _proof(key: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key.encode(), body, "sha256"))


def _domain(name: str) -> str:
    return name.strip().casefold()
