"""What one of our own rooms was told, on its way into the ledger: queue, reading, recording."""

from collections.abc import Callable, Mapping
from typing import Any

from vouchsafe.edge import journal, queue
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.flow.record import Record, record
from vouchsafe.flow.take import take
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.hearing import Document, ReadDocument

Handler = Callable[[Mapping[str, Any], object], Answer]


def hear(platform: str, read_document: ReadDocument, record: Record = record) -> Handler:
    """The Lambda that takes documents of our own API. Messages: `account`, `kind`, `body`.

    What cannot be read is parked, what cannot be kept now comes again.
    """

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("hear", platform=platform) as line:

            def work(message: Message) -> bool:
                return _worked(message, platform, read_document, record, line)

            return queue.each(event, work)

    return handle


def ourselves(platform: str, account: str) -> Connection:
    """The connection to ourselves, which needs no keys."""
    return Connection(platform=platform, account=account)


def _worked(
    message: Message,
    platform: str,
    read_document: ReadDocument,
    record: Record,
    line: journal.Line,
) -> bool:
    try:
        said = message.body()
        connection = ourselves(platform, str(said["account"]))
        document = Document(kind=str(said["kind"]), body=str(said["body"]).encode())
        taken = take((document,), connection, read_document, record, line)
    except (Unavailable, Refused, Invalid, KeyError, ValueError) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        queue.put_off_after(message, reason)
        return False
    line.count("recorded", taken.found)
    line.note(account=connection.account)
    return True
