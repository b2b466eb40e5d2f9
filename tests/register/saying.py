"""A small register to load: a shop with a place, a campaign, two promotions, a code, an alias."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from pynamodb.connection import Connection
from pynamodb.transactions import TransactWrite

from vouchsafe.edge import register_loads, segments_table
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.register import (
    Account,
    Campaign,
    Code,
    Location,
    Promotion,
    Segment,
    SegmentRule,
)
from vouchsafe.pure.register_entries import Alias, Entry
from vouchsafe.pure.register_load import Change, Load
from vouchsafe.pure.touchpoint import Touchpoint

MADRID = DayRule("Europe/Madrid", time(5))
ACCOUNT = Account(platform="square", account="bar", currency="EUR", days=MADRID)
LOCATION = Location(
    platform="square",
    account="bar",
    location_id="L1",
    name="Bar Sol",
    days=DayRule("Atlantic/Canary", time(4, 30)),
)
CAMPAIGN = Campaign(
    campaign_id="SUMMER",
    name="Summer",
    purpose="win back",
    owner="ana",
    starts_on=date(2026, 6, 1),
    ends_on=date(2026, 8, 31),
    utm_source="newsletter",
    utm_medium="email",
    utm_campaign="summer",
    planned_uses_a_day=2.5,
)
PROMOTION = Promotion(
    promotion_id="SUMMER-10",
    campaign_id="SUMMER",
    starts_on=date(2026, 6, 1),
    ends_on=date(2026, 8, 31),
    voucher_class="discount",
    owner="ana",
    purpose="win back",
    code_limit=100,
    places=frozenset({"square/bar/L1"}),
    minimum_spend_minor=1050,
    currency="EUR",
)
CODE = Code(canonical="SUNNY", raw="Sunny", promotions=("SUMMER-10",))
ALIAS = Alias(platform="square", account="bar", alias="name:summer 10%", code="Sunny")
SEGMENT = Segment(
    segment_id="VIP",
    name="Regulars",
    owner="ana",
    currency="EUR",
    rules=(SegmentRule(kind="spent", least=10_000, since=date(2026, 1, 1)),),
)
ENTRIES: tuple[Entry, ...] = (ACCOUNT, LOCATION, SEGMENT, CAMPAIGN, PROMOTION, CODE, ALIAS)
CLICK = Touchpoint(
    touchpoint_id="t1",
    customer="email:1",
    seen_at=datetime(2026, 6, 2, 9, 30, tzinfo=UTC),
    kind="click",
    utm_source="google",
    utm_medium="cpc",
)


def changes(entries: Iterable[Entry], version: int = 1) -> tuple[Change, ...]:
    return tuple(Change.to(each, version) for each in entries)


def loaded(*entries: Entry, version: int = 1) -> int:
    """Loads entries as they are, without any check; the revision afterwards."""
    load = Load(changes=changes(entries, version))
    head = register_loads.commit(register_loads.head(), register_loads.stage(load))
    register_loads.write(load.changes, head.load_revision)
    return register_loads.settle(register_loads.publish(head)).at.revision


def listed(segment_id: str, *keys: str) -> None:
    """Puts identity keys on a segment's list, without an end."""
    change = segments_table.adding(segment_id, keys, None)
    with TransactWrite(connection=Connection()) as transaction:
        segments_table.write(change, transaction)
