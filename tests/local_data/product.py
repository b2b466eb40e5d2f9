"""The product's own road over the replay's deliveries, without AWS: verify, read, fold, derive."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from functions.sources.shopify import read as shopify_read
from functions.sources.shopify import verify as shopify_verify
from functions.sources.square import api as square_api
from functions.sources.square import notices as square_notices
from functions.sources.square import read as square_read
from functions.sources.square import verify as square_verify
from functions.sources.woocommerce import api as woo_api
from functions.sources.woocommerce import read as woo_read
from functions.sources.woocommerce import verify as woo_verify
from functions.streams.attribution.match import Told, match
from local.dealing import SHOPS, Shop, place
from local.payloads import shopify, square, woocommerce
from local.payloads.message import Headers, Message
from local.till import Sale
from local.vendors.exchange import Answer, Desk, Request
from local.vendors.square import Merchant
from local.vendors.woocommerce import Site
from local.world import World
from tests.pure.registers import Shelf
from vouchsafe.pure import codes
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.credit import Counters, Credit
from vouchsafe.pure.credit import recount as summed
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Delivery, Heard
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.order import fold
from vouchsafe.pure.pull import Document, Response, Send
from vouchsafe.pure.pull import Request as Asked
from vouchsafe.pure.redemption import Projected, derive
from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion
from vouchsafe.pure.touchpoint import TouchKind, Touchpoint

HEARD_AT = datetime(2026, 11, 20, tzinfo=UTC)
URL = "http://localhost/webhooks/square/journey-square"
API = "http://127.0.0.1:1"
IDENTIFY = identify_with(b"a key of this test")


def projected(world: World, files: Path) -> dict[int, Projected]:
    """What the product derives of every sale of a world, by the sale's number."""
    register = shelf(files)
    desks = {shop.account: _desk(shop, world) for shop in SHOPS}
    by_order: dict[str, tuple[int, list[Fact]]] = {}
    for sale in world.sales:
        for fact in _facts(sale, desks):
            by_order.setdefault(fact.order.text(), (sale.number, []))[1].append(fact)
    found = {}
    for number, facts in by_order.values():
        order = fold(facts)
        if order is not None:
            found[number] = derive(order, register)
    return found


def shelf(files: Path) -> Shelf:
    """The register's files, as the product's judgements ask them."""
    held = Shelf()
    for row in _rows(files / "accounts.csv"):
        held.accounts[row["platform"], row["account"]] = Account(
            platform=row["platform"],
            account=row["account"],
            currency=row["currency"],
            days=DayRule(row["zone"]),
        )
    for row in _rows(files / "locations.csv"):
        key = row["platform"], row["account"], row["location_id"]
        held.locations[key] = Location(
            platform=key[0], account=key[1], location_id=key[2], name="", days=DayRule(row["zone"])
        )
    for row in _rows(files / "campaigns.csv"):
        held.campaigns[row["campaign_id"]] = _campaign(row)
    for row in _rows(files / "promotions.csv"):
        held.promotions[row["promotion_id"]] = _promotion(row)
    good: dict[str, list[str]] = defaultdict(list)
    for row in _rows(files / "codes.csv"):
        good[row["code"]].append(row["promotion_id"])
    for raw, promotions in good.items():
        canonical = codes.canonical(raw)
        held.codes[canonical] = Code(canonical=canonical, raw=raw, promotions=tuple(promotions))
    for row in _rows(files / "aliases.csv"):
        alias = codes.alias_key(row["alias"])
        held.aliases[row["platform"], row["account"], alias] = row["code"]
    return held


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _campaign(row: dict[str, str]) -> Campaign:
    return Campaign(
        campaign_id=row["campaign_id"],
        name=row["name"],
        purpose=row["purpose"],
        owner=row["owner"],
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        utm_source=row["utm_source"],
        utm_medium=row["utm_medium"],
        utm_campaign=row["utm_campaign"],
        planned_uses_a_day=float(row["planned_uses_a_day"]),
        look_back_days=int(row["look_back_days"]),
    )


def _promotion(row: dict[str, str]) -> Promotion:
    return Promotion(
        promotion_id=row["promotion_id"],
        campaign_id=row["campaign_id"],
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        voucher_class="discount",
        owner=row["owner"],
        purpose=row["purpose"],
    )


def _desk(shop: Shop, world: World) -> Desk | None:
    sales = [each for each in world.sales if place(each.store).shop == shop]
    if shop.platform == "shopify":
        return None
    return Merchant(shop, sales) if shop.platform == "square" else Site(shop, sales)


def connection_of(shop: Shop) -> Connection:
    """The connection that the replay keeps as the account's secret."""
    return Connection(
        platform=shop.platform,
        account=shop.account,
        signing_keys=shop.signing_keys,
        shop=shop.shop,
        notification_url=URL if shop.platform == "square" else "",
        api_url=API,
        api_key=shop.api_key,
        api_secret=shop.api_secret,
    )


def _facts(sale: Sale, desks: dict[str, Desk | None]) -> Iterator[Fact]:
    shop = place(sale.store).shop
    connection, desk = connection_of(shop), desks[shop.account]
    for message in _MESSAGES[shop.platform](sale):
        heard = _heard(message, connection)
        yield from heard.facts
        for notice in heard.notices:
            assert desk is not None
            fetch = square_api.fetch if shop.platform == "square" else woo_api.fetch
            for document in fetch(_send(desk), connection, notice):
                yield from _read(document, connection)


def _heard(message: Message, connection: Connection) -> Heard:
    verify, read = _DOORS[message.shop.platform]
    delivery = Delivery(
        platform=message.shop.platform,
        account=message.shop.account,
        headers={name.lower(): value for name, value in _signed(message).items()},
        body=message.body,
        received_at=HEARD_AT,
    )
    assert verify(delivery, connection, HEARD_AT) == "genuine"
    return read(delivery, connection, IDENTIFY)


def _signed(message: Message) -> Headers:
    if message.shop.platform == "square":
        return square.headers(message, URL)
    if message.shop.platform == "shopify":
        return shopify.headers(message, previous=message.number % 2 == 0)
    return woocommerce.headers(message)


def _read(document: Document, connection: Connection) -> tuple[Fact, ...]:
    if connection.platform == "square":
        return square_read.read_document(document, connection, IDENTIFY, HEARD_AT)
    return woo_read.read_document(document, connection, IDENTIFY, HEARD_AT)


def _send(desk: Desk) -> Send:
    def send(asked: Asked) -> Response:
        parts = urlsplit(asked.url)
        request = Request(
            method=asked.method,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in asked.headers.items()},
            body=asked.body or b"",
        )
        answer = desk.answer(request)
        while answer.status == 429:
            answer = desk.answer(request)
        assert answer.status == 200, answer.body
        return _response(answer)

    return send


def _response(answer: Answer) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(status=answer.status, headers=headers, body=answer.body)


_MESSAGES = {
    "shopify": shopify.messages,
    "square": square.messages,
    "woocommerce": woocommerce.messages,
}
_DOORS = {
    "shopify": (shopify_verify.verify, shopify_read.read),
    "square": (square_verify.verify, square_notices.notices),
    "woocommerce": (woo_verify.verify, woo_read.read),
}


class Published:
    """Which campaigns anybody was targeted with, from the register's file."""

    def __init__(self, touches: Iterable[Touchpoint]) -> None:
        self._campaigns = {each.campaign_id for each in touches if each.kind == "publication"}

    def published(self, code: str) -> bool:
        return False

    def published_in(self, campaign_id: str) -> bool:
        return campaign_id in self._campaigns


def touchpoints(files: Path) -> dict[str, list[Touchpoint]]:
    """The contacts of the register's file by identity key, oldest first."""
    found: dict[str, list[Touchpoint]] = defaultdict(list)
    for row in _rows(files / "touchpoints.csv"):
        kind, _, raw = row["identity"].partition(":")
        assert kind == "email"
        key = IDENTIFY("email", raw)
        assert key is not None
        found[key].append(
            Touchpoint(
                touchpoint_id=row["touchpoint_id"],
                customer=key,
                seen_at=datetime.fromisoformat(row["seen_at"]),
                kind=cast("TouchKind", row["kind"]),
                utm_source=row["utm_source"],
                utm_medium=row["utm_medium"],
                utm_campaign=row["utm_campaign"],
                campaign_id=row["campaign_id"] or None,
                code=row["code"] or None,
            )
        )
    for touches in found.values():
        touches.sort(key=lambda each: (each.seen_at, each.touchpoint_id))
    return found


def insight(derived: Mapping[int, Projected], files: Path) -> Counters:
    """What the read models must say of these orders, by the product's own judgement."""
    register, by_person = shelf(files), touchpoints(files)
    published = Published(touch for each in by_person.values() for touch in each)
    verdicts: list[Credit] = []
    for each in derived.values():
        touches = [touch for key in each.order.customer for touch in by_person.get(key, ())]
        told = Told(touches, register, published)
        verdicts += match([*each.redemptions, *each.unmapped], told)
    return summed(verdicts)
