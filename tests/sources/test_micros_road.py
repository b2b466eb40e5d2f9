"""Does a notification come to the ledger by way of the reports, signed in, and late if need be?"""

import json
from collections.abc import Iterator

import pytest

from functions.sources.micros import fetch, sweep, webhook
from local.vendors.exchange import Answer, Request
from local.vendors.server import serving
from tests import cloud
from tests.flow.test_roads import Lambda, batch, failed
from tests.sources.events import NOW, Event
from tests.sources.test_micros import CONNECTION, KEY, ROOM, headers, sign
from vouchsafe.edge import clock, facts_table, grants, queue
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.order import fold

ORDER = OrderKey(platform="micros", account="kew", order_id="store12:740118822").text()


class Simphony:
    """Reports and identity host at once; `stems` are the checks that it reports."""

    def __init__(self) -> None:
        self.stems: list[str] = []
        self.signed_in = 0
        self.good = "token-1"

    def answer(self, request: Request) -> Answer:
        name = request.path.rpartition("/")[2]
        if name == "authorize":
            return Answer(200, b"<html>", {"Set-Cookie": "a=1"})
        if name == "signin":
            return _told({"redirectUrl": "apiaccount://callback?code=x"})
        if name == "token":
            self.signed_in += 1
            told = {"id_token": self.good, "expires_in": 1000, "refresh_token": "r"}
            return _told(told)
        if request.headers["authorization"] != f"Bearer {self.good}":
            return Answer(401, b"{}")
        if name == "getLatestBusinessDate":
            return _told({"latestBusDt": "2026-11-20"})
        events = (Event(room=ROOM, stem=each) for each in self.stems)
        checks = [json.loads(each.document().body)["guestCheck"] for each in events]
        day = request.document()["busDt"]
        return _told({"guestChecks": [each for each in checks if each["opnBusDt"] == day]})


def _told(document: object) -> Answer:
    return Answer(200, json.dumps(document).encode())


@pytest.fixture
def simphony(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simphony]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(queue, "put_off", lambda *_: None)
    grants.forget()
    desk = Simphony()
    with serving({"/micros/kew": desk}) as address:
        connection = {
            "signing_keys": [KEY],
            "shop": CONNECTION.shop,
            "api_url": f"{address}/micros/kew",
            "api_key": CONNECTION.api_key,
            "api_secret": CONNECTION.api_secret,
            "options": {"currency": "USD", "locations": "store12", "calls_a_second": "1000"},
        }
        cloud.put_secret("micros/kew", json.dumps(connection))
        yield desk


def delivered(key: str = KEY) -> int:
    body = Event(room=ROOM, stem="CheckNotification").body()
    event = {
        "headers": {**headers(""), **sign(body, CONNECTION, key, NOW)},
        "pathParameters": {"account": "kew"},
        "isBase64Encoded": False,
        "body": body.decode(),
    }
    return int(str(webhook.handle(event, None)["statusCode"]))


def stage() -> str | None:
    order = fold(facts_table.of_order(ORDER))
    return order.stage if order else None


def test_a_notification_brings_its_check_once_it_is_reported(simphony: Simphony) -> None:
    assert delivered() == 200
    (notice,) = cloud.sent("FETCH")
    assert failed(fetch.handle(batch(notice), None)) == ["0"]
    assert stage() is None

    simphony.stems = ["check.confirmed"]

    assert failed(fetch.handle(batch(notice), None)) == []
    assert stage() == "confirmed"
    assert simphony.signed_in == 1


def test_a_session_that_oracle_ended_is_renewed(simphony: Simphony) -> None:
    simphony.stems = ["check.confirmed"]
    delivered()
    (notice,) = cloud.sent("FETCH")
    fetch.handle(batch(notice), None)
    simphony.good = "token-2"

    assert failed(fetch.handle(batch(notice), None)) == ["0"]
    assert failed(fetch.handle(batch(notice), None)) == []
    assert simphony.signed_in == 2


def test_a_forged_notification_leaves_no_trace(simphony: Simphony) -> None:
    assert delivered("Zm9yZ2Vk") == 401
    assert cloud.sent("FETCH") == []


def test_a_sweep_finds_what_was_told_once_and_lost(simphony: Simphony) -> None:
    simphony.stems = ["check.confirmed", "check.two_codes"]

    assert failed(sweep.handle(batch({"account": "kew"}), Lambda())) == []
    assert stage() == "confirmed"
