"""Is the R-Series asked in its own language, and never at an address out of an answer?"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.sources.lightspeed_retail.api import list_orders, sign_in
from tests.sources.test_lightspeed_retail import ACCOUNT
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Grant, Request, Response, Window

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
SIGNED_IN = replace(ACCOUNT, access_token="the-token")
LOGIN = replace(
    ACCOUNT, options={**ACCOUNT.options, "login_url": "https://cloud.lightspeedapp.test/token"}
)
WINDOW = Window(start=datetime(2026, 11, 20, tzinfo=UTC), end=datetime(2026, 11, 21, tzinfo=UTC))


class Vendor:
    """Answers by path; what it was asked is kept."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        self.answers = answers
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers[urlsplit(request.url).path.rpartition("/")[2]]
        if isinstance(answer, Exception):
            raise answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Response(status=200, headers={}, body=body)


def listed(answers: Mapping[str, object], cursor: str | None = None) -> tuple[Any, Vendor]:
    vendor = Vendor(answers)
    return list_orders(vendor.send, SIGNED_IN, WINDOW, cursor), vendor


def test_a_window_is_asked_for_by_the_time_of_change() -> None:
    page, vendor = listed({"Sale.json": {"@attributes": {"next": ""}, "Sale": {"saleID": "1"}}})

    (request,) = vendor.asked
    asked = parse_qs(urlsplit(request.url).query)
    assert request.url.startswith(
        "https://api.lightspeedapp.test/API/V3/Account/7300001/Sale.json?"
    )
    assert asked["timeStamp"] == ["><,2026-11-20T00:00:00.000Z,2026-11-21T00:00:00.000Z"]
    assert "SaleLines.Discount" in asked["load_relations"][0]
    assert request.headers["authorization"] == "Bearer the-token"
    assert page.cursor is None
    assert json.loads(page.documents[0].body) == {"sale": {"saleID": "1"}, "parents": {}}


def test_a_window_of_sales_is_asked_for_by_their_making() -> None:
    vendor = Vendor({"Sale.json": {}})
    list_orders(vendor.send, SIGNED_IN, replace(WINDOW, by="placed"), None)

    assert "createTime" in vendor.asked[0].url


def test_the_next_page_is_asked_for_at_our_own_address() -> None:
    elsewhere = "https://evil.example.com/API/V3/Account/1/Sale.json?after=abc&limit=50"
    page, _ = listed({"Sale.json": {"@attributes": {"next": elsewhere}, "Sale": []}})
    _, vendor = listed({"Sale.json": {}}, page.cursor)

    assert vendor.asked[0].url == (
        "https://api.lightspeedapp.test/API/V3/Account/7300001/Sale.json?after=abc&limit=50"
    )


def test_the_sale_of_a_line_that_goes_back_is_asked_for_once() -> None:
    lines = [{"unitQuantity": "-1", "parentSaleLineID": "7"}] * 2
    sale = {"saleID": "2", "SaleLines": {"SaleLine": lines}}
    page, vendor = listed({"Sale.json": {"Sale": sale}, "7.json": {"SaleLine": {"saleID": "1"}}})

    assert json.loads(page.documents[0].body)["parents"] == {"7": "1"}
    assert len(vendor.asked) == 2


def test_a_line_that_the_vendor_knows_no_more_has_no_sale() -> None:
    line = {"unitQuantity": "-1", "parentSaleLineID": "7"}
    gone = Refused("the vendor answered 404", status=404)
    page, _ = listed({"Sale.json": {"Sale": {"SaleLines": {"SaleLine": line}}}, "7.json": gone})

    assert json.loads(page.documents[0].body)["parents"] == {}


def test_a_refusal_for_another_reason_is_one() -> None:
    line = {"unitQuantity": "-1", "parentSaleLineID": "7"}
    refused = Refused("the vendor answered 403", status=403)

    with pytest.raises(Refused):
        listed({"Sale.json": {"Sale": {"SaleLines": {"SaleLine": line}}}, "7.json": refused})


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Sale": 7}', b'{"Sale": ["x"]}'])
def test_an_answer_that_is_no_page_comes_again(body: bytes) -> None:
    with pytest.raises(Unavailable):
        listed({"Sale.json": body})


def signed(answer: object, held: Grant | None = None) -> tuple[Grant, Vendor]:
    vendor = Vendor({"token": answer})
    return sign_in(vendor.send, LOGIN, held, NOW), vendor


def test_the_first_token_is_got_with_the_refresh_of_the_consent() -> None:
    grant, vendor = signed({"access_token": "a", "expires_in": 1800, "refresh_token": "next"})

    assert (grant.token, grant.refresh) == ("a", "next")
    assert grant.expires_at == NOW + timedelta(seconds=1800)
    assert parse_qs((vendor.asked[0].body or b"").decode())["refresh_token"] == ["seed"]


def test_the_next_is_got_with_the_last_ones_refresh_which_may_stay() -> None:
    held = Grant(token="a", expires_at=NOW, refresh="next")
    grant, vendor = signed({"access_token": "b"}, held)

    assert parse_qs((vendor.asked[0].body or b"").decode())["refresh_token"] == ["next"]
    assert (grant.token, grant.refresh) == ("b", "next")


@pytest.mark.parametrize("answer", [b"", {}, {"access_token": ""}, {"access_token": 7}])
def test_an_answer_without_a_token_is_none(answer: object) -> None:
    with pytest.raises(Unavailable):
        signed(answer)
