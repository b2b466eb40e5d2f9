"""Does what a venue's checks become reach the ledger, each change once, by the clock alone?"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.sources.upserve import replay, sweep
from tests import cloud
from tests.flow.test_roads import Lambda, batch
from tests.sources.events import NOW, Event
from tests.sources.test_upserve import CONNECTION, ROOM
from vouchsafe.edge import clock, facts_table, parking
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.order import Order, fold

ID = "91dfe96e-e1e7-4bf5-ae32-6fd29d20c001"
KEY = OrderKey(platform="upserve", account="kew", order_id=ID).text()
TODAY = "20261120"


class Site(BaseHTTPRequestHandler):
    """A venue whose checks of today are these."""

    checks: list[Any] = []  # noqa: RUF012 - one venue, changed by the tests

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        found = self.checks if asked["date"] == TODAY else []
        told = {"meta": {"total_count": len(found)}, "objects": found}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def connected(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ticking = (NOW + timedelta(minutes=15 * step) for step in range(10_000))
    monkeypatch.setattr(clock, "now", lambda: next(ticking))
    with HTTPServer(("127.0.0.1", 0), Site) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        connection = {
            "shop": CONNECTION.shop,
            "api_url": f"http://127.0.0.1:{site.server_port}",
            "api_key": CONNECTION.api_key,
            "api_secret": CONNECTION.api_secret,
            "options": {"calls_a_second": "1000"},
        }
        cloud.put_secret("upserve/kew", json.dumps(connection))
        yield
        site.shutdown()


def swept(*names: str) -> int:
    """Sweeps while the venue's checks are these events; how many facts there are then."""
    Site.checks = [json.loads(Event(room=ROOM, stem=f"check.{each}").body()) for each in names]
    end = datetime.fromisoformat("2026-11-20T23:00:00+00:00")
    window = {"start": (end - timedelta(hours=1)).isoformat(), "end": end.isoformat()}
    asked = {"account": "kew", **window, "run": str(clock.now())}
    assert sweep.handle(batch(asked), Lambda()) == {"batchItemFailures": []}
    return len(facts_table.of_order(KEY))


def order() -> Order:
    found = fold(facts_table.of_order(KEY))
    assert found is not None
    return found


def test_each_change_is_recorded_and_each_repetition_is_not() -> None:
    assert [swept("open"), swept("open"), swept("confirmed"), swept("confirmed")] == [1, 1, 2, 2]
    assert (order().stage, order().total_minor) == ("confirmed", 4360)


def test_a_check_that_is_as_it_was_before_is_a_fact_again() -> None:
    told = [swept("confirmed"), swept("reopened"), swept("confirmed")]

    assert told == [1, 2, 3]
    assert (order().stage, [each.because for each in order().past]) == ("confirmed", ["reopened"])


def test_a_return_comes_as_two_facts_and_both_are_kept_once() -> None:
    assert [swept("partial_return"), swept("partial_return")] == [2, 2]
    assert order().refunded_minor == 1944


def test_what_cannot_be_read_is_parked_and_read_as_of_then(monkeypatch: pytest.MonkeyPatch) -> None:
    assert swept("unreadable_status", "two_codes") == 0
    (key,) = parking.keys("unreadable/upserve/")
    swept("closed_again")
    parked = parking.get(key)
    assert parked is not None

    monkeypatch.setattr("functions.sources.upserve.order._OPEN", frozenset({"open", "parked"}))
    replay.handle(batch({"parked": key}), None)

    assert list(parking.keys("unreadable/")) == []
    told = [each.body.total_minor for each in facts_table.of_order(KEY)]  # type: ignore[union-attr]
    assert told == [5450, 5450]
    assert facts_table.of_order(KEY)[0].received_at == parked.delivery.received_at
    assert order().stage == "confirmed"
