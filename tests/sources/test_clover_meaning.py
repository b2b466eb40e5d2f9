"""What a bill of Clover comes to in the ledger: states, shares, and what a return takes back."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from functions.sources.clover.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_clover import CONNECTION, ROOM
from vouchsafe.pure.facts import Fact, OrderSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import Order, fold

Plain = dict[str, Any]
MINUTE = 60_000


def facts(*documents: Plain) -> list[Fact]:
    return [
        fact
        for each in documents
        for fact in read_document(
            Document(kind="order", body=json.dumps(each).encode()), CONNECTION, IDENTIFY, NOW
        )
    ]


def folded(*documents: Plain) -> Order:
    order = fold(facts(*documents))
    assert order is not None
    assert order == fold(reversed(facts(*documents, *documents)))
    return order


def of(stem: str, **changed: Any) -> Plain:
    order: Plain = json.loads(Event(room=ROOM, stem=stem).document().body)
    return order | changed


def taken(order: Order) -> list[tuple[int, int]]:
    return [(each.amount_minor, each.returned_minor) for each in order.charged]


def paid(at: int = 0, **changed: Any) -> Plain:
    """The sheet's paid order, changed so many minutes later."""
    order = of("order.confirmed")
    return order | {"modifiedTime": order["modifiedTime"] + at * MINUTE} | changed


def with_payment(order: Plain, **changed: Any) -> Plain:
    (payment,) = order["payments"]["elements"]
    return order | {"payments": {"elements": [payment | changed]}}


@pytest.mark.parametrize(
    ("stem", "stage"),
    [
        ("order.confirmed", "confirmed"),
        ("order.two_tenders", "confirmed"),
        ("order.declined_then_paid", "confirmed"),
        ("order.voided_and_paid_anew", "confirmed"),
        ("order.zero_total", "confirmed"),
        ("order.zero_total_locked", "confirmed"),
        ("order.manual_transaction", "confirmed"),
        ("order.partial_return", "confirmed"),
        ("order.refund_by_amount", "confirmed"),
        ("order.refund_of_the_tip", "confirmed"),
        ("order.refund_under_way", "confirmed"),
        ("order.refund_failed_and_voided", "confirmed"),
        ("order.credit_taken_back", "confirmed"),
        ("order.refunded_line_names_its_refund", "confirmed"),
        ("order.open", "open"),
        ("order.open_taxed", "open"),
        ("order.hidden", "open"),
        ("order.authorized", "open"),
        ("order.partially_paid", "open"),
        ("order.reopened", "open"),
        ("order.one_of_two_tenders_voided", "open"),
        ("order.total_not_written", "open"),
        ("order.zero_total_open", "open"),
        ("order.zero_total_wants_payment", "open"),
        ("order.manual_refund", "open"),
        ("order.voided", "reversed"),
        ("order.voided_among_voids", "reversed"),
        ("order.void_names_its_payment", "reversed"),
        ("order.void_under_way", "reversed"),
        ("order.full_return", "reversed"),
        ("order.credited", "reversed"),
        ("order.deleted", "reversed"),
    ],
)
def test_a_document_alone_says_how_its_order_stands(stem: str, stage: str) -> None:
    order = fold(Event(room=ROOM, stem=stem).heard().facts)

    assert order is not None
    assert order.stage == stage
    assert order.signals == () or order.confirmed_at is not None


def test_a_returned_unit_takes_back_its_frozen_share() -> None:
    order = folded(of("order.confirmed"), of("order.partial_return"))

    assert taken(order) == [(250, 125)]
    assert order.refunded_minor == 1215
    assert order.returned_net_minor == 1125
    assert not order.estimated


def test_the_rest_of_the_return_takes_back_the_rest() -> None:
    second = of("order.partial_return", modifiedTime=1795200405000, paymentState="REFUNDED")
    (first,) = second["refunds"]["elements"]
    rest = first | {"id": "REFTEST000002", "createdTime": 1795200400000}
    rest["lineItems"] = {"elements": [{"id": "LITEST0000001"}]}
    second["refunds"] = {"elements": [first, rest]}

    order = folded(of("order.confirmed"), of("order.partial_return"), second)

    assert order.stage == "reversed"
    assert order.reversed_because == "refunded in full"
    assert taken(order) == [(250, 250)]
    assert order.past == ()


def test_a_refund_by_amount_takes_back_in_proportion() -> None:
    order = folded(of("order.refund_by_amount"))

    assert order.estimated
    assert taken(order) == [(250, 250 * 500 // 2430)]


def test_a_refund_of_the_tip_takes_back_no_goods() -> None:
    order = folded(of("order.refund_of_the_tip"))

    assert taken(order) == [(250, 0)]
    assert order.refunded_minor == 0


@pytest.mark.parametrize(
    "stem", ["order.refund_under_way", "order.refund_failed_and_voided", "order.credit_taken_back"]
)
def test_what_was_not_given_back_takes_back_nothing(stem: str) -> None:
    assert taken(folded(of(stem))) == [(250, 0)]


def test_a_refund_that_goes_through_counts_from_then_on() -> None:
    pending = of("order.refund_under_way")
    (refund,) = pending["refunds"]["elements"]
    done = pending | {"refunds": {"elements": [refund | {"status": "SUCCESS"}]}}
    voided = pending | {"refunds": {"elements": [refund | {"status": "VOIDED"}]}}

    assert taken(folded(pending, done)) == [(250, 125)]
    assert taken(folded(pending, done, voided)) == [(250, 0)]


@pytest.mark.parametrize(
    "stem", ["order.refund_names_no_line", "order.refunded_line_names_its_refund"]
)
def test_a_line_that_came_back_is_known_by_itself(stem: str) -> None:
    order = folded(of(stem))

    assert taken(order) == [(250, 125)]
    assert not order.estimated


def test_two_refunds_that_name_nothing_are_not_guessed() -> None:
    order = folded(of("order.refunds_name_no_lines"))

    assert order.estimated
    assert taken(order) == [(250, 250 * 1415 // 2430)]


def test_a_void_of_the_same_day_rolls_the_order_back_once() -> None:
    voided = with_payment(
        paid(20, paymentState="OPEN", state="open"), result="VOIDED", modifiedTime=1795188000000
    )

    order = folded(paid(), voided)

    assert order.stage == "reversed"
    assert order.reversed_because == "payment voided"
    assert taken(order) == [(250, 250)]
    assert order.past == ()


def test_a_void_that_leaves_the_orders_own_time_is_seen() -> None:
    voided = with_payment(
        paid(paymentState="OPEN", state="open"), result="VOIDED", modifiedTime=1795188000000
    )

    assert folded(paid(), voided).stage == "reversed"


def test_a_void_that_moves_no_time_at_all_is_seen_by_the_payment() -> None:
    voided = with_payment(paid(), result="VOIDED")

    payments = {fact.version for fact in facts(paid(), voided) if fact.kind == "payment"}

    assert len(payments) == 2
    assert max(payments).endswith(" 5")


def test_a_bill_that_is_opened_and_closed_again_is_a_redemption_of_its_own() -> None:
    lines = of("order.reopened")["lineItems"]
    reopened = paid(10, paymentState="PARTIALLY_PAID", state="open", total=2899, lineItems=lines)
    first, second = of("order.closed_again")["payments"]["elements"]
    closed = reopened | {
        "paymentState": "PAID",
        "modifiedTime": reopened["modifiedTime"] + MINUTE,
        "payments": {"elements": [first | {"id": "PAYTEST000001"}, second]},
    }

    open_again = folded(paid(), reopened)
    order = folded(paid(), reopened, closed)

    assert open_again.stage == "open"
    assert [each.because for each in open_again.past] == ["reopened"]
    assert order.stage == "confirmed"
    assert order.confirmed_at is not None
    assert taken(order) == [(298, 0)]


def test_a_voided_bill_that_is_paid_anew_is_a_redemption_of_its_own() -> None:
    voided = with_payment(
        paid(20, paymentState="OPEN", state="open"), result="VOIDED", modifiedTime=1795188000000
    )
    (old,) = voided["payments"]["elements"]
    new = old | {"id": "PAYTEST000009", "result": "SUCCESS", "createdTime": 1795189000000}
    anew = paid(40, payments={"elements": [old, new]})

    order = folded(paid(), voided, anew)

    assert order.stage == "confirmed"
    assert [each.because for each in order.past] == ["payment voided"]


def test_a_discount_that_is_taken_off_before_payment_is_not_forgotten() -> None:
    before = of("order.open")
    after = before | {"discounts": {"elements": []}, "total": 2500}
    after["modifiedTime"] = before["modifiedTime"] + MINUTE

    order = folded(before, after)

    assert [(each.name, each.removed, each.amount_minor) for each in order.charged] == [
        ("WELCOME10", True, 250)
    ]


def test_an_order_that_is_gone_is_off() -> None:
    order = of("order.open")
    gone = read_document(
        Document(kind="gone", body=json.dumps({"id": order["id"]}).encode()),
        CONNECTION,
        IDENTIFY,
        NOW,
    )

    found = fold([*facts(order), *gone])

    assert found is not None
    assert (found.stage, found.reversed_because) == ("reversed", "deleted")


def test_money_of_a_manual_refund_is_kept_without_goods() -> None:
    order = folded(of("order.manual_refund"))

    assert (order.gross_minor, order.total_minor, order.refunded_minor) == (0, 0, 1500)
    assert order.lines == ()


def test_the_total_that_an_application_lowered_by_a_return_stays_the_sales() -> None:
    order = folded(of("order.refunded_line_names_its_refund"))

    assert order.total_minor == 2430
    assert order.sums_foot
    assert order.stage == "confirmed"


def test_a_stale_total_yields_to_bill_and_payments() -> None:
    order = folded(of("order.stale_total"))

    assert order.total_minor == 2430
    assert not order.sums_foot


# --- the till's arithmetic


def amounts(order: Plain) -> list[int]:
    (fact, *_) = facts(order)
    assert isinstance(fact.body, OrderSaid)
    assert fact.body.sums_foot
    return [each.amount_minor for each in fact.body.discounts]


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("order.percents_of_the_whole", [167, 333, 725, 242]),
        ("order.half_a_percent", [126]),
        ("order.amounts_before_percents", [200, 300, 100, 111]),
        ("order.more_than_there_is", [0, 300, 500, 0]),
        ("order.modifications", [115]),
        ("order.by_measure", [107]),
        ("order.fee_and_service_charge", [200]),
        ("order.dinar", [1235]),
        ("order.zero_total", [400]),
    ],
)
def test_a_percentage_is_counted_as_the_till_counts_it(stem: str, expected: list[int]) -> None:
    assert amounts(of(stem)) == expected


def test_a_cash_price_lowers_the_goods_and_is_no_discount() -> None:
    order = folded(of("order.cash_discount"))

    assert [each.name for each in order.charged] == ["TENOFF", "LUNCH10"]
    assert [each.gross_minor for each in order.lines] == [1883, 288]
    assert order.net_minor == order.total_minor == 1049


def test_one_promotion_on_several_lines_is_one_discount() -> None:
    order = folded(of("order.one_promotion_on_two_lines"))

    assert [(each.name, each.amount_minor, len(each.allocation)) for each in order.charged] == [
        ("BRUNCH20", 160, 2),
        ("Brunch20", 15, 2),
        ("BRUNCH20", 20, 3),
    ]


def test_discounts_that_nothing_names_stay_apart() -> None:
    assert taken(folded(of("order.unnamed_discount"))) == [(100, 0), (50, 0)]


def test_no_discount_falls_on_a_fee() -> None:
    order = folded(of("order.fee_and_service_charge"))

    (charge,) = order.charged
    assert charge.allocation == (("LITEST0006001", 200, 0),)


@pytest.mark.parametrize("price", range(1, 200, 7))
def test_shares_of_a_percentage_add_up_to_it(price: int) -> None:
    lines = [
        {"id": f"LINE{at}", "price": price + at * 3, "createdTime": 1795186501000}
        for at in range(7)
    ]
    order = of("order.open", lineItems={"elements": lines}, total=None)

    (charge,) = folded(order).charged

    whole = sum(price + at * 3 for at in range(7))
    assert charge.amount_minor == (whole * 10 + 50) // 100
    assert sum(share for _, share, _ in charge.allocation) == charge.amount_minor


def versions(told: Iterable[Fact]) -> set[str]:
    return {fact.version for fact in told if fact.kind == "order"}


def test_a_later_version_is_a_greater_text() -> None:
    early, late = versions(facts(paid())), versions(facts(paid(1)))

    assert max(early) < min(late)
