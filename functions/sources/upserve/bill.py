"""The money of a check: what each line cost, what comps took off it, and what came back.

The vendor documents names and no arithmetic: whether a price is for one or for all of a line, and
whether it has its modifiers in it. The check's own totals decide, among the ways that there are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vouchsafe.pure.money import minor_at

from .documents import Check, Side, VoidComp
from .words import part_of

# Whether a void takes goods off the bill; a house may give promotions as voids.
IsGone = Callable[[VoidComp], bool]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read a line's price."""

    for_each: bool
    modifiers_beside: bool


WAYS = (Way(False, False), Way(False, True), Way(True, False), Way(True, True))


@dataclass(frozen=True, slots=True)
class Rung:
    """An item or a side that stands on the bill, with what it cost and what its comp took off."""

    path: str
    line: Side
    gross: int
    off: int

    @property
    def units(self) -> Decimal:
        return Decimal(1) if self.line.quantity is None else self.line.quantity


@dataclass(frozen=True, slots=True)
class Back:
    """A line below zero, and the line of the same thing that it takes back."""

    rung: Rung
    of: Rung


@dataclass(frozen=True, slots=True)
class Bill:
    """What was sold, what the check's own comp took off all of it, and what came back.

    `money_back` is what payments below zero paid out. `is_voided`: there was something on the
    check, and all of it was voided.
    """

    sold: tuple[Rung, ...]
    check_off: int
    back: tuple[Back, ...]
    money_back: int
    foots: bool
    is_voided: bool


def bill_of(check: Check, currency: str, is_gone: IsGone) -> Bill:
    """The bill of a check. Raises Unreadable for what is not money."""
    rungs, check_off, foots = _read(check, currency, is_gone)
    paid = [
        minor_at(each.amount, currency, f"payments[{at}].amount")
        for at, each in enumerate(check.payments or ())
    ]
    money = -sum(each for each in paid if each < 0)
    back = _backs(rungs)
    worth = sum(each.rung.off - each.rung.gross for each in back)
    total = minor_at(check.total, currency, "total")
    if not back:
        # Money alone: what the payments that stand leave of the total. A tender that was only
        # changed for another leaves nothing.
        money = min(money, max(total - sum(paid), 0))
    elif not money and worth:
        back = ()
    said = {each.rung.path for each in back}
    return Bill(
        sold=tuple(each for each in rungs if each.path not in said),
        check_off=check_off,
        back=back,
        money_back=money,
        foots=foots,
        is_voided=_is_voided(check, rungs, is_gone),
    )


def _is_voided(check: Check, rungs: Sequence[Rung], is_gone: IsGone) -> bool:
    whole = check.voidcomp is not None and is_gone(check.voidcomp)
    return whole or (bool(check.items) and not rungs)


def _read(check: Check, currency: str, is_gone: IsGone) -> tuple[tuple[Rung, ...], int, bool]:
    """The lines and the check's own comp, read in the first way that comes to its totals."""
    readings = [_in_way(check, currency, is_gone, way) for way in WAYS]
    return next((each for each in readings if each[2]), readings[0])


def _in_way(
    check: Check, currency: str, is_gone: IsGone, way: Way
) -> tuple[tuple[Rung, ...], int, bool]:
    rungs = tuple(_rungs(check, currency, is_gone, way))
    net = sum(each.gross - each.off for each in rungs)
    comp = check.voidcomp
    if comp is None or is_gone(comp):
        return rungs, 0, comp is not None or _nearest(check, currency, net) == 0
    off = _taken(comp, net, currency, "voidcomp")
    odd = _nearest(check, currency, net - off)
    # A part in percent is rounded in the vendor's own way, which its totals tell.
    if _is_percent(comp) and abs(odd) <= 1:
        return rungs, off + odd, True
    return rungs, off, odd == 0


def _nearest(check: Check, currency: str, net: int) -> int:
    """How far the lines are from the subtotal, with its tax or without."""
    subtotal = minor_at(check.sub_total, currency, "sub_total")
    tax = minor_at(check.tax_total, currency, "tax_total")
    return min(net - subtotal, net - subtotal - tax, key=abs)


def _rungs(check: Check, currency: str, is_gone: IsGone, way: Way) -> Iterator[Rung]:
    """The lines that are not voided; a voided item takes its sides with it."""
    for at, item in enumerate(check.items or ()):
        if item.voidcomp and is_gone(item.voidcomp):
            continue
        yield _rung(item, f"items[{at}]", currency, way)
        for place, side in enumerate(item.sides or ()):
            if not (side.voidcomp and is_gone(side.voidcomp)):
                yield _rung(side, f"items[{at}].sides[{place}]", currency, way)


def _rung(line: Side, path: str, currency: str, way: Way) -> Rung:
    gross = minor_at(line.price, currency, f"{path}.price")
    if way.modifiers_beside:
        gross += sum(
            minor_at(each.price, currency, f"{path}.modifiers[{at}].price")
            for at, each in enumerate(line.modifiers or ())
        )
    if way.for_each and line.quantity is not None:
        gross = int((gross * line.quantity).to_integral_value())
    comp = line.voidcomp
    off = _taken(comp, gross, currency, f"{path}.voidcomp") if comp else 0
    return Rung(path, line, gross, off)


def _taken(comp: VoidComp, base: int, currency: str, path: str) -> int:
    """What a comp took off, with the sign of what it was taken off; all of it where it does not
    say how much."""
    if comp.total is not None:
        return _signed(minor_at(comp.total, currency, f"{path}.total"), base)
    if comp.value is None:
        return base
    if _is_percent(comp):
        return part_of(base, comp.value)
    value = minor_at(comp.value, currency, f"{path}.value")
    return _signed(min(abs(value), abs(base)), base)


def _is_percent(comp: VoidComp) -> bool:
    by_name = "percent" in comp.type or "%" in comp.type
    return comp.total is None and comp.value is not None and (by_name or "%" in comp.value)


def _signed(amount: int, base: int) -> int:
    return -abs(amount) if base < 0 else abs(amount)


def _backs(rungs: Sequence[Rung]) -> tuple[Back, ...]:
    """The lines below zero that take back another one of the check: one of the same thing that
    cost as much. One that takes back none stands, below zero."""
    left = {each.path: each.gross for each in rungs if each.gross >= 0}
    by_path = {each.path: each for each in rungs}
    found = []
    for each in rungs:
        if not _is_back(each) or each.line.item_id is None:
            continue
        fits = (
            path
            for path, rest in left.items()
            if by_path[path].line.item_id == each.line.item_id
            and rest >= -each.gross
            and not _is_back(by_path[path])
        )
        path = next(fits, None)
        if path is not None:
            left[path] += each.gross
            found.append(Back(each, by_path[path]))
    return tuple(found)


def _is_back(rung: Rung) -> bool:
    return rung.gross < 0 or (rung.gross == 0 and rung.units < 0)
