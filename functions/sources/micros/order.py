"""What a guest check says in our words: the order as it was sold, and what came back of it."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Line, OrderSaid, RefundSaid, ReturnedLine
from vouchsafe.pure.money import currency_at

from .bill import Rung, bill_of
from .discounts import Discounts
from .documents import CheckDocument, GuestCheck
from .words import minor

# Options of a connection.
CURRENCY = "currency"
TRAINING = "training_rvcs"
# A tax that is added to the prices; of the other kinds nothing is documented but their numbers.
_ADDED = 1


class Told:
    """One guest check, worked out once in minor units. Raises Unreadable."""

    def __init__(self, document: CheckDocument, connection: Connection) -> None:
        self._check = check = document.check
        self._connection = connection
        self.location = document.location.strip().casefold()
        self.currency = _currency(self.location, connection)
        self._bill = bill_of(check, self.currency)
        items = tuple(each.detail.id for each in self._bill.items)
        off = [each for each in self._bill.discounts if each.amount <= 0]
        self._discounts = Discounts(off, items, self.location, connection)

    @property
    def order_id(self) -> str:
        return f"{self.location}:{self._check.id}"

    def order(self) -> OrderSaid:
        """The order. Totals are as sold: what came back later is a refund."""
        check, discounts = self._check, self._discounts.said()
        closed_at, reversed_at = self._closed_at(), self._reversed_at()
        lines = tuple(self._lines())
        gross = sum(each.gross_minor for each in lines)
        taken = sum(each.amount_minor for each in discounts)
        total = self._total() + self._bill.money_back
        return OrderSaid(
            currency=self.currency,
            placed_at=_placed_at(check),
            updated_at=check.version_at(),
            confirmed_at=None if reversed_at else closed_at,
            reversed_at=reversed_at,
            reversed_because=self._because() if reversed_at else None,
            signals=_signals(None if reversed_at else closed_at),
            location_id=self.location,
            staff=check.employee,
            channel=f"order type {check.order_type}" if check.order_type else None,
            test=check.revenue_center in _listed(self._connection, TRAINING),
            gross_minor=gross,
            discount_minor=taken,
            tax_minor=self._tax() + self._tax_back(),
            tip_minor=self._minor(check.tip_total, "tipTotal"),
            total_minor=total,
            sums_foot=self._foots(gross, taken, total),
            lines=lines,
            discounts=discounts,
            refunds=((self.refund_id, self._bill.money_back),) if self._bill.goods_back else (),
        )

    @property
    def refund_id(self) -> str:
        return f"{self.order_id}:back"

    def refund(self) -> RefundSaid | None:
        """What went back after the check was paid: goods, with the money for them."""
        bill = self._bill
        if not bill.goods_back:
            return None
        return RefundSaid(
            currency=self.currency,
            state="completed" if self._check.is_closed else "pending",
            refunded_at=max(each.rung.detail.at for each in bill.goods_back if each.rung.detail.at),
            amount_minor=bill.money_back,
            lines=tuple(self._returned()),
        )

    def _lines(self) -> Iterator[Line]:
        for each in self._bill.items:
            sold = each.detail.menu_item
            yield _line(each, each.units, sold.number if sold else None, None)
        for each in self._bill.charges:
            yield _line(each, Decimal(1), None, "service_charge")
        for each in self._bill.discounts:
            # Some houses post a surcharge as a discount, and a return gives discounts back so.
            if each.amount > 0:
                yield _line(each, Decimal(1), None, "surcharge")

    def _returned(self) -> Iterator[ReturnedLine]:
        shares: dict[str, dict[str, int]] = {}
        for void in self._bill.discounts_back:
            of_line = shares.setdefault(void.of.detail.parent or "", {})
            name = self._discounts.name(void.of)
            of_line[name] = of_line.get(name, 0) + void.rung.amount
        for void in self._bill.goods_back:
            own = shares.get(void.of.detail.id, {})
            yield ReturnedLine(
                line_id=void.of.detail.id,
                quantity=abs(void.rung.units),
                shares=tuple(own.items()) if self._bill.discounts_back else None,
            )

    def _reversed_at(self) -> datetime | None:
        check = self._check
        gone = self._bill.is_voided and bool(check.is_closed) and not self._total()
        return (self._closed_at() or check.version_at()) if check.is_cancelled or gone else None

    def _closed_at(self) -> datetime | None:
        """When it was paid. One that was opened again was paid when it closed again, but where it
        was opened to give something back."""
        check = self._check
        if not check.is_closed:
            return None
        first = check.closed_at if self._bill.goods_back else None
        return first or check.closed_again_at or check.closed_at or check.version_at()

    def _because(self) -> str:
        return "cancelled" if self._check.is_cancelled else "voided"

    def _total(self) -> int:
        if self._check.total is None and self._check.is_closed:
            raise Unreadable("guestCheck.chkTtl", "is missing")
        return self._minor(self._check.total, "chkTtl")

    def _tax(self, *kinds: int) -> int:
        return sum(
            self._minor(each.collected, f"taxes[{at}].taxCollTtl")
            for at, each in enumerate(self._check.taxes or ())
            if not kinds or each.kind in kinds
        )

    def _tax_back(self) -> int:
        """The tax in what was paid back: all of it that is not for goods."""
        goods = -sum(each.rung.amount for each in self._bill.goods_back)
        off = sum(each.rung.amount for each in self._bill.discounts_back)
        return max(self._bill.money_back - (goods - off), 0)

    def _foots(self, gross: int, taken: int, total: int) -> bool:
        """Whether the check's lines and its totals tell the same. Tax is added to the prices or
        within them, by kinds that the vendor does not document."""
        added = total - self._tax_back() - (gross - taken)
        told = self._check.discount_total
        surcharges = sum(each.amount for each in self._bill.discounts if each.amount > 0)
        off = sum(each.rung.amount for each in self._bill.discounts_back)
        shown = surcharges - taken + off
        same = told is None or self._minor(told, "dscTtl") == shown
        return same and added in (0, self._tax(), self._tax(_ADDED))

    def _minor(self, amount: str | None, name: str) -> int:
        return minor(amount, self.currency, f"guestCheck.{name}")


def _line(rung: Rung, quantity: Decimal, sku: str | None, category: str | None) -> Line:
    return Line(
        line_id=rung.detail.id,
        quantity=quantity,
        gross_minor=rung.amount,
        sku=sku,
        category=category,
    )


def _currency(location: str, connection: Connection) -> str:
    """The location's, which no check tells. Raises Unreadable where nobody said it."""
    told = connection.options.get(f"{CURRENCY}_{location}") or connection.options.get(CURRENCY)
    if not told:
        raise Unreadable("connection.options.currency", "is missing")
    return currency_at(told, "connection.options.currency")


def _placed_at(check: GuestCheck) -> datetime:
    first = min((each.at for each in check.details or () if each.at), default=None)
    return check.opened_at or first or check.closed_at or check.version_at()


def _signals(closed_at: datetime | None) -> tuple[tuple[str, datetime], ...]:
    """A check closes when it is paid."""
    return (("final_bill", closed_at), ("payment", closed_at)) if closed_at else ()


def _listed(connection: Connection, option: str) -> frozenset[str | None]:
    said = connection.options.get(option, "").split(",")
    return frozenset(each.strip() for each in said if each.strip())
