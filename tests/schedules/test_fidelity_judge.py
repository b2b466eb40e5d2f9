"""Is a report matched with its order and code, counted once, and a changed rate told from luck?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.schedules.fidelity.announce import announcements
from functions.schedules.fidelity.change import changed
from functions.schedules.fidelity.judge import Compared, Sold, judge
from vouchsafe.pure.fidelity import Alone, CodeFidelity, DayFidelity, Deviation, findings
from vouchsafe.pure.sighting import Sighting

DAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
SCOPE = Compared(platform="woocommerce", account="shop", front_end="google_analytics/web", day=DAY)


def sold(order_id: str, *codes: str, **said: object) -> Sold:
    default: dict[str, object] = {
        "order": f"woocommerce#shop#{order_id}",
        "order_id": order_id,
        "day": DAY,
        "location_id": "",
        "channel": "checkout",
        "confirmed": True,
        "codes": codes,
        "currency": "EUR",
        "total_minor": 4000,
    }
    return Sold(**(default | said))  # type: ignore[arg-type]


def seen(transaction_id: str, *codes: str, **said: object) -> Sighting:
    default: dict[str, object] = {
        "platform": "google_analytics",
        "account": "web",
        "day": DAY,
        "kind": "purchased",
        "sighting_id": f"of {transaction_id}",
        "codes": codes,
        "transaction_id": transaction_id,
        "amount_minor": 4000,
        "currency": "EUR",
    }
    return Sighting(**(default | said))  # type: ignore[arg-type]


def judged(orders: Sequence[Sold], sightings: Sequence[Sighting], *older: Sold) -> DayFidelity:
    elsewhere = {each.order_id: each for each in older}
    return judge(SCOPE, orders, sightings, elsewhere.get, lambda _: False, NOW)


def test_eighty_of_a_hundred_is_a_tracking_error_of_a_fifth() -> None:
    orders = [sold(str(number), "TEN") for number in range(100)]
    reports = [seen(str(number), "TEN") for number in range(80)]

    (row,) = judged(orders, reports).codes

    assert (row.confirmed, row.reported) == (100, 80)
    assert row.under_reporting_rate() == pytest.approx(0.2)
    assert row.missing == tuple(sorted(f"woocommerce#shop#{number}" for number in range(80, 100)))


def test_a_report_without_the_code_is_another_task_than_no_report() -> None:
    (row,) = judged([sold("1", "TEN"), sold("2", "TEN")], [seen("1")]).codes

    assert (row.reported, row.missing) == (0, ("woocommerce#shop#2",))
    assert row.codeless == ("woocommerce#shop#1",)


def test_each_code_of_an_order_is_asked_for() -> None:
    result = judged([sold("1", "TEN", "SHIP")], [seen("1", "SHIP")])

    assert [(row.code, row.reported) for row in result.codes] == [("SHIP", 1), ("TEN", 0)]


def test_each_place_is_counted_by_itself() -> None:
    orders = [sold("1", "TEN", location_id="a"), sold("2", "TEN", location_id="b")]

    result = judged(orders, [seen("2", "TEN")])

    assert [(row.location_id, row.reported) for row in result.codes] == [("a", 0), ("b", 1)]


def test_a_page_that_is_loaded_again_counts_once_and_is_named() -> None:
    twice = [seen("1", "TEN", sighting_id="a"), seen("1", "TEN", sighting_id="b")]
    told_as_two = [seen("2", "TEN", times=2)]

    result = judged([sold("1", "TEN"), sold("2", "TEN")], [*twice, *told_as_two])

    assert [(row.confirmed, row.reported) for row in result.codes] == [(2, 2)]
    assert result.repeated == ("1", "2")


def test_a_report_may_fall_beyond_midnight() -> None:
    late = seen("1", "TEN", day=DAY + timedelta(days=1))

    result = judged([sold("1", "TEN"), sold("2", "TEN", day=DAY + timedelta(days=1))], [late])

    assert [(row.confirmed, row.reported) for row in result.codes] == [(1, 1)]


def test_a_counter_reports_nothing_and_is_not_asked() -> None:
    assert judged([sold("1", "TEN", channel="pos")], []).codes == ()


def test_what_only_the_front_end_has_is_told_with_its_reason() -> None:
    orders = [sold("2", "TEN", codes=(), confirmed=False), sold("3", "OTHER")]
    older = sold("4", "TEN", day=DAY - timedelta(days=9))

    result = judged(orders, [seen(each, "TEN") for each in ("1", "2", "3", "4")], older)

    assert result.alone == (
        Alone(transaction_id="1", code="TEN", why="no_such_order"),
        Alone(transaction_id="2", code="TEN", why="not_confirmed"),
        Alone(transaction_id="3", code="TEN", why="other_codes"),
    )


def test_an_amount_that_is_told_otherwise_is_named_with_both() -> None:
    reports = [seen("1", "TEN", amount_minor=4840), seen("2", amount_minor=1, currency="USD")]

    result = judged([sold("1", "TEN"), sold("2", "TEN")], reports)

    assert result.deviations == (
        Deviation(
            order="woocommerce#shop#1", currency="EUR", front_end_minor=4840, ledger_minor=4000
        ),
    )


def test_what_was_applied_is_counted_by_code() -> None:
    applied = [seen("", "TEN", kind="applied", sighting_id=str(number)) for number in range(3)]

    assert judged([], applied).applied == (("TEN", 3),)


def test_shops_of_one_property_do_not_tell_of_each_others_orders() -> None:
    told = [seen("mine", "TEN"), seen("theirs", "TEN"), seen("nobodys", "TEN", times=2)]
    applied = [seen("", "TEN", kind="applied", sighting_id="a")]

    def of(first: bool, own: str, others: str) -> DayFidelity:
        scope = replace(SCOPE, first=first)
        mine = [sold(own, "TEN")]
        return judge(scope, mine, [*told, *applied], lambda _: None, others.__eq__, NOW)

    first, second = of(True, "mine", "theirs"), of(False, "theirs", "mine")

    assert [each.transaction_id for each in first.alone] == ["nobodys"]
    assert first.repeated == ("nobodys",)
    assert first.applied == (("TEN", 1),)
    assert (second.alone, second.repeated, second.applied) == ((), (), ())


codes = st.sampled_from(["A", "B", "C"])
some_orders = st.lists(
    st.tuples(st.integers(1, 9), st.lists(codes, unique=True)), unique_by=lambda each: each[0]
)
some_reports = st.lists(st.tuples(st.integers(1, 12), st.lists(codes, unique=True)))


@given(some_orders, some_reports)
def test_every_confirmed_code_is_reported_missing_or_codeless(
    orders: list[tuple[int, list[str]]], reports: list[tuple[int, list[str]]]
) -> None:
    told = [
        seen(str(name), *codes, sighting_id=str(at)) for at, (name, codes) in enumerate(reports)
    ]
    result = judged([sold(str(name), *codes) for name, codes in orders], told)

    for row in result.codes:
        assert row.confirmed == row.reported + len(row.missing) + len(row.codeless)
        assert 0 <= row.under_reporting_rate() <= 1
    assert result.confirmed() == sum(len(codes) for _, codes in orders)
    assert judged([sold(str(name), *codes) for name, codes in orders], told[::-1]) == result


@given(some_orders, some_reports)
def test_a_forged_report_moves_no_confirmed_order(
    orders: list[tuple[int, list[str]]], reports: list[tuple[int, list[str]]]
) -> None:
    held = [sold(str(name), *codes) for name, codes in orders]
    told = [seen(str(name), *codes) for name, codes in reports]
    forged = seen("forged", "A", "B", times=1000)

    assert judged(held, [*told, forged]).codes == judged(held, told).codes


def test_every_number_has_its_orders() -> None:
    result = judged([sold("1", "TEN"), sold("2", "TEN")], [seen("1", "TEN"), seen("9", "TEN")])

    assert [(each.finding, each.count, each.orders) for each in findings(result)] == [
        ("confirmed", 2, ()),
        ("reported", 1, ()),
        ("missing", 1, ("woocommerce#shop#2",)),
        ("no_such_order", 1, ("9",)),
    ]


STEADY = [(50, 41), (60, 50), (40, 32), (55, 45), (45, 37)]


def test_a_page_that_lost_its_tag_is_a_change() -> None:
    change = changed((50, 20), STEADY)

    assert change is not None
    assert (change.rate, change.expected) == (pytest.approx(0.6), pytest.approx(0.18))
    assert change.odds < 1e-6


def test_a_page_that_reports_much_more_is_a_change_too() -> None:
    change = changed((80, 80), [(50, 25), (50, 25)])

    assert change is not None
    assert change.rate == 0


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ((50, 40), STEADY),
        ((3, 1), STEADY),
        ((0, 0), STEADY),
        ((50, 0), []),
        ((50, 0), [(20, 20)]),
    ],
    ids=["an ordinary day", "too few to tell", "nobody bought", "no past", "a short past"],
)
def test_luck_and_ignorance_are_no_change(
    day: tuple[int, int], before: list[tuple[int, int]]
) -> None:
    assert changed(day, before) is None


def test_a_large_shop_is_not_told_of_a_point_or_two() -> None:
    assert changed((20_000, 16_400), [(20_000, 17_000)] * 28) is None


def test_two_years_of_steady_days_alarm_at_most_once() -> None:
    random = Random(20261120)
    days = []
    for _ in range(730):
        share = random.gauss(0.8, 0.02)
        days.append((60, sum(random.random() < share for _ in range(60))))

    alarms = [at for at in range(28, 730) if changed(days[at], days[at - 28 : at])]

    assert len(alarms) <= 1


def result_of(reported: int, *, code: str = "TEN", days_ago: int = 0) -> DayFidelity:
    missing = tuple(f"woocommerce#shop#{number}" for number in range(60 - reported))
    row = CodeFidelity(location_id="", code=code, confirmed=60, reported=reported, missing=missing)
    return DayFidelity(
        platform="woocommerce",
        account="shop",
        front_end="google_analytics/web",
        day=DAY - timedelta(days=days_ago),
        judged_at=NOW,
        codes=(row,),
    )


def test_the_repair_task_names_the_orders() -> None:
    before = [result_of(50, days_ago=days) for days in range(1, 8)]

    (told,) = announcements("vouchsafe", result_of(5), before, NOW)

    assert told.happening == "FidelityChanged"
    assert (told.subject["confirmed"], told.subject["reported"]) == (60, 5)
    assert told.subject["orders_in_all"] == 55
    assert len(told.subject["orders"]) == 50  # type: ignore[arg-type]
    assert told.subject["code"] == ""


def test_the_same_figures_are_the_same_news() -> None:
    before = [result_of(50, days_ago=days) for days in range(1, 8)]

    ids = {announcements("v", result_of(each), before, NOW)[0].id for each in (5, 5, 6)}

    assert len(ids) == 2


def test_one_code_that_is_not_passed_on_is_told_by_name() -> None:
    def day(reported: int, ago: int) -> DayFidelity:
        usual = result_of(50, code="OTHER", days_ago=ago)
        many = replace(usual.codes[0], confirmed=600, reported=500, missing=())
        return replace(usual, codes=(many, result_of(reported).codes[0]))

    (told,) = announcements("v", day(20, 0), [day(50, ago) for ago in range(1, 8)], NOW)

    assert told.subject["code"] == "TEN"


def test_an_ordinary_day_is_no_news() -> None:
    assert announcements("v", result_of(49), [result_of(50, days_ago=1)], NOW) == []
