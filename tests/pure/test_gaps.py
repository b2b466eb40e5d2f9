"""Does a sweep know what was really missed, and why?"""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.pure.saying import NOON, at, bill, fact, refund
from vouchsafe.pure import codec
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.gaps import STILL_UNDER_WAY, Gap, Listed, gap_of, listed
from vouchsafe.pure.pull import Subscription
from vouchsafe.pure.touchpoint import Touchpoint

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
ON = Subscription(event="order.updated", state="on")
MENDED = Subscription(event="order.updated", state="made_again", why="was disabled")


def seen(minutes: int, *, new: bool) -> Listed:
    return Listed(order=f"square#kew#{minutes:03d}", said_at=at(minutes), new=new)


def found(*documents: Listed, wishes: tuple[Subscription, ...] = (ON,)) -> Gap | None:
    return gap_of("square", "kew", documents, wishes, NOW)


def is_a_bill(said: Fact) -> bool:
    return said.kind == "order"


def test_what_webhooks_brought_is_no_gap() -> None:
    assert found(seen(1, new=False), seen(2, new=False)) is None


def test_what_may_still_be_under_way_is_no_gap() -> None:
    late = Listed(order="1", said_at=NOW - STILL_UNDER_WAY + timedelta(seconds=1), new=True)

    assert found(late) is None


def test_a_single_one_between_others_was_lost() -> None:
    gap = found(seen(1, new=False), seen(2, new=True), seen(3, new=False))

    assert gap is not None
    assert (gap.why, gap.missed, gap.listed) == ("lost", 1, 3)
    assert gap.orders == ("square#kew#002",)


def test_nothing_for_a_while_is_an_outage() -> None:
    gap = found(seen(1, new=False), *(seen(minute, new=True) for minute in (5, 6, 7)))

    assert gap is not None
    assert (gap.why, gap.since, gap.until) == ("outage", at(5), at(7))


def test_one_that_came_meanwhile_makes_it_no_outage() -> None:
    gap = found(*(seen(minute, new=minute != 6) for minute in (5, 6, 7, 8)))

    assert gap is not None
    assert gap.why == "lost"


def test_a_wish_that_the_vendor_dropped_is_the_reason() -> None:
    gap = found(seen(5, new=True), wishes=(MENDED,))

    assert gap is not None
    assert (gap.why, gap.subscriptions) == ("switched_off", (MENDED,))


def test_a_wish_that_the_vendor_dropped_is_told_before_anything_is_missed() -> None:
    gap = found(wishes=(MENDED,))

    assert gap is not None
    assert (gap.why, gap.missed, gap.orders) == ("switched_off", 0, ())


def test_a_gap_names_fifty_orders_at_most() -> None:
    gap = found(*(seen(minute, new=True) for minute in range(80)))

    assert gap is not None
    assert (gap.missed, len(gap.orders)) == (80, 50)


def test_a_document_tells_its_order_and_its_last_change() -> None:
    assert listed([fact(bill(updated_at=at(3)))], 1) == Listed(
        order="shopify#corner-shop#1001", said_at=at(3), new=True
    )
    assert listed([fact(bill())], 0) == Listed(
        order="shopify#corner-shop#1001", said_at=NOON, new=False
    )


def test_a_document_without_an_order_tells_of_none() -> None:
    given_out = Touchpoint(touchpoint_id="1", customer="email:1", seen_at=NOON, kind="publication")

    assert listed([given_out], 1) is None
    assert listed([], 0) is None


def test_what_no_webhook_announces_was_not_lost_and_is_no_proof_that_one_came() -> None:
    paid, back = fact(bill()), fact(refund(500))

    assert listed([back], 1, announced=is_a_bill) is None
    assert listed([paid, back], 1, announced=is_a_bill) is None
    assert listed([back], 0, announced=is_a_bill) is None
    assert listed([paid], 1, announced=is_a_bill) == listed([paid], 1)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.booleans()), unique_by=lambda each: each[0]),
    st.sampled_from([(), (ON,), (MENDED,)]),
)
def test_every_gap_counts_what_is_missing(
    documents: list[tuple[int, bool]], wishes: tuple[Subscription, ...]
) -> None:
    gap = found(*(seen(minute, new=new) for minute, new in documents), wishes=wishes)

    missing = {f"square#kew#{minute:03d}" for minute, new in documents if new}
    assert (gap.missed if gap else 0) == len(missing)
    assert (gap is None) == (not missing and wishes != (MENDED,))
    if gap:
        assert set(gap.orders) <= missing
        assert gap.since <= gap.until
        assert codec.loads(Gap, codec.dumps(gap)) == gap
