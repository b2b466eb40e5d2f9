"""Postings of vouchers that were paid for: a document for each move, from their sale to their end.

What is taxed when it is sold waits as `deferred_revenue`, without its tax; a means of payment is
owed whole, as `voucher_liability`, and its spending leaves the taxable amount as it is (Directive
2006/112/EC, article 30b). What was sold below its face is a discount.
Whatever the moves, once nothing of a value is left, nothing is left on its account.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from vouchsafe.pure.posting import (
    HELD_IN,
    Amounts,
    Cause,
    Document,
    Role,
    lines_of,
    negative,
    only,
)
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.value import Breakage, Entry, ValueTerms, breakages, in_turn
from vouchsafe.pure.vat import UNKNOWN, Split, Vat, half_up, split

# Redemptions by the order on which a till told of the same use: they are evidence, and no document.
Told = Mapping[str, tuple[str, ...]]


def of_value(
    entries: Iterable[Entry], promotion: Promotion | None, vat: Vat, now: datetime, told: Told
) -> list[Document]:
    """Every document of one value, oldest first. Holds move no money, and have none; nor has what
    rounds to nothing."""
    made = in_turn(entries)
    if not made:
        return []
    account = _Account(made[0].terms, promotion.vat_class if promotion else "", vat)
    over = breakages(made, now)
    ended = [each for each in over if each.cause == "expired"]
    after_it = {each.cause: each for each in over if each.cause != "expired"}
    documents: list[Document] = []
    for entry in made:
        if ended and entry.terms.is_over(entry.at):
            documents += account.expired(ended.pop(), made[0])
        documents += account.moved(entry, told.get(entry.order, ()))
        if entry.cause in after_it:
            documents += account.expired(after_it[entry.cause], entry)
    for last in ended:
        documents += account.expired(last, made[0])
    return [each for each in documents if each.lines]


@dataclass(slots=True)
class _Share:
    """Units of value, and what stands for them on the account. Whoever takes the last units takes
    all that is left."""

    units: int = 0
    booked: int = 0

    def add(self, units: int, booked: int) -> None:
        self.units += units
        self.booked += booked

    def take(self, units: int) -> int:
        taken = half_up(self.booked * units, self.units)
        self.add(-units, -taken)
        return taken


class _Account:
    """One value's account, move by move."""

    def __init__(self, terms: ValueTerms, vat_class: str, vat: Vat) -> None:
        self._terms = terms
        self._role = HELD_IN[terms.voucher_class]
        self._vat_class = vat_class or UNKNOWN
        self._vat = vat
        self._left = _Share()
        self._spent: dict[tuple[str, str], tuple[str, _Share]] = {}
        self._percents: list[Decimal | None] = []

    def moved(self, entry: Entry, evidence: tuple[str, ...]) -> Iterator[Document]:
        """The document of an entry, if it moves money."""
        match entry.kind:
            case "issued" | "topped_up":
                yield self._document(entry.kind, entry, self._sold(entry))
            case "spent":
                amounts = self._paid(entry)
                yield self._document("spent", entry, amounts, evidence=evidence)
            case "given_back":
                spent, share = self._spent[entry.order, entry.payment]
                amounts = self._given_back(entry, share)
                yield self._document("given_back", entry, amounts, reversal_of=spent)
            case "withdrawn":
                amounts = self._ended(entry.amount_minor, "value_withdrawn")
                yield self._document("withdrawn", entry, amounts)

    def expired(self, over: Breakage, entry: Entry) -> Iterator[Document]:
        """What nobody can spend any more is income; the tax of what was taxed stays paid."""
        late = over.cause != "expired"
        said = self._document("expired", entry, self._ended(over.amount_minor, "breakage_income"))
        yield replace(
            said,
            document_id=self._id("expired", *([over.cause] if late else [])),
            happened_at=entry.at if late else self._terms.over_at(),
            booked_on=over.day,
            order="",
        )

    def _sold(self, entry: Entry) -> Amounts:
        """Tax is due on what was paid; what that is below the face, without tax, is a discount."""
        percent = self._rate(entry)
        self._percents.append(percent)
        face, price = (
            self._split(minor, percent) for minor in (entry.amount_minor, entry.paid_minor)
        )
        self._left.add(entry.amount_minor, face.net_minor())
        return {
            "takings_clearing": price.gross_minor(),
            "discounts_given": face.net_minor() - price.net_minor(),
            self._role: -face.net_minor(),
            "vat_output": -price.vat_minor,
        }

    def _paid(self, entry: Entry) -> Amounts:
        share = _Share(entry.amount_minor, self._left.take(entry.amount_minor))
        self._spent[entry.order, entry.payment] = self._id(entry.cause), share
        return self._at_the_till(entry.amount_minor, share.booked)

    def _given_back(self, entry: Entry, share: _Share) -> Amounts:
        booked = share.take(entry.amount_minor)
        self._left.add(entry.amount_minor, booked)
        return negative(self._at_the_till(entry.amount_minor, booked))

    def _at_the_till(self, minor: int, booked: int) -> Amounts:
        """The till taxes its sale in full; of what was taxed before, the tax is taken off again."""
        return {self._role: booked, "vat_output": minor - booked, "takings_clearing": -minor}

    def _ended(self, minor: int, income: Role) -> Amounts:
        booked = self._left.take(minor)
        return {self._role: booked, income: -booked}

    def _rate(self, entry: Entry) -> Decimal | None:
        if self._role == "voucher_liability":
            return None
        return self._vat.rate(self._vat_class, entry.day, entry.place)

    def _split(self, minor: int, percent: Decimal | None) -> Split:
        """Face and price hold their tax, whatever the prices of the place do."""
        return split(minor, percent or Decimal(0), includes=True)

    def _tax(self) -> tuple[str, Decimal | None]:
        """The class and the rate of what was sold; none of several rates."""
        if self._role == "voucher_liability":
            return "", None
        if None in self._percents:
            return UNKNOWN, None
        return self._vat_class, only(self._percents)

    def _document(
        self,
        cause: Cause,
        entry: Entry,
        amounts: Amounts,
        *,
        reversal_of: str = "",
        evidence: tuple[str, ...] = (),
    ) -> Document:
        vat_class, percent = self._tax()
        return Document(
            document_id=self._id(entry.cause),
            cause=cause,
            happened_at=entry.at,
            booked_on=entry.day,
            place=entry.place,
            order=entry.order,
            currency=self._terms.currency,
            code=self._terms.code,
            promotions=(self._terms.promotion_id,),
            voucher_class=self._terms.voucher_class,
            vat_class=vat_class,
            percent=percent,
            lines=lines_of(amounts),
            reversal_of=reversal_of,
            evidence=evidence,
        )

    def _id(self, *what: str) -> str:
        return "#".join(("value", self._terms.code, *what))
