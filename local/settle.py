"""Waiting until the stack has come to rest: queues empty, streams read, nothing moves any more."""

import time
from collections.abc import Callable
from typing import Any

from local.aws import LocalAws

# The local AWS reads all streams with one thread; a batch may take it this long.
QUIET_S = 3.0
POLL_S = 0.25
ASK_EVERY_S = 4.0
QUIET_ASK_EVERY_S = 1.0
PATIENCE_S = 600.0
# A message to Slack waits as long as Slack asks, and nothing waits for it; failures wait for ever.
_OTHERS = ("Slack", "StreamFailures")
_DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class NotSettled(Exception):
    """The stack did not come to rest; the message says what was still going on."""


def settle(aws: LocalAws, tell: Callable[[str], None], patience_s: float = PATIENCE_S) -> None:
    """Waits until no function has run for a while and no queue holds anything. Raises NotSettled.

    Every invocation says a line, so that a log which does not grow means that no function ran; the
    queues are asked rarely, for every question takes time from what is being waited for. `tell`
    hears what is still waiting.
    """
    client = aws.client("sqs")
    begun = changed = asked = time.monotonic()
    said = 0
    while (now := time.monotonic()) - begun < patience_s:
        size = aws.log.stat().st_size
        if size != said:
            said, changed = size, now
        quiet = now - changed >= QUIET_S
        if now - asked >= (QUIET_ASK_EVERY_S if quiet else ASK_EVERY_S):
            asked = now
            waiting = _depths(client, aws, _is_waited_for)
            if not waiting and quiet:
                return
            tell(", ".join(f"{name} {depth}" for name, depth in waiting.items()) or "streams")
        time.sleep(POLL_S)
    raise NotSettled(f"after {patience_s:.0f} s there still waits: {_depths(client, aws, _any)}")


def dead_letters(aws: LocalAws) -> dict[str, int]:
    """How many messages lie on each dead-letter queue that is not empty."""
    return _depths(aws.client("sqs"), aws, _is_dead)


def _is_waited_for(name: str) -> bool:
    return not name.startswith(_OTHERS) and not _is_dead(name)


def _is_dead(name: str) -> bool:
    return "DeadLetters" in name or "Failures" in name


def _any(_name: str) -> bool:
    return True


def _depths(client: Any, aws: LocalAws, wanted: Callable[[str], bool]) -> dict[str, int]:
    found = {}
    for name, url in aws.outputs.items():
        if name.endswith("Queue") and wanted(name):
            told = client.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTHS))
            depth = sum(int(told["Attributes"][each]) for each in _DEPTHS)
            if depth:
                found[name.removesuffix("Queue")] = depth
    return found
