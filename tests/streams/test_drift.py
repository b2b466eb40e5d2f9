"""Is a change of a platform's told once, counted right, and never lost?"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.streams.drift.handler import handle
from tests import cloud
from tests.flow.deliveries import posted, read, verify
from vouchsafe.edge import clock, drift_table, parking, topic
from vouchsafe.flow.webhook import webhook
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.hearing import Delivery

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def heard(aws: None, monkeypatch: pytest.MonkeyPatch) -> list[Happening]:
    told: list[Happening] = []
    monkeypatch.setattr(topic, "publish", told.append)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(parking, "_kept_unheard", set())
    return told


def parked(number: int, reason: str = "checks[0].amount must be a number") -> str:
    delivery = Delivery(
        platform="toast", account="kew", headers={}, body=b"%d" % number, received_at=NOON
    )
    return parking.park(delivery, "unreadable", reason)


def notified(*keys: str) -> dict[str, Any]:
    notices = [{"Records": [{"s3": {"object": {"key": key}}}]} for key in keys]
    return {
        "Records": [
            {
                "messageId": str(at),
                "receiptHandle": str(at),
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:drift",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": json.dumps(notice),
            }
            for at, notice in enumerate(notices)
        ]
    }


def failed(*keys: str) -> int:
    return len(handle(notified(*keys), None)["batchItemFailures"])


def test_a_change_is_told_once_however_many_deliveries_show_it(heard: list[Happening]) -> None:
    keys = [parked(number, f"checks[{number}].amount must be a number") for number in range(3)]

    assert failed(*keys) == 0

    (told,) = heard
    assert told.happening == "DriftFound"
    assert told.subject["place"] == "checks[].amount"
    (seen,) = drift_table.everything()
    assert (seen.count, seen.told_at) == (3, NOON)


def test_a_repeat_counts_nothing(heard: list[Happening]) -> None:
    key = parked(1)

    assert failed(key, key) + failed(key) == 0
    assert [each.count for each in drift_table.everything()] == [1]
    assert len(heard) == 1


def test_two_changes_are_two(heard: list[Happening]) -> None:
    failed(parked(1), parked(2, "state must be one of OPEN, CLOSED"))

    assert {each.subject["place"] for each in heard} == {"checks[].amount", "state"}


def test_what_comes_back_after_it_was_mended_is_told_again(
    heard: list[Happening], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(parked(1))
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=8))
    failed(parked(2))

    assert len({each.id for each in heard}) == 2


def test_what_could_not_be_told_comes_again(
    heard: list[Happening], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_: Happening) -> None:
        raise Unavailable("not now")

    key = parked(1)
    monkeypatch.setattr(topic, "publish", deaf)
    assert failed(key) == 1
    monkeypatch.setattr(topic, "publish", heard.append)
    assert failed(key) == 0

    assert len(heard) == 1
    assert [each.count for each in drift_table.everything()] == [1]


def test_what_was_driven_again_meanwhile_is_no_fault(heard: list[Happening]) -> None:
    key = parked(1)
    parking.take_away(key)

    assert failed(key) == 0
    assert heard == []


def test_an_event_that_nobody_knows_is_kept_to_be_looked_at(heard: list[Happening]) -> None:
    cloud.put_secret("till/kew", json.dumps({"signing_keys": ["current"]}))
    door = webhook("till", verify, read)
    for _ in range(3):
        answer = door(
            posted(
                json.dumps({"known": False, "event": "tips/../added"}),
                pathParameters={"account": "kew"},
            ),
            None,
        )
        assert answer["statusCode"] == 200

    (key,) = parking.keys("unheard_of/")
    assert key == "unheard_of/till/kew/tips_.._added.json"
    assert failed(key) == 0
    assert heard[0].subject["kind"] == "unheard_of"


def test_an_event_that_cannot_be_kept_is_acknowledged_all_the_same(
    heard: list[Happening], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise Unavailable("not now")

    cloud.put_secret("till/kew", json.dumps({"signing_keys": ["current"]}))
    monkeypatch.setattr(parking, "_put", unavailable)
    body = json.dumps({"known": False, "event": "tips"})
    event = posted(body, pathParameters={"account": "kew"})

    assert webhook("till", verify, read)(event, None)["statusCode"] == 200
