"""Do the posted batches say what the register's file would have said, signed as documented?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.sources.touchpoints.verify import verify
from local.contacts import Contact, told_by
from local.dealing import TOUCHPOINTS
from local.payloads import touchpoints
from local.payloads.message import Message
from tests.local_data.heard import as_the_file_would_say, connection, delivered, heard, posted
from tests.local_data.product import HEARD_AT
from vouchsafe.pure.errors import Forged

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
# printf '1795197600.{"kind": "visit"}' | openssl dgst -sha256 -hmac 'the key'
VECTOR = "t=1795197600,v1=34deebf73264cf094c00a84b072b28e312dfea2cdc6aea69ca0b847372900352"


@pytest.fixture(scope="module")
def sent(seen: list[Contact]) -> list[Message]:
    rows = (each.row for each in told_by(seen, "door"))
    return list(touchpoints.messages(rows, TOUCHPOINTS))


def test_the_door_hears_what_the_console_would_load(seen: list[Contact]) -> None:
    told = posted(seen)

    assert {each.kind for each in told} == {"click", "email_click", "visit"}
    assert set(told) == {as_the_file_would_say(each) for each in told_by(seen, "door")}
    assert len(told) == len(told_by(seen, "door"))


def test_batches_are_of_both_kinds_and_in_time(sent: list[Message]) -> None:
    assert {heard(each).event for each in sent} == {"json", "csv"}
    assert [each.at for each in sent] == sorted(each.at for each in sent)
    for message in sent:
        assert max(each.seen_at for each in heard(message).touchpoints) == message.at


def test_a_batch_is_stale_after_five_minutes(sent: list[Message]) -> None:
    delivery = delivered(sent[0], NOW)

    with pytest.raises(Forged):
        verify(delivery, connection(TOUCHPOINTS), NOW + timedelta(seconds=301))


def test_a_call_is_signed_as_documented() -> None:
    assert touchpoints.signature(b'{"kind": "visit"}', "the key", NOW) == VECTOR


def test_a_page_tells_of_a_visit_just_now() -> None:
    said = heard(touchpoints.beacon("email:h1@example.com", 3, TOUCHPOINTS, HEARD_AT))

    (touch,) = said.touchpoints
    assert (said.event, touch.kind) == ("beacon", "visit")
    assert touch.seen_at == HEARD_AT - timedelta(seconds=3)


def test_a_token_of_another_shop_opens_nothing() -> None:
    stranger = replace(TOUCHPOINTS, signing_keys=("a guess",))
    made = touchpoints.beacon("email:h1@example.com", 3, stranger, HEARD_AT)

    with pytest.raises(Forged):
        verify(delivered(made), connection(TOUCHPOINTS), HEARD_AT)
