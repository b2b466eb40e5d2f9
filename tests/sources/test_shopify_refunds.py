"""Shopify's refunds: alone or within their order, goods or money, under way or at rest."""

import json

import pytest

from tests.sources.shopify_kiln import event, folded, refund_said
from vouchsafe.pure.facts import RefundSaid


def test_a_refund_is_the_same_fact_alone_and_within_its_order() -> None:
    for alone, within in (
        ("refunds_create", "orders_updated.partial_return"),
        ("refunds_create.buyer_in_euro", "orders_updated.buyer_in_euro"),
    ):
        (fact,) = event(alone).heard().facts
        embedded = event(within).heard().facts[1]

        assert fact.fact_id() == embedded.fact_id()
        assert fact.order == embedded.order


def test_one_of_two_mugs_takes_half_of_the_code_back() -> None:
    facts = (*event("orders_paid").heard().facts, *event("refunds_create").heard().facts)

    order = folded(facts)

    assert [each.returned_minor for each in order.charged] == [250]
    assert order.refunded_minor == 2430
    assert not order.estimated


def test_a_refund_of_money_only_is_shared_by_money_and_says_so() -> None:
    facts = (
        *event("orders_paid").heard().facts,
        *event("refunds_create.money_only").heard().facts,
    )

    order = folded(facts)

    assert order.estimated
    assert [each.returned_minor for each in order.charged] == [500 * 486 // 4860]


def test_money_on_its_way_is_superseded_by_money_at_rest() -> None:
    (under_way,) = event("refunds_create.money_under_way").heard().facts
    (failed,) = event("refunds_create.money_failed").heard().facts

    assert refund_said("refunds_create.money_under_way").state == "pending"
    assert refund_said("refunds_create.money_failed").state == "failed"
    assert under_way.object_id == failed.object_id
    assert under_way.version < failed.version


def test_goods_that_came_back_count_whatever_the_money_does() -> None:
    said = refund_said("refunds_create.goods_without_money")

    assert (said.state, said.amount_minor, len(said.lines)) == ("completed", 0, 1)


def test_shipping_given_back_whole_takes_its_share_back() -> None:
    order = folded(event("orders_updated.shipping_back").heard().facts)

    (charge,) = order.charged
    assert charge.allocation == (
        ("11000000000121", 800, 0),
        ("shipping:12000000000003", 100, 100),
    )


def test_a_line_that_an_edit_took_off_is_returned() -> None:
    order = folded(event("orders_updated.edited").heard().facts)

    code, manual = order.charged
    assert (code.amount_minor, code.returned_minor) == (500, 250)
    assert (manual.amount_minor, manual.returned_minor) == (400, 0)


def test_a_refund_in_the_buyers_currency_is_worked_out_in_the_shops() -> None:
    assert refund_said("refunds_create.buyer_in_euro").amount_minor == 2250


def test_goods_are_back_while_their_money_is_under_way() -> None:
    body = json.loads(event("refunds_create").body())
    body["transactions"][0]["status"] = "pending"

    said = refund_said("refunds_create", body)

    assert (said.state, said.amount_minor) == ("completed", 0)


@pytest.mark.parametrize("status", ["pending", "awaiting_response", "unknown"])
def test_money_that_may_still_arrive_is_under_way(status: str) -> None:
    body = json.loads(event("refunds_create.money_only").body())
    body["transactions"][0]["status"] = status

    assert refund_said("refunds_create.money_only", body).state == "pending"


def test_only_money_that_goes_out_is_counted() -> None:
    body = json.loads(event("refunds_create").body())
    body["transactions"].append({**body["transactions"][0], "kind": "change", "amount": "1.00"})

    assert refund_said("refunds_create", body).amount_minor == 2430


def test_a_line_of_no_units_is_no_return() -> None:
    body = json.loads(event("refunds_create").body())
    body["refund_line_items"][0]["quantity"] = 0

    assert refund_said("refunds_create", body).lines == ()


def test_a_part_of_the_shipping_given_back_is_money_and_no_line() -> None:
    body = json.loads(event("orders_updated.shipping_back").body())
    back = body["refunds"][0]["refund_shipping_lines"][0]
    back["subtotal_amount_set"]["shop_money"]["amount"] = "3.99"

    facts = event("orders_updated.shipping_back").heard(json.dumps(body).encode()).facts

    assert isinstance(facts[1].body, RefundSaid)
    assert facts[1].body.lines == ()


@pytest.mark.parametrize(("adjusted", "money"), [("-2.50", 2500), ("2.50", 2000), ("99.00", 0)])
def test_adjustments_count_where_money_is_worked_out(adjusted: str, money: int) -> None:
    body = json.loads(event("refunds_create.buyer_in_euro").body())
    body["order_adjustments"] = [{"amount": adjusted, "tax_amount": "0.00"}]

    assert refund_said("refunds_create.buyer_in_euro", body).amount_minor == money


def test_what_an_edit_brings_is_charged_beside_what_was_sold() -> None:
    body = json.loads(event("orders_updated.edited").body())
    sold = body | {"updated_at": "2026-11-20T10:01:02-05:00", "refunds": []}
    sold["line_items"] = body["line_items"][:1]
    sold["discount_applications"] = body["discount_applications"][:1]
    before = event("orders_updated.edited").heard(json.dumps(sold).encode()).facts

    order = folded([*before, *event("orders_updated.edited").heard().facts])

    assert [
        (each.discount_id, each.amount_minor, each.returned_minor) for each in order.charged
    ] == [
        ("code:WELCOME10", 500, 250),
        ("manual:Sorry for the wait", 400, 0),
    ]
