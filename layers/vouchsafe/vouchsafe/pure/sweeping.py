"""Which window a sweep lists next, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# Vendors stamp an update before it shows in their listings, and page numbers shift while orders
# change: each window begins a little before the last one ended. A repeat adds nothing.
OVERLAP = timedelta(minutes=10)
# The first sweep of a new account looks back this far; more is a backfill by hand.
FIRST_REACH = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A listing of `[start, end)`, as far as it has come. `found`: facts the webhooks missed."""

    start: datetime
    end: datetime
    cursor: str | None = None
    done: bool = False
    pages: int = 0
    listed: int = 0
    found: int = 0
    unreadable: int = 0

    def with_page(self, cursor: str | None, listed: int, found: int, unreadable: int) -> "Progress":
        """One page further."""
        return replace(
            self,
            cursor=cursor,
            done=cursor is None,
            pages=self.pages + 1,
            listed=self.listed + listed,
            found=self.found + found,
            unreadable=self.unreadable + unreadable,
        )


def is_first(progress: Progress) -> bool:
    """Whether it reaches back to before the account was connected."""
    return progress.end - progress.start == FIRST_REACH


def next_window(last: Progress | None, now: datetime) -> Progress:
    """The sweep to run now: the one that was cut short, else the span since the last one."""
    if last and not last.done:
        return last
    start = last.end - OVERLAP if last else now - FIRST_REACH
    return Progress(start=start, end=now)
