"""The attribution handler over tables in memory, whose calls may be spoiled."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.connection.base import Connection

from functions.streams.attribution import handler
from functions.streams.attribution.match import Row
from tests.battery.dynamo import Dynamo, Table, record
from tests.pure.registers import Shelf
from tests.streams.journeys import shop
from vouchsafe.edge import credits_table, insight_table, parking, redemptions_table
from vouchsafe.pure.credit import Counters, Credit
from vouchsafe.pure.facts import OrderKey


class Crash(BaseException):
    """The process is gone."""


@dataclass
class LearningShelf(Shelf):
    """A register that may have been read long ago."""

    newest: int = 1

    def refresh(self) -> None:
        self.at_revision = self.newest


@dataclass
class Cloud:
    """The tables in memory; `before` and `after` may spoil a call."""

    dynamo: Dynamo
    shelf: LearningShelf
    parked: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None

    def _make_api_call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        self.before(operation)
        answer = self.dynamo.answer(operation, asked)
        self.after(operation)
        return answer

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [record(each, images=True) for each in self.dynamo.tables[stream].changes]


@contextmanager
def cloud() -> Iterator[Cloud]:
    """The handler over tables in memory."""
    index = {"by_customer": ("customer_key", "customer_sort")}
    names = ("Credits", "Insight", "Touchpoints")
    tables = [Table(name, ("pk", "sk")) for name in names]
    tables.append(Table("Redemptions", ("pk", "sk"), index))
    known = shop()
    shelf = LearningShelf(codes=known.codes, promotions=known.promotions, campaigns=known.campaigns)
    found = Cloud(Dynamo(tables), shelf)

    def park(*, consumer: str, record: object, reason: str) -> str:
        found.parked.append(reason)
        return f"record/{consumer}/1.json"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "client", property(lambda _: found))
        patch.setattr(handler, "_register", shelf)
        patch.setattr(handler, "PAUSE_S", 0)
        patch.setattr(parking, "park_record", park)
        yield found


def held() -> list[Credit]:
    return [each.credit for each in credits_table.all_credits()]


def sums() -> Counters:
    return dict(insight_table.all_rows())


def put(row: Row, revision: int = 1) -> Row:
    assert redemptions_table.put(row, revision)
    return row


def deliver(stream: list[dict[str, Any]]) -> list[str]:
    """What has to come again."""
    answer = handler.handle({"Records": stream}, None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def order(number: int) -> OrderKey:
    return OrderKey(platform="square", account="kew", order_id=str(number))


def cancelled(code: str) -> ClientError:
    """The answer to a transaction that met this reason."""
    answer = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": code}, {"Code": "None"}],
    }
    return ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]
