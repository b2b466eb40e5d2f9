"""Does the detector keep its bars, and is it deaf to repeats, delays and backfills?"""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.leaks import Setting, measure
from functions.streams.alarms import pace, spike, watch
from functions.streams.alarms.pace import DAY_S, Clock
from functions.streams.alarms.watch import Watch
from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Evidence

START = datetime(2025, 11, 2, tzinfo=UTC)


def use(days: float, order: str | None = None) -> Evidence:
    """A use so many days after the start."""
    when = START + timedelta(days=days)
    return Evidence(
        order=order or f"{days:.6f}",
        item="redemption#X#000",
        redeemed_at=when,
        currency="EUR",
        at_risk_minor=100,
    )


def fed(
    held: Watch | None,
    *days: float,
    traced: bool = False,
    planned: float = 1.0,
    clock: Clock | None = None,
) -> tuple[Watch, int]:
    """The watch after uses, in the order given, and how many of them stood above the threshold."""
    hot = 0
    kept = held
    for each in days:
        evidence = use(each)
        if kept is None:
            kept = watch.begun(planned, clock, START.timestamp(), START.timestamp())
        seen = watch.sight(evidence, clock, traced=traced, newest=kept.newest)
        kept, stream = watch.found(kept, seen, clock, planned, budget=0.1)
        hot += stream is not None
    assert kept is not None
    return kept, hot


@pytest.mark.parametrize(
    ("leaked_a_day", "hours", "leaked"),
    [(20.0, 14.0, 10.0), (40.0, 5.0, 8.0), (90.0, 2.0, 6.0)],
    ids=["x3", "x5", "x10"],
)
def test_leaks_of_a_busy_code_are_found_in_time(
    leaked_a_day: float, hours: float, leaked: float
) -> None:
    found = measure(Setting(leaked_a_day=leaked_a_day, quiet_days=45), range(12))

    assert found.recall == 1.0
    assert found.hours <= hours
    assert found.leaked <= leaked
    assert found.false_a_year <= 0.2


def test_a_leak_of_a_code_with_hardly_any_history_is_found_after_five_uses() -> None:
    scarce = Setting(
        leaked_a_day=5.0, uses_a_day=0.02, planned=0.0, untraced=1.0, orders_a_day=40, quiet_days=45
    )

    found = measure(scarce, range(40))

    assert found.recall >= 0.95
    assert found.leaked <= 5


def test_quiet_codes_raise_hardly_any_alarm() -> None:
    busy = measure(Setting(quiet_days=120, untraced=0.2), range(6))
    seldom = Setting(uses_a_day=0.05, planned=0.0, untraced=1.0, orders_a_day=20, quiet_days=360)
    rare = measure(seldom, range(12))

    assert busy.false_a_year <= 0.2
    assert rare.false_a_year <= 0.1


def test_a_plan_that_is_wrong_by_a_factor_costs_one_alarm_and_is_unlearnt() -> None:
    dice = random.Random(1)
    days = sorted(dice.uniform(0, 60) for _ in range(60 * 50))
    learnt = days.index(next(each for each in days if each > 15))

    kept, launch = fed(None, *days[:learnt], planned=0.1, traced=True)
    kept, later = fed(kept, *days[learnt:], planned=0.1, traced=True)

    assert launch > 0
    assert later == 0
    assert kept.every.rate() == pytest.approx(50, rel=0.2)


def test_the_state_is_two_times_eleven_numbers_and_a_quiet_code_fits_one_write_unit() -> None:
    dice = random.Random(2)
    kept, _ = fed(None, *sorted(dice.uniform(0, 60) for _ in range(600)), planned=10.0)
    quiet, _ = fed(kept, 65.0)

    plain = codec.plain(kept.every)
    assert len(plain) + len(plain["evidence"]) - 1 <= 11
    assert len(codec.dumps(quiet).encode()) < 1024 - 50
    assert len(codec.dumps(kept).encode()) < 4000


def test_a_burst_of_a_sleeping_code_is_hot_and_a_backlog_of_a_busy_one_is_not() -> None:
    sleeping, _ = fed(None, 1, 11, 21, planned=0.1)
    _, burst = fed(sleeping, *(30 + n / 100 for n in range(8)), planned=0.1)
    busy, _ = fed(None, *(n / 12 for n in range(12 * 20)), planned=12.0)
    morning = [20 + n / 12 for n in range(6)]
    _, backlog = fed(busy, 20.5, *random.Random(3).sample(morning, 6), planned=12.0)

    assert burst > 0
    assert backlog == 0


@pytest.mark.parametrize("order", ["forwards", "backwards", "shuffled"])
def test_a_backfill_is_counted_and_never_alarms(order: str) -> None:
    today, _ = fed(None, 200.0)
    history = [n / 10 for n in range(1500)]
    if order == "backwards":
        history.reverse()
    if order == "shuffled":
        random.Random(4).shuffle(history)

    kept, hot = fed(today, *history)

    assert hot == 0
    assert kept.newest == use(200.0).redeemed_at.timestamp()
    assert kept.every.a > today.every.a


def test_a_use_far_behind_the_shops_orders_is_history_too() -> None:
    clock = pace.counted(None, [(START + timedelta(days=90)).timestamp()], "one")

    _, hot = fed(None, *(n / 50 for n in range(50)), clock=clock)

    assert hot == 0


def test_history_that_comes_in_during_a_leak_is_no_part_of_it() -> None:
    leaking, burst = fed(None, 1, 11, 21, *(30 + n / 100 for n in range(8)), planned=0.1)

    after, hot = fed(leaking, 2.0, 3.0, planned=0.1)

    assert burst > 0
    assert hot == 0
    assert after.hot_at == leaking.hot_at


@settings(max_examples=60)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=60))
def test_no_order_of_arrival_makes_exposure_negative(days: list[float]) -> None:
    kept, _ = fed(None, *days)

    ordered, _ = fed(None, *sorted(days))
    assert kept.every.b > 0
    assert kept.every.at == pytest.approx(ordered.every.at)
    assert kept.newest == ordered.newest


def test_a_leak_out_of_order_is_found_nearly_as_soon() -> None:
    quiet, _ = fed(None, *(float(n) for n in range(40)))
    burst = [40 + n / 24 for n in range(24)]
    jumbled = [each for n in range(0, 24, 6) for each in reversed(burst[n : n + 6])]

    _, in_order = fed(quiet, *burst)
    _, out_of_order = fed(quiet, *jumbled)

    assert in_order > 0
    assert out_of_order >= in_order - 6


def test_traced_uses_do_not_speak_against_a_code_on_the_untraced_stream() -> None:
    quiet, _ = fed(None, *(float(n) for n in range(30)), traced=True, planned=1.0)

    _, traced = fed(quiet, *(30 + n / 24 for n in range(5)), traced=True)
    _, untraced = fed(quiet, *(30 + n / 24 for n in range(5)))

    assert (traced, untraced > 0) == (0, True)


def test_an_order_is_remembered_until_many_others_came() -> None:
    kept, _ = fed(None, 1.0, 2.0)
    assert watch.remembers(kept, use(1.0).order)
    assert not watch.remembers(kept, "another")

    later, _ = fed(kept, *(3 + n / 100 for n in range(100)))
    assert not watch.remembers(later, use(1.0).order)


class TestTheShopsClock:
    """Exposure follows the shop, not the calendar."""

    def test_a_day_of_ordinary_business_is_one_day(self) -> None:
        clock = self.run(60)

        week = pace.exposure_at(clock, clock.at) - self.run(53).exposure
        assert week == pytest.approx(7, rel=0.1)

    def test_an_open_hour_is_longer_than_a_closed_one(self) -> None:
        clock = self.run(60)
        midnight = START.timestamp() + 60 * DAY_S

        night = pace.exposure_at(clock, midnight + 4 * 3600) - pace.exposure_at(clock, midnight)
        noon = midnight + 11 * 3600
        day = pace.exposure_at(clock, noon + 4 * 3600) - pace.exposure_at(clock, noon)
        assert day > 4 * night > 0

    def test_a_busy_shop_ages_faster(self) -> None:
        usual = self.run(60)
        start = usual.at
        rush = pace.counted(usual, [start + n * 20 for n in range(1, 1000)], "rush")
        quiet = pace.counted(usual, [start + n * 2000 for n in range(1, 11)], "quiet")

        assert rush is not None
        assert quiet is not None
        assert rush.exposure - usual.exposure > 2 * (quiet.exposure - usual.exposure)

    def test_the_order_and_repetition_of_orders_hardly_matter(self) -> None:
        usual = self.run(30)
        more = [usual.at + n * 600 for n in range(1, 40)]
        shuffled = random.Random(5).sample(more, len(more))

        straight = pace.counted(usual, more, "more")
        jumbled = pace.counted(pace.counted(usual, shuffled[:20], "a"), shuffled[20:], "b")
        again = pace.counted(straight, more, "more")

        assert straight is not None
        assert jumbled is not None
        assert again == straight
        assert jumbled.at == straight.at
        assert jumbled.orders == pytest.approx(straight.orders)
        assert jumbled.exposure == pytest.approx(straight.exposure, rel=1e-4)

    def test_a_codes_own_orders_are_left_out(self) -> None:
        clock = self.run(30)

        assert pace.share_without(clock, 0) == 1
        assert pace.share_without(clock, clock.orders) < pace.share_without(clock, 1) < 1

    def run(self, days: int) -> Clock:
        """A shop with ten orders an hour from eight to eight."""
        clock: Clock | None = None
        for day in range(days):
            opens = START.timestamp() + day * DAY_S + 8 * 3600
            clock = pace.counted(clock, [opens + n * 360 for n in range(120)], str(day))
        assert clock is not None
        return clock


def test_the_suggested_cap_lies_above_usual_days() -> None:
    assert [spike.cap(rate) for rate in (0.1, 1, 10, 100)] == [3, 5, 21, 131]
