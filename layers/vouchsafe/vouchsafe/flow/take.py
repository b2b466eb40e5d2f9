"""Pulled documents into the ledger, whichever road they came by."""

from dataclasses import dataclass, field
from datetime import datetime

from vouchsafe.edge import clock, journal, parking, secrets
from vouchsafe.flow.record import Record
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.gaps import Announced, Listed, everything, listed
from vouchsafe.pure.hearing import Document, ReadDocument, Saying
from vouchsafe.pure.identity import Identify


@dataclass(slots=True)
class Taken:
    """What came of documents: new facts, documents parked unread, and the orders they told of."""

    found: int = 0
    parked: int = 0
    listed: list[Listed] = field(default_factory=list)


def take(
    documents: tuple[Document, ...],
    connection: Connection,
    read_document: ReadDocument,
    record: Record,
    line: journal.Line,
    seen_at: datetime | None = None,
    *,
    announced: Announced = everything,
) -> Taken:
    """Reads and records pulled documents, seen now or then; one that cannot be read is parked.

    What tells of orders is recorded document by document, for each was new or was not. Touchpoints
    are recorded together: a data extension has thousands a page.

    `announced` says what a webhook should have told of before.
    """
    at, identify = seen_at or clock.now(), secrets.identify()
    taken, touched = Taken(), list[Saying]()
    for document in documents:
        try:
            said = _said(document, connection, read_document, identify, at)
        except Unreadable as reason:
            key = parking.park_document(
                connection.platform, connection.account, document, at, str(reason)
            )
            line.count("parked_unreadable")
            line.note(parked=key, reason=str(reason))
            taken.parked += 1
            continue
        if not any(isinstance(each, Fact) for each in said):
            touched += said
            continue
        new = record(said)
        taken.found += new
        seen = listed(said, new, announced)
        if seen:
            taken.listed.append(seen)
    taken.found += record(touched) if touched else 0
    return taken


def _said(
    document: Document,
    connection: Connection,
    read_document: ReadDocument,
    identify: Identify,
    at: datetime,
) -> tuple[Saying, ...]:
    try:
        return read_document(document, connection, identify, at)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("document", f"broke the reader: {type(error).__name__}") from error
