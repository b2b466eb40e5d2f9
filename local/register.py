"""The register of the data set as files for `make load`: campaigns, codes, places, touchpoints.

What the data set says: campaigns with their days (both included), the codes of each (151 codes
belong to several), and which households were targeted, which makes one publication for each.

What it does not say, and is made here: names, owners and channels of campaigns, by their type; the
planned uses a day, which are the mean of a code and day over all campaigns of the type; how a
Square till names each code; and paid clicks, e-mail clicks and visits around the publications,
dealt by a hash of campaign and household, so that several channels compete for the credit. Contacts
are kept for those households only that buy in the window, by their e-mail address, which all three
platforms carry.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb

from local import dataset, dealing
from local.cast import PARTS
from local.injections import drawn
from local.journey import SHOP_ZONE
from local.world import World

LOOK_BACK_DAYS = 90
PUBLISHED_BEFORE = timedelta(days=2)
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CampaignType:
    """What a marketing department would say of a type of campaign."""

    name: str
    purpose: str
    owner: str
    utm_source: str
    utm_medium: str


TYPES = {
    "Type A": CampaignType(
        "Sixteen offers chosen for you", "keep", "loyalty team", "direct_mail", "print"
    ),
    "Type B": CampaignType("Category flyer", "win back", "category team", "newsletter", "email"),
    "Type C": CampaignType("Brand partner offers", "trial", "partner team", "loyalty_app", "push"),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """One kind of made-up contact: who gets it, and when, counted from the publication."""

    name: str
    kind: str
    utm_source: str
    utm_medium: str
    one_in: int
    after: timedelta


CONTACTS = (
    Contact("social", "click", "meta", "paid_social", 3, timedelta(days=-5)),
    Contact("search", "click", "google", "cpc", 4, timedelta(days=3, hours=2)),
    Contact("mail", "email_click", "newsletter", "email", 4, timedelta(days=6, hours=5)),
    Contact("visit", "visit", "", "", 6, timedelta(days=8)),
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign of the data set."""

    number: int
    kind: str
    starts_on: date
    ends_on: date

    @property
    def id(self) -> str:
        return campaign_id(self.number)

    @property
    def said(self) -> CampaignType:
        return TYPES[self.kind]

    def runs_in(self, first: date, last: date) -> bool:
        return self.starts_on <= last and self.ends_on >= first


def campaign_id(number: int) -> str:
    return f"CJ-{number:02d}"


def promotion_id(number: int) -> str:
    return f"CJ-{number:02d}-COUPONS"


def write(world: World, folder: Path) -> list[Path]:
    """Writes the register's files for a window, in the order in which they are loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = dataset.connect()
    campaigns = read_campaigns(connection)
    tables: dict[str, Iterable[Row]] = {
        "accounts": _accounts(),
        "locations": _locations(world),
        "campaigns": _campaigns(connection, campaigns),
        "promotions": _promotions(campaigns),
        "codes": _codes(connection),
        "aliases": _aliases(connection, campaigns, world),
        "touchpoints": _touchpoints(connection, campaigns, world),
    }
    return [_write(folder / f"{name}.csv", rows) for name, rows in tables.items()]


def read_campaigns(connection: duckdb.DuckDBPyConnection) -> list[Campaign]:
    """The campaigns of the data set, by number."""
    rows = connection.execute(
        "SELECT campaign_id, campaign_type, start_date, end_date FROM campaign_descriptions"
        " ORDER BY campaign_id"
    ).fetchall()
    return [Campaign(number, kind, start.date(), end.date()) for number, kind, start, end in rows]


def _write(path: Path, rows: Iterable[Row]) -> Path:
    held = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(held[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(held)
    return path


def _accounts() -> Iterator[Row]:
    for shop in dealing.SHOPS:
        yield {
            "platform": shop.platform,
            "account": shop.account,
            "currency": dealing.CURRENCY,
            "zone": dealing.ZONE,
            "day_start": "00:00",
            "confirmed_by": "platform",
        }


def _locations(world: World) -> Iterator[Row]:
    for place in dealing.places(world.stores()):
        if place.location_id:
            yield {
                "platform": place.shop.platform,
                "account": place.shop.account,
                "location_id": place.location_id,
                "name": place.name,
                "zone": dealing.ZONE,
                "day_start": "00:00",
            }


def _campaigns(
    connection: duckdb.DuckDBPyConnection, campaigns: Iterable[Campaign]
) -> Iterator[Row]:
    planned = _planned(connection)
    for campaign in campaigns:
        said = campaign.said
        yield {
            "campaign_id": campaign.id,
            "name": f"{said.name} ({campaign.number})",
            "purpose": said.purpose,
            "owner": said.owner,
            "starts_on": campaign.starts_on.isoformat(),
            "ends_on": campaign.ends_on.isoformat(),
            "utm_source": said.utm_source,
            "utm_medium": said.utm_medium,
            "utm_campaign": campaign.id.lower(),
            "planned_uses_a_day": planned[campaign.kind],
            "look_back_days": str(LOOK_BACK_DAYS),
        }


def _promotions(campaigns: Iterable[Campaign]) -> Iterator[Row]:
    for campaign in campaigns:
        yield {
            "promotion_id": promotion_id(campaign.number),
            "campaign_id": campaign.id,
            "starts_on": campaign.starts_on.isoformat(),
            "ends_on": campaign.ends_on.isoformat(),
            "code_limit": "",
            "customer_limit": "",
            "places": "",
            "minimum_spend": "",
            "max_discount": "",
            "max_percent": "",
            "currency": dealing.CURRENCY,
            "stacking": "combinable",
            "voucher_class": "discount",
            "vat_class": "manufacturer_reimbursed",
            "owner": campaign.said.owner,
            "purpose": campaign.said.purpose,
            "generic": "no",
            "confirmed_by": "platform",
            "on_rollback": "restore",
        }


def _codes(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    rows = connection.execute(
        "SELECT DISTINCT coupon_upc, campaign_id FROM coupons ORDER BY ALL"
    ).fetchall()
    for code, campaign in rows:
        yield {"code": str(code), "promotion_id": promotion_id(campaign)}


def _aliases(
    connection: duckdb.DuckDBPyConnection, campaigns: Iterable[Campaign], world: World
) -> Iterator[Row]:
    """How tills without a field for codes call those of the campaigns that run in the window."""
    live = [each.number for each in campaigns if each.runs_in(world.first, world.last)]
    rows = connection.execute(
        "SELECT DISTINCT coupon_upc FROM coupons WHERE list_contains(?, campaign_id) ORDER BY 1",
        [live],
    ).fetchall()
    for shop in dealing.SHOPS:
        for code in (str(row[0]) for row in rows):
            alias = PARTS[shop.platform].alias(code)
            if alias is not None:
                yield {
                    "platform": shop.platform,
                    "account": shop.account,
                    "alias": alias,
                    "code": code,
                }


def _touchpoints(
    connection: duckdb.DuckDBPyConnection, campaigns: Iterable[Campaign], world: World
) -> Iterator[Row]:
    live = {each.number: each for each in campaigns if each.runs_in(world.first, world.last)}
    buying = {basket.household for basket in world.baskets}
    end = datetime.combine(world.last + timedelta(days=1), time(0), tzinfo=SHOP_ZONE)
    rows = connection.execute(
        "SELECT DISTINCT campaign_id, household_id FROM campaigns ORDER BY ALL"
    ).fetchall()
    for number, household in rows:
        if number in live and household in buying:
            contacts = _contacts(live[number], household)
            yield from (row for at, row in contacts if at < end)


def _contacts(campaign: Campaign, household: int) -> Iterator[tuple[datetime, Row]]:
    """The publication of a campaign to a household, and what is made up around it."""
    lot = campaign.number * 1_000_000 + household
    morning = datetime.combine(campaign.starts_on, time(9), tzinfo=SHOP_ZONE).astimezone(UTC)
    # Coupons are in the house before they are good for anything.
    published = morning - PUBLISHED_BEFORE + timedelta(minutes=lot % 480)
    said = campaign.said
    sent = Contact("sent", "publication", said.utm_source, said.utm_medium, 1, timedelta())
    for contact in (sent, *CONTACTS):
        if drawn(lot, contact.name, contact.one_in):
            at = published + contact.after
            yield at, _touchpoint(campaign, household, contact, at)


def _touchpoint(campaign: Campaign, household: int, contact: Contact, at: datetime) -> Row:
    sent = contact.kind == "publication"
    known = bool(contact.utm_source)
    return {
        "touchpoint_id": f"{contact.name}-{campaign.number}-{household}",
        "identity": f"email:h{household}@example.com",
        "seen_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "kind": contact.kind,
        "channel": f"{contact.utm_source} / {contact.utm_medium}" if known else "",
        "utm_source": contact.utm_source,
        "utm_medium": contact.utm_medium,
        "utm_campaign": campaign.id.lower() if known else "",
        "campaign_id": campaign.id if sent else "",
        "code": "",
    }


def _planned(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Uses of one code in one day of its campaign, by type of campaign."""
    rows = connection.execute(
        "WITH uses AS (SELECT campaign_id, count(*) AS uses FROM coupon_redemptions GROUP BY 1),"
        " held AS (SELECT campaign_id, count(DISTINCT coupon_upc) AS codes FROM coupons GROUP BY 1)"
        " SELECT campaign_type, sum(coalesce(uses, 0))"
        "  / sum(codes * (date_diff('day', start_date, end_date) + 1))"
        " FROM campaign_descriptions JOIN held USING (campaign_id)"
        " LEFT JOIN uses USING (campaign_id) GROUP BY 1"
    ).fetchall()
    return {kind: f"{float(uses):.4f}" for kind, uses in rows}
