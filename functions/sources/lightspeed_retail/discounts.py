"""What was taken off an R-Series sale. It has no field for codes: the register knows the names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vouchsafe.pure.facts import Discount
from vouchsafe.pure.money import rounded_at

from .documents import NONE, NamedDiscount, Sale, SaleLine

_LISTED = "discount:"
# What staff took off by hand, without choosing from the shop's list.
_BY_HAND = {"line": "line discount", "sale": "sale discount"}


@dataclass(slots=True)
class _Taken:
    """One discount's money, line by line."""

    where: str
    name: str
    aliases: tuple[str, ...]
    shares: dict[str, int] = field(default_factory=dict)

    def add(self, line_id: str, amount: int) -> None:
        self.shares[line_id] = self.shares.get(line_id, 0) + amount


def discounts(
    sale: Sale, lines: Sequence[tuple[int, SaleLine]], currency: str
) -> tuple[Discount, ...]:
    """Each discount of the lines once, whether it fell on one line, on several, or on the sale."""
    found: dict[str, _Taken] = {}
    for at, line in lines:
        path = f"sale.SaleLines.SaleLine[{at}]"
        for where, amount, discount_id, named in (
            ("line", line.calc_line_discount, line.discount_id, line.discount),
            ("sale", line.calc_transaction_discount, sale.discount_id, sale.discount),
        ):
            taken = rounded_at(amount, currency, f"{path}.{_FIELD[where]}")
            # One of the list stands on the bill though it takes nothing off.
            if taken > 0 or (taken == 0 and discount_id != NONE):
                key = f"{_LISTED}{discount_id}" if discount_id != NONE else where
                held = found.setdefault(key, _begun(key, where, path, named))
                held.add(line.sale_line_id, taken)
    return tuple(_discounts(found))


_FIELD = {"line": "calcLineDiscount", "sale": "calcTransactionDiscount"}


def _begun(key: str, where: str, path: str, named: NamedDiscount | None) -> _Taken:
    if key == where:
        name = _BY_HAND[where]
        return _Taken(where=path, name=name, aliases=(f"name:{name}",))
    name = named.name.strip() if named else ""
    by_name = (f"name:{name.casefold()}",) if name else ()
    return _Taken(where=path, name=name, aliases=(f"catalog:{key.removeprefix(_LISTED)}", *by_name))


def _discounts(found: dict[str, _Taken]) -> Iterator[Discount]:
    for key, taken in found.items():
        yield Discount(
            discount_id=key,
            kind="till" if key.startswith(_LISTED) else "manual",
            amount_minor=sum(taken.shares.values()),
            where=taken.where,
            aliases=taken.aliases,
            name=taken.name or None,
            shares=tuple(sorted(taken.shares.items())),
        )
