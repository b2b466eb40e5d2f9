"""The evidence of term breaches: placed and withdrawn order by order, the alarm kept in step."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from vouchsafe.edge import alarms_table
from vouchsafe.edge.alarms_table import Key, key_of
from vouchsafe.pure import codec
from vouchsafe.pure.alarm import SHOWN, Alarm, Cause, Evidence, gathered, quiet

from .book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Evidence as it stands, and `by` what: several counts may accuse one order."""

    evidence: Evidence
    by: tuple[str, ...]


def evidence_key(alarm_id: str, position: str) -> Key:
    """Where one order's evidence lies."""
    return Key(f"alarm#{alarm_id}", position)


def place(book: Book, cause: Cause, evidence: Evidence, by: str, at: datetime) -> None:
    """Puts evidence down for an alarm, which opens if it was not open."""
    key = evidence_key(cause.alarm_id(), evidence.position())
    held = book.get(Placed, key)
    accusers = tuple(sorted({by, *(held.by if held else ())}))
    book.put(key, Placed(evidence=evidence, by=accusers))
    if held is None or held.evidence != evidence:
        alarm = book.get(Alarm, key_of(cause.alarm_id())) or quiet(cause, at)
        _keep(book, alarm, gone=[held.evidence] if held else [], come=[evidence], at=at)


def withdraw(book: Book, alarm_id: str, position: str, by: str, at: datetime) -> None:
    """Takes evidence back as far as `by` placed it; the alarm's last one clears it."""
    key = evidence_key(alarm_id, position)
    held = book.get(Placed, key)
    if held is None or by not in held.by:
        return
    others = tuple(each for each in held.by if each != by)
    if others:
        book.put(key, replace(held, by=others))
        return
    book.drop(key)
    alarm = book.get(Alarm, key_of(alarm_id))
    if alarm:
        _keep(book, alarm, gone=[held.evidence], come=[], at=at)


def _keep(
    book: Book, alarm: Alarm, *, gone: list[Evidence], come: list[Evidence], at: datetime
) -> None:
    shown = _shown(alarm, {each.position() for each in gone})
    changed = gathered(alarm, [*shown, *come], gone, come, at)
    book.put(key_of(alarm.alarm_id), changed)
    book.touched.add(alarm.alarm_id)


def _shown(alarm: Alarm, gone: set[str]) -> Iterable[Evidence]:
    """The earliest evidence that stays; where one of it goes and more is there, it is read."""
    kept = [each for each in alarm.evidence if each.position() not in gone]
    if alarm.orders <= SHOWN or len(kept) == len(alarm.evidence):
        return kept
    found = alarms_table.after(Key(f"alarm#{alarm.alarm_id}", " "), SHOWN + 1)
    read = [codec.loads(Placed, held.body).evidence for _, held in found]
    return [each for each in read if each.position() not in gone]
