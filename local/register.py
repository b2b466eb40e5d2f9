"""The register of the data set as files for `make load`: campaigns, codes, places, touchpoints.

What the data set says: campaigns with their days (both included), and the codes of each (151 codes
belong to several). What it does not say, and is made here: names, owners and channels of campaigns,
by their type; the planned uses a day, which are the mean of a code and day over all campaigns of
the type; and how a till without a field for codes names each. Of the contacts only those stand in
the file that no other system tells of.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from local import dataset, dealing, front_end, tellers
from local.campaigns import Campaign, promotion_id, read_campaigns
from local.cast import PARTS
from local.contacts import Contact, told_by
from local.world import World

LOOK_BACK_DAYS = 90
Row = Mapping[str, str]


def write(world: World, contacts: Iterable[Contact], folder: Path) -> list[Path]:
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
        "touchpoints": (each.row for each in told_by(contacts, "register")),
    }
    held = {name: list(rows) for name, rows in tables.items()}
    return [_write(folder / f"{name}.csv", rows) for name, rows in held.items() if rows]


def _write(path: Path, held: Sequence[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(held[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(held)
    return path


def _accounts() -> Iterator[Row]:
    for shop in (*dealing.SHOPS, *tellers.ACCOUNTS, front_end.PROPERTY):
        yield {
            "platform": shop.platform,
            "account": shop.account,
            "currency": dealing.CURRENCY,
            "zone": dealing.ZONE,
            "day_start": "00:00",
            "confirmed_by": "platform",
            "front_end": front_end.of(shop),
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
