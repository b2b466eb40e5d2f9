"""The stack's tables read from outside, item by item, as plain values."""

import json
import zlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from boto3.dynamodb.types import TypeDeserializer

from local.aws import LocalAws

Item: TypeAlias = Mapping[str, object]
_PLAIN = TypeDeserializer()


def items(aws: LocalAws, table: str) -> Iterator[Item]:
    """Every item of a table, such as `Orders`: a scan."""
    pages = aws.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=aws.outputs[f"{table}Table"], ConsistentRead=True):
        for item in page["Items"]:
            yield {name: _PLAIN.deserialize(value) for name, value in item.items()}


def text(item: Item, name: str) -> str:
    """A text attribute; empty where there is none."""
    value = item.get(name)
    return value if isinstance(value, str) else ""


def number(item: Item, name: str) -> int:
    """A number attribute; 0 where there is none."""
    value = item.get(name)
    return int(value) if isinstance(value, Decimal | int) else 0


def document(item: Item, name: str = "body") -> object:
    """An attribute that holds JSON, as text or deflated."""
    value = item.get(name)
    if isinstance(value, str):
        return json.loads(value)
    packed = bytes(getattr(value, "value", b""))
    return json.loads(zlib.decompress(packed)) if packed else None
