"""SAP Business One's stand-in answers as the vendor's manual says, and lists for the room."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.sap_business_one import api
from local.dealing import SAP_BUSINESS_ONE
from local.payloads import sap_business_one as payload
from local.till import Sale
from local.vendors import server
from local.vendors.exchange import Answer, Request
from local.vendors.sap_business_one import CALLS_OF_A_SESSION, REFUSE_ONE_IN, Company
from local.world import World
from tests.local_data.test_payload_sap_business_one import CONNECTION
from vouchsafe.edge.vendor_http import sender
from vouchsafe.pure.pull import Request as Asked
from vouchsafe.pure.pull import Response, Send, Window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOGIN = {
    "CompanyDB": SAP_BUSINESS_ONE.shop,
    "UserName": SAP_BUSINESS_ONE.api_key,
    "Password": SAP_BUSINESS_ONE.api_secret,
}


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    fated = [each for each in window.sales if each.back or each.cancelled_at]
    numbers = {each.number for each in fated}
    return [*(each for each in window.sales[:400] if each.number not in numbers), *fated]


@pytest.fixture
def company(sales: list[Sale]) -> Company:
    return Company(SAP_BUSINESS_ONE, sales)


def login(company: Company, path: str = "/b1s/v1/Login", **changed: str) -> Answer:
    body = json.dumps(LOGIN | changed).encode()
    return company.answer(Request("POST", path, {}, {}, body))


def cookie(company: Company) -> str:
    lines = login(company).headers["Set-Cookie"].splitlines()
    return "; ".join(line.partition(";")[0] for line in lines)


def ask(company: Company, held: str, name: str = "Invoices", prefer: str = "", **query: str) -> Any:
    asked = {f"${key}": value for key, value in query.items()}
    headers = {"cookie": held, "prefer": prefer}
    answer = company.answer(Request("GET", f"/b1s/v2/{name}", asked, headers, b""))
    return answer.status if answer.status != 200 else json.loads(answer.body)


def sending(company: Company) -> Send:
    def send(asked: Asked) -> Response:
        parts = urlsplit(asked.url)
        query, body = dict(parse_qsl(parts.query)), asked.body or b""
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = Request(asked.method, parts.path, query, headers, body)
        answer = company.answer(request)
        while answer.status == 429:
            answer = company.answer(request)
        assert answer.status == 200, answer.body
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Response(status=200, headers=told, body=answer.body)

    return send


def listed(company: Company, window: Window) -> list[tuple[str, int]]:
    send = sending(company)
    grant = api.sign_in(send, CONNECTION, None, NOW)
    held = replace(CONNECTION, access_token=grant.token)
    found, cursor = list[tuple[str, int]](), None
    while True:
        page = api.list_orders(send, held, window, cursor)
        found += [(each.kind, json.loads(each.body)["DocEntry"]) for each in page.documents]
        cursor = page.cursor
        if cursor is None:
            return found


def test_the_path_of_the_login_is_case_sensitive(company: Company) -> None:
    assert login(company).status == 200
    assert login(company, "/b1s/v1/login").status == 401


@pytest.mark.parametrize("name", LOGIN)
def test_nobody_is_let_in_without_company_user_and_password(company: Company, name: str) -> None:
    answer = login(company, **{name: "another"})

    assert answer.status == 401
    assert json.loads(answer.body)["error"]["message"] == "Login failed"


def test_both_cookies_are_needed(company: Company) -> None:
    held = cookie(company)
    session, route = held.split("; ")

    assert isinstance(ask(company, held), dict)
    assert ask(company, session) == ask(company, route) == ask(company, "") == 401


def test_a_session_ends_and_another_login_opens_one(company: Company) -> None:
    held = cookie(company)
    answers = [ask(company, held) for _ in range(CALLS_OF_A_SESSION + 1)]

    assert answers[-1] == 401
    assert 401 not in answers[:-1]
    assert isinstance(ask(company, cookie(company)), dict)


def test_a_crowd_is_asked_for_patience(company: Company) -> None:
    answers = [ask(company, cookie(company)) for _ in range(REFUSE_ONE_IN)]

    assert answers.count(429) == 1


def test_a_page_has_twenty_unless_the_request_prefers_otherwise(
    company: Company, sales: list[Sale]
) -> None:
    held = cookie(company)
    some, more = ask(company, held), ask(company, held, prefer="odata.maxpagesize=50")
    every = ask(company, held, prefer="odata.maxpagesize=0")

    assert (len(some["value"]), len(more["value"])) == (20, 50)
    assert some["@odata.nextLink"] == "Invoices?$skip=20"
    assert "@odata.nextLink" not in every
    assert len(every["value"]) == len(sales) + sum(1 for each in sales if each.cancelled_at)


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "UpdateDate after '2026-11-20'"},
        {"filter": "DocTotal ge '1'"},
        {"orderby": "DocTotal"},
        {"skip": "x"},
    ],
)
def test_a_question_that_is_none_is_refused(company: Company, query: dict[str, str]) -> None:
    assert ask(company, cookie(company), **query) == 400


def test_another_list_is_not_there(company: Company) -> None:
    assert ask(company, cookie(company), "Orders") == 404


def test_the_room_lists_everything_once(company: Company, sales: list[Sale]) -> None:
    start = min(each.placed_at for each in sales)
    end = max(each.placed_at for each in sales) + timedelta(days=1)

    found = listed(company, Window(start=start, end=end))

    invoices = {payload.entry(each.number) for each in sales}
    invoices |= {payload.cancellation_entry(each.number) for each in sales if each.cancelled_at}
    memos = {payload.entry(each.number) for each in sales if each.back}
    assert sorted(found) == sorted(
        [*(("invoice", each) for each in invoices), *(("credit memo", each) for each in memos)]
    )


def test_the_books_of_a_day_are_its_own_invoices_and_all_later_memos(
    company: Company, sales: list[Sale]
) -> None:
    start = min(each.placed_at for each in sales)
    day = payload.day_of(start)

    found = listed(company, Window(start=start, end=start, by="placed"))

    wanted = {each.number for each in sales if payload.day_of(each.placed_at) == day}
    told = {entry for kind, entry in found if kind == "invoice" and entry < 10**11}
    memos = {entry for kind, entry in found if kind == "credit memo"}
    assert told == wanted
    assert memos == {each.number for each in sales if each.back}


def test_both_cookies_come_over_the_wire(company: Company) -> None:
    with server.serving({"/sap": company}) as address:
        connection = replace(CONNECTION, api_url=f"{address}/sap")
        send = sender(connection, 1000)
        grant = api.sign_in(send, connection, None, NOW)
        held = replace(connection, access_token=grant.token)
        window = Window(start=NOW, end=NOW)

        page = api.list_orders(send, held, window, None)

    assert grant.token.startswith("B1SESSION=")
    assert "; ROUTEID=" in grant.token
    assert page.cursor == "1?"
