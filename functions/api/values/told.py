"""What shops are told: values, their entries, and refusals as bodies."""

from collections.abc import Sequence
from datetime import datetime

from vouchsafe.pure.asking import Reply
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.offer import Refusal, public
from vouchsafe.pure.value import Entry, Hold, Value
from vouchsafe.pure.value_moves import Declined, Standing

from .models import EntryTold, HoldTold, MoveTold, RefusalTold, ValueRead, ValueTold

_PAGE = 50


def moved(found: Standing, granted: int, asked: int, now: datetime) -> Reply:
    """What was granted, and what stands now."""
    if found.value is None:
        raise TypeError("a move leaves a value")
    told = MoveTold(
        outcome="granted" if granted == asked else "partly",
        granted_minor=granted,
        value=value_told(found.value, now),
    )
    return Reply(body=told)


def refused(code: str, value: Value, reason: Declined, now: datetime) -> Reply:
    """As a shopper may hear it: the details of what nobody should know of stay here."""
    said = public(Refusal(code=code, reason=reason.reason))
    refusal = RefusalTold(reason=said)
    if said == reason.reason:
        refusal = RefusalTold(reason=said, term=reason.term or None, detail=str(reason))
    told = MoveTold(
        outcome="refused", granted_minor=0, refusal=refusal, value=value_told(value, now)
    )
    return Reply(body=told)


def read(value: Value, entries: Sequence[Entry], before: int | None, now: datetime) -> Reply:
    """The newest entries first, or those before that number."""
    older = [each for each in reversed(entries) if before is None or each.number < before]
    page = older[:_PAGE]
    told = ValueRead(
        **dict(value_told(value, now)),
        entries=tuple(map(_entry, page)),
        after=str(page[-1].number) if len(older) > _PAGE else None,
    )
    return Reply(body=told)


def value_told(value: Value, now: datetime) -> ValueTold:
    """A hold whose time is over is shown as what it is: available."""
    terms = value.terms
    held = [each for each in value.holds if not each.is_over(now)]
    return ValueTold(
        code=terms.code,
        promotion_id=terms.promotion_id,
        voucher_class=terms.voucher_class,
        currency=terms.currency,
        available_minor=value.free_minor(now),
        held_minor=sum(each.amount_minor for each in held),
        spent_minor=value.spent_minor,
        expires_on=terms.expires_on,
        expired=terms.is_over(now),
        holds=tuple(map(_hold, held)),
    )


def _hold(held: Hold) -> HoldTold:
    return HoldTold(
        order_id=_order_id(held.order) or "",
        payment_id=held.payment or None,
        amount_minor=held.amount_minor,
        until=held.until,
    )


def _entry(entry: Entry) -> EntryTold:
    return EntryTold(
        number=entry.number,
        kind=entry.kind,
        amount_minor=entry.amount_minor,
        at=entry.at,
        order_id=_order_id(entry.order),
        payment_id=entry.payment or None,
    )


def _order_id(order: str) -> str | None:
    return OrderKey.of(order).order_id if order else None
