"""Does Clover's stand-in page, expand, filter, throttle and renew tokens as documented?"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.sources.clover import api
from functions.sources.clover.read import read_document
from local.dealing import CLOVER
from local.payloads import clover
from local.payloads.clover_bill import ms, order_id
from local.till import Sale
from local.vendors.clover import Merchant
from local.vendors.exchange import Answer, Request
from local.world import World
from tests.local_data.test_payload_clover import CONNECTION, IDENTIFY, NOW, sender
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.pull import Grant, Window

HOME = f"/v3/merchants/{clover.MERCHANT}"
SIGNED = {"authorization": f"Bearer {CLOVER.api_key}"}


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    return list(window.sales[:260])


@pytest.fixture
def merchant(sales: list[Sale]) -> Merchant:
    return Merchant(CLOVER, sales)


def get(merchant: Merchant, path: str, **query: str) -> Answer:
    return merchant.answer(Request("GET", f"{HOME}/{path}", query, SIGNED, b""))


def body(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def span(sales: list[Sale]) -> tuple[datetime, datetime]:
    placed = sorted(each.placed_at for each in sales)
    return placed[0], placed[-1] + timedelta(days=2)


def test_nothing_is_told_without_a_token(merchant: Merchant) -> None:
    for headers in ({}, {"authorization": "Bearer another"}):
        answer = merchant.answer(Request("GET", f"{HOME}/orders", {}, headers, b""))

        assert answer.status == 401


def test_another_merchants_orders_are_not_ours_to_read(merchant: Merchant) -> None:
    path = f"/v3/merchants/{clover.STRANGER}/orders/CJORDERX1"

    assert merchant.answer(Request("GET", path, {}, SIGNED, b"")).status == 401


def test_an_order_tells_only_what_is_asked_for(merchant: Merchant, sales: list[Sale]) -> None:
    path = f"orders/{order_id(sales[0].number)}"
    bare, asked = body(get(merchant, path)), body(get(merchant, path, expand="discounts,refunds"))

    assert "lineItems" not in bare
    assert "discounts" not in bare
    assert {"discounts", "refunds"} <= asked.keys()
    assert "payments" not in asked


def test_four_fields_are_one_too_many(merchant: Merchant, sales: list[Sale]) -> None:
    path = f"orders/{order_id(sales[0].number)}"

    assert get(merchant, path, expand="lineItems,discounts,payments,refunds").status == 400


def test_lines_tell_their_discounts_only_where_asked(merchant: Merchant, sales: list[Sale]) -> None:
    path = f"orders/{order_id(sales[0].number)}"
    bare = body(get(merchant, path, expand="lineItems"))["lineItems"]["elements"]
    whole = body(get(merchant, f"{path}/line_items", expand="discounts,modifications"))["elements"]

    assert all("discounts" not in each for each in bare)
    assert all({"discounts", "modifications"} <= each.keys() for each in whole)


def test_pages_hold_every_order_once(merchant: Merchant, sales: list[Sale]) -> None:
    start, end = span(sales)
    asked = f"modifiedTime>={ms(start)}&modifiedTime<={ms(end)}"
    pages = [
        body(get(merchant, "orders", filter=asked, limit="100", offset=str(at)))["elements"]
        for at in (0, 100, 200, 300)
    ]

    found = [each["id"] for page in pages for each in page]
    assert [len(each) for each in pages] == [100, 100, 60, 0]
    assert sorted(found) == sorted(order_id(each.number) for each in sales)


def test_a_filter_has_both_of_its_ends_in_it(merchant: Merchant, sales: list[Sale]) -> None:
    at = ms(sales[0].placed_at)
    asked = f"clientCreatedTime>={at}&clientCreatedTime<={at}"

    found = body(get(merchant, "orders", filter=asked))["elements"]

    assert order_id(sales[0].number) in [each["id"] for each in found]
    assert {each["clientCreatedTime"] for each in found} == {at}


@pytest.mark.parametrize("asked", ["note>=1", "modifiedTime=1", "modifiedTime>=soon"])
def test_an_illegal_filter_is_refused(merchant: Merchant, asked: str) -> None:
    assert get(merchant, "orders", filter=asked).status == 400


def test_what_is_not_there_is_not_found(merchant: Merchant) -> None:
    for path in ("orders/NOWHERE", "payments/NOWHERE", "customers/NOWHERE", "items"):
        assert get(merchant, path).status == 404


def test_one_request_in_so_many_is_throttled(merchant: Merchant) -> None:
    answers = [get(merchant, "orders/NOWHERE") for _ in range(401)]

    (throttled,) = [each for each in answers if each.status == 429]
    assert throttled.headers["retry-after"] == "1"


def test_a_listing_and_a_fetch_say_the_same(merchant: Merchant, sales: list[Sale]) -> None:
    send = sender(merchant, [])
    start, end = span(sales)
    fetched = set()
    for sale in sales:
        notice = Notice(
            platform="clover",
            account=CLOVER.account,
            kind="order",
            object_id=order_id(sale.number),
            details={"type": "UPDATE"},
        )
        fetched |= {
            fact.fact_id()
            for each in api.fetch(send, CONNECTION, notice)
            for fact in read_document(each, CONNECTION, IDENTIFY, NOW)
        }

    for window in (Window(start=start, end=end), Window(start=start, end=end, by="placed")):
        listed, cursor = set(), None
        while True:
            page = api.list_orders(send, CONNECTION, window, cursor)
            listed |= {
                fact.fact_id()
                for each in page.documents
                for fact in read_document(each, CONNECTION, IDENTIFY, NOW)
            }
            cursor = page.cursor
            if cursor is None:
                break
        assert listed == fetched


def test_a_refresh_token_is_good_once(sales: list[Sale]) -> None:
    shop = replace(CLOVER, api_secret="the-first-refresh-token")
    merchant = Merchant(shop, sales)
    send = sender(merchant, [])
    connection = replace(CONNECTION, api_secret=shop.api_secret, access_token="")

    first = api.sign_in(send, connection, None, NOW)
    second = api.sign_in(send, connection, first, NOW)

    assert _status(merchant, first) == 401
    assert _status(merchant, second) == 200
    with pytest.raises(AssertionError, match="Invalid refresh token"):
        api.sign_in(send, connection, first, NOW)
    assert _status(merchant, second) == 200


def _status(merchant: Merchant, grant: Grant) -> int:
    headers = {"authorization": f"Bearer {grant.token}"}
    return merchant.answer(Request("GET", f"{HOME}/orders", {}, headers, b"")).status
