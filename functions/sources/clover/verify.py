"""Is it really Clover? A fixed code in a header, the same in every message: it proves the sender,
and nothing of what is sent.

Source: docs.clover.com/dev/docs/webhooks, updated 2026-06-17, read 2026-11-20.
"""

import hmac
import re
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Greeting, Verdict

AUTH = "x-clover-auth"
# What Clover posts, without the header, when somebody saves the address in its dashboard.
_GREETING = re.compile(rb'\s*\{\s*"verificationCode"\s*:\s*"([A-Za-z0-9-]{1,64})"\s*\}\s*')


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> Verdict:
    """Raises Forged. The code signs neither body nor time, so a genuine delivery is a hint: it
    can only make us look at Clover's own API. Whose application it is stands in the body:
    `notices` checks that."""
    greeting = _GREETING.fullmatch(delivery.body)
    if greeting:
        return Greeting(verification_code=greeting[1].decode())
    said = delivery.headers.get(AUTH, "").encode("utf-8", "replace")
    keys = [key.encode() for key in connection.signing_keys if key]
    # Every key is compared, so that time tells nothing about which one matched.
    proven = [hmac.compare_digest(key, said) for key in keys]
    if not any(proven):
        raise Forged("the auth code is not this application's")
    return "genuine"
