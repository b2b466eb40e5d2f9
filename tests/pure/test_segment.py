"""Is somebody in a segment exactly where its list or all of its rules say so?"""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.pure.carts import MADRID, NOON, Customer, cart
from vouchsafe.pure.cart import Bought
from vouchsafe.pure.register import Segment, SegmentRule
from vouchsafe.pure.register_term_values import segment_rules
from vouchsafe.pure.segment import belongs

TODAY = date(2026, 11, 20)


def order(days_ago: int = 10, net_minor: int = 1000, **said: object) -> Bought:
    on = TODAY - timedelta(days=days_ago)
    default = {"on": on, "place": "square/bar/L1", "currency": "EUR", "net_minor": net_minor}
    return Bought(**(default | said))  # type: ignore[arg-type]


def segment(rules: str, currency: str = "EUR") -> Segment:
    """As a person writes its rules."""
    return Segment(
        segment_id="VIP",
        name="Regulars",
        owner="eva",
        currency=currency,
        rules=segment_rules(rules, currency) if rules else (),
    )


def is_in(rules: str, known: Customer) -> bool:
    return belongs(segment(rules), cart(), known, MADRID)


@pytest.mark.parametrize(
    ("last_day", "found"),
    [(TODAY, True), (TODAY - timedelta(days=1), False), (date.max, True)],
    ids=["the last day", "a day too late", "without an end"],
)
def test_a_list_holds_to_the_end_of_the_last_day(last_day: date, found: bool) -> None:
    assert is_in("", Customer(listed={"VIP": last_day})) == found


def test_a_list_ends_with_the_business_day_of_the_place() -> None:
    """At half past four in the morning Madrid still has yesterday."""
    night = cart(placed_at=datetime(2026, 11, 21, 3, 30, tzinfo=UTC))

    assert belongs(segment(""), night, Customer(listed={"VIP": TODAY}), MADRID)


def test_another_list_is_none_of_it() -> None:
    assert not is_in("", Customer(listed={"STAFF": date.max}))


@pytest.mark.parametrize(
    ("rules", "known", "found"),
    [
        ("first_time", Customer(), True),
        ("first_time", Customer(orders=1), False),
        ("silent:90", Customer(last=NOON - timedelta(days=90)), True),
        ("silent:90", Customer(last=NOON - timedelta(days=89)), False),
        ("silent:90", Customer(), False),
        ("orders:2", Customer(paid=(order(), order())), True),
        ("orders:2", Customer(paid=(order(),)), False),
        ("orders:1/since:2026-11-10", Customer(paid=(order(10),)), True),
        ("orders:1/since:2026-11-11", Customer(paid=(order(10),)), False),
        ("orders:1/within:11", Customer(paid=(order(10),)), True),
        ("orders:1/within:10", Customer(paid=(order(10),)), False),
        ("orders:1/within:1", Customer(paid=(order(0),)), True),
        ("spent:20", Customer(paid=(order(), order())), True),
        ("spent:20.01", Customer(paid=(order(), order())), False),
        ("spent:20", Customer(paid=(order(), order(currency="USD"))), False),
        ("spent:20/within:30", Customer(paid=(order(5), order(40))), False),
        ("bought_sku:tea-1", Customer(paid=(order(skus=frozenset({"TEA-1 "})),)), True),
        ("bought_sku:tea-1", Customer(paid=(order(skus=frozenset({"TEA-2"})),)), False),
        ("bought_category:wine", Customer(paid=(order(categories=frozenset({"Wine"})),)), True),
        ("bought_category:wine", Customer(paid=(order(skus=frozenset({"Wine"})),)), False),
        ("ordered_at:square/bar/L1", Customer(paid=(order(),)), True),
        ("ordered_at:square/bar/L2", Customer(paid=(order(),)), False),
    ],
)
def test_a_rule_is_held_against_what_is_known(rules: str, known: Customer, found: bool) -> None:
    assert is_in(rules, known) == found


def test_all_rules_must_hold() -> None:
    known = Customer(paid=(order(),))

    assert is_in("orders:1|spent:10", known)
    assert not is_in("orders:1|spent:11", known)


def test_a_rule_says_nothing_of_a_list() -> None:
    """Who was on the list before there were rules is in it by the rules alone."""
    assert not is_in("orders:1", Customer(listed={"VIP": date.max}))


def test_rules_are_read_part_by_part() -> None:
    assert segment_rules("spent:250.50/since:2026-01-31 | orders:3/within:90", "EUR") == (
        SegmentRule(kind="spent", least=25050, since=date(2026, 1, 31)),
        SegmentRule(kind="orders", least=3, within=90),
    )
