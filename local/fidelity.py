"""What the stack says of its front end, as figures: the Fidelity table and the exported dataset."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from local.aws import LocalAws
from local.dealing import Shop
from local.front_end import REPORTING
from local.recount import Figures
from local.tables import Item, document, items, text
from local.world import World

# What is listed order by order; the rest is told as numbers only.
_LISTED = frozenset(
    {
        "missing",
        "codeless",
        "no_such_order",
        "not_confirmed",
        "other_codes",
        "repeated",
        "deviation",
    }
)


@dataclass(frozen=True, slots=True)
class Held:
    """What was held against the ledger: on how many days of shops, and what was found."""

    days: int = 0
    figures: Figures = field(default_factory=dict)

    def of(self, shop: Shop, finding: str) -> int:
        """How many redemptions of a shop a finding has."""
        return self.figures.get(f"fidelity.shop.{shop.platform}/{shop.account}.{finding}", 0)

    def under_reporting(self, shop: Shop) -> float:
        """1 - reported / confirmed; 0 where nothing was confirmed."""
        confirmed = self.of(shop, "confirmed")
        return 1 - self.of(shop, "reported") / confirmed if confirmed else 0.0

    def all(self, finding: str) -> int:
        """How many redemptions of all shops a finding has."""
        return sum(self.of(each, finding) for each in REPORTING)

    def faults(self, world: World) -> list[str]:
        """A day that was never judged would else look like one without codes."""
        wanted = world.days * len(REPORTING)
        if self.days == wanted:
            return []
        return [f"{self.days} of {wanted} days of shops were held against what browsers reported"]


def held(aws: LocalAws) -> Held:
    """The results of the Fidelity table."""
    results = [
        told
        for item in items(aws, "Fidelity")
        # The parts of a large result are read by nobody here: no day of the data set has any.
        if not text(item, "sk").startswith("part#") and isinstance(told := document(item), dict)
    ]
    return Held(len(results), figures(row for each in results for row in rows(each)))


def rows(result: Item) -> Iterator[Item]:
    """One day's result as rows of the exported dataset."""
    for each in _dicts(result, "codes"):
        for finding in ("confirmed", "reported"):
            yield _row(result, each, finding, int(str(each[finding])))
        for finding in ("missing", "codeless"):
            orders = _texts(each, finding)
            yield _row(result, each, finding, len(orders), orders)
    for code, count in _pairs(result, "applied"):
        yield _row(result, {"code": code}, "applied", count)
    yield from _singles(result)


def _singles(result: Item) -> Iterator[Item]:
    """What is told of one order or one transaction."""
    for each in _dicts(result, "alone"):
        yield _row(result, each, text(each, "why"), 1, [text(each, "transaction_id")])
    for name in _texts(result, "repeated"):
        yield _row(result, {}, "repeated", 1, [name])
    for each in _dicts(result, "deviations"):
        yield _row(result, {}, "deviation", 1, [text(each, "order")])


def figures(found: Iterable[Item]) -> Figures:
    """Rows of the dataset as figures: by shop, by code and day, and by order where it has any."""
    sums: Counter[str] = Counter()
    for row in found:
        shop = f"{text(row, 'platform')}/{text(row, 'account')}"
        day, finding = f"{shop}/{text(row, 'front_end_day')}", text(row, "finding")
        code, count = text(row, "code").replace("O", "0"), int(str(row["redemptions"]))
        sums[f"fidelity.shop.{shop}.{finding}"] += count
        sums[f"fidelity.code.{day}/{code}.{finding}"] += count
        if finding in _LISTED:
            for order in filter(None, text(row, "orders").split("|")):
                sums[f"fidelity.order.{day}/{_name(order)}/{code}.{finding}"] += 1
    return {name: value for name, value in sums.items() if value}


def _row(
    result: Item, of: Item, finding: str, count: int, orders: Iterable[str] = ()
) -> Mapping[str, object]:
    return {
        "platform": text(result, "platform"),
        "account": text(result, "account"),
        "front_end_day": text(result, "day"),
        "code": text(of, "code"),
        "finding": finding,
        "redemptions": count,
        "orders": "|".join(orders),
    }


def _name(order: str) -> str:
    """An order's id, of its key in the ledger or as a page told it."""
    return unquote(order.rpartition("#")[2])


def _dicts(of: Item, name: str) -> Iterator[Item]:
    yield from (each for each in _list(of, name) if isinstance(each, dict))


def _pairs(of: Item, name: str) -> Iterator[tuple[str, int]]:
    yield from ((str(each[0]), int(each[1])) for each in _list(of, name) if isinstance(each, list))


def _texts(of: Item, name: str) -> list[str]:
    return [str(each) for each in _list(of, name)]


def _list(of: Item, name: str) -> list[object]:
    """A list of a document; what is empty is left out there."""
    found = of.get(name)
    return found if isinstance(found, list) else []
