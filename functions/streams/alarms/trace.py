"""Whether a use traces to a live campaign: the one question that finds most leaks."""

from collections.abc import Iterable
from dataclasses import dataclass

from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Campaign, Promotion, Register, promotions_of
from vouchsafe.pure.touchpoint import Touchpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a use may be traced by: the running campaigns, and whether the code is for everybody."""

    code: str
    campaigns: tuple[Campaign, ...]
    public: bool

    def campaign_ids(self) -> frozenset[str]:
        """The ids of the running campaigns."""
        return frozenset(each.campaign_id for each in self.campaigns)


def lead_of(redemption: Redemption, register: Register) -> Lead:
    """The campaigns of the code that run on the business day, through a promotion that runs too."""
    day = redemption.business_day
    known = promotions_of(register, register.code(redemption.code))
    running = [each for each in known if each.runs_on(day)]
    campaigns = [
        campaign
        for campaign in _campaigns(running, register)
        if campaign is not None and campaign.runs_on(day)
    ]
    public = bool(running) and all(each.generic for each in running)
    return Lead(code=redemption.code, campaigns=tuple(campaigns), public=public)


def leads_to(lead: Lead, touchpoints: Iterable[Touchpoint]) -> bool:
    """Whether one of a person's touchpoints leads to the code or its running campaigns.

    A sighting is somebody's report of where the code hangs out; it was given to nobody.
    """
    return any(each.kind != "sighting" and _is_of(lead, each) for each in touchpoints)


def planned_a_day(lead: Lead) -> float:
    """The uses a day that the running campaigns plan for each of their codes; 0: no plan."""
    return max((each.planned_uses_a_day for each in lead.campaigns), default=0.0)


def _campaigns(promotions: Iterable[Promotion], register: Register) -> list[Campaign | None]:
    ids = dict.fromkeys(each.campaign_id for each in promotions)
    return [register.campaign(campaign_id) for campaign_id in ids]


def _is_of(lead: Lead, touchpoint: Touchpoint) -> bool:
    if touchpoint.code is not None:
        return touchpoint.code == lead.code
    if touchpoint.campaign_id is not None:
        return touchpoint.campaign_id in lead.campaign_ids()
    said = (touchpoint.utm_source, touchpoint.utm_medium, touchpoint.utm_campaign)
    return bool(touchpoint.utm_campaign) and any(
        said == (each.utm_source, each.utm_medium, each.utm_campaign) for each in lead.campaigns
    )
