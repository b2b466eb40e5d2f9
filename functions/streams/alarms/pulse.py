"""New orders move the shop's clock; as it moves on, spikes that have calmed are cleared."""

from collections.abc import Callable, Sequence
from datetime import datetime

from . import leaks
from .book import Book, written
from .leaks import CLOCK_KEY
from .pace import Clock, counted
from .spikes import OPEN_KEY, Open


def beat(
    instants: Sequence[datetime], batch: str, now: datetime, tell: Callable[[str], None]
) -> None:
    """Counts new orders, once for each batch, in one read and one write, and has cleared alarms
    told; a code is looked at until its all-clear was told.

    A till whose clock runs ahead must not carry ours away: no order is placed after it arrives.
    """
    seconds = [min(each, now).timestamp() for each in instants]
    exposure, due = written(lambda book: _beaten(book, seconds, batch))
    for code in due:
        for alarm_id in sorted(_calm(code, exposure, now)):
            tell(alarm_id)
        _relist(code)


def _calm(code: str, exposure: float, now: datetime) -> set[str]:
    return written(lambda book: leaks.calm(book, code, exposure, now))


def _relist(code: str) -> None:
    written(lambda book: leaks.relist(book, code))


def _beaten(book: Book, seconds: Sequence[float], batch: str) -> tuple[float, tuple[str, ...]]:
    """The clock's exposure, and the codes to look at."""
    book.learn([CLOCK_KEY, OPEN_KEY])
    clock = counted(book.get(Clock, CLOCK_KEY), seconds, batch)
    if clock is None:
        return 0.0, ()
    book.put(CLOCK_KEY, clock)
    listed = book.get(Open, OPEN_KEY) or Open()
    return clock.exposure, listed.due(clock.exposure)
