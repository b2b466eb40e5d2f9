"""Do gaps and drifts reach Slack whole, within its limits, and as nothing but text?"""

from datetime import timedelta
from typing import Any, get_args

import pytest

from tests.destinations.test_slack_message import NOON, checked, said_of
from vouchsafe.pure import codec
from vouchsafe.pure.drift import Drift, Seen, subject
from vouchsafe.pure.gaps import Gap, Why
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.pull import Subscription

OFF = Subscription(event="order.updated", state="made_again", why="was disabled")


def gap(**said: Any) -> Happening:
    default: dict[str, Any] = {
        "platform": "square",
        "account": "kew",
        "since": NOON,
        "until": NOON + timedelta(hours=2),
        "listed": 40,
        "missed": 12,
        "why": "outage",
        "orders": tuple(f"square#kew#{number}" for number in range(12)),
    }
    return Happening(
        happening="GapFound",
        id="gap#square#kew",
        at=NOON,
        stack="test",
        subject=codec.plain(Gap(**(default | said))),
    )


def drift(**said: Any) -> Happening:
    default: dict[str, Any] = {
        "platform": "toast",
        "kind": "unreadable",
        "place": "checks[].amount",
        "rule": "must be a number",
    }
    seen = Seen(
        drift=Drift(**(default | said)),
        count=3,
        first_at=NOON,
        last_at=NOON,
        sample="unreadable/toast/kew/1.json",
    )
    return Happening(
        happening="DriftFound", id="drift#toast", at=NOON, stack="test", subject=subject(seen)
    )


def test_a_gap_says_how_many_since_when_and_why() -> None:
    text = checked(said_of(gap()))

    for part in (
        "Missed deliveries: 12 of square/kew",
        "12 of 40 that changed",
        "2025-11-20 12:00 UTC and 2025-11-20 14:00 UTC",
        "no delivery at all came",
        "square#kew#9",
        "and 2 more",
        "gaps.md",
    ):
        assert part in text
    assert "square#kew#10" not in text


@pytest.mark.parametrize("why", get_args(Why))
def test_every_reason_has_its_words(why: str) -> None:
    checked(said_of(gap(why=why, subscriptions=(OFF,), orders=(), missed=0)))


def test_a_subscription_that_was_made_again_is_named() -> None:
    text = checked(said_of(gap(why="switched_off", subscriptions=(OFF,))))

    assert "order.updated made again (was disabled)" in text


def test_a_drift_says_what_changed_and_where_a_sample_lies() -> None:
    text = checked(said_of(drift()))

    for part in ("toast changed: checks[].amount must be a number", "unreadable/toast/kew/1.json"):
        assert part in text


def test_a_new_event_is_named() -> None:
    text = checked(said_of(drift(kind="unheard_of", place="tips_added", rule="is unknown")))

    assert "New event of toast: tips_added" in text


def test_a_field_that_looks_like_markup_stays_text() -> None:
    text = checked(said_of(drift(place="<!channel>", kind="unheard_of")))

    assert "<!channel>" not in text


def fidelity(**said: Any) -> Happening:
    default: dict[str, Any] = {
        "platform": "woocommerce",
        "account": "shop",
        "front_end": "google_analytics/web",
        "day": "2026-11-16",
        "code": "",
        "confirmed": 60,
        "reported": 5,
        "under_reporting_rate": 0.9167,
        "expected_rate": 0.1667,
        "odds": 1e-20,
        "codeless": 3,
        "orders": [f"woocommerce#shop#{number}" for number in range(50)],
        "orders_in_all": 55,
    }
    return Happening(
        happening="FidelityChanged",
        id="fidelity#woocommerce#shop",
        at=NOON,
        stack="test",
        subject=default | said,
    )


def test_a_changed_rate_says_the_task() -> None:
    text = checked(said_of(fidelity()))

    for part in (
        "woocommerce/shop: 92% of confirmed redemptions not reported, all codes",
        "5 of 60 confirmed",
        "17% not reported",
        "• woocommerce#shop#9",
        "and 45 more",
        "/fidelity.md|fidelity.md>",
        "Open one of these orders",
    ):
        assert part in text


def test_a_code_is_named_and_stays_text() -> None:
    text = checked(said_of(fidelity(code="<!channel>", orders=[], orders_in_all=0)))

    assert "code &lt;!channel&gt;" in text
    assert "Open one of these orders" not in text
