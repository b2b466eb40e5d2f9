"""Does Toast's room tell each check as it stands, and take a closed one back when it is opened?"""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.sources.toast.read import READER, read, read_document
from functions.sources.toast.verify import SIGNATURE, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid, Unreadable
from vouchsafe.pure.facts import OrderSaid, RefundSaid
from vouchsafe.pure.hearing import Delivery, Document
from vouchsafe.pure.order import fold

RESTAURANT = "11111111-2222-4333-8444-555555555555"
CONNECTION = Connection(
    platform="toast",
    account="kew",
    signing_keys=("toast-test-secret-001",),
    shop=RESTAURANT,
    api_url="https://ws-api.toasttab.test",
    api_key="client",
    api_secret="client-secret",
    options={"currency": "USD"},
)
# The sheet's own vector.
BODY = (
    b'{"timestamp":"2026-11-20T15:04:05.678Z","eventCategory":"order_updated","eventType":'
    b'"order_updated","guid":"0b8a6c1e-2f3d-4c5b-8a7e-9d0c1b2a3f4e","details":{"restaurantGuid":'
    b'"11111111-2222-4333-8444-555555555555","order":{"guid":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",'
    b'"entityType":"Order","modifiedDate":"2026-11-20T15:04:05.100+0000","checks":[]}}}'
)
SIGNED = "AehdGzeISHGH+od5zNU+xaGQkOlq2OsfJ2DeL1W7O+o="
BODY_ALONE = "r22K2FzKCx8O8VVdLLsd/7N3QLOwblVsNmOLdr3K3xY="
SENT = datetime(2026, 11, 20, 15, 4, 5, 678000, UTC)
CHECK = "details.order.checks[0]"


def sign(body: bytes, _connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    found = re.search(rb'"timestamp": *"([^"]*)"', body)
    stamp = found[1] if found else b""
    digest = hmac.digest(key.encode(), body + stamp, "sha256")
    return {SIGNATURE: base64.b64encode(digest).decode()}


ROOM = Room(
    platform="toast",
    reader=READER,
    verify=verify,
    read=read,
    read_document=read_document,
    connection=CONNECTION,
    headers=lambda _: {"content-type": "application/json", "toast-attempt-number": "1"},
    sign=sign,
    signature_header=SIGNATURE,
    bound_to=("shop",),
    genuine="order_updated.closed",
    unknown="tips_pooled",
    two_codes=(
        "order_updated.two_codes",
        frozenset({canonical("WELCOME10"), canonical("thanks3")}),
    ),
    zero_decimal=("order_updated.yen", 1350),
    required={
        "order_updated.closed": (
            "eventCategory",
            "details",
            "details.restaurantGuid",
            "details.order",
            "details.order.guid",
            "details.order.openedDate",
            "details.order.modifiedDate",
            "details.order.checks",
            f"{CHECK}.guid",
            f"{CHECK}.amount",
            f"{CHECK}.totalAmount",
            f"{CHECK}.selections[0].guid",
            f"{CHECK}.selections[0].preDiscountPrice",
            f"{CHECK}.selections[0].price",
            f"{CHECK}.appliedDiscounts[0].guid",
            f"{CHECK}.appliedDiscounts[0].discountAmount",
            f"{CHECK}.payments[0].guid",
        ),
        "order_updated.returned_in_part": (
            f"{CHECK}.payments[0].refund.refundAmount",
            f"{CHECK}.payments[0].refund.refundDate",
        ),
    },
    amounts={
        "order_updated.closed": (
            f"{CHECK}.amount",
            f"{CHECK}.taxAmount",
            f"{CHECK}.totalAmount",
            f"{CHECK}.appliedDiscounts[0].discountAmount",
            f"{CHECK}.payments[0].tipAmount",
        ),
        "order_updated.returned_in_part": (f"{CHECK}.payments[0].refund.refundAmount",),
    },
    personal={
        "order_updated.closed": (f"{CHECK}.tabName", f"{CHECK}.payments[0].cardHolderFirstName"),
        "guests.known": (
            "order.checks[0].customer.firstName",
            "order.checks[0].customer.email",
            "order.checks[0].customer.phone",
        ),
    },
    stale_after_s=None,
    exempt={
        "test_a_stale_delivery_is_refused_where_its_time_is_signed": (
            "the suite moves our clock to the delivery's; here the signed body holds its own time"
        ),
    },
)


class TestToast(SourceSuite):
    room = ROOM


def delivery(**changes: Any) -> Delivery:
    whole: dict[str, Any] = {
        "platform": "toast",
        "account": "kew",
        "headers": {SIGNATURE: SIGNED},
        "body": BODY,
        "received_at": SENT,
    }
    return Delivery(**(whole | changes))


def facts(*situations: str) -> list[Any]:
    return [
        fact
        for each in situations
        for fact in Event(room=ROOM, stem=f"order_updated.{each}").heard().facts
    ]


def said(situation: str) -> OrderSaid:
    body = facts(situation)[0].body
    assert isinstance(body, OrderSaid)
    return body


def test_the_body_and_its_timestamp_are_signed() -> None:
    assert verify(delivery(), CONNECTION, SENT) == "genuine"
    with pytest.raises(Forged):
        verify(delivery(headers={SIGNATURE: BODY_ALONE}), CONNECTION, SENT)


@pytest.mark.parametrize("late", [timedelta(hours=6, seconds=1), -timedelta(hours=6, seconds=1)])
def test_an_old_delivery_is_stale(late: timedelta) -> None:
    assert verify(delivery(), CONNECTION, SENT + late * 0.9) == "genuine"
    with pytest.raises(Forged):
        verify(delivery(), CONNECTION, SENT + late)


def test_how_old_a_delivery_may_be_is_an_option() -> None:
    patient = replace(CONNECTION, options={"stale_after_hours": "48"})

    assert verify(delivery(), patient, SENT + timedelta(hours=47)) == "genuine"
    with pytest.raises(Invalid):
        verify(delivery(), replace(CONNECTION, options={"stale_after_hours": "soon"}), SENT)


def test_every_restaurant_of_the_account_is_ours_and_no_other() -> None:
    group = replace(CONNECTION, shop="", options={"restaurants": f"another, {RESTAURANT}"})

    assert verify(delivery(), group, SENT) == "genuine"
    with pytest.raises(Forged):
        verify(delivery(), replace(group, options={"restaurants": "another"}), SENT)


def test_a_closed_check_that_is_opened_again_is_taken_back() -> None:
    road = ("open", "paid", "closed", "opened_again", "closed_again_without_the_code")
    stages = [getattr(fold(facts(*road[:until])), "stage", None) for until in range(1, 6)]

    assert stages == ["open", "confirmed", "confirmed", "open", "confirmed"]


def test_three_deliveries_in_any_order_are_the_same_order() -> None:
    road = facts("open", "paid", "closed")

    assert fold(road) == fold(reversed(road)) == fold([*road, *road])


def test_each_check_is_an_order_of_its_own() -> None:
    paid, waiting = facts("two_checks")

    assert (paid.order.order_id, waiting.order.order_id) == ("c041", "c042")
    assert paid.body.confirmed_at == datetime(2026, 11, 20, 15, 4, 2, tzinfo=UTC)
    assert waiting.body.confirmed_at is None
    assert (paid.body.location_id, paid.body.staff) == (RESTAURANT, "5101")


def test_the_share_of_a_checks_discount_is_what_the_prices_say() -> None:
    event = Event(room=ROOM, stem="channel_order_updated.item_and_check")
    (fact,) = event.heard().facts
    assert isinstance(fact.body, OrderSaid)
    loyalty, code = fact.body.discounts

    assert (loyalty.kind, loyalty.shares) == ("reward", (("5e21", 200),))
    assert (code.code_raw, code.shares) == ("LUNCH10", (("5e21", 100), ("5e22", 80)))
    assert fact.body.sums_foot


def test_several_discounts_of_a_check_share_as_nobody_says() -> None:
    assert [each.shares for each in said("two_codes").discounts] == [None, None]


def test_what_is_voided_is_on_the_bill_no_more() -> None:
    assert [line.line_id for line in said("line_voided").lines] == ["5e01"]
    assert (said("voided").discounts, said("voided").reversed_because) == ((), "voided")
    assert said("deleted").reversed_at == datetime(2026, 11, 20, 16, tzinfo=UTC)


def test_a_discount_without_a_code_is_known_by_the_list_or_by_its_name() -> None:
    (staff,) = said("without_a_code").discounts

    assert (staff.kind, staff.aliases) == ("manual", ("name:staff meal",))
    assert said("closed").discounts[0].aliases == (
        "catalog:d0000000-0000-4000-8000-000000000010",
        "name:10% promo",
    )


def test_a_discount_of_a_modifier_falls_on_its_line() -> None:
    (shot,) = said("discount_on_a_modifier").discounts

    assert shot.where == "selections[0].modifiers[0].appliedDiscounts[0]"
    assert shot.shares == (("5e71", 100),)


def test_a_service_charge_is_a_line() -> None:
    assert [line.category for line in said("service_charge").lines] == [None, "service_charge"]
    assert said("service_charge").sums_foot


def test_half_of_a_line_goes_back_with_half_of_its_money() -> None:
    refund = facts("returned_in_part")[1].body

    assert isinstance(refund, RefundSaid)
    assert (refund.amount_minor, refund.lines[0].quantity) == (486, 1)
    order = fold(facts("closed", "returned_in_part", "returned_whole"))
    assert order is not None
    assert (order.stage, order.refunded_minor) == ("reversed", 1122)


def test_money_that_names_no_lines_is_money() -> None:
    assert facts("money_back_without_lines")[1].body.lines == ()


def test_tips_are_no_part_of_the_bill_but_of_what_was_paid() -> None:
    assert (said("closed").tip_minor, said("closed").total_minor) == (150, 1122)


def test_what_is_not_a_sale_yet_is_not_confirmed_and_a_test_never_counts() -> None:
    assert said("needs_approval").confirmed_at is None
    assert said("test").test


def test_a_new_word_is_no_fault() -> None:
    assert said("new_words").confirmed_at is None


def test_the_guests_of_a_paid_order_are_asked_for() -> None:
    (notice,) = Event(room=ROOM, stem="order_updated.closed").heard().notices

    assert (notice.kind, notice.object_id, notice.details) == (
        "guests",
        "o001",
        {"restaurant": RESTAURANT},
    )
    assert Event(room=ROOM, stem="order_updated.open").heard().notices == ()


def test_guests_come_just_after_the_webhooks_version() -> None:
    (guest,) = Event(room=ROOM, stem="guests.known").pulled().facts
    (told,) = facts("closed")

    assert guest.body == told.body
    assert guest.version > told.version
    order = fold([guest, told])
    assert order is not None
    assert order.customer == guest.customer != ()
    assert Event(room=ROOM, stem="guests.nobody").pulled().facts == ()


def test_a_connection_without_a_currency_reads_nothing() -> None:
    event = Event(room=ROOM, stem="order_updated.closed")

    with pytest.raises(Unreadable) as refusal:
        read(event.delivery(), replace(CONNECTION, options={}), IDENTIFY)
    assert refusal.value.path == "options.currency"


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_document(Document(kind="check", body=b"{}"), CONNECTION, IDENTIFY, NOW)
