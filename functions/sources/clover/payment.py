"""The payments of an order, and which of them were taken back before they were settled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.facts import Fact, PaymentSaid, Settled
from vouchsafe.pure.source import Source

from .documents import Order, Payment, Result
from .words import listed

# What a payment's result says of its money, and how late in a payment's life it comes. A declined
# try (FAIL) is no payment: nothing was taken, and the bill is still open. What DISCOUNT is, is
# documented nowhere; it is no money.
_SAYS: dict[Result, tuple[Settled, int]] = {
    "INITIATED": ("pending", 0),
    "PENDING": ("pending", 0),
    "OFFLINE_RETRYING": ("pending", 0),
    "AUTH": ("pending", 1),
    "SUCCESS": ("completed", 2),
    "AUTH_COMPLETED": ("completed", 2),
    "VOIDING": ("failed", 3),
    "VOID_FAILED": ("completed", 4),
    "VOIDED": ("failed", 5),
}
_VOIDED = _SAYS["VOIDED"]
# An order in any other state has been paid, so whatever a void names was paid anew.
_UNPAID = (None, "OPEN", "PARTIALLY_PAID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment with what is true of it now: `rank` rises through its life."""

    payment: Payment
    state: Settled
    rank: int
    changed_at: datetime

    @property
    def version(self) -> str:
        """The last change, then how far the payment is: a void may leave the time as it was."""
        return f"{instant.text(self.changed_at)} {self.rank}"


def payments_of(order: Order) -> tuple[Paid, ...]:
    """Every payment that took money, once, as it stands: a voided one is told among the payments,
    among the voids, or both."""
    voids = {each.id: each for each in listed(order.voids)}
    for each in listed(order.voids):
        named = each.void_payment_ref and each.void_payment_ref.id
        if named and order.payment_state in _UNPAID:
            voids.setdefault(named, each)
    told = {each.id: each for each in listed(order.payments)}
    told |= {each.id: each for each in listed(order.voids) if each.id not in told}
    found = (_paid(each, voids.get(each.id)) for each in told.values())
    return tuple(each for each in found if each)


def payment_facts(order: Order, source: Source) -> Iterator[Fact]:
    """What each payment says."""
    for paid in payments_of(order):
        yield source.fact(
            "payment", order.id, paid.payment.id, paid.version, _said(paid, order.currency)
        )


def _paid(payment: Payment, void: Payment | None) -> Paid | None:
    says = _VOIDED if void else _SAYS.get(payment.result)
    if says is None:
        return None
    changes = [_changed_at(each) for each in (payment, void) if each]
    return Paid(payment=payment, state=says[0], rank=says[1], changed_at=max(changes))


def _changed_at(payment: Payment) -> datetime:
    return payment.modified_time or payment.created_time


def _said(paid: Paid, currency: str) -> PaymentSaid:
    """An order's total is without the tip, so what pays for it is too."""
    payment = paid.payment
    return PaymentSaid(
        currency=currency,
        state=paid.state,
        paid_at=paid.changed_at if paid.state == "failed" else payment.created_time,
        amount_minor=payment.amount,
        tip_minor=payment.tip_amount or 0,
        staff=(payment.employee.id if payment.employee else None) or None,
    )
