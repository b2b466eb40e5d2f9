"""Codes that are about to expire unused: what is left, by the counters that refuse."""

from datetime import date, timedelta

from vouchsafe.edge import publications_table
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.expiring import Could, Counted, Ending, by_end, could
from vouchsafe.pure.register import Campaign, Promotion
from vouchsafe.pure.register_told import rows_of_entry

from . import parameters
from .orders import drawn_for
from .plan import plan
from .promotion_words import PromotionHead
from .reading import Desk
from .release_words import CodesCounted, CouldTold, EndingTold, ExpiringTold

_USUAL = 14
_MOST = 92
# A day is not over everywhere before that.
_A_DAY = timedelta(days=1)


def expiring(call: Call) -> Reply:
    """What ends within so many days with something left of it, the first to end first."""
    within, most = _within(call), parameters.page_size(call.query)
    desk, today = Desk(call), call.now.date()
    found = plan(today - _A_DAY, today + _A_DAY, desk.at)
    last = today + timedelta(days=within)
    ends = [each for each in by_end(found.promotions) if each.ends_on <= last]
    left = [each for each in ends if _place(each) > (parameters.after(call) or "")]
    told = [_told(each, found.campaigns[each.campaign_id], desk) for each in left[:most]]
    return Reply(
        body=ExpiringTold(
            promotions=[each for each in told if each],
            after=_place(left[most - 1]) if len(left) > most else None,
            campaigns_left_out=found.left_out,
            register_revision=desk.at.revision,
        )
    )


def _told(promotion: Promotion, campaign: Campaign, desk: Desk) -> EndingTold | None:
    """None where nothing is left that could be used."""
    head = desk.promotion(promotion)
    ending = Ending(
        promotion=promotion,
        campaign=campaign,
        today=desk.today(promotion),
        counted=_counted(head),
        drawn=drawn_for(promotion.promotion_id),
        given=_given(promotion),
    )
    runs = head.running in ("active", "used_up", "paused")
    if not runs or _is_full(head) or not ending.is_left():
        return None
    used, share = ending.codes_used(), ending.share_used()
    return EndingTold(
        **head.model_dump(),
        campaign_id=campaign.campaign_id,
        channel=campaign.channel(),
        ends_on=promotion.ends_on,
        days_left=ending.days_left(),
        share_passed=round(ending.share_passed(), 3),
        share_used=None if share is None else round(share, 3),
        codes=CodesCounted(
            drawn=ending.drawn,
            given=ending.given,
            used=used,
            left=None if used is None else ending.drawn - used,
        ),
        could=[_could(each) for each in could(ending)],
    )


def _given(promotion: Promotion) -> int:
    found = publications_table.given(promotion.promotion_id, date.min, date.max)
    return sum(each.people + each.channels for each in found)


def _is_full(head: PromotionHead) -> bool:
    """Whether nobody may use it any more, whatever day it is."""
    return any(each.period == "ever" and each.used >= each.most for each in head.counters)


def _counted(head: PromotionHead) -> tuple[Counted, ...]:
    """Those that count for ever: what a day or a week allows comes back, and what was earned is
    nothing that was used."""
    return tuple(
        Counted(used=each.used, most=each.most, is_budget=each.scope == "budget")
        for each in head.counters
        if each.period == "ever" and each.scope != "revenue_goal"
    )


def _could(said: Could) -> CouldTold:
    rows = dict(map(rows_of_entry, said.becomes))
    return CouldTold(do=said.do, says=said.says, rows=rows or None)


def _within(call: Call) -> int:
    text = call.query.get("within", str(_USUAL))
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and int(text) <= _MOST):
        raise Invalid("within", f"must be a whole number of days from 0 to {_MOST}")
    return int(text)


def _place(promotion: Promotion) -> str:
    return f"{promotion.ends_on}/{promotion.promotion_id}"
