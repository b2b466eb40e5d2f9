"""The stand-in of Simphony lets the room in, lists every check once, and refuses what it should."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.micros.api import fetch, list_orders, sign_in
from functions.sources.micros.notices import notices
from local.dealing import MICROS
from local.payloads import micros
from local.till import Sale
from local.vendors.exchange import Request
from local.vendors.micros import REFUSE_ONE_IN, USERNAME, Organisation
from local.world import World
from tests.local_data.test_payload_micros import CONNECTION, HEARD_AT, IDENTIFY, deliveries
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request as Asked
from vouchsafe.pure.pull import Response, Send, Window

API = replace(
    CONNECTION,
    api_url="http://127.0.0.1:1/",
    api_key=MICROS.api_key,
    api_secret=MICROS.api_secret,
    options={**micros.OPTIONS, "username": USERNAME},
)


def sending(desk: Organisation) -> Send:
    def send(asked: Asked) -> Response:
        parts = urlsplit(asked.url)
        request = Request(
            method=asked.method,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in asked.headers.items()},
            body=asked.body or b"",
        )
        answer = desk.answer(request)
        while answer.status == 429:
            answer = desk.answer(request)
        if answer.status >= 400:
            raise Refused(f"the vendor answered {answer.status}", status=answer.status)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(status=answer.status, headers=headers, body=answer.body)

    return send


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """The sales of three stores."""
    stores = window.stores()[:3]
    return [each for each in window.sales if each.store in stores]


@pytest.fixture(scope="module")
def send(sales: list[Sale]) -> Send:
    return sending(Organisation(MICROS, sales))


@pytest.fixture(scope="module")
def connection(send: Send) -> Connection:
    return replace(API, access_token=sign_in(send, API, None, HEARD_AT).token)


def listed(send: Send, connection: Connection, window: Window) -> list[Document]:
    page = list_orders(send, connection, window, None)
    found = list(page.documents)
    while page.cursor:
        page = list_orders(send, connection, window, page.cursor)
        found += page.documents
    return found


def numbers(documents: Iterable[Document]) -> list[int]:
    return [json.loads(each.body)["guestCheck"]["guestCheckId"] for each in documents]


def test_a_session_is_asked_for_and_refreshed_once(send: Send) -> None:
    first = sign_in(send, API, None, HEARD_AT)
    second = sign_in(send, API, first, HEARD_AT)

    assert first.token != second.token
    with pytest.raises(Refused):
        sign_in(send, API, first, HEARD_AT)


@pytest.mark.parametrize("wrong", [{"api_secret": "x"}, {"api_key": "x"}, {"shop": "x"}])
def test_nobody_else_is_let_in(send: Send, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        sign_in(send, replace(API, **wrong), None, HEARD_AT)  # type: ignore[arg-type]


def test_without_a_session_there_are_no_reports(send: Send) -> None:
    with pytest.raises(Refused) as refusal:
        list_orders(send, API, _all([]), None)
    assert refusal.value.status == 401


def test_a_year_lists_every_check_once(
    send: Send, connection: Connection, sales: list[Sale]
) -> None:
    found = numbers(listed(send, connection, _all(sales)))

    assert sorted(found) == sorted(each.number for each in sales)


def test_a_sweep_lists_what_changed_since(
    send: Send, connection: Connection, sales: list[Sale]
) -> None:
    since = max(micros.updated_at(each) for each in sales) - timedelta(hours=2)
    window = Window(start=since, end=since + timedelta(hours=3))

    found = set(numbers(listed(send, connection, window)))

    changed = {each.number for each in sales if micros.updated_at(each) >= since}
    assert changed == found
    assert 0 < len(found) < len(sales)


def test_what_is_told_of_is_found(send: Send, connection: Connection, sales: list[Sale]) -> None:
    for sale in [*sales[:20], *(each for each in sales if each.back)]:
        for delivery in deliveries(sale):
            (notice,) = notices(delivery, connection, IDENTIFY).notices
            (document,) = fetch(send, connection, notice)
            assert numbers([document]) == [sale.number]


def test_what_is_not_there_comes_again(
    send: Send, connection: Connection, sales: list[Sale]
) -> None:
    delivery = next(deliveries(sales[0]))
    (notice,) = notices(delivery, connection, IDENTIFY).notices

    with pytest.raises(Unavailable):
        fetch(send, connection, replace(notice, object_id="another"))


def test_it_asks_for_patience_now_and_then(sales: list[Sale], connection: Connection) -> None:
    desk = Organisation(MICROS, sales)
    token = sign_in(sending(desk), API, None, HEARD_AT).token
    request = Request(
        "POST",
        f"/bi/v1/{MICROS.shop}/getLocationDimensions",
        {},
        {"authorization": f"Bearer {token}"},
        b"{}",
    )

    statuses = [desk.answer(request).status for _ in range(REFUSE_ONE_IN)]

    assert statuses.count(429) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"locRef": "nowhere", "busDt": "2017-11-15"},
        {"locRef": "", "busDt": "2017-11-15", "opnBusDt": "2017-11-15"},
        {"locRef": ""},
        {"locRef": "", "busDt": "soon"},
    ],
)
def test_a_question_that_is_none_is_refused(sales: list[Sale], asked: dict[str, str]) -> None:
    desk = Organisation(MICROS, sales)
    token = sign_in(sending(desk), API, None, HEARD_AT).token
    place = asked["locRef"] or micros.location(sales[0].store)
    request = Request(
        "POST",
        f"/bi/v1/{MICROS.shop}/getGuestChecks",
        {},
        {"authorization": f"Bearer {token}"},
        json.dumps({**asked, "locRef": place}).encode(),
    )

    assert desk.answer(request).status == 400


def _all(sales: list[Sale]) -> Window:
    """A window by placing time that holds them all."""
    first = min((each.placed_at for each in sales), default=datetime(2017, 1, 1, tzinfo=UTC))
    last = max((each.placed_at for each in sales), default=datetime(2017, 1, 2, tzinfo=UTC))
    return Window(start=first, end=last + timedelta(seconds=1), by="placed")
