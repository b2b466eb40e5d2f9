"""Do tills that ask nobody break the newer limits loudly, and are their uses counted elsewhere?"""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from functions.streams.alarms import judge
from tests.streams.vigil import DAY, NOON, Vigil, at, promotion, redemption, shelf, vigil
from vouchsafe.edge import queue
from vouchsafe.pure.alarm import Rule
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.limit import limits_told
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import LimitTerm, Promotion

CARD = ("email:ann", "card:9")


def limited(text: str, **said: Any) -> Promotion:
    """A promotion with one limit, as `scope/period=most`."""
    name, most = text.split("=")
    scope, period = name.split("/")
    term = LimitTerm(scope=scope, period=period, most=int(most))  # type: ignore[arg-type]
    return promotion(limits=(term,), **said)


def used(order: str, minutes: float = 0, **said: Any) -> Redemption:
    return redemption(order, redeemed_at=at(minutes), **said)


def of_day(order: str, day: date, **said: Any) -> Redemption:
    when = NOON + (day - DAY)
    return redemption(order, redeemed_at=when, business_day=day, **said)


@pytest.mark.parametrize(
    ("limit", "rule", "first", "beyond"),
    [
        ("promotion/ever=1", "usage_limit_reached", used("1"), used("2", 1, code="SECOND")),
        ("code/day=1", "usage_limit_reached", used("1"), used("2", 1)),
        ("location/day=1", "usage_limit_reached", used("1"), used("2", 1)),
        ("customer/day=1", "customer_limit_reached", used("1"), used("2", 1)),
        (
            "card/month=1",
            "customer_limit_reached",
            used("1", customer=CARD),
            used("2", 1, customer=("card:9",)),
        ),
        (
            "customer/week=1",
            "customer_limit_reached",
            of_day("1", date(2025, 11, 17)),
            of_day("2", date(2025, 11, 23)),
        ),
    ],
)
def test_what_lies_beyond_a_limit_is_a_breach(
    limit: str, rule: Rule, first: Redemption, beyond: Redemption
) -> None:
    with vigil(shelf(limited(limit))) as watch:
        watch.see(first)
        assert watch.open() == set()

        watch.see(beyond)

        assert watch.open() == {f"{rule}:{beyond.code}:{beyond.business_day.isoformat()}"}


@pytest.mark.parametrize(
    ("limit", "first", "within"),
    [
        ("location/day=1", used("1"), used("2", 1, location_id="riverside")),
        ("customer/day=1", used("1"), of_day("2", DAY + timedelta(days=1))),
        ("customer/week=1", of_day("1", date(2025, 11, 16)), of_day("2", date(2025, 11, 17))),
        ("code/month=1", of_day("1", date(2025, 10, 31)), of_day("2", date(2025, 11, 1))),
        ("card/ever=1", used("1", customer=CARD), used("2", 1, customer=("email:ann",))),
        ("code/ever=1", used("1"), used("2", 1, code="SECOND")),
        ("device/ever=0", used("1"), used("2", 1)),
    ],
)
def test_another_of_the_scope_or_of_the_period_is_no_breach(
    limit: str, first: Redemption, within: Redemption
) -> None:
    with vigil(shelf(limited(limit, starts_on=date(2025, 1, 1)))) as watch:
        watch.see(first, within)

        assert watch.open() == set()


def test_the_short_forms_and_the_long_ones_are_one_limit() -> None:
    """Of twins the tighter holds, under the name that the short one always had."""
    terms = limited("code/ever=3", code_limit=2, customer_limit=5)

    scopes = {each.scope: each.most for each in judge.limits(redemption(), shelf(terms))}

    assert scopes == {"by-mail#code#MA1L": 2, "by-mail#customer#email:ann": 5}


def test_two_codes_of_a_promotion_on_one_order_are_two_uses_of_it() -> None:
    with vigil(shelf(limited("promotion/ever=1"))) as watch:
        watch.see(used("1"), used("1", code="SECOND"))

        assert watch.open() == {"usage_limit_reached:SECOND:2025-11-20"}


def test_alarms_and_counters_see_the_same_scopes() -> None:
    """What is judged afterwards is what is refused beforehand, but for the oldest two names."""
    terms = limited("location/day=9")
    terms = replace(terms, limits=(*terms.limits, *limited("card/month=2").limits))
    row = redemption(customer=CARD)

    judged = {each.scope: each.most for each in judge.limits(row, shelf(terms))}

    assert judged == {each.counter: each.most for each in limits_told(terms, row)}


def forwarded(watch: Vigil) -> list[dict[str, Any]]:
    (found,) = watch.cloud.sent.values() or [[]]
    return [json.loads(each) for each in found]


def test_a_use_of_a_limited_code_is_forwarded_once_a_batch() -> None:
    with vigil(shelf(limited("location/day=9"))) as watch:
        row = redemption("1", redeemed_at=NOON)
        records = watch.write(row) + watch.write(replace(row, facts_seen=2, returned_minor=50))
        records += watch.write(redemption("2"))

        assert watch.bring(records) == []

        item = "redemption#MA1L#000"
        assert forwarded(watch) == [
            {"order": "shopify#corner-shop#1", "item": item},
            {"order": "shopify#corner-shop#2", "item": item},
        ]


@pytest.mark.parametrize("said", [{"budget_minor": 100}, {"code_limit": 9}, {"customer_limit": 9}])
def test_budgets_and_short_forms_are_limits_too(said: dict[str, Any]) -> None:
    with vigil(shelf(promotion(**said))) as watch:
        watch.see(redemption())

        assert len(forwarded(watch)) == 1


def test_what_is_taken_back_is_forwarded_as_well() -> None:
    with vigil(shelf(limited("location/day=9"))) as watch:
        row = redemption()
        watch.see(row)
        watch.see(replace(row, facts_seen=2, state="rolled_back", returned_minor=200))

        assert len(forwarded(watch)) == 2


def test_a_code_without_limits_is_forwarded_nowhere() -> None:
    with vigil(shelf()) as watch:
        watch.see(redemption(), redemption("2", code="UNKN0WN"))

        assert not watch.cloud.sent


def test_what_the_queue_does_not_take_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("queue: not every message was taken")

    with vigil(shelf(limited("location/day=9"))) as watch:
        records = watch.write(redemption())
        with monkeypatch.context() as patch:
            patch.setattr(queue, "send", refuse)
            again = watch.bring(records)

        assert again == [records[0]["dynamodb"]["SequenceNumber"]]
        assert watch.bring(records) == []
        assert len(forwarded(watch)) == 1
