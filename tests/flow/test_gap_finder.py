"""Is what webhooks left out kept with its reason, and told once a day, come what may?"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import cloud
from tests.flow.deliveries import ACCOUNT, PLATFORM
from tests.flow.test_roads import Lambda, batch, documents, failed, order
from vouchsafe.edge import clock, cursors_table, queue, topic
from vouchsafe.flow import sweep as sweep_road
from vouchsafe.flow.record import record
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.facts import Fact, OrderSaid
from vouchsafe.pure.gaps import Announced, everything
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Page, Send, Subscription, Window

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OFF = Subscription(event="order.updated", state="off", why="disabled after five failures")


class Till:
    """Lists orders, and holds our subscriptions."""

    def __init__(self) -> None:
        self.orders: tuple[str, ...] = ("1",)
        self.wishes: tuple[Subscription, ...] = ()
        self.refuses = False

    def list_orders(self, _: Send, __: Connection, ___: Window, ____: str | None) -> Page:
        return Page(documents=documents(*self.orders))

    def check(self, _: Send, __: Connection) -> tuple[Subscription, ...]:
        if self.refuses:
            raise Refused("the vendor answered 403")
        return self.wishes

    def read_document(self, said: Document, *_: object) -> tuple[Fact, ...]:
        fact = order(said.body.decode())
        assert isinstance(fact.body, OrderSaid)
        changed = replace(fact.body, updated_at=NOON - timedelta(hours=1))
        return (replace(fact, body=changed),)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Happening]:
    heard: list[Happening] = []
    monkeypatch.setattr(topic, "publish", heard.append)
    return heard


@pytest.fixture
def till(aws: None, monkeypatch: pytest.MonkeyPatch) -> Till:
    secret = {
        "signing_keys": ["current"],
        "api_url": "http://till.test",
        "notification_url": "https://us.test/webhooks",
    }
    cloud.put_secret(f"{PLATFORM}/{ACCOUNT}", json.dumps(secret))
    cloud.put_secret(f"{PLATFORM}/swept", json.dumps({"api_url": "http://till.test"}))
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(queue, "put_off", lambda *_: None)
    return Till()


def swept(till: Till, account: str = ACCOUNT, announced: Announced = everything) -> list[str]:
    handle = sweep_road.sweep(
        PLATFORM,
        till.list_orders,
        till.read_document,
        1000,
        subscriptions=till.check,
        announced=announced,
    )
    return failed(handle(batch({"account": account}), Lambda()))


def test_the_first_sweep_of_an_account_finds_no_gap(till: Till, told: list[Happening]) -> None:
    assert swept(till) == []
    assert (list(cursors_table.gaps(PLATFORM, ACCOUNT)), told) == ([], [])


def test_a_gap_is_kept_with_its_orders_and_told(till: Till, told: list[Happening]) -> None:
    swept(till)
    till.orders = ("1", "2")
    swept(till)

    ((at, gap, was_told),) = cursors_table.gaps(PLATFORM, ACCOUNT)
    assert (at, was_told) == (NOON, True)
    assert (gap.missed, gap.listed, gap.why) == (1, 2, "lost")
    assert gap.orders == (order("2").order.text(),)
    (happening,) = told
    assert happening.happening == "GapFound"
    assert happening.subject["missed"] == 1


def test_what_the_webhook_brought_is_no_gap(till: Till, told: list[Happening]) -> None:
    swept(till)
    till.orders = ("1", "2")
    record(till.read_document(documents("2")[0]))
    swept(till)

    assert told == []


def test_an_account_that_is_never_called_has_no_gaps(till: Till, told: list[Happening]) -> None:
    swept(till, "swept")
    till.orders = ("1", "2")
    swept(till, "swept")

    assert told == []


def test_what_the_platform_does_not_announce_is_no_gap(till: Till, told: list[Happening]) -> None:
    def announced(fact: Fact) -> bool:
        return fact.order.order_id != "2"

    swept(till, announced=announced)
    till.orders = ("1", "2")
    swept(till, announced=announced)
    assert list(cursors_table.gaps(PLATFORM, ACCOUNT)) == []

    till.orders = ("1", "2", "3")
    swept(till, announced=announced)

    ((_, gap, _),) = cursors_table.gaps(PLATFORM, ACCOUNT)
    assert gap.orders == (order("3").order.text(),)
    assert [each.happening for each in told] == ["GapFound"]


def test_a_subscription_that_is_off_is_told(till: Till, told: list[Happening]) -> None:
    swept(till)
    till.wishes = (OFF,)
    swept(till)

    subject: Any = told[0].subject
    assert (subject["why"], subject["subscriptions"][0]["state"]) == ("switched_off", "off")


def test_a_vendor_who_does_not_show_them_leaves_the_sweep_whole(
    till: Till, told: list[Happening]
) -> None:
    till.refuses = True

    assert swept(till) == []
    assert cursors_table.get(PLATFORM, ACCOUNT, "sweep") is not None


def test_the_same_all_day_is_one_happening(
    till: Till, told: list[Happening], monkeypatch: pytest.MonkeyPatch
) -> None:
    swept(till)
    for hours, orders in enumerate((("1", "2"), ("1", "2", "3")), start=1):
        till.orders = orders
        later = NOON + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        swept(till)

    assert len(told) == 2
    assert len({each.id for each in told}) == 1


def test_a_gap_that_could_not_be_told_is_told_later(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Happening] = []

    def deaf(_: Happening) -> None:
        raise Unavailable("not now")

    swept(till)
    till.orders = ("1", "2")
    monkeypatch.setattr(topic, "publish", deaf)
    assert swept(till) == ["0"]
    monkeypatch.setattr(topic, "publish", heard.append)
    assert swept(till) == []

    assert [each.subject["missed"] for each in heard] == [1]
