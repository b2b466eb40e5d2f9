"""Is what the door acknowledges durable, and what it refuses without a trace?"""

import base64
import json
from typing import Any

import boto3
import pytest

from tests import cloud
from tests.flow.deliveries import ACCOUNT, PLATFORM, order, posted, read, verify
from vouchsafe.edge import facts_table, parking, secrets
from vouchsafe.flow.webhook import webhook
from vouchsafe.pure.errors import Forged, Unavailable
from vouchsafe.pure.hearing import Heard

handle = webhook(PLATFORM, verify, read)
KEY = order("1").order.text()


@pytest.fixture(autouse=True)
def connected(aws: None) -> None:
    keys = json.dumps({"signing_keys": ["current", "previous"]})
    cloud.put_secret(f"{PLATFORM}/{ACCOUNT}", keys)


def answered(event: dict[str, Any]) -> int:
    status = handle(event, None)["statusCode"]
    assert isinstance(status, int)
    return status


def parked(prefix: str = "") -> list[str]:
    return list(parking.keys(prefix))


def unavailable(*_: object, **__: object) -> None:
    raise Unavailable("not now")


def test_a_genuine_order_is_recorded() -> None:
    assert answered(posted('{"orders": ["1"]}')) == 200
    assert len(facts_table.of_order(KEY)) == 1


def test_a_replay_writes_nothing_new() -> None:
    answers = [answered(posted('{"orders": ["1"]}')) for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(facts_table.of_order(KEY)) == 1


def test_a_refused_condition_does_not_end_the_delivery() -> None:
    answered(posted('{"orders": ["1"]}'))

    assert answered(posted('{"orders": ["1", "2"]}')) == 200
    assert len(facts_table.of_order(order("2").order.text())) == 1


@pytest.mark.parametrize("signature", ["wrong", "", "Current"])
def test_a_forged_delivery_leaves_no_trace(signature: str, capsys) -> None:  # type: ignore[no-untyped-def]
    event = posted('{"orders": ["1"]}', headers={"x-signature": signature})

    assert answered(event) == 401
    assert (facts_table.of_order(KEY), parked()) == ([], [])
    assert json.loads(capsys.readouterr().out)["forged"] == [1]


def test_a_greetings_code_is_shown_to_a_person(capsys) -> None:  # type: ignore[no-untyped-def]
    assert answered(posted("hello 1234-abcd")) == 200
    assert json.loads(capsys.readouterr().out)["verification_code"] == "1234-abcd"
    assert parked() == []


def test_a_user_of_ours_is_told_what_to_mend() -> None:
    answer = handle(posted('{"fault": 1, "orders": ["1"]}'), None)

    assert answer["statusCode"] == 400
    assert "rows[3].seen_at must have a zone" in answer["body"]
    assert (facts_table.of_order(KEY), parked()) == ([], [])


def test_another_merchants_delivery_leaves_no_trace(capsys) -> None:  # type: ignore[no-untyped-def]
    def elsewhere(*_: object) -> Heard:
        raise Forged("the delivery is another merchant's")

    answer = webhook(PLATFORM, verify, elsewhere)(posted('{"orders": ["1"]}'), None)

    assert answer == handle(posted("{}", headers={"x-signature": "wrong"}), None)
    assert answer["statusCode"] == 401
    assert parked() == []
    assert json.loads(capsys.readouterr().out.splitlines()[0])["forged"] == [1]


def test_an_unset_secret_closes_the_door() -> None:
    other = posted('{"orders": ["1"]}', pathParameters={"account": "other-shop"})

    assert answered(other) == 401


@pytest.mark.parametrize("account", ["", "../identity", "a/b", "x" * 101])
def test_no_path_wanders_among_the_secrets(account: str) -> None:
    assert answered(posted("{}", pathParameters={"account": account})) == 401


def test_every_refusal_looks_the_same() -> None:
    forged = handle(posted("{}", headers={"x-signature": "wrong"}), None)
    unset = handle(posted("{}", pathParameters={"account": "nobody"}), None)

    assert forged == unset


def test_a_greeting_is_answered_and_nothing_done() -> None:
    assert answered(posted("ping")) == 200
    assert parked() == []


def test_a_body_in_base64_is_read_byte_for_byte() -> None:
    raw = '{"orders": ["1"], "café": "\\u00e9"}'.encode()
    encoded = base64.b64encode(raw).decode()

    assert answered(posted(encoded, isBase64Encoded=True)) == 200
    assert len(facts_table.of_order(KEY)) == 1


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body_over_a_mebibyte_is_refused_unread(encoded: bool) -> None:
    assert answered(posted("A" * 1_500_000, isBase64Encoded=encoded)) == 413


def test_what_cannot_be_read_is_parked_and_acknowledged() -> None:
    assert answered(posted("not json")) == 200
    (key,) = parked("unreadable/shopify/")

    held = parking.get(key)

    assert held is not None
    assert held.delivery.body == b"not json"
    assert "x-signature" not in held.delivery.headers


def test_a_reader_that_stumbles_parks_the_bytes() -> None:
    assert answered(posted('{"boom": 1}')) == 200
    assert len(parked("unreadable/")) == 1


def test_a_delivery_parked_twice_lies_in_one_place() -> None:
    answered(posted("not json"))
    answered(posted("not json"))

    assert len(parked()) == 1


def test_a_ledger_that_does_not_answer_parks_and_acknowledges(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(facts_table, "append", unavailable)

    assert answered(posted('{"orders": ["1"]}')) == 200
    assert len(parked("unavailable/shopify/")) == 1


def test_when_nothing_can_be_kept_the_sender_must_repeat(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(facts_table, "append", unavailable)
    monkeypatch.setattr(parking, "park", unavailable)

    assert answered(posted('{"orders": ["1"]}')) == 503


def test_secrets_that_do_not_answer_make_the_sender_repeat(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(secrets, "connection", unavailable)

    assert answered(posted('{"orders": ["1"]}')) == 503


def test_a_notice_is_on_the_queue_before_the_answer() -> None:
    assert answered(posted('{"fetch": ["7"]}')) == 200
    (text,) = cloud.sent("FETCH")
    assert json.loads(text)["object_id"] == "7"


def test_a_wish_to_be_forgotten_is_on_its_queue() -> None:
    assert answered(posted('{"forget": ["7"]}')) == 200
    assert len(cloud.sent("FORGET")) == 1


def test_a_queue_that_does_not_answer_parks_the_notice(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    boto3.client("sqs").delete_queue(QueueUrl=cloud.names()["FETCH_QUEUE_URL"])

    assert answered(posted('{"fetch": ["7"]}')) == 200
    assert len(parked("unavailable/")) == 1


def test_an_unheard_of_event_is_counted(capsys) -> None:  # type: ignore[no-untyped-def]
    answered(posted('{"event": "moon/landed", "known": false}'))

    line = json.loads(capsys.readouterr().out)
    assert (line["unheard_of"], line["event"]) == ([1], "moon/landed")


def test_the_line_holds_nothing_of_the_person_or_the_key(capsys) -> None:  # type: ignore[no-untyped-def]
    answered(posted('{"orders": ["1"]}'))

    printed = capsys.readouterr().out
    assert "ann" not in printed
    assert "current" not in printed
    assert len(printed) < 700


def test_the_previous_key_still_opens() -> None:
    event = posted('{"orders": ["1"]}', headers={"X-SIGNATURE": "previous"})

    assert answered(event) == 200


def test_an_unset_identity_key_parks_rather_than_hashes_with_nothing() -> None:
    boto3.client("secretsmanager").delete_secret(
        SecretId="vouchsafe/identity", ForceDeleteWithoutRecovery=True
    )

    assert answered(posted('{"orders": ["1"]}')) == 200
    assert len(parked("unavailable/")) == 1
