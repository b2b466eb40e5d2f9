"""Is a session shared by all Lambdas of a platform, and never lost with its refresh?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from vouchsafe.edge import grants, session
from vouchsafe.edge.grants import drop, grant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Grant, Request, Response, Send

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
TOAST = Connection(platform="toast", account="kew", api_url="https://toast.test")
SOON = timedelta(minutes=20)


def silent(_: Request) -> Response:
    raise AssertionError("the room's own sign_in is what calls")


class Vendor:
    """Lets us in; each refresh is good for one time, and only the last one given."""

    def __init__(self) -> None:
        self.logins = 0
        self.refreshed: list[str] = []
        self.seed_is_good = True

    def sign_in(self, _: Send, __: Connection, held: Grant | None, now: datetime) -> Grant:
        if held is None and not self.seed_is_good:
            raise Refused("the vendor answered 400 invalid_grant", status=400)
        if held is not None:
            if held.refresh != f"refresh-{self.logins}":
                raise Refused("the vendor answered 400 invalid_grant", status=400)
            self.refreshed.append(held.refresh)
        self.logins += 1
        return Grant(
            token=f"token-{self.logins}", expires_at=now + SOON, refresh=f"refresh-{self.logins}"
        )


@pytest.fixture(autouse=True)
def another_lambda(aws: None) -> Iterator[None]:
    grants.forget()
    yield
    grants.forget()


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


def asked(vendor: Vendor, now: datetime = NOW) -> str:
    return grant(TOAST, vendor.sign_in, silent, now).token


def test_one_login_serves_every_lambda(vendor: Vendor) -> None:
    first = asked(vendor)
    grants.forget()
    other = asked(vendor, NOW + timedelta(minutes=18))

    assert first == other == "token-1"
    assert vendor.logins == 1


def test_a_session_near_its_end_is_refreshed(vendor: Vendor) -> None:
    asked(vendor)
    later = asked(vendor, NOW + SOON - timedelta(seconds=60))

    assert later == "token-2"
    assert vendor.refreshed == ["refresh-1"]


def test_a_refresh_that_another_has_spent_gives_way_to_its_session(vendor: Vendor) -> None:
    asked(vendor)
    after = NOW + SOON
    stale = Grant(token="token-1", expires_at=after, refresh="refresh-1")

    def beaten(send: Send, connection: Connection, held: Grant | None, now: datetime) -> Grant:
        if vendor.logins == 1:
            grants._put(grants._name(TOAST), vendor.sign_in(send, connection, stale, now))
        return vendor.sign_in(send, connection, held, now)

    assert grant(TOAST, beaten, silent, after).token == "token-2"


def test_new_credentials_in_the_connection_replace_a_refresh_that_is_dead(vendor: Vendor) -> None:
    asked(vendor)
    vendor.logins = 7

    assert asked(vendor, NOW + SOON) == "token-8"


def test_a_vendor_who_does_not_let_us_in_refuses(vendor: Vendor) -> None:
    vendor.seed_is_good = False

    with pytest.raises(Refused):
        asked(vendor)


def test_a_dropped_session_is_renewed_by_its_refresh(vendor: Vendor) -> None:
    asked(vendor)
    drop(TOAST)

    assert asked(vendor) == "token-2"
    assert vendor.refreshed == ["refresh-1"]


def test_dropping_an_old_session_leaves_a_newer_one(vendor: Vendor) -> None:
    asked(vendor)
    newer = vendor.sign_in(silent, TOAST, Grant(token="", expires_at=NOW, refresh="refresh-1"), NOW)
    grants._put(grants._name(TOAST), newer)
    drop(TOAST)

    assert asked(vendor) == "token-2"


def test_a_session_is_kept_though_the_first_try_fails(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = iter([True, False])
    put = grants._put_once

    def flaky(name: str, text: str) -> None:
        if next(fails):
            raise grants.BotoCoreError
        put(name, text)

    monkeypatch.setattr(grants, "_put_once", flaky)
    asked(vendor)
    grants.forget()

    assert asked(vendor) == "token-1"
    assert vendor.logins == 1


def test_a_session_that_cannot_be_read_is_unavailable(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: str) -> None:
        raise grants.BotoCoreError

    monkeypatch.setattr(session.client("secretsmanager"), "get_secret_value", broken)

    with pytest.raises(Unavailable):
        asked(vendor)
    assert vendor.logins == 0
