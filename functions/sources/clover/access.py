"""Signing in: a lasting token as it is, or a pair of OAuth tokens that renew each other.

Source: docs.clover.com/dev/docs/refresh-access-tokens, updated 2026-06-17, read 2026-11-20.
"""

import json
from datetime import datetime, timedelta

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.pull import Grant, Request, Send, object_of

# A merchant's own API token lasts until it is taken back.
_LASTING = timedelta(days=365)
# Documented as seconds since 1970; integrators have met milliseconds.
_SURELY_MS = 10**11
_FARTHEST_MS = 10**14


def sign_in(send: Send, connection: Connection, held: Grant | None, now: datetime) -> Grant:
    """A new grant. A connection without `api_secret` holds a lasting token in `api_key`; else
    `api_secret` is the first refresh token. Each is good for one time: the next comes with the
    grant."""
    if not connection.api_secret:
        return Grant(token=connection.api_key, expires_at=now + _LASTING)
    refresh = (held.refresh if held else "") or connection.api_secret
    told = object_of(send(_asking(connection, refresh)).body, "Clover")
    token, following = told.get("access_token"), told.get("refresh_token")
    if not (isinstance(token, str) and token and isinstance(following, str) and following):
        raise Unavailable("Clover's answer holds no pair of tokens")
    expires_at = _instant(told.get("access_token_expiration"))
    return Grant(token=token, expires_at=expires_at or now + _UNTOLD, refresh=following)


# How long a token is trusted whose end was not told.
_UNTOLD = timedelta(minutes=20)


def _asking(connection: Connection, refresh: str) -> Request:
    """The application's id is all that goes with a refresh token: no secret."""
    said = {"client_id": connection.shop, "refresh_token": refresh}
    return Request(
        method="POST",
        url=f"{connection.api_url.rstrip('/')}/oauth/v2/refresh",
        headers={"content-type": "application/json", "accept": "application/json"},
        body=json.dumps(said).encode(),
    )


def _instant(told: object) -> datetime | None:
    if not isinstance(told, int) or isinstance(told, bool) or told <= 0:
        return None
    ms = told if told >= _SURELY_MS else told * 1000
    return EPOCH + timedelta(milliseconds=min(ms, _FARTHEST_MS))
