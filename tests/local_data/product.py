"""The product's own road over the replay's deliveries, without AWS: verify, read, fold, derive."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from functions.schedules.export.rows import posting_rows
from functions.streams.attribution.match import Told, match
from local.cast import PARTS
from local.dealing import SHOPS, Shop, locations, place
from local.deliver import webhook_url
from local.journey import starts
from local.payloads.message import Message
from local.till import Sale
from local.vendors.exchange import Answer, Desk, Request
from local.world import World
from tests.pure.registers import Shelf
from vouchsafe.pure import codes
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.credit import Counters, Credit
from vouchsafe.pure.credit import recount as summed
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Delivery, Document
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.order import fold
from vouchsafe.pure.posting import Grounds, Returned, of_redemption
from vouchsafe.pure.pull import Request as Asked
from vouchsafe.pure.pull import Response, Send, Window
from vouchsafe.pure.redemption import Projected, Redemption, derive
from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion
from vouchsafe.pure.register_values import alias
from vouchsafe.pure.touchpoint import Touchpoint
from vouchsafe.pure.vat import Vat

HEARD_AT = datetime(2026, 11, 20, tzinfo=UTC)
HOOKS = "http://localhost"
API = "http://127.0.0.1:1"
IDENTIFY = identify_with(b"a key of this test")


def projected(world: World, files: Path) -> dict[str, Projected]:
    """What the product derives of every sale of a world, by the order's key."""
    register = shelf(files)
    by_order: dict[str, list[Fact]] = defaultdict(list)
    for shop in SHOPS:
        sales = [sale for sale in world.sales if place(sale.store).shop == shop]
        for fact in _facts_of(shop, sales, world):
            by_order[fact.order.text()].append(fact)
    found = {}
    for key, facts in by_order.items():
        order = fold(facts)
        if order is not None:
            found[key] = derive(order, register)
    return found


def postings(derived: Mapping[str, Projected], files: Path) -> list[dict[str, object]]:
    """The lines that the product books of these orders, as they are read from exported files."""
    register = shelf(files)
    return [
        {
            name: value if isinstance(value, int) and name != "line" else str(value or "")
            for name, value in row.items()
        }
        for each in derived.values()
        for redemption in each.redemptions
        for document in of_redemption(redemption, _grounds(redemption, register), _back(redemption))
        for row in posting_rows(document, redemption.business_day)
    ]


def _grounds(redemption: Redemption, register: Shelf) -> Grounds:
    promotions = tuple(register.promotions[each] for each in redemption.promotions)
    return Grounds(promotions=promotions, vat=Vat(), days=DayRule())


def _back(redemption: Redemption) -> list[Returned]:
    steps = (*redemption.came_back, (redemption.updated_at, redemption.returned_minor))
    return [Returned(at=at, minor=minor) for at, minor in steps]


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
        known = alias(row["alias"])
        held.aliases[row["platform"], row["account"], known] = row["code"]
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


def connection_of(shop: Shop, stores: Iterable[int]) -> Connection:
    """The connection that the replay keeps as the account's secret."""
    return Connection(
        platform=shop.platform,
        account=shop.account,
        signing_keys=tuple(PARTS[shop.platform].signing_keys(shop)),
        shop=shop.shop,
        notification_url=webhook_url(HOOKS, shop.platform, shop.account),
        api_url=API,
        api_key=shop.api_key,
        api_secret=shop.api_secret,
        options=PARTS[shop.platform].options(API, locations(shop, stores)),
    )


def _facts_of(shop: Shop, sales: list[Sale], world: World) -> Iterator[Fact]:
    """All that a shop's webhooks tell; that its list tells, where they do not tell all."""
    part = PARTS[shop.platform]
    road = _Road(connection_of(shop, world.stores()), part.desk(shop, sales))
    told = False
    for sale in sales:
        for message in part.messages(sale):
            told = True
            yield from road.heard(message)
    if not (told and part.tells_all):
        window = Window(start=starts(world.first), end=starts(world.last + timedelta(days=2)))
        yield from road.listed(window)


class _Road:
    """A room's own reading of what one account's stand-in says."""

    def __init__(self, connection: Connection, desk: Desk) -> None:
        self._reader = import_module(f"functions.sources.{connection.platform}.read")
        self._send = send_to(desk)
        self._api = import_module(f"functions.sources.{connection.platform}.api")
        self._connection = connection
        if hasattr(self._api, "sign_in"):
            grant = self._api.sign_in(self._send, self._connection, None, HEARD_AT)
            self._connection = replace(self._connection, access_token=grant.token)

    def heard(self, message: Message) -> Iterator[Fact]:
        shop = message.shop
        url = webhook_url(HOOKS, shop.platform, shop.account)
        headers = PARTS[shop.platform].headers(message, url)
        delivery = Delivery(
            platform=shop.platform,
            account=shop.account,
            headers={name.lower(): value for name, value in headers.items()},
            body=message.body,
            received_at=HEARD_AT,
        )
        # The door's own sentence says which of the room's functions reads a delivery.
        door = import_module(f"functions.sources.{shop.platform}.webhook")
        read = door.notices if hasattr(door, "notices") else door.read
        assert door.verify(delivery, self._connection, datetime.now(UTC)) == "genuine"
        heard = read(delivery, self._connection, IDENTIFY)
        yield from heard.facts
        for notice in heard.notices:
            for document in self._api.fetch(self._send, self._connection, notice):
                yield from self._read(document)

    def listed(self, window: Window) -> Iterator[Fact]:
        cursor: str | None = None
        while True:
            page = self._api.list_orders(self._send, self._connection, window, cursor)
            for document in page.documents:
                yield from self._read(document)
            cursor = page.cursor
            if cursor is None:
                return

    def _read(self, document: Document) -> Iterator[Fact]:
        said = self._reader.read_document(document, self._connection, IDENTIFY, HEARD_AT)
        yield from (each for each in said if isinstance(each, Fact))


def send_to(desk: Desk) -> Send:
    def send(asked: Asked) -> Response:
        parts = urlsplit(asked.url)
        request = Request(
            method=asked.method,
            path=parts.path,
            query={name: "&".join(held) for name, held in parse_qs(parts.query).items()},
            headers={name.lower(): value for name, value in asked.headers.items()},
            body=asked.body or b"",
        )
        answer = desk.answer(request)
        while answer.status == 429:
            answer = desk.answer(request)
        if answer.status >= 400:
            raise Refused(f"the stand-in answered {answer.status}", status=answer.status)
        return _response(answer)

    return send


def _response(answer: Answer) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(status=answer.status, headers=headers, body=answer.body)


class Published:
    """Which codes and campaigns were given to anybody."""

    def __init__(self, touches: Iterable[Touchpoint]) -> None:
        given = [each for each in touches if each.kind == "publication"]
        self._codes = {each.code for each in given if each.code}
        self._campaigns = {each.campaign_id for each in given if not each.code}

    def published(self, code: str) -> bool:
        return code in self._codes

    def published_in(self, campaign_id: str) -> bool:
        return campaign_id in self._campaigns


def insight(
    derived: Mapping[str, Projected], files: Path, by_person: Mapping[str, list[Touchpoint]]
) -> Counters:
    """What the read models must say of these orders, by the product's own judgement."""
    register = shelf(files)
    published = Published(touch for each in by_person.values() for touch in each)
    verdicts: list[Credit] = []
    for each in derived.values():
        touches = [touch for key in each.order.customer for touch in by_person.get(key, ())]
        told = Told(touches, register, published)
        verdicts += match([*each.redemptions, *each.unmapped], told)
    return summed(verdicts)
