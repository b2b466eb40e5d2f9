"""The stand-ins answer as the vendors' documentation says, and refuse what the vendors refuse."""

import base64
import json
from typing import Any

import pytest

from local.dealing import NORTH, SHOPIFY, SQUARE, Shop, place
from local.till import Sale
from local.vendors.exchange import Answer, Desk, Request
from local.vendors.shopify import REFUSE_ONE_IN, Admin
from local.vendors.slack import PATH, Channel
from local.vendors.square import Merchant
from local.vendors.woocommerce import Site
from local.world import World

ORDERS = "{ orders(first: 250, query: %s) { nodes { id } pageInfo { hasNextPage endCursor } } }"
PAGED = (
    "query($after: String) { orders(first: 100, after: $after)"
    " { nodes { id } pageInfo { hasNextPage endCursor } } }"
)


def sales_of(window: World, shop: Shop) -> list[Sale]:
    return [each for each in window.sales if place(each.store).shop == shop]


def ask(
    desk: Desk,
    path: str,
    headers: dict[str, str],
    body: object = None,
    **query: str,
) -> Answer:
    """The desk's answer; a refusal for the rate is asked again, as a client would."""
    told = b"" if body is None else json.dumps(body).encode()
    request = Request("POST" if told else "GET", path, query, headers, told)
    answer = desk.answer(request)
    return ask(desk, path, headers, body, **query) if throttled(answer) else answer


def throttled(answer: Answer) -> bool:
    return answer.status == 429 or b"THROTTLED" in answer.body


def read(answer: Answer) -> Any:
    return json.loads(answer.body)


SHOPIFY_KEY = {"x-shopify-access-token": SHOPIFY.api_key}
SQUARE_KEY = {"authorization": f"Bearer {SQUARE.api_key}"}
WOO_PAIR = base64.b64encode(f"{NORTH.api_key}:{NORTH.api_secret}".encode()).decode()
WOO_KEY = {"authorization": f"Basic {WOO_PAIR}"}
GRAPHQL = "/admin/api/2026-04/graphql.json"
WOO = "/wp-json/wc/v3"


@pytest.fixture(scope="module")
def admin(window: World) -> Admin:
    return Admin(SHOPIFY, sales_of(window, SHOPIFY))


@pytest.fixture(scope="module")
def merchant(window: World) -> Merchant:
    return Merchant(SQUARE, sales_of(window, SQUARE))


@pytest.fixture(scope="module")
def site(window: World) -> Site:
    return Site(NORTH, sales_of(window, NORTH))


def test_nobody_is_let_in_without_credentials(admin: Admin, merchant: Merchant, site: Site) -> None:
    answers = [
        ask(admin, GRAPHQL, {}, {"query": "{ shop { id } }"}),
        ask(merchant, "/v2/locations", {}),
        ask(site, f"{WOO}/orders", {}),
    ]

    assert [each.status for each in answers] == [401, 401, 401]


def test_shopify_lists_every_order_once_page_by_page(admin: Admin, window: World) -> None:
    found: list[str] = []
    after: str | None = None
    while True:
        asked = {"query": PAGED, "variables": {"after": after}}
        page = read(ask(admin, GRAPHQL, SHOPIFY_KEY, asked))["data"]["orders"]
        found += [each["id"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert len(found) == len(set(found)) == len(sales_of(window, SHOPIFY))


def test_shopify_searches_by_update_time(admin: Admin, window: World) -> None:
    bound = max(each.placed_at for each in sales_of(window, SHOPIFY))
    text = json.dumps(f"updated_at:>='{bound.isoformat()}'")

    page = read(ask(admin, GRAPHQL, SHOPIFY_KEY, {"query": ORDERS % text}))["data"]["orders"]

    assert 1 <= len(page["nodes"]) < 10


def test_shopify_refuses_a_field_that_its_schema_does_not_have(admin: Admin) -> None:
    answer = ask(admin, GRAPHQL, SHOPIFY_KEY, {"query": "{ orders(first: 1) { nodes { kind } } }"})

    assert "Cannot query field 'kind'" in read(answer)["errors"][0]["message"]


def test_shopify_throttles_now_and_then(admin: Admin) -> None:
    request = Request("POST", GRAPHQL, {}, SHOPIFY_KEY, b'{"query": "{ shop { name } }"}')

    answers = [admin.answer(request) for _ in range(REFUSE_ONE_IN)]

    assert any(throttled(each) for each in answers)
    assert {each.status for each in answers} == {200}


def test_shopifys_two_grammars_say_the_same_order(admin: Admin, window: World) -> None:
    number = str(820_000_000_000_000_000 + sales_of(window, SHOPIFY)[0].number)
    query = (
        f'{{ order(id: "gid://shopify/Order/{number}") {{ legacyResourceId'
        " totalPriceSet { shopMoney { amount } } lineItems(first: 250) { nodes { id } } } }"
    )

    graph = read(ask(admin, GRAPHQL, SHOPIFY_KEY, {"query": query}))["data"]["order"]
    rest = read(ask(admin, f"/admin/api/2026-04/orders/{number}.json", SHOPIFY_KEY))["order"]

    assert graph["legacyResourceId"] == str(rest["id"])
    amount = graph["totalPriceSet"]["shopMoney"]["amount"]
    assert float(amount) == float(rest["total_price"])
    assert len(graph["lineItems"]["nodes"]) == len(rest["line_items"])


def search(locations: list[str], **more: object) -> dict[str, object]:
    span = {"start_at": "2017-11-15T00:00:00Z", "end_at": "2017-11-30T00:00:00Z"}
    return {
        "location_ids": locations,
        "limit": 50,
        "query": {
            "filter": {"date_time_filter": {"updated_at": span}},
            "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
        },
        **more,
    }


def test_square_lists_orders_and_returns_once_page_by_page(
    merchant: Merchant, window: World
) -> None:
    told = read(ask(merchant, "/v2/locations", SQUARE_KEY))["locations"]
    locations = [each["id"] for each in told]
    found: list[str] = []
    for at in range(0, len(locations), 10):
        cursor: dict[str, object] = {}
        while True:
            asked = search(locations[at : at + 10], **cursor)
            page = read(ask(merchant, "/v2/orders/search", SQUARE_KEY, asked))
            found += [each["id"] for each in page["orders"]]
            if "cursor" not in page:
                break
            cursor = {"cursor": page["cursor"]}

    sales = sales_of(window, SQUARE)
    assert len(found) == len(set(found))
    assert len(found) == len(sales) + sum(1 for each in sales if each.back)


def test_square_wants_the_sort_field_of_its_filter(merchant: Merchant) -> None:
    asked = search(["LCJ0000001"])
    asked["query"]["sort"] = {"sort_field": "CREATED_AT"}  # type: ignore[index]

    assert ask(merchant, "/v2/orders/search", SQUARE_KEY, asked).status == 400


def test_square_takes_ten_locations_and_no_more(merchant: Merchant) -> None:
    asked = search([f"L{number}" for number in range(11)])

    assert ask(merchant, "/v2/orders/search", SQUARE_KEY, asked).status == 400


def test_squares_cursor_belongs_to_its_question(merchant: Merchant) -> None:
    locations = [
        each["id"] for each in read(ask(merchant, "/v2/locations", SQUARE_KEY))["locations"]
    ]
    first = read(ask(merchant, "/v2/orders/search", SQUARE_KEY, search(locations[:10])))
    other = search(locations[:9], cursor=first["cursor"])

    assert ask(merchant, "/v2/orders/search", SQUARE_KEY, other).status == 400


def test_square_knows_orders_payments_and_refunds_by_id(merchant: Merchant, window: World) -> None:
    sale = next(each for each in sales_of(window, SQUARE) if each.back)

    for path in (
        f"/v2/orders/CJORDER{sale.number}",
        f"/v2/orders/CJRETURN{sale.number}",
        f"/v2/payments/CJPAY{sale.number}",
        f"/v2/refunds/CJPAY{sale.number}_CJREFUND{sale.number}",
        f"/v2/customers/CJCUSTOMER{sale.household}",
    ):
        assert ask(merchant, path, SQUARE_KEY).status == 200
    assert ask(merchant, "/v2/orders/nobody", SQUARE_KEY).status == 404


def test_woocommerce_tells_how_many_pages_there_are(site: Site, window: World) -> None:
    window_of = {"modified_after": "2017-11-01T00:00:00", "dates_are_gmt": "true"}
    first = ask(site, f"{WOO}/orders", WOO_KEY, per_page="100", **window_of)
    pages = int(first.headers["X-WP-TotalPages"])

    found = [
        each["id"]
        for page in range(1, pages + 1)
        for each in read(
            ask(site, f"{WOO}/orders", WOO_KEY, per_page="100", page=str(page), **window_of)
        )
    ]

    assert len(found) == len(set(found)) == len(sales_of(window, NORTH))
    assert first.headers["X-WP-Total"] == str(len(found))


def test_woocommerce_gives_refunds_of_an_order(site: Site, window: World) -> None:
    sales = [each for each in sales_of(window, NORTH) if each.back]

    told = [read(ask(site, f"{WOO}/orders/{each.number}/refunds", WOO_KEY)) for each in sales]

    assert [len(each) for each in told] == [1] * len(sales)
    assert ask(site, f"{WOO}/orders/1/refunds", WOO_KEY).status == 404


def test_slack_asks_to_come_back_and_then_keeps_the_message() -> None:
    channel = Channel()
    request = Request("POST", PATH, {}, {}, b'{"text": "a leak"}')

    answers = [channel.answer(request) for _ in range(2)]

    assert [each.status for each in answers] == [429, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert [each.text for each in channel.posted()] == ["a leak"]


def test_slack_refuses_a_message_without_text() -> None:
    answer = Channel().answer(Request("POST", PATH, {}, {}, b'{"blocks": []}'))

    assert (answer.status, answer.body) == (400, b"missing_text_or_fallback_or_attachments")
