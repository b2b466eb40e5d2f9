"""Signing in by OAuth 2.0: a grant for a refresh token, and what a vendor's answer grants.

Source: RFC 6749, sections 5.1 and 6.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.pull import Grant, Request, Send, SignIn, object_of

# The options of a connection: where tokens come from, and the refresh token of the first consent.
LOGIN_URL, REFRESH = "login_url", "refresh_token"
_HEADERS = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


def _named(connection: Connection) -> str:
    return connection.options.get(LOGIN_URL, "")


def by_refresh_token(
    usual_life_s: int, address: Callable[[Connection], str] = _named, agent: str = ""
) -> SignIn:
    """How the accounts of a vendor sign in. A refresh token may be good for one time: the next one
    comes with the grant, and where none comes the same one stays."""
    headers = {**_HEADERS, "user-agent": agent} if agent else _HEADERS

    def sign_in(send: Send, connection: Connection, held: Grant | None, now: datetime) -> Grant:
        refresh = (held.refresh if held else "") or connection.options.get(REFRESH, "")
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh,
            "client_id": connection.api_key,
            "client_secret": connection.api_secret,
        }
        body = urlencode(form).encode()
        url = address(connection)
        answer = send(Request(method="POST", url=url, headers=headers, body=body))
        return granted(object_of(answer.body), now, usual_life_s, refresh)

    return sign_in


def granted(told: Mapping[str, Any], now: datetime, usual_life_s: int, refresh: str = "") -> Grant:
    """The grant in an answer; `refresh` is what renews it where the answer tells nothing new.
    Raises Unavailable where there is none."""
    token, life_s = told.get("access_token"), told.get("expires_in", usual_life_s)
    if not isinstance(token, str) or not token or not isinstance(life_s, int):
        raise Unavailable("the vendor's answer holds no token")
    return Grant(
        token=token,
        expires_at=now + timedelta(seconds=life_s),
        refresh=str(told.get("refresh_token") or refresh),
    )
