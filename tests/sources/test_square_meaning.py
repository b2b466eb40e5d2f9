"""What is true of an order once Square's facts of it are folded, in whatever order they came."""

import json
from dataclasses import replace
from itertools import permutations

import pytest

from functions.sources.square.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_square import ROOM
from vouchsafe.pure import instant
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, PaymentSaid, RefundSaid
from vouchsafe.pure.order import Charged, Order, fold

AT = instant.parse


def told(*stems: str, of: str = "ORDtest0001") -> list[Fact]:
    heard = [Event(room=ROOM, stem=stem).heard() for stem in stems]
    return [fact for each in heard for fact in each.facts if fact.order.order_id == of]


def folded(*stems: str, of: str = "ORDtest0001") -> Order:
    """The order, which must not depend on the order in which its facts came."""
    facts = told(*stems, of=of)
    orders = [fold(each) for each in permutations(facts)]
    assert orders[0] is not None
    assert all(each == orders[0] for each in orders)
    return orders[0]


def only(order: Order) -> Charged:
    (charged,) = (each for each in order.charged if not each.removed)
    return charged


def test_a_completed_order_is_confirmed_when_it_closed() -> None:
    order = folded("order.open", "order.confirmed")

    assert (order.stage, order.confirmed_at) == ("confirmed", AT("2026-11-20T15:04:04.700Z"))
    assert dict(order.signals)["final_bill"] == order.confirmed_at


@pytest.mark.parametrize("stem", ["order.open", "order.draft"])
def test_an_unpaid_order_is_open(stem: str) -> None:
    assert folded(stem).stage == "open"


def test_an_open_order_is_confirmed_by_its_payment() -> None:
    order = folded("order.open_paid", "payment.listed", of="ORDtest0004")

    assert folded("order.open_paid", of="ORDtest0004").stage == "open"
    assert (order.stage, order.confirmed_at) == ("confirmed", AT("2026-11-20T15:04:02.000Z"))


def test_an_authorised_payment_confirms_nothing() -> None:
    assert folded("order.open", "payment_created").stage == "open"


def test_a_cancelled_payment_takes_the_order_off() -> None:
    order = folded("order.open", "payment_created", "payment_updated.cancelled")

    assert (order.stage, order.reversed_because) == ("reversed", "payment failed")
    assert order.reversed_at == AT("2026-11-20T15:30:00.000Z")


def test_a_failed_card_before_a_good_one_is_forgiven() -> None:
    order = folded("order.open", "payment_updated.failed", "payment_updated")

    assert order.stage == "confirmed"


def test_a_refund_does_not_move_the_instant_of_payment() -> None:
    order = folded("order.open", "payment_updated", "payment_updated.after_refund")

    assert order.confirmed_at == AT("2026-11-20T15:04:03.500Z")


def test_a_tip_is_paid_with_the_order() -> None:
    order = folded(
        "order.tip_and_service_charge", "payment_updated.cash_with_tip", of="ORDtest0006"
    )

    assert (order.total_minor, order.tip_minor, order.tax_minor) == (2272, 300, 72)
    assert "payment" in dict(order.signals)


def test_nothing_to_pay_is_paid_when_it_closed() -> None:
    order = folded("order.zero_total", of="ORDtest0003")

    assert order.stage == "confirmed"
    assert dict(order.signals)["payment"] == AT("2026-11-20T16:00:03.000Z")


def test_a_cancelled_order_is_off() -> None:
    order = folded("order.cancelled", of="ORDtest0005")

    assert (order.stage, order.reversed_because) == ("reversed", "cancelled")
    assert order.reversed_at == AT("2026-11-20T15:09:59.000Z")


def test_a_discount_that_was_taken_off_again_is_kept_as_removed() -> None:
    order = folded("order.open", "order.edited")

    assert only(order).name == "TENPENCE"
    assert [each.name for each in order.charged if each.removed] == ["WELCOME10"]


def test_a_partial_return_takes_back_squares_own_share() -> None:
    order = folded("order.confirmed", "order.partial_return_pending", "order.partial_return")

    assert (only(order).amount_minor, only(order).returned_minor) == (100, 50)
    assert (order.refunded_minor, order.estimated) == (486, False)
    assert order.returned_at == AT("2026-11-20T18:30:00.000Z")


@pytest.mark.parametrize("stem", ["order.partial_return_pending", "order.return_one_tender_known"])
def test_a_return_whose_money_is_not_back_counts_nothing(stem: str) -> None:
    order = folded("order.confirmed", stem)

    assert (only(order).returned_minor, order.refunded_minor) == (0, 0)


def test_a_refund_that_was_rejected_after_all_counts_nothing() -> None:
    order = folded(
        "order.confirmed", "order.partial_return_pending", "order.partial_return_rejected"
    )

    assert (only(order).returned_minor, order.refunded_minor) == (0, 0)


@pytest.mark.parametrize("stem", ["order.full_return", "order.return_to_two_tenders"])
def test_all_back_is_reversed(stem: str) -> None:
    order = folded("order.confirmed", stem)

    assert (order.stage, order.reversed_because) == ("reversed", "refunded in full")
    assert only(order).returned_minor == 100


def test_an_order_document_after_the_refund_does_not_undo_it() -> None:
    later = "order.confirmed"
    for facts in permutations(told(later, "order.full_return", "order.open")):
        order = fold(facts)
        assert order is not None
        assert order.stage == "reversed"


def test_a_custom_amount_is_taken_in_proportion_and_estimated() -> None:
    order = folded("order.confirmed", "order.custom_amount_return")

    assert (only(order).returned_minor, order.estimated) == (50, True)


def test_a_return_that_names_no_sale_is_its_payments() -> None:
    assert only(folded("order.confirmed", "order.return_without_source")).returned_minor == 50


@pytest.mark.parametrize(
    "stem",
    [
        "order.return_with_untold_shares",
        "order.return_of_a_nameless_discount",
        "order.return_before_the_refunds_api",
    ],
)
def test_a_return_that_tells_little_is_still_taken_by_units(stem: str) -> None:
    order = folded("order.confirmed", stem)

    assert (only(order).returned_minor, order.estimated) == (50, False)


def test_what_square_does_not_tell_is_told_from_nothing() -> None:
    def shares(stem: str, of: str) -> list[object]:
        (fact,) = told(stem, of=of)
        assert isinstance(fact.body, RefundSaid)
        return [each.shares for each in fact.body.lines]

    assert shares("order.return_with_untold_shares", "ORDtest0001") == [None]
    assert shares("order.return_of_a_nameless_discount", "ORDtest0001") == [None]
    assert shares("order.return_of_a_line_without_discount", "ORDtest0012") == [
        (("disc-1", 200),),
        (),
    ]


def test_a_free_order_that_came_back_is_reversed() -> None:
    order = folded("order.zero_total", "order.return_of_nothing_paid", of="ORDtest0003")

    assert order.stage == "reversed"


def test_an_exchange_is_a_return_and_a_sale() -> None:
    returned = folded("order.confirmed", "order.exchange")
    sold = folded("order.exchange", of="ORDexchange0001")

    assert (only(returned).returned_minor, returned.refunded_minor) == (50, 496)
    assert (sold.stage, only(sold).amount_minor, sold.total_minor) == ("confirmed", 45, 405)


def test_an_even_exchange_counts_when_it_closed() -> None:
    swapped = folded("order.confirmed", "order.even_exchange_open", "order.even_exchange")
    open_yet = folded("order.confirmed", "order.even_exchange_open")

    assert (swapped.stage, swapped.refunded_minor) == ("reversed", 972)
    assert (open_yet.stage, open_yet.refunded_minor) == ("confirmed", 0)


def test_a_refund_that_failed_is_no_money_back() -> None:
    order = folded("order.confirmed", "order.return_to_one_of_two_tenders")

    assert (order.stage, order.refunded_minor) == ("confirmed", 500)
    assert only(order).returned_minor == 100


def test_a_return_of_two_sales_takes_from_each_its_own() -> None:
    first = folded("order.confirmed", "order.return_of_two_sales")
    second = folded("order.reward_and_metadata_code", "order.return_of_two_sales", of="ORDtest0002")

    assert first.refunded_minor == 486
    assert second.refunded_minor == 1800
    assert {each.name: each.returned_minor for each in second.charged}["Promo"] == 200


def test_a_return_is_no_order_of_its_own() -> None:
    heard = Event(room=ROOM, stem="order.partial_return").heard()

    assert [fact.kind for fact in heard.facts] == ["refund"]


def test_a_return_is_named_by_its_return_order() -> None:
    (fact,) = told("order.partial_return")

    assert fact.object_id == "ORDreturn0001"


def test_a_payment_without_its_total_has_its_tip_in_it() -> None:
    (fact,) = told("payment.without_total", of="ORDtest0013")

    assert isinstance(fact.body, PaymentSaid)
    assert (fact.body.amount_minor, fact.body.tip_minor) == (5567, 567)


def test_versions_rise_with_the_orders_writes() -> None:
    stems = (
        "order.without_version",
        "order.draft",
        "order.open",
        "order.edited",
        "order.confirmed",
    )
    versions = [Event(room=ROOM, stem=stem).heard().facts[0].version for stem in stems]

    assert versions == sorted(versions)


def test_a_return_rises_with_its_order_and_with_its_refunds() -> None:
    stems = (
        "order.partial_return_pending",
        "order.partial_return",
        "order.partial_return_rejected",
    )
    versions = [Event(room=ROOM, stem=stem).heard().facts[0].version for stem in stems]

    assert versions == sorted(versions)
    assert len(set(versions)) == 3


def test_a_return_rises_when_its_refunds_become_known() -> None:
    document = Event(room=ROOM, stem="order.return_before_the_refunds_api").document()
    unknown = {**json.loads(document.body), "refunds": []}
    before = replace(document, body=json.dumps(unknown).encode())

    (first,) = read_document(before, ROOM.connection, IDENTIFY, NOW)
    (second,) = read_document(document, ROOM.connection, IDENTIFY, NOW)

    assert first.version < second.version


def test_a_payment_rises_with_its_updates() -> None:
    stems = ("payment_created", "payment_updated", "payment_updated.after_refund")
    versions = [Event(room=ROOM, stem=stem).heard().facts[0].version for stem in stems]

    assert versions == sorted(versions)
    assert len(set(versions)) == 3


@pytest.mark.parametrize(
    ("stem", "path"),
    [
        ("order.unreadable_total", "order.total_money"),
        ("order.unreadable_currency", "order.discounts[0].applied_money.currency"),
        ("order.unreadable_unknown_currency", "order.total_money.currency"),
        ("order.unreadable_negative_discount", "order.discounts[0].applied_money.amount"),
        ("order.unreadable_return", "order.returns[0].return_amounts.total_money"),
    ],
)
def test_what_cannot_be_right_is_named(stem: str, path: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        Event(room=ROOM, stem=stem).heard()

    assert refusal.value.path == path


def test_the_channel_is_where_the_order_was_made() -> None:
    assert folded("order.without_discount", of="ORDtest0018").channel == "Example ordering app"


def test_staff_is_who_took_the_payment() -> None:
    assert folded("order.open", "payment_updated").staff == "TMtest0001"


def test_lines_that_are_no_items_say_so() -> None:
    lines = folded("order.euro_measured", of="ORDtest0013").lines

    assert [each.category for each in lines] == [None, "gift_card"]
    assert str(lines[0].quantity.normalize()) == "1.705"


def test_a_document_against_its_own_totals_is_marked() -> None:
    assert not folded("order.sums_do_not_foot", of="ORDtest0015").sums_foot
    assert folded("order.confirmed").sums_foot
