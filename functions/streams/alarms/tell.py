"""Telling what changed: the alarm stands in the table first, and remembers what was told of it."""

from datetime import datetime

from vouchsafe.edge import topic
from vouchsafe.edge.alarms_table import key_of
from vouchsafe.edge.settings import setting
from vouchsafe.pure.alarm import Alarm, due, notice, told_now
from vouchsafe.pure.happening import Name

from .book import Book, written


def tell(alarm_id: str, at: datetime) -> Name | None:
    """Publishes the notice that is due for an alarm, if one is; what it was.

    A crash before the table knows of it brings the same notice again, under the same id.
    """
    alarm = written(lambda book: book.get(Alarm, key_of(alarm_id)))
    name = due(alarm) if alarm else None
    if alarm is None or name is None:
        return None
    topic.publish(notice(alarm, name, stack=setting("STACK_NAME"), at=at))
    written(lambda book: _remember(book, alarm))
    return name


def _remember(book: Book, noticed: Alarm) -> None:
    alarm = book.get(Alarm, key_of(noticed.alarm_id))
    if alarm:
        book.put(key_of(noticed.alarm_id), told_now(alarm, noticed))
