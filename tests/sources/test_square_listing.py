"""A window of Square: every order, payment and refund in it, the same facts as by webhook."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import urlsplit

import pytest

from functions.sources.square.api import fetch, list_orders
from functions.sources.square.notices import notices
from tests.sources.events import IDENTIFY, Event
from tests.sources.square_vendor import PAYMENT, REFUND, Plain, Vendor, held, ids, refund_of, shop
from tests.sources.test_square import CONNECTION, ROOM
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Request, Response, Window

AT_TWO = replace(CONNECTION, options={"locations": "L1, L2,"})
WINDOW = Window(start=datetime(2026, 11, 20, tzinfo=UTC), end=datetime(2026, 11, 21, tzinfo=UTC))
PLACED = replace(WINDOW, by="placed")


def pages(vendor: Vendor, window: Window) -> list[Page]:
    found = [list_orders(vendor.send, AT_TWO, window, None)]
    while found[-1].cursor:
        found.append(list_orders(vendor.send, AT_TWO, window, found[-1].cursor))
    return found


def listed(vendor: Vendor, window: Window) -> list[Document]:
    return [document for page in pages(vendor, window) for document in page.documents]


def test_a_listing_tells_what_webhooks_and_fetches_told() -> None:
    heard = [
        notices(Event(room=ROOM, stem=stem).delivery(), CONNECTION, IDENTIFY)
        for stem in ("payment_updated", "order_updated", "refund_updated")
    ]
    told = {(fact.order.order_id, fact.fact_id()) for each in heard for fact in each.facts}
    for each in (each for one in heard for each in one.notices):
        told |= ids(fetch(shop().send, CONNECTION, each))

    assert ids(listed(shop(), WINDOW)) == ids(listed(shop(), PLACED)) == told
    assert len(told) == 3


def test_a_listing_goes_through_orders_payments_and_refunds() -> None:
    vendor = Vendor()

    pages(vendor, WINDOW)

    assert vendor.asked == ["POST orders/search", "GET payments", "GET payments", "GET refunds"]
    search, first, second, refunds = vendor.bodies
    assert search["location_ids"] == ["L1", "L2"]
    assert search["query"] == {
        "filter": {
            "date_time_filter": {
                "updated_at": {
                    "start_at": "2026-11-20T00:00:00.000Z",
                    "end_at": "2026-11-21T00:00:00.000Z",
                }
            }
        },
        "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
    }
    assert (first["location_id"], second["location_id"]) == ("L1", "L2")
    assert "location_id" not in refunds
    assert refunds["updated_at_begin_time"] == "2026-11-20T00:00:00.000Z"
    assert refunds["updated_at_end_time"] == "2026-11-21T00:00:00.000Z"
    assert refunds["sort_field"] == "UPDATED_AT"
    assert refunds["begin_time"] < "2025-11-21"


def test_a_listing_by_placing_time_sorts_by_it() -> None:
    vendor = Vendor()

    pages(vendor, PLACED)

    assert vendor.asked == ["POST orders/search", "GET payments", "GET payments"]
    search, payments, _ = vendor.bodies
    assert search["query"]["sort"]["sort_field"] == "CREATED_AT"
    assert list(search["query"]["filter"]["date_time_filter"]) == ["created_at"]
    assert payments["begin_time"] == "2026-11-20T00:00:00.000Z"
    assert payments["end_time"] == "2026-11-21T00:00:00.000Z"


def test_a_listing_takes_ten_locations_a_call() -> None:
    vendor = Vendor(locations=[{"id": f"L{at}"} for at in range(2)])
    many = replace(CONNECTION, options={"locations": ",".join(f"L{at:02d}" for at in range(23))})

    page = list_orders(vendor.send, many, WINDOW, None)
    while vendor.asked[-1] != "GET payments":
        page = list_orders(vendor.send, many, WINDOW, page.cursor)

    searches = [body["location_ids"] for body in vendor.bodies if "location_ids" in body]
    assert [len(each) for each in searches] == [10, 10, 3]
    assert sorted(chain(*searches)) == [f"L{at:02d}" for at in range(23)]


def test_a_connection_without_a_choice_lists_every_location() -> None:
    vendor = Vendor(locations=[{"id": "L8"}, {"id": "L9"}])

    page = list_orders(vendor.send, CONNECTION, WINDOW, None)
    list_orders(vendor.send, CONNECTION, WINDOW, page.cursor)

    assert vendor.asked == ["GET locations", "POST orders/search", "GET payments"]
    assert vendor.bodies[1]["location_ids"] == ["L8", "L9"]


def test_every_page_is_followed_to_its_end() -> None:
    sale = held("order.confirmed", "order")
    vendor = Vendor(
        orders=[sale | {"id": f"ORD{at}"} for at in range(5)],
        payments=[held("payment_updated", "payment") | {"id": f"PAY{at}"} for at in range(3)],
    )

    found = listed(vendor, WINDOW)

    kinds = [each.kind for each in found]
    assert kinds.count("order") == 5
    assert kinds.count("payment") == 6
    assert len(ids(found)) == 8


def test_a_dead_cursor_starts_its_step_again() -> None:
    vendor = shop()

    def forgetful(request: Request) -> Response:
        if b"dead" in (request.body or b"") or "cursor=dead" in request.url:
            raise Refused("the vendor answered 400", status=400, code="INVALID_CURSOR")
        return vendor.send(request)

    for step in ("orders", "payments", "refunds"):
        place = {"step": step, "locations": ["L1"], "at": 0}
        fresh = list_orders(vendor.send, AT_TWO, WINDOW, json.dumps(place | {"cursor": ""}))

        again = list_orders(forgetful, AT_TWO, WINDOW, json.dumps(place | {"cursor": "dead"}))

        assert again == fresh


@pytest.mark.parametrize(("status", "cursor"), [(400, ""), (403, "alive")])
def test_another_refusal_stays_one(status: int, cursor: str) -> None:
    asked = []

    def refusing(request: Request) -> Response:
        asked.append(request.url)
        raise Refused(f"the vendor answered {status}", status=status)

    place = {"step": "refunds", "locations": ["L1"], "at": 0, "cursor": cursor}
    with pytest.raises(Refused):
        list_orders(refusing, AT_TWO, WINDOW, json.dumps(place))
    assert len(asked) == 1


def test_a_refund_listed_without_its_order_in_the_window_brings_it() -> None:
    vendor = shop()
    place = '{"step":"refunds","locations":["L1"],"at":0,"cursor":""}'

    page = list_orders(vendor.send, AT_TWO, WINDOW, place)

    assert page.cursor is None
    assert vendor.asked == ["GET refunds", "POST orders/batch-retrieve"]
    assert ids(page.documents) == ids([Event(room=ROOM, stem="order.partial_return").document()])


def test_by_placing_time_a_sale_comes_with_its_later_returns() -> None:
    vendor = shop()
    place = '{"step":"payments","locations":["L1"],"at":0,"cursor":""}'

    page = list_orders(vendor.send, AT_TWO, PLACED, place)

    returns = ids([Event(room=ROOM, stem="order.partial_return").document()])
    assert returns < ids(page.documents)


def test_by_placing_time_a_tab_paid_after_the_window_comes_with_its_payment() -> None:
    sale = held("order.open_paid", "order")
    sale["tenders"] = [
        {"id": PAYMENT, "created_at": "2026-11-21T00:20:00Z"},
        {"id": "OLDTENDER", "created_at": "2026-11-21T00:30:00Z"},
    ]
    vendor = Vendor(orders=[sale], payments=[held("payment_updated", "payment")])

    by_update = list_orders(vendor.send, AT_TWO, WINDOW, None)
    by_placing = list_orders(vendor.send, AT_TWO, PLACED, None)

    assert [each.kind for each in by_update.documents] == ["order"]
    assert [each.kind for each in by_placing.documents] == ["order", "payment"]


def test_what_a_later_page_lists_is_not_asked_for_one_by_one() -> None:
    vendor = shop()

    list_orders(vendor.send, AT_TWO, PLACED, None)
    payments = '{"step":"payments","locations":["L1"],"at":0,"cursor":""}'
    list_orders(vendor.send, AT_TWO, WINDOW, payments)

    assert vendor.asked == ["POST orders/search", f"GET refunds/{REFUND}", "GET payments"]


def test_one_odd_refund_does_not_hold_up_a_listing() -> None:
    refund = refund_of("order.partial_return")
    vendor = Vendor(refunds=[refund | {"id": "RF1", "order_id": "gone", "payment_id": "gone"}])

    assert listed(vendor, WINDOW) == []


@pytest.mark.parametrize("odd", [None, 7, "x", [7], [None], ["x"], [{}], [{"id": 7}], {"id": "x"}])
@pytest.mark.parametrize("field", ["refunds", "returns", "tenders", "id", "refund_ids", "order_id"])
def test_one_odd_document_does_not_hold_up_a_listing(field: str, odd: object) -> None:
    returned, sale = held("order.partial_return", "order"), held("order.confirmed", "order")
    refund, payment = refund_of("order.partial_return"), held("payment_updated", "payment")
    shelves = {
        "orders": [returned | {field: odd}, sale | {field: odd}, returned],
        "payments": [payment | {field: odd}, payment],
        "refunds": [refund | {field: odd}, refund],
    }

    def send(request: Request) -> Response:
        steps = urlsplit(request.url).path.split("/")[2:]
        if steps[-1] in ("search", "batch-retrieve") or len(steps) == 1:
            answer: Plain = {steps[0]: shelves[steps[0]]}
        else:
            answer = {steps[0].removesuffix("s"): shelves[steps[0]][-1]}
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    for window in (WINDOW, PLACED):
        page = list_orders(send, AT_TWO, window, None)
        kinds = [each.kind for each in page.documents]
        while page.cursor:
            page = list_orders(send, AT_TWO, window, page.cursor)
            kinds += [each.kind for each in page.documents]
        assert kinds.count("order") >= 3
        assert kinds.count("payment") >= 2


@pytest.mark.parametrize(
    "answer", [{"orders": 7}, {"orders": [7]}, {"orders": {"id": "x"}}], ids=repr
)
def test_a_listing_that_is_no_list_comes_again(answer: Plain) -> None:
    def odd(_request: Request) -> Response:
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    with pytest.raises(Unavailable):
        list_orders(odd, AT_TWO, WINDOW, None)
