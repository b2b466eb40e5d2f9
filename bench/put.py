"""The yardstick P: one conditional put of 14 attributes through botocore, as everybody makes it."""

import os
from collections.abc import Callable
from typing import Any

import botocore.session

from bench.wire import Wire

ITEM = {
    "pk": {"S": "shopify#corner-shop#6001"},
    "sk": {"S": "order#6001#2026-11-20T10:00:00.000Z#0123456789abcdef0123"},
    "body": {"B": os.urandom(600)},
    "reader": {"N": "1"},
    **{f"attribute_{at}": {"S": f"a value of usual length, {at}"} for at in range(10)},
}


def one_put() -> Callable[[], object]:
    """P, ready to be timed."""
    client: Any = botocore.session.get_session().create_client("dynamodb")
    Wire(lambda _operation, _body: b"{}").attach(client)
    return lambda: client.put_item(
        TableName="Facts", Item=ITEM, ConditionExpression="attribute_not_exists(pk)"
    )
