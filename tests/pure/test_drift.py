"""Is a drift known by what changed, whatever order or line it showed in?"""

from datetime import UTC, datetime, timedelta

import pytest

from vouchsafe.pure.drift import Drift, Seen, drift_of

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_numbers_of_a_path_do_not_matter() -> None:
    first = drift_of("unreadable/toast/kew/1.json", "checks[0].items[12].price must be a number")
    other = drift_of("unreadable/toast/bow/2.json", "checks[3].items[0].price must be a number")

    assert first == other
    assert first == Drift(
        platform="toast",
        kind="unreadable",
        place="checks[].items[].price",
        rule="must be a number",
    )


def test_an_event_that_is_unknown_is_its_own_place() -> None:
    found = drift_of("unheard_of/toast/kew/tips.json", "tips is an event that nobody knows")

    assert found is not None
    assert (found.kind, found.place) == ("unheard_of", "tips")


@pytest.mark.parametrize("key", ["unavailable/toast/kew/1.json", "record/alarms/1.json", "x", ""])
def test_what_waits_for_other_reasons_is_no_drift(key: str) -> None:
    assert drift_of(key, "the ledger did not answer") is None


@pytest.mark.parametrize(
    ("silence", "told", "news"),
    [
        (timedelta(0), False, True),
        (timedelta(hours=1), True, False),
        (timedelta(days=7), True, False),
        (timedelta(days=7, seconds=1), True, True),
    ],
)
def test_it_is_told_once_and_again_after_a_weeks_silence(
    silence: timedelta, told: bool, news: bool
) -> None:
    drift = Drift(platform="toast", kind="unreadable", place="a", rule="b")
    seen = Seen(
        drift=drift,
        count=1,
        first_at=AT,
        last_at=AT + silence,
        sample="x",
        told_at=AT if told else None,
    )

    assert seen.is_news() is news
