"""What does the K-Series tell us? Accounts as they are rung; sales, and what takes them back."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact, Notice
from vouchsafe.pure.hearing import Delivery, Document, Heard, notice_of
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source

from . import account, sale
from .documents import Consumer, Envelope, Sold, Told
from .words import millis

READER = 1

# In the order in which they follow each other, where two share a millisecond.
_RANKS = {"OPEN": 0, "UPDATE": 1, "CLOSE": 2, "CANCEL": 3}
# What was asked for is above all that was told: a till may write of an account after it closed.
_TOLD, _ANSWERED = 0, 1
# Accounts that take another one back, and those that are no sale at all.
_BACK = frozenset({"REFUND", "VOID", "RECALL", "CANCEL"})
_NO_SALE = frozenset({"FLOAT", "TRANSITORY"})
# Heard, and nothing in it for us; the door-plate says why.
_IGNORED = frozenset({"POS_RESERVATION_UPDATED", "ERROR", "READY", "NOT_READY"})


def read(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    """What the delivery holds for us. Raises Unreadable."""
    event = parsed(Envelope, delivery.body).notification_type
    if event not in _RANKS:
        return Heard(event=event, known=event in _IGNORED)
    told = parsed(Told, delivery.body)
    source = Source.of_delivery(delivery, connection, identify, READER)
    notices = (_notice(told, connection),) if event == "CLOSE" else ()
    if told.account.type in _NO_SALE or told.account.type in _BACK:
        return Heard(event=event, notices=notices if told.account.type in _BACK else ())
    return Heard(event=event, facts=(_rung(told, event, source),), notices=notices)


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a sale of `api`. Raises Unreadable."""
    if document.kind != "sale":
        raise Unreadable("document.kind", "must be sale")
    source = Source.of_document(document, connection, identify, received_at, READER)
    return tuple(_sold(parsed(Sold, document.body), source))


def order_id(location: str, number: str) -> str:
    """Numbers of accounts are a location's own."""
    return f"{location}-{number}"


def _rung(told: Told, event: str, source: Source) -> Fact:
    """An account as it stands on the till."""
    own = order_id(told.business_location_id, told.account.account_number)
    version = f"{_TOLD}+{millis(told.account.update_date)}+{_RANKS[event]}"
    said = account.order_said(told, off=event == "CANCEL")
    return source.fact("order", own, own, version, said)


def _sold(sold: Sold, source: Source) -> Iterator[Fact]:
    """A sale, or what takes one back under the account that it began with."""
    own = order_id(sold.business_location_id, sold.sale.account_fisc_id)
    first = sold.sale.source.initial_account_id or sold.sale.account_fisc_id
    original = order_id(sold.business_location_id, first)
    version = f"{_ANSWERED}+{millis(sold.sale.time_closed)}"
    if sold.sale.type in _BACK and original != own:
        yield source.fact("refund", original, own, version, sale.refund_said(sold))
    elif sold.sale.type not in _NO_SALE and sold.sale.type not in _BACK:
        said = sale.order_said(sold)
        yield source.fact("order", own, own, version, said, _customer(sold, source))


def _notice(told: Told, connection: Connection) -> Notice:
    """The sale has to be asked for: only that answer confirms it."""
    closed = told.account.close_date or told.account.update_date
    return notice_of(
        connection,
        "sale",
        told.account.account_number,
        location=told.business_location_id,
        closed=millis(closed),
    )


def _customer(sold: Sold, source: Source) -> tuple[str, ...]:
    people = [sold.sale.consumer, *(each.consumer for each in sold.sale.payments)]
    known = [each for each in people if isinstance(each, Consumer)]
    return ranked(
        (
            *(source.identify("email", each.email) for each in known),
            *(source.identify("phone", each.phone_number) for each in known),
        )
    )
