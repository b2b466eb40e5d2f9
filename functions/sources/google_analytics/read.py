"""What does Google Analytics tell? What browsers said that they did: sightings, and never facts."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import Narrow, parsed
from vouchsafe.pure.sighting import Sighting

from . import export_rows, report_rows, reports

# Kinds of documents, beside those that are called after their report: rows of the export, and an
# object of the bucket that could not be unpacked.
EVENTS, BROKEN = "events", "broken"
_REPORTS = frozenset({reports.PURCHASES, reports.REFUNDS, reports.APPLIED})


class Broken(Narrow):
    name: str
    rule: str


def read_document(
    document: Document, connection: Connection, identify: Identify, _received_at: datetime
) -> tuple[Sighting, ...]:
    """The sightings of a document of `api`. Raises Unreadable."""
    return tuple(_sightings(document, connection, identify))


def _sightings(
    document: Document, connection: Connection, identify: Identify
) -> Iterator[Sighting]:
    if document.kind == EVENTS:
        yield from export_rows.sightings(document.body, connection, identify)
    elif document.kind in _REPORTS:
        yield from report_rows.sightings(document.kind, document.body, connection)
    elif document.kind == BROKEN:
        held = parsed(Broken, document.body)
        raise Unreadable(held.name, held.rule)
    else:
        raise Unreadable("document.kind", f"is none of ours: {document.kind[:40]!r}")
