"""A payment, told whole by webhook and by listing alike."""

from datetime import datetime
from typing import Literal

from vouchsafe.pure import instant
from vouchsafe.pure.facts import Fact, PaymentSaid, Settled
from vouchsafe.pure.identity import ranked
from vouchsafe.pure.parsing import Instant, Key, Narrow
from vouchsafe.pure.source import Source

from .words import Money, Name, minor, one_currency

# Revision of this room's reading: raised when the same bytes come to other facts.
READER = 1

_SETTLED: dict[str, Settled] = {
    "APPROVED": "pending",
    "PENDING": "pending",
    "COMPLETED": "completed",
    "CANCELED": "failed",
    "FAILED": "failed",
}


class Card(Narrow):
    fingerprint: str | None = None


class Timeline(Narrow):
    captured_at: Instant | None = None


class CardDetails(Narrow):
    card: Card | None = None
    card_payment_timeline: Timeline | None = None


class Payment(Narrow):
    id: Key
    status: Literal["APPROVED", "PENDING", "COMPLETED", "CANCELED", "FAILED"]
    amount_money: Money
    tip_money: Money | None = None
    total_money: Money | None = None
    created_at: Instant
    updated_at: Instant
    order_id: Name | None = None
    team_member_id: Name | None = None
    customer_id: str | None = None
    buyer_email_address: str | None = None
    card_details: CardDetails | None = None


def payment_facts(payment: Payment, path: str, source: Source) -> tuple[Fact, ...]:
    """What the payment says of its order; nothing where it names none. `path` leads to it."""
    if not payment.order_id:
        return ()
    fact = source.fact(
        "payment",
        payment.order_id,
        payment.id,
        # version_token is opaque: it tells two versions apart and not which one is newer.
        instant.text(payment.updated_at),
        _said(payment, path),
        _customer(payment, source),
    )
    return (fact,)


def _said(payment: Payment, path: str) -> PaymentSaid:
    whole, tip = payment.total_money, minor(payment.tip_money)
    monies = {"amount_money": payment.amount_money, "tip_money": payment.tip_money}
    return PaymentSaid(
        currency=one_currency(
            (f"{path}.{name}", money) for name, money in (*monies.items(), ("total_money", whole))
        ),
        state=_SETTLED[payment.status],
        paid_at=_paid_at(payment),
        # An order's total includes its tip, so what pays for it must too.
        amount_minor=whole.amount if whole else payment.amount_money.amount + tip,
        tip_minor=tip,
        staff=payment.team_member_id or None,
    )


def _paid_at(payment: Payment) -> datetime:
    """When the money was taken, or refused for good. A refund moves `updated_at`, so a completed
    payment has its own instant: when the card was captured, else when the payment was made."""
    if _SETTLED[payment.status] == "failed":
        return payment.updated_at
    timeline = payment.card_details and payment.card_details.card_payment_timeline
    return (timeline and timeline.captured_at) or payment.created_at


def _customer(payment: Payment, source: Source) -> tuple[str, ...]:
    card = payment.card_details and payment.card_details.card
    return ranked(
        (
            source.identify("email", payment.buyer_email_address),
            source.customer(payment.customer_id),
            source.identify("card", card.fingerprint if card else None),
        )
    )
