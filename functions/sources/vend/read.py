"""What did the X-Series tell us? A document of its API, as facts."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source

from .documents import Sale, SaleDocument
from .order import comes_back, currency_of, order_said
from .refund import refund_said

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1

# The customer record that a till puts on every sale to a stranger.
_WALK_IN = "WALKIN"


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of one document of `api`. Raises Unreadable."""
    if document.kind != "sale":
        raise Unreadable("document.kind", "must be sale")
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_facts(parsed(SaleDocument, document.body), source))


def _facts(document: SaleDocument, source: Source) -> Iterator[Fact]:
    """An order of what was sold; a refund of what came back, under the sale that it was of. What
    came back of no sale that is named stays with the order, at its price."""
    sale, currency = document.sale, currency_of(source.connection.options)
    lines = {f"sale.line_items[{at}]": line for at, line in enumerate(sale.line_items)}
    back = {path: line for path, line in lines.items() if comes_back(sale, line)}
    sold = {path: line for path, line in lines.items() if path not in back}
    original_id = (sale.back and sale.back.original_sale_id) or ""
    linked = bool(back and original_id)
    customer = _customer(document, source)
    if sold or not linked:
        said = order_said(sale, sold, {} if linked else back, currency)
        yield source.fact("order", sale.id, sale.id, version(sale), said, customer)
    if linked:
        refund = refund_said(sale, back, document.original, currency)
        yield source.fact("refund", original_id, sale.id, version(sale), refund, customer)


def version(sale: Sale) -> str:
    """The shop's counter, which every change of anything raises."""
    return f"{sale.metadata.version:018d}"


def _customer(document: SaleDocument, source: Source) -> tuple[str, ...]:
    """The buyer's keys; none where the record is not known, for it may be everybody's."""
    customer, customer_id = document.customer, document.sale.customer_id
    if customer is None or (customer.customer_code or "").upper() == _WALK_IN:
        return ()
    return ranked(
        (
            source.identify("email", customer.email),
            source.identify("phone", customer.mobile or customer.phone),
            source.customer(customer_id),
        )
    )
