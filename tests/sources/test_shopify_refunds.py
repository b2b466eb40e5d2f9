"""Shopify's refunds: alone or within their order, goods or money, under way or at rest."""

from tests.sources.shopify_kiln import event, folded, refund_said


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
