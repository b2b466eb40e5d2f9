"""What a check says in our words: the order as it was sold, and what came back of it."""

from collections.abc import Iterator
from datetime import datetime

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Line, OrderSaid, RefundSaid, ReturnedLine
from vouchsafe.pure.money import currency_at, minor_at

from .bill import Back, Rung, bill_of
from .discounts import Reasons, discounts_said, name_of
from .documents import Check

CURRENCY = "currency"
# The product is sold in the United States; a venue elsewhere says its currency.
USUAL_CURRENCY = "USD"
_OPEN = frozenset({"open"})
_CLOSED = frozenset({"closed"})
# Not documented; what else a status may be is unreadable, so that it is looked at.
_OFF = frozenset({"void", "voided", "cancelled", "canceled", "deleted"})


class Told:
    """One check, worked out once in minor units. Raises Unreadable."""

    def __init__(self, check: Check, connection: Connection) -> None:
        self._check = check
        if check.status not in _OPEN | _CLOSED | _OFF:
            raise Unreadable("status", "is a status that we do not know")
        self.currency = currency_at(
            connection.options.get(CURRENCY) or USUAL_CURRENCY, "connection.options.currency"
        )
        self._reasons = Reasons(connection)
        self._bill = bill_of(check, self.currency, self._reasons.is_gone)
        self._discounts = tuple(discounts_said(self._bill, check.voidcomp, self._reasons))

    @property
    def refund_id(self) -> str:
        return f"{self._check.id}:back"

    def order(self) -> OrderSaid:
        """The order. Totals are as sold: what came back later is a refund."""
        check, bill = self._check, self._bill
        paid_at, off_at = self._paid_at(), self._off_at()
        lines = tuple(self._lines())
        as_sold = bill.money_back if bill.back else 0
        return OrderSaid(
            currency=self.currency,
            placed_at=check.open_time,
            updated_at=self.seen_at(),
            confirmed_at=None if off_at else paid_at,
            reversed_at=off_at,
            reversed_because="voided" if off_at else None,
            signals=(("final_bill", paid_at), ("payment", paid_at))
            if paid_at and not off_at
            else (),
            staff=check.employee_id or None,
            channel=self._channel(),
            gross_minor=sum(each.gross_minor for each in lines),
            discount_minor=sum(each.amount_minor for each in self._discounts),
            tax_minor=self._minor("tax_total", check.tax_total) + self._tax_back(),
            tip_minor=self._tip(),
            total_minor=self._minor("total", check.total) + as_sold,
            sums_foot=self._foots(),
            lines=lines,
            discounts=self._discounts,
            refunds=((self.refund_id, bill.money_back),) if self._gave_back() else (),
        )

    def refund(self) -> RefundSaid | None:
        """The goods that went back after the check was paid, and the money for them. Money alone
        needs no more than its name in the order."""
        if not self._bill.back:
            return None
        return RefundSaid(
            currency=self.currency,
            state="completed",
            refunded_at=self._refunded_at(),
            amount_minor=self._bill.money_back,
            lines=tuple(map(_returned, self._bill.back)),
        )

    def seen_at(self) -> datetime:
        """The newest instant that the check tells: it has no update time."""
        return max(self._instants(), default=self._check.open_time)

    def _instants(self) -> Iterator[datetime]:
        check = self._check
        yield from (each for each in (check.open_time, check.close_time) if each)
        yield from (each.date for each in check.payments or () if each.date)
        for item in check.items or ():
            yield from (each.date for each in (item, *(item.sides or ())) if each.date)

    def _gave_back(self) -> bool:
        return bool(self._bill.back or self._bill.money_back)

    def _refunded_at(self) -> datetime:
        """When money was paid out; for goods without money, when they were rung."""
        paid = (each.date for each in self._check.payments or () if each.amount[0] == "-")
        rung = (each.rung.line.date for each in self._bill.back)
        out = max(filter(None, paid), default=None)
        return out or max(filter(None, rung), default=None) or self.seen_at()

    def _paid_at(self) -> datetime | None:
        """When it was paid: closed, and nothing outstanding but what was given back."""
        check = self._check
        due = self._minor("outstanding_balance", check.outstanding_balance)
        if check.status not in _CLOSED or due > self._bill.money_back:
            return None
        return self._first_paid_at() or check.close_time or self.seen_at()

    def _first_paid_at(self) -> datetime | None:
        """What was opened again to give something back was paid before, and closes once more."""
        came = (each.date for each in self._check.payments or () if each.amount[0] != "-")
        return max(filter(None, came), default=None) if self._bill.back else None

    def _off_at(self) -> datetime | None:
        off = self._check.status in _OFF
        gone = self._bill.is_voided and self._check.status in _CLOSED
        return (self._check.close_time or self.seen_at()) if off or gone else None

    def _channel(self) -> str | None:
        online = self._check.online_order
        return (online and online.source) or self._check.type or None

    def _lines(self) -> Iterator[Line]:
        for each in self._bill.sold:
            yield _line(each)

    def _tip(self) -> int:
        payments = self._check.payments or ()
        tips = sum(
            self._minor(f"payments[{at}].tip_amount", each.tip_amount)
            for at, each in enumerate(payments)
        )
        gratuities = sum(
            self._minor(f"payments[{at}].autograt_amount", each.autograt_amount)
            for at, each in enumerate(payments)
        )
        # The same gratuity stands on the check, and on the payment that brought it.
        mandatory = self._minor("mandatory_tip_amount", self._check.mandatory_tip_amount)
        return tips + max(gratuities, mandatory)

    def _tax_back(self) -> int:
        """The tax in what was paid back: all of it that is not for goods."""
        worth = sum(each.rung.off - each.rung.gross for each in self._bill.back)
        return max(self._bill.money_back - worth, 0) if self._bill.back else 0

    def _foots(self) -> bool:
        """Whether the lines come to the subtotal, and the subtotal with its tax to the total. What
        is voided comes to nothing, whatever stood on it."""
        check = self._check
        if self._off_at() and not self._minor("total", check.total):
            return True
        subtotal = self._minor("sub_total", check.sub_total)
        tax = self._minor("tax_total", check.tax_total)
        tip = self._minor("mandatory_tip_amount", check.mandatory_tip_amount)
        total = self._minor("total", check.total)
        sums = {subtotal + tax, subtotal + tax + tip, subtotal, subtotal + tip}
        return self._bill.foots and total in sums

    def _minor(self, path: str, amount: str | None) -> int:
        return minor_at(amount, self.currency, path)


def _line(rung: Rung) -> Line:
    """A line below zero that takes back nothing of this check gives back its comp as well."""
    return Line(
        line_id=rung.line.id,
        quantity=rung.units,
        gross_minor=rung.gross - rung.off if rung.gross < 0 else rung.gross,
        sku=rung.line.item_id,
        category=rung.line.category_id,
    )


def _returned(back: Back) -> ReturnedLine:
    share = (name_of(back.of), -back.rung.off)
    return ReturnedLine(
        line_id=back.of.line.id,
        quantity=abs(back.rung.units),
        shares=(share,) if back.rung.off and back.of.line.voidcomp else None,
    )
