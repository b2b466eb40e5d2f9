"""Which discounts stand on a bill, what each took off which line, and the code in its reference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vouchsafe.pure.codes import canonical
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Discount, DiscountKind

from .bill import Rung

# Options of a connection: discount numbers, with commas.
CODE_DISCOUNTS = "code_discounts"
AUTOMATIC_DISCOUNTS = "automatic_discounts"
# A reference is what somebody typed; longer than any code, it is a sentence.
_LONGEST = 255


@dataclass(slots=True)
class Group:
    """The detail lines of one discount: one for each item that it fell on, or one for the check."""

    first: Rung
    code: str | None
    is_told: bool
    amount: int = 0
    shares: dict[str, int] = field(default_factory=dict)


class Discounts:
    """The discounts of one bill; `items` are the ids of its menu items."""

    def __init__(
        self, rungs: Iterable[Rung], items: tuple[str, ...], location: str, connection: Connection
    ) -> None:
        self._items = items
        self._location = location
        self._coded = _listed(connection, CODE_DISCOUNTS)
        self._automatic = _listed(connection, AUTOMATIC_DISCOUNTS)
        self._groups: dict[str, Group] = {}
        for each in rungs:
            self._add(each)

    def said(self) -> tuple[Discount, ...]:
        """The discounts in our words, in the order of the check."""
        return tuple(self._discount(name, group) for name, group in self._groups.items())

    def name(self, rung: Rung) -> str:
        """The id of the discount that a detail line belongs to: its number and code, for lines
        come and go, and several lines of one code are one discount."""
        number = _number(rung) or f"line {rung.detail.id}"
        scope = "" if self._line(rung) else ":check"
        return f"{number}:{canonical(self._code(rung) or '')}{scope}"

    def _add(self, rung: Rung) -> None:
        line, name = self._line(rung), self.name(rung)
        if name not in self._groups:
            self._groups[name] = Group(rung, self._code(rung), is_told=line is not None)
        group = self._groups[name]
        group.amount -= rung.amount
        if line is not None:
            group.shares[line] = group.shares.get(line, 0) - rung.amount

    def _line(self, rung: Rung) -> str | None:
        """The menu item that it fell on; None for the whole check."""
        parent = rung.detail.parent
        return parent if parent in self._items else None

    def _code(self, rung: Rung) -> str | None:
        """The reference, where this discount's reference is a code."""
        number = _number(rung)
        if number in self._automatic or (self._coded and number not in self._coded):
            return None
        told = (rung.detail.reference, rung.detail.reference_too)
        texts = (each.strip() for each in told if each and len(each) <= _LONGEST)
        return next((each for each in texts if canonical(each)), None)

    def _discount(self, name: str, group: Group) -> Discount:
        number = _number(group.first)
        aliases = (f"catalog:{self._location}/{number}", f"catalog:{number}") if number else ()
        return Discount(
            discount_id=name,
            kind=self._kind(group),
            amount_minor=group.amount,
            where=f"guestCheck.detailLines[{group.first.at}]",
            code_raw=group.code,
            aliases=aliases,
            shares=tuple(group.shares.items()) if group.is_told else None,
            lines=None if group.is_told else self._items or None,
        )

    def _kind(self, group: Group) -> DiscountKind:
        if group.code:
            return "code"
        return "automatic" if _number(group.first) in self._automatic else "till"


def _number(rung: Rung) -> str | None:
    return rung.detail.discount.number if rung.detail.discount else None


def _listed(connection: Connection, option: str) -> frozenset[str]:
    said: Mapping[str, str] = connection.options
    return frozenset(each.strip() for each in said.get(option, "").split(",") if each.strip())
