"""Does the ledger keep each fact once, and projection each derivation from the most?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.pure.registers import Shelf
from tests.pure.saying import NOON, at, back, bill, code, fact, refund
from vouchsafe.edge import facts_table, orders_table, redemptions_table
from vouchsafe.pure.facts import Line
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.redemption import Projected, derive

pytestmark = pytest.mark.usefixtures("aws")


def projected(*facts) -> Projected:  # type: ignore[no-untyped-def]
    order = fold(facts)
    assert order is not None
    return derive(order, Shelf())


def test_a_fact_is_put_once() -> None:
    assert [facts_table.append(fact(bill())) for _ in range(3)] == [True, False, False]


def test_facts_come_back_as_they_were_said() -> None:
    said = [
        fact(bill(), customer=("email:1",), version=1),
        fact(refund(2430, back("mug", 1)), object_id="r#1", version=2),
    ]
    for each in said:
        facts_table.append(each)

    held = facts_table.of_order(said[0].order.text())

    assert {each.fact_id() for each in held} == {each.fact_id() for each in said}
    assert fold(held) == fold(replace(each, source_digest=each.source_digest[:32]) for each in said)


def test_a_document_larger_than_an_item_lies_in_s3() -> None:
    lines = tuple(
        Line(line_id=f"{number:064x}", quantity=Decimal(1), gross_minor=number * 7919 % 10**9)
        for number in (pow(3, power, 2**255 - 19) for power in range(20_000))
    )
    large = fact(bill(lines=lines, discounts=()))

    assert facts_table.append(large)
    (held,) = facts_table.of_order(large.order.text())

    assert held.body == large.body
    assert not facts_table.append(large)


def test_forgetting_takes_identity_out_and_leaves_the_money() -> None:
    said = fact(bill(), customer=("email:1", "customer:2"))
    facts_table.append(said)

    assert facts_table.forget(said.order.text()) == 1
    (held,) = facts_table.of_order(said.order.text())

    assert (held.customer, held.body) == ((), said.body)
    assert held.fact_id() == said.fact_id()


def test_a_shops_orders_are_found_by_its_prefix_alone() -> None:
    mine = fact(bill())
    other = replace(mine, order=replace(mine.order, account="corner-shop-2"))
    for each in (mine, other):
        facts_table.append(each)

    found = list(facts_table.orders_of_account("shopify", "corner-shop", 0, 1))
    assert found == [mine.order.text()]


def test_orders_are_found_by_any_key_of_any_of_their_facts() -> None:
    ann = fact(bill(), customer=("email:1", "phone:2"))
    bob = replace(ann, order=replace(ann.order, order_id="bob"), customer=("email:3",))
    for each in (ann, bob):
        facts_table.append(each)

    assert list(facts_table.orders_naming(["phone:2", "email:9"], 0, 1)) == [ann.order.text()]
    assert list(facts_table.orders_naming([], 0, 1)) == []


def test_an_order_and_its_rows_come_back_as_they_were() -> None:
    found = projected(
        fact(
            bill(
                location_id="L#1",
                discounts=(
                    code("A", 300),
                    code(None, 200, kind="till", discount_id="d1", aliases=("name:LUNCH",)),
                ),
                signals=(("payment", at(1)),),
            ),
            customer=("email:1",),
        ),
        fact(refund(1000, back("mug", 1)), object_id="r1"),
    )

    orders_table.put(found.order, found.business_day, 1)
    for row in found.rows():
        redemptions_table.put(row, 1)

    key = found.order.key.text()
    assert orders_table.get(key) == (found.order, found.business_day)
    assert redemptions_table.of_order(key) == {row.item_id(): row for row in found.rows()}


def test_what_was_derived_from_less_never_replaces_what_was_derived_from_more() -> None:
    older = projected(fact(bill(confirmed_at=None), version=1))
    newer = projected(fact(bill(confirmed_at=None), version=1), fact(bill(), version=2))

    assert redemptions_table.put(newer.redemptions[0], 1)
    assert not redemptions_table.put(older.redemptions[0], 9)
    assert orders_table.put(newer.order, newer.business_day, 1)
    assert not orders_table.put(older.order, older.business_day, 9)


def test_under_a_newer_register_the_same_facts_are_derived_again() -> None:
    (redemption,) = projected(fact(bill())).redemptions

    assert redemptions_table.put(redemption, 2)
    assert not redemptions_table.put(redemption, 1)
    assert redemptions_table.put(redemption, 3)
    assert not redemptions_table.take_out(
        redemption.key.text(), redemption.item_id(), redemption.facts_seen, 2
    )


def test_a_days_orders_are_found_by_place() -> None:
    here = projected(fact(bill(location_id="L1"))).order
    there = replace(here, key=replace(here.key, order_id="2"), location_id="L2")
    elsewhere = replace(here, key=replace(here.key, platform="square", order_id="3"))
    day = date(2026, 11, 20)
    for order in (here, there, elsewhere):
        orders_table.put(order, day, 1)

    def found(*place: str) -> set[str]:
        return {order.key.order_id for order, _ in orders_table.of_day(day, *place)}

    assert found() == {"1001", "2", "3"}
    assert found("shopify") == {"1001", "2"}
    assert found("shopify", "corner-shop", "L1") == {"1001"}
    assert not list(orders_table.of_day(date(2026, 11, 21)))


def test_orders_are_found_by_code_alias_and_customer() -> None:
    unmapped = code(None, 5, kind="till", discount_id="d", aliases=("catalog:X",))
    found = projected(fact(bill(discounts=(code("A", 5), unmapped)), customer=("email:1",)))
    for row in found.rows():
        redemptions_table.put(row, 1)

    key = found.order.key
    assert list(redemptions_table.orders_with_code("A")) == [key]
    assert list(redemptions_table.orders_with_alias("shopify", "corner-shop", "catalog:X")) == [key]
    (held,) = redemptions_table.of_customer("email:1", "2026-11-20", "2026-11-21")
    assert held == (key.text(), "redemption#A#000")


def test_a_streams_image_is_the_row_that_was_put(stream_image) -> None:  # type: ignore[no-untyped-def]
    found = projected(fact(bill(), customer=("email:1",)))
    (redemption,) = found.redemptions
    redemptions_table.put(redemption, 7)
    orders_table.put(found.order, found.business_day, 7)

    key = {"pk": {"S": found.order.key.text()}}
    row = stream_image("Redemptions", key | {"sk": {"S": redemption.item_id()}})
    order = stream_image("Orders", key)

    assert redemptions_table.from_image(row) == (redemption, 7)
    assert orders_table.from_image(order) == (found.order, found.business_day)


def test_the_order_was_placed_at_noon() -> None:
    assert isinstance(projected(fact(bill())).order, Order)
    assert projected(fact(bill())).order.placed_at == NOON


def kept_for(customer: tuple[str, ...], order_id: str, minutes: int, *, test: bool = False) -> str:
    said = fact(bill(placed_at=at(minutes), test=test), customer=customer)
    order = fold([replace(said, order=replace(said.order, order_id=order_id))])
    assert order is not None
    orders_table.put(order, date(2026, 11, 20), 1)
    assert orders_table.get(order.key.text()) == (order, date(2026, 11, 20))
    return order.key.text()


def test_a_persons_orders_are_found_newest_first_and_tests_are_not() -> None:
    first = kept_for(("email:1", "phone:1"), "1", 0)
    second = kept_for(("email:1",), "2", 5)
    kept_for(("email:1",), "3", 9, test=True)
    kept_for((), "4", 9)

    assert orders_table.latest_of_customer("email:1", 9) == [(second, at(5)), (first, at(0))]
    assert orders_table.latest_of_customer("email:1", 1) == [(second, at(5))]
    assert orders_table.latest_of_customer("phone:1", 9) == []
