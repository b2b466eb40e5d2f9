"""What does the R-Series tell us? Sales as orders; lines that go back as refunds of their sales."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import (
    Body,
    Fact,
    Kind,
    Line,
    OrderKey,
    OrderSaid,
    RefundSaid,
    ReturnedLine,
)
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.identity import Identify, ranked
from vouchsafe.pure.parsing import parsed

from .discounts import discounts
from .documents import NONE, Sale, SaleLine, Told
from .words import currency_of, minor, rounded

READER = 1


def read_document(
    document: Document, connection: Connection, identify: Identify, received_at: datetime
) -> tuple[Fact, ...]:
    """The facts of a sale of `api`. Raises Unreadable."""
    if document.kind != "sale":
        raise Unreadable("document.kind", "must be sale")
    digest = sha256(document.body).hexdigest()
    source = _Source(connection, identify, digest, received_at, currency_of(connection))
    return tuple(source.facts(parsed(Told, document.body)))


@dataclass(frozen=True, slots=True)
class _Source:
    """The bytes in hand, of one account; `digest` is theirs."""

    connection: Connection
    identify: Identify
    digest: str
    received_at: datetime
    currency: str

    def facts(self, told: Told) -> Iterator[Fact]:
        """The sale, unless it is nothing but a return, and each return under its own sale."""
        sale = told.sale
        stay: list[tuple[int, SaleLine]] = []
        back: dict[str, list[tuple[int, SaleLine]]] = defaultdict(list)
        for at, line in enumerate(sale.lines.rows):
            original = _original(line, told)
            (back[original] if original else stay).append((at, line))
        if stay or not back:
            said = self._order_said(sale, stay, whole=not back)
            yield self._fact(sale, sale.sale_id, "order", said)
        for original, lines in sorted(back.items()):
            yield self._fact(sale, original, "refund", self._refund_said(sale, lines))

    def _order_said(
        self, sale: Sale, lines: list[tuple[int, SaleLine]], *, whole: bool
    ) -> OrderSaid:
        """`whole`: no line of the sale is told elsewhere, so that its own totals are ours."""
        taken = discounts(sale, lines, self.currency)
        rung = tuple(self._lines(lines))
        gross = sum(line.gross_minor for line in rung)
        discount = sum(each.amount_minor for each in taken)
        tip = self._tip(sale) if whole else 0
        total = self._total(sale, lines, whole=whole)
        tax = self._tax(sale) if whole else total - gross + discount
        done = sale.complete_time if sale.completed == "true" else None
        return OrderSaid(
            currency=self.currency,
            placed_at=sale.create_time,
            updated_at=sale.time_stamp,
            confirmed_at=done,
            reversed_at=sale.time_stamp if sale.voided == "true" else None,
            reversed_because="voided" if sale.voided == "true" else None,
            signals=(("final_bill", done), ("payment", done)) if done else (),
            location_id=sale.shop_id if sale.shop_id != NONE else None,
            staff=sale.employee_id if sale.employee_id != NONE else None,
            gross_minor=gross,
            discount_minor=discount,
            tax_minor=tax,
            tip_minor=tip,
            total_minor=total,
            # Where prices hold the tax, it is in the gross already.
            sums_foot=min(abs(gross - discount + each - total) for each in (tax, 0)) <= len(rung),
            lines=rung,
            discounts=taken,
        )

    def _lines(self, lines: list[tuple[int, SaleLine]]) -> Iterator[Line]:
        for at, line in lines:
            path = f"sale.SaleLines.SaleLine[{at}].unitPrice"
            yield Line(
                line_id=line.sale_line_id,
                quantity=line.unit_quantity,
                gross_minor=rounded(line.unit_quantity * line.unit_price, self.currency, path),
                sku=line.item_id if line.item_id != NONE else None,
            )

    def _total(self, sale: Sale, lines: list[tuple[int, SaleLine]], *, whole: bool) -> int:
        if whole:
            return minor(sale.calc_total, self.currency, "sale.calcTotal")
        return self._money(lines)

    def _refund_said(self, sale: Sale, lines: list[tuple[int, SaleLine]]) -> RefundSaid:
        done = sale.completed == "true" and sale.voided == "false"
        return RefundSaid(
            currency=self.currency,
            state="completed" if done else "failed" if sale.voided == "true" else "pending",
            refunded_at=sale.complete_time or sale.create_time,
            amount_minor=abs(self._money(lines)),
            lines=tuple(
                ReturnedLine(line_id=line.parent_sale_line_id, quantity=abs(line.unit_quantity))
                for _, line in lines
            ),
        )

    def _money(self, lines: list[tuple[int, SaleLine]]) -> int:
        return sum(
            rounded(line.calc_total, self.currency, f"sale.SaleLines.SaleLine[{at}].calcTotal")
            for at, line in lines
        )

    def _tax(self, sale: Sale) -> int:
        return sum(
            rounded(amount, self.currency, f"sale.{name}")
            for name, amount in (("calcTax1", sale.calc_tax1), ("calcTax2", sale.calc_tax2))
        )

    def _tip(self, sale: Sale) -> int:
        return sum(
            minor(each.tip_amount, self.currency, f"sale.SalePayments.SalePayment[{at}].tipAmount")
            for at, each in enumerate(sale.payments.rows)
        )

    def _fact(self, sale: Sale, order_id: str, kind: Kind, body: Body) -> Fact:
        connection = self.connection
        return Fact(
            order=OrderKey(
                platform=connection.platform, account=connection.account, order_id=order_id
            ),
            kind=kind,
            object_id=sale.sale_id,
            version=instant.text(sale.time_stamp),
            body=body,
            source_digest=self.digest,
            reader=READER,
            received_at=self.received_at,
            customer=self._customer(sale) if kind == "order" else (),
        )

    def _customer(self, sale: Sale) -> tuple[str, ...]:
        """The person's keys. Every account counts its customers from 1: an id needs its account."""
        contact = sale.customer.contact
        known = sale.customer_id != NONE
        own = f"lightspeed_retail/{self.connection.account}/{sale.customer_id}" if known else None
        return ranked(
            (
                *(self.identify("email", each.address) for each in contact.emails.rows),
                *(self.identify("phone", each.number) for each in contact.phones.rows),
                self.identify("customer", own),
            )
        )


def _original(line: SaleLine, told: Told) -> str | None:
    """The sale that a line gives back a part of; None for goods sold, and for a return of nobody
    knows what, which stays on its own sale as it stands."""
    if line.unit_quantity >= 0 or line.parent_sale_line_id == NONE:
        return None
    return told.parents.get(line.parent_sale_line_id)
