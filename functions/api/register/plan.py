"""What runs in a period: campaigns by their windows, and their promotions. Codes are not read."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from vouchsafe.edge import register_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.flow.check import silent, spread
from vouchsafe.pure.register import Campaign, Promotion
from vouchsafe.pure.release import Plan

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
    return Plan(
        promotions=tuple(each for each in found if _meets(each, first, last)),
        campaigns={each.campaign_id: each for each in kept},
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


def _meets(window: Campaign | Promotion, first: date, last: date) -> bool:
    return window.starts_on <= last and first <= window.ends_on
