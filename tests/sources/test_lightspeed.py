"""Does the K-Series' room confirm by the answer alone, and find two codes on one line?"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.sources.lightspeed.read import READER, read, read_document
from functions.sources.lightspeed.verify import AUTHORIZATION, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import OrderSaid, RefundSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import fold

CONNECTION = Connection(
    platform="lightspeed",
    account="kew",
    signing_keys=("lsk-webhook:correct-horse",),
    shop="52000000000017",
    api_url="https://api.lsk.lightspeed.test",
    api_key="client",
    api_secret="client-secret",
    options={"refresh_token": "seed"},
)
_UNSIGNED = "the K-Series signs no body: what it says confirms nothing, and the sale is asked for"
_APART = "notifications tell of an account that is rung, the API of the sale that came of it"


def sign(_body: bytes, _connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    if ":" in key:
        return {AUTHORIZATION: f"Basic {base64.b64encode(key.encode()).decode()}"}
    return {AUTHORIZATION: f"Bearer {key}"}


ROOM = Room(
    platform="lightspeed",
    reader=READER,
    verify=verify,
    read=read,
    read_document=read_document,
    connection=CONNECTION,
    document_kind="sale",
    headers=lambda _: {"content-type": "application/json", "x-lightspeed-idempotency-key": "1"},
    sign=sign,
    signature_header=AUTHORIZATION,
    bound_to=("shop",),
    genuine="rtn.close",
    unknown="receipt",
    two_codes=("sale.two_codes", frozenset({canonical("STEAK10"), canonical("VIP20")})),
    zero_decimal=("sale.yen", 1350),
    required={
        "rtn.open": (
            "notificationType",
            "businessLocationId",
            "account",
            "account.accountNumber",
            "account.currencyCode",
            "account.openDate",
            "account.updateDate",
            "account.totalAmount",
            "account.transactionLines[0].id",
            "account.transactionLines[0].amount",
        ),
        "sale.confirmed": (
            "businessLocationId",
            "sale",
            "sale.accountFiscId",
            "sale.timeOfOpening",
            "sale.timeClosed",
            "sale.salesLines[0].id",
            "sale.salesLines[0].totalNetAmountWithTax",
            "sale.salesLines[0].currency",
        ),
    },
    amounts={},
    personal={
        "rtn.close": ("account.name", "account.staffName"),
        "sale.confirmed": (
            "sale.payments[0].consumer.name",
            "sale.payments[0].consumer.email",
            "sale.payments[0].consumer.phoneNumber",
        ),
    },
    exempt={
        "test_a_changed_body_is_forged": _UNSIGNED,
        "test_webhook_and_pull_say_the_same": _APART,
        "test_what_is_not_money_is_named": (
            "amounts have up to six places and are rounded; the room's own test has the rest"
        ),
    },
)


class TestLightspeed(SourceSuite):
    room = ROOM


def facts(*stems: str) -> list[Any]:
    return [fact for stem in stems for fact in Event(room=ROOM, stem=stem).heard().facts]


def said(stem: str) -> OrderSaid:
    body = facts(stem)[0].body
    assert isinstance(body, OrderSaid)
    return body


@pytest.mark.parametrize(
    ("key", "options", "headers"),
    [
        (
            "lsk-webhook:correct-horse",
            {},
            {AUTHORIZATION: "Basic bHNrLXdlYmhvb2s6Y29ycmVjdC1ob3JzZQ=="},
        ),
        ("a-token", {}, {AUTHORIZATION: "Bearer a-token"}),
        ("a-key", {"key_header": "X-Api-Key"}, {"x-api-key": "a-key"}),
    ],
)
def test_each_way_to_prove_itself_is_taken(
    key: str, options: dict[str, str], headers: dict[str, str]
) -> None:
    delivery = replace(Event(room=ROOM, stem="rtn.close").delivery(), headers=headers)
    connection = replace(CONNECTION, signing_keys=(key,), options=options)

    assert verify(delivery, connection, NOW) == "genuine"
    with pytest.raises(Forged):
        verify(delivery, replace(connection, signing_keys=(f"{key}x",)), NOW)
    with pytest.raises(Forged):
        verify(replace(delivery, headers={}), connection, NOW)


def test_a_key_alone_is_no_bearer_of_nothing() -> None:
    delivery = replace(Event(room=ROOM, stem="rtn.close").delivery(), headers={AUTHORIZATION: ""})

    with pytest.raises(Forged):
        verify(delivery, replace(CONNECTION, signing_keys=("x",), options={"key_header": " "}), NOW)


def test_every_location_of_the_account_is_ours() -> None:
    delivery = Event(room=ROOM, stem="rtn.close").delivery()
    group = replace(CONNECTION, shop="", options={"locations": "1, 52000000000017"})

    assert verify(delivery, group, NOW) == "genuine"


def test_what_is_rung_is_applied_and_never_confirmed() -> None:
    close = Event(room=ROOM, stem="rtn.close").heard()

    assert said("rtn.close").confirmed_at is None
    assert [each.code_raw for each in said("rtn.open").discounts] == ["AUTUMN10"]
    (notice,) = close.notices
    assert (notice.kind, notice.object_id) == ("sale", "A20417.17")
    assert notice.details == {"location": "52000000000017", "closed": "001795206720000"}


def test_the_answer_confirms_and_has_the_last_word() -> None:
    order = fold(facts("sale.confirmed", "rtn.close", "rtn.open", "rtn.update_without_the_code"))

    assert order is not None
    assert order.stage == "confirmed"
    assert order.confirmed_at == datetime(2026, 11, 20, 20, 32, 0, 500_000, UTC)
    assert [each.code_raw for each in order.charged if not each.removed] == ["STEAK10"]


def test_a_code_that_was_taken_off_before_the_end_is_not_on_it() -> None:
    order = fold(facts("rtn.open", "rtn.update_without_the_code"))

    assert order is not None
    assert all(each.removed for each in order.charged)


def test_two_fields_on_one_line_are_two_discounts() -> None:
    line, account = said("sale.two_codes").discounts

    assert (line.code_raw, line.amount_minor) == ("STEAK10", 300)
    assert (account.code_raw, account.amount_minor) == ("VIP20", 540)
    assert said("sale.two_codes").gross_minor == 3000
    assert said("sale.two_codes").sums_foot


def test_an_accounts_code_is_one_with_a_part_of_each_line() -> None:
    (vip,) = said("sale.account_code_on_lines").discounts

    assert vip.shares == (("S1", 300), ("S2", 100))


def test_a_discount_without_a_code_is_known_by_its_name() -> None:
    assert said("sale.without_a_code").discounts[0].aliases == ("name:staff meal",)
    assert said("sale.by_hand").discounts[0].aliases == ("name:discount by hand",)


def test_of_several_codes_on_a_running_account_nobody_knows_the_money() -> None:
    assert {each.code_raw: each.amount_minor for each in said("rtn.two_codes").discounts} == {
        "VIP20": 0,
        "STEAK10": 0,
    }


def test_what_came_off_in_all_is_known_before_it_is_known_by_code() -> None:
    rung = said("rtn.two_codes")

    assert rung.gross_minor - rung.discount_minor == rung.total_minor
    assert rung.discount_minor > 0


def test_a_reversal_lies_under_the_account_that_it_takes_back() -> None:
    (refund,) = facts("sale.refund")

    assert isinstance(refund.body, RefundSaid)
    assert refund.order.order_id == "52000000000017-A20417.17"
    assert (refund.body.amount_minor, refund.body.lines[0].line_id) == (1350, "S1")
    order = fold(facts("sale.confirmed", "sale.void_of_another"))
    assert order is not None
    assert order.stage == "reversed"


@pytest.mark.parametrize("stem", ["sale.float", "sale.void_of_itself", "rtn.float"])
def test_what_is_no_sale_is_nothing(stem: str) -> None:
    assert facts(stem) == []


def test_a_refund_on_the_till_is_asked_for() -> None:
    heard = Event(room=ROOM, stem="rtn.refund").heard()

    assert heard.facts == ()
    assert [each.object_id for each in heard.notices] == ["A20417.21"]


def test_a_cancelled_one_is_off() -> None:
    assert said("rtn.cancel").reversed_because == "cancelled"
    assert (said("sale.cancelled").confirmed_at, said("sale.cancelled").reversed_because) == (
        None,
        "cancelled",
    )


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "twelve", "9" * 40])
def test_what_is_not_money_is_named(amount: str) -> None:
    event = Event(room=ROOM, stem="sale.confirmed")
    body = event.document().body.replace(b'"27.000000"', f'"{amount}"'.encode())

    with pytest.raises(Unreadable) as refusal:
        event.pulled(body)
    assert refusal.value.path == "sale.salesLines[0].totalNetAmountWithTax"


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_document(Document(kind="order", body=b"{}"), CONNECTION, IDENTIFY, NOW)
