"""The order fact that an order of Clover makes."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure import instant
from vouchsafe.pure.facts import Fact, Line, OrderSaid
from vouchsafe.pure.identity import ranked
from vouchsafe.pure.money import currency_at
from vouchsafe.pure.source import Source

from .bill import Bill, Rung, bill_of, hides_nothing
from .discounts import discounts_of
from .documents import Order
from .payment import Paid, payment_facts, payments_of
from .refund import backs_of, refund_facts
from .words import MERCHANT, listed

# The option of a connection that says what confirms an order of nothing: that it is `locked`
# (the usual), or only Clover's own word that it is `paid`.
ZERO_TOTAL = "zero_total"
_PAID = ("PAID", "REFUNDED", "CREDITED", "PARTIALLY_REFUNDED")


def facts_of(order: Order, source: Source) -> Iterator[Fact]:
    """The order, its payments, and what was given back for it. Raises Unreadable."""
    currency_at(order.currency, "currency")
    bill, told = bill_of(order), version(order)
    said = _Reading(order, bill, source).said()
    yield source.fact("order", order.id, order.id, told, said, _customer(order, source))
    yield from payment_facts(order, source)
    yield from refund_facts(order, bill, told, source)


def version(order: Order) -> str:
    """The order's update time, then the newest of all that hangs on it: what happens to a payment
    does not always move the order's own."""
    return f"{instant.text(order.modified_time)} {instant.text(updated_at(order))}"


def updated_at(order: Order) -> datetime:
    """The last change of the order or of anything on it."""
    times = [order.modified_time, *(each.changed_at for each in payments_of(order))]
    times += [each.at for each in backs_of(order)]
    return max([*times, order.deleted_timestamp or order.modified_time])


def is_explained(order: Order) -> bool:
    """Whether the bill, as far as we have it, comes to the total, and no line was taken off whole:
    a free line comes to nothing with its modifications or without. Raises Unreadable."""
    bill = bill_of(order)
    if not bill.lines:
        return True
    comes_to_it = order.total is None or order.total == _come_to(order, bill)
    return comes_to_it and hides_nothing(bill)


def _foots(order: Order, bill: Bill) -> bool:
    """Whether lines, discounts, payments and total tell the same."""
    total, owed = order.total, _owed(order, bill)
    if total is None or not bill.lines:
        return True
    if owed is None:
        # Nobody has paid in full, so nothing says how much of the total is tax; and who made the
        # order may not have written a total yet.
        return not total or total >= bill.due_minor
    # Applications may take off the total what came back.
    less = any(each.item.refunded for each in bill.lines)
    return 0 <= total <= owed if less else total == owed


def _owed(order: Order, bill: Bill) -> int | None:
    """What the bill comes to with its tax, which only payments tell; None before it is paid."""
    if order.is_vat or not bill.due_minor:
        return bill.due_minor
    done = _done(order)
    return bill.due_minor + _tax(done) if done and _is_paid(order) else None


def _come_to(order: Order, bill: Bill) -> int:
    """What the bill comes to, as far as is known."""
    owed = _owed(order, bill)
    return bill.due_minor if owed is None else owed


def _is_paid(order: Order) -> bool:
    return order.payment_state in _PAID or order.unpaid_balance == 0


def _done(order: Order) -> list[Paid]:
    return [each for each in payments_of(order) if each.state == "completed"]


def _tax(done: list[Paid]) -> int:
    return sum(each.payment.tax_amount or 0 for each in done)


def _customer(order: Order, source: Source) -> tuple[str, ...]:
    keys: list[str | None] = []
    for each in listed(order.customers):
        keys += [
            source.identify("email", one.email_address) for one in listed(each.email_addresses)
        ]
        keys += [source.identify("phone", one.phone_number) for one in listed(each.phone_numbers)]
        keys.append(source.customer(each.id))
    return ranked(keys)


class _Reading:
    """One order, with what follows from its parts."""

    def __init__(self, order: Order, bill: Bill, source: Source) -> None:
        self._order = order
        self._bill = bill
        self._source = source
        self._payments = payments_of(order)
        self._done = _done(order)
        self._placed_at = order.client_created_time or order.created_time
        self._total = self._total_minor()

    def said(self) -> OrderSaid:
        order = self._order
        confirmed_at = self._confirmed_at()
        reversed_at, because = self._reversed()
        bare = self._gives_back_only()
        return OrderSaid(
            currency=order.currency,
            placed_at=self._placed_at,
            updated_at=updated_at(order),
            confirmed_at=confirmed_at,
            reversed_at=reversed_at,
            reversed_because=because,
            signals=_signals(confirmed_at),
            # Every place is a merchant of its own.
            location_id=self._source.connection.options.get(MERCHANT) or None,
            staff=(order.employee.id if order.employee else None) or None,
            channel=(order.order_type.label if order.order_type else None) or None,
            test=bool(order.test_mode),
            gross_minor=0 if bare else self._gross_minor(),
            discount_minor=0 if bare else self._bill.discount_minor,
            tax_minor=_tax(self._done),
            tip_minor=sum(each.payment.tip_amount or 0 for each in self._done),
            total_minor=0 if bare else self._total,
            sums_foot=bare or _foots(order, self._bill),
            lines=() if bare else tuple(map(_line, self._bill.lines)),
            discounts=() if bare else discounts_of(self._bill),
        )

    def _gives_back_only(self) -> bool:
        """A manual refund is an order of its own, of which nothing was sold; whose sale it gives
        back, nobody knows."""
        return bool(listed(self._order.credits)) and not self._payments

    def _gross_minor(self) -> int:
        """A manual transaction has an amount and no lines."""
        if self._bill.lines:
            return self._bill.gross_minor
        return self._total - _tax(self._done) + self._bill.discount_minor

    def _total_minor(self) -> int:
        """The total as it was written, but where nobody wrote it, and where bill and payments
        agree against it: applications leave it as it was, or take off what came back since."""
        told, bill = self._order.total, self._bill
        if not bill.lines:
            return told or 0
        come_to = _come_to(self._order, bill)
        if told is None or (not told and not _is_paid(self._order)):
            return come_to
        paid = sum(each.payment.amount for each in self._done)
        return come_to if paid == come_to else told

    def _confirmed_at(self) -> datetime | None:
        """When it was paid: by Clover's word, or when nothing is left to pay. An order of nothing
        has no payment: the sale's time stands in."""
        order = self._order
        told = order.payment_state in _PAID and not self._gives_back_only()
        if told or (order.unpaid_balance == 0 and self._done):
            times = [each.payment.created_time for each in self._done]
            return max(times, default=self._placed_at)
        return self._placed_at if self._is_closed_for_nothing() else None

    def _is_closed_for_nothing(self) -> bool:
        order = self._order
        return (
            self._source.connection.options.get(ZERO_TOTAL, "locked") == "locked"
            and (order.state or "").lower() == "locked"
            and order.total == 0 == self._total
            and bool(self._bill.lines)
            and not self._payments
        )

    def _reversed(self) -> tuple[datetime | None, str | None]:
        """When the whole order went off, and why."""
        order = self._order
        if order.deleted_timestamp:
            return order.deleted_timestamp, "deleted"
        if order.payment_state == "REFUNDED":
            times = [each.at for each in backs_of(order) if each.state == "completed"]
            return max(times, default=order.modified_time), "refunded in full"
        voided = [each for each in self._payments if each.state == "failed"]
        if voided and len(voided) == len(self._payments) and order.payment_state not in _PAID:
            return max(each.changed_at for each in voided), "payment voided"
        return None, None


def _signals(confirmed_at: datetime | None) -> tuple[tuple[str, datetime], ...]:
    """A payment closes the bill, and is the only proof that Clover gives."""
    if confirmed_at is None:
        return ()
    return (("final_bill", confirmed_at), ("payment", confirmed_at))


def _line(rung: Rung) -> Line:
    return Line(
        line_id=rung.item.id,
        quantity=rung.quantity,
        gross_minor=rung.gross_minor,
        sku=(rung.item.item.id if rung.item.item else None) or None,
        category="fee" if rung.is_fee else None,
    )
