"""A person's journey to an order: the contacts before it, and what each of them stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vouchsafe.pure.credit import DIRECT, UNKNOWN
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Campaign, Promotion, Register, promotions_of
from vouchsafe.pure.touchpoint import Touchpoint

LOOK_BACK_DAYS = 30  # where no campaign says otherwise
# Bounds on what one credit can touch, so that its counters fit one transaction of 100 items: of
# a longer journey the first contact and the newest ones stand for all.
MOST_CONTACTS = 36
MOST_CAMPAIGNS = 5

_REACHES = frozenset({"publication", "click", "email_click"})


@dataclass(frozen=True, slots=True)
class Stand:
    """A channel, and the campaign within it where one is known."""

    channel: str
    campaign: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One step of a journey. The redeemed code itself has no `touchpoint_id`.

    `own`: of the redeemed code or its campaigns. `low_value`: it carries a code that stands for
    nothing. `direct`: a visit from nowhere.
    """

    at: datetime
    stands: tuple[Stand, ...]
    touchpoint_id: str | None = None
    own: bool = False
    low_value: bool = False
    direct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What the register says of a redeemed code on its day. No campaigns: none ran."""

    code: str
    campaigns: tuple[Campaign, ...]
    generic: bool

    def look_back(self) -> timedelta:
        """How far back contacts earn credit: the widest of its campaigns' windows."""
        days = max((each.look_back_days for each in self.campaigns), default=LOOK_BACK_DAYS)
        return timedelta(days=days)

    def itself(self, touch: Touchpoint) -> bool:
        """Whether the code itself was given to the person, or clicked by them.

        A publication that names the campaign and no code gave the campaign's codes.
        """
        if touch.code is None:
            return touch.kind == "publication" and any(
                self._of(touch, each) for each in self.campaigns
            )
        return touch.kind in _REACHES and touch.code == self.code

    def met(self, touch: Touchpoint) -> tuple[Campaign, ...]:
        """Those of its campaigns that the contact belongs to."""
        if touch.kind == "sighting":
            return ()
        if touch.campaign_id is None and touch.code == self.code:
            return self.campaigns
        return tuple(each for each in self.campaigns if self._of(touch, each))

    def _of(self, touch: Touchpoint, campaign: Campaign) -> bool:
        if touch.campaign_id is not None:
            return touch.campaign_id == campaign.campaign_id
        told = (touch.utm_source, touch.utm_medium, touch.utm_campaign)
        return bool(touch.utm_campaign) and told == (
            campaign.utm_source,
            campaign.utm_medium,
            campaign.utm_campaign,
        )


def voucher(redemption: Redemption, register: Register) -> Voucher:
    """The redeemed code as its promotions and campaigns stood on the business day."""
    day = redemption.business_day
    known = (register.promotion(each) for each in redemption.promotions)
    ran = [each for each in known if each and each.runs_on(day)]
    found = {each.campaign_id: register.campaign(each.campaign_id) for each in ran}
    campaigns = [each for _, each in sorted(found.items()) if each and each.runs_on(day)]
    return Voucher(
        code=redemption.code,
        campaigns=tuple(campaigns[:MOST_CAMPAIGNS]),
        generic=any(each.generic for each in ran),
    )


def contacts(
    touches: Iterable[Touchpoint], voucher: Voucher, register: Register, *, worthless: bool
) -> list[Contact]:
    """The touches as contacts. `worthless`: the redeemed code stands for nothing."""
    return [_contact(each, voucher, register, worthless=worthless) for each in touches]


def fair(journey: Sequence[Contact], closed_at: datetime) -> list[Contact]:
    """What remains of a journey to be credited: the no-steal rule (insight.md 1.2).

    Contacts of low-value codes are worth nothing beside any other; where there is no other, the
    order's origin is unknown. Direct visits are dropped if anything else is left.
    """
    worth = [each for each in journey if not each.low_value]
    if not worth:
        return [Contact(at=closed_at, stands=(Stand(UNKNOWN, None),), low_value=True)]
    left = [each for each in worth if not each.direct] or worth
    return left if len(left) <= MOST_CONTACTS else [left[0], *left[1 - MOST_CONTACTS :]]


def redeemed(voucher: Voucher, campaigns: Iterable[str], at: datetime) -> Contact:
    """The redemption as a contact of its campaigns, where no other contact of them was seen."""
    credited = frozenset(campaigns)
    stands = [_stand(each) for each in voucher.campaigns if each.campaign_id in credited]
    return Contact(at=at, stands=tuple(stands), own=True)


def _contact(
    touch: Touchpoint, voucher: Voucher, register: Register, *, worthless: bool
) -> Contact:
    stands = _stands(touch, voucher, register)
    carried = touch.code == voucher.code
    return Contact(
        at=touch.seen_at,
        stands=stands,
        touchpoint_id=touch.touchpoint_id,
        own=voucher.itself(touch) or bool(voucher.met(touch)),
        low_value=worthless if carried else _generic(touch, register),
        direct=stands == (Stand(DIRECT, None),),
    )


def _stands(touch: Touchpoint, voucher: Voucher, register: Register) -> tuple[Stand, ...]:
    """What it says itself, else its campaign's, else its code's: from the register, not a sheet."""
    campaigns = voucher.met(touch) or _campaigns(touch, register)
    own = touch.channel()
    if own != DIRECT:
        return tuple(Stand(own, each.campaign_id) for each in campaigns) or (Stand(own, None),)
    if campaigns:
        return tuple(_stand(each) for each in campaigns)
    return (Stand(DIRECT if touch.kind == "visit" else UNKNOWN, None),)


def _stand(campaign: Campaign) -> Stand:
    """A campaign without a UTM is no direct visit: its channel is not known."""
    channel = campaign.channel()
    return Stand(UNKNOWN if channel == DIRECT else channel, campaign.campaign_id)


def _campaigns(touch: Touchpoint, register: Register) -> tuple[Campaign, ...]:
    """The one campaign that a touch names, or that its code ran in when it was seen."""
    day = touch.seen_at.date()
    named = (
        [touch.campaign_id]
        if touch.campaign_id
        else [each.campaign_id for each in _promotions(touch, register) if each.runs_on(day)]
    )
    found = (register.campaign(each) for each in sorted(named))
    return next(((each,) for each in found if each), ())


def _generic(touch: Touchpoint, register: Register) -> bool:
    return any(each.generic for each in _promotions(touch, register))


def _promotions(touch: Touchpoint, register: Register) -> tuple[Promotion, ...]:
    return promotions_of(register, register.code(touch.code)) if touch.code else ()
