"""Are closed sales asked for where they are, and again where they are not listed yet?"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.sources.lightspeed.api import fetch, list_orders, sign_in
from tests.sources.test_lightspeed import CONNECTION
from vouchsafe.pure.errors import Invalid, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.pull import Grant, Request, Response, Window

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
SIGNED_IN = replace(CONNECTION, access_token="the-token", options={"locations": "7"})
WINDOW = Window(start=datetime(2026, 11, 20, tzinfo=UTC), end=datetime(2026, 11, 21, tzinfo=UTC))
NOTICE = Notice(
    platform="lightspeed",
    account="kew",
    kind="sale",
    object_id="A20417.17",
    details={"location": "52000000000017", "closed": "001795206720000"},
)


class Vendor:
    """Gives its answers in turn; what it was asked is kept."""

    def __init__(self, *answers: object) -> None:
        self.answers = answers
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        answer = self.answers[len(self.asked)]
        self.asked.append(request)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Response(status=200, headers={}, body=body)

    def query(self, at: int) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.asked[at].url).query)


def sales(*numbers: str, token: str | None = None) -> dict[str, Any]:
    return {"sales": [{"accountFiscId": each} for each in numbers], "nextPageToken": token}


def test_every_page_of_every_location_is_asked_for() -> None:
    cursors: list[str | None] = [None]
    for answer in (sales("A1", token="more"), sales("A2"), sales()):
        vendor = Vendor(answer)
        cursors.append(list_orders(vendor.send, SIGNED_IN, WINDOW, cursors[-1]).cursor)

    assert cursors == [None, "0:more", "1:", None]


def test_a_window_is_asked_for_by_the_time_of_closing() -> None:
    vendor = Vendor(sales("A1"))
    page = list_orders(vendor.send, SIGNED_IN, WINDOW, "1:more")

    assert vendor.asked[0].url.startswith(
        "https://api.lsk.lightspeed.test/f/v2/business-location/7/sales?"
    )
    assert vendor.query(0)["from"] == ["2026-11-20T00:00:00.000Z"]
    assert vendor.query(0)["nextPageToken"] == ["more"]
    assert json.loads(page.documents[0].body) == {
        "businessLocationId": "7",
        "sale": {"accountFiscId": "A1"},
    }


def test_the_sale_of_a_notice_is_found_around_its_closing() -> None:
    vendor = Vendor(sales("A1", token="more"), sales("A20417.17"))
    (document,) = fetch(vendor.send, SIGNED_IN, NOTICE)

    assert json.loads(document.body)["sale"]["accountFiscId"] == "A20417.17"
    assert vendor.query(0)["from"] == ["2026-11-20T20:17:00.000Z"]


def test_a_sale_that_is_not_listed_yet_comes_again() -> None:
    with pytest.raises(Unavailable):
        fetch(Vendor(sales("A1")).send, SIGNED_IN, NOTICE)


@pytest.mark.parametrize(
    "notice", [replace(NOTICE, kind="order"), replace(NOTICE, details={"closed": "soon"})]
)
def test_a_notice_that_is_none_is_named(notice: Notice) -> None:
    with pytest.raises(Invalid):
        fetch(Vendor().send, SIGNED_IN, notice)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"sales": 7}', b'{"sales": ["x"]}'])
def test_an_answer_that_is_no_page_comes_again(body: bytes) -> None:
    with pytest.raises(Unavailable):
        list_orders(Vendor(body).send, SIGNED_IN, WINDOW, None)


def test_a_refresh_token_that_turns_is_kept() -> None:
    vendor = Vendor({"access_token": "a", "expires_in": 60, "refresh_token": "next"})
    grant = sign_in(vendor.send, CONNECTION, None, NOW)

    assert grant == Grant(token="a", expires_at=NOW + timedelta(seconds=60), refresh="next")
    assert parse_qs((vendor.asked[0].body or b"").decode())["refresh_token"] == ["seed"]


@pytest.mark.parametrize("answer", [b"", {}, {"access_token": ""}, {"access_token": 7}])
def test_an_answer_without_a_token_is_none(answer: object) -> None:
    with pytest.raises(Unavailable):
        sign_in(Vendor(answer).send, CONNECTION, None, NOW)
