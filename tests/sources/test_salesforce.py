"""Does Salesforce's room tell whom a code was given to, and never take that for a redemption?"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.sources.salesforce.read import READER, read, read_document
from functions.sources.salesforce.verify import SIGNATURE, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import OrderSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import fold

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
BODY = (
    b'[{"eventCategoryType":"TransactionalSendEvents.EmailSent","timestampUTC":1795200000000,'
    b'"compositeId":"c1.2.3.4","definitionKey":"voucher_email","mid":7312345,"eid":7300000,'
    b'"info":{"to":"guest@example.com"}}]'
)
CALLBACK = "4f0a9c3e-7a40-4a1d-8a77-2c9d6f5f0a11"
CONNECTION = Connection(
    platform="salesforce",
    account="crm",
    signing_keys=(KEY,),
    shop="7312345",
    api_url="https://mc.rest.marketingcloudapis.test",
    api_key="client",
    api_secret="client-secret",
    options={"callback_id": CALLBACK},
)
_OF_OTHERS = "the business unit stands in the signed body: read refuses another one's, not verify"
_CODE_EACH = "a voucher is one code, and an event tells of no order: two codes never meet"
_APART = "webhooks tell of clicks and mails, listings of rows and vouchers: nothing is told twice"


def sign(body: bytes, _connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    # The handshake is the one delivery that comes unsigned.
    if b"callbackId" in body:
        return {}
    return {SIGNATURE: base64.b64encode(hmac.digest(key.encode(), body, "sha256")).decode()}


ROOM = Room(
    platform="salesforce",
    reader=READER,
    verify=verify,
    read=read,
    read_document=read_document,
    connection=CONNECTION,
    headers=lambda _: {"content-type": "application/json"},
    sign=sign,
    signature_header=SIGNATURE,
    bound_to=("shop",),
    genuine="batch.click",
    unknown="loyalty.happened",
    two_codes=("batch.mixed", frozenset()),
    zero_decimal=("voucher.yen", 0),
    required={
        "batch.click": (
            "[0].eventCategoryType",
            "[0].timestampUTC",
            "[0].compositeId",
            "[0].mid",
        ),
        "row.claimed": ("keys", "values"),
        "voucher.redeemed": ("Id", "VoucherCode", "Status", "SystemModstamp", "CreatedDate"),
    },
    amounts={"voucher.redeemed": ("RedeemedValue",)},
    personal={
        "batch.click": ("[0].info.to", "[0].info.name"),
        "batch.sent_with_a_code": ("[0].info.attributes.FirstName",),
        "row.claimed": ("values.emailaddress",),
        "voucher.redeemed": ("Contact.Email", "Contact.Name"),
    },
    exempt={
        "test_another_accounts_delivery_is_refused": _OF_OTHERS,
        "test_two_codes_make_two_redemptions": _CODE_EACH,
        "test_webhook_and_pull_say_the_same": _APART,
    },
)


class TestSalesforce(SourceSuite):
    room = ROOM


def heard(stem: str, **connection: Any) -> Any:
    event = Event(room=ROOM, stem=stem)
    if event.is_webhook:
        return read(event.delivery(), replace(event.connection, **connection), IDENTIFY)
    return event.pulled()


def order(stem: str) -> OrderSaid:
    (fact,) = heard(stem).facts
    assert isinstance(fact.body, OrderSaid)
    return fact.body


@pytest.mark.parametrize(
    "signature",
    [
        "dAH8LYmQrWD7nLjyuun78Wc2cmk5WLReOLcxdZgYlt4=",
        "Wn6Vc1maewxvhQA+HvGPomF8eiOoVkEzGhPrFGcf7EY=",
    ],
)
def test_a_key_may_be_text_or_base64(signature: str) -> None:
    delivery = replace(
        Event(room=ROOM, stem="batch.click").delivery(), headers={SIGNATURE: signature}, body=BODY
    )

    assert verify(delivery, CONNECTION, NOW) == "genuine"


def test_a_handshake_is_ours_only_if_the_connection_names_its_callback() -> None:
    delivery = Event(room=ROOM, stem="handshake").delivery()

    assert verify(delivery, CONNECTION, NOW) == "genuine"
    for options in ({}, {"callback_id": ""}, {"callback_id": CALLBACK[:-1]}):
        with pytest.raises(Forged):
            verify(delivery, replace(CONNECTION, options=options), NOW)
    with pytest.raises(Forged):
        verify(replace(delivery, headers={SIGNATURE: "x"}), CONNECTION, NOW)


def test_a_handshake_is_answered_through_the_api() -> None:
    (notice,) = heard("handshake").notices

    assert (notice.kind, notice.object_id) == ("verification", CALLBACK)
    assert notice.details == {"verification_key": "e3b0c442-98fc-1c14-9afb-f4c8996fb924"}


def test_another_business_units_batch_is_refused() -> None:
    with pytest.raises(Forged):
        heard("batch.click", shop="7312346")


def test_a_click_on_a_link_with_a_code_is_a_contact() -> None:
    (touch,) = heard("batch.click").touchpoints

    assert (touch.kind, touch.code) == ("email_click", "XMS2323MFZ")
    assert (touch.utm_source, touch.utm_campaign) == ("newsletter", "autumn")
    assert touch.seen_at == datetime(2026, 11, 20, 18, 45, tzinfo=UTC)
    assert heard("batch.click_twice").touchpoints == (touch,)


@pytest.mark.parametrize(
    "stem",
    [
        "batch.click_without_a_code",
        "batch.click_of_nobody",
        "batch.sent_without_a_code",
        "batch.unsubscribed",
    ],
)
def test_what_tells_of_no_code_or_nobody_is_known_and_nothing(stem: str) -> None:
    said = heard(stem)

    assert (said.known, said.touchpoints, said.facts) == (True, (), ())


def test_a_claimed_row_is_a_publication_and_no_redemption() -> None:
    said = heard("row.claimed_and_used")

    assert said.facts == ()
    (touch,) = said.touchpoints
    assert (touch.kind, touch.code) == ("publication", "XMS2323MFZ")
    # 7:02 in the morning in Central time, which knows no summer.
    assert touch.seen_at == datetime(2026, 11, 18, 13, 2, 11, tzinfo=UTC)
    assert heard("row.claimed").touchpoints == (touch,)


def test_a_row_may_name_the_campaign_that_the_code_was_given_for() -> None:
    (touch,) = heard("row.of_a_campaign").touchpoints

    assert (touch.campaign_id, touch.code) == ("AUTUMN-26", "XMS2323MFZ")
    assert heard("row.claimed").touchpoints[0].campaign_id is None


def test_a_code_that_is_given_again_is_another_contact() -> None:
    (first,) = heard("row.claimed").touchpoints
    (again,) = heard("row.claimed_again").touchpoints

    assert (first.customer, first.code) == (again.customer, again.code)
    assert first.touchpoint_id != again.touchpoint_id


def test_columns_may_be_called_otherwise() -> None:
    (touch,) = heard("row.other_columns").touchpoints

    assert (touch.code, touch.seen_at.hour) == (canonical("AUTUMN10"), 6)


def test_a_row_that_does_not_say_when_is_unreadable() -> None:
    document = Event(room=ROOM, stem="row.claimed_at_no_time").document()

    with pytest.raises(Unreadable) as refusal:
        read_document(document, CONNECTION, IDENTIFY, NOW)
    assert refusal.value.path == "values.claimdate"


def test_a_voucher_that_a_till_reports_counts_at_the_till() -> None:
    said = heard("voucher.redeemed_at_a_till")

    assert said.facts == ()
    assert [touch.kind for touch in said.touchpoints] == ["publication"]


def test_a_voucher_redeemed_here_is_an_order_of_its_own() -> None:
    said = order("voucher.redeemed")

    assert (said.discount_minor, said.total_minor, said.discounts[0].code_raw) == (
        450,
        0,
        "15OFF-8841",
    )
    assert said.confirmed_at == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert order("voucher.percentage").discounts[0].in_kind


def test_reserved_is_not_confirmed_and_cancelled_is_taken_back() -> None:
    facts = [
        fact
        for stem in ("voucher.reserved", "voucher.redeemed", "voucher.cancelled")
        for fact in heard(stem).facts
    ]

    assert order("voucher.reserved").confirmed_at is None
    stages = [getattr(fold(facts[:until]), "stage", None) for until in (1, 2, 3)]
    assert stages == ["open", "confirmed", "reversed"]
    assert order("voucher.issued_again").reversed_because == "issued"


@pytest.mark.parametrize("stem", ["voucher.issued", "voucher.expired", "voucher.cancelled_unused"])
def test_a_voucher_that_nobody_used_is_no_order(stem: str) -> None:
    assert heard(stem).facts == ()


def test_a_status_that_is_new_is_unreadable() -> None:
    document = Event(room=ROOM, stem="voucher.unknown_status").document()

    with pytest.raises(Unreadable) as refusal:
        read_document(document, CONNECTION, IDENTIFY, NOW)
    assert refusal.value.path == "Status"


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_document(Document(kind="order", body=b"{}"), CONNECTION, IDENTIFY, NOW)
