"""Releases: what goes out when and to whom, what crosses, what is too much, and when nothing is.

A release is what a campaign brings on one day through its channel to one audience; several
promotions that it begins with then are one. How many are too many an admin sets.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal

from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.register import Audience, Campaign, Promotion

Rule = Literal["overlap", "over_mailing", "gap", "peak_missed"]
Together = Literal["stack", "compete"]

# What that means for those whom both reach.
HOW: Mapping[Together, str] = {
    "stack": "their codes stack, and one order may get both",
    "compete": "their codes compete, and an order gets one of them",
}

_A_WEEK = timedelta(days=7)
_A_DAY = timedelta(days=1)
_MOST_PEAKS = 50
# The longest that an answer may be, and of how many pairs; who has more looks at fewer days.
MOST_TOLD = 200
_MOST_CROSSED = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Days of every year on which people buy, as month and day; it may pass the year's end."""

    name: str
    starts: str
    ends: str

    def windows(self, first: date, last: date) -> Iterator[tuple[date, date]]:
        """When it is, of the years that a period meets, its two days included."""
        for year in range(first.year - 1, last.year + 1):
            starts = _on(year, self.starts)
            ends = _on(year if self.starts <= self.ends else year + 1, self.ends)
            if starts <= last and first <= ends:
                yield starts, ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Fatigue:
    """How many releases may reach one audience or go out by one channel, on a day and in any seven
    days in a row; None asks nothing. `strict`: what is too much is an error before approval, else
    it is advice; `strict_overlaps` is the same for promotions that cross. `version` counts the
    changes of the setting."""

    audience_a_day: int | None = None
    audience_a_week: int | None = None
    channel_a_day: int | None = None
    channel_a_week: int | None = None
    peaks: tuple[Peak, ...] = ()
    strict: bool = False
    strict_overlaps: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """How often a promotion's codes were given out on a day (UTC), withdrawn ones left out."""

    promotion_id: str
    day: date
    people: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Promotions whose windows meet a period, and their campaigns by id. `given` is what was given
    out of them by now. `left_out` are campaigns beyond the most that are looked at."""

    promotions: tuple[Promotion, ...]
    campaigns: Mapping[str, Campaign]
    given: tuple[Given, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a campaign brings on one day to one audience. `planned`: a promotion begins then;
    `people` and `channels` are how often codes were given out on that day."""

    day: date
    campaign_id: str
    channel: str
    audience: Audience
    promotions: tuple[str, ...]
    planned: bool = True
    people: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to look at, the days that it is about, and the promotions that it comes of."""

    rule: Rule
    starts_on: date
    ends_on: date
    promotions: tuple[str, ...]
    says: str
    together: Together | None = None


def check(fatigue: Fatigue) -> None:
    """Raises Invalid for a setting that cannot be kept."""
    if len(fatigue.peaks) > _MOST_PEAKS:
        raise Invalid("peaks", f"must be at most {_MOST_PEAKS}")
    for at, peak in enumerate(fatigue.peaks):
        for field, text in (("starts", peak.starts), ("ends", peak.ends)):
            if not _is_day(text):
                raise Invalid(f"peaks[{at}].{field}", "must be a month and a day, such as 11-27")


def releases_of(plan: Plan) -> list[Release]:
    """What goes out, by day: what begins then and is not off, and what was given out."""
    found: dict[tuple[date, str, Audience], list[_Part]] = defaultdict(list)
    for day, promotion, part in _parts(plan):
        found[day, promotion.campaign_id, promotion.audience].append(part)
    return sorted(
        (
            Release(
                day=day,
                campaign_id=campaign_id,
                channel=plan.campaigns[campaign_id].channel(),
                audience=audience,
                promotions=tuple(sorted({each.promotion_id for each in parts})),
                planned=any(each.planned for each in parts),
                people=sum(each.people for each in parts),
                channels=sum(each.channels for each in parts),
            )
            for (day, campaign_id, audience), parts in found.items()
            if campaign_id in plan.campaigns
        ),
        key=lambda each: (each.day, each.campaign_id, each.promotions),
    )


def overlaps(
    promotions: Iterable[Promotion], of: Collection[str] | None = None
) -> Iterator[Remark]:
    """Promotions that the same customer could use at the same place on the same day, in pairs, by
    when that begins; of a pair one at least is among `of`."""
    running: list[Promotion] = []
    active = (each for each in promotions if each.status == "active")
    for each in sorted(active, key=lambda one: (one.starts_on, one.promotion_id)):
        running = [other for other in running if other.ends_on >= each.starts_on]
        for other in running:
            named = of is None or each.promotion_id in of or other.promotion_id in of
            if named and _cross(other, each):
                yield _overlap(other, each)
        running.append(each)


def over_mailed(releases: Sequence[Release], fatigue: Fatigue) -> Iterator[Remark]:
    """Days and weeks in which too many releases reach one audience or go out by one channel."""
    by_audience = {
        f"who is {audience_text(one)}": [each for each in releases if _reaches(each.audience, one)]
        for one in dict.fromkeys(each.audience for each in releases)
    }
    by_channel: dict[str, list[Release]] = defaultdict(list)
    for each in releases:
        by_channel[f"the channel {each.channel}"].append(each)
    for groups, a_day, a_week in (
        (by_audience, fatigue.audience_a_day, fatigue.audience_a_week),
        (by_channel, fatigue.channel_a_day, fatigue.channel_a_week),
    ):
        for name, reached in groups.items():
            yield from _too_many(name, reached, _A_DAY, a_day)
            yield from _too_many(name, reached, _A_WEEK, a_week)


def crossings(
    plan: Plan,
    fatigue: Fatigue,
    first: date,
    last: date,
    of: Collection[str] | None = None,
) -> list[Remark]:
    """What crosses and what is too much in a period, by day. Releases count from `looked_from` on,
    so that a week that has begun before it is whole."""
    since = looked_from(first)
    releases = [each for each in releases_of(plan) if since <= each.day <= last]
    crossed = islice(overlaps(plan.promotions, of), _MOST_CROSSED)
    found = [*crossed, *over_mailed(releases, fatigue)]
    met = [each for each in found if each.starts_on <= last and first <= each.ends_on]
    return sorted(met, key=lambda each: (each.starts_on, each.rule, each.promotions))


def looked_from(first: date) -> date:
    """The first day of which releases have to be known to judge a period."""
    return first - _A_WEEK + _A_DAY


def gaps(promotions: Iterable[Promotion], first: date, last: date) -> Iterator[Remark]:
    """Days of a period, both included, on which nothing runs."""
    for starts, ends in _uncovered(promotions, first, last):
        yield Remark(
            rule="gap", starts_on=starts, ends_on=ends, promotions=(), says="Nothing runs then."
        )


def peaks_missed(
    promotions: Sequence[Promotion], peaks: Iterable[Peak], first: date, last: date
) -> Iterator[Remark]:
    """Peaks of a period on some day of which nothing runs."""
    for peak in peaks:
        for starts, ends in peak.windows(first, last):
            for gone, until in _uncovered(promotions, max(starts, first), min(ends, last)):
                says = f"Nothing runs then, and it is {peak.name}, {starts} to {ends}."
                yield Remark(
                    rule="peak_missed", starts_on=gone, ends_on=until, promotions=(), says=says
                )


def audience_text(audience: Audience) -> str:
    """As a row of the register says it."""
    which = audience.segment_id or (str(audience.days) if audience.kind == "silent" else "")
    return f"{audience.kind}:{which}" if which else audience.kind


def meets(one: Audience, other: Audience) -> bool:
    """Whether somebody may be in both, as far as their names tell: who is new has not been silent,
    and of two segments nobody knows."""
    kinds = {one.kind, other.kind}
    return one == other or "anyone" in kinds or kinds in ({"returning", "silent"}, {"silent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one promotion adds to a release."""

    promotion_id: str
    planned: bool = False
    people: int = 0
    channels: int = 0


def _parts(plan: Plan) -> Iterator[tuple[date, Promotion, _Part]]:
    for each in plan.promotions:
        if each.status == "active":
            yield each.starts_on, each, _Part(promotion_id=each.promotion_id, planned=True)
    by_id = {each.promotion_id: each for each in plan.promotions}
    for given in plan.given:
        promotion = by_id.get(given.promotion_id)
        if promotion and given.people + given.channels:
            part = _Part(
                promotion_id=given.promotion_id, people=given.people, channels=given.channels
            )
            yield given.day, promotion, part


def _reaches(audience: Audience, one: Audience) -> bool:
    """Whether what goes to an audience reaches everybody in another."""
    return audience == one or audience.kind == "anyone" or _includes(audience, one)


def _includes(audience: Audience, one: Audience) -> bool:
    if one.kind != "silent":
        return False
    return audience.kind == "returning" or (audience.kind == "silent" and audience.days <= one.days)


def _cross(one: Promotion, other: Promotion) -> bool:
    here = not one.places or not other.places or bool(one.places & other.places)
    then = not one.weekdays or not other.weekdays or bool(one.weekdays & other.weekdays)
    money = not one.currency or not other.currency or one.currency == other.currency
    return here and then and money and meets(one.audience, other.audience)


def _overlap(one: Promotion, other: Promotion) -> Remark:
    stack = one.stacking == other.stacking == "combinable"
    together: Together = "stack" if stack else "compete"
    return Remark(
        rule="overlap",
        starts_on=max(one.starts_on, other.starts_on),
        ends_on=min(one.ends_on, other.ends_on),
        promotions=(one.promotion_id, other.promotion_id),
        says=f"{one.promotion_id} and {other.promotion_id}: {HOW[together]}.",
        together=together,
    )


def _too_many(
    name: str, reached: Sequence[Release], span: timedelta, most: int | None
) -> Iterator[Remark]:
    """The first days of too much, and after those that it is about the next."""
    at = 0
    while most is not None and at < len(reached):
        ends = reached[at].day + span - _A_DAY
        met = [each for each in reached[at:] if each.day <= ends]
        if len(met) <= most:
            at += 1
            continue
        within = "on one day" if span == _A_DAY else f"within {span.days} days"
        yield Remark(
            rule="over_mailing",
            starts_on=met[0].day,
            ends_on=met[-1].day,
            promotions=tuple(dict.fromkeys(one for each in met for one in each.promotions)),
            says=f"{len(met)} releases reach {name} {within}, and {most} are enough:"
            f" {', '.join(dict.fromkeys(each.campaign_id for each in met))}.",
        )
        at += len(met)


def _uncovered(
    promotions: Iterable[Promotion], first: date, last: date
) -> Iterator[tuple[date, date]]:
    at = first
    active = (each for each in promotions if each.status == "active")
    for each in sorted(active, key=lambda one: one.starts_on):
        if at < each.starts_on <= last:
            yield at, each.starts_on - _A_DAY
        at = max(at, each.ends_on + _A_DAY)
    if at <= last:
        yield at, last


def _is_day(text: str) -> bool:
    try:
        return _on(2024, text).strftime("%m-%d") == text
    except ValueError:
        return False


def _on(year: int, text: str) -> date:
    """The 29th of February is the 28th where there is none."""
    month, _, day = text.partition("-")
    try:
        return date(year, int(month), int(day))
    except ValueError:
        if text != "02-29":
            raise
        return date(year, 2, 28)
