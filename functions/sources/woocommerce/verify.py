"""Is it really this shop? HMAC-SHA256 over the raw body, under the webhook's own secret.

Source: woocommerce/woocommerce, includes/class-wc-webhook.php (generate_signature, deliver_ping),
11.2, read 2026-11-20.
"""

import base64
import hmac
import re
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Verdict

SIGNATURE = "x-wc-webhook-signature"
SITE = "x-wc-webhook-source"

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_FORM = "application/x-www-form-urlencoded"
# What WordPress' wp_specialchars_decode knows with ENT_QUOTES, and no other entity.
_ENTITY = re.compile(r"&(?:(quot|amp|lt|gt)|#0*(34|38|39|60|62)|#[xX]0*(22|26|27));")
_NAMED = {"quot": '"', "amp": "&", "lt": "<", "gt": ">"}


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Genuine, a greeting, or raises Forged. No time is signed, so no delivery is ever stale.

    The address and the topic are not signed either: an order webhook carries its whole document,
    and every other topic only makes us ask the shop.
    """
    keys = [key for key in connection.signing_keys if key]
    if not keys:
        raise Forged("no signing key is configured")
    if _is_ping(delivery):
        return "greeting"
    sent = delivery.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    # Every key is computed and compared, so that time tells nothing about which one matched.
    proven = [hmac.compare_digest(_signed(key, delivery.body), sent) for key in keys]
    if not any(proven):
        raise Forged("the signature is not this shop's")
    if not connection.shop or _site(delivery.headers.get(SITE, "")) != _site(connection.shop):
        raise Forged("it is from another shop")
    return "genuine"


def _is_ping(delivery: Delivery) -> bool:
    """The unsigned form that a webhook sends when it is made; it wants a plain 200."""
    form = delivery.headers.get("content-type", "").startswith(_FORM)
    return form and SIGNATURE not in delivery.headers and bool(_PING.fullmatch(delivery.body))


def _signed(key: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(_as_typed(key).encode(), body, "sha256"))


def _as_typed(secret: str) -> str:
    """The secret with its HTML entities decoded once, as WooCommerce does before it signs."""
    return _ENTITY.sub(_char, secret)


def _char(entity: re.Match[str]) -> str:
    name, decimal, hexadecimal = entity.groups()
    return _NAMED[name] if name else chr(int(decimal or hexadecimal, 10 if decimal else 16))


def _site(address: str) -> str:
    """Host and path, whatever the scheme, the host's case and a slash at the end."""
    bare = re.sub(r"^https?://", "", address.strip(), flags=re.IGNORECASE)
    host, _, path = bare.partition("/")
    return f"{host.casefold()}/{path}".rstrip("/")
