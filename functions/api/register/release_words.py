"""What the control room is asked and answers about time: what goes out when, what ends unused."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from vouchsafe.pure.asking import Said
from vouchsafe.pure.expiring import Doing
from vouchsafe.pure.linter import Severity
from vouchsafe.pure.release import Rule

from .promotion_words import PromotionHead

Enough = Annotated[StrictInt, Field(ge=1, le=1000)]
MonthDay = Annotated[StrictStr, Field(pattern=r"^[0-9]{2}-[0-9]{2}$")]
PeakName = Annotated[StrictStr, Field(min_length=1, max_length=60)]


class PeakSaid(Said):
    """Days of every year on which people buy, such as 11-24 to 11-30, both included."""

    name: PeakName
    starts: MonthDay
    ends: MonthDay


class FatigueSaid(Said):
    """How many releases are enough for one audience and for one channel, on a day and in any seven
    days in a row; null asks nothing. With `strict` a proposal of more is held up, with
    `strict_overlaps` one that crosses another promotion."""

    audience_a_day: Enough | None = None
    audience_a_week: Enough | None = None
    channel_a_day: Enough | None = None
    channel_a_week: Enough | None = None
    peaks: tuple[PeakSaid, ...] = ()
    strict: bool = False
    strict_overlaps: bool = False


class ReleaseTold(Said):
    """What a campaign brings on one day through its channel to one audience. `planned`: a promotion
    begins then; `people` and `channels` are how often codes were given out on that day (UTC)."""

    day: date
    campaign_id: str
    channel: str
    audience: str
    promotions: list[str]
    planned: bool
    people: int
    channels: int


class WindowTold(Said):
    """A promotion on the calendar; without places it holds everywhere."""

    promotion_id: str
    campaign_id: str
    starts_on: date
    ends_on: date
    status: str
    channel: str
    audience: str
    places: list[str]
    generic: bool


class PeakTold(Said):
    """A peak of one year."""

    name: str
    starts_on: date
    ends_on: date


class RemarkTold(Said):
    """What to look at, as a proposal of those promotions would be told."""

    rule: Rule
    severity: Severity
    starts_on: date
    ends_on: date
    promotions: list[str]
    says: str


class CalendarTold(Said):
    """A period, both days included. `remarks_left_out` and `campaigns_left_out` are above 0 where
    there is more than one answer holds."""

    first: date
    last: date
    windows: list[WindowTold]
    releases: list[ReleaseTold]
    peaks: list[PeakTold]
    remarks: list[RemarkTold]
    remarks_left_out: int
    campaigns_left_out: int
    register_revision: int


class CodesCounted(Said):
    """Codes that orders have drawn; `used` where each is good for one use and the promotion's uses
    are limited, and so counted. `given` is how often codes were given out, as publications tell."""

    drawn: int
    given: int
    used: int | None
    left: int | None


class CouldTold(Said):
    """What could be done, and the rows that a proposal would say it with."""

    do: Doing
    says: str
    rows: Mapping[str, list[Mapping[str, str]]] | None


class EndingTold(PromotionHead):
    """A promotion that ends with something left: shares of its window and of what is fullest."""

    campaign_id: str
    channel: str
    ends_on: date
    days_left: int
    share_passed: float
    share_used: float | None
    codes: CodesCounted
    could: list[CouldTold]


class ExpiringTold(Said):
    """A page, the first to end first; `after` asks for the next one. `campaigns_left_out` is above
    0 where so many run that not all were looked at."""

    promotions: list[EndingTold]
    after: str | None
    campaigns_left_out: int
    register_revision: int
