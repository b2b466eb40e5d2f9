"""What does SAP Business One tell us? Invoices as orders, credit memos as refunds of theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Body, Fact, Kind, OrderKey
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import parsed

from .documents import CREDIT_MEMO, INVOICE, Paper, paper
from .invoice import order_said
from .memo import alone, refunds
from .words import CODE_FIELD, USUAL_CODE_FIELD, WALK_IN, currency_of, minor, moment, zone_of

READER = 1


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a document of `api`. Raises Unreadable."""
    if document.kind not in (INVOICE, CREDIT_MEMO):
        raise Unreadable("document.kind", f"must be {INVOICE} or {CREDIT_MEMO}")
    field = connection.options.get(CODE_FIELD) or USUAL_CODE_FIELD
    held = parsed(paper(field), document.body)
    source = _Source(connection, identify, sha256(document.body).hexdigest(), received_at)
    if held.cancel_status == "csCancellation":
        # The other half of a cancellation: what it cancels says so itself.
        return ()
    return tuple(source.memo(held) if document.kind == CREDIT_MEMO else source.invoice(held))


@dataclass(frozen=True, slots=True)
class _Source:
    """The bytes in hand, of one company; `digest` is theirs."""

    connection: Connection
    identify: Identify
    digest: str
    received_at: datetime

    def invoice(self, held: Paper) -> Iterator[Fact]:
        said = order_said(held, self.connection)
        yield self._fact(held, held.entry, "order", held.entry, said, self._customer(held))

    def memo(self, held: Paper) -> Iterator[Fact]:
        for entry, said in refunds(held, self.connection):
            yield self._fact(held, entry, "refund", f"memo:{held.entry}", said)
        rest = alone(held, self.connection)
        if rest:
            own = f"memo:{held.entry}"
            yield self._fact(held, own, "order", own, rest, self._customer(held))

    def _fact(
        self,
        held: Paper,
        order_id: str,
        kind: Kind,
        object_id: str,
        body: Body,
        customer: tuple[str, ...] = (),
    ) -> Fact:
        connection = self.connection
        return Fact(
            order=OrderKey(
                platform=connection.platform, account=connection.account, order_id=order_id
            ),
            kind=kind,
            object_id=object_id,
            version=self._version(held),
            body=body,
            source_digest=self.digest,
            reader=READER,
            received_at=self.received_at,
            customer=customer,
        )

    def _version(self, held: Paper) -> str:
        """The update time, which may be a day's only; then what can only go forward within it."""
        changed = moment(held.changed_on, held.changed_at, zone_of(self.connection))
        paid = minor(held.paid, currency_of(self.connection), "PaidToDate")
        off = int(held.cancel_status == "csYes")
        return f"{instant.text(changed)}+{off}+{max(paid, 0):018d}"

    def _customer(self, held: Paper) -> tuple[str, ...]:
        """The business partner's key: every company counts its own. Who buys over the counter is
        posted to one partner for all, who is nobody."""
        walk_in = self.connection.options.get(WALK_IN, "").split(",")
        if not held.buyer or held.buyer in (each.strip() for each in walk_in):
            return ()
        buyer = f"sap_business_one/{self.connection.account}/{held.buyer}"
        return ranked((self.identify("customer", buyer),))
