"""The wire's far end: AWS's answers to the product's own SDK clients, without a network.

A hook answers before anything is sent. All that the SDK does before and after is real: packing,
signing, hooks and parsing. The hook takes its own time, so that it can be left out.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

SERVICES = ("dynamodb", "secretsmanager", "sqs", "sns", "s3")
# (service and operation, request body) to response body.
Answers = Callable[[str, bytes], bytes]


class Wire:
    """Counts what is asked; `spent_s` is the CPU time of answering."""

    def __init__(self, answers: Answers) -> None:
        self.calls: Counter[str] = Counter()
        self.spent_s = 0.0
        self._answers = answers

    def answer(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        """The hook: `event_name` is such as before-send.dynamodb.PutItem."""
        began = time.thread_time()
        operation = event_name.removeprefix("before-send.")
        self.calls[operation] += 1
        body = request.body or b""
        asked = body if isinstance(body, bytes) else str(body).encode()
        status, said = 200, b""
        try:
            said = self._answers(operation, asked)
        except ClientError as error:
            status, said = 400, _refusal(error)
        response = AWSResponse(request.url, status, HTTPHeaders(), _Raw(said))
        self.spent_s += time.thread_time() - began
        return response

    def attach(self, client: Any) -> None:
        """Stands between a client and the network."""
        client.meta.events.register("before-send", self.answer, unique_id="bench")

    def detach(self, client: Any) -> None:
        client.meta.events.unregister("before-send", unique_id="bench")


@contextmanager
def wired(answers: Answers) -> Iterator[Wire]:
    """The product's clients speak to this wire as long as the block lasts."""
    from vouchsafe.edge import secrets, session

    wire = Wire(answers)
    clients = [session.client(service) for service in SERVICES]
    secrets.forget()
    for client in clients:
        wire.attach(client)
    try:
        yield wire
    finally:
        for client in clients:
            wire.detach(client)
        secrets.forget()


def _refusal(error: ClientError) -> bytes:
    """A refusal in the words of the JSON protocol."""
    said: dict[str, Any] = {"__type": error.response["Error"]["Code"], "message": "refused"}
    reasons = error.response.get("CancellationReasons")
    return json.dumps(said | ({"CancellationReasons": reasons} if reasons else {})).encode()


class _Raw:
    """A response's body as urllib3 would give it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body
