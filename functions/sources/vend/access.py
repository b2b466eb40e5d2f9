"""Signing in: a personal token as it is, or an application's access token, which lasts a day.

Source: x-series-api.lightspeedhq.com/docs/authorization, read 2026-11-20.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.pull import Grant, Request, Send

from .calls import AGENT, answered

# The option of a connection that holds the refresh token of the first consent.
REFRESH = "refresh_token"
# A personal token lasts until it is taken back.
_LASTING = timedelta(days=365)
_A_DAY_S = 86_400


def sign_in(send: Send, connection: Connection, held: Grant | None, now: datetime) -> Grant:
    """A new grant. A connection without `api_secret` holds a personal token in `api_key`. Each
    refresh token is good for one time, and the next one comes with the grant."""
    if not connection.api_secret:
        return Grant(token=connection.api_key, expires_at=now + _LASTING)
    refresh = (held.refresh if held else "") or connection.options.get(REFRESH, "")
    told = answered(send(_asking(connection, refresh)).body)
    token, life_s = told.get("access_token"), told.get("expires_in", _A_DAY_S)
    if not isinstance(token, str) or not token or not isinstance(life_s, int):
        raise Unavailable("the shop's answer holds no token")
    return Grant(
        token=token,
        expires_at=now + timedelta(seconds=life_s),
        refresh=str(told.get("refresh_token") or refresh),
    )


def _asking(connection: Connection, refresh: str) -> Request:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh,
        "client_id": connection.api_key,
        "client_secret": connection.api_secret,
    }
    return Request(
        method="POST",
        url=f"{connection.api_url.rstrip('/')}/api/1.0/token",
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
            "user-agent": AGENT,
        },
        body=urlencode(form).encode(),
    )
