"""Simphony's room: the shared suite, the sheet's vector, and what only a guest check does."""

import base64
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from functions.sources.micros.notices import notices
from functions.sources.micros.read import READER, read_document
from functions.sources.micros.verify import SIGNATURE, verify
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import SourceSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.facts import Fact, Notice, OrderSaid, RefundSaid
from vouchsafe.pure.order import Order, fold

ROOT = Path(__file__).parents[2]
KEY = "c3RzLWdlbjItc3Vic2NyaWJlci1rZXktMzJieXRlcyE="
CONNECTION = Connection(
    platform="micros",
    account="kew",
    signing_keys=(KEY,),
    shop="ACME",
    api_url="https://reports.example.com",
    api_key="the-client-id",
    api_secret="the-password",
    options={"currency": "USD"},
)


def headers(_event: str) -> Mapping[str, str]:
    return {"content-type": "application/json", "key-id": "key-1"}


def sign(body: bytes, _connection: Connection, key: str, _at: datetime) -> Mapping[str, str]:
    proof = hmac.digest(base64.b64decode(key), body, "sha256")
    return {SIGNATURE: base64.b64encode(proof).decode()}


ROOM = Room(
    platform="micros",
    reader=READER,
    verify=verify,
    read=notices,
    read_document=read_document,
    connection=CONNECTION,
    headers=headers,
    sign=sign,
    signature_header=SIGNATURE,
    genuine="CheckNotification",
    two_codes=("check.two_codes", frozenset({canonical("BURGER4"), canonical("DINE5-77QP")})),
    zero_decimal=("check.yen", 1485),
    unknown="KioskNotification",
    document_kind="check",
    required={
        "CheckNotification": (
            "messages",
            "messages[0].messageType",
            "messages[0].messageType.id",
            "messages[0].resource.checkRef",
        ),
        "check.confirmed": (
            "locRef",
            "guestCheck",
            "guestCheck.guestCheckId",
            "guestCheck.chkTtl",
            "guestCheck.detailLines[0].dtlId",
            "guestCheck.detailLines[0].menuItem.miNum",
        ),
    },
    amounts={
        "check.confirmed": (
            "guestCheck.chkTtl",
            "guestCheck.dscTtl",
            "guestCheck.taxes[0].taxCollTtl",
            "guestCheck.detailLines[0].aggTtl",
            "guestCheck.detailLines[1].aggTtl",
            "guestCheck.detailLines[2].aggTtl",
        ),
        "check.service_charge_and_tip": ("guestCheck.tipTotal",),
    },
    personal={
        "CheckNotification": ("messages[0].resource.employee", "messages[0].data.guest"),
        "check.confirmed": (
            "guestCheck.chkName",
            "guestCheck.tblName",
            "guestCheck.detailLines[0].refInfo1",
            "guestCheck.detailLines[2].refInfo1",
            "guestCheck.detailLines[2].refInfo2",
            "guestCheck.detailLines[2].tenderMedia.name",
        ),
        "check.reference_that_is_no_code": ("guestCheck.detailLines[2].refInfo1",),
    },
    exempt={
        "test_another_accounts_delivery_is_refused": (
            "neither address nor shop is signed: the subscriber key is made for one account, and"
            " another organisation in the body is refused by the reader"
        ),
        "test_webhook_and_pull_say_the_same": (
            "a notification tells that a check changed and nothing of it: its facts come by pull"
        ),
    },
)


class TestMicros(SourceSuite):
    room = ROOM


def said(stem: str) -> OrderSaid:
    return next(each.body for each in facts(stem) if isinstance(each.body, OrderSaid))


def facts(stem: str) -> tuple[Fact, ...]:
    return Event(room=ROOM, stem=stem).heard().facts


def folded(*stems: str) -> Order:
    order = fold(fact for stem in stems for fact in facts(stem))
    assert order is not None
    return order


# --- Is it really them?


def test_the_vector_of_the_sheet_is_genuine() -> None:
    delivery = Event(room=ROOM, stem="CheckNotification").delivery()
    proof = "oV39qcwCa4fGPg/fn6Fmj477kHZq3a9Xv9uOifXBK+Y="

    assert len(delivery.body) == 337
    assert verify(replace(delivery, headers={SIGNATURE: proof}), CONNECTION, NOW) == "genuine"


def test_the_key_as_text_proves_nothing() -> None:
    delivery = Event(room=ROOM, stem="CheckNotification").delivery()
    proof = base64.b64encode(hmac.digest(KEY.encode(), delivery.body, "sha256")).decode()

    with pytest.raises(Forged):
        verify(replace(delivery, headers={SIGNATURE: proof}), CONNECTION, NOW)


@pytest.mark.parametrize("key", ["not base64!", "c3RzLWdlbjI", " ", "===="])
def test_a_key_that_is_no_base64_opens_nothing(key: str) -> None:
    delivery = Event(room=ROOM, stem="CheckNotification").delivery()
    empty = base64.b64encode(hmac.digest(b"", delivery.body, "sha256")).decode()
    unproven = replace(delivery, headers={SIGNATURE: empty})

    with pytest.raises(Forged):
        verify(unproven, replace(CONNECTION, signing_keys=(key,)), NOW)


@pytest.mark.parametrize("shop", ["", "acme2", "other"])
def test_another_organisations_notification_is_refused(shop: str) -> None:
    delivery = Event(room=ROOM, stem="CheckNotification").delivery()

    with pytest.raises(Forged):
        notices(delivery, replace(CONNECTION, shop=shop), IDENTIFY)


# --- What does it name?


def named(stem: str) -> list[Notice]:
    return list(Event(room=ROOM, stem=stem).heard().notices)


def test_a_notification_names_the_check_its_place_and_its_time() -> None:
    (notice,) = named("CheckNotification")

    assert (notice.kind, notice.object_id) == ("check", "5c1e0d9ab7c64b6f8a3f2d7b9e4400120000431a")
    assert notice.details == {"location": "store12", "told_at": "2026-11-20T18:45:09.901Z"}


def test_a_check_that_is_named_twice_is_one_notice_of_the_later_time() -> None:
    first, second = named("CheckNotification.several")

    assert first.details["told_at"] == "2026-11-20T18:46:01.200Z"
    assert second.details["location"] == "store13"


def test_a_notification_without_place_and_time_is_kept() -> None:
    (notice,) = named("CheckNotification.without_location")

    assert notice.details == {"told_at": "2026-11-20T18:45:10.120Z"}


def test_the_door_leaves_the_checks_of_the_reports_alone() -> None:
    told = (
        "import sys; import functions.sources.micros.webhook; "
        "print(*sorted(m.rpartition('.')[2] for m in sys.modules if '.sources.micros.' in m))"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "vouchsafe")])

    loaded = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert loaded == ["notices", "verify", "webhook"]


# --- What does a check say?


def test_a_closed_check_is_confirmed_and_an_open_one_is_not() -> None:
    assert folded("check.confirmed").stage == "confirmed"
    assert folded("check.open").stage == "open"


def test_the_code_is_the_reference_of_the_discount() -> None:
    (discount,) = said("check.confirmed").discounts

    assert (discount.code_raw, discount.amount_minor) == ("DINE5-8XK2", 500)
    assert discount.aliases == ("catalog:store12/2005", "catalog:2005")


def test_a_reference_is_a_code_only_where_the_discount_is_for_codes() -> None:
    code, birthday = said("check.reference_that_is_no_code").discounts

    assert code.code_raw == "DINE5-8XK2"
    assert (birthday.code_raw, birthday.kind, birthday.name) == (None, "till", None)


def test_an_automatic_discount_is_told_by_its_number() -> None:
    (discount,) = said("check.open_automatic").discounts

    assert (discount.kind, discount.code_raw) == ("automatic", None)


def test_a_code_on_several_items_is_one_discount_with_its_shares() -> None:
    (discount,) = said("check.one_code_on_three_items").discounts

    assert discount.amount_minor == 310
    assert discount.shares == (("1", 100), ("2", 200), ("3", 10))


def test_the_void_of_a_discount_takes_it_off_the_bill() -> None:
    order = folded("check.confirmed", "check.discount_voided_after_payment")

    assert said("check.discount_voided_after_payment").discounts == ()
    assert [(each.removed, each.returned_minor) for each in order.charged] == [(True, 500)]
    assert (order.total_minor, order.refunded_minor) == (5400, 0)


def test_a_reopened_check_ends_the_confirmation_and_a_closed_one_renews_it() -> None:
    opened = folded("check.confirmed", "check.reopened")
    closed = folded("check.confirmed", "check.reopened", "check.closed_again")

    assert (opened.stage, [each.because for each in opened.past]) == ("open", ["reopened"])
    assert closed.stage == "confirmed"
    assert closed.confirmed_at is not None
    assert closed.confirmed_at.isoformat() == "2026-11-20T20:55:10+00:00"


def test_goods_that_were_voided_before_they_were_paid_were_never_sold() -> None:
    told = said("check.item_voided_before_payment")

    assert [(each.line_id, each.quantity, each.gross_minor) for each in told.lines] == [
        ("1", Decimal(1), 2000)
    ]
    assert told.sums_foot
    assert told.refunds == ()


def test_a_line_that_is_only_flagged_is_gone() -> None:
    told = said("check.line_corrected_in_place")

    assert [each.line_id for each in told.lines] == ["1"]
    assert [each.code_raw for each in told.discounts] == ["DINE5-8XK2"]
    assert told.sums_foot


def test_the_void_of_a_condiment_leaves_the_dish() -> None:
    told = said("check.condiment_voided")

    assert [(each.line_id, each.gross_minor) for each in told.lines] == [("1", 800)]


def test_goods_and_money_back_are_a_return_of_the_bill_as_sold() -> None:
    order = folded("check.partial_return")
    (refund,) = [each.body for each in facts("check.partial_return") if each.kind == "refund"]

    assert isinstance(refund, RefundSaid)
    assert (order.stage, order.total_minor, order.refunded_minor) == ("confirmed", 4968, 1944)
    assert [(each.line_id, each.quantity) for each in refund.lines] == [("1", Decimal(1))]
    assert [(each.amount_minor, each.returned_minor) for each in order.charged] == [(400, 200)]
    assert said("check.partial_return").sums_foot


def test_a_return_after_what_was_known_before_is_the_same() -> None:
    before = check_before_the_return()
    after = facts("check.partial_return")

    known, alone = fold([*before, *after]), fold(after)

    assert known is not None
    assert alone is not None
    assert [each.returned_minor for each in known.charged] == [200]
    assert replace(known, facts_seen=0) == replace(alone, facts_seen=0)


def check_before_the_return() -> tuple[Fact, ...]:
    """The check of the partial return as it was first closed."""
    event = Event(room=ROOM, stem="check.partial_return")
    document = json.loads(event.body())
    check = document["guestCheck"]
    check |= {"chkTtl": 49.68, "dscTtl": -4.0, "lastUpdatedUTC": "2026-11-20T18:45:03"}
    check["taxes"][0]["taxCollTtl"] = 3.68
    check["detailLines"] = check["detailLines"][:4]
    return event.heard(json.dumps(document).encode()).facts


def test_all_goods_back_is_a_reversal() -> None:
    order = folded("check.full_return")

    assert (order.stage, order.reversed_because) == ("reversed", "refunded in full")
    assert (order.total_minor, order.refunded_minor) == (4860, 4860)


def test_a_free_item_comes_back_without_money() -> None:
    order = folded("check.return_of_a_free_item")

    assert (order.total_minor, order.refunded_minor, order.stage) == (4320, 0, "confirmed")
    assert [(each.amount_minor, each.returned_minor) for each in order.charged] == [(1000, 1000)]


def test_an_exchange_without_money_is_an_edit() -> None:
    told = said("check.exchange_after_payment")

    assert [(each.sku, each.gross_minor) for each in told.lines] == [("511", 5000)]
    assert told.refunds == ()


def test_a_return_on_a_check_of_its_own_is_an_order_without_discounts() -> None:
    told = said("check.return_on_a_new_check")

    assert (told.gross_minor, told.discounts, told.total_minor) == (-4500, (), -4860)
    assert told.sums_foot


@pytest.mark.parametrize("stem", ["cancelled", "voided"])
def test_a_check_that_came_to_nothing_is_off(stem: str) -> None:
    order = folded(f"check.{stem}")

    assert (order.stage, order.reversed_because) == ("reversed", stem)


def test_a_zero_total_is_a_sale() -> None:
    assert folded("check.zero_total").stage == "confirmed"


def test_amounts_are_what_doubles_meant() -> None:
    told = said("check.doubles")

    assert (told.gross_minor, told.discount_minor, told.total_minor) == (30, 3, 27)
    assert told.sums_foot


def test_the_sums_of_every_readable_check_foot_but_for_one() -> None:
    odd = [
        path.name.removesuffix(".document.json")
        for path in sorted(Event(room=ROOM, stem="check").path("").parent.glob("*.document.json"))
        if "unreadable" not in path.name
        and not said(path.name.removesuffix(".document.json")).sums_foot
    ]

    assert odd == ["check.sums_do_not_foot"]


def test_the_place_is_written_as_simphony_writes_it() -> None:
    (fact,) = facts("check.currency_of_the_location")

    assert fact.order.order_id == "store7:740118822"
    assert isinstance(fact.body, OrderSaid)
    assert (fact.body.location_id, fact.body.currency) == ("store7", "CAD")


def test_versions_rise_with_time_and_within_a_second_with_lines() -> None:
    versions = [
        facts(f"check.{stem}")[0].version
        for stem in ("open", "confirmed", "reopened", "full_return")
    ]

    assert versions == sorted(versions)
    assert versions[1] == "2026-11-20T18:45:03.000Z+000003"


def test_a_document_of_another_kind_is_unreadable() -> None:
    document = replace(Event(room=ROOM, stem="check.confirmed").document(), kind="order")

    with pytest.raises(Unreadable, match=r"document\.kind"):
        read_document(document, CONNECTION, IDENTIFY, NOW)
