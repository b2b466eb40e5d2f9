"""What Revel's room asks of an instance, and what it puts together of the answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.sources.revel import api
from functions.sources.revel.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.revel_vendor import Instance, Plain
from tests.sources.test_revel import CONNECTION, ROOM
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request, Response, Window

# Noon in New York.
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
HOUR = Window(start=NOON, end=NOON + timedelta(hours=1))
DAY = Window(
    start=datetime(2026, 11, 20, 5, tzinfo=UTC),
    end=datetime(2026, 11, 21, 5, tzinfo=UTC),
    by="placed",
)
BUYER = {"id": 501, "email": "dana.reyes@example.com", "phone_number": "+1 513 555 0188"}


def instance(*stems: str, **more: list[Plain]) -> Instance:
    """The objects of these documents, each on the shelf of its resource."""
    shelves: dict[str, list[Plain]] = {"Order": [], "OrderItem": [], "Payment": []}
    for stem in stems:
        order: Plain = json.loads(Event(room=ROOM, stem=stem).document().body)["order"]
        mine = {"order": f"/resources/Order/{order['id']}/"}
        shelves["OrderItem"] += [each | mine for each in order.pop("items")]
        shelves["Payment"] += [each | mine for each in order.pop("payments")]
        if order["customer"]:
            order["customer"] = "/resources/Customer/501/"
        shelves["Order"].append(order)
    return Instance(**{"Customer": [BUYER | {"first_name": "Dana"}], **shelves, **more})


def notice(order_id: str, kind: str = "order") -> Notice:
    return Notice(platform="revel", account="kew", kind=kind, object_id=order_id, details={})


def told(document: Document) -> set[tuple[str, str]]:
    facts = read_document(document, CONNECTION, IDENTIFY, NOW)
    return {(fact.order.order_id, fact.fact_id()) for fact in facts}


def expected(*stems: str) -> set[tuple[str, str]]:
    facts = [fact for stem in stems for fact in Event(room=ROOM, stem=stem).heard().facts]
    return {(fact.order.order_id, fact.fact_id()) for fact in facts}


def listed(revel: Instance, window: Window, connection: Connection = CONNECTION) -> list[Document]:
    found, cursor = list[Document](), None
    while True:
        page = api.list_orders(revel.send, connection, window, cursor)
        found += page.documents
        cursor = page.cursor
        if cursor is None:
            return found


def order_ids(documents: list[Document]) -> list[int]:
    return [json.loads(each.body)["order"]["id"] for each in documents]


def thin(number: int, at: str) -> Plain:
    order: Plain = json.loads(Event(room=ROOM, stem="order.open").document().body)["order"]
    return order | {"id": number, "created_date": at, "updated_date": at}


def test_a_fetch_puts_the_order_together() -> None:
    revel = instance("order_finalized")

    (document,) = api.fetch(revel.send, CONNECTION, notice("10721001"))

    assert told(document) == expected("order_finalized")
    (fact,) = read_document(document, CONNECTION, IDENTIFY, NOW)
    assert IDENTIFY("email", "dana.reyes@example.com") in fact.customer
    assert b"first_name" not in document.body
    assert revel.asked == ["Order/10721001", "OrderItem", "Payment", "Customer"]


def test_a_fetch_of_a_return_brings_the_order_that_it_names() -> None:
    revel = instance("order_finalized", "return.partial")

    (document,) = api.fetch(revel.send, CONNECTION, notice("10722311"))

    assert told(document) == expected("return.partial")


def test_a_return_that_names_an_order_nobody_has_stands_alone() -> None:
    revel = instance("return.partial")

    (document,) = api.fetch(revel.send, CONNECTION, notice("10722311"))

    assert {order for order, _ in told(document)} == {"10722311"}


def test_notes_on_an_order_that_sells_name_nothing() -> None:
    revel = instance("order_finalized", "order_finalized.two_codes")
    revel.shelves["Order"][1]["notes"] = "Refund of order 10721001"

    (document,) = api.fetch(revel.send, CONNECTION, notice("10721044"))

    assert told(document) == expected("order_finalized.two_codes")


def test_an_order_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused):
        api.fetch(instance().send, CONNECTION, notice("7"))
    with pytest.raises(Invalid):
        api.fetch(instance().send, CONNECTION, notice("7", "payment"))


def test_a_window_of_changes_has_orders_and_money_given_back() -> None:
    revel = instance("order_finalized", "order_finalized.two_codes", "order_finalized.no_discount")
    back = {"id": 5, "amount": "-5.00", "created_date": "2026-11-20T12:30:00", "updated_date": None}
    revel.shelves["Payment"].append(back | {"order": 10721044, "deleted": False})

    documents = listed(revel, HOUR)

    assert order_ids(documents) == [10721001, 10721016, 10721044]
    last = read_document(documents[-1], CONNECTION, IDENTIFY, NOW)
    assert [each.kind for each in last] == ["order", "refund"]


def test_a_window_of_placing_has_the_returns_that_came_since() -> None:
    revel = instance(
        "order_finalized", "return.partial", "return.of_no_known_order", "order_finalized.web"
    )

    documents = listed(revel, DAY)

    assert order_ids(documents) == [10721001, 10721022, 10722311]
    assert told(documents[-1]) == expected("return.partial")


def test_a_window_is_asked_by_the_clock_of_every_establishment() -> None:
    options = {"currency": "USD", "zone": "America/New_York", "zone_14": "America/Los_Angeles"}
    connection = replace(CONNECTION, options=options)
    revel = instance("order_finalized", "order_finalized.another_establishments_zone")

    early = listed(revel, HOUR, connection)
    late = listed(
        revel, replace(HOUR, start=HOUR.end, end=HOUR.end + timedelta(hours=3)), connection
    )

    assert order_ids(early) == [10721001]
    assert order_ids(late) == [10721024]
    assert revel.queries[0]["updated_date__gte"] == "2026-11-20T09:00:00"
    assert revel.queries[0]["updated_date__lt"] == "2026-11-20T13:00:00"


def test_nothing_is_listed_by_a_zone_that_nobody_told() -> None:
    with pytest.raises(Invalid, match=r"options\.zone"):
        listed(instance(), HOUR, replace(CONNECTION, options={"currency": "USD"}))


def test_many_orders_are_listed_once_each_even_at_one_and_the_same_time() -> None:
    same = [thin(number, "2026-11-20T12:10:00") for number in range(130)]
    spread = [thin(200 + at, f"2026-11-20T12:{20 + at // 4:02}:30") for at in range(70)]
    revel = instance(Order=same + spread)

    found = order_ids(listed(revel, HOUR))

    assert sorted(found) == sorted(each["id"] for each in same + spread)


def test_an_order_that_is_saved_while_it_is_listed_hides_no_other() -> None:
    orders = [thin(number, f"2026-11-20T12:{number % 60:02}:00") for number in range(60)]
    revel = instance(Order=orders)
    first = api.list_orders(revel.send, CONNECTION, HOUR, None)

    # The first ones are saved again, and move to the end: offsets would leave ten out.
    for each in orders[:10]:
        each["updated_date"] = "2026-11-20T12:59:59"
    second = api.list_orders(revel.send, CONNECTION, HOUR, first.cursor)

    found = set(order_ids([*first.documents, *second.documents]))
    assert found == set(range(60))


def test_items_beyond_a_page_are_all_asked_for() -> None:
    order = thin(1, "2026-11-20T12:10:00")
    items: list[Plain] = [
        {"id": at, "order": "/resources/Order/1/", "quantity": 1, "price": 1} for at in range(1200)
    ]
    revel = instance(Order=[order], OrderItem=items)

    (document,) = api.fetch(revel.send, CONNECTION, notice("1"))

    assert len(json.loads(document.body)["order"]["items"]) == 1200


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"objects": [1]}'])
def test_an_answer_that_is_no_listing_is_unavailable(body: bytes) -> None:
    def send(_: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    with pytest.raises(Unavailable):
        api.list_orders(send, CONNECTION, HOUR, None)


def test_what_tells_no_time_is_the_readers_to_name() -> None:
    orders: list[Any] = [thin(1, "2026-11-20T12:10:00")]
    revel = instance(Order=orders)
    page = api.list_orders(revel.send, CONNECTION, HOUR, None)
    assert len(page.documents) == 1

    orders[0]["establishment"] = "nowhere"

    assert len(api.list_orders(revel.send, CONNECTION, HOUR, None).documents) == 1
