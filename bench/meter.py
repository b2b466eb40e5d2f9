"""DynamoDB in memory that counts what AWS would bill: write and read units, by table and index."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.battery.clouds import tables
from tests.battery.dynamo import Dynamo, Key, Kwargs, Table
from tests.battery.expressions import Attribute, Item

_WRITE_BYTES = 1024
_READ_BYTES = 4096
_READS = frozenset({"GetItem", "Query", "BatchGetItem", "Scan", "TransactGetItems"})


class Meter(Dynamo):
    """`writes` are units by (table, index or empty), `reads` by table, `items` by table.

    AWS's rules, developer guide, "DynamoDB read and write operations", read 2026-11-20: a write
    is billed by the larger of the item before and after, a refused one too, one in a transaction
    twice; an index only where its own entry changes, and twice where the entry moves.
    """

    def __init__(self) -> None:
        super().__init__(tables())
        self.clear()

    def clear(self) -> None:
        self.calls: Counter[str] = Counter()
        self.writes: Counter[tuple[str, str]] = Counter()
        self.reads: dict[str, float] = defaultdict(float)
        self.items: Counter[str] = Counter()

    def stored(self) -> int:
        """Bytes that AWS bills for storage: items and index entries, 100 more for each."""
        return sum(
            100 + size(entry)
            for table in self.tables.values()
            for item in table.items.values()
            for entry in (item, *(_entry(table, names, item) for names in table.indexes.values()))
            if entry is not None
        )

    def answer(self, operation: str, asked: Kwargs) -> dict[str, Any]:
        self.calls[operation] += 1
        if operation in _READS:
            found = super().answer(operation, asked)
            self._count_read(operation, asked, found)
            return found
        before = [(table, key, table.items.get(key)) for table, key in self._places(asked)]
        try:
            return super().answer(operation, asked)
        finally:
            times = 2 if operation == "TransactWriteItems" else 1
            for table, key, old in before:
                self._count_write(table, old, table.items.get(key), times)

    def _count_write(self, table: Table, old: Item | None, new: Item | None, times: int) -> None:
        self.items[table.name] += 1
        largest = max(size(old), size(new))
        self.writes[table.name, ""] += times * max(1, math.ceil(largest / _WRITE_BYTES))
        for index, names in table.indexes.items():
            entry, other = (_entry(table, names, each) for each in (old, new))
            if entry != other:
                moved = [each for each in (entry, other) if each is not None]
                units = sum(math.ceil(size(each) / _WRITE_BYTES) for each in moved)
                self.writes[table.name, index] += units

    def _count_read(self, operation: str, asked: Kwargs, found: dict[str, Any]) -> None:
        for table, items, consistent in _read(operation, asked, found):
            by_item = operation != "Query" and operation != "Scan"
            sizes = [size(item) for item in items] if by_item else [sum(map(size, items))]
            units = sum(max(1, math.ceil(each / _READ_BYTES)) for each in sizes or [0])
            self.reads[table] += units * (1.0 if consistent else 0.5)

    def _places(self, asked: Kwargs) -> Iterator[tuple[Table, Key]]:
        for part in _parts(asked):
            table = self.tables[part["TableName"]]
            item = part.get("Key") or part["Item"]
            yield table, tuple(item[name]["S"] for name in table.keys)


def size(item: Item | None) -> int:
    """An item's bytes as AWS counts them: names and values."""
    return sum(len(name.encode()) + _weight(value) for name, value in (item or {}).items())


def _weight(attribute: Attribute) -> int:
    ((kind, value),) = attribute.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        digits = len(str(value).lstrip("-").replace(".", ""))
        return math.ceil(digits / 2) + 1 + str(value).startswith("-")
    if kind == "B":
        return len(bytes(value))
    if kind == "L":
        return 3 + sum(1 + _weight(each) for each in value)
    return 1


def _entry(table: Table, names: tuple[str, str], item: Item | None) -> Item | None:
    """What a keys-only index holds of an item."""
    if item is None or not all(name in item for name in names):
        return None
    return {name: item[name] for name in (*table.keys, *names)}


def _parts(asked: Kwargs) -> Iterator[Kwargs]:
    """Each single write of a call."""
    if "TransactItems" in asked:
        for each in asked["TransactItems"]:
            yield from each.values()
    elif "RequestItems" in asked:
        for name, requests in asked["RequestItems"].items():
            for each in requests:
                (write,) = each.values()
                yield {"TableName": name, **write}
    else:
        yield asked


def _read(
    operation: str, asked: Kwargs, found: dict[str, Any]
) -> Iterator[tuple[str, list[Item], bool]]:
    """(table, items, consistent) of a reading call."""
    if operation == "BatchGetItem":
        for name, wanted in asked["RequestItems"].items():
            there = found["Responses"].get(name, [])
            absent: list[Item] = [{} for _ in range(len(wanted["Keys"]) - len(there))]
            yield name, [*there, *absent], bool(wanted.get("ConsistentRead"))
    elif operation == "TransactGetItems":
        for each, one in zip(asked["TransactItems"], found["Responses"], strict=True):
            yield each["Get"]["TableName"], [one.get("Item", {})] * 2, True
    else:
        items = found.get("Items", [found.get("Item", {})])
        yield asked["TableName"], items, bool(asked.get("ConsistentRead"))
