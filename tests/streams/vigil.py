"""A small shop for the tests of alarms, its ledger in memory, and the stream that tells of it."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from functions.streams.alarms import handler, unregistered
from tests.battery.clouds import Cloud
from tests.battery.dynamo import record
from tests.battery.faults import Faults, Plan
from tests.pure.registers import Shelf
from vouchsafe.edge import alarms_table, redemptions_table
from vouchsafe.pure.alarm import Alarm
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.redemption import Redemption, Unmapped
from vouchsafe.pure.register import Campaign, Code, Promotion

NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)
DAY = date(2025, 11, 20)
Record = dict[str, Any]


def promotion(promotion_id: str = "by-mail", **said: object) -> Promotion:
    """A promotion of the campaign `mailing` that runs the whole of November 2025."""
    default: dict[str, object] = {
        "promotion_id": promotion_id,
        "campaign_id": "mailing",
        "starts_on": date(2025, 11, 1),
        "ends_on": date(2025, 11, 30),
        "voucher_class": "discount",
        "owner": "mara",
        "purpose": "new guests",
    }
    return Promotion(**(default | said))  # type: ignore[arg-type]


def campaign(campaign_id: str = "mailing", **said: object) -> Campaign:
    """A campaign that runs the whole of November 2025."""
    default: dict[str, object] = {
        "campaign_id": campaign_id,
        "name": campaign_id,
        "purpose": "new guests",
        "owner": "mara",
        "starts_on": date(2025, 11, 1),
        "ends_on": date(2025, 11, 30),
        "utm_source": "newsletter",
        "utm_medium": "email",
        "utm_campaign": campaign_id,
    }
    return Campaign(**(default | said))  # type: ignore[arg-type]


def shelf(*promotions: Promotion, **codes: tuple[str, ...]) -> Shelf:
    """A register of these promotions; without codes, MA1L and SECOND stand for all of them.

    So many uses are planned that a test of terms meets no spike.
    """
    terms = promotions or (promotion(),)
    ids = tuple(each.promotion_id for each in terms)
    named = codes or {"MA1L": ids, "SECOND": ids}
    return Shelf(
        campaigns={"mailing": campaign(planned_uses_a_day=10_000.0)},
        promotions={each.promotion_id: each for each in terms},
        codes={code: Code(canonical=code, raw=code, promotions=of) for code, of in named.items()},
    )


def redemption(order: str = "1001", code: str = "MA1L", **said: object) -> Redemption:
    """Confirmed at noon in the corner shop, 2.00 off a bill of 12.00."""
    default: dict[str, object] = {
        "key": OrderKey(platform="shopify", account="corner-shop", order_id=order),
        "code": code,
        "code_raw": code,
        "generation": 0,
        "state": "confirmed",
        "currency": "EUR",
        "redeemed_at": NOON,
        "updated_at": NOON,
        "received_at": NOON,
        "business_day": DAY,
        "discount_minor": 200,
        "facts_seen": 1,
        "order_gross_minor": 1200,
        "order_discount_minor": 200,
        "confirmed_at": NOON,
        "location_id": "high-street",
        "customer": ("email:ann",),
        "code_known": True,
    }
    made = Redemption(**(default | said))  # type: ignore[arg-type]
    assert made.discount_minor >= made.returned_minor
    return made


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


class Vigil:
    """The alarms Lambda over a ledger in memory."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._read: dict[str, int] = defaultdict(int)

    def write(self, *rows: Redemption | Unmapped) -> list[Record]:
        """Keeps rows as projection does; the records that the stream shows for it."""
        for row in rows:
            assert redemptions_table.put(row, 1)
        return self.news("Redemptions")

    def news(self, table: str) -> list[Record]:
        """What a table's stream shows that was not read before."""
        changes = self.cloud.dynamo.tables[table].changes
        start, self._read[table] = self._read[table], len(changes)
        return [record(change, images=True) for change in changes[start:]]

    def bring(self, records: Iterable[Record]) -> list[str]:
        """Brings a batch to the Lambda; what it wants to see again."""
        answer = handler.handle({"Records": list(records)}, None)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def see(self, *rows: Redemption | Unmapped) -> list[str]:
        """Writes rows and brings what the stream shows."""
        return self.bring(self.write(*rows))

    def alarms(self) -> dict[str, Alarm]:
        """All alarms by id."""
        return {each.alarm_id: each for each in alarms_table.all_alarms()}

    def open(self) -> set[str]:
        """The ids of the open alarms."""
        return {each.alarm_id for each in self.alarms().values() if each.state == "open"}

    def told(self) -> list[tuple[str, str]]:
        """(happening, alarm id) of all notices so far, repeats of one id left out."""
        notices = {said["id"]: said for said in map(json.loads, self.cloud.told)}
        return [
            (said["happening"], said["subject"]["alarm_id"])
            for said in notices.values()
            if "alarm_id" in said["subject"]
        ]

    def parked(self) -> list[Record]:
        """The records that were put aside."""
        return [json.loads(body) for body in self.cloud.objects["vouchsafe-parked"].values()]


@contextmanager
def vigil(register: Shelf, plan: Plan | None = None, seed: int = 0) -> Iterator[Vigil]:
    """The Lambda in front of an empty ledger, with that register, behind the planned faults."""
    kept = handler._register
    unregistered._told.clear()
    handler._register = register  # type: ignore[assignment]
    try:
        cloud = Cloud(Faults(random.Random(seed), plan or Plan()))
        with cloud.there():
            yield Vigil(cloud)
    finally:
        handler._register = kept
