"""What Toast gave back: money on a payment, and which lines it was for where it says so."""

from collections.abc import Iterator
from decimal import ROUND_UP, Decimal

from vouchsafe.pure import instant
from vouchsafe.pure.facts import RefundSaid, ReturnedLine
from vouchsafe.pure.money import minor_at

from .check import sold
from .documents import Check, Refund, Selection

# Finer than any share, so that a part rounded up never takes a minor unit too much.
_FINEST = Decimal("1e-12")


def refunds(check: Check, currency: str, path: str) -> Iterator[tuple[str, str, RefundSaid]]:
    """(object id, version, refund) of each payment of which money went back."""
    given = [(at, each) for at, each in enumerate(check.payments) if each.refund]
    for at, payment in given:
        refund = payment.refund
        if refund is None:
            continue
        where = f"{path}.payments[{at}].refund"
        amount = minor_at(refund.refund_amount, currency, f"{where}.refundAmount")
        amount += minor_at(refund.tip_refund_amount, currency, f"{where}.tipRefundAmount")
        lines = tuple(_lines(check, refund, alone=len(given) == 1))
        said = RefundSaid(
            currency=currency,
            state="completed",
            refunded_at=refund.refund_date,
            amount_minor=amount,
            lines=lines,
        )
        # More may go back of the same payment: then its sum is larger.
        yield payment.guid, f"{instant.text(refund.refund_date)}+{amount:018d}", said


def _lines(check: Check, refund: Refund, *, alone: bool) -> Iterator[ReturnedLine]:
    for _, line in sold(check):
        if line.refund_details and _is_of(line, refund, alone=alone):
            yield ReturnedLine(line_id=line.guid, quantity=_units(line))


def _is_of(line: Selection, refund: Refund, *, alone: bool) -> bool:
    """Whether the line went back with that refund; by the transaction that both name."""
    details = line.refund_details
    named = details.refund_transaction if details else None
    if named and refund.refund_transaction:
        return named.guid == refund.refund_transaction.guid
    return alone


def _units(line: Selection) -> Decimal:
    """The part of the units that the money stands for; all of them where they cost nothing."""
    money = abs(line.refund_details.refund_amount) if line.refund_details else Decimal(0)
    if not line.price or money >= abs(line.price):
        return line.quantity
    return (line.quantity * money / abs(line.price)).quantize(_FINEST, ROUND_UP)
