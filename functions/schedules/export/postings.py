"""A business day's postings: of the redemptions on its orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from vouchsafe.edge import orders_table, redemptions_table, vat_setting
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.pure.order import Order
from vouchsafe.pure.posting import Document, Grounds, Returned, of_redemption
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Register, days_at
from vouchsafe.pure.vat import Vat


def documents_of(day: date) -> Iterator[Document]:
    """Every document that is filed under the day, in no order; all by one state of the register
    and of the VAT classes."""
    said = _Said(register=RegisterReader(), vat=vat_setting.standing())
    for order, _ in orders_table.of_day(day):
        if order.has_discounts():
            yield from _of_order(order, said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What people have said of promotions and taxes."""

    register: Register
    vat: Vat

    def grounds(self, row: Redemption) -> Grounds:
        found = (self.register.promotion(each) for each in row.promotions)
        return Grounds(
            promotions=tuple(each for each in found if each),
            vat=self.vat,
            days=days_at(self.register, row.key.platform, row.key.account, row.location_id),
        )


def _of_order(order: Order, said: _Said) -> Iterator[Document]:
    for row in redemptions_table.of_order(order.key.text()).values():
        if isinstance(row, Redemption):
            yield from of_redemption(row, said.grounds(row), _returned(row, order))


def _returned(row: Redemption, order: Order) -> list[Returned]:
    """What came back by now, as one step: the ledger keeps when it did last."""
    at = row.ended_at or order.returned_at or row.updated_at
    return [Returned(at=at, minor=row.returned_minor)]
