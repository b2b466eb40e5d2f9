"""Does the room hear of Salesforce's rows, vouchers and mails what the register would have said?"""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.sources.salesforce.read import read, read_document
from functions.sources.salesforce.verify import verify
from local.contacts import OFFERS, Contact, told_by
from local.dealing import SALESFORCE, SALESFORCE_LOYALTY
from local.payloads import salesforce
from local.payloads.message import Document as Json
from local.payloads.message import Message
from local.world import World
from tests.local_data.heard import as_the_file_would_say, clicked, connection, delivered, heard
from tests.local_data.product import HEARD_AT, IDENTIFY
from vouchsafe.pure.errors import Forged
from vouchsafe.pure.hearing import Document, Saying

# The sheet's worked vector: the key as text.
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
BODY = (
    b'[{"eventCategoryType":"TransactionalSendEvents.EmailSent","timestampUTC":1795200000000,'
    b'"compositeId":"c1.2.3.4","definitionKey":"voucher_email","mid":7312345,"eid":7300000,'
    b'"info":{"to":"guest@example.com"}}]'
)


@pytest.fixture(scope="module")
def cloud(seen: list[Contact]) -> list[Contact]:
    return told_by(seen, "cloud")


@pytest.fixture(scope="module")
def batches(seen: list[Contact]) -> list[Message]:
    return list(salesforce.messages((each.row for each in told_by(seen, "mail")), SALESFORCE))


def said(kind: str, document: Json) -> tuple[Saying, ...]:
    shop = SALESFORCE_LOYALTY if kind == "voucher" else SALESFORCE
    body = json.dumps(document).encode()
    return read_document(Document(kind=kind, body=body), connection(shop), IDENTIFY, HEARD_AT)


def test_a_claimed_row_says_what_the_file_would_have_said(cloud: list[Contact]) -> None:
    assert len(cloud) > 1000
    for each in cloud:
        row = salesforce.claimed(each.row, each.used_at)
        assert said("row", row) == (as_the_file_would_say(each),)


def test_a_voucher_says_what_the_file_would_have_said(seen: list[Contact]) -> None:
    vouchers = told_by(seen, "loyalty")

    assert vouchers
    for each in vouchers:
        voucher = salesforce.voucher(each.row, each.used_at)
        assert said("voucher", voucher) == (as_the_file_would_say(each),)


def test_a_voucher_that_a_till_took_is_no_order_here(seen: list[Contact]) -> None:
    each = replace(told_by(seen, "loyalty")[0], used_at=datetime(2017, 11, 17, 17, tzinfo=UTC))

    voucher = salesforce.voucher(each.row, each.used_at)

    assert (voucher["Status"], voucher["UseDate"]) == ("Redeemed", "2017-11-17")
    assert said("voucher", voucher) == (as_the_file_would_say(each),)


def test_a_row_that_nobody_can_be_known_by_says_nothing() -> None:
    assert said("row", salesforce.unclaimed("FREE1")) == ()
    assert said("row", salesforce.claimed_by_nobody("FREE1")) == ()


def test_everybody_was_given_sixteen_and_what_they_redeem(
    cloud: list[Contact], window: World
) -> None:
    given = {(each.row["identity"], each.row["code"]) for each in cloud}
    people = Counter(identity for identity, _ in given)
    here = {identity for identity, _ in given}
    leak = window.leak.code if window.leak else ""
    redeemed = {
        (f"email:h{basket.household}@example.com", code)
        for basket in window.baskets
        for code in basket.codes
    }
    targeted = {(person, code) for person, code in redeemed if person in here and code != leak}

    assert set(people.values()) == {OFFERS}
    assert len(targeted & given) >= 20
    assert any(each.used_at for each in cloud)


def test_a_click_says_what_the_file_would_have_said(seen: list[Contact]) -> None:
    told = clicked(seen)

    assert len(told) == len(told_by(seen, "mail")) > 20
    assert set(told) == {as_the_file_would_say(each) for each in told_by(seen, "mail")}


def test_a_batch_tells_one_click_twice_and_it_is_heard_once(batches: list[Message]) -> None:
    assert [len(json.loads(each.body)) - len(heard(each).touchpoints) for each in batches] == [
        1
    ] * len(batches)


def test_a_forged_click_would_tell_by_its_name(seen: list[Contact]) -> None:
    row = salesforce.forgeable(told_by(seen, "mail")[0].row)

    (touch,) = heard(next(salesforce.messages([row], SALESFORCE))).touchpoints

    assert touch.touchpoint_id == row["touchpoint_id"]
    assert "forged" in touch.touchpoint_id


def test_a_callback_greets_unsigned_and_is_answered_through_the_api() -> None:
    greeting = delivered(salesforce.handshake(SALESFORCE, HEARD_AT))
    mine = connection(SALESFORCE)

    assert verify(greeting, mine, HEARD_AT) == "genuine"
    (notice,) = read(greeting, mine, IDENTIFY).notices
    assert notice.details == {"verification_key": salesforce.VERIFICATION_KEY}


def test_a_batch_under_another_key_is_refused(batches: list[Message]) -> None:
    forged = replace(batches[0], shop=replace(SALESFORCE, signing_keys=("a guess",)))

    with pytest.raises(Forged):
        verify(delivered(forged), connection(SALESFORCE), HEARD_AT)


def test_a_batch_is_signed_as_documented() -> None:
    assert salesforce.signature(BODY, KEY) == "dAH8LYmQrWD7nLjyuun78Wc2cmk5WLReOLcxdZgYlt4="


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 18, 13, 2, 11, tzinfo=UTC), "11/18/2026 7:02:11 AM"),
        (datetime(2026, 7, 1, 18, 0, 5, tzinfo=UTC), "7/1/2026 12:00:05 PM"),
        (datetime(2026, 7, 1, 6, 30, tzinfo=UTC), "7/1/2026 12:30:00 AM"),
    ],
)
def test_times_are_american_and_know_no_summer(at: datetime, text: str) -> None:
    assert salesforce.american(at) == text
