"""Are pulled documents recorded one by one where they tell of orders, and together elsewhere?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests import cloud
from tests.flow.deliveries import ACCOUNT, PLATFORM, order
from vouchsafe.edge import clock, journal, secrets
from vouchsafe.flow.record_touched import record_touched
from vouchsafe.flow.take import Taken, take
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.hearing import Document, Saying
from vouchsafe.pure.touchpoint import Touchpoint

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOUCH = Touchpoint(
    touchpoint_id="claim", customer="email:a", seen_at=NOON, kind="publication", code="A"
)


class Ledger:
    """Records, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def record(self, sayings: Iterable[Saying]) -> int:
        held = list(sayings)
        self.asked.append(len(held))
        return record_touched(held)


@pytest.fixture
def ledger(aws: None, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    cloud.put_secret(f"{PLATFORM}/{ACCOUNT}", "{}")
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return Ledger()


def said(document: Document, *_: object) -> tuple[Saying, ...]:
    """`touch 1`, `order 1`, `both 1`, or nothing at all."""
    kind, name = (document.body.decode() + " ").split(" ")[:2]
    if kind == "broken":
        raise Unreadable("document", "is broken")
    touches = (replace(TOUCH, touchpoint_id=name),) if kind in ("touch", "both") else ()
    return (*touches, order(name)) if kind in ("order", "both") else touches


def taken(ledger: Ledger, *bodies: str) -> Taken:
    documents = tuple(Document(kind="any", body=body.encode()) for body in bodies)
    connection = secrets.connection(PLATFORM, ACCOUNT)
    with journal.line("sweep", platform=PLATFORM) as line:
        return take(documents, connection, said, ledger.record, line)


def test_a_page_of_touchpoints_is_recorded_at_once(ledger: Ledger) -> None:
    found = taken(ledger, "touch 1", "nothing", "touch 2", "broken", "touch 3")

    assert ledger.asked == [3]
    assert (found.found, found.parked, found.listed) == (3, 1, [])
    assert taken(ledger, "touch 1", "touch 4").found == 1


def test_a_document_that_tells_of_an_order_is_recorded_by_itself(ledger: Ledger) -> None:
    found = taken(ledger, "order 1", "both 2", "touch 3", "order 1")

    assert sorted(ledger.asked) == [1, 1, 1, 2]
    assert found.found == 4
    assert [each.new for each in found.listed] == [True, True, False]


def test_a_page_that_tells_of_nothing_asks_for_nothing(ledger: Ledger) -> None:
    assert taken(ledger, "nothing").found == 0
    assert ledger.asked == []
