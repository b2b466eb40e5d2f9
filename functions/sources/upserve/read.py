"""What did Upserve tell us? The checks of its API, as facts."""

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

from .documents import Check
from .order import Told

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1
CHECK = "check"


def read_document(
    document: Document, connection: Connection, _identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The order of a check, and what came back of it. Raises Unreadable.

    A check has neither version nor update time: its version is when we saw it, and `record_changed`
    keeps what says something new. It names nobody whom we would know again.
    """
    if document.kind != CHECK:
        raise Unreadable("document.kind", "must be check")
    check = parsed(Check, document.body)
    return tuple(_facts(check, connection, sha256(document.body).hexdigest(), received_at))


def _facts(
    check: Check, connection: Connection, digest: str, received_at: datetime
) -> Iterator[Fact]:
    told = Told(check, connection)
    key = OrderKey(platform=connection.platform, account=connection.account, order_id=check.id)

    def fact(kind: Kind, object_id: str, body: Body) -> Fact:
        return Fact(
            order=key,
            kind=kind,
            object_id=object_id,
            version=instant.text(received_at),
            body=body,
            source_digest=digest,
            reader=READER,
            received_at=received_at,
        )

    yield fact("order", check.id, told.order())
    refund = told.refund()
    if refund is not None:
        yield fact("refund", told.refund_id, refund)
