"""Waiting until the stack has come to rest: queues empty, streams read, nothing moves any more."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.aws import LocalAws

# The local AWS reads all streams with one thread; a batch may take it this long.
QUIET_S = 3.0
POLL_S = 0.5
PATIENCE_S = 600.0
# A message to Slack waits as long as Slack asks, and nothing waits for it; failures wait for ever.
_OTHERS = ("Slack", "StreamFailures")
_DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class NotSettled(Exception):
    """The stack did not come to rest; the message says what was still going on."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is waiting on the queues, and how much the functions have said so far.

    Every invocation says a line: a log that does not grow means that no function ran.
    """

    waiting: Mapping[str, int]
    said: int


def settle(aws: LocalAws, tell: Callable[[str], None], patience_s: float = PATIENCE_S) -> float:
    """Waits until nothing waits and nothing has changed for a while; the seconds it took.

    `tell` hears what is still waiting. Raises NotSettled.
    """
    begun = changed = time.monotonic()
    before = Rest({}, 0)
    while time.monotonic() - begun < patience_s:
        now = look(aws)
        if now.waiting or now.said != before.said:
            changed = time.monotonic()
        elif time.monotonic() - changed >= QUIET_S:
            return time.monotonic() - begun
        before = now
        tell(", ".join(f"{name} {depth}" for name, depth in now.waiting.items()) or "streams")
        time.sleep(POLL_S)
    raise NotSettled(f"after {patience_s:.0f} s there still waits: {dict(before.waiting)}")


def look(aws: LocalAws) -> Rest:
    """The queues that are not empty, and the length of the log."""
    return Rest(_waiting(aws), aws.log.stat().st_size)


def dead_letters(aws: LocalAws) -> dict[str, int]:
    """How many messages lie on each dead-letter queue that is not empty."""
    return _depths(aws, lambda name: "DeadLetters" in name or "Failures" in name)


def _waiting(aws: LocalAws) -> dict[str, int]:
    return _depths(aws, lambda name: not name.startswith(_OTHERS) and "DeadLetters" not in name)


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
