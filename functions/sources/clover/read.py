"""What did Clover tell us? The documents of its API, as facts."""

from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, GoneSaid
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source

from .documents import Gone, Order
from .order import facts_of

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of one document of `api`: an order with all that hangs on it, or one that is gone.
    Raises Unreadable."""
    source = Source.of_document(document, connection, identify, received_at, READER)
    match document.kind:
        case "order":
            return tuple(facts_of(parsed(Order, document.body), source))
        case "gone":
            gone = parsed(Gone, document.body).id
            return (source.fact("gone", gone, gone, "gone", GoneSaid()),)
    raise Unreadable("document.kind", "must be order or gone")
