"""Does what browsers reported reach the sightings, each once, and resume where it was cut short?"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from functions.sources.google_analytics import pieces, replay, sweep
from local.vendors.exchange import Answer, Request
from local.vendors.server import serving
from tests import cloud
from tests.flow.test_roads import Lambda, batch
from tests.sources.events import NOW, Event
from tests.sources.test_google_analytics import CONNECTION, ROOM
from vouchsafe.edge import clock, cursors_table, facts_table, parking, sightings_table
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.sighting import Sighting

DAY = date(2026, 11, 20)
OBJECTS = "/storage/v1/b/shop-export/o"
ASKED = {"account": "web"}
PREFIX = "/google_analytics/web"


class Cloud:
    """A bucket with one file of rows, and the token to it."""

    def __init__(self) -> None:
        self.content = b""
        self.generation = 1
        self.downloads = 0

    def holds(self, *stems: str) -> None:
        rows = [
            row
            for stem in stems
            for row in json.loads(Event(room=ROOM, stem=f"events.{stem}").body())["rows"]
        ]
        self.content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        self.generation += 1

    def answer(self, request: Request) -> Answer:
        if request.path == "/token":
            return _told({"access_token": "the-token", "expires_in": 3599})
        assert request.headers["authorization"] == "Bearer the-token"
        if request.path != OBJECTS:
            self.downloads += 1
            first, last = request.headers["range"].removeprefix("bytes=").split("-")
            return Answer(206, self.content[int(first) : int(last) + 1])
        item = {
            "name": "ga4/events_20261120.json",
            "generation": str(self.generation),
            "size": str(len(self.content)),
            "updated": clock.now().isoformat(),
        }
        named = item["name"] >= request.query.get("startOffset", "")
        return _told({"items": [item] if named else []})


def _told(document: Any) -> Answer:
    return Answer(200, json.dumps(document).encode())


@pytest.fixture
def google(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    ticking = (NOW + timedelta(seconds=step) for step in range(100_000))
    monkeypatch.setattr(clock, "now", lambda: next(ticking))
    desk = Cloud()
    with serving({PREFIX: desk}) as address:
        home = f"{address}{PREFIX}"
        connection = {
            "shop": CONNECTION.shop,
            "api_url": home,
            "api_key": CONNECTION.api_key,
            "api_secret": CONNECTION.api_secret,
            "options": {
                "calls_a_second": "1000",
                "login_url": f"{home}/token",
                "refresh_token": "of the first consent",
                "export_url": home,
                "bucket": "shop-export",
            },
        }
        cloud.put_secret("google_analytics/web", json.dumps(connection))
        yield desk


def seen() -> list[Sighting]:
    return list(sightings_table.of_day("google_analytics", "web", DAY))


def swept(left_ms: int = 10**6) -> None:
    assert sweep.handle(batch(ASKED), Lambda(left_ms)) == {"batchItemFailures": []}


def test_what_was_reported_is_kept_once_however_often_it_is_told(google: Cloud) -> None:
    google.holds("purchase", "applied_three_times", "of_no_use_to_us")
    swept()
    first = seen()
    google.holds("purchase", "applied_three_times", "same_page_twice")
    swept()

    assert sorted(each.kind for each in first) == ["applied", "applied", "purchased"]
    assert sorted(each.kind for each in seen()) == ["applied"] * 2 + ["purchased"] * 3


def test_nothing_of_it_reaches_the_ledger(google: Cloud) -> None:
    google.holds("purchase")
    swept()

    key = OrderKey(platform="google_analytics", account="web", order_id="WEB-99812")
    assert facts_table.of_order(key.text()) == []


def test_a_sweep_that_is_cut_short_goes_on_in_the_middle_of_a_file(
    google: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "A_PIECE", 3000)
    google.holds("purchase", "two_codes", "foreign", "yen", "currency_missing")
    rounds = 0
    while True:
        swept(left_ms=1)
        rounds += 1
        last = cursors_table.get("google_analytics", "web", "sweep")
        assert last is not None
        if last.done:
            break

    assert len(seen()) == 5
    assert rounds == google.downloads + 1 > 2


def test_rows_that_cannot_be_read_are_parked_and_read_again(
    google: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    google.holds("purchase", "unreadable_day")
    swept()
    (key,) = parking.keys("unreadable/google_analytics/")
    assert seen() == []
    assert "rows[1].event_date" in (parking.reason_of(key) or "")

    monkeypatch.setattr(
        "functions.sources.google_analytics.read.export_rows.sightings",
        lambda *_: iter([_of_the_mended_reader()]),
    )
    replay.handle(batch({"parked": key}), None)

    assert list(parking.keys("unreadable/")) == []
    assert seen() == [_of_the_mended_reader()]


def _of_the_mended_reader() -> Sighting:
    return Sighting(
        platform="google_analytics",
        account="web",
        day=DAY,
        kind="purchased",
        sighting_id="event:1",
        transaction_id="WEB-99812",
    )
