"""Waiting until the stack has come to rest: queues empty, streams read, nothing moves any more."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.aws import LocalAws

# The local AWS reads all streams with one thread; a batch may take it this long.
QUIET_S = 3.0
POLL_S = 0.5
PATIENCE_S = 300.0
_WATCHED = ("Facts", "Orders", "Redemptions", "Credits", "Insight", "Alarms", "Books")
_DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class NotSettled(Exception):
    """The stack did not come to rest; the message says what was still going on."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is waiting on the queues, and a sign of what the tables hold."""

    waiting: Mapping[str, int]
    sign: str


def settle(aws: LocalAws, tell: Callable[[str], None], patience_s: float = PATIENCE_S) -> float:
    """Waits until nothing waits and nothing has changed for a while; the seconds it took.

    `tell` hears what is still waiting. Raises NotSettled.
    """
    begun = changed = time.monotonic()
    before = Rest({}, "")
    while time.monotonic() - begun < patience_s:
        now = look(aws)
        if now.waiting or now.sign != before.sign:
            changed = time.monotonic()
        elif time.monotonic() - changed >= QUIET_S:
            return time.monotonic() - begun
        before = now
        tell(", ".join(f"{name} {depth}" for name, depth in now.waiting.items()) or "streams")
        time.sleep(POLL_S)
    raise NotSettled(f"after {patience_s:.0f} s there still waits: {dict(before.waiting)}")


def look(aws: LocalAws) -> Rest:
    """The queues that are not empty, and a digest of every table's size and newest state."""
    return Rest(_waiting(aws), _sign(aws))


def dead_letters(aws: LocalAws) -> dict[str, int]:
    """How many messages lie on each dead-letter queue that is not empty."""
    return _depths(aws, lambda name: "DeadLetters" in name or "Failures" in name)


def _waiting(aws: LocalAws) -> dict[str, int]:
    return _depths(aws, lambda name: "DeadLetters" not in name and "Failures" not in name)


def _depths(aws: LocalAws, wanted: Callable[[str], bool]) -> dict[str, int]:
    client = aws.client("sqs")
    found = {}
    for name, url in aws.outputs.items():
        if name.endswith("Queue") and wanted(name):
            told = client.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTHS))
            depth = sum(int(told["Attributes"][each]) for each in _DEPTHS)
            if depth:
                found[name.removesuffix("Queue")] = depth
    return found


def _sign(aws: LocalAws) -> str:
    client = aws.client("dynamodb")
    sizes = []
    for table in _WATCHED:
        told = client.describe_table(TableName=aws.outputs[f"{table}Table"])["Table"]
        sizes.append(f"{table} {told['ItemCount']} {told['TableSizeBytes']}")
    return hashlib.sha256(" ".join(sizes).encode()).hexdigest()
