"""What did Square tell us? The documents of its API, as facts."""

from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.parsing import Narrow, parsed
from vouchsafe.pure.source import Source

from .documents import OrderDocument, RefundDocument
from .order import order_facts
from .payment import READER, Payment, payment_facts
from .refund import refund_facts, return_facts

__all__ = ["READER", "read_document"]


class PaymentDocument(Narrow):
    payment: Payment


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of one document of `api`, which is an order, a refund or a payment; none where
    it says nothing of a sale. Raises Unreadable."""
    source = Source.of_document(document, connection, identify, received_at, READER)
    match document.kind:
        case "order":
            told = parsed(OrderDocument, document.body)
            return (*order_facts(told.order, source), *return_facts(told, source))
        case "refund":
            return tuple(refund_facts(parsed(RefundDocument, document.body), source))
        case "payment":
            payment = parsed(PaymentDocument, document.body).payment
            return payment_facts(payment, "payment", source)
    raise Unreadable("document.kind", "must be order, refund or payment")
