"""Postings: what a redemption means in the books, as documents whose debits and credits are equal.

Accounts are named by their roles; which numbers they have, an accountant says. The class of the
voucher decides (lesson 35): a discount cuts the taxable amount, and so does at the till what was
taxed when it was sold; a means of payment does not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeVar

from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.order import Order
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Promotion, VoucherClass
from vouchsafe.pure.vat import UNKNOWN, Split, Vat, split

Role = Literal[
    "takings_clearing",
    "discounts_given",
    "vat_output",
    "voucher_liability",
    "deferred_revenue",
    "breakage_income",
    "value_withdrawn",
]
Cause = Literal[
    "confirmed",
    "returned",
    "issued",
    "topped_up",
    "spent",
    "given_back",
    "withdrawn",
    "expired",
]
# Debits above zero, credits below it.
Amounts = Mapping[Role, int]
T = TypeVar("T")

# What a code stands for until it is used at the till: a discount stands for nothing before.
HELD_IN: Mapping[VoucherClass | None, Role] = {
    "discount": "discounts_given",
    "single_purpose": "deferred_revenue",
    "multi_purpose": "voucher_liability",
    "stored_value": "voucher_liability",
    None: "discounts_given",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a document, in minor units: a debit or a credit, never both."""

    role: Role
    debit_minor: int = 0
    credit_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one event means in the books. `booked_on` is the business day of the event at the place
    (`platform/account/location_id`). `vat_class` is empty where no tax is in it, and `vat_unknown`
    where nobody has said its rate. `reversal_of` is the document that it takes back, in part or
    whole; `evidence` are redemptions that tell of the same event. `estimated`: money came back
    without naming what for, and the share of it is in proportion."""

    document_id: str
    cause: Cause
    happened_at: datetime
    booked_on: date
    place: str
    order: str
    currency: str
    code: str
    promotions: tuple[str, ...]
    voucher_class: VoucherClass | None
    vat_class: str
    percent: Decimal | None
    lines: tuple[Line, ...]
    reversal_of: str = ""
    evidence: tuple[str, ...] = ()
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What the postings of a redemption rest on besides itself: the promotions that it names, the
    rates, and the business day of its place. `has_value`: the code has a value of its own, which a
    till that gave a discount did not touch: it waits for a person to withdraw it. `includes_tax` is
    what the order's own sums say of its prices, if they say it."""

    promotions: tuple[Promotion, ...]
    vat: Vat
    days: DayRule
    has_value: bool = False
    includes_tax: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """How much of a redemption had come back by an instant."""

    at: datetime
    minor: int


def of_redemption(
    redemption: Redemption, grounds: Grounds, returned: Iterable[Returned]
) -> list[Document]:
    """A document when it was confirmed, and one for each return, oldest first: together they are
    exactly what is left. None for what was never confirmed or took nothing off."""
    if redemption.confirmed_at is None or not redemption.discount_minor:
        return []
    sold = _Sold(redemption, grounds)
    documents = [sold.document("confirmed", redemption.confirmed_at, sold.amounts(0, sold.whole))]
    before = 0
    for each in (each for each in returned if each.minor > before):
        back = negative(sold.amounts(before, each.minor))
        documents.append(sold.document("returned", each.at, back, upto=each.minor))
        before = each.minor
    return documents


def prices_include_tax(order: Order) -> bool | None:
    """What an order's own sums say; None where it tells no tax, or they can be read either way.
    Each line and discount may be rounded by itself."""
    if not order.tax_minor or not order.sums_foot:
        return None
    beside = order.total_minor - order.tip_minor - order.net_minor
    slack = len(order.lines) + len(order.charged)
    included, added = abs(beside) <= slack, abs(beside - order.tax_minor) <= slack
    return None if included == added else included


def lines_of(amounts: Amounts) -> tuple[Line, ...]:
    """Debits, then credits. Raises ValueError where they are not equal: nothing is booked so."""
    if sum(amounts.values()):
        raise ValueError(f"a document that does not balance: {amounts}")
    debits = [Line(role=role, debit_minor=held) for role, held in amounts.items() if held > 0]
    credit = [Line(role=role, credit_minor=-held) for role, held in amounts.items() if held < 0]
    return (*debits, *credit)


def negative(amounts: Amounts) -> dict[Role, int]:
    """The same amounts on the other side."""
    return {role: -held for role, held in amounts.items()}


def only(said: Iterable[T]) -> T | None:
    """What all of them say; None where they differ, or there are none."""
    different = set(said)
    return different.pop() if len(different) == 1 else None


class _Sold:
    """A redemption with its class and the split of its discount."""

    def __init__(self, redemption: Redemption, grounds: Grounds) -> None:
        key = redemption.key
        self._redemption = redemption
        self._days = grounds.days
        self._place = "/".join((key.platform, key.account, redemption.location_id or ""))
        self._class = only(each.voucher_class for each in grounds.promotions)
        self._role: Role = "value_withdrawn" if grounds.has_value else HELD_IN[self._class]
        self._vat_class, self._percent = self._tax(grounds)
        self._split = self._splitted(grounds.vat)
        self.whole = redemption.discount_minor

    def amounts(self, after: int, upto: int) -> dict[Role, int]:
        """What falls on the discount's units after so many of them, up to so many."""
        part, before = self._split.first(upto), self._split.first(after)
        return {
            self._role: part.net_minor() - before.net_minor(),
            "vat_output": part.vat_minor - before.vat_minor,
            "takings_clearing": before.gross_minor() - part.gross_minor(),
        }

    def document(
        self, cause: Cause, at: datetime, amounts: Amounts, upto: int | None = None
    ) -> Document:
        said, sold = self._redemption, self._id("confirmed")
        return Document(
            document_id=sold if upto is None else self._id("returned", str(upto)),
            cause=cause,
            happened_at=at,
            booked_on=self._days.day_of(at),
            place=self._place,
            order=said.key.text(),
            currency=said.currency,
            code=said.code,
            promotions=said.promotions,
            voucher_class=self._class,
            vat_class=self._vat_class,
            percent=self._percent,
            lines=lines_of(amounts),
            reversal_of="" if upto is None else sold,
            estimated=upto is not None and said.estimated,
        )

    def _id(self, *what: str) -> str:
        said = self._redemption
        return "#".join((said.key.text(), said.item_id(), *what))

    def _tax(self, grounds: Grounds) -> tuple[str, Decimal | None]:
        """The tax's class and rate; none for a means of payment, and unknown where the order says
        otherwise than the setting whether its prices hold it."""
        if HELD_IN[self._class] == "voucher_liability":
            return "", None
        name = only(each.vat_class for each in grounds.promotions) or UNKNOWN
        percent = grounds.vat.rate(name, self._redemption.business_day, self._place)
        contradicted = grounds.includes_tax not in (None, grounds.vat.includes(self._place))
        return (UNKNOWN, None) if percent is None or contradicted else (name, percent)

    def _splitted(self, vat: Vat) -> Split:
        amount = self._redemption.discount_minor
        if self._percent is None:
            return Split(amount_minor=amount, vat_minor=0, includes=True)
        return split(amount, self._percent, includes=vat.includes(self._place))
