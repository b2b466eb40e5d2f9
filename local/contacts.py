"""Who was seen where before buying, and which system tells of it.

What the data set says: which households were targeted by which campaign, which makes a publication
for each. What is made here: paid clicks, e-mail clicks and visits around the publications, dealt by
a hash of campaign and household, so that several channels compete for the credit. Contacts are kept
for those households only that buy in the window, by their e-mail address.

Who tells: publications stand in the register's file; clicks and visits are posted by the marketing
tools. But one household in four got its sixteen offers (type A) out of a data extension of
Marketing Cloud, code by code: those that it redeems, and others of the pool, for the data set does
not say which. Its clicks in e-mails are Marketing Cloud's to tell too. Partner offers (type C)
whose codes are of no other campaign are vouchers of Loyalty Management.

`write` keeps them all in one list, whoever told: the recount reads that one.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal

import duckdb

from local import dataset
from local.campaigns import TYPES, Campaign, read_campaigns
from local.injections import drawn
from local.journey import SHOP_ZONE
from local.payloads import salesforce
from local.world import World

PUBLISHED_BEFORE = timedelta(days=2)
# One household in so many gets its offers by way of Marketing Cloud.
CLOUD_ONE_IN = 4
OFFERS = 16
COLUMNS = (
    "touchpoint_id",
    "identity",
    "seen_at",
    "kind",
    "channel",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "campaign_id",
    "code",
)

Row = Mapping[str, str]
Teller = Literal["register", "door", "cloud", "mail", "loyalty"]
Pools = Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of made-up contact: who gets it, and when, counted from the publication."""

    name: str
    kind: str
    utm_source: str
    utm_medium: str
    one_in: int
    after: timedelta


MAIL = Kind("mail", "email_click", "newsletter", "email", 4, timedelta(days=6, hours=5))
KINDS = (
    Kind("social", "click", "meta", "paid_social", 3, timedelta(days=-5)),
    Kind("search", "click", "google", "cpc", 4, timedelta(days=3, hours=2)),
    MAIL,
    Kind("visit", "visit", "", "", 6, timedelta(days=8)),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact as a row of the register's touchpoints, and who tells of it.

    `used_at`: when the code of the row was redeemed at a till, for systems that keep a copy.
    """

    teller: Teller
    at: datetime
    row: Row
    used_at: datetime | None = field(default=None, compare=False)


def of(world: World) -> list[Contact]:
    """Every contact of a window's buyers, campaign by campaign."""
    connection = dataset.connect()
    made = _Made(connection)
    live = {
        each.number: each
        for each in read_campaigns(connection)
        if each.runs_in(world.first, world.last)
    }
    buying = {basket.household for basket in world.baskets}
    end = datetime.combine(world.last + timedelta(days=1), time(0), tzinfo=SHOP_ZONE)
    targeted = connection.execute(
        "SELECT DISTINCT campaign_id, household_id FROM campaigns ORDER BY ALL"
    ).fetchall()
    return [
        _until(end, contact)
        for number, household in targeted
        if number in live and household in buying
        for contact in made.around(live[number], household)
        if contact.at < end
    ]


def _until(end: datetime, contact: Contact) -> Contact:
    """As it stands at the end of the window."""
    used = contact.used_at
    return replace(contact, used_at=None) if used and used >= end else contact


def told_by(contacts: Iterable[Contact], *tellers: Teller) -> list[Contact]:
    """Those that one of these systems tells of."""
    return [each for each in contacts if each.teller in tellers]


def write(contacts: Iterable[Contact], folder: Path) -> Path:
    """The whole list in the form of the register's touchpoints, whoever tells of a contact."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "touchpoints.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(each.row for each in contacts)
    return path


class _Made:
    """What the tables say of codes and their uses, asked once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        held: dict[int, list[str]] = {}
        campaigns: dict[str, set[int]] = {}
        rows = connection.execute(
            "SELECT DISTINCT campaign_id, coupon_upc::VARCHAR FROM coupons ORDER BY ALL"
        ).fetchall()
        for number, code in rows:
            held.setdefault(number, []).append(code)
            campaigns.setdefault(code, set()).add(number)
        self._codes: Pools = held
        self._shared = {code for code, numbers in campaigns.items() if len(numbers) > 1}
        self._used = _uses(connection)

    def around(self, campaign: Campaign, household: int) -> Iterator[Contact]:
        """The publication of a campaign to a household, and what is made up around it."""
        lot = campaign.number * 1_000_000 + household
        morning = datetime.combine(campaign.starts_on, time(9), tzinfo=SHOP_ZONE).astimezone(UTC)
        # Coupons are in the house before they are good for anything.
        published = morning - PUBLISHED_BEFORE + timedelta(minutes=lot % 480)
        cloud = campaign.kind == "Type A" and drawn(household, "cloud", CLOUD_ONE_IN)
        if cloud:
            offers = self._offers(campaign.number, household)
            yield from self._claims(campaign, household, published, offers)
        elif campaign.kind == "Type C" and self._shared.isdisjoint(self._codes[campaign.number]):
            yield from self._vouchers(campaign, household, morning)
        else:
            yield _sent(campaign, household, published)
        for kind in KINDS:
            if drawn(lot, kind.name, kind.one_in):
                at = published + kind.after
                by_mail = cloud and kind is MAIL
                code = self._offers(campaign.number, household)[0] if by_mail else ""
                yield _seen(campaign, household, kind, at, code)

    def _offers(self, number: int, household: int) -> list[str]:
        """The codes that a household redeems, and others of the pool, by lot."""
        used = sorted(
            code for code in self._codes[number] if (household, number, code) in self._used
        )
        others = sorted(
            (code for code in self._codes[number] if code not in used),
            key=lambda code: salesforce.digest(f"{household} {number} {code}"),
        )
        return (used + others)[: max(OFFERS, len(used))]

    def _claims(
        self, campaign: Campaign, household: int, at: datetime, codes: Iterable[str]
    ) -> Iterator[Contact]:
        for code in codes:
            row = _row(salesforce.claim_id(code, at), household, at, "publication") | {
                "channel": TYPES[campaign.kind].channel,
                "campaign_id": campaign.id,
                "code": code,
            }
            used = self._used.get((household, campaign.number, code))
            yield Contact("cloud", at, row, used)

    def _vouchers(self, campaign: Campaign, household: int, at: datetime) -> Iterator[Contact]:
        """A voucher names no campaign: its code does."""
        for code in self._codes[campaign.number]:
            name = salesforce.voucher_touch(salesforce.voucher_id(household, code))
            row = _row(name, household, at, "publication") | {
                "channel": TYPES[campaign.kind].channel,
                "code": code,
            }
            used = self._used.get((household, campaign.number, code))
            yield Contact("loyalty", at, row, used)


def _uses(connection: duckdb.DuckDBPyConnection) -> dict[tuple[int, int, str], datetime]:
    """The first day of each household's use of a code, at noon."""
    rows = connection.execute(
        "SELECT household_id, campaign_id, coupon_upc::VARCHAR, min(redemption_date)"
        " FROM coupon_redemptions GROUP BY ALL"
    ).fetchall()
    return {
        (household, number, code): datetime.combine(day.date(), time(12), tzinfo=SHOP_ZONE)
        for household, number, code, day in rows
    }


def _sent(campaign: Campaign, household: int, at: datetime) -> Contact:
    said = campaign.said
    row = _row(f"sent-{campaign.number}-{household}", household, at, "publication") | {
        "channel": said.channel,
        "utm_source": said.utm_source,
        "utm_medium": said.utm_medium,
        "utm_campaign": campaign.id.lower(),
        "campaign_id": campaign.id,
    }
    return Contact("register", at, row)


def _seen(campaign: Campaign, household: int, kind: Kind, at: datetime, code: str) -> Contact:
    """A click or a visit; with a code it is a click on the link of a mail."""
    name = f"{kind.name}-{campaign.number}-{household}"
    if code:
        name = salesforce.click_touch(salesforce.composite_id(campaign.number, household))
    row = _row(name, household, at, kind.kind)
    if kind.utm_source:
        row |= {
            "channel": f"{kind.utm_source} / {kind.utm_medium}",
            "utm_source": kind.utm_source,
            "utm_medium": kind.utm_medium,
            "utm_campaign": campaign.id.lower(),
            "code": code,
        }
    return Contact("mail" if code else "door", at, row)


def _row(name: str, household: int, at: datetime, kind: str) -> dict[str, str]:
    """A row of the register's touchpoints that says no more than who, when and what."""
    return dict.fromkeys(COLUMNS, "") | {
        "touchpoint_id": name,
        "identity": f"email:h{household}@example.com",
        "seen_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "kind": kind,
    }
