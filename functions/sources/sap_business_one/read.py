"""What does SAP Business One tell us? Invoices as orders, credit memos as refunds of theirs."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.money import minor_at
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source

from .documents import CREDIT_MEMO, INVOICE, Paper, paper
from .invoice import order_said
from .memo import alone, refunds
from .words import CODE_FIELD, USUAL_CODE_FIELD, WALK_IN, currency_of, moment, zone_of

READER = 1


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a document of `api`. Raises Unreadable."""
    if document.kind not in (INVOICE, CREDIT_MEMO):
        raise Unreadable("document.kind", f"must be {INVOICE} or {CREDIT_MEMO}")
    field = connection.options.get(CODE_FIELD) or USUAL_CODE_FIELD
    held = parsed(paper(field), document.body)
    source = Source.of_document(document, connection, identify, received_at, READER)
    if held.cancel_status == "csCancellation":
        # The other half of a cancellation: what it cancels says so itself.
        return ()
    return tuple((_memo if document.kind == CREDIT_MEMO else _invoice)(held, source))


def _invoice(held: Paper, source: Source) -> Iterator[Fact]:
    said, version = order_said(held, source.connection), _version(held, source.connection)
    yield source.fact("order", held.entry, held.entry, version, said, _customer(held, source))


def _memo(held: Paper, source: Source) -> Iterator[Fact]:
    own, connection = f"memo:{held.entry}", source.connection
    for entry, said in refunds(held, connection):
        yield source.fact("refund", entry, own, _version(held, connection), said)
    rest = alone(held, connection)
    if rest:
        version, customer = _version(held, connection), _customer(held, source)
        yield source.fact("order", own, own, version, rest, customer)


def _version(held: Paper, connection: Connection) -> str:
    """The update time, which may be a day's only; then what can only go forward within it."""
    changed = moment(held.changed_on, held.changed_at, zone_of(connection))
    paid = minor_at(held.paid, currency_of(connection), "PaidToDate")
    off = int(held.cancel_status == "csYes")
    return f"{instant.text(changed)}+{off}+{max(paid, 0):018d}"


def _customer(held: Paper, source: Source) -> tuple[str, ...]:
    """The business partner's key. Who buys over the counter is posted to one partner for all, who
    is nobody."""
    walk_in = source.connection.options.get(WALK_IN, "").split(",")
    if not held.buyer or held.buyer in (each.strip() for each in walk_in):
        return ()
    return ranked((source.customer(held.buyer),))
