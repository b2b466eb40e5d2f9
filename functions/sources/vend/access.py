"""Signing in: a personal token as it is, or an application's access token, which lasts a day.

Source: x-series-api.lightspeedhq.com/docs/authorization, read 2026-11-20.
"""

from datetime import datetime, timedelta

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.oauth import by_refresh_token
from vouchsafe.pure.pull import Grant, Send

from .calls import AGENT

# A personal token lasts until it is taken back.
_LASTING = timedelta(days=365)
_A_DAY_S = 86_400


def sign_in(send: Send, connection: Connection, held: Grant | None, now: datetime) -> Grant:
    """A new grant. A connection without `api_secret` holds a personal token in `api_key`. Each
    refresh token is good for one time, and the next one comes with the grant."""
    if not connection.api_secret:
        return Grant(token=connection.api_key, expires_at=now + _LASTING)
    return _renewed(send, connection, held, now)


def _address(connection: Connection) -> str:
    return f"{connection.api_url.rstrip('/')}/api/1.0/token"


_renewed = by_refresh_token(_A_DAY_S, _address, AGENT)
