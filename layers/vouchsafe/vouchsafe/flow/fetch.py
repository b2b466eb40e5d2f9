"""A notice's road: take it from the platform's queue, get the object, read, record."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from vouchsafe.edge import clock, journal, parking, queue, secrets
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.edge.vendor_http import sender
from vouchsafe.flow.record import record
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid, Refused, Throttled, Unavailable, Unreadable
from vouchsafe.pure.facts import Fact, Notice
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.pull import Document, FetchNoticed, ReadDocument

Handler = Callable[[Mapping[str, Any], object], Answer]

_LONGEST_WAIT_S = 900


def fetch(
    platform: str,
    fetch_noticed: FetchNoticed,
    read_document: ReadDocument,
    calls_a_second: float = 10,
) -> Handler:
    """The Lambda that fetches what webhooks only named. A message that fails comes again, later
    each time, until the queue gives it to its dead letters."""

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("fetch", platform=platform) as line:

            def work(message: Message) -> bool:
                return _worked(message, fetch_noticed, read_document, calls_a_second, line)

            return queue.each(event, work)

    return handle


def take(
    documents: tuple[Document, ...],
    connection: Connection,
    read_document: ReadDocument,
    line: journal.Line,
) -> tuple[int, int]:
    """Reads and records pulled documents: (new facts, documents that were parked unread)."""
    at, identify = clock.now(), secrets.identify()
    found = parked = 0
    for document in documents:
        try:
            facts = _facts(document, connection, read_document, identify, at)
        except Unreadable as reason:
            key = parking.park_document(
                connection.platform, connection.account, document, at, str(reason)
            )
            line.count("parked_unreadable")
            line.note(parked=key, reason=str(reason))
            parked += 1
            continue
        found += record(facts)
    return found, parked


def _facts(
    document: Document,
    connection: Connection,
    read_document: ReadDocument,
    identify: Identify,
    at: datetime,
) -> tuple[Fact, ...]:
    try:
        return read_document(document, connection, identify, at)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("document", f"broke the reader: {type(error).__name__}") from error


def _worked(
    message: Message,
    fetch_noticed: FetchNoticed,
    read_document: ReadDocument,
    calls_a_second: float,
    line: journal.Line,
) -> bool:
    try:
        notice = Notice(**message.body())
        connection = secrets.connection(notice.platform, notice.account)
        send = sender(connection, calls_a_second)
        documents = fetch_noticed(send, connection, notice)
        found, _ = take(documents, connection, read_document, line)
    except Throttled as reason:
        return _again(message, reason.retry_after_s, "throttled", reason, line)
    except (Unavailable, Refused, Forged, Invalid) as reason:
        return _again(message, 5.0 * 2**message.attempt, "failed", reason, line)
    except (TypeError, ValueError) as reason:
        parking.park_record(
            consumer=f"fetch-{message.queue_arn.rsplit(':', 1)[-1]}",
            record={"text": message.text},
            reason=str(reason),
        )
        line.count("poison")
        return True
    line.count("fetched", len(documents))
    line.count("recorded", found)
    return True


def _again(
    message: Message, wait_s: float, how: str, reason: Exception, line: journal.Line
) -> bool:
    line.count(how)
    line.note(reason=str(reason))
    queue.put_off(message, min(wait_s, _LONGEST_WAIT_S))
    return False
