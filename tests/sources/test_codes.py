"""Does each shop and till give out its codes, page by page, in words that the census reads?"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import graphql
import pytest

from functions.sources.shopify import codes as shopify
from functions.sources.square import codes as square
from functions.sources.toast import codes as toast
from functions.sources.woocommerce import codes as woocommerce
from local.vendors import shopify_graph
from vouchsafe.pure.census import Listing
from vouchsafe.pure.census_lists import Objects, Read, Source, read_objects
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.pull import Request, Response, Send

SCHEMA = Path(shopify_graph.__file__).with_name("shopify.graphql")
ListCodes = Callable[[Send, Connection, str | None], Objects]


def connection(platform: str, **said: Any) -> Connection:
    return Connection(platform=platform, account="main", api_url="https://vendor", **said)


def answer(body: object, **headers: str) -> Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status=200, headers=named, body=json.dumps(body).encode())


def pulled(list_codes: ListCodes, send: Send, of: Connection) -> Read:
    """All pages, as the census reads them."""
    objects: list[Any] = []
    cursor: str | None = None
    while True:
        page = list_codes(send, of, cursor)
        objects += page.objects
        if page.cursor is None:
            return read_objects(Source(system=of.platform, account=of.account), objects)
        cursor = page.cursor


def listings(list_codes: ListCodes, send: Send, of: Connection) -> list[Listing]:
    found = pulled(list_codes, send, of)
    assert not found.refused
    return list(found.listings)


def _discount(kind: str, codes: int, **said: Any) -> dict[str, Any]:
    redeem = [{"code": f"{kind[12:]}-{at}", "asyncUsageCount": at} for at in range(codes)]
    return {
        "id": f"gid://shopify/DiscountCodeNode/{kind}",
        "codeDiscount": {
            "__typename": kind,
            "title": "Autumn",
            "status": "ACTIVE",
            "startsAt": "2026-11-01T00:00:00Z",
            "endsAt": "2026-12-01T00:00:00Z",
            "usageLimit": 100,
            "codes": shopify_graph.connection(redeem),
            **said,
        },
    }


PERCENT = {"value": {"__typename": "DiscountPercentage", "percentage": 0.15}}
AMOUNT = {
    "value": {"__typename": "DiscountAmount", "amount": {"amount": "5.0", "currencyCode": "USD"}}
}


@pytest.fixture
def admin() -> Send:
    """Shopify's own schema over two pages of discounts, one with more codes than a page holds."""
    schema = graphql.build_schema(SCHEMA.read_text())
    for named in schema.type_map.values():
        if isinstance(named, graphql.GraphQLInterfaceType | graphql.GraphQLUnionType):
            named.resolve_type = shopify_graph.type_of
    nodes = [_discount("DiscountCodeBasic", 320, customerGets=PERCENT)]
    nodes += [_discount("DiscountCodeBasic", 1, customerGets=AMOUNT) for _ in range(8)]
    nodes += [_discount("DiscountCodeFreeShipping", 1), _discount("DiscountCodeApp", 1)]
    root = {
        "codeDiscountNodes": shopify_graph.connection(nodes),
        "codeDiscountNode": lambda id: nodes[0],  # noqa: A006 (the schema's word)
    }

    def send(request: Request) -> Response:
        asked = json.loads(request.body or b"")
        result = graphql.graphql_sync(
            schema,
            asked["query"],
            root_value=root,
            variable_values=asked["variables"],
            field_resolver=shopify_graph.resolve,
        )
        assert not result.errors, result.errors
        return answer({"data": result.data})

    return send


def test_shopify_gives_out_every_code_of_every_discount(admin: Send) -> None:
    found = listings(shopify.list_codes, admin, connection("shopify", api_key="k"))

    assert len(found) == 330
    assert len({each.code for each in found}) == 322
    first = found[0]
    assert (first.kind, first.value, first.status) == ("percent", Decimal(15), "active")
    assert (first.starts_on, first.ends_on) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (first.limit, found[319].uses) == (100, 319)
    assert (found[320].kind, found[320].value, found[320].currency) == (
        "amount",
        Decimal("5.0"),
        "USD",
    )
    assert [each.kind for each in found[-2:]] == ["free_shipping", "other"]


def test_woocommerce_gives_out_coupons_and_nobody_who_used_them() -> None:
    def send(request: Request) -> Response:
        page = parse_qs(urlsplit(request.url).query)["page"][0]
        coupon = {"id": int(page), "code": f"c{page}", "amount": "5.00", "used_by": ["7"]}
        return answer([coupon | {"discount_type": "percent"}], x_wp_totalpages="3")

    found = listings(woocommerce.list_codes, send, connection("woocommerce"))

    assert [(each.code, each.ref) for each in found] == [("c1", "1"), ("c2", "2"), ("c3", "3")]


def test_square_gives_out_discounts_by_id_and_name() -> None:
    percent = {"name": "Staff", "discount_type": "FIXED_PERCENTAGE", "percentage": "50"}
    fixed = {
        "name": "Fiver",
        "discount_type": "FIXED_AMOUNT",
        "amount_money": {"amount": 500, "currency": "GBP"},
    }

    def send(request: Request) -> Response:
        if "cursor=next" in request.url:
            return answer({"objects": [{"id": "D2", "discount_data": fixed}]})
        gone = {"id": "D1", "is_deleted": True, "discount_data": percent}
        return answer({"objects": [gone], "cursor": "next"})

    staff, fiver = listings(square.list_codes, send, connection("square"))

    assert (staff.subject(), staff.status) == ("?square#main#catalog:D1", "ended")
    assert (staff.kind, staff.value) == ("percent", Decimal(50))
    assert (fiver.kind, fiver.value, fiver.currency) == ("amount", Decimal("5.00"), "GBP")


def test_toast_gives_out_promo_codes_of_every_restaurant_and_page() -> None:
    autumn = {
        "guid": "d1",
        "name": "Autumn",
        "active": True,
        "type": "PERCENT",
        "percentage": 10.5,
        "promoCodes": [{"code": "AUTUMN", "name": "Mailing"}, {"code": "HERBST"}],
    }
    staff = {"guid": "d2", "name": "Staff", "active": False, "type": "OPEN_PERCENT"}
    asked: list[tuple[str, str]] = []

    def send(request: Request) -> Response:
        restaurant, query = request.headers["toast-restaurant-external-id"], request.url
        asked.append((restaurant, query.partition("?")[2]))
        if restaurant == "r1" and "pageToken" not in query:
            return answer([autumn], toast_next_page_token="p:2")
        return answer([staff])

    of = connection("toast", shop="r1", options={"restaurants": "r2"})
    found = listings(toast.list_codes, send, of)

    assert asked == [("r1", ""), ("r1", "pageToken=p%3A2"), ("r2", "")]
    assert [(each.code, each.name) for each in found] == [
        ("AUTUMN", "Mailing"),
        ("HERBST", "Autumn"),
        ("", "Staff"),
        ("", "Staff"),
    ]
    assert (found[0].value, found[2].status) == (Decimal("10.5"), "paused")


@pytest.mark.parametrize("platform", ["square", "toast", "woocommerce"])
def test_what_is_no_list_is_asked_for_again(platform: str) -> None:
    rooms: dict[str, ListCodes] = {
        "square": square.list_codes,
        "toast": toast.list_codes,
        "woocommerce": woocommerce.list_codes,
    }

    with pytest.raises(Unavailable):
        rooms[platform](lambda _: answer("perhaps"), connection(platform, shop="r1"), None)
