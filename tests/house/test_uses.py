"""Least privilege, measured on the code: what is granted is used, and what is used is granted."""

import pytest

from tests.house.stack import Right, functions, rights
from tests.house.uses import used

# What Lambda itself needs to bring a queue's or a stream's records, and to put failures away.
_BY_LAMBDA = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}


def _without_places(right: Right) -> Right:
    """Which folder of a bucket and which secret: test_rights looks after those."""
    if right.action.startswith("s3:"):
        return Right(right.action, right.target or right.resource)
    if right.action.startswith("secretsmanager:"):
        return Right(right.action, "secrets")
    return right


@pytest.mark.parametrize("function", sorted(functions()))
def test_granted_is_used_and_used_is_granted(function: str) -> None:
    failures = Right("sqs:SendMessage", "StreamFailures.Arn")
    granted = {
        _without_places(right)
        for right in rights(function)
        if right.action not in _BY_LAMBDA and right != failures
    }

    assert granted == used(function)
