"""What did Upserve tell us? The checks of its API, as facts."""

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

from .documents import Check
from .order import Told

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1
CHECK = "check"


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The order of a check, and what came back of it. Raises Unreadable.

    A check has neither version nor update time: its version is when we saw it, and `record_changed`
    keeps what says something new. It names nobody whom we would know again.
    """
    if document.kind != CHECK:
        raise Unreadable("document.kind", "must be check")
    check = parsed(Check, document.body)
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_facts(check, source))


def _facts(check: Check, source: Source) -> Iterator[Fact]:
    told, seen = Told(check, source.connection), instant.text(source.received_at)
    yield source.fact("order", check.id, check.id, seen, told.order())
    refund = told.refund()
    if refund is not None:
        yield source.fact("refund", check.id, told.refund_id, seen, refund)
