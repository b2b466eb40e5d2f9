"""Calling a vendor for one account: its connection, its pace, and a session where it wants one."""

from collections.abc import Callable
from dataclasses import replace

from vouchsafe.edge import clock, grants, secrets, turns_table
from vouchsafe.edge.vendor_http import sender
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Request, Response, Send, SignIn

_NOT_SIGNED_IN = 401

Caller = Callable[[str], tuple[Connection, Send]]


def caller(platform: str, calls_a_second: float, sign_in: SignIn | None) -> Caller:
    """How the accounts of a platform are called: `caller(account)` is its connection, signed in,
    and the way to send, in turn with all other Lambdas that call for the account.

    Raises Forged where no connection is configured, Refused, Unavailable. A session that the
    vendor ends meanwhile is dropped, and what was asked is Unavailable: the next try signs in.
    """

    def call(account: str) -> tuple[Connection, Send]:
        connection = secrets.connection(platform, account)
        send = sender(connection, calls_a_second, turns_table.take)
        if sign_in is None:
            return connection, send
        held = grants.grant(connection, sign_in, send, clock.now())
        return replace(connection, access_token=held.token), _noticing(send, connection)

    return call


def _noticing(send: Send, connection: Connection) -> Send:
    def sent(request: Request) -> Response:
        try:
            return send(request)
        except Refused as reason:
            if reason.status != _NOT_SIGNED_IN:
                raise
            grants.drop(connection)
            raise Unavailable("the session has ended") from reason

    return sent
