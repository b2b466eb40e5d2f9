"""A small shop for the tests of attribution: two campaigns, four codes, and what people did."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from functions.streams.attribution.match import Row, Told, match
from tests.pure.registers import Shelf
from vouchsafe.pure.credit import Credit
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.redemption import Redemption, Unmapped
from vouchsafe.pure.register import Campaign, Code, Promotion
from vouchsafe.pure.touchpoint import Touchpoint

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = OrderKey(platform="shopify", account="corner-shop", order_id="1001")
ANN = "email:ann"


def campaign(campaign_id: str, source: str, medium: str, **said: object) -> Campaign:
    """A campaign from the first to the last of November 2026."""
    default: dict[str, object] = {
        "campaign_id": campaign_id,
        "name": campaign_id,
        "purpose": "new guests",
        "owner": "mara",
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 11, 30),
        "utm_source": source,
        "utm_medium": medium,
        "utm_campaign": campaign_id,
    }
    return Campaign(**(default | said))  # type: ignore[arg-type]


def promotion(promotion_id: str, campaign_id: str, **said: object) -> Promotion:
    """A promotion that runs as long as its campaign."""
    default: dict[str, object] = {
        "promotion_id": promotion_id,
        "campaign_id": campaign_id,
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 11, 30),
        "voucher_class": "discount",
        "owner": "mara",
        "purpose": "new guests",
    }
    return Promotion(**(default | said))  # type: ignore[arg-type]


def shop() -> Shelf:
    """MA1L of the mailing, P0STER of the poster, TW1N of both, and SAVE10 that anyone may have."""
    promotions = [
        promotion("by-mail", "mailing"),
        promotion("by-poster", "poster"),
        promotion("always", "evergreen", generic=True),
    ]
    codes = {
        "MA1L": ("by-mail",),
        "P0STER": ("by-poster",),
        "TW1N": ("by-mail", "by-poster"),
        "SAVE10": ("always",),
    }
    return Shelf(
        campaigns={
            each.campaign_id: each
            for each in (
                campaign("mailing", "newsletter", "email"),
                campaign("poster", "street", "print"),
                campaign("evergreen", "site", "banner", look_back_days=30),
            )
        },
        promotions={each.promotion_id: each for each in promotions},
        codes={
            canonical: Code(canonical=canonical, raw=canonical, promotions=names)
            for canonical, names in codes.items()
        },
    )


@dataclass
class Given:
    """What was ever published to anybody."""

    codes: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()

    def published(self, code: str) -> bool:
        return code in self.codes

    def published_in(self, campaign_id: str) -> bool:
        return campaign_id in self.campaigns


def redemption(code: str = "MA1L", shelf: Shelf | None = None, **said: object) -> Redemption:
    """Ann's, confirmed, 10.00 left of 12.00, under whatever promotions the shop knows."""
    known = (shelf or shop()).codes.get(code)
    default: dict[str, object] = {
        "key": KEY,
        "code": code,
        "code_raw": code,
        "generation": 0,
        "state": "confirmed",
        "currency": "EUR",
        "redeemed_at": NOON,
        "updated_at": NOON,
        "received_at": NOON,
        "business_day": date(2026, 11, 20),
        "discount_minor": 200,
        "facts_seen": 1,
        "revenue_minor": 1000,
        "confirmed_at": NOON,
        "customer": (ANN,),
        "promotions": known.promotions if known else (),
        "code_known": known is not None,
    }
    return Redemption(**(default | said))  # type: ignore[arg-type]


def unmapped(**said: object) -> Unmapped:
    """3.00 off that no code stands for."""
    default: dict[str, object] = {
        "key": KEY,
        "discount_id": "till-7",
        "kind": "till",
        "aliases": (),
        "name": "Staff",
        "state": "confirmed",
        "currency": "EUR",
        "redeemed_at": NOON,
        "updated_at": NOON,
        "business_day": date(2026, 11, 20),
        "discount_minor": 300,
        "returned_minor": 0,
        "facts_seen": 1,
    }
    return Unmapped(**(default | said))  # type: ignore[arg-type]


def touch(days_before: float, channel: str = "", kind: str = "click", **said: object) -> Touchpoint:
    """Ann's contact so many days before the order; `channel` is `source / medium`."""
    source, _, medium = channel.partition(" / ")
    default: dict[str, object] = {
        "touchpoint_id": f"{kind}-{days_before}",
        "customer": ANN,
        "seen_at": NOON - timedelta(days=days_before),
        "kind": kind,
        "utm_source": source,
        "utm_medium": medium,
    }
    return Touchpoint(**(default | said))  # type: ignore[arg-type]


def judged(
    rows: Row | Iterable[Row],
    *touches: Touchpoint,
    shelf: Shelf | None = None,
    given: Given | None = None,
) -> list[Credit]:
    """The credits of one order."""
    told = Told(
        sorted(touches, key=lambda each: (each.seen_at, each.touchpoint_id)),
        shelf or shop(),
        given or Given(),
    )
    return match([rows] if isinstance(rows, Redemption | Unmapped) else rows, told)


@dataclass
class Earned:
    """Minor units and millionths by channel, for one model."""

    minor: dict[str, int] = field(default_factory=dict)
    millionths: dict[str, int] = field(default_factory=dict)


def earned(credit: Credit, model: int) -> Earned:
    """What each channel got, without those that got nothing."""
    found = Earned()
    for share in credit.shares:
        for sums, parts in ((found.minor, share.minor), (found.millionths, share.millionths)):
            if parts[model]:
                sums[share.channel] = sums.get(share.channel, 0) + parts[model]
    return found
