"""What tests of the tables share."""

import base64
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest


@pytest.fixture
def stream_image() -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """An item as a stream record shows it: JSON, binary as base64 text."""

    def image(table: str, key: dict[str, Any]) -> dict[str, Any]:
        item = boto3.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
        text = json.dumps(item, default=lambda raw: base64.b64encode(raw).decode())
        found = json.loads(text)
        assert isinstance(found, dict)
        return found

    return image
