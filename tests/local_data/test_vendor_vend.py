"""The X-Series' stand-in answers as the vendor's documentation says, and lists for the room."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from functions.sources.vend import api
from functions.sources.vend.subscriptions import check
from local.dealing import VEND
from local.payloads import vend
from local.till import Sale
from local.vendors.exchange import Answer, Request
from local.vendors.vend import REFUSE_ONE_IN, Store
from local.world import World
from tests.local_data.test_payload_vend import CONNECTION, sender
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.pull import Window

KEY = {"authorization": f"Bearer {VEND.api_key}", "user-agent": "test"}
BASE = "/api/2026-07"


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    fated = [each for each in window.sales if each.back]
    return [*(each for each in window.sales[:200] if not each.back), *fated]


@pytest.fixture
def store(sales: list[Sale]) -> Store:
    return Store(VEND, sales)


def ask(
    store: Store,
    path: str,
    *,
    headers: dict[str, str] = KEY,
    method: str = "GET",
    told: object = None,
    **query: str,
) -> Answer:
    body = b"" if told is None else json.dumps(told).encode()
    answer = store.answer(Request(method, f"{BASE}{path}", query, headers, body))
    if answer.status == 429:
        return ask(store, path, headers=headers, method=method, told=told, **query)
    return answer


def read(answer: Answer) -> Any:
    return json.loads(answer.body)


def test_nobody_is_let_in_without_a_token_and_a_name(store: Store) -> None:
    nameless = {name: value for name, value in KEY.items() if name != "user-agent"}

    assert ask(store, "/sales", headers={"user-agent": "test"}).status == 401
    assert ask(store, "/sales", headers=nameless).status == 403


def test_sales_are_listed_once_in_the_order_of_versions(store: Store, sales: list[Sale]) -> None:
    found: list[Any] = []
    after = "0"
    while True:
        page = read(ask(store, "/sales", after=after, page_size="70"))
        if not page["data"]:
            break
        found += page["data"]
        after = str(page["version"]["max"])

    versions = [each["_metadata"]["version"] for each in found]
    assert versions == sorted(set(versions))
    assert len(found) == len(sales) + sum(1 for each in sales if each.back)
    assert page["version"] == {"min": None, "max": None}


def test_a_crowd_is_asked_for_patience_by_a_date(store: Store) -> None:
    request = Request("GET", f"{BASE}/retailer", {}, KEY, b"")

    refused = [x for x in (store.answer(request) for _ in range(REFUSE_ONE_IN)) if x.status == 429]

    assert len(refused) == 1
    assert parsedate_to_datetime(refused[0].headers["Retry-After"]) > datetime.now(UTC)


def test_the_shop_says_its_currency(store: Store) -> None:
    assert read(ask(store, "/retailer"))["data"]["currency"]["code"] == "USD"


def test_what_is_not_there_is_not_found(store: Store) -> None:
    for path in ("/sales/nowhere", "/customers/nobody", "/promotions", "/webhooks/wh-9"):
        assert ask(store, path).status in (404, 422)


def test_a_webhook_is_made_once_and_switched_on_again(store: Store) -> None:
    wish = {"url": "https://x.example/hook", "type": "sale.update", "active": True}

    made = ask(store, "/webhooks", method="POST", told=wish)
    again = ask(store, "/webhooks", method="POST", told=wish)
    off = ask(store, "/webhooks/wh-0", method="PUT", told={**wish, "active": False})

    assert (made.status, again.status, off.status) == (201, 409, 200)
    assert [each["active"] for each in read(ask(store, "/webhooks"))["data"]] == [False]


def test_the_room_makes_its_own_subscription(store: Store) -> None:
    connection = Connection(
        platform="vend",
        account=VEND.account,
        api_url="http://127.0.0.1:1",
        notification_url="http://localhost/webhooks/vend/journey-vend",
        access_token=VEND.api_key,
    )
    send = sender(store)

    # 201 is as good an answer as 200; the sender of these tests takes 200 only.
    ask(store, "/webhooks", method="POST", told={"url": connection.notification_url} | OFF)

    assert [each.state for each in check(send, connection)] == ["made_again"]
    assert [each.state for each in check(send, connection)] == ["on"]


OFF = {"type": "sale.update", "active": False}


def listed(store: Store, window: Window) -> list[str]:
    found, cursor = list[str](), None
    while True:
        page = api.list_orders(sender(store), CONNECTION, window, cursor)
        found += [json.loads(each.body)["sale"]["id"] for each in page.documents]
        cursor = page.cursor
        if cursor is None:
            return found


def test_the_room_lists_a_window_of_changes(store: Store, sales: list[Sale]) -> None:
    changed = sorted(str(vend.sale(each)["updated_at"]) for each in sales)
    start = datetime.fromisoformat(changed[len(changed) // 2])
    window = Window(start=start, end=start + timedelta(hours=1))

    found = listed(store, window)

    wanted = [
        str(document["id"])
        for each in sales
        for document in (vend.sale(each), *([vend.return_sale(each)] if each.back else []))
        if start <= datetime.fromisoformat(str(document["updated_at"])) < window.end
    ]
    assert sorted(found) == sorted(wanted)
    assert found


def test_the_room_lists_a_day_with_its_returns(store: Store, sales: list[Sale]) -> None:
    start = min(each.placed_at for each in sales if each.back)
    window = Window(start=start, end=start + timedelta(hours=3), by="placed")

    found = listed(store, window)

    of_the_day = [each for each in sales if window.start <= each.placed_at < window.end]
    wanted = {vend.sale_id(each.number) for each in of_the_day}
    wanted |= {vend.return_id(each.number) for each in of_the_day if each.back}
    assert len(found) == len(set(found))
    assert wanted <= set(found)
    assert any(each.back for each in of_the_day)
