"""What a notice of Square brings: one object by whichever road, and never a guess."""

import json
from collections.abc import Callable

import pytest

from functions.sources.square.api import fetch
from functions.sources.square.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.square_vendor import (
    REFUND,
    RETURN,
    Plain,
    Vendor,
    held,
    ids,
    notice,
    refund_of,
    shop,
)
from tests.sources.test_square import CONNECTION, ROOM
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.facts import Notice, RefundSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request, Response


def test_an_order_is_fetched_as_it_is_read() -> None:
    vendor = shop()

    documents = fetch(vendor.send, CONNECTION, notice("order", "ORDtest0001", version="4"))

    assert vendor.asked == ["GET orders/ORDtest0001"]
    assert ids(documents) == ids([Event(room=ROOM, stem="order.confirmed").document()])


def test_an_order_older_than_what_was_told_comes_again() -> None:
    with pytest.raises(Unavailable, match="version"):
        fetch(shop().send, CONNECTION, notice("order", "ORDtest0001", version="5"))


def test_an_order_without_versions_is_taken_as_it_is() -> None:
    vendor = Vendor(orders=[held("order.without_version", "order")])

    assert fetch(vendor.send, CONNECTION, notice("order", "ORDtest0010"))


def test_a_return_is_one_fact_by_either_road() -> None:
    by_order = fetch(shop().send, CONNECTION, notice("order", RETURN))
    by_refund = fetch(shop().send, CONNECTION, notice("refund", REFUND, order_id=RETURN))

    assert by_order == by_refund
    assert ids(by_order) == ids([Event(room=ROOM, stem="order.partial_return").document()])


def test_a_return_to_two_tenders_is_one_document_by_every_road() -> None:
    document = Event(room=ROOM, stem="order.return_to_two_tenders").document()
    told = json.loads(document.body)

    def by(named: Notice) -> tuple[Document, ...]:
        vendor = Vendor(orders=[told["order"]], refunds=told["refunds"])
        return fetch(vendor.send, CONNECTION, named)

    roads = [by(notice("order", told["order"]["id"]))]
    roads += [by(notice("refund", each["id"])) for each in told["refunds"]]

    assert roads[0] == roads[1] == roads[2]
    assert ids(roads[0]) == ids([document])


def test_a_document_is_one_text_however_it_was_written() -> None:
    order = held("order.confirmed", "order")
    turned = {name: order[name] for name in reversed(order)}

    first, second = (
        fetch(Vendor(orders=[each]).send, CONNECTION, notice("order", order["id"]))
        for each in (order, turned)
    )

    assert first == second


def test_a_refund_unknown_to_the_refunds_api_is_as_the_order_says() -> None:
    vendor = Vendor(orders=[held("order.return_before_the_refunds_api", "order")])

    documents = fetch(vendor.send, CONNECTION, notice("order", "ORDreturn0008"))

    assert ids(documents) == ids(
        [Event(room=ROOM, stem="order.return_before_the_refunds_api").document()]
    )


def test_a_refund_that_may_not_be_read_is_not_guessed() -> None:
    def forbidden(request: Request) -> Response:
        if "/refunds/" in request.url:
            raise Refused("the vendor answered 403", status=403)
        return shop().send(request)

    with pytest.raises(Refused):
        fetch(forbidden, CONNECTION, notice("order", RETURN))


def test_the_sale_of_a_return_that_names_none_is_its_payments() -> None:
    vendor = Vendor(
        orders=[held("order.return_without_source", "order")],
        payments=[held("payment_updated", "payment")],
        refunds=[refund_of("order.return_without_source")],
    )

    documents = fetch(vendor.send, CONNECTION, notice("order", "ORDreturn0005"))

    assert ids(documents) == ids([Event(room=ROOM, stem="order.return_without_source").document()])


def test_a_refund_without_a_return_order_is_under_the_sale_that_was_paid() -> None:
    refund = held("refund.without_return_order", "refund")
    for named in ({}, {"order_id": "ORDtest0001"}):
        vendor = Vendor(
            orders=[held("order.confirmed", "order")],
            payments=[held("payment_updated", "payment")],
            refunds=[refund | named],
        )

        documents = fetch(vendor.send, CONNECTION, notice("refund", refund["id"]))

        assert ids(documents) == ids(
            [Event(room=ROOM, stem="refund.without_return_order").document()]
        )


def test_a_refund_of_no_payment_is_no_sales() -> None:
    refund = refund_of("order.unlinked_return")
    vendor = Vendor(refunds=[{name: refund[name] for name in refund if name != "order_id"}])

    assert fetch(vendor.send, CONNECTION, notice("refund", refund["id"])) == ()


def test_a_return_order_that_is_not_filled_yet_comes_again() -> None:
    order = held("order.partial_return", "order")
    bare = {name: order[name] for name in order if name != "returns"}
    vendor = Vendor(orders=[bare], refunds=[refund_of("order.partial_return")])

    with pytest.raises(Unavailable):
        fetch(vendor.send, CONNECTION, notice("refund", REFUND))


def test_an_id_cannot_leave_its_path() -> None:
    vendor = shop()

    with pytest.raises(Refused):
        fetch(vendor.send, CONNECTION, notice("order", "../payments/x?y"))
    assert vendor.asked == ["GET orders/..%2Fpayments%2Fx%3Fy"]


def test_a_notice_of_another_kind_is_invalid() -> None:
    with pytest.raises(Invalid):
        fetch(shop().send, CONNECTION, notice("invoice", "x"))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"order": 7}'])
def test_an_answer_that_is_no_object_comes_again(body: bytes) -> None:
    def odd(_request: Request) -> Response:
        return Response(status=200, headers={}, body=body)

    with pytest.raises(Unavailable):
        fetch(odd, CONNECTION, notice("order", "ORDtest0001"))


def refunded(change: Callable[[Plain], Plain]) -> RefundSaid:
    refund = change(refund_of("order.partial_return"))
    vendor = Vendor(orders=[held("order.partial_return", "order")], refunds=[refund])
    (document,) = fetch(vendor.send, CONNECTION, notice("refund", REFUND))
    (fact,) = read_document(document, CONNECTION, IDENTIFY, NOW)
    assert isinstance(fact.body, RefundSaid)
    return fact.body


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PENDING", "pending"),
        ("COMPLETED", "completed"),
        ("REJECTED", "failed"),
        ("FAILED", "failed"),
    ],
)
def test_the_refund_decides_and_not_the_approved_order(status: str, state: str) -> None:
    assert refunded(lambda refund: refund | {"status": status}).state == state
