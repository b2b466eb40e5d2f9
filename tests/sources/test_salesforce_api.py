"""Are rows and vouchers asked for in each system's own language, and the handshake answered?"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest

from functions.sources.salesforce.api import fetch, list_orders, sign_in
from tests.sources.test_salesforce import CONNECTION
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.pull import Page, Request, Response, Window

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
WINDOW = Window(
    start=datetime(2026, 11, 18, 12, tzinfo=UTC), end=datetime(2026, 11, 18, 18, tzinfo=UTC)
)
LOGIN = "https://mc.auth.marketingcloudapis.test/v2/token"
CLOUD = replace(
    CONNECTION,
    access_token="the-token",
    options={"data_extensions": "Autumn, Gift cards", "login_url": LOGIN},
)
LOYALTY = replace(
    CONNECTION,
    access_token="the-token",
    api_url="https://shop.my.salesforce.test",
    options={"system": "loyalty", "login_url": "https://shop.my.salesforce.test/token"},
)


class Vendor:
    """Gives its answers in turn; what it was asked is kept."""

    def __init__(self, *answers: object) -> None:
        self.answers: Sequence[object] = answers
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        answer = self.answers[len(self.asked)]
        self.asked.append(request)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Response(status=200, headers={}, body=body)


def row(code: str, claimed_at: str, claimed: str = "True") -> dict[str, object]:
    values = {"isclaimed": claimed, "emailaddress": "a@example.com", "claimdate": claimed_at}
    return {"keys": {"couponcode": code}, "values": values}


def listed(vendor: Vendor, connection: Connection, cursor: str | None = None) -> Page:
    return list_orders(vendor.send, connection, WINDOW, cursor)


def codes(page: Page) -> list[str]:
    return [json.loads(each.body)["keys"]["couponcode"] for each in page.documents]


def test_rows_claimed_in_the_window_are_told_with_a_day_of_grace() -> None:
    vendor = Vendor(
        {
            "items": [
                row("IN", "11/18/2026 7:02:11 AM"),
                row("GRACE", "11/17/2026 7:02:11 AM"),
                row("LONG AGO", "10/18/2026 7:02:11 AM"),
                row("LATER", "11/20/2026 7:02:11 AM"),
                row("FREE", "", "False"),
            ]
        }
    )
    page = listed(vendor, CLOUD)

    assert codes(page) == ["IN", "GRACE"]
    assert "/data/v1/customobjectdata/key/Autumn/rowset?" in vendor.asked[0].url
    assert vendor.asked[0].headers["authorization"] == "Bearer the-token"


def test_a_row_whose_time_cannot_be_told_is_left_to_the_reader() -> None:
    assert codes(listed(Vendor({"items": [row("WHEN", "someday")]}), CLOUD)) == ["WHEN"]


def test_every_page_of_every_data_extension_is_asked_for() -> None:
    full = {"items": [row("X", "", "False")] * 2500}
    cursors: list[str | None] = [None]
    for answer in (full, {"items": []}, {"items": []}):
        cursors.append(listed(Vendor(answer), CLOUD, cursors[-1]).cursor)

    assert cursors == [None, "0:2", "1:1", None]


def test_the_second_data_extension_has_its_name_in_the_address() -> None:
    vendor = Vendor({"items": []})
    listed(vendor, CLOUD, "1:3")

    assert "/key/Gift%20cards/rowset?%24page=3" in vendor.asked[0].url


def test_an_account_without_data_extensions_lists_nothing() -> None:
    vendor = Vendor()

    assert listed(vendor, replace(CLOUD, options={})).documents == ()
    assert vendor.asked == []


def test_vouchers_are_asked_for_by_their_last_change() -> None:
    vendor = Vendor({"done": True, "records": [{"Id": "1"}]})
    page = listed(vendor, LOYALTY)

    (request,) = vendor.asked
    asked = unquote_plus(urlsplit(request.url).query)
    assert request.url.startswith("https://shop.my.salesforce.test/services/data/v62.0/query?q=")
    assert "SystemModstamp >= 2026-11-18T12:00:00Z AND SystemModstamp < 2026-11-18T18" in asked
    assert (page.documents[0].kind, page.cursor) == ("voucher", None)


def test_the_next_page_is_asked_for_at_our_own_address() -> None:
    following = "https://evil.example.com/services/data/v62.0/query/01gD-2000"
    page = listed(Vendor({"done": False, "records": [], "nextRecordsUrl": following}), LOYALTY)
    vendor = Vendor({"done": True, "records": []})
    listed(vendor, LOYALTY, page.cursor)

    assert vendor.asked[0].url == (
        "https://shop.my.salesforce.test/services/data/v62.0/query/01gD-2000"
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"items": 7}', b'{"items": ["x"]}'])
def test_an_answer_that_is_no_page_comes_again(body: bytes) -> None:
    with pytest.raises(Unavailable):
        listed(Vendor(body), CLOUD)


def test_the_handshake_is_sent_back_whole() -> None:
    vendor = Vendor({})
    notice = Notice(
        platform="salesforce",
        account="crm",
        kind="verification",
        object_id="the-callback",
        details={"verification_key": "the-key"},
    )

    assert fetch(vendor.send, CLOUD, notice) == ()
    (request,) = vendor.asked
    assert request.url == "https://mc.rest.marketingcloudapis.test/platform/v1/ens-verify"
    assert json.loads(request.body or b"") == {
        "callbackId": "the-callback",
        "verificationKey": "the-key",
    }
    with pytest.raises(Invalid):
        fetch(vendor.send, CLOUD, replace(notice, kind="order"))


def test_each_system_is_signed_in_to_in_its_own_way() -> None:
    cloud, loyalty = (
        Vendor({"access_token": "a", "expires_in": 1079}),
        Vendor({"access_token": "b"}),
    )

    grants = [
        sign_in(cloud.send, CLOUD, None, NOW),
        sign_in(loyalty.send, LOYALTY, None, NOW),
    ]

    assert [(each.token, each.expires_at - NOW) for each in grants] == [
        ("a", timedelta(seconds=1079)),
        ("b", timedelta(seconds=1080)),
    ]
    assert json.loads(cloud.asked[0].body or b"")["account_id"] == "7312345"
    form = parse_qs((loyalty.asked[0].body or b"").decode())
    assert form["grant_type"] == ["client_credentials"]


@pytest.mark.parametrize("answer", [b"", {}, {"access_token": ""}, {"access_token": 7}])
def test_an_answer_without_a_token_is_none(answer: object) -> None:
    with pytest.raises(Unavailable):
        sign_in(Vendor(answer).send, CLOUD, None, NOW)
