"""Shopify's Admin API: what is asked, what is made of the answer, and when to wait or to stop."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.sources.shopify.api import fetch, list_orders
from functions.sources.shopify.query import MOST_REFUNDS
from functions.sources.shopify.read import read_document
from tests.sources.events import IDENTIFY, NOW
from tests.sources.shopify_kiln import ROOM, event
from tests.sources.shopify_vendor import HOUR, Json, Vendor, failing, listed, one, paged, told
from vouchsafe.pure.errors import Refused, Throttled, Unavailable, Unreadable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.pull import Request, Response

EDITED = Notice(
    platform="shopify",
    account="kiln",
    kind="order",
    object_id="820000000000000015",
    details={"committed_at": "2026-11-20T17:00:00.000Z"},
)


# --- What is asked


def test_the_request_goes_to_the_shop_with_its_token() -> None:
    vendor = Vendor(listed())

    list_orders(vendor, ROOM.connection, HOUR, None)

    (request,) = vendor.requests
    assert request.method == "POST"
    assert request.url == "https://kiln-and-co.myshopify.com/admin/api/2026-04/graphql.json"
    assert request.headers["X-Shopify-Access-Token"] == "shpat_kiln_access_token"


def test_a_window_is_half_open_in_whole_seconds() -> None:
    vendor = Vendor(listed())
    window = replace(HOUR, start=HOUR.start.replace(microsecond=9), end=HOUR.end.replace(second=1))
    later = replace(window, end=window.end.replace(microsecond=1))

    list_orders(vendor, ROOM.connection, window, None)
    exact = vendor.asked()["variables"]["query"]
    list_orders(vendor, ROOM.connection, later, None)

    assert exact == "updated_at:>='2026-11-20T15:00:00Z' updated_at:<'2026-11-20T16:00:01Z'"
    assert vendor.asked()["variables"]["query"].endswith("updated_at:<'2026-11-20T16:00:02Z'")


@pytest.mark.parametrize(
    ("by", "field", "key"),
    [("updated", "updated_at", "UPDATED_AT"), ("placed", "processed_at", "PROCESSED_AT")],
)
def test_a_listing_is_sorted_by_what_bounds_it(by: Any, field: str, key: str) -> None:
    vendor = Vendor(listed())

    list_orders(vendor, ROOM.connection, replace(HOUR, by=by), None)

    variables = vendor.asked()["variables"]
    assert variables["query"].startswith(f"{field}:>=")
    assert variables["by"] == key


def test_staff_is_asked_for_unless_the_connection_says_not_to() -> None:
    vendor = Vendor(listed())
    silent = replace(ROOM.connection, options={"staff": "none"})

    list_orders(vendor, ROOM.connection, HOUR, None)
    asked = vendor.asked()["query"]
    list_orders(vendor, silent, HOUR, None)

    assert "staffMember" in asked
    assert "staffMember" not in vendor.asked()["query"]


# --- What is made of the answer


def test_a_page_tells_the_cursor_of_the_next() -> None:
    vendor = Vendor(listed(told("orders_paid"), more="next"))

    page = list_orders(vendor, ROOM.connection, HOUR, "this")

    assert vendor.asked()["variables"]["after"] == "this"
    assert page.cursor == "next"
    assert list_orders(Vendor(listed()), ROOM.connection, HOUR, "next").cursor is None


@pytest.mark.parametrize(
    "stem", ["orders_paid", "orders_create.two_codes", "orders_updated.edited"]
)
def test_a_listed_order_gives_the_facts_of_its_webhook(stem: str) -> None:
    (document,) = list_orders(Vendor(listed(told(stem))), ROOM.connection, HOUR, None).documents

    pulled = read_document(document, ROOM.connection, IDENTIFY, NOW)

    heard = event(stem).heard().facts
    assert [each.fact_id() for each in pulled] == [each.fact_id() for each in heard]


def test_an_order_with_many_lines_is_fetched_to_its_last_line() -> None:
    order = told("orders_create.two_codes")
    first, second = order["line_items"]["nodes"]

    def answer(variables: Json) -> Json:
        if "id" not in variables:
            cut = order | {"line_items": paged([first], more="1")}
            return {"data": {"orders": paged([cut])}}
        if "after_line" in variables:
            return {"data": {"order": order | {"line_items": paged([second])}}}
        return {"data": {"order": order | {"line_items": paged([first], more="1")}}}

    vendor = Vendor(answer)

    (document,) = list_orders(vendor, ROOM.connection, HOUR, None).documents

    assert len(vendor.requests) == 3
    assert document.body == event("orders_create.two_codes").document(document.body).body
    lines = json.loads(document.body)["line_items"]
    assert [each["id"] for each in lines] == [first["id"], second["id"]]


def test_an_order_that_changes_between_its_pages_is_read_later() -> None:
    order = told("orders_create.two_codes") | {"line_items": paged([], more="1")}
    changed = order | {"updated_at": "2026-11-20T18:00:00Z", "line_items": paged([])}

    def answer(variables: Json) -> Json:
        return {"data": {"order": changed if "after_line" in variables else order}}

    with pytest.raises(Unavailable):
        fetch(Vendor(answer), ROOM.connection, replace(EDITED, details={}))


def test_half_a_list_is_never_read_as_a_whole_one() -> None:
    order = told("orders_updated.edited")
    order["refunds"][0]["refund_line_items"]["page_info"]["has_next_page"] = True
    many = told("orders_updated.edited")
    many["refunds"] = many["refunds"] * MOST_REFUNDS

    for cut, path in ((order, r"refunds\[0\]\.refund_line_items"), (many, "refunds")):
        (document,) = fetch(Vendor(one(cut)), ROOM.connection, EDITED)
        with pytest.raises(Unreadable, match=path):
            read_document(document, ROOM.connection, IDENTIFY, NOW)


def test_an_edited_order_is_fetched() -> None:
    vendor = Vendor(one(told("orders_updated.edited")))

    (document,) = fetch(vendor, ROOM.connection, EDITED)

    assert vendor.asked()["variables"]["id"] == "gid://shopify/Order/820000000000000015"
    facts = read_document(document, ROOM.connection, IDENTIFY, NOW)
    assert [each.kind for each in facts] == ["order", "refund"]


def test_an_order_shown_as_it_was_before_its_edit_is_fetched_later() -> None:
    stale = told("orders_updated.edited") | {"updated_at": "2026-11-20T16:59:59Z"}

    with pytest.raises(Unavailable):
        fetch(Vendor(one(stale)), ROOM.connection, EDITED)


def test_an_order_that_is_gone_is_no_document() -> None:
    assert fetch(Vendor(one(None)), ROOM.connection, EDITED) == ()


# --- When to wait, when to stop


def test_throttling_waits_as_long_as_the_bucket_needs() -> None:
    bucket = {"maximumAvailable": 1000, "currentlyAvailable": 50, "restoreRate": 100}
    cost = {"cost": {"requestedQueryCost": 450, "throttleStatus": bucket}}

    with pytest.raises(Throttled) as patience:
        list_orders(Vendor(failing("THROTTLED", extensions=cost)), ROOM.connection, HOUR, None)

    assert patience.value.retry_after_s == 4.0


def test_throttling_without_a_reckoning_waits_a_little() -> None:
    with pytest.raises(Throttled) as patience:
        list_orders(Vendor(failing("THROTTLED")), ROOM.connection, HOUR, None)

    assert patience.value.retry_after_s == 1.0


def test_a_query_that_is_too_dear_is_asked_in_smaller_helpings() -> None:
    def answer(variables: Json) -> Json:
        cheap = variables["first"] * variables["many"] <= 500
        return listed(told("orders_paid"))(variables) if cheap else _too_dear(variables)

    _too_dear = failing("MAX_COST_EXCEEDED")
    vendor = Vendor(answer)

    page = list_orders(vendor, ROOM.connection, HOUR, None)

    assert len(page.documents) == 1
    assert [json.loads(each.body or b"")["variables"]["first"] for each in vendor.requests] == [
        25,
        10,
    ]


def test_a_query_that_is_always_too_dear_is_refused() -> None:
    with pytest.raises(Refused):
        list_orders(Vendor(failing("MAX_COST_EXCEEDED")), ROOM.connection, HOUR, None)


def test_access_denied_names_the_field_and_no_word_of_the_vendor() -> None:
    error = {"path": ["orders", "nodes", 0, "staff"]}

    with pytest.raises(Refused) as refusal:
        list_orders(Vendor(failing("ACCESS_DENIED", error=error)), ROOM.connection, HOUR, None)

    assert str(refusal.value) == "the vendor answered ACCESS_DENIED for orders.nodes.0.staff"


def test_the_vendors_own_fault_passes() -> None:
    with pytest.raises(Unavailable):
        list_orders(Vendor(failing("INTERNAL_SERVER_ERROR")), ROOM.connection, HOUR, None)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"data": null}', b'{"errors": 1}']
)
def test_what_is_no_graphql_answer_passes(body: bytes) -> None:
    def send(_request: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    with pytest.raises(Unavailable):
        list_orders(send, ROOM.connection, HOUR, None)
