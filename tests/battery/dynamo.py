"""Tables in memory that answer PynamoDB's calls as DynamoDB would, and keep their streams.

Strict on purpose: key types, 400 KB an item, 100 items a transaction, one entry an item in it,
conditions all or nothing. What is not understood raises.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from .expressions import Attribute, Item, holds, updated

Kwargs = dict[str, Any]
Key = tuple[str, ...]

_LARGEST_ITEM = 400 * 1024
_MOST_IN_TRANSACTION = 100


@dataclass(slots=True)
class Change:
    """One record of a table's stream."""

    table: str
    sequence: int
    key: Item
    old: Item | None
    new: Item | None


@dataclass(slots=True)
class Table:
    """Items by key; `indexes` are (hash attribute, range attribute) by index name."""

    name: str
    keys: tuple[str, ...]
    indexes: dict[str, tuple[str, str]] = field(default_factory=dict)
    items: dict[Key, Item] = field(default_factory=dict)
    parts: dict[str, dict[Key, Item]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    written: list[Key] = field(default_factory=list)


class Dynamo:
    """All tables of a stack. `answer` takes an operation's name and its arguments."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self.tables = {table.name: table for table in tables}
        self._sequence = 0

    def answer(self, operation: str, asked: Kwargs) -> dict[str, Any]:
        """The service's answer. Raises ClientError with the service's codes."""
        handler = getattr(self, f"_{operation}", None)
        if handler is None:
            raise NotImplementedError(f"{operation} is not known to the double")
        found = handler(asked)
        assert isinstance(found, dict)
        return found

    def _PutItem(self, asked: Kwargs) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        self._check(table, asked, asked["Item"], "PutItem")
        self._write(table, asked["Item"])
        return {}

    def _DeleteItem(self, asked: Kwargs) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        self._check(table, asked, asked["Key"], "DeleteItem")
        self._erase(table, asked["Key"])
        return {}

    def _UpdateItem(self, asked: Kwargs) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        self._check(table, asked, asked["Key"], "UpdateItem")
        after = self._update(table, asked)
        self._write(table, after)
        return {"Attributes": after}

    def _GetItem(self, asked: Kwargs) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        found = table.items.get(_key(table, asked["Key"]))
        return {"Item": dict(found)} if found is not None else {}

    def _BatchGetItem(self, asked: Kwargs) -> dict[str, Any]:
        answers = {}
        for name, wanted in asked["RequestItems"].items():
            table = self.tables[name]
            keys = [_key(table, key) for key in wanted["Keys"]]
            if len(keys) > 100 or len(set(keys)) != len(keys):
                raise _error("ValidationException", "BatchGetItem")
            answers[name] = [dict(table.items[key]) for key in keys if key in table.items]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def _BatchWriteItem(self, asked: Kwargs) -> dict[str, Any]:
        for name, requests in asked["RequestItems"].items():
            for request in requests:
                if "PutRequest" in request:
                    self._write(self.tables[name], request["PutRequest"]["Item"])
                else:
                    self._erase(self.tables[name], request["DeleteRequest"]["Key"])
        return {"UnprocessedItems": {}}

    def _Query(self, asked: Kwargs) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        index = asked.get("IndexName")
        if index and asked.get("ConsistentRead"):
            raise _error("ValidationException", "Query")
        hash_name, *ranges = table.indexes[index] if index else table.keys
        first, _, _ = asked["KeyConditionExpression"].partition(" AND ")
        wanted = asked["ExpressionAttributeValues"][first.split("=")[1].strip()]["S"]
        among = self._indexed(table, index, wanted) if index else table.parts.get(wanted, {})
        found = [item for item in among.values() if _meets(item, asked, "KeyConditionExpression")]
        order = ranges[0] if ranges else hash_name
        found.sort(key=lambda item: (item[order]["S"], _key(table, item)))
        if asked.get("ScanIndexForward") is False:
            found.reverse()
        return _page(table, found, asked)

    def _Scan(self, asked: Kwargs) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        segment, segments = asked.get("Segment", 0), asked.get("TotalSegments", 1)
        found = [
            item
            for at, part in enumerate(table.parts.values())
            if at % segments == segment
            for item in part.values()
        ]
        return _page(table, found, asked)

    def _TransactGetItems(self, asked: Kwargs) -> dict[str, Any]:
        return {
            "Responses": [self._GetItem(each["Get"]) for each in asked["TransactItems"]],
        }

    def _TransactWriteItems(self, asked: Kwargs) -> dict[str, Any]:
        entries = [(verb, part) for each in asked["TransactItems"] for verb, part in each.items()]
        keys = [self._entry_key(part) for _, part in entries]
        if len(entries) > _MOST_IN_TRANSACTION or len(set(keys)) != len(keys):
            raise _error("ValidationException", "TransactWriteItems")
        reasons = [
            {"Code": "None"} if self._entry_holds(part) else {"Code": "ConditionalCheckFailed"}
            for _, part in entries
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            raise _error("TransactionCanceledException", "TransactWriteItems", reasons)
        for verb, part in entries:
            self._fits(verb, part)
        for verb, part in entries:
            self._apply(verb, part)
        return {}

    def _fits(self, verb: str, part: Kwargs) -> None:
        """An item too large refuses the whole transaction before anything of it is applied."""
        if verb == "Put":
            _check_size(part["Item"], "TransactWriteItems")
        elif verb == "Update":
            _check_size(self._update(self.tables[part["TableName"]], part), "TransactWriteItems")

    def _entry_key(self, part: Kwargs) -> tuple[str, Key]:
        table = self.tables[part["TableName"]]
        return table.name, _key(table, part.get("Key") or part["Item"])

    def _entry_holds(self, part: Kwargs) -> bool:
        table = self.tables[part["TableName"]]
        held = table.items.get(_key(table, part.get("Key") or part["Item"]), {})
        return _meets(held, part, "ConditionExpression")

    def _apply(self, verb: str, part: Kwargs) -> None:
        table = self.tables[part["TableName"]]
        if verb == "Put":
            self._write(table, part["Item"])
        elif verb == "Delete":
            self._erase(table, part["Key"])
        elif verb == "Update":
            self._write(table, self._update(table, part))
        elif verb != "ConditionCheck":
            raise NotImplementedError(verb)

    def _update(self, table: Table, asked: Kwargs) -> Item:
        held = table.items.get(_key(table, asked["Key"]), dict(asked["Key"]))
        return updated(
            asked["UpdateExpression"],
            held,
            asked.get("ExpressionAttributeNames", {}),
            asked.get("ExpressionAttributeValues", {}),
        )

    def _check(self, table: Table, asked: Kwargs, key: Item, operation: str) -> None:
        held = table.items.get(_key(table, key), {})
        if not _meets(held, asked, "ConditionExpression"):
            raise _error("ConditionalCheckFailedException", operation)

    def _write(self, table: Table, item: Item) -> None:
        _check_size(item, "PutItem")
        key = _key(table, item)
        old = table.items.get(key)
        new = {name: value for name, value in item.items() if value != {"NULL": True}}
        table.items[key] = new
        table.parts.setdefault(key[0], {})[key] = new
        table.written.append(key)
        if new != old:
            self._tell(table, new, old, new)

    def _erase(self, table: Table, key: Item) -> None:
        old = table.items.pop(_key(table, key), None)
        if old is not None:
            del table.parts[key[table.keys[0]]["S"]][_key(table, key)]
            self._tell(table, old, old, None)

    def _tell(self, table: Table, of: Item, old: Item | None, new: Item | None) -> None:
        self._sequence += 1
        key = {name: of[name] for name in table.keys}
        table.changes.append(Change(table.name, self._sequence, key, old, new))

    @staticmethod
    def _indexed(table: Table, index: str, wanted: str) -> dict[Key, Item]:
        hash_name, range_name = table.indexes[index]
        return {
            key: item
            for key, item in table.items.items()
            if item.get(hash_name, {}).get("S") == wanted and range_name in item
        }


def record(change: Change, *, images: bool) -> dict[str, Any]:
    """A change as Lambda shows it: JSON only, binary as base64 text."""
    shown: dict[str, Any] = {"Keys": change.key, "SequenceNumber": f"{change.sequence:020d}"}
    if images:
        if change.old is not None:
            shown["OldImage"] = _shown(change.old)
        if change.new is not None:
            shown["NewImage"] = _shown(change.new)
    happened = "INSERT" if change.old is None else "REMOVE" if change.new is None else "MODIFY"
    arn = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{change.table}/stream/1"
    return {
        "eventID": f"{change.sequence:032x}",
        "eventName": happened,
        "eventSource": "aws:dynamodb",
        "eventSourceARN": arn,
        "dynamodb": shown,
    }


def _shown(item: Item) -> Item:
    found = json.loads(json.dumps(item, default=lambda raw: base64.b64encode(raw).decode()))
    assert isinstance(found, dict)
    return found


def _meets(item: Item, asked: Kwargs, which: str) -> bool:
    return holds(
        asked.get(which),
        item,
        asked.get("ExpressionAttributeNames", {}),
        asked.get("ExpressionAttributeValues", {}),
    )


def _page(table: Table, found: list[Item], asked: Kwargs) -> dict[str, Any]:
    start = asked.get("ExclusiveStartKey")
    if start is not None:
        keys = [_key(table, item) for item in found]
        found = found[keys.index(_key(table, start)) + 1 :]
    limit = asked.get("Limit", len(found)) or len(found)
    shown, more = found[:limit], found[limit:]
    kept = [item for item in shown if _meets(item, asked, "FilterExpression")]
    answer: dict[str, Any] = {"Count": len(kept), "ScannedCount": len(shown)}
    if asked.get("Select") != "COUNT":
        answer["Items"] = [dict(item) for item in kept]
    if more:
        answer["LastEvaluatedKey"] = {name: shown[-1][name] for name in table.keys}
    return answer


def _key(table: Table, item: Item) -> Key:
    key = tuple(item[name]["S"] for name in table.keys)
    if not all(key):
        raise _error("ValidationException", "key")
    return key


def _check_size(item: Item, operation: str) -> None:
    if _size(item) > _LARGEST_ITEM:
        raise _error("ValidationException", operation)


def _size(item: Item) -> int:
    return sum(len(name.encode()) + _weight(value) for name, value in item.items())


def _weight(attribute: Attribute) -> int:
    ((kind, value),) = attribute.items()
    if kind == "B":
        return len(value)
    if kind == "L":
        return 3 + sum(1 + _weight(each) for each in value)
    return len(str(value).encode())


def _error(code: str, operation: str, reasons: list[dict[str, str]] | None = None) -> ClientError:
    answer: dict[str, Any] = {"Error": {"Code": code, "Message": code}}
    if reasons is not None:
        answer["CancellationReasons"] = reasons
    return ClientError(answer, operation)  # type: ignore[arg-type]
