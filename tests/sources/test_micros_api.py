"""What Simphony is asked: the check of a notice, the dates of a window, and to be let in."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.sources.micros.api import fetch, list_orders, sign_in
from functions.sources.micros.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_micros import CONNECTION, ROOM
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Grant, Page, Request, Response, Window

Plain = dict[str, Any]
GUID = "5c1e0d9ab7c64b6f8a3f2d7b9e4400120000431a"
SIGNED_IN = replace(CONNECTION, access_token="the-id-token")
AT_TWO = replace(SIGNED_IN, options={**CONNECTION.options, "locations": "store12, store13,"})


def check(stem: str, **changes: object) -> Plain:
    document = json.loads(Event(room=ROOM, stem=stem).document().body)
    return {**document["guestCheck"], **changes}


class Reports:
    """Simphony's reports, with these checks at each location; dates before the latest are kept."""

    def __init__(
        self,
        checks: Iterable[Plain] = (),
        latest: str = "2026-11-20",
        locations: object = None,
    ) -> None:
        self.asked: list[tuple[str, Plain]] = []
        self._checks = list(checks)
        self._latest = latest
        self._locations = locations

    def send(self, request: Request) -> Response:
        assert request.method == "POST"
        assert request.headers["Authorization"] == "Bearer the-id-token"
        home, _, name = request.url.rpartition("/")
        assert home == "https://reports.example.com/bi/v1/ACME"
        asked = json.loads(request.body or b"{}")
        self.asked.append((name, asked))
        return Response(status=200, headers={}, body=json.dumps(self._told(name, asked)).encode())

    def _told(self, name: str, asked: Plain) -> object:
        if name == "getLatestBusinessDate":
            return {"locRef": asked["locRef"], "latestBusDt": self._latest}
        if name == "getLocationDimensions":
            return self._locations
        day = asked.get("busDt") or asked["opnBusDt"]
        since = asked.get("changedSinceUTC", "")
        found = [
            each
            for each in self._checks
            if day == each["opnBusDt"] and each["lastUpdatedUTC"] >= since
        ]
        return {"curUTC": "2026-11-20T19:00:00", "locRef": asked["locRef"], "guestChecks": found}


def notice(object_id: str = GUID, **details: str) -> Notice:
    return Notice(
        platform="micros", account="kew", kind="check", object_id=object_id, details=details
    )


TOLD = notice(location="store12", told_at="2026-11-20T18:45:09.901Z")


def ids(documents: Iterable[Document]) -> set[tuple[str, str]]:
    read = [read_document(each, CONNECTION, IDENTIFY, NOW) for each in documents]
    return {(fact.order.order_id, fact.fact_id()) for facts in read for fact in facts}


# --- A notice


def test_a_notice_is_asked_of_its_location_and_date_since_its_time() -> None:
    reports = Reports([check("check.confirmed"), check("check.two_codes", posChkGUID="other")])

    documents = fetch(reports.send, SIGNED_IN, TOLD)

    assert ids(documents) == ids([Event(room=ROOM, stem="check.confirmed").document()])
    assert reports.asked == [
        ("getLatestBusinessDate", {"locRef": "store12"}),
        (
            "getGuestChecks",
            {"locRef": "store12", "busDt": "2026-11-20", "changedSinceUTC": "2026-11-20T18:40:09"},
        ),
    ]


def test_a_check_of_the_day_before_is_found() -> None:
    reports = Reports([check("check.confirmed")], latest="2026-11-21")

    assert len(fetch(reports.send, SIGNED_IN, TOLD)) == 1


@pytest.mark.parametrize(
    ("latest", "asked"),
    [
        ("2026-11-20", ["2026-11-20", "2026-11-19"]),
        ("2026-11-19", ["2026-11-19", "2026-11-18"]),
        ("2026-11-12", ["2026-11-12", "2026-11-11"]),
        ("2026-12-24", ["2026-11-21", "2026-11-20", "2026-11-19"]),
    ],
)
def test_a_notice_that_waited_is_looked_for_on_its_own_days(latest: str, asked: list[str]) -> None:
    reports = Reports(latest=latest)

    with pytest.raises(Unavailable):
        fetch(reports.send, SIGNED_IN, TOLD)

    assert [day for _, day in dates(reports)] == asked


@pytest.mark.parametrize(
    "checks",
    [
        [],
        [check("check.two_codes", posChkGUID="other")],
        [check("check.confirmed", lastUpdatedUTC="2026-11-20T18:12:52")],
    ],
)
def test_a_check_that_is_not_reported_yet_comes_again(checks: list[Plain]) -> None:
    with pytest.raises(Unavailable, match="reported"):
        fetch(Reports(checks).send, SIGNED_IN, TOLD)


def test_reports_without_references_bring_all_that_changed_since() -> None:
    nameless = [
        check("check.confirmed", posChkGUID=None),
        check("check.two_codes", posChkGUID=None),
        check("check.open", posChkGUID=None, lastUpdatedUTC="2026-11-20T12:00:00"),
    ]

    documents = fetch(Reports(nameless).send, SIGNED_IN, TOLD)

    assert len(documents) == 2


def test_a_notice_without_a_place_is_looked_for_everywhere() -> None:
    reports = Reports([check("check.confirmed")], locations={"locations": [{"locRef": "store12"}]})

    assert fetch(reports.send, SIGNED_IN, notice())
    assert reports.asked[0][0] == "getLocationDimensions"
    assert "changedSinceUTC" not in reports.asked[-1][1]


@pytest.mark.parametrize("chosen", ["Store12, Store13", ""])
def test_a_place_that_the_reports_write_otherwise_is_found(chosen: str) -> None:
    reports = Reports([check("check.confirmed")], locations={"locations": [{"locRef": "Store12"}]})

    def particular(request: Request) -> Response:
        if json.loads(request.body or b"{}").get("locRef") == "store12":
            raise Refused("the vendor answered 400", status=400)
        return reports.send(request)

    connection = replace(SIGNED_IN, options={"currency": "USD", "locations": chosen})
    documents = fetch(particular, connection, TOLD)

    assert ids(documents) == ids([Event(room=ROOM, stem="check.confirmed").document()])


@pytest.mark.parametrize("status", [400, 403])
def test_a_place_that_may_not_be_seen_is_refused(status: int) -> None:
    def forbidden(_request: Request) -> Response:
        raise Refused(f"the vendor answered {status}", status=status)

    with pytest.raises(Refused):
        fetch(forbidden, AT_TWO, TOLD)


def test_a_notice_of_another_kind_is_invalid() -> None:
    with pytest.raises(Invalid):
        fetch(Reports().send, SIGNED_IN, replace(TOLD, kind="order"))


# --- A window

WINDOW = Window(
    start=datetime(2026, 11, 20, 18, tzinfo=UTC), end=datetime(2026, 11, 20, 18, 25, tzinfo=UTC)
)


def pages(reports: Reports, window: Window, connection: Connection = AT_TWO) -> list[Page]:
    found = [list_orders(reports.send, connection, window, None)]
    while found[-1].cursor:
        found.append(list_orders(reports.send, connection, window, found[-1].cursor))
    return found


def dates(reports: Reports) -> list[tuple[str, str]]:
    return [
        (asked["locRef"], asked.get("busDt") or asked["opnBusDt"])
        for name, asked in reports.asked
        if name == "getGuestChecks"
    ]


def test_a_window_is_its_date_and_the_one_before_at_each_location() -> None:
    reports = Reports([check("check.confirmed")])

    found = pages(reports, WINDOW)

    assert dates(reports) == [
        ("store12", "2026-11-19"),
        ("store12", "2026-11-20"),
        ("store13", "2026-11-19"),
        ("store13", "2026-11-20"),
    ]
    assert [len(each.documents) for each in found] == [0, 1, 0, 1]
    assert {asked.get("changedSinceUTC") for _, asked in reports.asked} == {
        None,
        "2026-11-20T18:00:00",
    }


def test_what_a_window_lists_is_what_a_notice_brings() -> None:
    reports = Reports([check("check.confirmed")])
    listed = [each for page in pages(reports, WINDOW) for each in page.documents]

    assert fetch(reports.send, SIGNED_IN, TOLD)[0] in listed


def test_a_location_whose_date_lags_behind_is_listed_by_its_own() -> None:
    reports = Reports(latest="2026-11-12")

    pages(reports, WINDOW, replace(AT_TWO, options={"locations": "store12"}))

    assert dates(reports) == [("store12", "2026-11-12")]


def test_once_a_day_a_week_of_dates_is_looked_at_for_a_day_of_changes() -> None:
    reports = Reports()
    nine = replace(WINDOW, start=NOW.replace(hour=8, minute=50), end=NOW.replace(hour=9, minute=15))

    pages(reports, nine, replace(AT_TWO, options={"locations": "store12"}))

    assert dates(reports)[0] == ("store12", "2026-11-13")
    assert len(dates(reports)) == 8
    assert reports.asked[-1][1]["changedSinceUTC"] == "2026-11-19T08:50:00"


def test_a_month_of_the_past_is_its_dates_and_no_more() -> None:
    reports = Reports(latest="2026-11-20")
    month = Window(
        start=datetime(2026, 1, 1, 5, tzinfo=UTC),
        end=datetime(2026, 2, 1, 5, tzinfo=UTC),
        by="placed",
    )

    pages(reports, month, replace(AT_TWO, options={"locations": "store12"}))

    assert dates(reports)[0] == ("store12", "2025-12-31")
    assert dates(reports)[-1] == ("store12", "2026-02-02")
    assert all("changedSinceUTC" not in asked for _, asked in reports.asked)
    assert all("opnBusDt" in asked for name, asked in reports.asked if name == "getGuestChecks")


@pytest.mark.parametrize(
    "locations",
    [
        {"locations": [{"locRef": "store12", "active": True}, {"locRef": "old", "active": False}]},
        [{"locRef": "store12"}, {"name": "head office"}],
    ],
)
def test_the_locations_are_asked_for_where_nobody_chose_them(locations: object) -> None:
    reports = Reports(locations=locations)

    pages(reports, WINDOW, SIGNED_IN)

    assert {location for location, _ in dates(reports)} == {"store12"}


def test_an_organisation_without_locations_lists_nothing() -> None:
    reports = Reports(locations={"locations": None})

    assert pages(reports, WINDOW, SIGNED_IN) == [Page(documents=())]


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"latestBusDt": "soon"}', b"[]"])
def test_an_answer_that_is_none_comes_again(body: bytes) -> None:
    def odd(_request: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    with pytest.raises(Unavailable):
        list_orders(odd, AT_TWO, WINDOW, None)


def test_a_list_of_checks_that_is_none_comes_again() -> None:
    def odd(request: Request) -> Response:
        told = {"latestBusDt": "2026-11-20", "guestChecks": ["x"]}
        return Response(status=200, headers={}, body=json.dumps(told).encode())

    with pytest.raises(Unavailable):
        list_orders(odd, AT_TWO, WINDOW, None)


# --- Being let in

LOGIN = replace(
    CONNECTION, options={"login_url": "https://idm.example.com/", "username": "the-account"}
)


class Identity:
    """Oracle's identity host: it knows one account, and refreshes a token once."""

    def __init__(self, expires_in: object = 1209600, authorize: int = 200) -> None:
        self.steps: list[str] = []
        self._challenge = ""
        self._refresh = "refresh-0"
        self._expires_in = expires_in
        self._authorize = authorize

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert f"{parts.scheme}://{parts.netloc}" == "https://idm.example.com"
        step = parts.path.removeprefix("/oidc-provider/v1/oauth2/")
        self.steps.append(step)
        if step == "authorize":
            return self._authorized({name: each[0] for name, each in parse_qs(parts.query).items()})
        form = {name: each[0] for name, each in parse_qs((request.body or b"").decode()).items()}
        answer = self._signed_in(form, request) if step == "signin" else self._token(form)
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    def _authorized(self, asked: dict[str, str]) -> Response:
        assert asked["client_id"] == "the-client-id"
        assert asked["redirect_uri"] == "apiaccount://callback"
        assert asked["code_challenge_method"] == "S256"
        self._challenge = asked["code_challenge"]
        if self._authorize != 200:
            raise Refused("the vendor answered 302", status=self._authorize)
        cookies = "session=abc==; Path=/; HttpOnly, state=xyz; Secure"
        return Response(status=200, headers={"set-cookie": cookies}, body=b"<html>")

    def _signed_in(self, form: dict[str, str], request: Request) -> Plain:
        cookies = dict(each.split("=", 1) for each in request.headers["Cookie"].split("; "))
        assert cookies["code_challenge"] == self._challenge
        assert form["orgname"] == "ACME"
        if self._authorize == 200:
            assert (cookies["session"], cookies["state"]) == ("abc==", "xyz")
        if form != {"username": "the-account", "password": "the-password", "orgname": "ACME"}:
            return {"success": False, "nextOp": "expired"}
        return {"success": True, "redirectUrl": "apiaccount://callback?code=c0de%3D&state="}

    def _token(self, form: dict[str, str]) -> Plain:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == self._challenge
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self._refresh:
                raise Refused("the vendor answered 401", status=401)
            self._refresh = f"refresh-{int(self._refresh[-1]) + 1}"
        else:
            assert form["code"] == "c0de="
        return {
            "id_token": f"token for {self._refresh}",
            "access_token": "not used",
            "expires_in": self._expires_in,
            "refresh_token": self._refresh,
        }


def test_an_account_is_let_in_by_its_password() -> None:
    identity = Identity()

    grant = sign_in(identity.send, LOGIN, None, NOW)

    assert identity.steps == ["authorize", "signin", "token"]
    assert grant.token == "token for refresh-0"
    assert grant.expires_at == NOW + timedelta(days=14)


def test_a_grant_refreshes_itself_with_the_newest_token() -> None:
    identity = Identity(expires_in="600")

    first = sign_in(identity.send, LOGIN, None, NOW)
    second = sign_in(identity.send, LOGIN, first, NOW)
    third = sign_in(identity.send, LOGIN, second, NOW)

    assert identity.steps[3:] == ["token", "token"]
    assert third.token == "token for refresh-2"
    assert third.expires_at == NOW + timedelta(minutes=10)
    with pytest.raises(Refused):
        sign_in(identity.send, LOGIN, first, NOW)


def test_a_grant_without_a_refresh_is_asked_for_anew() -> None:
    identity = Identity()

    sign_in(identity.send, LOGIN, Grant(token="old", expires_at=NOW), NOW)

    assert identity.steps[0] == "authorize"


def test_a_host_that_sends_the_browser_on_lets_in_by_what_is_known() -> None:
    assert sign_in(Identity(authorize=302).send, LOGIN, None, NOW).token


@pytest.mark.parametrize("status", [400, 401])
def test_a_client_that_is_not_known_is_refused(status: int) -> None:
    with pytest.raises(Refused):
        sign_in(Identity(authorize=status).send, LOGIN, None, NOW)


def test_a_password_that_has_expired_is_told() -> None:
    wrong = replace(LOGIN, api_secret="forgotten")

    with pytest.raises(Refused, match="expired"):
        sign_in(Identity().send, wrong, None, NOW)


def test_a_lifetime_that_is_not_told_is_an_hour() -> None:
    grant = sign_in(Identity(expires_in=None).send, LOGIN, None, NOW)

    assert grant.expires_at == NOW + timedelta(hours=1)


Spoiled = Callable[[Plain], object]


@pytest.mark.parametrize("spoiled", [lambda _: {}, lambda _: [], lambda _: {"id_token": ""}])
def test_an_answer_without_a_token_comes_again(spoiled: Spoiled) -> None:
    identity = Identity()

    def send(request: Request) -> Response:
        answer = identity.send(request)
        if not request.url.endswith("/token"):
            return answer
        return replace(answer, body=json.dumps(spoiled({})).encode())

    with pytest.raises(Unavailable):
        sign_in(send, LOGIN, None, NOW)
