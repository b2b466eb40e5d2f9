"""What was given back for an order: refunds of its payments, and manual ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure.facts import Fact, RefundSaid, ReturnedLine, Settled
from vouchsafe.pure.source import Source

from .bill import Bill
from .documents import Credit, Order, Refund
from .words import listed

_RANKS: dict[Settled, int] = {"pending": 0, "completed": 1, "failed": 2}
_UNSETTLED = ("INITIATED", "PENDING", "OFFLINE_RETRYING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Money given back, without its tip. `lines` are the ids of the lines that came back whole."""

    id: str
    state: Settled
    at: datetime
    minor: int
    lines: tuple[str, ...] = ()


def backs_of(order: Order) -> tuple[Back, ...]:
    """All that was given back, or tried to be."""
    return (*_refunds(order), *map(_credited, listed(order.credits)))


def refund_facts(order: Order, bill: Bill, version: str, source: Source) -> Iterator[Fact]:
    """One for each. A refund has no time of change: it is as new as the order that tells of it,
    and what is final stands above what is not."""
    sold = {each.item.id: each.quantity for each in bill.lines}
    for back in backs_of(order):
        said = RefundSaid(
            currency=order.currency,
            state=back.state,
            refunded_at=back.at,
            amount_minor=back.minor,
            lines=tuple(
                ReturnedLine(line_id=line, quantity=sold.get(line, Decimal(1)))
                for line in back.lines
            ),
        )
        yield source.fact("refund", order.id, back.id, f"{version} {_RANKS[back.state]}", said)


def _refunds(order: Order) -> Iterator[Back]:
    refunds = listed(order.refunds)
    named = {each.id: _named(order, each) for each in refunds}
    unnamed = _unnamed(order, named)
    for refund in refunds:
        state = _settled(refund)
        lines = named[refund.id]
        if not lines and state == "completed" and _is_alone(refund, refunds, named):
            lines = unnamed
        yield Back(
            id=refund.id,
            state=state,
            at=refund.created_time,
            minor=max(refund.amount - (refund.tip_amount or 0), 0),
            lines=lines,
        )


def _named(order: Order, refund: Refund) -> tuple[str, ...]:
    """The lines that a refund names, or that name it, once each."""
    told = [each.id for each in listed(refund.line_items) if each.id]
    told += [line.id for _, line in order.lines() if line.refund and line.refund.id == refund.id]
    return tuple(dict.fromkeys(told))


def _unnamed(order: Order, named: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Lines that came back by no refund's own word."""
    known = {line for lines in named.values() for line in lines}
    return tuple(line.id for _, line in order.lines() if line.refunded and line.id not in known)


def _is_alone(
    refund: Refund, refunds: tuple[Refund, ...], named: dict[str, tuple[str, ...]]
) -> bool:
    """Whether it is the only one that such lines can have come back by."""
    return not any(
        each.id != refund.id and not named[each.id] and _settled(each) == "completed"
        for each in refunds
    )


def _settled(refund: Refund) -> Settled:
    if refund.voided or refund.status in ("FAIL", "VOIDED"):
        return "failed"
    return "pending" if refund.status == "PENDING" else "completed"


def _credited(credit: Credit) -> Back:
    """A manual refund names no goods. One that was itself given back was none."""
    state: Settled = "completed"
    if credit.voided or credit.result in ("FAIL", "VOIDED") or listed(credit.credit_refunds):
        state = "failed"
    elif credit.result in _UNSETTLED:
        state = "pending"
    return Back(id=credit.id, state=state, at=credit.created_time, minor=credit.amount)
