"""Alarms, the watches behind them, and when they escalate: versioned JSON.

streams/alarms writes what happens, api/register what people do about it, each over the version
that it has read (decision 0013).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DeleteError, PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Alarm, day_of
from vouchsafe.pure.census import Noticed
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.escalation import Escalation

_UNREGISTERED = "unregistered"
_LONGEST_SORT_KEY = 1024  # bytes, DynamoDB's own
# These say only that somebody else writes, or wrote first.
_LOST_RACES = frozenset(
    {
        "ConditionalCheckFailed",
        "ConditionalCheckFailedException",
        "TransactionConflict",
        "TransactionConflictException",
    }
)


class Stale(Unavailable):
    """Somebody else wrote one of the items since it was read: read again."""


class Key(NamedTuple):
    """Where an item lies."""

    pk: str
    sk: str


_ESCALATION = Key("setting", "escalation")


@dataclass(frozen=True, slots=True)
class Held:
    """An item as it was read."""

    version: int
    body: str


@dataclass(frozen=True, slots=True)
class Change:
    """An item to write over `version` (0: none there yet), or to take away where body is None."""

    key: Key
    version: int
    body: str | None


class AlarmItem(Model):
    """`body` is canonical JSON; `version` rises with each write of the item."""

    class Meta:
        table_name = setting("ALARMS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    body = UnicodeAttribute()


def key_of(alarm_id: str) -> Key:
    """Where an alarm lies: with the others of its business day."""
    return Key(f"day#{day_of(alarm_id).isoformat()}", f"alarm#{alarm_id}")


def of_day(day: date) -> list[Alarm]:
    """The alarms of a business day, by id."""
    with translated("alarms"):
        found = AlarmItem.query(f"day#{day.isoformat()}", consistent_read=True)
        return [codec.loads(Alarm, item.body) for item in found]


def alarm(alarm_id: str) -> Alarm | None:
    """One alarm."""
    found = standing(alarm_id)
    return found[0] if found else None


def standing(alarm_id: str) -> tuple[Alarm, int] | None:
    """One alarm, and the version that `put_alarm` writes over."""
    held = read([key_of(alarm_id)]).get(key_of(alarm_id))
    return (codec.loads(Alarm, held.body), held.version) if held else None


def put_alarm(said: Alarm, version: int, transaction: TransactWrite) -> None:
    """Writes an alarm over the version that was read, as a part of the transaction."""
    _save(transaction, Change(key_of(said.alarm_id), version, codec.dumps(said)))


def escalation() -> Escalation:
    """When alarms escalate; what nobody has set is as usual."""
    return _escalation(read([_ESCALATION]))


def put_escalation(said: Escalation, transaction: TransactWrite) -> None:
    """Writes the setting over its last version, as a part of the transaction."""
    _save(transaction, Change(_ESCALATION, said.version - 1, codec.dumps(said)))


def to_escalate(alarm_id: str) -> tuple[Alarm | None, Escalation]:
    """One alarm and the setting that it escalates by, in one read."""
    found = read([key_of(alarm_id), _ESCALATION])
    held = found.get(key_of(alarm_id))
    return codec.loads(Alarm, held.body) if held else None, _escalation(found)


def all_alarms() -> Iterator[Alarm]:
    """Every alarm, in no order: a scan."""
    with translated("alarms"):
        for item in AlarmItem.scan(AlarmItem.sk.startswith("alarm#"), consistent_read=True):
            yield codec.loads(Alarm, item.body)


def unregistered_key(subject: str) -> Key:
    """Where it is kept that orders bear what the register did not know."""
    fits = len(subject.encode()) <= _LONGEST_SORT_KEY
    return Key(_UNREGISTERED, subject if fits else sha256(subject.encode()).hexdigest())


def unregistered(after: str | None, most: int) -> tuple[list[Noticed], str | None]:
    """What orders bore that the register did not know, and what to go on after, if there is more.

    It may know them by now.
    """
    condition = AlarmItem.sk > after if after else None
    with translated("alarms"):
        found = list(AlarmItem.query(_UNREGISTERED, condition, consistent_read=True, limit=most))
    more = found[-1].sk if len(found) == most else None
    return [codec.loads(Noticed, item.body) for item in found], more


def unregistered_of(subjects: Iterable[str]) -> dict[str, Noticed]:
    """Of these what is kept."""
    held = read(unregistered_key(each) for each in subjects).values()
    found = (codec.loads(Noticed, each.body) for each in held)
    return {each.subject: each for each in found}


def read(keys: Iterable[Key]) -> dict[Key, Held]:
    """The items that are there, read consistently, a hundred in a call."""
    with translated("alarms"):
        found = AlarmItem.batch_get(sorted(set(keys)), consistent_read=True)
        return {Key(item.pk, item.sk): _held(item) for item in found}


def up_to(last: Key, first: str, most: int) -> list[tuple[Key, Held]]:
    """A partition's items from `last` down to the sort key `first`, both included."""
    return _range(last.pk, AlarmItem.sk.between(first, last.sk), most, forward=False)


def after(key: Key, most: int) -> list[tuple[Key, Held]]:
    """The items that follow in the key's partition."""
    return _range(key.pk, AlarmItem.sk > key.sk, most, forward=True)


def write(changes: Sequence[Change]) -> None:
    """Writes all of it or nothing: one conditional put, or one transaction.

    Raises Stale where an item has changed since it was read, and Unavailable where the outcome
    is unknown: reading again then tells.
    """
    if len(changes) == 1:
        _write_one(changes[0])
    elif changes:
        _write_all(changes)


def _escalation(found: Mapping[Key, Held]) -> Escalation:
    held = found.get(_ESCALATION)
    return codec.loads(Escalation, held.body) if held else Escalation()


def _range(pk: str, condition: Condition, most: int, *, forward: bool) -> list[tuple[Key, Held]]:
    with translated("alarms"):
        found = AlarmItem.query(
            pk, condition, consistent_read=True, scan_index_forward=forward, limit=most
        )
        return [(Key(item.pk, item.sk), _held(item)) for item in found]


def _held(item: AlarmItem) -> Held:
    return Held(int(item.version), item.body)


def _write_one(change: Change) -> None:
    item, condition = _item(change), _condition(change)
    with translated("alarms"):
        try:
            if change.body is None:
                item.delete(condition, add_version_condition=False)
            else:
                item.save(condition, add_version_condition=False)
        except (PutError, DeleteError) as error:
            if code_of(error) in _LOST_RACES:
                raise Stale("alarms: written by another") from error
            raise


def _write_all(changes: Sequence[Change]) -> None:
    with translated("alarms"):
        try:
            with TransactWrite(connection=_connection()) as transaction:
                for change in changes:
                    _add(transaction, change)
        except TransactWriteError as error:
            if _lost_race(error):
                raise Stale("alarms: written by another") from error
            raise


@cache
def _connection() -> Connection:
    return Connection()


def _add(transaction: TransactWrite, change: Change) -> None:
    if change.body is None:
        transaction.delete(_item(change), _condition(change), add_version_condition=False)
    else:
        _save(transaction, change)


def _save(transaction: TransactWrite, change: Change) -> None:
    transaction.save(_item(change), _condition(change))


def _item(change: Change) -> AlarmItem:
    return AlarmItem(
        change.key.pk, change.key.sk, version=change.version + 1, body=change.body or ""
    )


def _condition(change: Change) -> Condition:
    if change.version:
        return AlarmItem.version == change.version
    return AlarmItem.pk.does_not_exist()


def _lost_race(error: TransactWriteError) -> bool:
    reasons = [reason.code for reason in error.cancellation_reasons if reason is not None]
    return bool(reasons) and all(code in _LOST_RACES for code in reasons)
