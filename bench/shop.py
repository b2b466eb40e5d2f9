"""A shop whose orders walk the real roads over a ledger in memory, through the real SDK."""

import base64
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import functions.streams.alarms.handler as alarms
import functions.streams.attribution.handler as attribution
import functions.streams.projection.handler as projection
from bench.deliveries import Handle, HttpEvent, delivery, door, http_event, secrets
from bench.meter import Meter
from bench.wire import Wire, wired
from tests.battery.dynamo import record
from tests.pure.registers import Shelf
from tests.sources.events import IDENTIFY
from vouchsafe.edge import touchpoints_table
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.register import Account, Campaign, Code, Promotion
from vouchsafe.pure.touchpoint import Touchpoint

Record = dict[str, Any]
CODES = tuple(canonical(f"AUTUMN {at}") for at in range(10))
# A person in three bought before; half of the people were reached by a campaign.
_PEOPLE = 200
_DAY = date(2026, 11, 20)
_OPENING = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

STREAMS: Mapping[str, Handle] = {
    "projection": projection.handle,
    "attribution": attribution.handle,
    "alarms": alarms.handle,
}


class Shop:
    """`post` brings a delivery to its door, `news` tells what a table's stream shows since."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self._secrets = secrets() | {"vouchsafe/identity": "the identity key of the tests"}
        self._read: dict[str, int] = defaultdict(int)

    def post(self, event: HttpEvent, platform: str = "shopify") -> None:
        answer = door(platform)(event, None)
        assert answer["statusCode"] == 200, answer

    def news(self, table: str) -> list[Record]:
        changes = self.meter.tables[table].changes
        start, self._read[table] = self._read[table], len(changes)
        return [record(change, images=table != "Facts") for change in changes[start:]]

    def settle(self, batch: int = 100) -> None:
        """Brings all news to their consumers."""
        for table, consumers in (
            ("Facts", ["projection"]),
            ("Redemptions", ["attribution", "alarms"]),
            ("Orders", ["alarms"]),
        ):
            records = self.news(table)
            for consumer in consumers:
                for start in range(0, len(records), batch):
                    self.bring(consumer, records[start : start + batch])

    @staticmethod
    def bring(consumer: str, records: list[Record]) -> None:
        answer = STREAMS[consumer]({"Records": records}, None)
        assert not answer["batchItemFailures"], answer

    def answers(self, operation: str, body: bytes) -> bytes:
        """AWS: tables in memory, secrets, and a nod to everything else."""
        service, _, call = operation.partition(".")
        if service == "dynamodb":
            return _written(self.meter.answer(call, json.loads(body, object_hook=_with_bytes)))
        if service == "secrets-manager":
            name = json.loads(body)["SecretId"]
            return json.dumps({"SecretString": self._secrets[name]}).encode()
        if service == "sns":
            return b"<PublishResponse><PublishResult/></PublishResponse>"
        return b"{}"


@contextmanager
def open_shop() -> Iterator[tuple[Shop, Wire]]:
    """An empty ledger, a register with ten codes, and people who were reached before."""
    shop = Shop(Meter())
    with ExitStack() as stack:
        wire = stack.enter_context(wired(shop.answers))
        for handler in (alarms, attribution, projection):
            stack.enter_context(patch.object(handler, "_register", _register()))
        touchpoints_table.write(_touches())
        shop.news("Touchpoints")
        shop.meter.clear()
        yield shop, wire


def order(stem: str, number: int, *, minutes: float = 0.0, code: str | None = None) -> HttpEvent:
    """A Shopify order like that of an event file, but its own: number, time, person and code."""
    body = json.loads(delivery("shopify", stem).body)
    at = (_OPENING + timedelta(minutes=number * 5)).isoformat()
    body |= {"id": 10**15 + number, "email": _email(number), "processed_at": at}
    body |= {"updated_at": (_OPENING + timedelta(minutes=number * 5 + minutes)).isoformat()}
    body["customer"] = {**(body["customer"] or {}), "id": 10**12 + number % _PEOPLE}
    text = json.dumps(body)
    if code:
        text = text.replace("WELCOME10", code)
    return http_event(delivery("shopify", stem, text.encode()))


def orders(numbers: Iterable[int]) -> Iterator[HttpEvent]:
    """Paid orders with one code each."""
    dice = random.Random(1)
    for number in numbers:
        yield order("orders_paid", number, code=dice.choice(CODES))


def _register() -> Shelf:
    account = Account(platform="shopify", account="kiln", currency="USD", days=DayRule())
    campaign = Campaign(
        campaign_id="autumn",
        name="Autumn",
        purpose="win back",
        owner="mara",
        starts_on=_DAY,
        ends_on=_DAY + timedelta(days=60),
        utm_source="newsletter",
        utm_medium="email",
        utm_campaign="autumn",
        planned_uses_a_day=10_000.0,
    )
    promotion = Promotion(
        promotion_id="ten",
        campaign_id="autumn",
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        voucher_class="discount",
        owner="mara",
        purpose="win back",
    )
    known = (*CODES, *map(canonical, ("WELCOME10", "TENOFF-EXTRA", "ShipFree")))
    return Shelf(
        accounts={("shopify", account.account): account},
        campaigns={"autumn": campaign},
        promotions={"ten": promotion},
        codes={code: Code(canonical=code, raw=code, promotions=("ten",)) for code in known},
    )


def _touches() -> list[Touchpoint]:
    """Two contacts for every other person, in the week before."""
    found = []
    for person in range(0, _PEOPLE, 2):
        key = IDENTIFY("email", _email(person))
        assert key
        for days, source in ((2, "newsletter / email"), (5, "google / cpc")):
            name, _, medium = source.partition(" / ")
            found.append(
                Touchpoint(
                    touchpoint_id=f"{person}-{days}",
                    customer=key,
                    seen_at=_OPENING - timedelta(days=days),
                    kind="click",
                    utm_source=name,
                    utm_medium=medium,
                )
            )
    return found


def _email(number: int) -> str:
    return f"person{number % _PEOPLE}@example.com"


def _with_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """A binary attribute as bytes; on the wire it is text."""
    if len(found) == 1 and isinstance(found.get("B"), str):
        return {"B": base64.b64decode(found["B"])}
    return found


def _written(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, default=lambda raw: base64.b64encode(raw).decode()).encode()
