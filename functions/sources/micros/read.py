"""What did Simphony tell us? The guest checks of its Business Intelligence API, as facts."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Body, Fact, Kind, OrderKey
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import parsed

from .documents import CheckDocument, GuestCheck
from .order import Told

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1
CHECK = "check"


def read_document(
    document: Document, connection: Connection, _identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The order of a guest check, and what came back of it. Raises Unreadable.

    A check names nobody whom we would know again, so that no fact of it has a customer.
    """
    if document.kind != CHECK:
        raise Unreadable("document.kind", "must be check")
    told = parsed(CheckDocument, document.body)
    digest = sha256(document.body).hexdigest()
    return tuple(_facts(told, connection, digest, received_at))


def _facts(
    document: CheckDocument, connection: Connection, digest: str, received_at: datetime
) -> Iterator[Fact]:
    told = Told(document, connection)
    key = OrderKey(platform=connection.platform, account=connection.account, order_id=told.order_id)

    def fact(kind: Kind, object_id: str, body: Body) -> Fact:
        return Fact(
            order=key,
            kind=kind,
            object_id=object_id,
            version=version(document.check),
            body=body,
            source_digest=digest,
            reader=READER,
            received_at=received_at,
        )

    yield fact("order", told.order_id, told.order())
    refund = told.refund()
    if refund is not None:
        yield fact("refund", told.refund_id, refund)


def version(check: GuestCheck) -> str:
    """The update time, which is in whole seconds; within one, a check only gains lines."""
    return f"{instant.text(check.version_at())}+{len(check.details or ()):06d}"
