"""The day that a sale belongs to: the location's zone, and the hour at which its day begins."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vouchsafe.pure.errors import Invalid


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises Invalid where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("zone", f"is not an IANA time zone: {name!r}") from error


@dataclass(frozen=True, slots=True)
class DayRule:
    """When a location's business day begins: a wall-clock time in its zone (a bar: 05:00)."""

    zone: str = "UTC"
    day_start: time = time(0)

    def day_of(self, instant: datetime) -> date:
        """The business day that the instant falls in; its window is half-open."""
        local = instant.astimezone(zone(self.zone))
        day = local.date()
        return day if instant >= self.starts(day) else day - timedelta(days=1)

    def starts(self, day: date) -> datetime:
        """The first instant of that business day, in UTC.

        A wall-clock time that a spring change skips is read with the offset before the change;
        one that an autumn change shows twice begins at its first showing.
        """
        wall = datetime.combine(day, self.day_start, tzinfo=zone(self.zone))
        return wall.replace(fold=0).astimezone(UTC)

    def window(self, first: date, last: date) -> tuple[datetime, datetime]:
        """The instants `[start, end)` of the business days first to last, both included."""
        return self.starts(first), self.starts(last + timedelta(days=1))


def parse_day(text: str) -> date:
    """An ISO date. Raises Invalid."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("day", f"is not a date such as 2026-11-20: {text!r}") from error


def parse_day_start(text: str) -> time:
    """A wall-clock time as HH:MM. Raises Invalid."""
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise Invalid("day_start", f"is not a time such as 05:00: {text!r}") from error
