"""What Clover is asked: an order in its reads, a window in its pages, and a new pair of tokens."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.sources.clover.api import fetch, list_orders, sign_in
from functions.sources.clover.read import read_document
from tests.sources.clover_vendor import Plain, Vendor, held, ids, notice
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_clover import CONNECTION, ROOM
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import GoneSaid, Notice, OrderSaid
from vouchsafe.pure.pull import Grant, Request, Response, Window

ORDER = "ORDTEST000001"
WINDOW = Window(
    start=datetime(2026, 11, 20, 15, 0, tzinfo=UTC), end=datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
)

WITHOUT_PEOPLE = {"merchant": "MIDTEST000001", "customers": "no"}


def document(stem: str) -> set[tuple[str, str]]:
    return ids([Event(room=ROOM, stem=stem).document()])


@pytest.mark.parametrize(
    "stem",
    ["order.partial_return", "order.line_and_order_discount", "order.voided"],
)
def test_an_order_is_fetched_in_two_reads_as_it_is_read(stem: str) -> None:
    order = held(stem)
    vendor = Vendor(orders=[order])

    found = fetch(vendor.send, replace(CONNECTION, options=WITHOUT_PEOPLE), notice_of(order))

    assert vendor.asked == [f"orders/{order['id']}"] * 2
    assert ids(found) == document(stem)


def notice_of(order: Plain) -> Notice:
    return notice("order", order["id"])


def test_voids_come_with_what_was_given_back() -> None:
    order = held("order.voided_among_voids")

    found = fetch(Vendor(orders=[order]).send, CONNECTION, notice_of(order))

    assert ids(found) == document("order.voided_among_voids")


def test_a_payment_leads_to_its_order() -> None:
    order = held("order.line_and_order_discount")
    vendor = Vendor(orders=[order], payments=order["payments"]["elements"])

    found = fetch(vendor.send, CONNECTION, notice("payment", "PAYTEST000002", "CREATE"))

    assert vendor.asked[0] == "payments/PAYTEST000002"
    assert ids(found) == document("order.line_and_order_discount")


def test_a_payment_without_an_order_is_no_sales() -> None:
    vendor = Vendor(payments=[{"id": "PAYTEST000009", "amount": 100}])

    assert fetch(vendor.send, CONNECTION, notice("payment", "PAYTEST000009")) == ()


@pytest.mark.parametrize("kind", ["order", "payment"])
def test_what_is_new_and_not_there_comes_again(kind: str) -> None:
    with pytest.raises(Unavailable, match="not there yet"):
        fetch(Vendor().send, CONNECTION, notice(kind, "NOWHERE", "CREATE"))


@pytest.mark.parametrize("kind", ["order", "payment"])
def test_what_changed_and_is_not_there_was_deleted_since(kind: str) -> None:
    assert fetch(Vendor().send, CONNECTION, notice(kind, "NOWHERE", "UPDATE")) == ()


def test_a_deleted_order_is_gone() -> None:
    (gone,) = fetch(Vendor().send, CONNECTION, notice("order", "ORDTEST000005", "DELETE"))

    (fact,) = read_document(gone, CONNECTION, IDENTIFY, NOW)
    assert gone.kind == "gone"
    assert fact.order.order_id == "ORDTEST000005"
    assert fact.body == GoneSaid()


def test_a_deletion_that_only_somebody_says_is_not_believed() -> None:
    order = held("order.line_and_order_discount")

    found = fetch(Vendor(orders=[order]).send, CONNECTION, notice("order", order["id"], "DELETE"))

    assert ids(found) == document("order.line_and_order_discount")


def test_an_order_that_changes_between_its_reads_is_read_again() -> None:
    vendor = Vendor(orders=[held("order.line_and_order_discount")])
    order = vendor.orders["ORDTEST000002"]

    def send(request: Request) -> Response:
        answer = vendor.send(request)
        if len(vendor.asked) == 1:
            order["modifiedTime"] += 1000
        return answer

    (found,) = fetch(send, CONNECTION, notice("order", "ORDTEST000002"))

    assert len(vendor.asked) == 4
    assert json.loads(found.body)["modifiedTime"] == order["modifiedTime"]


def test_an_order_that_never_stands_still_comes_again() -> None:
    vendor = Vendor(orders=[held("order.line_and_order_discount")])

    def send(request: Request) -> Response:
        vendor.orders["ORDTEST000002"]["modifiedTime"] += 1000
        return vendor.send(request)

    with pytest.raises(Unavailable, match="changes while it is read"):
        fetch(send, CONNECTION, notice("order", "ORDTEST000002"))


def test_modifications_are_asked_for_where_lines_do_not_come_to_the_total() -> None:
    vendor = Vendor(orders=[held("order.modifications")])

    found = fetch(vendor.send, CONNECTION, notice("order", "ORDTEST000057"))

    assert vendor.asked[2:] == ["orders/ORDTEST000057/line_items"]
    assert ids(found) == document("order.modifications")


def test_modifications_are_asked_for_where_a_line_was_taken_off_whole() -> None:
    """With its modifications or without, it comes to nothing: the total does not tell."""
    order = held("order.modifications")
    line = order["lineItems"]["elements"][0]
    line["discounts"] = {"elements": [{"id": "DTEST", "name": "On the house", "amount": -10_000}]}
    order["total"] = sum(each["price"] for each in order["lineItems"]["elements"][1:])
    vendor = Vendor(orders=[order])

    fetch(vendor.send, CONNECTION, notice("order", "ORDTEST000057"))

    assert vendor.asked[2:] == ["orders/ORDTEST000057/line_items"]


def test_more_lines_than_a_nested_list_holds_are_read_in_pages() -> None:
    order = held("order.without_discount")
    line = order["lineItems"]["elements"][0]
    lines = [line | {"id": f"LINE{at}", "price": 1} for at in range(2400)]
    order |= {"lineItems": {"elements": lines}, "total": 2400}
    order["payments"]["elements"][0]["amount"] = 2400
    vendor = Vendor(orders=[order])

    (found,) = fetch(vendor.send, CONNECTION, notice("order", order["id"]))

    (fact, *_) = read_document(found, CONNECTION, IDENTIFY, NOW)
    assert isinstance(fact.body, OrderSaid)
    assert len(fact.body.lines) == 2400
    assert fact.body.sums_foot
    assert [each["offset"][0] for each in vendor.queries[2:]] == ["0", "1000", "2000"]


def test_lines_beyond_a_nested_list_are_not_lost_because_they_cost_nothing() -> None:
    order = held("order.without_discount")
    line = order["lineItems"]["elements"][0]
    lines = [line | {"id": f"LINE{at}", "price": 4 if at < 100 else 0} for at in range(103)]
    vendor = Vendor(orders=[order | {"lineItems": {"elements": lines}}])

    (found,) = fetch(vendor.send, CONNECTION, notice("order", order["id"]))

    assert len(json.loads(found.body)["lineItems"]["elements"]) == 103


def test_a_customer_is_read_for_what_a_person_is_known_by() -> None:
    told = held("order.known_customer")["customers"]["elements"][0]
    vendor = Vendor(orders=[held("order.confirmed")], customers=[told | {"firstName": "Ann"}])

    (found,) = fetch(vendor.send, CONNECTION, notice("order", ORDER))

    (fact, *_) = read_document(found, CONNECTION, IDENTIFY, NOW)
    assert [each.partition(":")[0] for each in fact.customer] == ["email", "phone", "customer"]
    assert b"Ann" not in found.body.replace(b"Ann.Buyer", b"")
    assert "customers/CUSTTEST00001" in vendor.asked


@pytest.mark.parametrize("forbidden", ["customers", ""])
def test_customers_that_may_not_be_read_hold_up_nothing(forbidden: str) -> None:
    vendor = Vendor(orders=[held("order.confirmed")], forbidden=forbidden)

    found = fetch(vendor.send, CONNECTION, notice("order", ORDER))

    assert ids(found) == document("order.confirmed")


def test_customers_are_left_unread_where_the_connection_says_so() -> None:
    vendor = Vendor(orders=[held("order.confirmed")])

    fetch(vendor.send, replace(CONNECTION, options=WITHOUT_PEOPLE), notice("order", ORDER))

    assert vendor.asked == [f"orders/{ORDER}"] * 2


def test_orders_that_may_not_be_read_are_not_guessed() -> None:
    vendor = Vendor(orders=[held("order.confirmed")], forbidden="orders")

    with pytest.raises(Refused):
        fetch(vendor.send, CONNECTION, notice("order", ORDER))


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(Invalid, match="kind"):
        fetch(Vendor().send, CONNECTION, notice("item", "ITEMTEST00001"))


def test_a_connection_without_a_merchant_is_told_so() -> None:
    with pytest.raises(Invalid, match="merchant"):
        fetch(Vendor().send, replace(CONNECTION, options={}), notice("order", ORDER))


# --- a window


def many(count: int) -> list[Plain]:
    order = held("order.without_discount")
    return [
        deepcopy(order) | {"id": f"ORDER{at:04d}", "modifiedTime": 1795187000000 + at}
        for at in range(count)
    ]


def every(send: Callable[[Request], Response], window: Window = WINDOW) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    cursor: str | None = None
    while True:
        page = list_orders(send, CONNECTION, window, cursor)
        found |= ids(page.documents)
        cursor = page.cursor
        if cursor is None:
            return found


def test_a_window_is_half_open() -> None:
    vendor = Vendor(orders=many(1))

    list_orders(vendor.send, CONNECTION, WINDOW, None)

    assert vendor.queries[0]["filter"] == [
        "modifiedTime>=1795186800000",
        "modifiedTime<=1795190399999",
    ]


def test_a_window_of_sales_is_by_the_tills_own_time() -> None:
    vendor = Vendor(orders=many(1))

    list_orders(vendor.send, CONNECTION, replace(WINDOW, by="placed"), None)

    assert vendor.queries[0]["filter"][0] == "clientCreatedTime>=1795186800000"


def test_a_page_takes_two_calls_however_many_orders_it_has() -> None:
    vendor = Vendor(orders=many(40))

    page = list_orders(vendor.send, CONNECTION, WINDOW, None)

    assert vendor.asked == ["orders", "orders"]
    assert len(page.documents) == 40
    assert page.cursor is None


def test_every_order_of_many_pages_is_listed() -> None:
    vendor = Vendor(orders=many(230))

    assert len({order for order, _ in every(vendor.send)}) == 230


def test_a_listing_and_a_fetch_say_the_same() -> None:
    stems = ["order.partial_return", "order.modifications", "order.voided", "order.credited"]
    vendor = Vendor(orders=[held(stem) for stem in stems])

    fetched = [
        each
        for order_id in vendor.orders
        for each in fetch(vendor.send, CONNECTION, notice("order", order_id))
    ]

    assert every(vendor.send) == ids(fetched)


def test_orders_that_leave_a_listing_hide_no_others() -> None:
    vendor = Vendor(orders=many(150))

    def send(request: Request) -> Response:
        answer = vendor.send(request)
        if len(vendor.asked) == 2:
            for at in range(8):
                del vendor.orders[f"ORDER{at:04d}"]
        return answer

    assert len({order for order, _ in every(send)}) == 150


def test_an_order_that_changes_between_the_listings_is_read_alone() -> None:
    vendor = Vendor(orders=many(3))

    def send(request: Request) -> Response:
        answer = vendor.send(request)
        if len(vendor.asked) == 1:
            vendor.orders["ORDER0001"]["modifiedTime"] += 1000
        return answer

    page = list_orders(send, CONNECTION, WINDOW, None)

    assert vendor.asked == ["orders", "orders", "orders/ORDER0001", "orders/ORDER0001"]
    assert len(page.documents) == 3


def test_a_window_without_orders_takes_one_call() -> None:
    vendor = Vendor()

    assert list_orders(vendor.send, CONNECTION, WINDOW, None).documents == ()
    assert vendor.asked == ["orders"]


# --- signing in

OAUTH = replace(CONNECTION, api_secret="the-first-refresh-token", access_token="")


def granting(**told: object) -> tuple[list[Plain], Callable[[Request], Response]]:
    asked: list[Plain] = []

    def send(request: Request) -> Response:
        assert request.method == "POST"
        assert request.url == "https://api.clover.com/oauth/v2/refresh"
        asked.append(json.loads(request.body or b""))
        return Response(status=200, headers={}, body=json.dumps(told).encode())

    return asked, send


def test_a_lasting_token_is_taken_as_it_is() -> None:
    connection = replace(CONNECTION, api_key="the-lasting-token")

    grant = sign_in(Vendor().send, connection, None, NOW)

    assert grant.token == "the-lasting-token"
    assert grant.expires_at > NOW + timedelta(days=300)


def test_the_first_refresh_token_begins() -> None:
    asked, send = granting(
        access_token="a1", access_token_expiration=1795199400, refresh_token="r1"
    )

    grant = sign_in(send, OAUTH, None, NOW)

    assert asked == [{"client_id": "APPTEST000001", "refresh_token": "the-first-refresh-token"}]
    assert grant == Grant(
        token="a1", expires_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC), refresh="r1"
    )


def test_a_refresh_token_is_used_once() -> None:
    asked, send = granting(
        access_token="a2", access_token_expiration=1795199400000, refresh_token="r2"
    )

    grant = sign_in(send, OAUTH, Grant(token="a1", expires_at=NOW, refresh="r1"), NOW)

    assert asked[0]["refresh_token"] == "r1"
    assert grant.refresh == "r2"
    assert grant.expires_at == datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("told", [{}, {"access_token": "a"}, {"access_token": 7}])
def test_an_answer_without_both_tokens_is_none(told: Plain) -> None:
    _, send = granting(**told)

    with pytest.raises(Unavailable):
        sign_in(send, OAUTH, None, NOW)


def test_a_token_whose_end_is_not_told_is_trusted_for_minutes() -> None:
    _, send = granting(access_token="a", refresh_token="r")

    assert sign_in(send, OAUTH, None, NOW).expires_at <= NOW + timedelta(minutes=20)
