"""What comes of a WooCommerce order over its life, and of its refunds?"""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.registers import Shelf
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_woocommerce import ROOM, SHOP
from vouchsafe.pure.allocation import allocate
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, OrderSaid, RefundSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.redemption import Redemption, derive

READ = ROOM.read_document
assert READ is not None


def told(*stems: str) -> list[Fact]:
    """All facts of these events, webhook or document."""
    return [fact for stem in stems for fact in Event(room=ROOM, stem=stem).heard().facts]


def folded(*stems: str) -> Order:
    order = fold(told(*stems))
    assert order is not None
    return order


def redemptions(*stems: str) -> list[Redemption]:
    return list(derive(folded(*stems), Shelf()).redemptions)


def changed(stem: str, **fields: Any) -> dict[str, Any]:
    return {**json.loads(Event(room=ROOM, stem=stem).body()), **fields}


def read(document: dict[str, Any], shop: Connection = SHOP) -> Fact:
    assert READ is not None
    (fact,) = READ(Document(kind="order", body=json.dumps(document).encode()), shop, IDENTIFY, NOW)
    return fact


def said(document: dict[str, Any], shop: Connection = SHOP) -> OrderSaid:
    body = read(document, shop).body
    assert isinstance(body, OrderSaid)
    return body


# --- status and time


def test_pending_failed_paid_held_and_confirmed_again() -> None:
    life = (
        "order_created.pending",
        "order_updated.failed",
        "order_updated.paid_after_failing",
        "order_updated.on_hold_again",
        "order_updated.confirmed_again",
    )

    states = [[each.state for each in redemptions(*life[: n + 1])] for n in range(5)]

    assert states == [
        ["redeemed"],
        ["rolled_back"],
        ["rolled_back", "confirmed"],
        ["rolled_back", "rolled_back", "redeemed"],
        ["rolled_back", "rolled_back", "confirmed"],
    ]
    assert [each.because for each in folded(*life).past] == ["failed", "reopened"]


def test_the_order_of_arrival_changes_nothing() -> None:
    life = ["order_updated.completed", "order_refunds.in_part", "order_updated.refund_deleted"]

    assert fold(told(*life)) == fold(reversed(told(*life)))


def test_an_unpaid_order_is_never_confirmed() -> None:
    assert folded("order_updated.unpaid_and_cancelled").confirmed_at is None
    assert folded("order_created.cash_on_delivery").stage == "open"
    assert folded("order_created.status_is_enough").stage == "confirmed"


def test_where_status_is_enough_completion_confirms_else_creation() -> None:
    shop = replace(SHOP, options={"status_is_enough": "yes"})
    done = {"status": "completed", "date_completed_gmt": "2026-11-22T09:00:00"}

    waiting = said(changed("order_created.cash_on_delivery"), shop)
    delivered = said(changed("order_created.cash_on_delivery", **done), shop)
    paid = said(changed("order_updated.completed"), shop)

    confirmed = [each.confirmed_at and each.confirmed_at.day for each in (waiting, delivered, paid)]
    assert confirmed == [20, 22, 20]


def test_a_custom_status_is_what_the_connection_says() -> None:
    stages = [
        folded(f"order_updated.{stem}").stage
        for stem in ("shipped", "shipped_counts", "returned_status")
    ]

    assert stages == ["open", "confirmed", "reversed"]


@pytest.mark.parametrize(
    "statuses",
    [
        ["checkout-draft", "pending", "on-hold", "failed", "processing", "shipped", "completed"],
        ["completed", "cancelled", "refunded", "trash"],
    ],
)
def test_in_one_second_the_status_further_along_is_later(statuses: list[str]) -> None:
    versions = [read(changed("order_created.pending", status=each)).version for each in statuses]

    assert versions == sorted(versions)
    assert len(set(versions)) == len(versions)


def test_in_one_second_more_refunded_is_later() -> None:
    refunds = [[], ["-9.99"], ["-9.99", "-100.00"]]
    named = [[{"id": at + 1, "total": total} for at, total in enumerate(r)] for r in refunds]

    versions = [read(changed("order_updated.completed", refunds=each)).version for each in named]

    assert versions == sorted(versions)


def test_a_later_save_is_later_whatever_its_status() -> None:
    early = read(changed("order_updated.completed", date_modified_gmt="2026-11-20T15:00:00"))
    late = read(changed("order_created.pending", date_modified_gmt="2026-11-20T15:00:01"))

    assert early.version < late.version


def test_times_without_an_offset_are_utc() -> None:
    assert read(changed("order_updated.completed")).version.startswith("2026-11-20T15:04:05.000Z")


def test_trashed_and_restored() -> None:
    assert folded("order_updated.completed", "order_trashed").stage == "reversed"

    restored = folded("order_updated.completed", "order_trashed", "order_restored")

    assert (restored.stage, len(restored.past)) == ("confirmed", 1)


def test_deleted_for_good() -> None:
    order = folded("order_updated.completed", "order_gone")

    assert (order.stage, order.reversed_because) == ("reversed", "deleted")


def test_a_part_of_another_order_is_no_use_of_its_own() -> None:
    assert told("order_created.part_of_another", "order_refunds.part_of_another") == []
    assert not Event(room=ROOM, stem="order_updated.refunded_part_of_another").heard().notices
    assert len(redemptions("order_created.part_that_counts")) == 1


# --- coupons


def test_two_coupons_share_each_line_to_the_cent() -> None:
    one, two = said(changed("order_updated.edited_after_payment")).discounts

    assert one.shares == (("91", 180), ("96", 120))
    assert two.shares == (("91", 120), ("96", 80))


LINES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=6)


@given(LINES, st.lists(st.integers(0, 10**6), max_size=4), st.data())
def test_shares_add_up_by_coupon_and_by_line(
    lines: list[tuple[int, int]], cuts: list[int], data: st.DataObject
) -> None:
    taken = sum(off for _, off in lines)
    marks = sorted(cut % (taken + 1) for cut in cuts)
    amounts = [b - a for a, b in zip([0, *marks], [*marks, taken], strict=True)]
    document = changed(
        "order_updated.completed",
        line_items=[_line(at + 1, left + off, left) for at, (left, off) in enumerate(lines)],
        coupon_lines=[
            {"code": f"c{at}", "discount": _major(amount)} for at, amount in enumerate(amounts)
        ],
    )

    order = said(document)

    shares = allocate(order.lines, order.discounts)
    assert [sum(each.values()) for each in shares.values()] == amounts
    for at, (_, off) in enumerate(lines):
        assert sum(each.get(str(at + 1), 0) for each in shares.values()) == off


def _line(item_id: int, before: int, after: int) -> dict[str, Any]:
    return {"id": item_id, "quantity": 1, "subtotal": _major(before), "total": _major(after)}


def _major(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2):.2f}"


def test_a_discount_that_no_line_shows_may_have_fallen_anywhere() -> None:
    lines = [_line(91, 3000, 3000)]

    order = said(changed("order_updated.completed", line_items=lines, total="30.00"))

    assert (order.discounts[0].amount_minor, order.discounts[0].shares) == (300, None)
    assert not order.sums_foot


def test_a_coupon_keeps_its_name_when_a_checkout_is_tried_again() -> None:
    again = changed("order_updated.completed")
    again["coupon_lines"][0] |= {"id": 999, "code": "WELCOME10"}

    assert said(again).discounts[0].discount_id == "coupon:welcome10"
    assert said(again).discounts[0].code_raw == "WELCOME10"


def test_a_coupon_that_stands_twice_makes_two_discounts_of_one_code() -> None:
    twice = changed("order_updated.completed")
    twice["coupon_lines"] *= 2

    names = [each.discount_id for each in said(twice).discounts]

    assert names == ["coupon:welcome10", "coupon2:welcome10"]


@pytest.mark.parametrize(
    ("discount", "minor"),
    [("2.479339", 248), ("2.475", 248), ("2.4749", 247), ("3", 300), ("1e-20", 0)],
)
def test_an_unrounded_discount_is_rounded(discount: str, minor: int) -> None:
    order = changed("order_updated.completed")
    order["coupon_lines"][0]["discount"] = discount

    assert said(order).discounts[0].amount_minor == minor


@pytest.mark.parametrize("discount", ["-3.00", "NaN", "1e400", "9" * 30, "9" * 40, "three", None])
def test_what_is_no_discount_is_named(discount: str | None) -> None:
    order = changed("order_updated.completed")
    order["coupon_lines"][0]["discount"] = discount

    with pytest.raises(Unreadable) as refusal:
        read(order)

    assert refusal.value.path == "coupon_lines[0].discount"


def test_free_shipping_is_an_effect_where_it_was_used() -> None:
    used, unused = changed("order_created.free_shipping"), changed("order_created.free_shipping")
    unused["shipping_lines"][0]["method_id"] = "flat_rate"

    effects = [said(each).discounts[0].in_kind for each in (used, unused)]

    assert effects == [True, False]
    assert [each.no_effect for each in redemptions("order_created.free_shipping")] == [False]
    trap = redemptions("order_created.pending_with_a_zero_coupon")
    assert [each.no_effect for each in trap] == [True]


# --- fees, hands and sums


def test_a_negative_fee_is_an_unmapped_discount() -> None:
    (unmapped,) = derive(folded("order_created.negative_fee"), Shelf()).unmapped

    assert (unmapped.kind, unmapped.discount_minor) == ("manual", 400)
    assert unmapped.aliases == ("name:spring sale",)


def test_a_fee_is_a_tip_only_where_the_connection_says_so() -> None:
    document = changed("order_created.shipping_and_fees")

    assert said(document).tip_minor == 0
    assert folded("order_created.shipping_and_fees").tip_minor == 300


def test_what_staff_took_off_a_line_is_no_coupons_doing() -> None:
    coupon, by_hand = said(changed("order_updated.price_changed_by_hand")).discounts

    assert (coupon.amount_minor, coupon.shares) == (300, (("210", 300),))
    assert (by_hand.kind, by_hand.amount_minor) == ("manual", 500)


def test_a_price_raised_by_hand_is_no_discount() -> None:
    order = said(changed("order_created.no_code", line_items=[_line(1, 3000, 3500)], total="35.00"))

    assert (order.gross_minor, order.discounts, order.sums_foot) == (3500, (), True)


def test_with_tax_sums_may_miss_by_their_rounding_and_no_more() -> None:
    taxed = changed("order_created.prices_with_tax")

    feet = [said({**taxed, "total": total}).sums_foot for total in ("27.00", "26.98", "26.97")]

    assert feet == [True, True, False]
    assert not said(changed("order_updated.completed", total="27.01")).sums_foot


def test_a_cent_of_rounding_is_no_discount_by_hand() -> None:
    taxed = changed("order_created.prices_with_tax")
    taxed["coupon_lines"][0]["discount"] = "2.46"

    assert len(said(taxed).discounts) == 1


# --- people


def test_a_customer_number_is_one_person_in_one_shop_only() -> None:
    guest, member = changed("order_updated.completed"), changed("order_created.no_code")
    member["billing"]["email"] = ""

    (here,) = read(member).customer
    assert here != IDENTIFY("customer", "12")
    assert here == IDENTIFY("customer", "woocommerce/tea-shop/12")
    assert [key.partition(":")[0] for key in read(guest).customer] == ["email"]


def test_a_phone_is_a_person_too() -> None:
    document = changed("order_updated.completed")
    document["billing"]["phone"] = "+1 (513) 555-0100"

    assert IDENTIFY("phone", "+15135550100") in read(document).customer


# --- refunds


def test_a_short_refund_counts_at_once_and_in_full_only_once() -> None:
    short = folded("order_updated.completed", "order_updated.refunded_in_part")
    full = folded(
        "order_updated.completed", "order_updated.refunded_in_part", "order_refunds.in_part"
    )

    assert [(each.refunded_minor, each.estimated) for each in (short, full)] == [
        (1350, True),
        (1350, False),
    ]
    assert full.charged[0].allocation == (("91", 300, 150),)


def test_a_refunded_order_asks_for_its_refunds() -> None:
    heard = Event(room=ROOM, stem="order_updated.refunded_in_part").heard()

    assert [(each.kind, each.object_id) for each in heard.notices] == [("order", "727")]


def test_a_deleted_refund_stands_no_more() -> None:
    order = folded("order_refunds.in_part", "order_updated.refund_deleted")

    assert (order.refunded_minor, order.charged[0].returned_minor) == (0, 0)


def test_a_full_refund_rolls_back_what_was_confirmed() -> None:
    for stem in ("order_updated.refunded_in_full", "order_refunds.in_full"):
        (redemption,) = redemptions(stem)

        assert (redemption.state, redemption.because) == ("rolled_back", "refunded")
        assert redemption.confirmed_at is not None


def test_money_for_a_line_takes_back_its_part_of_the_share() -> None:
    order = folded("order_refunds.money_for_a_line")

    assert order.charged[0].allocation == (("91", 300, 100),)
    assert not order.estimated


@given(st.integers(1, 10**9), st.integers(1, 20), st.data())
def test_money_in_parts_never_takes_more_than_its_part(
    total: int, units: int, data: st.DataObject
) -> None:
    money = data.draw(st.integers(1, total))
    order = changed("order_updated.completed", total=_major(total), coupon_lines=[])
    order["line_items"] = [{**_line(91, total, total), "quantity": units}]
    refund = json.loads(Event(room=ROOM, stem="order_refunds.money_for_a_line").body())
    refund["order"] = order
    refund["refunds"][0]["line_items"][0] |= {"quantity": 0, "total": _major(-money)}

    (line,) = _refunds(refund)[0].lines

    assert (total * line.quantity) // units == money


def _refunds(both: dict[str, Any]) -> list[RefundSaid]:
    assert READ is not None
    document = Document(kind="refunded order", body=json.dumps(both).encode())
    facts = READ(document, SHOP, IDENTIFY, NOW)
    return [fact.body for fact in facts if isinstance(fact.body, RefundSaid)]


def test_refunded_shipping_takes_nothing_of_a_coupon() -> None:
    order = folded("order_refunds.shipping_only")

    assert (order.refunded_minor, order.charged[0].returned_minor) == (490, 0)
    assert order.returned_net_minor == 490


def test_units_that_came_back_are_told_whatever_was_paid_for_them() -> None:
    assert _units_of(quantity=-1, total="-5.00") == [Decimal(1)]


def test_money_beyond_a_line_is_the_whole_line() -> None:
    assert _units_of(quantity=0, total="-30.00") == [Decimal(2)]


def test_a_line_without_units_comes_back_whole() -> None:
    fuel = [{**_line(91, 3000, 2700), "quantity": 0}]

    assert _units_of(quantity=0, total="-27.00", sold=fuel) == [Decimal(1)]


def test_nothing_for_a_line_that_cost_nothing_is_no_unit_of_it() -> None:
    free = [{**_line(91, 3000, 0), "quantity": 2}]

    assert _units_of(quantity=0, total="0.00", sold=free) == [Decimal(0)]


def test_a_sale_line_is_named_by_one_note_among_others() -> None:
    notes = [{"id": 1, "key": "Engraving", "value": "For Test"}]
    notes += [{"id": 2, "key": "_refunded_item_id", "value": 91}, {"id": 3, "key": "_x"}]

    assert _units_of(quantity=-1, total="-13.50", meta_data=notes) == [Decimal(1)]


def _units_of(sold: list[dict[str, Any]] | None = None, **item: Any) -> list[Decimal]:
    both = json.loads(Event(room=ROOM, stem="order_refunds.in_part").body())
    both["order"]["line_items"] = sold or both["order"]["line_items"]
    both["refunds"][0]["line_items"][0] |= item
    return [line.quantity for line in _refunds(both)[0].lines]


def test_a_refunded_fee_is_named() -> None:
    both = json.loads(Event(room=ROOM, stem="order_refunds.in_part").body())
    both["order"]["fee_lines"] = [{"id": 152, "name": "Gift wrap", "total": "2.50"}]
    of = [{"key": "_refunded_item_id", "value": "152"}]
    both["refunds"][0] |= {"line_items": [], "fee_lines": [{"total": "-2.50", "meta_data": of}]}

    (refund,) = _refunds(both)

    assert [(line.line_id, line.quantity) for line in refund.lines] == [("fee:152", Decimal(1))]


def test_a_refund_of_tax_alone_takes_nothing_of_a_coupon() -> None:
    both = json.loads(Event(room=ROOM, stem="order_refunds.money_for_a_line").body())
    both["refunds"][0]["line_items"][0]["total"] = "0.00"

    (refund,) = _refunds(both)

    assert [line.quantity for line in refund.lines] == [0]


def test_a_refund_of_no_line_of_the_order_is_plain_money() -> None:
    both = json.loads(Event(room=ROOM, stem="order_refunds.in_part").body())
    both["refunds"][0]["line_items"][0]["meta_data"] = []

    (refund,) = _refunds(both)

    assert (refund.lines, refund.amount_minor) == ((), 1350)


def test_no_reason_of_a_refund_is_kept() -> None:
    (refund,) = _refunds(json.loads(Event(room=ROOM, stem="order_refunds.in_part").body()))

    assert refund.reason is None


# --- documents that are none


def test_a_shop_that_may_not_read_its_own_order_is_told_so() -> None:
    event = Event(room=ROOM, stem="order_updated.webhook_user_may_not_read")

    with pytest.raises(Unreadable, match="woocommerce_rest_cannot_view"):
        event.heard()


def test_an_order_deleted_before_it_was_sent_is_nothing_new() -> None:
    heard = Event(room=ROOM, stem="order_updated.deleted_before_it_was_sent").heard()

    assert (heard.known, heard.facts, heard.notices) == (True, (), ())


def test_a_currency_that_is_none_is_named() -> None:
    with pytest.raises(Unreadable) as refusal:
        read(changed("order_updated.completed", currency="POINTS"))

    assert refusal.value.path == "currency"


def test_a_delivery_without_a_topic_is_unheard_of() -> None:
    delivery = Event(room=ROOM, stem="order_updated.completed").delivery()

    heard = ROOM.read(replace(delivery, headers={}), SHOP, IDENTIFY)

    assert (heard.event, heard.known, heard.facts) == ("(no topic)", False, ())


def test_a_document_of_another_kind_is_unreadable() -> None:
    assert READ is not None
    with pytest.raises(Unreadable):
        READ(Document(kind="coupon", body=b'{"id":1}'), SHOP, IDENTIFY, NOW)
