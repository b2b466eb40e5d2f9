"""The replay's world: every sale of a window as it was rung, with all that is injected."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import duckdb

from local import dataset, injections, journey, till
from local.dealing import PLATFORMS, place
from local.injections import Fate, Leak, drawn
from local.journey import SHOP_ZONE, Basket, Line
from local.till import Sale


@dataclass(frozen=True, slots=True)
class World:
    """A window of shop days. `sales` hold the leak's too, oldest first; `lost` are never sent.

    `one_in`: of one household in so many.
    """

    first: date
    days: int
    baskets: tuple[Basket, ...]
    sales: tuple[Sale, ...]
    fates: tuple[Fate, ...]
    leak: Leak | None
    lost: frozenset[int]
    one_in: int = 1

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def stores(self) -> list[int]:
        """The stores that sold anything, in order."""
        return sorted({sale.store for sale in self.sales})


def build(first: date, days: int, one_in: int = 1) -> World:
    """The world of a window."""
    baskets = journey.read(first, days, one_in)
    connection = dataset.connect()
    titles = _titles(connection, baskets)
    rung = [till.ring(basket, titles) for basket in baskets]
    spread = {each.basket for each in baskets if any(_over(line) for line in each.lines)}
    fates = injections.fates(rung, spread)
    by_number = {fate.number: fate for fate in fates}
    leak = _leak(connection, first, days, rung)
    sales = [injections.meet(sale, by_number.get(sale.number)) for sale in rung]
    sales += leak.sales if leak else ()
    sales.sort(key=lambda sale: (sale.placed_at, sale.number))
    return World(
        first=first,
        days=days,
        baskets=tuple(baskets),
        sales=tuple(sales),
        fates=tuple(fates),
        leak=leak,
        lost=_lost(sales),
        one_in=one_in,
    )


def _titles(connection: duckdb.DuckDBPyConnection, baskets: Iterable[Basket]) -> dict[int, str]:
    wanted = {line.product for basket in baskets for line in basket.lines}
    rows = connection.execute(
        "SELECT product_id, coalesce(product_type, product_category, department) FROM products"
    ).fetchall()
    return {product: title for product, title in rows if product in wanted and title}


def _over(line: Line) -> bool:
    return line.coupon > line.sales


def _lost(sales: Iterable[Sale]) -> frozenset[int]:
    """One order in 64, and at each platform one that carried a code with effect.

    None that was never paid: the K-Series lists only what is closed, so that no sweep finds it.
    """
    lost: set[int] = set()
    bearing: dict[str, int] = {}
    for sale in sales:
        closed = sale.paid or sale.cancelled_at
        if closed and drawn(sale.number, "lost", injections.LOSE_ONE_IN):
            lost.add(sale.number)
        if sale.back or sale.cancelled_at or not sale.paid:
            continue
        if any(each.kind == "code" and each.amount for each in sale.discounts):
            bearing.setdefault(place(sale.store).shop.platform, sale.number)
    return frozenset(lost | set(bearing.values()))


def _leak(
    connection: duckdb.DuckDBPyConnection, first: date, days: int, sales: Iterable[Sale]
) -> Leak | None:
    """The leak of a window: on its last day but one, a code of the newest campaign that runs.

    Codes that a household gets chosen for it (type A) leak only where no other code is about.
    """
    day = first + timedelta(days=max(days - 2, 0))
    found = connection.execute(
        "SELECT c.coupon_upc, d.campaign_id, min(c.product_id) FROM campaign_descriptions d"
        " JOIN coupons c USING (campaign_id)"
        " WHERE ? BETWEEN d.start_date AND d.end_date"
        " AND c.coupon_upc NOT IN"
        "  (SELECT coupon_upc FROM coupons GROUP BY 1 HAVING count(DISTINCT campaign_id) > 1)"
        " GROUP BY ALL"
        " ORDER BY max(d.campaign_type) = 'Type A', max(d.start_date) DESC, c.coupon_upc LIMIT 1",
        [datetime.combine(day, time(0))],
    ).fetchone()
    stores = _busiest(sales)
    if found is None or not stores:
        return None
    code, campaign, product = found
    noon = datetime.combine(day, time(12), tzinfo=SHOP_ZONE).astimezone(UTC)
    return injections.leak(str(code), campaign, product, noon, stores)


def _busiest(sales: Iterable[Sale]) -> list[int]:
    """The busiest store of each platform: where the leak is redeemed."""
    busy = Counter(sale.store for sale in sales)
    best: dict[str, int] = {}
    for store, _ in sorted(busy.items(), key=lambda each: (-each[1], each[0])):
        best.setdefault(place(store).shop.platform, store)
    return [best[platform] for platform in PLATFORMS if platform in best]
