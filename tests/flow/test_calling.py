"""Is an account called with its session, and does a session that the vendor ended come anew?"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests import cloud
from vouchsafe.edge import clock, grants
from vouchsafe.flow import calling
from vouchsafe.flow.calling import caller
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Refused, Unavailable
from vouchsafe.pure.pull import Grant, Request, Response, Send

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASKED = Request(method="GET", url="http://till.test/orders")


class Till:
    """Answers under the newest token only."""

    def __init__(self) -> None:
        self.logins = 0
        self.status = 200

    def sign_in(self, _: Send, __: Connection, ___: Grant | None, now: datetime) -> Grant:
        self.logins += 1
        return Grant(token=f"token-{self.logins}", expires_at=now + timedelta(hours=1))

    def sender(self, _: Connection, __: float, ___: object) -> Send:
        def send(_: Request) -> Response:
            if self.status != 200:
                raise Refused("the vendor answered", status=self.status)
            return Response(status=200, headers={}, body=b"{}")

        return send


@pytest.fixture
def till(aws: None, monkeypatch: pytest.MonkeyPatch) -> Till:
    made = Till()
    cloud.put_secret("till/kew", json.dumps({"api_url": "http://till.test"}))
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(calling, "sender", made.sender)
    grants.forget()
    return made


def test_an_account_is_called_with_its_session(till: Till) -> None:
    connection, send = caller("till", 10, till.sign_in)("kew")

    assert connection.access_token == "token-1"
    assert send(ASKED).status == 200


def test_a_platform_without_sessions_is_called_as_it_is(till: Till) -> None:
    connection, _ = caller("till", 10, None)("kew")

    assert connection.access_token == ""
    assert till.logins == 0


def test_a_session_that_the_vendor_ended_comes_anew(till: Till) -> None:
    call = caller("till", 10, till.sign_in)
    _, send = call("kew")
    till.status = 401

    with pytest.raises(Unavailable):
        send(ASKED)

    assert call("kew")[0].access_token == "token-2"


def test_any_other_refusal_leaves_the_session(till: Till) -> None:
    call = caller("till", 10, till.sign_in)
    _, send = call("kew")
    till.status = 403

    with pytest.raises(Refused):
        send(ASKED)

    assert call("kew")[0].access_token == "token-1"


def test_an_account_that_is_not_connected_is_called_by_nobody(till: Till) -> None:
    with pytest.raises(Forged):
        caller("till", 10, till.sign_in)("elsewhere")
    assert till.logins == 0
