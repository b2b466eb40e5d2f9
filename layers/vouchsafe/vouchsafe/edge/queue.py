"""SQS: sending work, and reading the batches that Lambda brings."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from vouchsafe.edge.outage import translated
from vouchsafe.edge.session import client
from vouchsafe.pure.errors import Throttled, Unavailable

Answer = dict[str, list[dict[str, str]]]
_LONGEST_DELAY_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a batch; `attempt` counts from 1."""

    message_id: str
    receipt: str
    queue_arn: str
    attempt: int
    text: str

    def body(self) -> dict[str, Any]:
        """The JSON object it carries. Raises ValueError where it is none."""
        found = json.loads(self.text)
        if not isinstance(found, dict):
            raise ValueError("the message is no JSON object")  # noqa: TRY004 (one error for both)
        return found


def send(queue_url: str, bodies: Iterable[Mapping[str, Any]], delay_s: float = 0) -> None:
    """Sends messages, ten in a call. Raises Unavailable unless every one was taken."""
    waiting = [json.dumps(body, sort_keys=True) for body in bodies]
    for start in range(0, len(waiting), 10):
        entries = [
            {"Id": str(at), "MessageBody": text, "DelaySeconds": _delay(delay_s)}
            for at, text in enumerate(waiting[start : start + 10])
        ]
        with translated("queue"):
            answer = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        if answer.get("Failed"):
            raise Unavailable("queue: not every message was taken")


def put_off(message: Message, delay_s: float) -> None:
    """Hides a failed message for a while, so that it comes again when it has a chance."""
    with translated("queue"):
        client("sqs").change_message_visibility(
            QueueUrl=_url(message.queue_arn),
            ReceiptHandle=message.receipt,
            VisibilityTimeout=_delay(delay_s),
        )


def put_off_after(message: Message, reason: Exception) -> None:
    """Hides a failed message as long as the other side asked for, else longer each time."""
    asked = reason.retry_after_s if isinstance(reason, Throttled) else 30.0 * message.attempt
    put_off(message, asked)


def messages(event: Mapping[str, Any]) -> list[Message]:
    """The messages of a Lambda event."""
    return [
        Message(
            message_id=record["messageId"],
            receipt=record["receiptHandle"],
            queue_arn=record["eventSourceARN"],
            attempt=int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
            text=record["body"],
        )
        for record in event["Records"]
    ]


def each(event: Mapping[str, Any], work: Callable[[Message], bool]) -> Answer:
    """Does the work for each message by itself; the ones that it calls undone come again."""
    failed = [message.message_id for message in messages(event) if not work(message)]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def s3_keys(body: Mapping[str, Any]) -> list[str]:
    """The object keys of an S3 notification; none for S3's own test event."""
    return [
        unquote_plus(record["s3"]["object"]["key"])
        for record in body.get("Records", ())
        if "s3" in record
    ]


def _delay(seconds: float) -> int:
    return max(0, min(round(seconds), _LONGEST_DELAY_S))


def _url(queue_arn: str) -> str:
    name, account = queue_arn.rsplit(":", 1)[1], queue_arn.split(":")[4]
    with translated("queue"):
        found = client("sqs").get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
    return str(found["QueueUrl"])
