"""Does a refresh token make a grant, and the grant the next refresh token?"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.oauth import by_refresh_token
from vouchsafe.pure.pull import Grant, Request, Response

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE = Connection(
    platform="deli",
    account="north",
    api_url="https://deli.example",
    api_key="client",
    api_secret="a secret/&=",
    options={"login_url": "https://login.example/token", "refresh_token": "first"},
)
WHOLE = {"access_token": "token", "expires_in": 60, "refresh_token": "second"}


class Vendor:
    def __init__(self, answer: object) -> None:
        self.asked: list[Request] = []
        self._body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        return Response(status=200, headers={}, body=self._body)

    def form(self) -> Mapping[str, list[str]]:
        return parse_qs((self.asked[-1].body or b"").decode(), strict_parsing=True)


def test_a_refresh_token_makes_a_grant_and_the_next_one_is_kept() -> None:
    vendor = Vendor(WHOLE)

    grant = by_refresh_token(3600)(vendor.send, HERE, None, NOW)

    assert grant == Grant(token="token", expires_at=NOW + timedelta(seconds=60), refresh="second")
    assert vendor.asked[-1].url == "https://login.example/token"
    assert vendor.form() == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["first"],
        "client_id": ["client"],
        "client_secret": ["a secret/&="],
    }


def test_the_last_grants_refresh_token_is_the_one_to_use() -> None:
    vendor = Vendor(WHOLE)
    held = Grant(token="old", expires_at=NOW, refresh="later")

    by_refresh_token(3600)(vendor.send, HERE, held, NOW)

    assert vendor.form()["refresh_token"] == ["later"]


@pytest.mark.parametrize("refresh", ["", "later"])
def test_where_nothing_new_comes_the_same_one_stays(refresh: str) -> None:
    held = Grant(token="old", expires_at=NOW, refresh=refresh)

    grant = by_refresh_token(3600)(Vendor({"access_token": "token"}).send, HERE, held, NOW)

    assert grant.refresh == (refresh or "first")
    assert grant.expires_at == NOW + timedelta(hours=1)


def test_a_vendor_may_want_another_address_and_to_know_who_asks() -> None:
    vendor = Vendor(WHOLE)

    by_refresh_token(3600, lambda own: f"{own.api_url}/token", "Deli")(vendor.send, HERE, None, NOW)

    assert vendor.asked[-1].url == "https://deli.example/token"
    assert vendor.asked[-1].headers["user-agent"] == "Deli"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[" * 100_000,
        [],
        {},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "token", "expires_in": "60"},
    ],
)
def test_an_answer_without_a_token_may_go_better_later(answer: object) -> None:
    with pytest.raises(Unavailable):
        by_refresh_token(3600)(Vendor(answer).send, HERE, None, NOW)
