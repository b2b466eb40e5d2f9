"""Revel's room: the shared suite, the vendor's own scheme, and what only Revel does."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from functions.sources.revel.announced import announced
from functions.sources.revel.read import READER, read, read_document
from functions.sources.revel.verify import INSTANCE, SIGNATURE, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.mangling import changed
from tests.sources.suite import SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import Discount, Fact, OrderSaid
from vouchsafe.pure.hearing import Delivery
from vouchsafe.pure.order import Order, fold

KEY = "revel-webhook-secret-example"
CONNECTION = Connection(
    platform="revel",
    account="kew",
    signing_keys=(KEY,),
    shop="demo",
    api_url="https://demo.revelup.com",
    api_key="the-key",
    api_secret="the-secret",
    options={"currency": "USD", "zone": "America/New_York"},
)
# The vendor's event codes as file names have them, where a dot is not the only underscore.
_CODES = {"app_integration_changed": "app.integration.changed"}


def headers(event: str) -> Mapping[str, str]:
    return {
        "content-type": "application/json",
        INSTANCE: "demo",
        "x-revel-event-type": _CODES.get(event, event.replace("_", ".")),
        "x-revel-event-id": "5b1f0c1e",
        "x-revel-message-id": "77",
        "x-revel-establishment-id": "12",
    }


def sign(body: bytes, connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    return {SIGNATURE: hmac.digest(key.encode(), body, "sha1").hex()}


ROOM = Room(
    platform="revel",
    reader=READER,
    verify=verify,
    read=read,
    read_document=read_document,
    connection=CONNECTION,
    headers=headers,
    sign=sign,
    signature_header=SIGNATURE,
    bound_to=("shop",),
    genuine="order_finalized",
    two_codes=(
        "order_finalized.two_codes",
        frozenset({canonical("WELCOME10"), canonical("FIVEOFF")}),
    ),
    zero_decimal=("order_finalized.yen", 1350),
    unknown="order_refunded",
    required={
        "order_finalized": (
            "order.id",
            "order.final_total",
            "order.created_date",
            "order.updated_date",
            "order.items[0].id",
            "order.items[0].quantity",
            "order.items[0].price",
            "order.applied_discounts[0].id",
            "order.applied_discounts[0].discount_amount",
            "order.payments[0].id",
            "order.payments[0].amount",
            "order.payments[0].created_date",
        ),
        "order_finalized.bare": ("final_total", "items[0].price"),
        "order_finalized.only_its_id": ("id",),
        "order.open": ("order",),
        "return.partial": ("original.id", "original.items[0].id"),
    },
    amounts={
        "order_finalized": ("order.final_total",),
        "return.partial": ("order.final_total",),
    },
    personal={
        "order_finalized": (
            "order.customer.email",
            "order.customer.phone_number",
            "order.customer.first_name",
            "order.customer.address",
            "order.call_name",
            "order.call_number",
            "order.notes",
            "order.delivery_address",
            "order.gift_reward_data",
            "order.loyalty_account_id",
            "order.payments[0].card_holder",
        ),
        "order_finalized.voided_item": ("order.items[1].voided_reason",),
        "return.partial": ("order.call_name", "original.call_name"),
    },
)


class TestRevel(SourceSuite):
    room = ROOM


# The sheet's vector.
BODY = (
    b'{"order":{"id":8842,"uuid":"5f0f6a0e-7c53-4f6e-9c55-1f5f2f1f7d11","closed":true,"version":4}}'
)
HEX = "21459a626ff0d7b51589a57909509784d77fe32d"
BASE64 = "IUWaYm/w17UViaV5CVCXhNd/4y0="
AS_BASE64 = replace(CONNECTION, options={"signature_encoding": "base64"})


def sent(signature: str, body: bytes = BODY, instance: str = "demo") -> Delivery:
    return Delivery(
        platform="revel",
        account="kew",
        headers={**headers("order_finalized"), SIGNATURE: signature, INSTANCE: instance},
        body=body,
        received_at=NOW,
    )


@pytest.mark.parametrize(("digest", "connection"), [(HEX, CONNECTION), (BASE64, AS_BASE64)])
def test_the_signed_body_is_genuine(digest: str, connection: Connection) -> None:
    assert verify(sent(digest), connection, NOW) == "genuine"
    assert verify(sent(digest, instance="Demo"), connection, NOW) == "genuine"


@pytest.mark.parametrize(("digest", "connection"), [(BASE64, CONNECTION), (HEX, AS_BASE64)])
def test_another_encoding_is_forged(digest: str, connection: Connection) -> None:
    with pytest.raises(Forged):
        verify(sent(digest), connection, NOW)


@pytest.mark.parametrize("instance", ["other", "", "demo.revelup.com"])
def test_another_instances_delivery_is_forged(instance: str) -> None:
    with pytest.raises(Forged):
        verify(sent(HEX, instance=instance), CONNECTION, NOW)


def test_a_sha256_signature_is_forged() -> None:
    with pytest.raises(Forged):
        verify(sent(hmac.digest(KEY.encode(), BODY, "sha256").hex()), CONNECTION, NOW)


def facts(stem: str) -> tuple[Fact, ...]:
    return Event(room=ROOM, stem=stem).heard().facts


def folded(*stems: str) -> Order:
    """The order that these documents tell of."""
    order = fold(fact for stem in stems for fact in facts(stem))
    assert order is not None
    return order


def discounts(facts: Iterable[Fact]) -> tuple[Discount, ...]:
    (body,) = (each.body for each in facts)
    assert isinstance(body, OrderSaid)
    return body.discounts


def returned(order: Order) -> dict[str | None, int]:
    return {each.code_raw: each.returned_minor for each in order.charged}


@pytest.mark.parametrize(
    "stem",
    ["order_finalized.bare", "order_finalized.event_in_the_body", "order_finalized.event_not_told"],
)
def test_every_shape_of_a_delivery_says_the_same(stem: str) -> None:
    (told,), (usual,) = facts(stem), facts("order_finalized")

    assert told.fact_id() == usual.fact_id()


def test_numbers_and_text_say_the_same() -> None:
    (as_text,), (usual,) = facts("order_finalized.numbers_as_text"), facts("order_finalized")

    assert isinstance(as_text.body, OrderSaid)
    assert isinstance(usual.body, OrderSaid)
    assert as_text.version == usual.version
    for name in ("total_minor", "gross_minor", "discount_minor", "tax_minor", "confirmed_at"):
        assert getattr(as_text.body, name) == getattr(usual.body, name), name


def test_a_time_without_a_zone_is_of_its_establishments() -> None:
    noon = datetime(2026, 11, 20, 12, 1, 7)

    def placed(stem: str) -> datetime:
        (fact,) = facts(stem)
        assert isinstance(fact.body, OrderSaid)
        return fact.body.placed_at

    east = placed("order_finalized.no_discount")
    west = placed("order_finalized.another_establishments_zone")

    assert east == noon.replace(tzinfo=ZoneInfo("America/New_York"))
    assert west == noon.replace(tzinfo=ZoneInfo("America/Los_Angeles"))
    assert placed("order_finalized.time_with_a_zone") == east


def test_no_zone_is_ever_guessed() -> None:
    document = Event(room=ROOM, stem="order_finalized").document()
    for options in ({"currency": "USD"}, {"currency": "USD", "zone": "Springfield"}):
        connection = replace(CONNECTION, options=options)

        with pytest.raises(Unreadable, match=r"options\.zone"):
            read_document(document, connection, IDENTIFY, NOW)


def test_versions_go_by_the_counter_and_not_by_its_text() -> None:
    event = Event(room=ROOM, stem="order_finalized")
    later = event.body().replace(b'"version": 6', b'"version": 10')
    (tenth,), (sixth,) = event.heard(later).facts, event.heard().facts

    assert sixth.version < tenth.version


def test_a_reopened_bill_is_another_generation() -> None:
    order = folded("order_finalized", "order.reopened")
    again = folded("order_finalized", "order.reopened", "order.closed_again")

    assert (order.stage, [each.because for each in order.past]) == ("open", ["reopened"])
    assert (again.stage, again.discount_minor) == ("confirmed", 0)


def test_a_code_on_an_open_bill_confirms_nothing() -> None:
    order = folded("order.code_still_on")

    assert order.stage == "open"
    assert folded("order.code_still_on", "order_finalized").stage == "confirmed"


def test_a_deleted_order_takes_everything_back() -> None:
    order = folded("order_finalized", "order.deleted")

    assert (order.stage, order.reversed_because) == ("reversed", "deleted")
    assert returned(order) == {"FALL15": 600}
    assert order.confirmed_at


def test_money_back_takes_back_in_proportion() -> None:
    order = folded("order_finalized", "order.money_back")

    assert (order.stage, order.refunded_minor, order.estimated) == ("confirmed", 1000, True)
    assert returned(order) == {"FALL15": 600 * 1000 // 3685}


def test_money_back_that_was_deleted_counts_no_more() -> None:
    order = folded("order_finalized", "order.money_back", "order.money_back_taken_back")

    assert order.refunded_minor == 0
    assert returned(order) == {"FALL15": 0}


def test_a_fraction_of_a_cent_is_no_money_back() -> None:
    event = Event(room=ROOM, stem="order.money_back")

    with pytest.raises(Unreadable) as refusal:
        event.heard(changed(event.body(), "order.payments[1].amount", "-0.00001"))

    assert refusal.value.path == "order.payments[1].amount"


def test_a_return_takes_back_the_share_of_its_units() -> None:
    order = folded("order_finalized", "return.partial")

    # Two burgers bear three quarters of 6.00; one of them came back.
    assert (order.stage, order.refunded_minor) == ("confirmed", 1366)
    assert returned(order) == {"FALL15": 225}


def test_a_discount_of_several_items_is_one_whichever_of_them_it_still_stands_on() -> None:
    event = Event(room=ROOM, stem="order_finalized.of_items")
    voided = event.body().replace(
        b'"voided_date": null', b'"voided_date": "2026-11-20T12:05:00"', 1
    )

    (told,) = discounts(event.heard().facts)
    (left,) = discounts(event.heard(voided).facts)

    assert told.shares == (("9010", 450), ("9011", 125))
    assert (told.amount_minor, left.amount_minor) == (575, 125)
    assert told.discount_id == left.discount_id


def test_discounts_of_items_that_nothing_names_stay_apart() -> None:
    event = Event(room=ROOM, stem="order_finalized.of_items")
    body = event.body()
    for word in (b'"/resources/Discount/780/"', b'"Burger week"', b'"BURGER"', b'"burger"'):
        body = body.replace(word, b"null")

    found = discounts(event.heard(body).facts)

    assert [each.amount_minor for each in found] == [450, 125]


def test_a_return_of_everything_reverses_the_order() -> None:
    order = folded("order_finalized", "return.full")

    assert (order.stage, order.reversed_because) == ("reversed", "refunded in full")


@pytest.mark.parametrize("stem", ["return.open", "return.deleted"])
def test_a_return_that_is_not_done_takes_nothing_back(stem: str) -> None:
    order = folded("order_finalized", stem)

    assert (order.stage, order.refunded_minor) == ("confirmed", 0)


def test_a_return_of_no_known_order_stands_alone_and_uses_no_code() -> None:
    order = folded("return.of_no_known_order")

    assert (order.total_minor, order.discount_minor, order.charged) == (-1366, 0, ())


@pytest.mark.parametrize(
    ("stem", "told"),
    [
        ("order_finalized", True),
        ("order_finalized.zero_total", True),
        ("order.open", False),
        ("order.reopened", False),
        ("order.closed_again", True),
        ("order.deleted", False),
        ("order.money_back", False),
        ("return.partial", False),
        ("return.full", False),
        ("return.of_no_known_order", False),
    ],
)
def test_only_the_closing_of_a_bill_is_announced(stem: str, told: bool) -> None:
    assert all(map(announced, facts(stem))) is told


def test_what_is_written_on_a_closed_bill_later_is_not_announced() -> None:
    event = Event(room=ROOM, stem="order_finalized")
    later = event.body().replace(b"2026-11-20T12:09:44", b"2026-11-20T12:19:41")

    assert not any(map(announced, event.heard(later).facts))


def test_a_document_of_another_kind_is_unreadable() -> None:
    document = replace(Event(room=ROOM, stem="order.open").document(), kind="invoice")

    with pytest.raises(Unreadable, match=r"document\.kind"):
        read_document(document, CONNECTION, IDENTIFY, NOW)


@pytest.mark.parametrize("place", [True, 1.5, [], "Kew", "/enterprise/Establishment/"])
def test_an_odd_reference_is_named(place: object) -> None:
    event = Event(room=ROOM, stem="order_finalized")

    with pytest.raises(Unreadable) as refusal:
        event.heard(changed(event.body(), "order.establishment", place))

    assert refusal.value.path == "order.establishment"


@pytest.mark.parametrize("place", [None, "", {}])
def test_an_order_without_an_establishment_is_of_the_instance(place: object) -> None:
    event = Event(room=ROOM, stem="order_finalized")

    (fact,) = event.heard(changed(event.body(), "order.establishment", place)).facts

    assert isinstance(fact.body, OrderSaid)
    assert fact.body.location_id is None
