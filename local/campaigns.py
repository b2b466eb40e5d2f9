"""The campaigns of the data set, and what a marketing department would say of each."""

from dataclasses import dataclass
from datetime import date

import duckdb


@dataclass(frozen=True, slots=True)
class CampaignType:
    """What a marketing department would say of a type of campaign."""

    name: str
    purpose: str
    owner: str
    utm_source: str
    utm_medium: str

    @property
    def channel(self) -> str:
        """As reports name it."""
        return f"{self.utm_source} / {self.utm_medium}"


TYPES = {
    "Type A": CampaignType(
        "Sixteen offers chosen for you", "keep", "loyalty team", "direct_mail", "print"
    ),
    "Type B": CampaignType("Category flyer", "win back", "category team", "newsletter", "email"),
    "Type C": CampaignType("Brand partner offers", "trial", "partner team", "loyalty_app", "push"),
}


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


def read_campaigns(connection: duckdb.DuckDBPyConnection) -> list[Campaign]:
    """The campaigns of the data set, by number."""
    rows = connection.execute(
        "SELECT campaign_id, campaign_type, start_date, end_date FROM campaign_descriptions"
        " ORDER BY campaign_id"
    ).fetchall()
    return [Campaign(number, kind, start.date(), end.date()) for number, kind, start, end in rows]
