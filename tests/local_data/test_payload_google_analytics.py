"""What browsers report of a sale is read as exactly that, and what they leave out stays out."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.sources.google_analytics.read import read_document
from local.dealing import CURRENCY, GOOGLE_ANALYTICS, NORTH, SOUTH, place
from local.payloads import google_analytics as payload
from local.payloads import timeline, woocommerce
from local.till import GivenBack, Sale
from local.world import World
from tests.local_data.product import HEARD_AT, IDENTIFY
from vouchsafe.pure import codes
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.sighting import Sighting

CONNECTION = Connection(
    platform="google_analytics",
    account=GOOGLE_ANALYTICS.account,
    shop=GOOGLE_ANALYTICS.shop,
    api_url="http://127.0.0.1:1",
    api_key=GOOGLE_ANALYTICS.api_key,
    api_secret=GOOGLE_ANALYTICS.api_secret,
    options=payload.options("http://127.0.0.1:1"),
)


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """The sales of the web shops."""
    return [each for each in window.sales if payload.order_id(each)]


def read(sale: Sale) -> list[Sighting]:
    rows = [payload.row(each) for each in payload.events(sale)]
    document = Document(kind="events", body=json.dumps({"rows": rows}).encode())
    return list(read_document(document, CONNECTION, IDENTIFY, HEARD_AT))


def purchases(sale: Sale, name: str | None) -> list[Sighting]:
    return [each for each in read(sale) if each.kind == "purchased" and each.transaction_id == name]


def test_a_transaction_is_the_order_as_its_shop_names_it(sales: list[Sale]) -> None:
    for sale in sales:
        order = woocommerce.order(sale, timeline.last(sale))

        assert payload.order_id(sale) == str(order["id"])
    assert {place(each.store).shop for each in sales} == {NORTH, SOUTH}


def test_nothing_is_told_of_a_sale_over_the_counter(window: World) -> None:
    counter = next(each for each in window.sales if not payload.order_id(each))

    assert payload.reported(counter) is None
    assert read(counter) == []


def test_a_purchase_is_read_as_it_was_reported(sales: list[Sale]) -> None:
    for sale in sales:
        told = payload.reported(sale)
        assert told is not None
        found = purchases(sale, told.transaction_id)

        assert len({each.sighting_id for each in found}) == len(found) == told.times
        for each in found:
            assert each.codes == tuple(map(codes.canonical, told.codes)), sale.number
            assert (each.amount_minor, each.currency) == (told.cents, CURRENCY)
        assert not found or found[0].day == told.day


def test_every_way_of_reporting_is_there(sales: list[Sale]) -> None:
    ways = Counter(payload.how(each) for each in sales)

    assert set(ways) == {"as it was", "not at all", "twice", "without its coupon"}
    assert 0.05 < ways["not at all"] / len(sales) < 0.2


def test_what_was_applied_is_counted_by_checkout_and_code(sales: list[Sale]) -> None:
    left = 0
    for sale in sales:
        found = {each for each in read(sale) if each.kind == "applied"}

        expected = [codes.canonical(each) for each in payload.applied(sale)]
        assert Counter(each.codes[0] for each in found) == Counter(expected)
        left += len(expected) - len({*expected})
    assert left


def test_a_test_order_is_known_to_no_shop(sales: list[Sale]) -> None:
    tests = [told for each in sales if (told := payload.tested(each))]
    orders = {payload.order_id(each) for each in sales}

    assert tests
    assert not orders & {each.transaction_id for each in tests}
    for sale in sales:
        told = payload.tested(sale)
        found = purchases(sale, f"TEST-{sale.number}")
        assert len(found) == (1 if told else 0)


def test_what_came_back_is_reported_once(sales: list[Sale]) -> None:
    sale = next(each for each in sales if payload.how(each) == "as it was" and each.total)
    back = GivenBack(sale.placed_at + timedelta(hours=1), ((0, sale.items[0].units),))
    returned = replace(sale, back=back)

    (refund,) = [each for each in read(returned) if each.kind == "refunded"]

    assert (refund.transaction_id, refund.amount_minor) == (
        payload.order_id(sale),
        returned.refunded(),
    )


def test_people_are_in_the_rows_and_nowhere_after(sales: list[Sale]) -> None:
    sale = next(each for each in sales if payload.how(each) == "as it was")
    rows = json.dumps([payload.row(each) for each in payload.events(sale)])

    assert "@example.com" in rows
    assert "@" not in repr(read(sale))
