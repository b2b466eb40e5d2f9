"""Shopify's people: known by keyed hashes, and forgotten when they ask; and its other topics."""

from dataclasses import replace

import pytest

from functions.sources.shopify.read import read, read_document
from tests.sources.events import IDENTIFY, NOW
from tests.sources.shopify_kiln import ROOM, event, order_said
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import OrderSaid
from vouchsafe.pure.hearing import Document


def test_a_person_is_known_by_keyed_hashes() -> None:
    (fact,) = event("orders_paid").heard().facts

    assert fact.customer == (
        IDENTIFY("email", "Shopper@Example.com"),
        IDENTIFY("customer", "shopify/kiln/700000000000000001"),
    )


def test_staff_is_kept_unless_the_connection_says_not_to() -> None:
    pos = event("orders_create.zero_total_pos")
    silent = replace(ROOM.connection, options={"staff": "none"})

    (fact,) = read(pos.delivery(), silent, IDENTIFY).facts

    assert order_said("orders_create.zero_total_pos").staff == "61000001"
    assert isinstance(fact.body, OrderSaid)
    assert fact.body.staff is None
    assert fact.body.location_id == "3001"


def test_a_person_who_asks_to_be_forgotten_is_named_by_orders() -> None:
    (erasure,) = event("customers_redact").heard().erasures

    assert erasure.order_ids == ("820000000000000001", "820000000000000003")
    assert erasure.asked == "customers/redact"
    assert IDENTIFY("email", "shopper@example.com") in erasure.customer
    assert not erasure.whole_account


def test_a_person_without_orders_never_erases_the_whole_account() -> None:
    (erasure,) = event("customers_redact.without_orders").heard().erasures

    assert erasure.order_ids == ()
    assert IDENTIFY("email", "shopper@example.com") in erasure.customer
    assert not erasure.whole_account


def test_a_shop_that_asks_to_be_forgotten_is_the_whole_account() -> None:
    (erasure,) = event("shop_redact").heard().erasures

    assert erasure.order_ids == ()
    assert (erasure.account, erasure.asked) == ("kiln", "shop/redact")
    assert erasure.whole_account


@pytest.mark.parametrize("stem", ["customers_redact.another_shop", "shop_redact.another_shop"])
def test_another_shops_wish_erases_nothing(stem: str) -> None:
    with pytest.raises(Unreadable, match="shop_domain"):
        event(stem).heard()


def test_a_persons_wish_under_the_shops_topic_erases_nothing() -> None:
    with pytest.raises(Unreadable):
        event("shop_redact.in_disguise").heard()


@pytest.mark.parametrize("stem", ["orders_fulfilled", "customers_data_request"])
def test_a_known_topic_with_nothing_for_us_is_known(stem: str) -> None:
    heard = event(stem).heard()

    assert heard.known
    assert not (heard.facts + heard.notices + heard.erasures)


def test_a_delivery_without_a_topic_is_unreadable() -> None:
    delivery = event("orders_paid").delivery()
    bare = {k: v for k, v in delivery.headers.items() if k != "x-shopify-topic"}

    with pytest.raises(Unreadable, match="x-shopify-topic"):
        read(replace(delivery, headers=bare), ROOM.connection, IDENTIFY)


def test_an_edit_asks_for_its_order() -> None:
    (notice,) = event("orders_edited").heard().notices

    assert (notice.kind, notice.object_id) == ("order", "820000000000000015")
    assert notice.details == {"committed_at": "2026-11-20T17:00:00.000Z"}


def test_a_document_of_another_kind_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="kind"):
        read_document(Document(kind="refund", body=b"{}"), ROOM.connection, IDENTIFY, NOW)
