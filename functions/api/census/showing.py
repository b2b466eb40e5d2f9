"""Codes of the census as they are answered, and where a page ends."""

import base64
import json
from collections.abc import Mapping
from datetime import date

from vouchsafe.flow.census import At
from vouchsafe.pure.census import Known, Listed, Noticed, Used
from vouchsafe.pure.census_verdict import judge
from vouchsafe.pure.errors import Invalid

from .words import (
    BornTold,
    ConflictTold,
    EntryTold,
    ListingTold,
    MoneyTold,
    NoticedTold,
    UsedTold,
)

_MOST = 100
_USUAL = 50
_LONGEST_AFTER = 8000


def page_size(query: Mapping[str, str]) -> int:
    """How many a page may hold. Raises Invalid."""
    text = query.get("limit", str(_USUAL))
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= _MOST):
        raise Invalid("limit", f"must be a whole number from 1 to {_MOST}")
    return int(text)


def start(query: Mapping[str, str]) -> At:
    """Where a page begins. Raises Invalid."""
    text = query.get("after")
    if text is None:
        return At()
    try:
        said = json.loads(base64.urlsafe_b64decode(text[:_LONGEST_AFTER]))
        pk, sk, noticed, past = said
    except (ValueError, TypeError) as error:
        raise Invalid("after", "must be as the page before said it") from error
    if not all(isinstance(each, str) for each in (pk, sk, noticed)) or bool(pk) != bool(sk):
        raise Invalid("after", "must be as the page before said it")
    listed = (pk, sk) if pk else None
    return At(listed=listed, noticed=noticed or None, past_lists=bool(past))


def end(at: At | None) -> str | None:
    """The same as text for the next call."""
    if at is None:
        return None
    pk, sk = at.listed or ("", "")
    said = json.dumps([pk, sk, at.noticed or "", at.past_lists], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode()


def entry(known: Known, today: date) -> EntryTold:
    """With conflicts and advice."""
    verdict = judge(known, today)
    return EntryTold(
        code=known.shown(),
        subject=known.subject,
        registered=known.registered,
        unregistered=known.is_unregistered(),
        promotions=[
            BornTold(
                promotion_id=each.promotion.promotion_id,
                campaign_id=each.promotion.campaign_id,
                owner=each.promotion.owner,
                running=each.running,
            )
            for each in known.born
        ],
        listings=[_listing(each) for each in known.listed],
        noticed=_noticed(known.noticed) if known.noticed else None,
        ledger=_used(known.used),
        first_seen_at=known.first_seen_at(),
        last_seen_at=known.last_seen_at(),
        conflicts=[
            ConflictTold(kind=each.kind, says=list(each.says)) for each in verdict.conflicts
        ],
        duplicates=list(verdict.duplicates),
        advice=verdict.advice,
        reason=verdict.reason,
    )


def _listing(held: Listed) -> ListingTold:
    said = held.listing
    return ListingTold(
        system=said.system,
        account=said.account,
        code=said.code or None,
        ref=said.ref or None,
        name=said.name or None,
        owner=said.owner or None,
        kind=said.kind,
        value=f"{said.value.normalize():f}" if said.value is not None else None,
        currency=said.currency or None,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        status=said.status or None,
        limit=said.limit,
        uses=said.uses,
        cost_minor=said.cost_minor,
        made_on=said.made_on,
        first_seen_at=held.first_seen_at,
        last_seen_at=held.last_seen_at,
        gone=held.gone,
    )


def _noticed(said: Noticed) -> NoticedTold:
    return NoticedTold(
        order=said.order,
        platform=said.platform,
        account=said.account,
        seen_at=said.seen_at,
        discount=MoneyTold(currency=said.currency, minor=said.discount_minor),
    )


def _used(said: Used) -> UsedTold:
    return UsedTold(
        uses=said.uses,
        cost=[MoneyTold(currency=currency, minor=minor) for currency, minor in said.cost],
        first_on=said.first_on,
        last_on=said.last_on,
    )
