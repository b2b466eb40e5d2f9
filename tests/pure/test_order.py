"""Do facts fold to one order, whatever their order, repetition and road?"""

import random
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.pure.saying import KEY, NOON, at, back, bill, code, fact, histories, refund
from vouchsafe.pure import codec
from vouchsafe.pure.facts import Fact, Line, OrderKey, OrderSaid, PaymentSaid
from vouchsafe.pure.order import Order, fold


def folded(*facts: Fact) -> Order:
    order = fold(facts)
    assert order is not None
    return order


@given(histories(), st.integers())
def test_any_order_and_repetition_folds_to_one_order(facts: list[Fact], seed: int) -> None:
    shuffled = facts * 2
    random.Random(seed).shuffle(shuffled)

    assert fold(shuffled) == fold(facts)


@given(histories())
def test_shares_add_up_to_the_discount_and_returns_stay_within(facts: list[Fact]) -> None:
    order = fold(facts)

    for charge in order.charged if order else ():
        assert sum(share for _, share, _ in charge.allocation) == charge.amount_minor
        assert all(0 <= taken <= share for _, share, taken in charge.allocation)
        assert 0 <= charge.returned_minor <= charge.amount_minor


@given(histories())
def test_an_order_survives_its_stored_form(facts: list[Fact]) -> None:
    order = fold(facts)

    if order is not None:
        assert codec.loads(Order, codec.dumps(order)) == order


@given(histories())
def test_facts_survive_their_stored_form_with_their_names(facts: list[Fact]) -> None:
    for each in facts:
        body = codec.loads(type(each.body), codec.dumps(each.body))
        assert replace(each, body=body).fact_id() == each.fact_id()


@given(histories(), histories())
def test_what_was_seen_never_shrinks(some: list[Fact], more: list[Fact]) -> None:
    fewer, all_of_them = fold(some), fold(some + more)

    if fewer is not None and all_of_them is not None:
        assert all_of_them.facts_seen >= fewer.facts_seen


def test_a_refund_without_its_order_waits() -> None:
    assert fold([fact(refund(100), object_id="r1")]) is None


def test_the_newest_version_stands() -> None:
    paid, pending = fact(bill(), version=2), fact(bill(confirmed_at=None), version=1)

    assert folded(paid, pending).stage == "confirmed"


def test_a_mended_reader_supersedes_the_reading_of_the_same_version() -> None:
    wrong, right = bill(discounts=()), bill()

    order = folded(fact(wrong, reader=1), fact(right, reader=2))

    assert [each.code_raw for each in order.charged] == ["WELCOME10"]


def test_a_mended_reader_supersedes_what_it_no_longer_sees_in_the_same_bytes() -> None:
    ghost = fact(refund(4860), object_id="ghost", source_digest="same", reader=1)

    order = folded(fact(bill(), source_digest="same", reader=2), ghost)

    assert order.stage == "confirmed"


def test_a_return_takes_back_exactly_its_units_share() -> None:
    order = folded(fact(bill()), fact(refund(2430, back("mug", 1)), object_id="r1"))

    assert order.charged[0].allocation == (("mug", 500, 250),)
    assert (order.stage, order.returned_net_minor) == ("confirmed", 2250)


@given(st.integers(1, 10**5), st.integers(1, 12))
def test_returning_every_unit_one_by_one_takes_back_the_whole_share(share: int, units: int) -> None:
    said = bill(
        total_minor=10**7,
        lines=(Line(line_id="mug", quantity=Decimal(units), gross_minor=10**7),),
        discounts=(code("X", share, shares=(("mug", share),)),),
    )
    refunds = [fact(refund(1, back("mug", 1)), object_id=f"r{n}") for n in range(units)]

    assert folded(fact(said), *refunds).charged[0].returned_minor == share


def test_a_platform_that_spreads_anew_after_a_return_changes_no_share() -> None:
    spread = bill(
        updated_at=at(61),
        discounts=(code("WELCOME10", 500, shares=(("mug", 1),)),),
    )

    order = folded(
        fact(bill(), version=1),
        fact(spread, version=2),
        fact(refund(2430, back("mug", 1), minutes=60), object_id="r1"),
    )

    assert order.charged[0].allocation == (("mug", 500, 250),)


def test_a_pending_or_failed_refund_takes_nothing_back() -> None:
    waiting = fact(refund(2430, back("mug", 1), state="pending"), object_id="r1")
    failed = fact(refund(2430, back("mug", 1), state="failed"), object_id="r2")

    assert folded(fact(bill()), waiting, failed).charged[0].returned_minor == 0


def test_plain_money_back_is_an_estimate_and_says_so() -> None:
    order = folded(fact(bill()), fact(refund(2430), object_id="r1"))

    assert (order.charged[0].returned_minor, order.estimated) == (250, True)


def test_all_the_money_back_reverses_the_order() -> None:
    order = folded(fact(bill()), fact(refund(4860), object_id="r1"))

    assert (order.stage, order.reversed_because) == ("reversed", "refunded in full")
    assert order.charged[0].returned_minor == 500


def test_an_order_that_cost_nothing_is_reversed_by_its_units() -> None:
    free = bill(total_minor=0, discounts=(code("FREE", 5000, shares=(("mug", 5000),)),))

    one = folded(fact(free), fact(refund(0, back("mug", 1)), object_id="r1"))
    both = folded(fact(free), fact(refund(0, back("mug", 2)), object_id="r1"))

    assert (one.stage, both.stage) == ("confirmed", "reversed")


def test_payments_in_full_confirm_an_open_order() -> None:
    paid = PaymentSaid(currency="USD", state="completed", paid_at=at(3), amount_minor=4860)

    order = folded(fact(bill(confirmed_at=None)), fact(paid, object_id="p1"))

    assert (order.stage, order.confirmed_at) == ("confirmed", at(3))
    assert dict(order.signals)["payment"] == at(3)


def test_a_part_payment_confirms_nothing() -> None:
    paid = PaymentSaid(currency="USD", state="completed", paid_at=at(3), amount_minor=4859)

    assert folded(fact(bill(confirmed_at=None)), fact(paid, object_id="p1")).stage == "open"


def test_failed_payments_reverse_an_order_that_costs_something() -> None:
    failed = PaymentSaid(currency="USD", state="failed", paid_at=at(3), amount_minor=4860)

    assert folded(fact(bill()), fact(failed, object_id="p1")).stage == "reversed"


def test_a_reopened_check_ends_one_generation_and_begins_another() -> None:
    order = folded(
        fact(bill(), version=1),
        fact(bill(confirmed_at=None, updated_at=at(5)), version=2),
        fact(bill(updated_at=at(9), confirmed_at=at(9)), version=3),
    )

    assert [(each.because, each.ended_at) for each in order.past] == [("reopened", at(5))]
    assert order.confirmed_at == at(9)


def test_a_failed_order_that_is_paid_after_all_lives_again() -> None:
    failed = bill(confirmed_at=None, reversed_at=at(1), reversed_because="failed")

    order = folded(fact(failed, version=1), fact(bill(updated_at=at(2)), version=2))

    assert order.stage == "confirmed"
    assert [each.because for each in order.past] == ["failed"]


def test_a_code_that_left_the_order_is_kept_as_removed() -> None:
    order = folded(fact(bill(), version=1), fact(bill(discounts=()), version=2))

    assert [(each.code_raw, each.removed) for each in order.charged] == [("WELCOME10", True)]


def test_an_untold_allocation_falls_on_what_earlier_discounts_left() -> None:
    said = bill(
        lines=(
            Line(line_id="a", quantity=Decimal(1), gross_minor=1000),
            Line(line_id="b", quantity=Decimal(1), gross_minor=1000),
        ),
        discounts=(code("TOLD", 1000, shares=(("a", 1000),)), code("UNTOLD", 300)),
    )

    assert folded(fact(said)).charged[1].allocation == (("b", 300, 0),)


def test_a_bill_without_lines_still_holds_its_discount() -> None:
    said = bill(lines=(), discounts=(code("X", 300),))

    assert folded(fact(said)).charged[0].allocation == (("", 300, 0),)


def test_identity_comes_from_every_fact_strongest_first() -> None:
    order = folded(
        fact(bill(), customer=("customer:1",)),
        fact(refund(1), object_id="r", customer=("email:2",)),
    )

    assert order.customer == ("email:2", "customer:1")


def test_no_two_orders_share_a_key() -> None:
    one = OrderKey(platform="square", account="a#b", order_id="c")
    other = OrderKey(platform="square", account="a", order_id="b#c")

    assert one.text() != other.text()
    assert OrderKey.of(one.text()) == one


def test_when_and_by_which_road_a_fact_came_does_not_name_it() -> None:
    one = fact(bill())

    assert replace(one, received_at=at(9), source_digest="else").fact_id() == one.fact_id()
    assert replace(one, reader=2).fact_id() != one.fact_id()


def test_the_order_is_of_the_facts_order() -> None:
    assert folded(fact(bill())).key == KEY
    assert isinstance(bill(), OrderSaid)
    assert folded(fact(bill())).placed_at == NOON


def test_a_removed_code_in_two_spellings_is_taken_back_once() -> None:
    order = folded(
        fact(bill(discounts=(code("SAVE-5", 500),)), version=1),
        fact(bill(discounts=(code("save5", 400),)), version=2),
        fact(bill(discounts=()), version=3),
    )

    assert [(each.code_raw, each.amount_minor) for each in order.charged] == [("save5", 400)]


def test_a_full_refund_forgets_no_generation() -> None:
    order = folded(
        fact(bill(), version=1),
        fact(bill(confirmed_at=None), version=2),
        fact(bill(), version=3),
        fact(refund(4860), object_id="r1"),
    )

    assert (order.stage, len(order.past)) == ("reversed", 1)


def test_an_order_seen_unpaid_was_paid_by_the_first_document_that_says_so() -> None:
    unpaid = fact(bill(updated_at=at(5), confirmed_at=None), version=1)
    stamped = {"confirmed_at": at(0), "signals": (("payment", at(0)),)}
    paid = fact(bill(updated_at=at(10), **stamped), version=2)
    shipped = fact(bill(updated_at=at(20), **stamped), version=3)

    order = fold([unpaid, paid, shipped])

    assert order is not None
    assert order.confirmed_at == at(10)
    assert order.signals == (("payment", at(10)),)


def test_an_instant_of_payment_that_fits_what_was_seen_is_kept() -> None:
    unpaid = fact(bill(updated_at=at(5), confirmed_at=None), version=1)
    paid = fact(bill(updated_at=at(10), confirmed_at=at(7)), version=2)

    order = fold([unpaid, paid])

    assert order is not None
    assert order.confirmed_at == at(7)


def test_a_paid_order_that_is_called_off_was_confirmed_before() -> None:
    voided = bill(confirmed_at=None, reversed_at=at(9), reversed_because="voided")

    order = folded(fact(bill(), version=1), fact(voided, version=2))

    assert (order.stage, order.confirmed_at) == ("reversed", NOON)


def test_a_discount_that_came_on_after_a_return_is_charged_beside_the_frozen_ones() -> None:
    sold = fact(bill(), version=1)
    tin = Line(line_id="tin", quantity=Decimal(1), gross_minor=2000)
    mug = Line(line_id="mug", quantity=Decimal(2), gross_minor=5000)
    exchanged = fact(
        bill(
            updated_at=at(61),
            gross_minor=7000,
            discount_minor=900,
            lines=(mug, tin),
            discounts=(code("WELCOME10", 500), code("SORRY", 400, shares=(("tin", 400),))),
        ),
        version=2,
    )

    order = fold([sold, exchanged, fact(refund(0, back("mug", 1)))])

    assert order is not None
    assert [(each.code_raw, each.amount_minor, each.allocation) for each in order.charged] == [
        ("WELCOME10", 500, (("mug", 500, 250),)),
        ("SORRY", 400, (("tin", 400, 0),)),
    ]


def test_a_line_that_came_on_after_a_return_can_come_back_as_well() -> None:
    sold = fact(bill(), version=1)
    tin = Line(line_id="tin", quantity=Decimal(1), gross_minor=2000)
    mug = Line(line_id="mug", quantity=Decimal(2), gross_minor=5000)
    exchanged = fact(bill(updated_at=at(61), gross_minor=7000, lines=(mug, tin)), version=2)
    first, second = refund(0, back("mug", 1)), refund(0, back("tin", 1), minutes=70)

    order = fold([sold, exchanged, fact(first), fact(second, object_id="again")])

    assert order is not None
    assert order.returned_net_minor == 2500 - 250 + 2000


def test_a_later_discount_under_an_earlier_ones_id_is_told_apart() -> None:
    sold = fact(bill(discounts=(code(None, 500, discount_id="1", name="Ten"),)), version=1)
    later = bill(updated_at=at(61), discounts=(code(None, 300, discount_id="1", name="Six"),))

    order = fold([sold, fact(later, version=2), fact(refund(0, back("mug", 1)))])

    assert order is not None
    standing = [each for each in order.charged if not each.removed]
    assert [(each.name, each.amount_minor) for each in standing] == [("Ten", 500), ("Six", 300)]


def test_a_discount_that_leaves_the_bill_after_a_return_stands_once() -> None:
    lunch = code(None, 500, kind="till", discount_id="lunch", aliases=("name:LUNCH",))

    order = folded(
        fact(bill(discounts=(lunch,)), version=1),
        fact(bill(discounts=(), updated_at=at(90)), version=2),
        fact(refund(2430, back("mug", 1)), object_id="r1"),
    )

    assert [(each.amount_minor, each.removed) for each in order.charged] == [(500, False)]
