"""The X-Series' room: the shared suite, the vendor's scheme, and what only the X-Series does."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote_plus

import pytest

from functions.sources.vend.notices import notices
from functions.sources.vend.read import READER, read_document
from functions.sources.vend.verify import SIGNATURE, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.mangling import changed
from tests.sources.suite import NOT_MONEY, SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.hearing import Delivery, Heard, Verdict
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.order import Order, fold

KEY = "vend-client-secret-example"
CONNECTION = Connection(
    platform="vend",
    account="kew",
    signing_keys=(KEY,),
    shop="demostore",
    notification_url="https://hooks.example.com/webhooks/vend/kew",
    api_url="https://demostore.retail.lightspeed.app",
    api_key="the-personal-token",
    access_token="the-access-token",
    options={"currency": "USD"},
)
# The vendor's form beside its payload; it vouches for none of these fields.
OTHER_FIELDS = "other-fields"
FORM = "application/x-www-form-urlencoded"


def posted(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The form that holds an event's document: files of events hold documents only."""
    return f"{headers.get(OTHER_FIELDS, '')}&payload={quote_plus(body)}".encode()


def headers(event: str) -> Mapping[str, str]:
    resource, _, happened = event.rpartition("_")
    form = f"domain_prefix=demostore&environment=prod&type={resource}.{happened}"
    return {"content-type": FORM, OTHER_FIELDS: form}


def sign(body: bytes, connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    """Signed as it stands in the genuine event's form."""
    sent = posted(body, headers("sale_update"))
    return {SIGNATURE: signature(sent, key)}


def signature(body: bytes, key: str) -> str:
    return f"signature={hmac.digest(key.encode(), body, 'sha256').hex()},algorithm=HMAC-SHA256"


def verify_posted(delivery: Delivery, connection: Connection, now: datetime) -> Verdict:
    sent = posted(delivery.body, delivery.headers)
    return verify(replace(delivery, body=sent), connection, now)


def read_posted(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    sent = posted(delivery.body, delivery.headers)
    return notices(replace(delivery, body=sent), connection, identify)


ROOM = Room(
    platform="vend",
    reader=READER,
    verify=verify_posted,
    read=read_posted,
    read_document=read_document,
    connection=CONNECTION,
    headers=headers,
    sign=sign,
    signature_header=SIGNATURE,
    bound_to=("shop",),
    genuine="sale_update",
    two_codes=("sale.two_codes", frozenset({canonical("SPRING10"), canonical("SOCKS5")})),
    zero_decimal=("sale.yen", 1350),
    unknown="promotion_update",
    document_kind="sale",
    required={
        "sale_update": ("id",),
        "sale.confirmed": (
            "sale",
            "sale.id",
            "sale.state",
            "sale._metadata",
            "sale._metadata.version",
            "sale.totals",
            "sale.totals.price_incl_tax",
            "sale.totals.tax",
            "sale.line_items",
            "sale.line_items[0].id",
            "sale.line_items[0].quantity",
            "sale.line_items[0].pricing",
            "sale.line_items[0].pricing.total",
            "sale.line_items[0].promotions[0].amount",
        ),
        "sale.adjustments_inside": ("sale.adjustments[0].total",),
        "return.partial": ("original.id", "original.line_items[0].pricing.total"),
    },
    amounts={},
    personal={
        "sale_update": (
            "customer.first_name",
            "customer.last_name",
            "customer.email",
            "customer_name",
            "user_name",
            "note",
        ),
        "sale.confirmed": (
            "customer.email",
            "customer.mobile",
            "customer.customer_code",
            "customer.first_name",
            "sale.customer_id",
            "sale.note",
            "sale.line_items[0].note",
            "sale.line_items[0].gift_card_number",
            "sale.payments[0].external_attributes",
        ),
        "return.partial": ("customer.phone", "sale.line_items[0].return.reason", "original.note"),
    },
    exempt={
        "test_webhook_and_pull_say_the_same": "a webhook only names its sale",
        "test_what_is_not_money_is_named": "prices have five decimals here, so that 0.00001 is one",
    },
)


class TestVend(SourceSuite):
    room = ROOM


# The sheet's vector: one line, as the vendor would post it.
WIRE = (
    b"domain_prefix=demostore&environment=prod&payload=%7B%22id%22%3A%220af7b240-aba0-11f1-eddc-"
    b"9f1e2d3c4b5a%22%2C%22status%22%3A%22CLOSED%22%2C%22version%22%3A48210077%7D&retailer_id="
    b"0624dbcd-ef95-11e6-e986-ecd5a63e28e2&type=sale.update"
)
HEX = "7bacbe9dc638812b0461b3705e28485825f581cf2357d25c4bdcbfbc6bc291ea"
BASE64 = "e6y+ncY4gSsEYbNwXihIWCX1gc8jV9JcS9y/vGvCkeo="
AS_BASE64 = replace(CONNECTION, options={"currency": "USD", "signature_encoding": "base64"})


def wire(header: str, body: bytes = WIRE) -> Delivery:
    return Delivery(
        platform="vend",
        account="kew",
        headers={"content-type": FORM, SIGNATURE: header},
        body=body,
        received_at=NOW,
    )


@pytest.mark.parametrize(
    ("digest", "connection"),
    [(HEX, CONNECTION), (HEX.upper(), CONNECTION), (BASE64, AS_BASE64)],
)
def test_the_signed_form_is_genuine(digest: str, connection: Connection) -> None:
    delivery = wire(f"signature={digest},algorithm=HMAC-SHA256")

    assert verify(delivery, connection, NOW) == "genuine"
    (notice,) = notices(delivery, connection, IDENTIFY).notices
    assert (notice.kind, notice.object_id) == ("sale", "0af7b240-aba0-11f1-eddc-9f1e2d3c4b5a")


@pytest.mark.parametrize(
    ("header", "connection"),
    [
        (f"signature={BASE64},algorithm=HMAC-SHA256", CONNECTION),
        (f"signature={HEX},algorithm=HMAC-SHA256", AS_BASE64),
        (f"signature={HEX},algorithm=HMAC-SHA1", CONNECTION),
        (f"signature={HEX},algorithm=none", CONNECTION),
        (f"algorithm=HMAC-SHA256,signature={HEX}", CONNECTION),
        (f"signature={HEX}", CONNECTION),
        (HEX, CONNECTION),
    ],
)
def test_another_algorithm_encoding_or_header_is_forged(
    header: str, connection: Connection
) -> None:
    with pytest.raises(Forged):
        verify(wire(header), connection, NOW)


def test_a_form_that_names_another_shop_is_forged() -> None:
    body = WIRE.replace(b"demostore", b"otherstore")

    with pytest.raises(Forged):
        verify(wire(signature(body, KEY), body), CONNECTION, NOW)


def test_a_form_need_not_name_its_shop() -> None:
    body = WIRE.replace(b"domain_prefix=demostore&", b"")

    assert verify(wire(signature(body, KEY), body), CONNECTION, NOW) == "genuine"


def test_a_form_without_a_payload_is_unreadable() -> None:
    for body in (b"", b"type=sale.update", b"\xff\xfe=1&%zz"):
        with pytest.raises(Unreadable, match="payload is missing"):
            notices(wire("", body), CONNECTION, IDENTIFY)


def test_an_action_that_tells_twice_of_its_sale_makes_equal_notices() -> None:
    first = Event(room=ROOM, stem="sale_update").heard()
    second = Event(room=ROOM, stem="sale_update").heard(
        Event(room=ROOM, stem="sale_update").body().replace(b"14:02:13", b"14:02:14")
    )

    assert first.notices == second.notices


@pytest.mark.parametrize(
    "path",
    [
        "sale.totals.price_incl_tax",
        "sale.totals.tax",
        "sale.line_items[0].pricing.total",
        "sale.line_items[0].pricing.discount_total",
        "sale.line_items[0].tax.total",
        "sale.line_items[0].promotions[0].amount",
    ],
)
@pytest.mark.parametrize("amount", [each for each in NOT_MONEY if each != "0.00001"])
def test_what_is_not_money_is_named(path: str, amount: str) -> None:
    event = Event(room=ROOM, stem="sale.confirmed")

    with pytest.raises(Unreadable) as refusal:
        event.heard(changed(event.body(), path, amount))

    assert refusal.value.path == path


def folded(*names: str) -> Order:
    """The order that these documents tell of."""
    order = fold(fact for each in names for fact in Event(room=ROOM, stem=each).heard().facts)
    assert order is not None
    return order


def returned(order: Order) -> dict[str, int]:
    return {each.code_raw or "": each.returned_minor for each in order.charged}


def test_a_return_takes_back_the_share_of_its_units() -> None:
    order = folded("sale.two_codes", "return.partial", "sale.returned_since")

    assert order.stage == "confirmed"
    assert order.refunded_minor == 5175
    assert returned(order) == {"SPRING10": 500, "SOCKS5": 0}


def test_a_return_of_everything_reverses_the_sale() -> None:
    order = folded("sale.two_codes", "return.full")

    assert (order.stage, order.reversed_because) == ("reversed", "refunded in full")
    assert order.confirmed_at


@pytest.mark.parametrize("stem", ["return.parked", "return.voided"])
def test_a_return_that_was_not_closed_takes_nothing_back(stem: str) -> None:
    order = folded("sale.two_codes", stem)

    assert order.stage == "confirmed"
    assert returned(order) == {"SPRING10": 0, "SOCKS5": 0}


def test_units_of_a_product_on_two_lines_come_back_of_the_line_of_their_price() -> None:
    order = folded("sale.product_on_two_lines", "return.product_on_two_lines")

    assert returned(order) == {"SPRING10": 500}
    assert dict(folded("sale.product_on_two_lines", "return.over_two_lines").signals)


def test_a_discount_on_the_whole_sale_goes_back_by_units() -> None:
    order = folded("sale.product_below_zero", "return.of_a_discounted_whole")

    assert [each.returned_minor for each in order.charged] == [250]


def test_a_sale_that_is_voided_keeps_when_it_was_confirmed() -> None:
    order = folded("sale.confirmed", "sale.voided")

    assert (order.stage, order.reversed_because) == ("reversed", "voided")
    assert order.confirmed_at
    assert returned(order) == {"SPRING10": 800}


def test_a_layby_is_confirmed_by_its_last_payment_and_no_sooner() -> None:
    assert folded("sale.layby").stage == "open"

    order = folded("sale.layby", "sale.layby_paid")

    assert order.confirmed_at == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


def test_a_code_that_is_taken_off_is_taken_back() -> None:
    order = folded("sale.confirmed", "sale.code_taken_off")

    assert [(each.code_raw, each.removed) for each in order.charged] == [("SPRING10", True)]


def test_versions_are_in_the_order_of_the_counter() -> None:
    facts = Event(room=ROOM, stem="sale.confirmed").heard().facts
    later = Event(room=ROOM, stem="sale.layby_paid").heard().facts

    assert facts[0].version == "000000000048210077" < later[0].version


def test_a_buyer_is_known_by_mail_phone_and_record() -> None:
    (fact,) = Event(room=ROOM, stem="sale.confirmed").heard().facts

    assert fact.customer == (
        IDENTIFY("email", "maria.silva@example.com"),
        IDENTIFY("phone", "+64215550142"),
        IDENTIFY("customer", "vend/kew/36f675cc-81e7-4ef5-a8e2-5d940ed90475"),
    )


def test_a_document_of_another_kind_is_unreadable() -> None:
    document = replace(Event(room=ROOM, stem="sale.confirmed").document(), kind="invoice")

    with pytest.raises(Unreadable, match=r"document\.kind"):
        read_document(document, CONNECTION, IDENTIFY, NOW)
