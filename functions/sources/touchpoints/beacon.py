"""What a page may send: clicks and visits of one person, with the token that its server issued.

A browser can keep no secret, so it shows a short-lived proof that the shop's server made of one:
`<claims>.<mac>`, the claims base64url of JSON, the mac hex HMAC-SHA256 over `beacon.<claims>`.
No call of a server is ever signed over such text, nor a token over a call's: those begin with
digits.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.parsing import Key, Narrow, parsed

# What navigator.sendBeacon may hold under way is 64 KiB for a whole page (Beacon, W3C); twenty
# clicks are far less.
LARGEST = 16 * 1024
LONGEST_LIFE = timedelta(days=1)

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,2000})\.([0-9a-f]{64})")
_LAST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


class Claims(Narrow):
    """What the shop's server vouches for: whose session it is, on which site, and until when.

    `session` is the server's own name for the visit: it makes each token another, and tells the
    shop which visit a token was taken from. `expires` is in Unix seconds.
    """

    session: Key
    identity: Key
    origin: Key
    expires: Annotated[StrictInt, Field(ge=0, le=_LAST)]


class Sealed(Narrow):
    """A beacon's body, as far as its proof."""

    token: StrictStr


def proven(body: bytes, origin: str, keys: Iterable[str], now: datetime) -> None:
    """Raises Forged unless the body's token is the shop's, in time, and of the page's site."""
    if len(body) > LARGEST:
        raise Forged("neither signed nor as small as a beacon")
    try:
        claims, mac = _halves(parsed(Sealed, body).token)
    except Unreadable:
        raise Forged("neither signed nor a beacon") from None
    # Every key is computed and compared, so that time tells nothing about which one matched.
    fits = [hmac.compare_digest(_mac(key, claims), mac.encode()) for key in keys]
    if not any(fits):
        raise Forged("the token is not this shop's")
    _in_force(_claims(claims), origin, now)


def claims_of(token: str) -> Claims:
    """What a token says that was proven at the door. Raises Unreadable."""
    claims, _ = _halves(token)
    try:
        return _claims(claims)
    except Forged as error:
        raise Unreadable("token", str(error)) from error


def _in_force(claims: Claims, origin: str, now: datetime) -> None:
    expires = datetime.fromtimestamp(claims.expires, UTC)
    if now >= expires:
        raise Forged("the token has expired")
    if expires - now > LONGEST_LIFE:
        raise Forged("the token is good for more than a day")
    if origin.casefold() != claims.origin.casefold():
        raise Forged("the token is for another site")


def _halves(token: str) -> tuple[str, str]:
    halves = _TOKEN.fullmatch(token)
    if halves is None:
        raise Unreadable("token", "must be <claims>.<mac>")
    return halves[1], halves[2]


def _claims(text: str) -> Claims:
    try:
        return parsed(Claims, base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except Unreadable as error:
        raise Forged(f"the token's {error.path} {error.rule}") from None
    except ValueError:
        raise Forged("the token's claims are not base64url") from None


def _mac(key: str, claims: str) -> bytes:
    return hmac.digest(key.encode(), f"beacon.{claims}".encode(), "sha256").hex().encode()
