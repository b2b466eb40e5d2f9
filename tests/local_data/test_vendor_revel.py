"""Revel's stand-in answers as the vendor's documentation says, and lists for the room."""

import json
from datetime import timedelta
from typing import Any

import pytest

from local.dealing import REVEL
from local.payloads import revel
from local.till import Sale
from local.vendors.exchange import Answer, Request
from local.vendors.revel import REFUSE_ONE_IN, Instance
from local.world import World
from tests.local_data.test_payload_revel import listed, sender
from vouchsafe.pure.pull import Window

KEY = {"api-authentication": f"{REVEL.api_key}:{REVEL.api_secret}"}


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    fated = [each for each in window.sales if each.back]
    return [*(each for each in window.sales[:200] if not each.back), *fated]


@pytest.fixture
def instance(sales: list[Sale]) -> Instance:
    return Instance(REVEL, sales)


def ask(instance: Instance, path: str, **query: str) -> Answer:
    answer = instance.answer(Request("GET", f"/resources/{path}", query, KEY, b""))
    return ask(instance, path, **query) if answer.status == 429 else answer


def read(answer: Answer) -> Any:
    return json.loads(answer.body)


def test_nobody_is_let_in_without_key_and_secret(instance: Instance) -> None:
    half = {"api-authentication": REVEL.api_key}

    assert instance.answer(Request("GET", "/resources/Order/", {}, half, b"")).status == 401


def test_a_page_has_twenty_unless_told_and_zero_is_all(
    instance: Instance, sales: list[Sale]
) -> None:
    some, every = read(ask(instance, "Order/")), read(ask(instance, "Order/", limit="0"))

    assert len(some["objects"]) == 20
    orders = len(sales) + sum(1 for each in sales if each.back)
    assert len(every["objects"]) == some["meta"]["total_count"] == orders


def test_times_are_told_and_asked_for_without_a_zone(instance: Instance) -> None:
    page = read(ask(instance, "Order/", order_by="created_date", limit="0"))["objects"]
    middle = page[len(page) // 2]["created_date"]

    later = read(
        ask(instance, "Order/", created_date__gte=middle, order_by="created_date", limit="0")
    )["objects"]

    assert all("+" not in each["created_date"] for each in page)
    assert [each["id"] for each in later] == [
        each["id"] for each in page if each["created_date"] >= middle
    ]


def test_parts_are_asked_for_by_their_orders(instance: Instance, sales: list[Sale]) -> None:
    sale = next(each for each in sales if each.back and each.refunded())
    both = f"{revel.order_id(sale.number)},{revel.return_id(sale.number)}"

    items = read(ask(instance, "OrderItem/", order__in=both, limit="0"))["objects"]
    payments = read(ask(instance, "Payment/", order__in=both, limit="0"))["objects"]

    assert len(items) == len(sale.items) + len(sale.back.items if sale.back else ())
    assert sum(float(each["amount"]) < 0 for each in payments) == 1


def test_fields_trim_what_is_told(instance: Instance) -> None:
    page = read(ask(instance, "Order/", fields="id,notes", limit="5"))["objects"]

    assert {frozenset(each) for each in page} == {frozenset({"id", "notes"})}


def test_a_filter_that_a_resource_does_not_have_is_refused(instance: Instance) -> None:
    assert ask(instance, "Order/", final_total__lt="0").status == 400
    assert ask(instance, "Order/", order_by="notes").status == 400
    assert ask(instance, "Order/", created_date__gte="yesterday").status == 400


def test_what_is_not_there_is_not_found(instance: Instance) -> None:
    for path in ("Order/7/", "Order/x/", "Invoice/"):
        assert ask(instance, path).status == 404


def test_a_crowd_is_asked_for_patience(instance: Instance) -> None:
    request = Request("GET", "/resources/Order/7/", {}, KEY, b"")

    statuses = [instance.answer(request).status for _ in range(REFUSE_ONE_IN)]

    assert statuses.count(429) == 1


def test_the_room_lists_a_day_with_its_returns(instance: Instance, sales: list[Sale]) -> None:
    start = min(each.placed_at for each in sales if each.back).replace(microsecond=0)
    window = Window(start=start, end=start + timedelta(minutes=30), by="placed")

    found = [json.loads(each.body)["order"]["id"] for each in listed(sender(instance), window)]

    of_the_day = [x for x in sales if start <= x.placed_at.replace(microsecond=0) < window.end]
    wanted = {revel.order_id(each.number) for each in of_the_day}
    wanted |= {revel.return_id(each.number) for each in of_the_day if each.back}
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert any(each.back for each in of_the_day)
