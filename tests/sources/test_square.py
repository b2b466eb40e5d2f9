"""Square's room: the shared suite, the vendor's own vectors, and what only Square does."""

import base64
import hmac
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from functions.sources.square.notices import notices
from functions.sources.square.read import READER, read_document
from functions.sources.square.verify import SIGNATURE, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import OrderSaid
from vouchsafe.pure.hearing import Delivery, Heard

ROOT = Path(__file__).parents[2]
KEY = "sq-test-signature-key-001"
CONNECTION = Connection(
    platform="square",
    account="kew",
    signing_keys=(KEY,),
    shop="MLTESTMERCHANT1",
    notification_url="https://hooks.example.com/v1/square?src=main",
    api_url="https://connect.squareup.com",
    api_key="the-access-token",
)


def headers(_event: str) -> Mapping[str, str]:
    return {
        "content-type": "application/json",
        "square-environment": "Production",
        "square-initial-delivery-timestamp": "2026-11-20T15:04:06Z",
    }


def sign(body: bytes, connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    said = connection.notification_url.encode() + body
    proof = base64.b64encode(hmac.digest(key.encode(), said, "sha256")).decode()
    return {SIGNATURE: proof}


ROOM = Room(
    platform="square",
    reader=READER,
    verify=verify,
    read=notices,
    read_document=read_document,
    connection=CONNECTION,
    headers=headers,
    sign=sign,
    signature_header=SIGNATURE,
    bound_to=("notification_url",),
    genuine="payment_updated",
    two_codes=("order.two_codes", frozenset({canonical("WELCOME10"), canonical("lunch")})),
    zero_decimal=("order.yen", 1350),
    unknown="booking_created",
    required={
        "order_updated": ("merchant_id", "type", "data.id"),
        "refund_updated": ("data.object.refund.id",),
        "payment_updated": (
            "data.object.payment.id",
            "data.object.payment.status",
            "data.object.payment.amount_money",
            "data.object.payment.amount_money.currency",
            "data.object.payment.created_at",
            "data.object.payment.updated_at",
        ),
        "order.confirmed": (
            "order",
            "order.id",
            "order.state",
            "order.created_at",
            "order.updated_at",
            "order.total_money",
            "order.total_money.amount",
            "order.line_items[0].uid",
            "order.line_items[0].quantity",
            "order.line_items[0].gross_sales_money",
            "order.line_items[0].applied_discounts[0].discount_uid",
            "order.discounts[0].uid",
        ),
        "order.partial_return": (
            "refunds[0].id",
            "refunds[0].status",
            "refunds[0].amount_money",
            "refunds[0].created_at",
            "order.refunds[0].id",
            "order.returns[0].return_line_items[0].quantity",
            "order.returns[0].return_discounts[0].uid",
        ),
        "refund.without_return_order": ("refund", "source_order_id"),
    },
    amounts={
        "payment_updated": (
            "data.object.payment.amount_money.amount",
            "data.object.payment.tip_money.amount",
            "data.object.payment.total_money.amount",
        ),
        "order.confirmed": (
            "order.total_money.amount",
            "order.total_tax_money.amount",
            "order.line_items[0].gross_sales_money.amount",
            "order.line_items[0].applied_discounts[0].applied_money.amount",
            "order.discounts[0].applied_money.amount",
        ),
        "order.partial_return": (
            "refunds[0].amount_money.amount",
            "order.returns[0].return_line_items[0].applied_discounts[0].applied_money.amount",
        ),
    },
    personal={
        "payment_updated": (
            "data.object.payment.buyer_email_address",
            "data.object.payment.customer_id",
            "data.object.payment.billing_address.first_name",
            "data.object.payment.billing_address.address_line_1",
            "data.object.payment.shipping_address.last_name",
            "data.object.payment.card_details.card.cardholder_name",
            "data.object.payment.card_details.card.fingerprint",
            "data.object.payment.note",
        ),
        "refund_updated": ("data.object.refund.reason",),
        "order.confirmed": (
            "order.customer_id",
            "order.ticket_name",
            "order.fulfillments[0].pickup_details.recipient.display_name",
            "order.fulfillments[0].pickup_details.recipient.email_address",
            "order.fulfillments[0].pickup_details.recipient.phone_number",
            "order.fulfillments[0].pickup_details.note",
            "order.line_items[0].note",
            "order.tenders[0].note",
            "order.metadata.guest",
        ),
        "order.partial_return": ("refunds[0].reason", "order.refunds[0].reason"),
    },
    aliases={"catalog:CATDISC000000001": "WELCOME10", "name:lunch deal": "lunch"},
)


class TestSquare(SourceSuite):
    room = ROOM


def _sheet(proof: str) -> Delivery:
    delivery = Event(room=ROOM, stem="order_updated").delivery()
    assert len(delivery.body) == 393
    return replace(delivery, headers={SIGNATURE: proof})


def test_the_vector_of_the_sheet_is_genuine() -> None:
    delivery = _sheet("zu4n2B8pqeLy8t68Fx8T0cnILFcPVf/0wK4KTEMPMBc=")

    assert verify(delivery, CONNECTION, NOW) == "genuine"


@pytest.mark.parametrize(
    "proof",
    [
        "4SWE8kaaZgRXf9l0mb6tFWWdFuSS/z/XSP8iEWCMOwg=",  # signed without the address
        "S8V9hSUnk7dG9WpFY+omYw4akHfHtQmSkTjUJZGTxs0=",  # signed for /square/ instead of /square
    ],
)
def test_another_address_proves_nothing(proof: str) -> None:
    with pytest.raises(Forged):
        verify(_sheet(proof), CONNECTION, NOW)


def test_the_vendors_own_vector_is_genuine() -> None:
    delivery = replace(
        _sheet("2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="), body=b'{"hello":"world"}'
    )
    connection = replace(
        CONNECTION, signing_keys=("asdf1234",), notification_url="https://example.com/webhook"
    )

    assert verify(delivery, connection, NOW) == "genuine"


def test_without_an_address_the_door_is_closed() -> None:
    connection = replace(CONNECTION, notification_url="")
    delivery = replace(_sheet(""), headers=sign(_sheet("").body, connection, KEY, NOW))

    with pytest.raises(Forged):
        verify(delivery, connection, NOW)


def test_the_old_header_proves_nothing() -> None:
    said = CONNECTION.notification_url.encode() + _sheet("").body
    proof = base64.b64encode(hmac.digest(KEY.encode(), said, "sha1")).decode()
    delivery = replace(_sheet(""), headers={"x-square-signature": proof, SIGNATURE: proof})

    with pytest.raises(Forged):
        verify(delivery, CONNECTION, NOW)


@pytest.mark.parametrize("shop", ["MLTESTMERCHANT2", "", "mltestmerchant1"])
@pytest.mark.parametrize("stem", ["order_updated", "payment_updated", "booking_created"])
def test_another_merchants_event_is_refused(stem: str, shop: str) -> None:
    delivery = Event(room=ROOM, stem=stem).delivery()

    with pytest.raises(Forged):
        notices(delivery, replace(CONNECTION, shop=shop), IDENTIFY)


@pytest.mark.parametrize(
    "stem", ["catalog_version_updated", "loyalty_event_created", "payment_updated.without_order"]
)
def test_what_is_ignored_is_known(stem: str) -> None:
    heard = Event(room=ROOM, stem=stem).heard()

    assert heard == Heard(event=heard.event, known=True)


def test_an_order_event_names_the_order_and_its_version() -> None:
    heard = Event(room=ROOM, stem="order_updated").heard()

    assert not heard.facts
    assert [(each.kind, each.object_id, each.details) for each in heard.notices] == [
        ("order", "ORDtest0001", {"version": "4"})
    ]


def test_a_payment_tells_itself_and_names_its_order() -> None:
    heard = Event(room=ROOM, stem="payment_updated").heard()

    assert [each.kind for each in heard.facts] == ["payment"]
    assert [(each.kind, each.object_id) for each in heard.notices] == [("order", "ORDtest0001")]


def test_a_person_has_one_key_by_mail_customer_and_card() -> None:
    (fact,) = Event(room=ROOM, stem="payment_updated").heard().facts

    assert fact.customer == (
        IDENTIFY("email", "ann.buyer@example.com"),
        IDENTIFY("customer", "square/kew/CUSTtest0001"),
        IDENTIFY("card", "sq-1-testfingerprint0001"),
    )


def test_an_id_that_fits_no_key_is_named() -> None:
    event = Event(room=ROOM, stem="payment_updated")
    body = event.body().replace(b"ORDtest0001", b"O" * 256)

    with pytest.raises(Unreadable, match=r"data\.object\.payment\.order_id"):
        event.heard(body)


def test_the_agreed_metadata_key_is_the_connections() -> None:
    document = Event(room=ROOM, stem="order.reward_and_metadata_code").document()
    elsewhere = replace(CONNECTION, options={"code_metadata_key": "voucher"})

    def code(connection: Connection) -> str | None:
        (fact,) = read_document(document, connection, IDENTIFY, NOW)
        assert isinstance(fact.body, OrderSaid)
        return fact.body.discounts[1].code_raw

    assert code(CONNECTION) == "AUTUMN10"
    assert code(elsewhere) is None


def test_a_document_of_another_kind_is_unreadable() -> None:
    document = replace(Event(room=ROOM, stem="order.confirmed").document(), kind="invoice")

    with pytest.raises(Unreadable, match=r"document\.kind"):
        read_document(document, CONNECTION, IDENTIFY, NOW)


def test_the_door_leaves_the_documents_of_the_api_alone() -> None:
    told = (
        "import sys; import functions.sources.square.webhook; "
        "print(*sorted(m.rpartition('.')[2] for m in sys.modules if '.sources.square.' in m))"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "vouchsafe")])

    loaded = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert loaded == ["notices", "payment", "verify", "webhook", "words"]
