"""Is each happening told once, later when Slack is busy, and never where nobody listens?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest

from functions.destinations.slack.deliver import handle
from tests import cloud
from tests.destinations.test_slack_message import NOON, alarm
from vouchsafe.edge import deliveries_table, secrets
from vouchsafe.edge.deliveries_table import Sending
from vouchsafe.flow import deliver as road
from vouchsafe.pure.alarm import notice
from vouchsafe.pure.happening import Happening

pytestmark = pytest.mark.usefixtures("aws", "in_no_hurry")

SECRET_PATH = "/services/T0/B0/c4n4ry-s3cr3t"


@dataclass
class Slack:
    """A channel that answers what it is told to, `ok` without an order."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    posted: list[Any] = field(default_factory=list)

    def answer(self, status: int, body: str = "", **headers: str) -> None:
        self.answers.append((status, headers, body.encode()))


@pytest.fixture
def slack() -> Iterator[Slack]:
    channel = Slack()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            channel.posted.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            status, headers, body = channel.answers.pop(0) if channel.answers else (200, {}, b"ok")
            if status == 0:  # the answer is lost
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        channel.url = f"http://127.0.0.1:{server.server_port}{SECRET_PATH}"
        cloud.put_secret("slack/default", channel.url)
        yield channel
        server.shutdown()


@pytest.fixture
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """One message a second is Slack's limit, not the tests'."""
    road._sender.cache_clear()
    monkeypatch.setattr("vouchsafe.edge.vendor_http._Pace.wait", lambda _: None)


@pytest.fixture
def put_off(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """How long each message was hidden, in seconds, by message id."""
    hidden: dict[str, float] = {}

    def note(message: Any, delay_s: float) -> None:
        hidden[message.message_id] = delay_s

    monkeypatch.setattr("vouchsafe.edge.queue.put_off", note)
    return hidden


def happening(revision: int = 1) -> Happening:
    return notice(alarm(revision=revision), "AlarmRaised", stack="test", at=NOON)


def bring(*happenings: Happening | str, attempt: int = 1) -> list[str]:
    """Brings messages; the ids of those that come again."""
    records = [
        {
            "messageId": f"m{number}",
            "receiptHandle": "r",
            "eventSourceARN": f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:slack",
            "attributes": {"ApproximateReceiveCount": str(attempt)},
            "body": each if isinstance(each, str) else each.text(),
        }
        for number, each in enumerate(happenings)
    ]
    answer = handle({"Records": records}, None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def sending(told: Happening | None = None) -> Sending:
    found = deliveries_table.get("slack", (told or happening()).id)
    assert found is not None
    return found


def test_a_happening_is_posted_and_remembered(slack: Slack) -> None:
    assert bring(happening()) == []

    (posted,) = slack.posted
    assert "expired code honoured" in posted["text"]
    assert (sending().status, sending().attempts) == ("sent", 1)


def test_a_happening_that_comes_again_is_not_posted_again(slack: Slack) -> None:
    bring(happening(), happening())
    bring(happening())

    assert len(slack.posted) == 1


def test_another_revision_is_another_message(slack: Slack) -> None:
    bring(happening(1), happening(2))

    assert len(slack.posted) == 2


def test_a_busy_channel_is_asked_again_when_it_said_and_the_batch_waits_with_it(
    slack: Slack, put_off: dict[str, float]
) -> None:
    slack.answer(429, retry_after="30")

    assert bring(happening(1), happening(2)) == ["m0", "m1"]
    assert put_off == {"m0": 30.0, "m1": 30.0}
    assert len(slack.posted) == 1
    assert sending(happening(1)).status == "pending"
    assert bring(happening(1), happening(2)) == []
    assert len(slack.posted) == 3


@pytest.mark.parametrize(("attempt", "wait_s"), [(1, 5), (2, 10), (3, 20), (12, 900)])
def test_a_broken_slack_is_asked_again_later_each_time(
    slack: Slack, put_off: dict[str, float], attempt: int, wait_s: float
) -> None:
    slack.answer(500, "rollup_error")

    assert bring(happening(), attempt=attempt) == ["m0"]
    assert put_off == {"m0": wait_s}
    assert (sending().status, sending().attempts) == ("pending", 1)


def test_after_a_lost_answer_a_twin_is_sent_that_is_known_by_its_alarm(
    slack: Slack, put_off: dict[str, float]
) -> None:
    slack.answer(0)

    assert bring(happening()) == ["m0"]
    assert bring(happening(), attempt=2) == []

    first, twin = slack.posted
    assert first == twin
    assert "expired:MA1L:2025-11-20" in first["blocks"][-1]["elements"][0]["text"]
    assert (sending().status, sending().attempts) == ("sent", 2)


def test_one_that_fails_does_not_hold_up_the_others(
    slack: Slack, put_off: dict[str, float]
) -> None:
    slack.answer(503)

    assert bring(happening(1), happening(2)) == ["m0"]
    assert sending(happening(2)).status == "sent"


def test_a_message_that_slack_will_never_take_goes_to_the_dead_letters(slack: Slack) -> None:
    slack.answer(400, "invalid_blocks")

    assert bring(happening(1)) == []
    assert bring(happening(2)) == []

    (dead,) = map(json.loads, cloud.sent("DEAD_LETTERS"))
    assert dead["id"] == happening(1).id
    assert sending(happening(1)).status == "refused"
    assert sending(happening(2)).status == "sent"


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_dead_address_is_switched_off_until_it_changes(
    slack: Slack,
    status: int,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    slack.answer(status, "channel_is_archived")

    assert bring(happening(1)) == []
    assert bring(happening(2), happening(3)) == []

    assert len(slack.posted) == 1
    assert len(cloud.sent("DEAD_LETTERS")) == 3
    assert sending(happening(3)).status == "refused"
    assert "destination is switched off until its secret changes" in caplog.messages
    assert '"switched_off"' in capsys.readouterr().out

    boto3.client("secretsmanager").put_secret_value(
        SecretId=f"{cloud.STACK}/slack/default", SecretString=f"{slack.url}-new"
    )
    secrets.forget()
    assert bring(happening(4)) == []
    assert sending(happening(4)).status == "sent"


def test_a_dead_letter_that_is_driven_again_is_sent(slack: Slack) -> None:
    slack.answer(400, "invalid_payload")
    bring(happening())
    (dead,) = cloud.sent("DEAD_LETTERS")

    assert bring(dead) == []
    assert sending().status == "sent"


def test_without_a_secret_messages_are_taken_and_marked() -> None:
    assert bring(happening()) == []

    assert sending().status == "not_configured"


def test_what_slack_need_not_hear_is_taken_and_marked(slack: Slack) -> None:
    report = Happening(happening="ReportReady", id="r", at=NOON, stack="test", subject={})

    assert bring(report) == []
    assert (sending(report).status, slack.posted) == ("nothing_to_say", [])


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"happening": "AlarmRaised"}'])
def test_poison_is_parked_and_the_rest_is_sent(slack: Slack, text: str) -> None:
    assert bring(text, happening()) == []

    parked = boto3.client("s3").list_objects_v2(Bucket="vouchsafe-parked")["Contents"]
    assert [each["Key"].rsplit("/", 1)[0] for each in parked] == ["record/slack"]
    assert len(slack.posted) == 1


def test_a_subject_that_is_no_alarm_is_a_dead_letter(slack: Slack) -> None:
    odd = Happening(
        happening="AlarmRaised", id="odd", at=NOON, stack="test", subject={"alarm_id": 7}
    )

    assert bring(odd) == []
    assert (sending(odd).status, len(cloud.sent("DEAD_LETTERS"))) == ("refused", 1)


def test_the_address_is_nowhere_in_what_is_kept_or_printed(
    slack: Slack,
    put_off: dict[str, float],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number, status in enumerate((200, 429, 500, 0, 400, 404)):
        if status != 200:
            slack.answer(status, SECRET_PATH)
        bring(happening(number + 1))

    kept = json.dumps(boto3.client("dynamodb").scan(TableName="Deliveries")["Items"])
    dead = json.dumps(cloud.sent("DEAD_LETTERS"))
    printed = "".join(capsys.readouterr()) + caplog.text
    assert "c4n4ry" not in kept + dead + printed


def test_when_it_was_first_tried_stays(slack: Slack, put_off: dict[str, float]) -> None:
    with clock_at(datetime(2025, 11, 20, 12, tzinfo=UTC)):
        slack.answer(500)
        bring(happening())
    with clock_at(datetime(2025, 11, 20, 13, tzinfo=UTC)):
        bring(happening())

    assert sending().first_at == datetime(2025, 11, 20, 12, tzinfo=UTC)
    assert sending().updated_at == datetime(2025, 11, 20, 13, tzinfo=UTC)


@contextmanager
def clock_at(now: datetime) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vouchsafe.edge.clock.now", lambda: now)
        yield
