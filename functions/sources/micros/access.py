"""How Oracle's identity host lets an API account in: OpenID Connect, code with PKCE.

The token that opens the API is the `id_token`; it lives for days, and its refresh for some weeks.
Source: docs.oracle.com/en/industries/food-beverage/back-office/20.1/biapi/authenticate.html, and
public integrations for the cookies. Read 2026-11-21.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Grant, Request, Response, Send, json_of

# The redirect of an API account leads nowhere; the code is read off it.
REDIRECT = "apiaccount://callback"
_FORM = "application/x-www-form-urlencoded"
_SEEN_OTHER = frozenset({302, 303})
# Where the vendor does not say how long a token lives.
_AT_LEAST_S = 3600
_SET_COOKIE = re.compile(r"(?:^|[\n,]\s*)([A-Za-z0-9_.-]+)=([^;\n]*)")


def sign_in(send: Send, connection: Connection, held: Grant | None, now: datetime) -> Grant:
    """A new grant, by the last one's refresh or by user and password. Raises Refused."""
    verifier, _, refresh = held.refresh.partition(" ") if held else ("", "", "")
    if refresh:
        told = _token(send, connection, verifier, grant_type="refresh_token", refresh_token=refresh)
    else:
        verifier = secrets.token_urlsafe(48)
        code = _code(send, connection, verifier)
        told = _token(send, connection, verifier, grant_type="authorization_code", code=code)
    token = told.get("id_token")
    if not isinstance(token, str) or not token:
        raise Unavailable("the identity host's answer has no id_token")
    lasting = told.get("refresh_token") or refresh
    return Grant(
        token=token,
        expires_at=now + timedelta(seconds=_seconds(told.get("expires_in"))),
        refresh=f"{verifier} {lasting}" if lasting else "",
    )


def _code(send: Send, connection: Connection, verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": connection.api_key,
        "scope": "openid",
        "redirect_uri": REDIRECT,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    cookies = _authorized(send, connection, asked)
    account = {
        "username": connection.options.get("username", ""),
        "password": connection.api_secret,
        "orgname": connection.shop,
    }
    told = _json(_posted(send, connection, "signin", account, {"Cookie": cookies}))
    if told.get("nextOp") == "expired":
        raise Refused("the password of the API account has expired", code="expired")
    codes = parse_qs(urlsplit(str(told.get("redirectUrl", ""))).query).get("code", [])
    if not codes:
        raise Refused("the identity host does not let the API account in", code="no_code")
    return codes[0]


def _authorized(send: Send, connection: Connection, asked: Mapping[str, str]) -> str:
    """The cookies for the sign-in: those that the host sets, and what they are known to say."""
    known = {name: value for name, value in asked.items() if name != "scope"} | {"state": ""}
    url = f"{_url(connection, 'authorize')}?{urlencode(asked)}"
    try:
        answer = send(Request(method="GET", url=url))
    except Refused as refusal:
        # It may send a browser on to its sign-in page, where there is nothing for us.
        if refusal.status not in _SEEN_OTHER:
            raise
    else:
        known |= dict(_SET_COOKIE.findall(answer.headers.get("set-cookie", "")))
    return "; ".join(f"{name}={value}" for name, value in known.items())


def _token(send: Send, connection: Connection, verifier: str, **asked: str) -> dict[str, Any]:
    whole = asked | {
        "scope": "openid",
        "client_id": connection.api_key,
        "code_verifier": verifier,
        "redirect_uri": REDIRECT,
    }
    return _json(_posted(send, connection, "token", whole, {}))


def _posted(
    send: Send,
    connection: Connection,
    step: str,
    form: Mapping[str, str],
    headers: Mapping[str, str],
) -> Response:
    return send(
        Request(
            method="POST",
            url=_url(connection, step),
            headers={"Content-Type": _FORM, "Accept": "application/json", **headers},
            body=urlencode(form).encode(),
        )
    )


def _json(answer: Response) -> dict[str, Any]:
    told = json_of(answer.body, "the identity host")
    return told if isinstance(told, dict) else {}


def _url(connection: Connection, step: str) -> str:
    host = connection.options.get("login_url") or connection.api_url
    return f"{host.rstrip('/')}/oidc-provider/v1/oauth2/{step}"


def _seconds(told: object) -> int:
    """Documented as a number and as its text."""
    text = str(told)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else _AT_LEAST_S
