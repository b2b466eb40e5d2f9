"""Does the R-Series' room tell sales, and what came back of them, out of nothing but text?"""

import json
from typing import Any

import pytest

from functions.sources.lightspeed_retail.read import READER, read_document
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import ReaderSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, OrderSaid, RefundSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import fold

ACCOUNT = Connection(
    platform="lightspeed_retail",
    account="kew",
    shop="7300001",
    api_url="https://api.lightspeedapp.test",
    api_key="client",
    api_secret="client-secret",
    options={"currency": "EUR", "refresh_token": "seed"},
)
LINE = "sale.SaleLines.SaleLine[0]"

ROOM = Room(
    platform="lightspeed_retail",
    reader=READER,
    verify=None,
    read=None,
    read_document=read_document,
    connection=ACCOUNT,
    document_kind="sale",
    two_codes=("sale.two_codes", frozenset({canonical("WELCOME15"), canonical("THANKS5")})),
    aliases={"catalog:34": canonical("WELCOME15"), "name:thanks 5": canonical("THANKS5")},
    zero_decimal=("sale.yen", 1350),
    required={
        "sale.confirmed": (
            "sale",
            "sale.saleID",
            "sale.timeStamp",
            "sale.createTime",
            "sale.completed",
            "sale.voided",
            "sale.calcTotal",
            f"{LINE}.saleLineID",
            f"{LINE}.unitQuantity",
            f"{LINE}.unitPrice",
            f"{LINE}.calcTotal",
            f"{LINE}.Discount.discountID",
        ),
    },
    amounts={
        "sale.confirmed": ("sale.calcTotal",),
        "sale.tip": ("sale.SalePayments.SalePayment[0].tipAmount",),
    },
    personal={
        "sale.confirmed": (
            "sale.Customer.firstName",
            "sale.Customer.lastName",
            "sale.Customer.Contact.Emails.ContactEmail.address",
            "sale.Customer.Contact.Phones.ContactPhone[0].number",
            "sale.referenceNumber",
        )
    },
)


class TestLightspeedRetail(ReaderSuite):
    room = ROOM


def facts(*situations: str) -> tuple[Fact, ...]:
    return tuple(
        fact
        for situation in situations
        for fact in Event(room=ROOM, stem=f"sale.{situation}").pulled().facts
    )


def only(*situations: str) -> Any:
    (fact,) = facts(*situations)
    return fact.body


def test_a_relation_of_one_is_a_relation() -> None:
    said = only("one_line_is_no_list")

    assert [line.line_id for line in said.lines] == ["20421"]
    assert said.discounts[0].aliases == ("catalog:34", "name:welcome15")


def test_a_completed_sale_is_confirmed_at_its_completion_and_a_voided_one_is_off() -> None:
    done, voided = only("confirmed"), only("voided")

    assert done.confirmed_at == done.updated_at.replace(second=8)
    assert (voided.reversed_because, voided.reversed_at) == ("voided", voided.updated_at)
    assert only("open").confirmed_at is None


def test_a_discount_on_several_lines_is_one_with_a_share_of_each() -> None:
    (_, whole) = only("two_codes").discounts

    assert whole.discount_id == "discount:35"
    assert whole.shares == (("20431", 340), ("20432", 160))


def test_what_staff_took_off_by_hand_is_kept_and_named() -> None:
    by_hand = {each.aliases: each.amount_minor for each in only("by_hand").discounts}

    assert by_hand == {("name:line discount",): 250, ("name:sale discount",): 125}


def test_a_discount_whose_name_is_gone_is_known_by_its_number() -> None:
    assert only("discount_without_its_name").discounts[0].aliases == ("catalog:99",)


def test_a_return_lies_under_the_sale_that_it_gives_back() -> None:
    order = fold(facts("confirmed", "returned_in_part"))

    assert order is not None
    assert order.key.order_id == "9120"
    assert order.refunded_minor == 1853


def test_a_whole_return_takes_the_order_back() -> None:
    (refund,) = facts("returned_whole")

    assert isinstance(refund.body, RefundSaid)
    assert [(line.line_id, line.quantity) for line in refund.body.lines] == [
        ("20411", 2),
        ("20412", 1),
    ]
    assert refund.body.amount_minor == 4796


def test_an_exchange_is_a_sale_and_a_return() -> None:
    sold, back = facts("exchanged")

    assert isinstance(sold.body, OrderSaid)
    assert (sold.order.order_id, sold.body.total_minor, sold.body.sums_foot) == ("9142", 2500, True)
    assert isinstance(back.body, RefundSaid)
    assert (back.order.order_id, back.body.amount_minor) == ("9120", 1700)


def test_a_return_that_was_voided_gives_nothing_back() -> None:
    assert only("return_voided").state == "failed"


def test_a_return_of_a_sale_that_nobody_knows_stays_what_it_is() -> None:
    said = only("return_of_an_unknown_sale")

    assert (said.total_minor, said.discounts) == (-2000, ())
    assert said.sums_foot


@pytest.mark.parametrize("situation", ["confirmed", "prices_with_tax", "measured_goods", "tip"])
def test_the_sums_foot_with_tax_in_the_prices_or_on_top(situation: str) -> None:
    assert only(situation).sums_foot


def test_a_sale_that_contradicts_itself_says_so() -> None:
    document = Event(room=ROOM, stem="sale.confirmed").document()
    held = json.loads(document.body)
    held["sale"]["calcTotal"] = "12.00"
    odd = Document(kind="sale", body=json.dumps(held).encode())
    (fact,) = read_document(odd, ACCOUNT, IDENTIFY, NOW)

    assert isinstance(fact.body, OrderSaid)
    assert not fact.body.sums_foot


@pytest.mark.parametrize("options", [{}, {"currency": ""}, {"currency": "euro"}])
def test_a_connection_without_a_currency_reads_nothing(options: dict[str, str]) -> None:
    document = Event(room=ROOM, stem="sale.confirmed").document()
    connection = Connection(platform="lightspeed_retail", account="kew", options=options)

    with pytest.raises(Unreadable) as refusal:
        read_document(document, connection, IDENTIFY, NOW)
    assert refusal.value.path == "options.currency"


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_document(Document(kind="order", body=b"{}"), ACCOUNT, IDENTIFY, NOW)
