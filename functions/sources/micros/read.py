"""What did Simphony tell us? The guest checks of its Business Intelligence API, as facts."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source

from .documents import CheckDocument, GuestCheck
from .order import Told

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1
CHECK = "check"


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The order of a guest check, and what came back of it. Raises Unreadable.

    A check names nobody whom we would know again, so that no fact of it has a customer.
    """
    if document.kind != CHECK:
        raise Unreadable("document.kind", "must be check")
    told = parsed(CheckDocument, document.body)
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_facts(told, source))


def _facts(document: CheckDocument, source: Source) -> Iterator[Fact]:
    told = Told(document, source.connection)
    said, at = told.order(), version(document.check)
    yield source.fact("order", told.order_id, told.order_id, at, said)
    refund = told.refund()
    if refund is not None:
        yield source.fact("refund", told.order_id, told.refund_id, at, refund)


def version(check: GuestCheck) -> str:
    """The update time, which is in whole seconds; within one, a check only gains lines."""
    return f"{instant.text(check.version_at())}+{len(check.details or ()):06d}"
