"""A row of the register's files as what it says, and what it refers to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from typing import NamedTuple

from vouchsafe.pure import register_cells as cells
from vouchsafe.pure import register_entries as entries
from vouchsafe.pure import register_values as values
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.register import (
    Account,
    Campaign,
    Location,
    Promotion,
    Segment,
)
from vouchsafe.pure.register_cells import Cells
from vouchsafe.pure.register_entries import Alias, Key
from vouchsafe.pure.register_promotion import promotion_of
from vouchsafe.pure.register_rows import Fault, Row, RowKind
from vouchsafe.pure.touchpoint import Touchpoint, named


@dataclass(frozen=True, slots=True)
class CodeInPromotion:
    """That a code may be redeemed under a promotion; a code says so on several rows."""

    canonical: str
    raw: str
    promotion_id: str


Said = Account | Location | Segment | Campaign | Promotion | CodeInPromotion | Alias | Touchpoint


class Reference(NamedTuple):
    """What a row says that there is: the cell that says it, and where it would stand."""

    column: str
    key: Key
    shown: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was read. What came of its `bad` columns are stand-ins.

    `key` is None where the row is no entry of the register, or the columns that name it are bad.
    """

    row: Row = field(repr=False)
    said: Said
    key: Key | None
    references: tuple[Reference, ...]
    bad: frozenset[str]
    faults: tuple[Fault, ...]


def line_of(row: Row, identify: Identify) -> Line:
    """What a row says, with every rule that its cells break by themselves."""
    return _READERS[row.kind](row, Cells(row), identify)


def _account(row: Row, of: Cells, _identify: Identify) -> Line:
    said = Account(
        platform=of.needed("platform", cells.PLATFORM),
        account=of.needed("account", cells.ACCOUNT),
        currency=of.needed("currency", cells.CURRENCY),
        days=_days(of),
        confirmed_by=of.given("confirmed_by", cells.CONFIRMED_BY, "platform"),
        front_end=of.given("front_end", cells.FRONT_END, ""),
    )
    key = entries.account_key(said.platform, said.account)
    reports_to = [_front_end_reference(said.front_end)] if said.front_end else []
    return _line(row, of, said, key, ("platform", "account"), *reports_to)


def _location(row: Row, of: Cells, _identify: Identify) -> Line:
    said = Location(
        platform=of.needed("platform", cells.PLATFORM),
        account=of.needed("account", cells.ACCOUNT),
        location_id=of.needed("location_id", cells.NAME),
        name=of.needed("name", cells.TEXT),
        days=_days(of),
    )
    key = entries.location_key(said.platform, said.account, said.location_id)
    shop = _account_reference(said.platform, said.account)
    return _line(row, of, said, key, ("platform", "account", "location_id"), shop)


def _segment(row: Row, of: Cells, _identify: Identify) -> Line:
    currency = of.given("currency", cells.CURRENCY, None)
    known = currency if of.are_good("currency") else None
    said = Segment(
        segment_id=of.needed("segment_id", cells.NAME),
        name=of.needed("name", cells.TEXT),
        owner=of.needed("owner", cells.TEXT),
        currency=currency,
        rules=of.given("rules", cells.segment_rules(known), ()),
    )
    if currency is None and any(each.kind == "spent" for each in said.rules):
        of.refuse("currency", "is empty, and rules say an amount")
    return _line(row, of, said, entries.segment_key(said.segment_id), ("segment_id",))


def _campaign(row: Row, of: Cells, _identify: Identify) -> Line:
    starts_on, ends_on = cells.window(of)
    said = Campaign(
        campaign_id=of.needed("campaign_id", cells.NAME),
        name=of.needed("name", cells.TEXT),
        purpose=of.needed("purpose", cells.TEXT),
        owner=of.needed("owner", cells.TEXT),
        starts_on=starts_on,
        ends_on=ends_on,
        utm_source=of.given("utm_source", cells.TEXT, ""),
        utm_medium=of.given("utm_medium", cells.TEXT, ""),
        utm_campaign=of.given("utm_campaign", cells.TEXT, ""),
        planned_uses_a_day=of.given("planned_uses_a_day", cells.NUMBER, 0.0),
        look_back_days=of.given("look_back_days", cells.COUNT, 30),
    )
    return _line(row, of, said, entries.campaign_key(said.campaign_id), ("campaign_id",))


def _promotion(row: Row, of: Cells, _identify: Identify) -> Line:
    said = promotion_of(of)
    key = entries.promotion_key(said.promotion_id)
    campaign = Reference("campaign_id", entries.campaign_key(said.campaign_id), said.campaign_id)
    places = [
        Reference("places", entries.location_key(*values.place(each)), each)
        for each in sorted(said.places)
    ]
    segment = _segment_reference(said.audience.segment_id)
    return _line(row, of, said, key, ("promotion_id",), campaign, *places, *segment)


def _code(row: Row, of: Cells, _identify: Identify) -> Line:
    raw = of.needed("code", cells.CODE)
    said = CodeInPromotion(canonical(raw), raw, of.needed("promotion_id", cells.NAME))
    promotion = Reference(
        "promotion_id", entries.promotion_key(said.promotion_id), said.promotion_id
    )
    return _line(row, of, said, entries.code_key(said.canonical), ("code",), promotion)


def _alias(row: Row, of: Cells, _identify: Identify) -> Line:
    said = Alias(
        platform=of.needed("platform", cells.PLATFORM),
        account=of.needed("account", cells.ACCOUNT),
        alias=of.needed("alias", cells.ALIAS),
        code=of.needed("code", cells.CODE),
    )
    key = entries.alias_key_of(said.platform, said.account, said.alias)
    shop = _account_reference(said.platform, said.account)
    code = Reference("code", entries.code_key(canonical(said.code)), said.code)
    return _line(row, of, said, key, ("platform", "account", "alias"), shop, code)


def _touchpoint(row: Row, of: Cells, identify: Identify) -> Line:
    customer, account = _customer(of, identify)
    channel = of.given("channel", cells.CHANNEL, ("", ""))
    source, medium = of.given("utm_source", cells.TEXT, ""), of.given("utm_medium", cells.TEXT, "")
    utm_campaign = of.given("utm_campaign", cells.TEXT, "")
    # A UTM says more than a channel's name; where there is one the name is left aside.
    source, medium = (source, medium) if source or medium or utm_campaign else channel
    said = Touchpoint(
        touchpoint_id=of.given("touchpoint_id", cells.NAME, ""),
        customer=customer,
        seen_at=of.needed("seen_at", cells.MOMENT),
        kind=of.needed("kind", cells.TOUCH_KIND),
        utm_source=source,
        utm_medium=medium,
        utm_campaign=utm_campaign,
        campaign_id=of.given("campaign_id", cells.NAME, None),
        code=_canonical(of.given("code", cells.CODE, None)),
    )
    campaign = (
        (Reference("campaign_id", entries.campaign_key(said.campaign_id), said.campaign_id),)
        if said.campaign_id
        else ()
    )
    return _line(row, of, named(said), None, (), *account, *campaign)


def _customer(of: Cells, identify: Identify) -> tuple[str, tuple[Reference, ...]]:
    """The identity key, and for a shop's own customer number the account that it is from."""
    kind, value = of.needed("identity", cells.PERSON)
    key = identify(kind, value)
    if key is None and of.are_good("identity"):
        of.refuse("identity", f"is no {kind} that anybody could be known by")
    if kind != "customer" or not of.are_good("identity"):
        return key or "", ()
    platform, account, _ = value.split("/", 2)
    shop = _account_reference(platform, account)
    return key or "", (shop._replace(column="identity"),)


def _days(of: Cells) -> DayRule:
    return DayRule(of.needed("zone", cells.ZONE), of.given("day_start", cells.CLOCK, time(0)))


def _account_reference(platform: str, account: str) -> Reference:
    return Reference("account", entries.account_key(platform, account), f"{platform}/{account}")


def _segment_reference(segment_id: str) -> tuple[Reference, ...]:
    if not segment_id:
        return ()
    return (Reference("audience", entries.segment_key(segment_id), segment_id),)


def _front_end_reference(front_end: str) -> Reference:
    platform, account = front_end.split("/")
    return Reference("front_end", entries.account_key(platform, account), front_end)


def _canonical(raw: str | None) -> str | None:
    return None if raw is None else canonical(raw)


def _line(
    row: Row, of: Cells, said: Said, key: Key | None, named_by: tuple[str, ...], *to: Reference
) -> Line:
    """References of bad cells are left out: a stand-in refers to nothing."""
    good = tuple(each for each in to if of.are_good(each.column, *_PARTS.get(each.column, ())))
    return Line(
        row=row,
        said=said,
        key=key if of.are_good(*named_by) else None,
        references=good,
        bad=frozenset(of.bad),
        faults=tuple(of.faults),
    )


# An account is named by two cells.
_PARTS = {"account": ("platform",)}
_READERS: dict[RowKind, Callable[[Row, Cells, Identify], Line]] = {
    "accounts": _account,
    "locations": _location,
    "segments": _segment,
    "campaigns": _campaign,
    "promotions": _promotion,
    "codes": _code,
    "aliases": _alias,
    "touchpoints": _touchpoint,
}
