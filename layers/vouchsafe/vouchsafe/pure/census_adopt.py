"""A code that was born elsewhere as rows to be proposed: a start that a person checks and names."""

from collections.abc import Mapping
from datetime import date, timedelta

from vouchsafe.pure import register_values as values
from vouchsafe.pure.census import Known, Listing, discount_of
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.register_rows import RowKind

Cells = Mapping[str, str]
Rows = Mapping[RowKind, list[Cells]]

_NOBODY = "unassigned"
_USUAL = timedelta(days=90)


def rows(known: Known, today: date) -> Rows:
    """What the register would have to hold: a campaign and promotion of its own, the code, and for
    a till's discount what the till calls it. None for what the register could not hold.

    Terms are those of the listing that is still taken. A promotion without an end is given 90
    days, and one without a limit is limited to what was used so far, and as much again: adopting
    a leak without bounds would be no cure.
    """
    code = _code(known)
    if known.registered or not code:
        return {}
    listing = _model(known, today)
    name = f"ADOPTED-{canonical(code)[:200]}"
    window = _window(known, listing, today)
    why = f"adopted from {listing.place() if listing else 'orders'}"
    owner = (listing.owner if listing else "") or _NOBODY
    found: dict[RowKind, list[Cells]] = {
        "campaigns": [
            {"campaign_id": name, "name": name, "purpose": why, "owner": owner, **window}
        ],
        "promotions": [_promotion(known, listing, name, why, owner) | window],
        "codes": [{"code": code, "promotion_id": name}],
    }
    discount = discount_of(known.subject)
    if discount:
        platform, account, alias = discount
        found["aliases"] = [
            {"platform": platform, "account": account, "alias": alias, "code": code}
        ]
    return found


def _promotion(
    known: Known, listing: Listing | None, name: str, why: str, owner: str
) -> dict[str, str]:
    limit = (listing.limit if listing else None) or 2 * max(known.used.uses, 1)
    return {
        "promotion_id": name,
        "campaign_id": name,
        "voucher_class": "discount",
        "owner": owner,
        "purpose": why,
        "generic": "yes",
        "confirmed_by": "platform",
        "on_rollback": "restore",
        "code_limit": str(limit),
        **(_benefit(listing) if listing else {}),
    }


def _benefit(listing: Listing) -> dict[str, str]:
    if listing.kind == "percent" and listing.value:
        return {"benefit": f"percent:{listing.value.normalize():f}"}
    if listing.kind == "amount" and listing.value and listing.currency:
        benefit = f"amount:{listing.value.normalize():f}"
        return {"benefit": benefit, "currency": listing.currency}
    if listing.kind == "free_shipping":
        return {"benefit": "free_shipping"}
    return {}


def _window(known: Known, listing: Listing | None, today: date) -> dict[str, str]:
    """From its first use or list on, so that orders of the past meet terms too."""
    seen = known.first_seen_at()
    starts = [listing.starts_on if listing else None, known.used.first_on]
    first = min(filter(None, [*starts, seen.date() if seen else None]), default=today)
    last = (listing.ends_on if listing else None) or today + _USUAL
    return {"starts_on": first.isoformat(), "ends_on": max(first, last).isoformat()}


def _model(known: Known, today: date) -> Listing | None:
    """Whose terms are taken: a listing that is still used, the newest first."""
    found = sorted(
        known.listed, key=lambda each: (each.may_be_used(today), each.last_seen_at), reverse=True
    )
    return found[0].listing if found else None


def _code(known: Known) -> str:
    """As it is spelt where it is used, or of a discount's name; empty for what is no code."""
    named = known.shown()
    text = "-".join(named.upper().split()) if discount_of(known.subject) else named.strip()
    try:
        return values.code(text) if text else ""
    except Invalid:
        return ""
