"""Which discounts stand on a check: its comps, by their reasons, which the register maps."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vouchsafe.pure.codes import canonical, folded
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.facts import Discount, DiscountKind

from .bill import Bill, Rung
from .documents import VoidComp

# Options of a connection: reasons, with commas; and what stands before a code in a reason.
PROMO_VOIDS = "promo_voids"
AUTOMATIC_REASONS = "automatic_reasons"
CODE_PREFIX = "code_prefix"
# Reasons as part of a key: long enough to tell them apart, short enough for a key.
_LONGEST = 80


class Reasons:
    """What the connection says of reasons."""

    def __init__(self, connection: Connection) -> None:
        self._promos = _listed(connection, PROMO_VOIDS)
        self._automatic = _listed(connection, AUTOMATIC_REASONS)
        self._prefix = folded(connection.options.get(CODE_PREFIX, ""))

    def is_gone(self, comp: VoidComp) -> bool:
        """Whether it is a void that takes goods off the bill. All that is no void is a comp: the
        vendor does not list its types."""
        return comp.type == "void" and folded(comp.reason or "") not in self._promos

    def code(self, comp: VoidComp) -> str | None:
        """The code in a reason, where the house agreed on what stands before one."""
        reason = (comp.reason or "").strip()
        if not self._prefix or not folded(reason).startswith(self._prefix):
            return None
        code = reason[len(self._prefix) :].strip(" :-#")
        return code if canonical(code) else None

    def kind(self, comp: VoidComp) -> DiscountKind:
        if self.code(comp):
            return "code"
        return "automatic" if folded(comp.reason or "") in self._automatic else "till"


@dataclass(slots=True)
class Group:
    """The comps of one reason: on several lines, or on the check."""

    comp: VoidComp
    where: str
    amount: int = 0
    shares: dict[str, int] = field(default_factory=dict)


def discounts_said(bill: Bill, check_comp: VoidComp | None, reasons: Reasons) -> Iterator[Discount]:
    """The discounts in our words: one for each reason on lines, and the check's own."""
    groups: dict[str, Group] = {}
    for rung in bill.sold:
        comp = rung.line.voidcomp
        if comp and rung.gross >= 0:
            group = groups.setdefault(name_of(rung), Group(comp, f"{rung.path}.voidcomp"))
            group.amount += rung.off
            if rung.off:
                group.shares[rung.line.id] = group.shares.get(rung.line.id, 0) + rung.off
    for name, group in groups.items():
        yield _discount(name, group, reasons, tuple(group.shares.items()))
    if check_comp and not reasons.is_gone(check_comp):
        group = Group(check_comp, "voidcomp", bill.check_off)
        yield _discount(f"check:{_key(check_comp)}", group, reasons, None)


def name_of(rung: Rung) -> str:
    """The id of the discount that a line's comp belongs to."""
    return f"comp:{_key(rung.line.voidcomp)}"


def _key(comp: VoidComp | None) -> str:
    return folded((comp and comp.reason) or "")[:_LONGEST]


def _discount(
    name: str, group: Group, reasons: Reasons, shares: tuple[tuple[str, int], ...] | None
) -> Discount:
    reason = group.comp.reason or ""
    return Discount(
        discount_id=name,
        kind=reasons.kind(group.comp),
        amount_minor=group.amount,
        where=group.where,
        code_raw=reasons.code(group.comp),
        aliases=(f"name:{folded(reason)}",) if folded(reason) else (),
        name=reason.strip() or None,
        shares=shares,
    )


def _listed(connection: Connection, option: str) -> frozenset[str]:
    said = connection.options.get(option, "").split(",")
    return frozenset(folded(each) for each in said if folded(each))
