"""What does Salesforce tell us? Whom a code was given to; a redemption only where it is one."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Unreadable
from vouchsafe.pure.hearing import Delivery, Document, Heard, Saying, notice_of
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.source import Source
from vouchsafe.pure.touchpoint import Touchpoint

from .documents import Batch, CouponRow, Handshake, Happened, Voucher
from .issued import of_click, of_mail, of_row, of_voucher
from .redeemed import order_said
from .verify import SIGNATURE

READER = 1
VERIFICATION = "verification"

_CLICK, _SENT = "EngagementEvents.EmailClick", "TransactionalSendEvents.EmailSent"
# Heard, and nothing in it for us; the door-plate says why.
_IGNORED = ("EngagementEvents.", "TransactionalSendEvents.", "AutomationEvents.")


def read(delivery: Delivery, connection: Connection, identify: Identify) -> Heard:
    """What the delivery holds for us. Raises Unreadable; Forged where it is another account's."""
    if SIGNATURE not in delivery.headers:
        return _greeted(parsed(Handshake, delivery.body), connection)
    batch = parsed(Batch, delivery.body).root
    if any(each.mid != connection.shop for each in batch):
        raise Forged("the delivery is another business unit's")
    unheard = [each.category for each in batch if not each.category.startswith(_IGNORED)]
    return Heard(
        event=unheard[0] if unheard else batch[0].category,
        known=not unheard,
        touchpoints=tuple(dict.fromkeys(_touched(batch, connection, identify))),
    )


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Saying, ...]:
    """What a document of `api` says. Raises Unreadable."""
    if document.kind == "row":
        row = of_row(parsed(CouponRow, document.body), connection.options, identify)
        return (row,) if row else ()
    if document.kind == "voucher":
        return tuple(_of_voucher(document, connection, identify, received_at))
    raise Unreadable("document.kind", "must be row or voucher")


def _of_voucher(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> Iterator[Saying]:
    source = Source.of_document(document, connection, identify, received_at, READER)
    voucher = parsed(Voucher, document.body)
    given = of_voucher(voucher, identify)
    if given:
        yield given
    said = order_said(voucher, connection)
    if said:
        whose = ranked((given.customer if given else None,))
        changed = instant.text(voucher.changed_at)
        yield source.fact("order", voucher.id, voucher.id, changed, said, whose)


def _touched(
    batch: tuple[Happened, ...], connection: Connection, identify: Identify
) -> Iterator[Touchpoint]:
    told = {_CLICK: of_click, _SENT: of_mail}
    for happened in batch:
        touch = told.get(happened.category)
        found = touch(happened, connection.options, identify) if touch else None
        if found:
            yield found


def _greeted(said: Handshake, connection: Connection) -> Heard:
    """The callback wants to hear its own words through the API."""
    notice = notice_of(
        connection, VERIFICATION, said.callback_id, verification_key=said.verification_key
    )
    return Heard(event=VERIFICATION, notices=(notice,))
