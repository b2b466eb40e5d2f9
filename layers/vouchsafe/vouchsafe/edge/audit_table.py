"""The audit log in DynamoDB: one chain of entries, and for each subject the numbers of its own.

An entry comes in one transaction with what it tells of, or not at all. Two writers that follow the
same entry cannot both have its place: the second looks at the chain's end again.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge import journal
from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.audit import AuditEntry, Deed, chained
from vouchsafe.pure.errors import Conflict, Unavailable
from vouchsafe.pure.facts import joined

_CHAIN = "chain"
# Of several writers one comes in at a time, and the others look again: about six seconds in all.
_TRIES = 20
_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 0.8
_LOST_RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict"})

# Adds what else must be written to the transaction.
Also = Callable[[TransactWrite], None]


class AuditItem(Model):
    """An entry of the chain (`body`), or under a subject that there is one of that number."""

    class Meta:
        table_name = setting("AUDIT_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute(null=True)


def append(deed: Deed, also: Also | None = None) -> AuditEntry:
    """Keeps a deed, and what else is in its transaction: all of it or nothing.

    Raises Conflict where the chain had room and something else of the transaction was refused;
    Unavailable where others were faster all along, or the outcome is unknown.
    """
    for attempt in range(_TRIES):
        entry = chained(deed, last())
        if _kept(entry, also):
            journal.say("audit entry", number=entry.number, digest=entry.digest)
            return entry
        time.sleep(random.uniform(0, min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt)))  # noqa: S311
    raise Unavailable("audit: others are writing at the same time")


def last() -> AuditEntry | None:
    """The chain's end."""
    found = newest(None, 1)
    return found[0] if found else None


def newest(before: int | None, most: int) -> list[AuditEntry]:
    """Entries from the newest down, or from the one before that number."""
    condition = AuditItem.sk < _place(before) if before is not None else None
    with translated("audit"):
        found = AuditItem.query(
            _CHAIN, condition, scan_index_forward=False, limit=most, consistent_read=True
        )
        return [_entry(item) for item in found]


def oldest() -> Iterator[AuditEntry]:
    """The whole chain from its beginning."""
    with translated("audit"):
        for item in AuditItem.query(_CHAIN, consistent_read=True):
            yield _entry(item)


def newest_of(subject: str, before: int | None, most: int) -> list[AuditEntry]:
    """A subject's entries from the newest down, or from the one before that number."""
    condition = AuditItem.sk < _place(before) if before is not None else None
    with translated("audit"):
        named = AuditItem.query(
            _shelf(subject), condition, scan_index_forward=False, limit=most, consistent_read=True
        )
        places = [(_CHAIN, item.sk) for item in named]
        found = AuditItem.batch_get(places, consistent_read=True)
        entries = [_entry(item) for item in found]
    return sorted(entries, key=lambda entry: -entry.number)


def _kept(entry: AuditEntry, also: Also | None) -> bool:
    """False where another has the place, or writes at the same time."""
    with translated("audit"):
        try:
            with TransactWrite(connection=_connection()) as transaction:
                for item in _items(entry):
                    transaction.save(item, AuditItem.pk.does_not_exist())
                if also:
                    also(transaction)
        except TransactWriteError as error:
            reasons = [reason.code if reason else None for reason in error.cancellation_reasons]
            lost = {each for each in reasons if each not in (None, "None")}
            if not lost or not lost <= _LOST_RACES:
                raise
            if reasons[0] != "ConditionalCheckFailed" and "ConditionalCheckFailed" in lost:
                raise Conflict("it was changed by another: look at it again") from error
            return False
    return True


def _items(entry: AuditEntry) -> Iterable[AuditItem]:
    yield AuditItem(_CHAIN, _place(entry.number), body=codec.dumps(entry))
    for subject in dict.fromkeys(entry.deed.subjects):
        yield AuditItem(_shelf(subject), _place(entry.number))


@cache
def _connection() -> Connection:
    return Connection()


def _entry(item: AuditItem) -> AuditEntry:
    return codec.loads(AuditEntry, item.body or "")


def _shelf(subject: str) -> str:
    return joined(("subject", subject))


def _place(number: int) -> str:
    return f"{number:012d}"
