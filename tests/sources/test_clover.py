"""Clover's room: the shared suite, its greeting, and what only Clover's door does."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from functions.sources.clover.notices import notices
from functions.sources.clover.read import READER, read_document
from functions.sources.clover.verify import AUTH, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid, Unreadable
from vouchsafe.pure.facts import OrderSaid
from vouchsafe.pure.hearing import Delivery, Greeting, Heard

ROOT = Path(__file__).parents[2]
KEY = "3f2a1c9e-6b7d-4e21-9a55-0c1d2e3f4a5b"
CONNECTION = Connection(
    platform="clover",
    account="quay",
    signing_keys=(KEY,),
    shop="APPTEST000001",
    api_url="https://api.clover.com",
    access_token="the-access-token",
    options={"merchant": "MIDTEST000001"},
)


def headers(_event: str) -> Mapping[str, str]:
    return {"content-type": "application/json"}


def sign(_body: bytes, _connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    return {AUTH: key}


ROOM = Room(
    platform="clover",
    reader=READER,
    verify=verify,
    read=notices,
    read_document=read_document,
    connection=CONNECTION,
    headers=headers,
    sign=sign,
    signature_header=AUTH,
    genuine="O_UPDATE",
    two_codes=("order.two_codes", frozenset({canonical("WELCOME10"), canonical("lunch")})),
    zero_decimal=("order.pesos_without_cents", 3808),
    unknown="GC_UPDATE",
    required={
        "O_UPDATE": (
            "appId",
            "merchants",
            "merchants.MIDTEST000001[0].objectId",
            "merchants.MIDTEST000001[0].type",
        ),
        "order.confirmed": (
            "id",
            "currency",
            "createdTime",
            "modifiedTime",
            "lineItems.elements[0].id",
            "lineItems.elements[0].price",
            "discounts.elements[0].id",
            "payments.elements[0].id",
            "payments.elements[0].amount",
            "payments.elements[0].result",
            "payments.elements[0].createdTime",
        ),
        "order.partial_return": (
            "refunds.elements[0].id",
            "refunds.elements[0].amount",
            "refunds.elements[0].createdTime",
        ),
        "order.credited": (
            "credits.elements[0].id",
            "credits.elements[0].amount",
            "credits.elements[0].createdTime",
        ),
        "order.gone": ("id",),
    },
    amounts={
        "order.confirmed": (
            "total",
            "lineItems.elements[0].price",
            "discounts.elements[0].percentage",
            "discounts.elements[0].percentageDecimal",
            "payments.elements[0].amount",
            "payments.elements[0].tipAmount",
            "payments.elements[0].taxAmount",
        ),
        "order.line_and_order_discount": ("lineItems.elements[0].discounts.elements[0].amount",),
        "order.modifications": ("lineItems.elements[0].modifications.elements[0].amount",),
        "order.partial_return": ("refunds.elements[0].amount", "refunds.elements[0].tipAmount"),
        "order.credited": ("credits.elements[0].amount",),
    },
    personal={
        "order.known_customer": (
            "customers.elements[0].id",
            "customers.elements[0].firstName",
            "customers.elements[0].lastName",
            "customers.elements[0].emailAddresses.elements[0].emailAddress",
            "customers.elements[0].phoneNumbers.elements[0].phoneNumber",
            "title",
            "note",
            "lineItems.elements[0].note",
            "payments.elements[0].note",
            "payments.elements[0].cardTransaction.cardholderName",
        ),
        "order.partial_return": ("refunds.elements[0].reason",),
        "order.voided": ("payments.elements[0].voidReasonDetails",),
    },
    aliases={"catalog:INVDISC000001": "WELCOME10", "name:lunch": "lunch"},
    exempt={
        "test_a_changed_body_is_forged": "the auth code is the same in every message and signs "
        "nothing: a body is a hint, and only Clover's own API is believed",
        "test_another_accounts_delivery_is_refused": "the application stands in the unsigned body "
        "and not in what proves it: the reader refuses another one",
        "test_webhook_and_pull_say_the_same": "a webhook names objects and says nothing of them, "
        "so that every fact comes from the API",
    },
)


class TestClover(SourceSuite):
    room = ROOM


def _delivery(
    stem: str = "O_UPDATE",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Delivery:
    delivery = Event(room=ROOM, stem=stem).delivery(body)
    return delivery if headers is None else replace(delivery, headers=headers)


def _named(heard: Heard) -> list[tuple[str, str, str, str]]:
    return [(one.account, one.kind, one.object_id, one.details["type"]) for one in heard.notices]


@pytest.mark.parametrize("said", ["3f2a1c9e-6b7d-4e21-9a55-0c1d2e3f4a5c", "", KEY.upper(), " "])
def test_another_auth_code_is_forged(said: str) -> None:
    with pytest.raises(Forged):
        verify(_delivery(headers={AUTH: said}), CONNECTION, NOW)


@pytest.mark.parametrize("name", ["x-clover-signature", "clover-signature", "authorization"])
def test_no_other_header_proves_anything(name: str) -> None:
    with pytest.raises(Forged):
        verify(_delivery(headers={name: KEY}), CONNECTION, NOW)


@pytest.mark.parametrize("keys", [(), (KEY,)])
def test_a_greeting_gives_its_code(keys: tuple[str, ...]) -> None:
    body = b'{"verificationCode":"ce7643c1-83ea-4218-abe6-da876c9c7a0a"}'
    delivery = _delivery(body=body, headers={})
    connection = replace(CONNECTION, signing_keys=keys)

    assert verify(delivery, connection, NOW) == Greeting(
        verification_code="ce7643c1-83ea-4218-abe6-da876c9c7a0a"
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"verificationCode":""}',
        b'{"verificationCode":"<script>"}',
        b'{"verificationCode":"' + b"a" * 65 + b'"}',
        b'{"verificationCode":"abc","merchants":{}}',
        b'{"verificationCode":"abc"} {"verificationCode":"abc"}',
    ],
)
def test_what_only_looks_like_a_greeting_is_forged(body: bytes) -> None:
    with pytest.raises(Forged):
        verify(_delivery(body=body, headers={}), CONNECTION, NOW)


@pytest.mark.parametrize("shop", ["APPTEST000002", "", "apptest000001"])
@pytest.mark.parametrize("stem", ["O_UPDATE", "I_UPDATE", "GC_UPDATE", "O_UPDATE.nothing_in_it"])
def test_another_applications_batch_is_refused(stem: str, shop: str) -> None:
    with pytest.raises(Forged):
        notices(_delivery(stem), replace(CONNECTION, shop=shop), IDENTIFY)


@pytest.mark.parametrize("stem", ["I_UPDATE", "A_CREATE", "O_UPDATE.nothing_in_it"])
def test_what_is_ignored_is_known(stem: str) -> None:
    heard = Event(room=ROOM, stem=stem).heard()

    assert heard == Heard(event=heard.event, known=True)


def test_merchants_that_are_not_ours_are_left_aside_and_counted() -> None:
    mixed = Event(room=ROOM, stem="O_UPDATE.two_merchants").heard()
    only_theirs = Event(room=ROOM, stem="O_UPDATE.of_other_merchants").heard()

    assert _named(mixed) == [
        ("quay", "order", "ORDTEST000001", "UPDATE"),
        ("quay", "payment", "PAYTEST000001", "CREATE"),
    ]
    assert mixed.event == "O P of other merchants"
    assert only_theirs == Heard(event="of other merchants", known=True)


def test_one_door_serves_the_accounts_of_an_application() -> None:
    heard = Event(room=ROOM, stem="O_UPDATE.shared_door").heard()

    assert _named(heard) == [
        ("quay", "order", "ORDTEST000001", "UPDATE"),
        ("harbour", "order", "ORDTEST000777", "UPDATE"),
        ("harbour", "payment", "PAYTEST000777", "CREATE"),
    ]
    assert heard.event == "O P of other merchants"


def test_an_object_that_is_told_again_is_asked_for_once() -> None:
    heard = Event(room=ROOM, stem="O_UPDATE.told_again").heard()

    assert _named(heard) == [
        ("quay", "order", "ORDTEST000001", "CREATE"),
        ("quay", "order", "ORDTEST000005", "DELETE"),
        ("quay", "payment", "PAYTEST000001", "CREATE"),
    ]


def test_an_order_beside_something_unheard_of_is_still_named() -> None:
    heard = Event(room=ROOM, stem="GC_UPDATE.beside_an_order").heard()

    assert not heard.known
    assert _named(heard) == [("quay", "order", "ORDTEST000001", "UPDATE")]


@pytest.mark.parametrize(
    ("options", "field"), [({}, "merchant"), ({"merchant": "M1", "others": "M2"}, "others")]
)
def test_a_connection_that_names_no_merchant_is_told_so(
    options: Mapping[str, str], field: str
) -> None:
    with pytest.raises(Invalid, match=field):
        notices(_delivery(), replace(CONNECTION, options=options), IDENTIFY)


def test_a_person_has_one_key_by_mail_phone_and_customer() -> None:
    order = Event(room=ROOM, stem="order.known_customer").heard().facts[0]

    assert order.customer == (
        IDENTIFY("email", "ann.buyer@example.com"),
        IDENTIFY("phone", "+15550100199"),
        IDENTIFY("customer", "clover/quay/CUSTTEST00001"),
    )


def test_a_place_is_a_merchant() -> None:
    (fact, *_) = Event(room=ROOM, stem="order.confirmed").heard().facts

    assert isinstance(fact.body, OrderSaid)
    assert fact.body.location_id == "MIDTEST000001"


def test_a_document_of_another_kind_is_unreadable() -> None:
    document = replace(Event(room=ROOM, stem="order.confirmed").document(), kind="invoice")

    with pytest.raises(Unreadable, match=r"document\.kind"):
        read_document(document, CONNECTION, IDENTIFY, NOW)


def test_the_door_leaves_the_documents_of_the_api_alone() -> None:
    told = (
        "import sys; import functions.sources.clover.webhook; "
        "print(*sorted(m.rpartition('.')[2] for m in sys.modules if '.sources.clover.' in m))"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "vouchsafe")])

    loaded = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert loaded == ["notices", "verify", "webhook", "words"]
