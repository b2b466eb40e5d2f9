"""The refund facts that returns and refunds of Square make, under the order that was sold.

A refund makes a return order of its own. Whichever of the two is heard of first, the fact's
object is the return order, so that it counts once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.facts import Fact, RefundSaid, ReturnedLine, Settled
from vouchsafe.pure.source import Source

from .documents import Order, OrderDocument, Refund, RefundDocument, Return, ReturnLine
from .words import Money, minor, one_currency

_SETTLED: dict[str, Settled] = {
    "PENDING": "pending",
    "COMPLETED": "completed",
    "APPROVED": "completed",
    "REJECTED": "failed",
    "FAILED": "failed",
}
_CLOSED: dict[str, Settled] = {"COMPLETED": "completed", "CANCELED": "failed"}


def return_facts(document: OrderDocument, source: Source) -> Iterator[Fact]:
    """One refund for each sale that something came back of. Unlinked returns, which name no
    sale, make none. Raises Unreadable."""
    order = document.order
    for at, back in enumerate(order.returns):
        sale = back.source_order_id or document.source_order_id
        if sale:
            said = _said(document, back, f"order.returns[{at}]")
            yield source.fact("refund", sale, order.id, _version(document), said)


def refund_facts(document: RefundDocument, source: Source) -> Iterator[Fact]:
    """A refund without a return order: plain money."""
    refund = document.refund
    said = RefundSaid(
        currency=one_currency([("refund.amount_money", refund.amount_money)]),
        state=_SETTLED[refund.status],
        refunded_at=refund.created_at,
        amount_minor=refund.amount_money.amount,
    )
    version = instant.text(_changed_at(refund))
    yield source.fact("refund", document.source_order_id, refund.id, version, said)


def _version(document: OrderDocument) -> str:
    """The update times of the return order and of its refunds, newest first: whichever of them
    changes, and however far their clocks are apart, the text rises."""
    times = [document.order.updated_at, *map(_changed_at, document.refunds)]
    return " ".join(sorted(map(instant.text, times), reverse=True))


def _changed_at(refund: Refund) -> datetime:
    return refund.updated_at or refund.created_at


def _said(document: OrderDocument, back: Return, path: str) -> RefundSaid:
    worth = _worth(document.order, back)
    refunded = [
        (f"refunds[{at}].amount_money", each.amount_money)
        for at, each in enumerate(document.refunds)
    ]
    return RefundSaid(
        currency=one_currency([(f"{path}.return_amounts.total_money", worth), *refunded]),
        state=_settled(document.order, document.refunds),
        refunded_at=document.order.created_at,
        amount_minor=_amount(document, worth),
        lines=tuple(_lines(back)),
    )


def _worth(order: Order, back: Return) -> Money | None:
    """What this return is worth by its own word, else by the whole order's, else by its lines."""
    alone = order.return_amounts if len(order.returns) == 1 else None
    told = [each.total_money for each in (back.return_amounts, alone) if each and each.total_money]
    lines = [each.total_money for each in back.return_line_items if each.total_money]
    if told or not lines:
        return told[0] if told else None
    return Money(amount=sum(each.amount for each in lines), currency=lines[0].currency)


def _amount(document: OrderDocument, worth: Money | None) -> int:
    """What was given back for this sale: the money paid out; against new goods, the worth."""
    order = document.order
    paid_out = [each for each in document.refunds if _SETTLED[each.status] != "failed"]
    if paid_out and len(order.returns) == 1 and not order.line_items:
        return sum(each.amount_money.amount for each in paid_out)
    # Whether amounts of a return carry a minus is not documented.
    return abs(minor(worth))


def _settled(order: Order, refunds: Sequence[Refund]) -> Settled:
    """A return counts when its money is back; one that moved no money, when its order closed."""
    known = {each.id for each in refunds}
    if not known and not order.refunds:
        return _CLOSED.get(order.state, "pending")
    states = {_SETTLED[each.status] for each in refunds}
    if "pending" in states or any(each.id not in known for each in order.refunds):
        return "pending"
    return "completed" if "completed" in states else "failed"


def _lines(back: Return) -> Iterator[ReturnedLine]:
    """The units that came back. A custom amount is no unit of any line: it stays plain money."""
    sources = {each.uid: each.source_discount_uid for each in back.return_discounts}
    for line in back.return_line_items:
        if line.source_line_item_uid:
            yield ReturnedLine(
                line_id=line.source_line_item_uid,
                quantity=line.quantity,
                shares=_shares(line, sources),
            )


def _shares(
    line: ReturnLine, sources: Mapping[str, str | None]
) -> tuple[tuple[str, int], ...] | None:
    """Square's own shares by the sale's discounts; None where it does not tell them all."""
    none_back = line.total_discount_money is not None and not minor(line.total_discount_money)
    if sources and not line.applied_discounts and not none_back:
        return None
    shares = []
    for each in line.applied_discounts:
        discount = sources.get(each.discount_uid)
        if discount is None:
            return None
        if minor(each.applied_money):
            shares.append((discount, minor(each.applied_money)))
    return tuple(shares)
