"""What is told of campaigns, promotions, codes and their switches, field by field."""

from collections.abc import Mapping
from typing import Literal

from vouchsafe.pure.asking import Said
from vouchsafe.pure.channel import State as ChannelState
from vouchsafe.pure.register import LimitPeriod, LimitScope, Status
from vouchsafe.pure.running import Running

from .words import At, RevisionTold, Why


class SwitchAsked(Said):
    """Why a promotion is switched on or off."""

    why: Why


class CampaignHead(Said):
    """A campaign in the columns of its row."""

    row: Mapping[str, str]


class CampaignsTold(Said):
    """A page by id; `after` asks for the next one."""

    campaigns: list[CampaignHead]
    after: str | None
    register_revision: int


class CounterTold(Said):
    """What is used of a limit that all share, holds included; of a budget minor units."""

    scope: LimitScope | Literal["budget", "revenue_goal"]
    period: LimitPeriod
    used: int
    most: int


class PromotionHead(Said):
    """A promotion in the columns of its row, whether it runs, and what is used of its limits."""

    promotion_id: str
    running: Running
    row: Mapping[str, str]
    counters: list[CounterTold]


class CampaignTold(Said):
    """A campaign, its promotions, and what it said before."""

    campaign_id: str
    row: Mapping[str, str]
    promotions: list[PromotionHead]
    history: list[RevisionTold]
    register_revision: int


class PromotionTold(PromotionHead):
    """A promotion with what it said before, the newest first."""

    history: list[RevisionTold]
    register_revision: int


class CodeTold(Said):
    """A code, whether any of its promotions runs, and what it stood for before."""

    code: str
    canonical: str
    running: Running
    promotions: list[PromotionHead]
    history: list[RevisionTold]
    register_revision: int


class FoundTold(Said):
    """What became of a switch at an account, or at one discount there (`discount_id`).

    `before` is how the discount was set, in the platform's own form; `status` is the promotion's
    when it was looked at, at `at`.
    """

    register_revision: int
    platform: str
    account: str
    state: ChannelState
    why: str
    discount_id: str
    name: str
    codes: list[str]
    before: str
    status: str
    at: At
    happening_id: str


class ChannelsTold(Said):
    """A page by switch, the newest first; `after` asks for the next one. What is not there yet
    comes within minutes."""

    promotion_id: str
    status: Status
    found: list[FoundTold]
    after: str | None
