"""The X-Series' documents foot, its forms are signed, and its room makes the sale of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from functions.sources.vend import api
from functions.sources.vend.notices import notices
from functions.sources.vend.read import read_document
from functions.sources.vend.verify import verify
from local.dealing import VEND
from local.payloads import vend
from local.payloads.message import Message
from local.till import Sale
from local.vendors.exchange import Request as Asked
from local.vendors.vend import Store
from local.world import World
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Fact, Notice
from vouchsafe.pure.hearing import Delivery
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.pull import Request, Response, Send

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
IDENTIFY = identify_with(b"the identity key of the tests")
CONNECTION = Connection(
    platform="vend",
    account=VEND.account,
    signing_keys=VEND.signing_keys,
    shop=VEND.shop,
    api_url="http://127.0.0.1:1",
    access_token=VEND.api_key,
    options={"currency": "USD"},
)
BODY = (
    b"domain_prefix=demostore&environment=prod&payload=%7B%22id%22%3A%220af7b240-aba0-11f1-eddc-"
    b"9f1e2d3c4b5a%22%2C%22status%22%3A%22CLOSED%22%2C%22version%22%3A48210077%7D&retailer_id="
    b"0624dbcd-ef95-11e6-e986-ecd5a63e28e2&type=sale.update"
)


@pytest.fixture(scope="module")
def sales(window: World) -> list[Sale]:
    """Some hundreds, and every one that something became of."""
    fated = [each for each in window.sales if each.back or each.cancelled_at or not each.paid]
    return [*window.sales[:300], *fated]


@pytest.fixture(scope="module")
def folded(sales: list[Sale]) -> Mapping[int, Order]:
    """What the room hears of each sale, by webhook and fetch."""
    send = sender(Store(VEND, sales))
    orders = {}
    for sale in sales:
        order = fold(fact for message in vend.messages(sale) for fact in heard(message, send))
        assert order is not None
        orders[sale.number] = order
    return orders


def sender(store: Store) -> Send:
    def send(asked: Request) -> Response:
        parts = urlsplit(asked.url)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        query = dict(parse_qsl(parts.query))
        request = Asked(asked.method, parts.path, query, headers, asked.body or b"")
        answer = store.answer(request)
        while answer.status == 429:
            answer = store.answer(request)
        assert answer.status == 200, answer.body
        return Response(status=200, headers={}, body=answer.body)

    return send


def heard(message: Message, send: Send) -> list[Fact]:
    delivery = Delivery(
        platform="vend",
        account=message.shop.account,
        headers={name.lower(): value for name, value in vend.headers(message).items()},
        body=message.body,
        received_at=NOW,
    )
    assert verify(delivery, CONNECTION, NOW) == "genuine"
    told = notices(delivery, CONNECTION, IDENTIFY).notices
    return [fact for notice in told for fact in fetched(notice, send)]


def fetched(notice: Notice, send: Send) -> list[Fact]:
    documents = api.fetch(send, CONNECTION, notice)
    read = (read_document(each, CONNECTION, IDENTIFY, NOW) for each in documents)
    return [fact for facts in read for fact in facts]


def test_the_raw_form_is_signed() -> None:
    signed = vend.signature(BODY, "vend-client-secret-example")

    assert signed == "7bacbe9dc638812b0461b3705e28485825f581cf2357d25c4bdcbfbc6bc291ea"


def test_a_sale_foots(sales: list[Sale]) -> None:
    for each in sales:
        document: Any = vend.sale(each)
        pricing = [line["pricing"] for line in document["line_items"]]
        net = sum(Decimal(str(one["total"])) for one in pricing)
        taken = sum(Decimal(str(one["discount_total"])) for one in pricing)

        assert net == Decimal(str(document["totals"]["price_incl_tax"]))
        assert (net + taken) * 100 == each.gross


def test_a_webhook_tells_no_code_and_no_version(sales: list[Sale]) -> None:
    for each in sales:
        for message in vend.messages(each):
            payload = parse_qs(message.body.decode())["payload"][0]

            assert "promo" not in payload
            assert "version" not in payload


def test_the_room_makes_the_sale_of_its_documents(
    sales: list[Sale], folded: Mapping[int, Order]
) -> None:
    for each in sales:
        order = folded[each.number]

        assert order.sums_foot
        assert (order.gross_minor, order.total_minor) == (each.gross, each.total)
        assert order.discount_minor == each.discount
        assert order.refunded_minor == each.refunded()


def test_every_code_of_a_sale_has_its_amount_and_its_return(
    sales: list[Sale], folded: Mapping[int, Order]
) -> None:
    seen = 0
    for each in sales:
        rung = {
            canonical(one.code): (one.amount, sum(one.shares[at] for at in range(len(each.items))))
            for one in each.discounts
            if one.kind == "code"
        }
        found = {
            canonical(one.code_raw): (one.amount_minor, sum(part for _, part, _ in one.allocation))
            for one in folded[each.number].charged
            if one.code_raw
        }

        assert found == rung
        seen += len(found)
    assert seen


def test_a_return_takes_back_what_its_units_took_off(
    sales: list[Sale], folded: Mapping[int, Order]
) -> None:
    returned = [each for each in sales if each.back and not each.returned_in_full]
    for each in returned:
        back = sum(each.share_back(one, at) for at, _ in _items(each) for one in each.discounts)

        assert sum(one.returned_minor for one in folded[each.number].charged) == back
    assert returned


def test_stages_are_those_of_the_sales(sales: list[Sale], folded: Mapping[int, Order]) -> None:
    for each in sales:
        off = each.cancelled_at is not None or (each.returned_in_full and each.total > 0)
        stage = "reversed" if off else "confirmed" if each.paid else "open"

        assert folded[each.number].stage == stage


def test_a_buyer_is_known_by_mail(sales: list[Sale], folded: Mapping[int, Order]) -> None:
    for each in sales:
        assert IDENTIFY("email", each.email) in folded[each.number].customer


def _items(sale: Sale) -> tuple[tuple[int, int], ...]:
    return sale.back.items if sale.back else ()
