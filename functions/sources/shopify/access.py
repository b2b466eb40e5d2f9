"""How Shopify's Admin API lets us in: with an app's lasting token, or with one of a day.

Apps made since 2026-01-01 have no lasting token: the client id and secret are exchanged for one
that lives for 24 hours.
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
read 2026-11-20.
"""

import json
from urllib.parse import urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Request, Response, Send

_UNAUTHORIZED = 401
# Tokens of a day, by shop and client id, for as long as this environment is warm.
_tokens: dict[tuple[str, str], str] = {}


def post(send: Send, connection: Connection, path: str, body: bytes) -> Response:
    """The answer to a request under the connection's token; an expired one is renewed once."""
    try:
        return send(_request(send, connection, path, body))
    except Refused as refusal:
        if refusal.status != _UNAUTHORIZED or not connection.api_secret:
            raise
        _tokens.pop(_whose(connection), None)
    return send(_request(send, connection, path, body))


def _request(send: Send, connection: Connection, path: str, body: bytes) -> Request:
    return Request(
        method="POST",
        url=_url(connection, path),
        headers={
            "Content-Type": "application/json",
            "X-Shopify-Access-Token": _token(send, connection),
        },
        body=body,
    )


def _token(send: Send, connection: Connection) -> str:
    """With a secret, `api_key` is the client id; without, it is the lasting token itself."""
    if not connection.api_secret:
        return connection.api_key
    whose = _whose(connection)
    if whose not in _tokens:
        _tokens[whose] = _granted(send, connection)
    return _tokens[whose]


def _granted(send: Send, connection: Connection) -> str:
    asked = {
        "grant_type": "client_credentials",
        "client_id": connection.api_key,
        "client_secret": connection.api_secret,
    }
    response = send(
        Request(
            method="POST",
            url=_url(connection, "/admin/oauth/access_token"),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(asked).encode(),
        )
    )
    try:
        return str(json.loads(response.body)["access_token"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable("the vendor's answer holds no access token") from error


def _url(connection: Connection, path: str) -> str:
    return connection.api_url.rstrip("/") + path


def _whose(connection: Connection) -> tuple[str, str]:
    return connection.api_url, connection.api_key
