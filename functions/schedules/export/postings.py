"""A business day's postings: of the redemptions on its orders, and of the values that moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from vouchsafe.edge import clock, orders_table, redemptions_table, values_table, vat_setting
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.pure.order import Order
from vouchsafe.pure.posting import Document, Grounds, Returned, of_redemption, prices_include_tax
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import PAID, Promotion, Register, days_at
from vouchsafe.pure.value import Entry
from vouchsafe.pure.value_posting import of_value
from vouchsafe.pure.vat import Vat


def documents_of(day: date) -> Iterator[Document]:
    """Every document that is filed under the day, in no order; all by one state of the register
    and of the VAT classes."""
    said = _Said(register=RegisterReader(), vat=vat_setting.standing())
    for order, _ in orders_table.of_day(day):
        if order.has_discounts():
            yield from _of_order(order, said)
    moved = {each.terms.code for each in values_table.moved_on(day)}
    ended = {each.terms.code for each in values_table.ending_on(day)}
    for code in moved | ended:
        yield from _of_value(code, day, said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What people have said of promotions and taxes."""

    register: Register
    vat: Vat

    def promotions(self, row: Redemption) -> tuple[Promotion, ...]:
        found = (self.register.promotion(each) for each in row.promotions)
        return tuple(each for each in found if each)


def _of_order(order: Order, said: _Said) -> Iterator[Document]:
    for row in redemptions_table.of_order(order.key.text()).values():
        if isinstance(row, Redemption):
            yield from _of_redemption(row, order, said)


def _of_redemption(row: Redemption, order: Order, said: _Said) -> Iterator[Document]:
    """What a value paid of the order, the value's own entry books: of one use one document."""
    promotions = said.promotions(row)
    carries = any(each.voucher_class in PAID for each in promotions)
    entries = values_table.entries_of(row.code) if carries else []
    if any(each.kind == "spent" and each.order == row.key.text() for each in entries):
        return
    grounds = Grounds(
        promotions=promotions,
        vat=said.vat,
        days=days_at(said.register, row.key.platform, row.key.account, row.location_id),
        has_value=bool(entries),
        includes_tax=prices_include_tax(order),
    )
    yield from of_redemption(row, grounds, _returned(row, order))


def _of_value(code: str, day: date, said: _Said) -> Iterator[Document]:
    entries = values_table.entries_of(code)
    promotion = said.register.promotion(entries[0].terms.promotion_id)
    for each in of_value(entries, promotion, said.vat, clock.now(), _told(entries, day)):
        if each.booked_on == day:
            yield each


def _told(entries: Sequence[Entry], day: date) -> dict[str, tuple[str, ...]]:
    """By order, the redemptions that tell of what a value paid on that day."""
    paid = {
        each.order: each.terms.code for each in entries if each.kind == "spent" and each.day == day
    }
    return {order: tuple(_redemptions(order, code)) for order, code in paid.items()}


def _redemptions(order: str, code: str) -> Iterator[str]:
    for name, row in redemptions_table.of_order(order).items():
        if isinstance(row, Redemption) and row.code == code:
            yield f"{order}#{name}"


def _returned(row: Redemption, order: Order) -> Iterator[Returned]:
    """Each return by itself, so that what is booked stays as it is when more comes back; then what
    came back without any, when the order went off."""
    for at, minor in row.came_back:
        yield Returned(at=at, minor=minor)
    last = row.ended_at or order.returned_at or row.updated_at
    yield Returned(at=last, minor=row.returned_minor)
