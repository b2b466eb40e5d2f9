"""Do all who call for an account keep its limit together?"""

import threading
import time
from collections import Counter

import pytest

from vouchsafe.edge import turns_table
from vouchsafe.pure.errors import Throttled


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.25
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(aws: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(turns_table, "time", made)
    return made


@pytest.mark.parametrize("rate", [0.25, 0.3, 1, 2, 2.9, 10])
def test_no_span_holds_more_calls_than_the_rate_allows(clock: Clock, rate: float) -> None:
    calls = []
    for _ in range(25):
        turns_table.take("toast", "kew", rate)
        calls.append(clock.now)

    span = max(1.0, 1 / rate)
    per_span = Counter(int(at // span) for at in calls)
    assert max(per_span.values()) <= max(1, int(rate))


def test_accounts_do_not_wait_for_each_other(clock: Clock) -> None:
    turns_table.take("toast", "kew", 1)
    turns_table.take("toast", "richmond", 1)
    turns_table.take("clover", "kew", 1)

    assert clock.slept == []


def test_who_would_wait_too_long_is_told_so(clock: Clock) -> None:
    turns_table.take("toast", "kew", 0.02)

    with pytest.raises(Throttled) as refusal:
        turns_table.take("toast", "kew", 0.02)
    assert clock.slept == []
    assert 0 < refusal.value.retry_after_s <= 50


def test_many_at_once_share_the_limit(aws: None) -> None:
    # The span is a long one, so that the test does not depend on how quick the machine is.
    began = int(time.time() // 1000 * 1000)
    taken: list[int] = []
    threads = [
        threading.Thread(target=lambda: taken.append(turns_table._taken("toast#kew", began)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(1, 9))
