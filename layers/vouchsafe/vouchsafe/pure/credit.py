"""Credit: what one redemption says of campaigns and channels, and the sums that follow from it.

The sums (Insight) are never a truth of their own: at any time they are `recount` of all credits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

from vouchsafe.pure.facts import OrderKey, joined
from vouchsafe.pure.money import split
from vouchsafe.pure.redemption import COUNTS, State

Model = Literal["first", "last", "linear", "time_decay", "position"]
MODELS: tuple[Model, ...] = get_args(Model)
InfluenceClass = Literal["caused", "assisted", "found_at_checkout", "leaked", "unknown"]
INFLUENCE_CLASSES: tuple[InfluenceClass, ...] = get_args(InfluenceClass)
_BY_MODEL = (*(f"{model}_revenue_minor" for model in MODELS), *(f"{m}_millionths" for m in MODELS))

# One redemption, in the unit in which models share it out.
WHOLE_MILLIONTHS = 1_000_000
DIRECT = "(direct)"
UNKNOWN = "(unknown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a channel and campaign get of one redemption, by model in the order of MODELS.

    `own` is whether it goes to contacts of the redeemed code or of its campaigns. Over the shares
    of a credit each model's `minor` adds up to the revenue, its `millionths` to one redemption.
    """

    channel: str
    campaign: str | None
    own: bool
    minor: tuple[int, ...]
    millionths: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The verdict on one redemption, or an unmapped discount (no code, no class, no shares).

    Money in minor units of `currency`. `low_value`: the code stands for nothing, it only closed
    the order. `campaigns` share the redemption; a leaked one is taken from `leaked_from` instead.
    `leads` and `leads_for`: of the order's redemptions that count, this is the first, and the
    first of those campaigns, so that it carries the order; `order_kept_minor` is the revenue of
    them all. `touches_seen` rises with what is known of the person's journey.
    """

    key: OrderKey
    item_id: str
    code: str | None
    state: State
    currency: str
    business_day: date
    redeemed_at: datetime
    facts_seen: int
    register_revision: int
    discount_minor: int
    returned_minor: int = 0
    revenue_minor: int = 0
    no_effect: bool = False
    was_confirmed: bool = False
    touches_seen: int = 0
    influence_class: InfluenceClass | None = None
    evidence: tuple[str, ...] = ()
    low_value: bool = False
    campaigns: tuple[str, ...] = ()
    leaked_from: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    leads: bool = False
    leads_for: tuple[str, ...] = ()
    order_kept_minor: int = 0

    def counts(self) -> bool:
        """Whether attribution and the books see it: confirmed, and not taken back."""
        return self.state in COUNTS


class RowKey(NamedTuple):
    """A row of Insight: what it is about, and which part of that."""

    pk: str
    sk: str


Row = dict[str, int]
Counters = dict[RowKey, Row]


def contribution(credit: Credit) -> Counters:
    """What one credit adds to Insight, by row and counter; zeros are left out."""
    sums: Counters = {}
    if credit.code is None:
        _add(sums, unmapped_row(credit), _as_unmapped(credit))
    else:
        _add(sums, code_row(credit), _as_code(credit))
        _add(sums, day_row(credit), _as_day(credit))
        _add_campaigns(sums, credit)
        for share in credit.shares:
            row = _by_model(share)
            _add(sums, channel_row(credit, share.channel), row)
            if share.campaign is not None:
                _add(sums, campaign_row(credit, share.campaign), row)
            if share.own:
                _add(sums, code_row(credit), row)
    return bare(sums)


def recount(held: Iterable[Credit]) -> Counters:
    """What Insight must say, from nothing but the credits."""
    return total(contribution(credit) for credit in held)


def total(parts: Iterable[Counters]) -> Counters:
    """The sum of several contributions, without zeros."""
    sums: Counters = {}
    for part in parts:
        for key, row in part.items():
            _add(sums, key, row)
    return bare(sums)


def difference(new: Counters, old: Counters) -> Counters:
    """What has to be added to come from the old to the new."""
    return total((new, {key: {name: -n for name, n in row.items()} for key, row in old.items()}))


def bare(sums: Mapping[RowKey, Row]) -> Counters:
    """The same without zeros: a row of zeros equals no row."""
    rows = ((key, {name: n for name, n in row.items() if n}) for key, row in sums.items())
    return {key: row for key, row in rows if row}


def code_row(credit: Credit) -> RowKey:
    """The row of its code on its day."""
    return RowKey(joined(("code", credit.code or "")), _day(credit))


def campaign_row(credit: Credit, campaign: str) -> RowKey:
    """The row of a campaign on its day."""
    return RowKey(joined(("campaign", campaign)), _day(credit))


def channel_row(credit: Credit, channel: str) -> RowKey:
    """The row of a channel on its day."""
    return RowKey(joined(("channel", channel)), _day(credit))


def day_row(credit: Credit) -> RowKey:
    """The row of its account within its day."""
    place = (credit.key.platform, credit.key.account, credit.currency)
    return RowKey(joined(("day", credit.business_day.isoformat())), joined(place))


def unmapped_row(credit: Credit) -> RowKey:
    """The row of its account's unmapped discounts on its day."""
    return RowKey(joined(("unmapped", credit.key.platform, credit.key.account)), _day(credit))


def _day(credit: Credit) -> str:
    return f"{credit.business_day.isoformat()}#{credit.currency}"


def _as_unmapped(credit: Credit) -> Row:
    row = _standing(credit)
    if credit.counts():
        row |= {"discount_minor": credit.discount_minor, "returned_minor": credit.returned_minor}
    return row


def _as_code(credit: Credit) -> Row:
    """A code stands once on an order, so that each of its redemptions is an order."""
    row = _standing(credit)
    if credit.counts():
        row |= _seen(credit) | _money(credit) | {"campaign_credits": len(credit.campaigns)}
        row |= {"orders": 1, "influenced_minor": credit.order_kept_minor}
    return row


def _as_day(credit: Credit) -> Row:
    row = _standing(credit)
    if credit.counts():
        row |= _seen(credit) | _money(credit) | {"campaign_credits": len(credit.campaigns)}
    if credit.leads:
        row |= {"orders": 1, "influenced_minor": credit.order_kept_minor}
    return row


def _add_campaigns(sums: Counters, credit: Credit) -> None:
    """One credit for each campaign, the money split; a leaked redemption is shown apart."""
    parts = _split_money(credit, len(credit.campaigns))
    for campaign, money in zip(credit.campaigns, parts, strict=True):
        row = _standing(credit) | {"rolled_back_minor": money.get("rolled_back_minor", 0)}
        if credit.counts():
            row |= _seen(credit) | money | {"campaign_credits": 1}
        if campaign in credit.leads_for:
            row |= {"orders": 1, "influenced_minor": credit.order_kept_minor}
        _add(sums, campaign_row(credit, campaign), row)
    if credit.counts():
        for campaign in credit.leaked_from:
            leak = {"leaked": 1, "leaked_minor": credit.discount_minor}
            _add(sums, campaign_row(credit, campaign), leak)


def _split_money(credit: Credit, parts: int) -> list[Row]:
    if not parts:
        return []
    equally = [1] * parts
    amounts = {**_money(credit), "rolled_back_minor": _rolled_back_minor(credit)}
    split_up = {name: split(amount, equally) for name, amount in amounts.items()}
    return [{name: shares[at] for name, shares in split_up.items()} for at in range(parts)]


def _standing(credit: Credit) -> Row:
    """Its state now, and the discount that a rollback after confirmation took back."""
    return {credit.state: 1, "rolled_back_minor": _rolled_back_minor(credit)}


def _rolled_back_minor(credit: Credit) -> int:
    back = credit.state == "rolled_back" and credit.was_confirmed
    return credit.discount_minor if back else 0


def _seen(credit: Credit) -> Row:
    return {"no_effect": int(credit.no_effect), credit.influence_class or "unknown": 1}


def _money(credit: Credit) -> Row:
    return {
        "discount_minor": credit.discount_minor,
        "returned_minor": credit.returned_minor,
        "revenue_minor": credit.revenue_minor,
    }


def _by_model(share: Share) -> Row:
    return dict(zip(_BY_MODEL, (*share.minor, *share.millionths), strict=True))


def _add(sums: Counters, key: RowKey, row: Row) -> None:
    held = sums.setdefault(key, {})
    for name, amount in row.items():
        held[name] = held.get(name, 0) + amount
