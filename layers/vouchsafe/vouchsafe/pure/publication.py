"""A publication: a code that was given to a person, or put up in a channel."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from vouchsafe.pure import instant
from vouchsafe.pure.facts import joined
from vouchsafe.pure.register import channel_of
from vouchsafe.pure.release import Fatigue
from vouchsafe.pure.touchpoint import Touchpoint

_A_DAY = timedelta(days=1)
_A_WEEK = timedelta(days=7)

# What a campaign brings to one person on one day is one release, however many codes that are.
Reached = tuple[date, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """`customer` holds identity keys of one person, strongest first; without any it went to the
    channel, or to who is `forgotten`. `code` is canonical. The id sorts by time."""

    publication_id: str
    promotion_id: str
    campaign_id: str
    code: str
    at: datetime
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    customer: tuple[str, ...] = ()
    by: str = ""
    forgotten: bool = False

    def channel(self) -> str:
        """The marketing channel, as `source / medium`."""
        return channel_of(self.utm_source, self.utm_medium)

    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """The contact, under each key of the person."""
        return tuple(
            Touchpoint(
                touchpoint_id=self.publication_id,
                customer=key,
                seen_at=self.at,
                kind="publication",
                utm_source=self.utm_source,
                utm_medium=self.utm_medium,
                utm_campaign=self.utm_campaign,
                campaign_id=self.campaign_id,
                code=self.code,
            )
            for key in self.customer
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """That a publication never was: it was told by mistake."""

    at: datetime
    by: str
    why: str


def named(said: Publication) -> Publication:
    """Named by what was given to whom and when, so that a repeat is the same one."""
    at = instant.text(said.at)
    whom = said.customer[0] if said.customer else f"channel:{said.channel()}"
    what = joined((said.promotion_id, said.code, at, whom))
    return replace(said, publication_id=f"{at}-{sha256(what.encode()).hexdigest()[:24]}")


def too_many(reached: Iterable[Reached], new: Reached, fatigue: Fatigue) -> str:
    """Why one release more is too much for a person; empty where it is not. `reached` is what came
    to them within a week before and after."""
    found = {*reached, new}
    for span, most in ((_A_DAY, fatigue.audience_a_day), (_A_WEEK, fatigue.audience_a_week)):
        fullest = max(_within(found, new[0], span))
        if most is not None and fullest > most:
            within = "on one day" if span == _A_DAY else f"within {span.days} days"
            return f"would be {fullest} releases to one person {within}, and {most} are enough"
    return ""


def _within(found: set[Reached], day: date, span: timedelta) -> Iterable[int]:
    """How many lie in each stretch of that length that the day is in."""
    for back in range(span.days):
        first = day - timedelta(days=back)
        yield sum(first <= each < first + span for each, _ in found)
