"""Entries of the register as the rows that say them: what `register_lines` reads, the other way.

What stands can so be shown in the words it was loaded in, changed and proposed again.
"""

from collections.abc import Iterable, Mapping
from datetime import time
from decimal import Decimal

from vouchsafe.pure import instant
from vouchsafe.pure.money import decimal_text
from vouchsafe.pure.register import (
    Account,
    Audience,
    Benefit,
    Campaign,
    Code,
    Location,
    Promotion,
    Segment,
    SegmentRule,
)
from vouchsafe.pure.register_entries import Alias, Entry
from vouchsafe.pure.register_rows import RowKind

Cells = Mapping[str, str]


def rows_of_entry(entry: Entry) -> tuple[RowKind, list[Cells]]:
    """The kind, and the row; of a code one for each of its promotions. Empty cells are left out."""
    match entry:
        case Account():
            return "accounts", [_said(_account(entry))]
        case Location():
            return "locations", [_said(_location(entry))]
        case Segment():
            return "segments", [_said(_segment(entry))]
        case Campaign():
            return "campaigns", [_said(_campaign(entry))]
        case Promotion():
            return "promotions", [_said(_promotion(entry) | _terms(entry))]
        case Code():
            return "codes", [{"code": entry.raw, "promotion_id": of} for of in entry.promotions]
        case Alias():
            return "aliases", [_said(_alias(entry))]


def _said(cells: Mapping[str, str | None]) -> Cells:
    return {column: text for column, text in cells.items() if text}


def _account(entry: Account) -> dict[str, str | None]:
    return {
        "platform": entry.platform,
        "account": entry.account,
        "currency": entry.currency,
        "zone": entry.days.zone,
        "day_start": _clock(entry.days.day_start),
        "confirmed_by": entry.confirmed_by,
        "front_end": entry.front_end,
    }


def _location(entry: Location) -> dict[str, str | None]:
    return {
        "platform": entry.platform,
        "account": entry.account,
        "location_id": entry.location_id,
        "name": entry.name,
        "zone": entry.days.zone,
        "day_start": _clock(entry.days.day_start),
    }


def _segment(entry: Segment) -> dict[str, str | None]:
    return {
        "segment_id": entry.segment_id,
        "name": entry.name,
        "owner": entry.owner,
        "currency": entry.currency,
        "rules": "|".join(_rule(each, entry.currency) for each in entry.rules),
    }


def _rule(rule: SegmentRule, currency: str | None) -> str:
    match rule.kind:
        case "first_time":
            return rule.kind
        case "silent":
            return f"{rule.kind}:{rule.days}"
        case "orders":
            return f"{rule.kind}:{rule.least}{_span(rule)}"
        case "spent":
            return f"{rule.kind}:{decimal_text(rule.least, currency or '')}{_span(rule)}"
        case _:
            return f"{rule.kind}:{rule.name}"


def _span(rule: SegmentRule) -> str:
    since = f"/since:{rule.since}" if rule.since else ""
    return since or (f"/within:{rule.within}" if rule.within else "")


def _campaign(entry: Campaign) -> dict[str, str | None]:
    return {
        "campaign_id": entry.campaign_id,
        "name": entry.name,
        "purpose": entry.purpose,
        "owner": entry.owner,
        "starts_on": entry.starts_on.isoformat(),
        "ends_on": entry.ends_on.isoformat(),
        "utm_source": entry.utm_source,
        "utm_medium": entry.utm_medium,
        "utm_campaign": entry.utm_campaign,
        "planned_uses_a_day": _number(entry.planned_uses_a_day),
        "look_back_days": str(entry.look_back_days),
    }


def _alias(entry: Alias) -> dict[str, str | None]:
    return {
        "platform": entry.platform,
        "account": entry.account,
        "alias": entry.alias,
        "code": entry.code,
    }


def _promotion(entry: Promotion) -> dict[str, str | None]:
    """Who, when and what class, and what a till may do."""
    return {
        "promotion_id": entry.promotion_id,
        "campaign_id": entry.campaign_id,
        "starts_on": entry.starts_on.isoformat(),
        "ends_on": entry.ends_on.isoformat(),
        "voucher_class": entry.voucher_class,
        "owner": entry.owner,
        "purpose": entry.purpose,
        "vat_class": entry.vat_class,
        "code_limit": _count(entry.code_limit),
        "customer_limit": _count(entry.customer_limit),
        "places": _listed(entry.places),
        "minimum_spend": _amount(entry.minimum_spend_minor, entry),
        "max_discount": _amount(entry.max_discount_minor, entry),
        "max_percent": _number(entry.max_percent),
        "currency": entry.currency,
        "stacking": entry.stacking,
        "generic": _yes_or_no(entry.generic),
        "confirmed_by": entry.confirmed_by,
        "on_rollback": entry.on_rollback,
        "status": entry.status,
        "off_since": instant.text(entry.off_since) if entry.off_since else None,
    }


def _terms(entry: Promotion) -> dict[str, str | None]:
    """What it gives, on what, to whom and how often."""
    return {
        "benefit": _benefit(entry.benefit, entry),
        "cap_discount_at": _amount(entry.cap_discount_at_minor, entry),
        "refuse_above": _amount(entry.refuse_above_minor, entry),
        "include_skus": _listed(entry.include_skus),
        "exclude_skus": _listed(entry.exclude_skus),
        "include_categories": _listed(entry.include_categories),
        "exclude_categories": _listed(entry.exclude_categories),
        "low_stock_below": _count(entry.low_stock_below),
        "weekdays": _listed(entry.weekdays),
        "hours": "|".join(f"{_clock(each.opens)}-{_clock(each.closes)}" for each in entry.hours),
        "audience": _audience(entry.audience),
        "limits": "|".join(f"{each.scope}/{each.period}={each.most}" for each in entry.limits),
        "budget": _amount(entry.budget_minor, entry),
        "revenue_goal": _amount(entry.revenue_goal_minor, entry),
        "priority": str(entry.priority),
        "hold_minutes": str(entry.hold_minutes),
        "requires_reservation": _yes_or_no(entry.requires_reservation),
    }


def _benefit(benefit: Benefit | None, of: Promotion) -> str | None:
    if benefit is None:
        return None
    match benefit.kind:
        case "percent":
            return f"percent:{benefit.percent.normalize():f}"
        case "amount":
            return f"amount:{_amount(benefit.amount_minor, of)}"
        case "free_item":
            return f"free_item:{benefit.sku}"
        case "free_shipping":
            return "free_shipping"


def _audience(audience: Audience) -> str:
    match audience.kind:
        case "silent":
            return f"silent:{audience.days}"
        case "segment":
            return f"segment:{audience.segment_id}"
        case _:
            return audience.kind


def _amount(minor: int | None, of: Promotion) -> str | None:
    return None if minor is None or of.currency is None else decimal_text(minor, of.currency)


def _count(count: int | None) -> str | None:
    return None if count is None else str(count)


def _number(number: float | None) -> str | None:
    return None if number is None else f"{Decimal(repr(number)):f}"


def _listed(many: Iterable[str]) -> str:
    return "|".join(sorted(many))


def _clock(at: time) -> str:
    return at.isoformat("minutes")


def _yes_or_no(said: bool) -> str:
    return "yes" if said else "no"
