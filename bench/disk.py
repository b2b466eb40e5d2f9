"""A table of the cloud in memory that lies on disk: millions of items, and the memory is ours."""

import marshal
import sqlite3
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import replace
from random import Random
from threading import Lock
from typing import Any

from tests.battery.clouds import Cloud
from tests.battery.dynamo import Change, Dynamo, Key, Kwargs, Table
from tests.battery.expressions import Item
from tests.battery.faults import Faults, Plan


def cloud_with(table: str) -> Cloud:
    """A cloud without faults in which that table lies on disk."""
    found = Cloud(Faults(Random(0), Plan()))
    tables = found.dynamo.tables | {table: on_disk(found.dynamo.tables[table])}
    found.dynamo = _OneAtATime(tables.values())
    return found


def on_disk(table: Table) -> Table:
    """The same, empty, in a file that nobody sees."""
    items = _Items()
    return replace(table, items=items, parts=_Parts(items), changes=_Unkept(), written=_Unkept())


class _OneAtATime(Dynamo):
    """Loads write in threads; a call is whole, as on AWS."""

    def __init__(self, tables: Iterable[Table]) -> None:
        super().__init__(tables)
        self._lock = Lock()

    def answer(self, operation: str, asked: Kwargs) -> dict[str, Any]:
        with self._lock:
            return super().answer(operation, asked)


class _Items(MutableMapping[Key, Item]):
    """Items by key, and by the first part of their key."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        for said in ("journal_mode = OFF", "synchronous = OFF"):
            self._rows.execute(f"PRAGMA {said}")
        self._rows.execute(
            "CREATE TABLE items (pk TEXT, sk TEXT, item BLOB, PRIMARY KEY (pk, sk)) WITHOUT ROWID"
        )

    def __getitem__(self, key: Key) -> Item:
        found = self._rows.execute("SELECT item FROM items WHERE pk = ? AND sk = ?", key).fetchone()
        if found is None:
            raise KeyError(key)
        return _item(found[0])

    def __setitem__(self, key: Key, item: Item) -> None:
        self._rows.execute("REPLACE INTO items VALUES (?, ?, ?)", (*key, marshal.dumps(item)))

    def __delitem__(self, key: Key) -> None:
        self._rows.execute("DELETE FROM items WHERE pk = ? AND sk = ?", key)

    def __iter__(self) -> Iterator[Key]:
        yield from self._rows.execute("SELECT pk, sk FROM items")

    def __len__(self) -> int:
        (found,) = self._rows.execute("SELECT count(*) FROM items").fetchone()
        return int(found)

    def of(self, first: str) -> dict[Key, Item]:
        rows = self._rows.execute("SELECT pk, sk, item FROM items WHERE pk = ?", (first,))
        return {(pk, sk): _item(item) for pk, sk, item in rows}


class _Parts(dict[str, dict[Key, Item]]):
    """The same items by the first part of their key, looked up when they are asked for."""

    def __init__(self, items: _Items) -> None:
        super().__init__()
        self._items = items

    def get(self, first: str, _default: object = None) -> dict[Key, Item]:
        return self._items.of(first)

    def setdefault(self, _first: str, _default: object = None) -> dict[Key, Item]:
        return {}

    def __getitem__(self, _first: str) -> dict[Key, Item]:
        return _Deaf()


class _Deaf(dict[Key, Item]):
    """Lets go of what it never had."""

    def __delitem__(self, _key: Key) -> None:
        return


class _Unkept(list[Change | Key]):
    """Nobody reads this table's stream."""

    def append(self, _each: Change | Key) -> None:
        return


def _item(packed: bytes) -> Item:
    found = marshal.loads(packed)
    assert isinstance(found, dict)
    return found
