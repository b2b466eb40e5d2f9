"""What runs in a period: campaigns by their windows, their promotions, and what was given out.

Codes are not read.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from vouchsafe.edge import publications_table, register_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.flow.check import silent, spread
from vouchsafe.pure.register import Campaign, Promotion
from vouchsafe.pure.release import Given, Plan

_A_PAGE = 100
# Each is a question of its own, of some milliseconds.
MOST_CAMPAIGNS = 200


def plan(first: date, last: date, at: Snapshot) -> Plan:
    """What runs from one day to another, both included. No promotion is longer than its campaign,
    so that only those of campaigns that run then are looked at, the first to end first."""
    running = [each for each in _every_campaign(at) if _meets(each, first, last)]
    running.sort(key=lambda each: (each.ends_on, each.campaign_id))
    kept = running[:MOST_CAMPAIGNS]
    found = _promotions((each.campaign_id for each in kept), at)
    promotions = tuple(each for each in found if _meets(each, first, last))
    return Plan(
        promotions=promotions,
        campaigns={each.campaign_id: each for each in kept},
        given=tuple(_given((each.promotion_id for each in promotions), first, last)),
        left_out=len(running) - len(kept),
    )


def _every_campaign(at: Snapshot) -> Iterator[Campaign]:
    found, after = register_table.campaigns(at, None, _A_PAGE)
    yield from found
    while after:
        found, after = register_table.campaigns(at, after, _A_PAGE)
        yield from found


def _promotions(campaign_ids: Iterable[str], at: Snapshot) -> Iterator[Promotion]:
    asked = partial(register_table.promotions_of, at=at)
    for found in spread("reading promotions", list(campaign_ids), asked, silent):
        yield from found


def _given(promotion_ids: Iterable[str], first: date, last: date) -> Iterator[Given]:
    asked = partial(publications_table.given, first=first, last=last)
    for found in spread("reading publications", list(promotion_ids), asked, silent):
        yield from found


def _meets(window: Campaign | Promotion, first: date, last: date) -> bool:
    return window.starts_on <= last and first <= window.ends_on
