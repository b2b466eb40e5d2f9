"""A stream's road: each record by itself, poison parked, only what may go better reported back."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vouchsafe.edge import journal, parking, session
from vouchsafe.pure.errors import Unavailable

Answer = dict[str, list[dict[str, str]]]
Record = Mapping[str, Any]
Handler = Callable[[Mapping[str, Any], object], Answer]


def stream(
    consumer: str, group_of: Callable[[Record], str], work: Callable[[str], None]
) -> Handler:
    """The Lambda of a reaction that needs only the names of what changed.

    Records of one group are worked once a batch. Transient faults go back to the stream, which
    brings them again; a record that breaks the work is parked, and the shard moves on.
    """
    session.ready("dynamodb")

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line(consumer, consumer=consumer) as line:
            return _worked(consumer, event["Records"], group_of, work, line)

    return handle


def sequence_of(record: Record) -> str:
    """What names a stream record to Lambda when it has to come again."""
    return str(record["dynamodb"]["SequenceNumber"])


def keys_of(record: Record) -> tuple[str, str]:
    """The record's pk and sk; the sk is empty where the table has none."""
    keys = record["dynamodb"]["Keys"]
    return keys["pk"]["S"], keys.get("sk", {}).get("S", "")


def _worked(
    consumer: str,
    records: Iterable[Record],
    group_of: Callable[[Record], str],
    work: Callable[[str], None],
    line: journal.Line,
) -> Answer:
    groups: dict[str, list[Record]] = {}
    for record in records:
        line.count("records")
        groups.setdefault(_group(consumer, record, group_of, line), []).append(record)
    groups.pop("", None)
    again: list[str] = []
    for group, held in groups.items():
        if not _done(consumer, group, held, work, line):
            again += [sequence_of(record) for record in held]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in again]}


def _group(
    consumer: str, record: Record, group_of: Callable[[Record], str], line: journal.Line
) -> str:
    try:
        return group_of(record)
    except (KeyError, TypeError, ValueError) as error:
        _park(consumer, record, error, line)
        return ""


def _done(
    consumer: str,
    group: str,
    records: list[Record],
    work: Callable[[str], None],
    line: journal.Line,
) -> bool:
    try:
        work(group)
    except Unavailable as reason:
        line.count("again")
        line.note(reason=str(reason))
        return False
    except Exception as error:
        for record in records:
            _park(consumer, record, error, line)
    return True


def _park(consumer: str, record: Record, error: Exception, line: journal.Line) -> None:
    key = parking.park_record(consumer=consumer, record=record, reason=repr(error))
    line.count("poison")
    line.note(parked=key, reason=repr(error)[:200])
