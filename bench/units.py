"""Write units of an order by its kind, counted from the calls that the real functions make."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.deliveries import HttpEvent
from bench.figure import Effort, Figure, Section, at_most, plain
from bench.shop import Shop, open_shop, order, orders

LEDGER = ("Facts", "Orders", "Redemptions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is measured after what was there before; units at most, as decision 0004 argues."""

    name: str
    most: int
    now: HttpEvent
    before: tuple[HttpEvent, ...] = ()
    platform: str = "shopify"


def kinds() -> Iterable[Kind]:
    paid = order("orders_paid", 1)
    return (
        Kind(
            name="order without a code", most=3, now=order("orders_create.duties_and_gift_card", 1)
        ),
        Kind(name="order with one code", most=6, now=paid),
        Kind(name="order with two codes", most=9, now=order("orders_create.two_codes", 1)),
        Kind(
            name="a later version, nothing new",
            most=3,
            now=order("orders_paid", 1, minutes=2),
            before=(paid,),
        ),
        Kind(name="a repeat", most=1, now=paid, before=(paid,)),
        Kind(
            name="a return in part",
            most=4,
            now=order("orders_updated.partial_return", 1, minutes=3),
            before=(paid,),
        ),
        Kind(
            name="a discount that stands for no code",
            most=6,
            now=order("orders_create.manual_among_codes", 1),
        ),
    )


def section(effort: Effort) -> Section:
    every = list(kinds())
    figures = []
    for at, kind in enumerate(every):
        effort.tell(at, len(every))
        figures.append(_figure(kind))
    figures += _in_batches(effort.of(300, 100))
    return Section(
        title="Write units of an order, by kind",
        floor="1 KB written once is one unit; decision 0004 argues each",
        figures=tuple(figures),
        notes=(
            "Counted over tables in memory by AWS's rules: the larger of before and after, refused"
            " writes too, transactions twice, an index only where its entry changes.",
            "Measured: what the ledger itself takes. Detail: index entries within it, and what"
            " attribution and alarms add to it when the order comes alone.",
        ),
    )


def _figure(kind: Kind) -> Figure:
    with open_shop() as (shop, _):
        for event in kind.before:
            shop.post(event)
            shop.settle()
        shop.meter.clear()
        shop.post(kind.now)
        shop.settle()
        return at_most(kind.name, ledger(shop), kind.most, digits=0, detail=_detail(shop))


def ledger(shop: Shop) -> int:
    """Units of the three tables that say what is true, their indexes included."""
    return sum(units for (table, _), units in shop.meter.writes.items() if table in LEDGER)


def by_table(shop: Shop) -> dict[str, int]:
    """Units by table, indexes included."""
    found: dict[str, int] = {}
    for (table, _), units in shop.meter.writes.items():
        found[table] = found.get(table, 0) + units
    return found


def _detail(shop: Shop) -> str:
    tables = by_table(shop)
    shown = {name: tables[name] for name in (*LEDGER, "Credits", "Insight", "Alarms")
             if tables.get(name)}  # fmt: skip
    return ", ".join(f"{name} {units}" for name, units in shown.items())


def _in_batches(count: int) -> list[Figure]:
    """The same for many orders with one code, in batches of a hundred."""
    with open_shop() as (shop, _):
        for event in orders(range(count)):
            shop.post(event)
        shop.settle()
        tables = by_table(shop)
        whole = sum(tables.values()) / count
        detail = ", ".join(f"{name} {units / count:.2f}" for name, units in sorted(tables.items()))
        return [plain("one code, in batches of 100, all tables", whole, detail=detail)]
