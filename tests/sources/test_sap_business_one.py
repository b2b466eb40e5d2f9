"""Does SAP Business One's room tell invoices and what credit memos take back, each once?"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from functions.sources.sap_business_one.api import list_orders, sign_in
from functions.sources.sap_business_one.read import READER, read_document
from tests.sources.events import IDENTIFY, NOW, Event, Room
from tests.sources.suite import ReaderSuite
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable, Unreadable
from vouchsafe.pure.facts import OrderSaid, RefundSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.order import fold
from vouchsafe.pure.pull import Page, Request, Response, Window

COMPANY = Connection(
    platform="sap_business_one",
    account="iberia",
    shop="SBO_IBERIA",
    api_url="https://sap.example.test:50000",
    api_key="manager",
    api_secret="password",
    options={"currency": "EUR", "zone": "Europe/Madrid"},
)
ROOM = Room(
    platform="sap_business_one",
    reader=READER,
    verify=None,
    read=None,
    read_document=read_document,
    connection=COMPANY,
    document_kind="invoice",
    two_codes=("invoice.two_codes", frozenset({canonical("SHOE20"), canonical("VIP5")})),
    zero_decimal=("invoice.yen", 1350),
    required={
        "invoice.confirmed": (
            "DocEntry",
            "DocDate",
            "UpdateDate",
            "DocTotal",
            "DocumentLines[0].LineNum",
            "DocumentLines[0].UnitPrice",
            "DocumentLines[0].LineTotal",
        )
    },
    amounts={"invoice.confirmed": ("DocTotal", "PaidToDate")},
    personal={"invoice.confirmed": ("CardName", "NumAtCard", "CardCode")},
)


class TestSapBusinessOne(ReaderSuite):
    room = ROOM


def facts(*stems: str) -> list[Any]:
    return [fact for stem in stems for fact in Event(room=ROOM, stem=stem).pulled().facts]


def said(stem: str) -> OrderSaid:
    body = facts(stem)[0].body
    assert isinstance(body, OrderSaid)
    return body


def test_a_lines_code_and_the_headers_are_two() -> None:
    line, header = said("invoice.two_codes").discounts

    assert (line.code_raw, line.amount_minor, line.shares) == ("SHOE20", 2000, (("0", 2000),))
    assert (header.code_raw, header.amount_minor, header.shares) == ("VIP5", 900, None)
    assert said("invoice.two_codes").sums_foot


def test_a_code_that_is_written_on_header_and_line_is_one() -> None:
    assert len(said("invoice.code_written_twice").discounts) == 1


def test_the_servers_clock_is_local() -> None:
    assert said("invoice.confirmed").confirmed_at == datetime(2026, 11, 20, 13, 31, tzinfo=UTC)


def test_an_invoice_confirms_or_its_payment_where_a_company_says_so() -> None:
    document = Event(room=ROOM, stem="invoice.open").document()
    strict = replace(COMPANY, options={**COMPANY.options, "confirmed_when": "paid"})
    (waiting,) = read_document(document, strict, IDENTIFY, NOW)

    assert said("invoice.open").confirmed_at is not None
    assert isinstance(getattr(waiting, "body", None), OrderSaid)
    assert waiting.body.confirmed_at is None  # type: ignore[union-attr]


def test_both_halves_of_a_cancellation_are_one() -> None:
    assert facts("invoice.cancellation") == []
    order = fold(facts("invoice.confirmed", "invoice.cancelled"))
    assert order is not None
    assert (order.stage, order.reversed_because) == ("reversed", "cancelled")


def test_what_changes_within_a_day_has_an_order_of_its_own() -> None:
    unpaid, paid = facts("invoice.open", "invoice.changed_that_day")

    assert unpaid.fact_id() != paid.fact_id()


def test_what_nobody_gave_a_code_is_known_by_where_it_stands() -> None:
    assert [each.aliases for each in said("invoice.without_a_code").discounts] == [
        ("name:line discount",),
        ("name:header discount",),
    ]


def test_goods_below_zero_are_a_discount_of_the_whole() -> None:
    (coupon,) = said("invoice.coupon_item").discounts

    assert (coupon.amount_minor, coupon.aliases) == (1500, ("name:coupon15",))
    assert said("invoice.coupon_item").sums_foot


def test_a_foreign_price_is_counted_back_from_the_companys_own() -> None:
    assert (
        said("invoice.foreign_currency").gross_minor,
        said("invoice.foreign_currency").currency,
    ) == (
        10000,
        "EUR",
    )


def test_a_company_may_call_the_codes_field_otherwise() -> None:
    assert said("invoice.own_code_field").discounts[0].code_raw == "AUTUMN10"


def test_a_memo_lies_under_the_invoice_that_it_names() -> None:
    (refund,) = facts("memo.in_part")

    assert isinstance(refund.body, RefundSaid)
    assert (refund.order.order_id, refund.body.amount_minor) == ("10451", 5310)
    order = fold(facts("invoice.confirmed", "memo.whole"))
    assert order is not None
    assert (order.stage, order.refunded_minor) == ("reversed", 10620)


def test_a_memo_of_two_invoices_is_a_refund_of_each() -> None:
    assert {
        fact.order.order_id: fact.body.amount_minor for fact in facts("memo.of_two_invoices")
    } == {
        "10451": 10620,
        "10460": 8000,
    }


def test_a_memo_that_names_nothing_is_an_order_below_zero() -> None:
    said_alone = said("memo.of_nothing_named")

    assert (said_alone.total_minor, said_alone.discounts) == (-3630, ())
    assert facts("memo.of_nothing_named")[0].order.order_id == "memo:3310"


def test_a_cancelled_memo_gives_nothing_back() -> None:
    assert facts("memo.cancelled")[0].body.state == "failed"


@pytest.mark.parametrize(
    ("option", "path"), [("currency", "options.currency"), ("zone", "options.zone")]
)
def test_a_connection_that_leaves_out_what_no_document_says_reads_nothing(
    option: str, path: str
) -> None:
    document = Event(room=ROOM, stem="invoice.confirmed").document()
    options = {name: value for name, value in COMPANY.options.items() if name != option}

    with pytest.raises(Unreadable) as refusal:
        read_document(document, replace(COMPANY, options=options), IDENTIFY, NOW)
    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("walk_in", "known"), [("", 1), ("C0041", 1), ("C0042", 0), ("C9, C0042", 0)]
)
def test_a_walk_in_customer_is_nobody(walk_in: str, known: int) -> None:
    document = Event(room=ROOM, stem="invoice.confirmed").document()
    company = replace(COMPANY, options={**COMPANY.options, "walk_in": walk_in})
    (fact,) = read_document(document, company, IDENTIFY, NOW)

    assert len(fact.customer) == known


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_document(Document(kind="order", body=b"{}"), COMPANY, IDENTIFY, NOW)


SIGNED_IN = replace(COMPANY, access_token="B1SESSION=s; ROUTEID=.node1")
WINDOW = Window(
    start=datetime(2026, 11, 19, 23, 30, tzinfo=UTC), end=datetime(2026, 11, 20, 12, tzinfo=UTC)
)


class Server:
    """Gives one answer; what it was asked is kept."""

    def __init__(self, answer: object, headers: Mapping[str, str] | None = None) -> None:
        self.answer = answer
        self.headers = headers or {}
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return Response(status=200, headers=self.headers, body=body)


def listed(answer: object, cursor: str | None = None, by: Any = "updated") -> tuple[Page, str]:
    server = Server(answer)
    page = list_orders(server.send, SIGNED_IN, replace(WINDOW, by=by), cursor)
    assert server.asked[0].headers["cookie"] == "B1SESSION=s; ROUTEID=.node1"
    return page, unquote(server.asked[0].url)


def test_whole_days_of_the_servers_clock_are_listed() -> None:
    page, url = listed({"value": [{"DocEntry": 1}]})

    assert urlsplit(url).path == "/b1s/v2/Invoices"
    assert "UpdateDate ge '2026-11-20' and UpdateDate le '2026-11-20'" in url
    assert (page.documents[0].kind, page.cursor) == ("invoice", "1?")


def test_pages_are_followed_at_our_own_address_and_memos_come_last() -> None:
    link = "https://evil.example.com/Invoices?$skip=100"
    page, _ = listed({"value": [], "@odata.nextLink": link})
    memos, url = listed({"value": [{"DocEntry": 2}]}, "1?")

    assert page.cursor == "0?$skip=100"
    assert listed({"value": []}, page.cursor)[1].endswith("/b1s/v2/Invoices?$skip=100")
    assert (memos.documents[0].kind, memos.cursor) == ("credit memo", None)
    assert "/CreditNotes?" in url


def test_a_link_that_was_written_without_escapes_is_followed() -> None:
    link = "Invoices?$filter=UpdateDate ge '2026-11-20'&$orderby=UpdateDate,DocEntry&$skip=100"
    page, _ = listed({"value": [], "@odata.nextLink": link})
    escaped, _ = listed({"value": [], "@odata.nextLink": link.replace(" ", "%20")})

    query = "$filter=UpdateDate%20ge%20'2026-11-20'&$orderby=UpdateDate,DocEntry&$skip=100"
    assert page.cursor == escaped.cursor == f"0?{query}"


def test_memos_of_sales_are_listed_to_this_day() -> None:
    assert "DocDate le" in listed({"value": []}, None, "placed")[1]
    assert "DocDate le" not in listed({"value": []}, "1?", "placed")[1]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"value": 7}', b'{"value": ["x"]}'])
def test_an_answer_that_is_no_page_comes_again(body: bytes) -> None:
    with pytest.raises(Unavailable):
        listed(body)


def test_both_cookies_make_the_session() -> None:
    cookies = "B1SESSION=abc; HttpOnly; Path=/b1s\nROUTEID=.node2; path=/b1s"
    server = Server({"SessionId": "abc", "SessionTimeout": 30}, {"set-cookie": cookies})
    grant = sign_in(server.send, COMPANY, None, NOW)

    assert server.asked[0].url == "https://sap.example.test:50000/b1s/v1/Login"
    assert json.loads(server.asked[0].body or b"")["CompanyDB"] == "SBO_IBERIA"
    assert (grant.token, grant.expires_at) == (
        "B1SESSION=abc; ROUTEID=.node2",
        NOW + timedelta(minutes=30),
    )


@pytest.mark.parametrize("answer", [b"", {}, {"SessionId": 7}])
def test_an_answer_without_a_session_is_none(answer: object) -> None:
    with pytest.raises(Unavailable):
        sign_in(Server(answer).send, COMPANY, None, NOW)
