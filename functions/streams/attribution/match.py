"""Who brought the customer: the verdict on each redemption of an order, and its credit by model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Protocol

from functions.streams.attribution.journey import Voucher, contacts, fair, redeemed, voucher
from functions.streams.attribution.weigh import shared
from vouchsafe.pure.credit import Credit, InfluenceClass, Share
from vouchsafe.pure.redemption import Redemption, Unmapped
from vouchsafe.pure.register import Register
from vouchsafe.pure.touchpoint import Touchpoint

MOST_EVIDENCE = 20

Row = Redemption | Unmapped


class Publications(Protocol):
    """Whether anybody at all was given a code, or a campaign's codes."""

    def published(self, code: str) -> bool: ...

    def published_in(self, campaign_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What a judgement may ask. `touches` are the order's customer's, oldest first, each once."""

    touches: Sequence[Touchpoint]
    register: Register
    publications: Publications


def horizon(rows: Iterable[Row], register: Register) -> datetime | None:
    """The instant from which touches matter to an order; None where nobody is known.

    The look-back of its codes' campaigns, or the start of one of them if that is earlier: a
    publication is evidence for as long as its campaign runs, when it no longer earns credit.
    """
    known = [row for row in rows if isinstance(row, Redemption) and row.customer]
    return min((_since(row, voucher(row, register)) for row in known), default=None)


def match(rows: Iterable[Row], told: Told) -> list[Credit]:
    """The credits of an order's redemptions and unmapped discounts, in the order of their ids."""
    verdicts = [
        _judged(row, told) if isinstance(row, Redemption) else _unmapped(row, told)
        for row in sorted(rows, key=lambda row: row.item_id())
    ]
    return _led(verdicts)


def _since(row: Redemption, found: Voucher) -> datetime:
    starts = [datetime.combine(each.starts_on, time(0), UTC) for each in found.campaigns]
    return min([row.redeemed_at, *starts]) - found.look_back()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the evidence says of one redemption; `worthless`: its code stands for nothing."""

    influence_class: InfluenceClass
    evidence: Sequence[Touchpoint]
    campaigns: tuple[str, ...]
    leaked_from: tuple[str, ...]
    worthless: bool


def _judged(row: Redemption, told: Told) -> Credit:
    found = voucher(row, told.register)
    since = _since(row, found)
    touches = [each for each in told.touches if since <= each.seen_at < row.redeemed_at]
    verdict = _verdict(row, found, touches, told)
    return Credit(
        key=row.key,
        item_id=row.item_id(),
        code=row.code,
        state=row.state,
        currency=row.currency,
        business_day=row.business_day,
        redeemed_at=row.redeemed_at,
        facts_seen=row.facts_seen,
        register_revision=told.register.revision(),
        discount_minor=row.discount_minor,
        returned_minor=row.returned_minor,
        revenue_minor=row.revenue_minor,
        no_effect=row.no_effect,
        was_confirmed=row.confirmed_at is not None,
        touches_seen=len(touches),
        influence_class=verdict.influence_class,
        evidence=tuple(each.touchpoint_id for each in verdict.evidence[-MOST_EVIDENCE:]),
        low_value=verdict.worthless,
        campaigns=verdict.campaigns,
        leaked_from=verdict.leaked_from,
        shares=_shares(row, found, touches, verdict, told.register) if row.counts() else (),
    )


def _unmapped(row: Unmapped, told: Told) -> Credit:
    return Credit(
        key=row.key,
        item_id=row.item_id(),
        code=None,
        state=row.state,
        currency=row.currency,
        business_day=row.business_day,
        redeemed_at=row.redeemed_at,
        facts_seen=row.facts_seen,
        register_revision=told.register.revision(),
        discount_minor=row.discount_minor,
        returned_minor=row.returned_minor,
    )


def _verdict(
    row: Redemption, found: Voucher, touches: Sequence[Touchpoint], told: Told
) -> _Verdict:
    influence_class, evidence = _influence(row, found, touches, told)
    leaked = influence_class == "leaked"
    live = tuple(each.campaign_id for each in found.campaigns)
    return _Verdict(
        influence_class=influence_class,
        evidence=evidence,
        campaigns=() if leaked else _reached(found, touches) or live,
        leaked_from=live if leaked else (),
        worthless=leaked or found.generic,
    )


def _influence(
    row: Redemption, found: Voucher, touches: Sequence[Touchpoint], told: Told
) -> tuple[InfluenceClass, Sequence[Touchpoint]]:
    """The class and its evidence: the first rule that holds, in the order of the door-plate."""
    itself = [each for each in touches if found.itself(each)]
    recent = _recent(row, found, touches)
    if not row.code_known:
        return "leaked", ()
    if itself:
        others = _others(found, recent, told.register) if found.generic else []
        return ("assisted", _in_order([*itself, *others])) if others else ("caused", itself)
    if not row.customer:
        return "unknown", ()
    met = [each for each in touches if found.met(each)]
    if any(each.code is None for each in met):
        return "assisted", met
    if _targeted(found, told.publications):
        return "leaked", ()
    if met:
        return "assisted", met
    return ("found_at_checkout", recent) if recent else ("unknown", ())


def _targeted(found: Voucher, publications: Publications) -> bool:
    """Whether the code was only for those whom it was given to; a generic one is for all."""
    if found.generic:
        return False
    campaigns = [each.campaign_id for each in found.campaigns]
    everywhere = bool(campaigns) and all(publications.published_in(each) for each in campaigns)
    return publications.published(found.code) or everywhere


def _recent(row: Redemption, found: Voucher, touches: Sequence[Touchpoint]) -> list[Touchpoint]:
    """The touches within the look-back: those that earn credit."""
    since = row.redeemed_at - found.look_back()
    return [each for each in touches if each.seen_at >= since]


def _others(found: Voucher, recent: Sequence[Touchpoint], register: Register) -> list[Touchpoint]:
    """The touches of other marketing: neither of this code, nor low-value, nor direct."""
    seen = contacts(recent, found, register, worthless=True)
    return [
        touch
        for touch, each in zip(recent, seen, strict=True)
        if not (found.itself(touch) or each.low_value or each.direct)
    ]


def _reached(found: Voucher, touches: Sequence[Touchpoint]) -> tuple[str, ...]:
    """The campaigns that gave the person the code, else those that met them in any way."""
    given = [each for each in touches if each.kind == "publication" and found.itself(each)]
    for seen in (given, touches):
        ids = {campaign.campaign_id for touch in seen for campaign in found.met(touch)}
        if ids:
            return tuple(sorted(ids))
    return ()


def _shares(
    row: Redemption,
    found: Voucher,
    touches: Sequence[Touchpoint],
    verdict: _Verdict,
    register: Register,
) -> tuple[Share, ...]:
    """The redemption and its revenue, shared over the journey by each model."""
    recent = _recent(row, found, touches)
    journey = contacts(recent, found, register, worthless=verdict.worthless)
    seen = any(each.own and not each.low_value for each in journey)
    if verdict.campaigns and not verdict.worthless and not seen:
        journey.append(redeemed(found, verdict.campaigns, row.redeemed_at))
    return shared(fair(journey, row.redeemed_at), row.revenue_minor)


def _in_order(touches: Sequence[Touchpoint]) -> list[Touchpoint]:
    return sorted(touches, key=lambda each: (each.seen_at, each.touchpoint_id))


def _led(verdicts: Sequence[Credit]) -> list[Credit]:
    """Marks, among the redemptions that count, which one carries the order and for whom."""
    counting = [each for each in verdicts if each.code is not None and each.counts()]
    kept = sum(each.revenue_minor for each in counting)
    first: dict[str, str] = {}
    for credit in counting:
        for campaign in credit.campaigns:
            first.setdefault(campaign, credit.item_id)
    led = {
        credit.item_id: replace(
            credit,
            leads=credit is counting[0],
            leads_for=tuple(each for each in credit.campaigns if first[each] == credit.item_id),
            order_kept_minor=kept,
        )
        for credit in counting
    }
    return [led.get(credit.item_id, credit) for credit in verdicts]
