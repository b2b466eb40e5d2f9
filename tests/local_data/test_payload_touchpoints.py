"""Do the posted batches say what the register's file would have said, signed as documented?"""

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.sources.touchpoints.read import read
from functions.sources.touchpoints.verify import verify
from local.dealing import Shop
from local.payloads import touchpoints
from local.payloads.message import Message
from local.payloads.touchpoints import Row
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Delivery, Heard
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.register_lines import line_of
from vouchsafe.pure.register_rows import rows_of

SHOP = Shop("touchpoints", "journey-web", "https://shop.journey.example.com", ("the key",), "")
CONNECTION = Connection(
    platform="touchpoints", account="journey-web", signing_keys=SHOP.signing_keys
)
IDENTIFY = identify_with(b"the identity key of the tests")
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
# printf '1795197600.{"kind": "visit"}' | openssl dgst -sha256 -hmac 'the key'
VECTOR = "t=1795197600,v1=34deebf73264cf094c00a84b072b28e312dfea2cdc6aea69ca0b847372900352"


@pytest.fixture(scope="module")
def rows(files: Path) -> list[Row]:
    with (files / "touchpoints.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def delivery(message: Message) -> Delivery:
    headers = touchpoints.headers(message, NOW)
    return Delivery(
        platform="touchpoints",
        account=message.shop.account,
        headers={name.lower(): value for name, value in headers.items()},
        body=message.body,
        received_at=NOW,
    )


def heard(message: Message) -> Heard:
    sent = delivery(message)
    assert verify(sent, CONNECTION, NOW) == "genuine"
    return read(sent, CONNECTION, IDENTIFY)


def test_every_contact_is_posted_or_stays(rows: list[Row]) -> None:
    stay, posted = touchpoints.through_the_door(rows)

    assert {row["kind"] for row in stay} == {"publication"}
    assert {row["kind"] for row in posted} == {"click", "email_click", "visit"}
    assert Counter(row["touchpoint_id"] for row in [*stay, *posted]) == Counter(
        row["touchpoint_id"] for row in rows
    )


def test_the_door_hears_what_the_console_would_load(rows: list[Row], files: Path) -> None:
    _, posted = touchpoints.through_the_door(rows)
    ids = {row["touchpoint_id"] for row in posted}
    loaded = [
        line_of(row, IDENTIFY).said
        for row in rows_of("touchpoints.csv", (files / "touchpoints.csv").read_bytes()).rows
        if row.cells["touchpoint_id"] in ids
    ]

    told = [each for sent in touchpoints.messages(posted, SHOP) for each in heard(sent).touchpoints]

    assert set(told) == set(loaded)
    assert len(told) == len(posted)


def test_batches_are_of_both_kinds_and_in_time(rows: list[Row]) -> None:
    _, posted = touchpoints.through_the_door(rows)
    sent = list(touchpoints.messages(posted, SHOP))

    assert {heard(each).event for each in sent} == {"json", "csv"}
    assert [each.at for each in sent] == sorted(each.at for each in sent)
    for message in sent:
        assert max(each.seen_at for each in heard(message).touchpoints) == message.at


def test_a_batch_is_stale_after_five_minutes(rows: list[Row]) -> None:
    sent = delivery(next(touchpoints.messages(rows[:1], SHOP)))

    with pytest.raises(Forged):
        verify(sent, CONNECTION, NOW + timedelta(seconds=301))


def test_a_call_is_signed_as_documented() -> None:
    assert touchpoints.signature(b'{"kind": "visit"}', "the key", NOW) == VECTOR


def test_a_pages_token_opens_the_door() -> None:
    proof = touchpoints.token("email:h1@example.com", "s1", SHOP, NOW + timedelta(minutes=30))
    body = f'{{"token": "{proof}", "kind": "visit", "seen_at": "2026-11-20T17:59:00Z"}}'
    sent = Delivery(
        platform="touchpoints",
        account="journey-web",
        headers={"content-type": "text/plain", "origin": SHOP.shop},
        body=body.encode(),
        received_at=NOW,
    )

    assert verify(sent, CONNECTION, NOW) == "genuine"
    assert len(read(sent, CONNECTION, IDENTIFY).touchpoints) == 1
