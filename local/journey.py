"""The data set's sales as a till would have rung them: baskets, codes on baskets, coupon money.

Clock. The tables are in naive UTC; a shop's day is America/New_York's. Windows of days are given
as first day and number of days, in shop days.

Amounts. A line's shelf value is sales + loyalty discount + match; the shop receives sales, the
shopper pays sales less the manufacturer's coupon. The doubles of the file are cents after rounding.

Codes. The redemption table names household, code, campaign and day. One household, code and day is
one physical redemption, whatever number of campaigns claims it (two rows are an artefact of the
join). Each row looks among the household's baskets of that shop day: the best tier wins, then the
lowest basket id. (1) a line of a product that the code is good for in that campaign, with coupon
money on it; (2) such a product in a basket that rang a coupon on a line of its own; (3) such a
product; (4) any coupon money; (5) any basket. Where two rows of one physical redemption would
choose different baskets, the better tier wins, then the lower basket.

Coupon money. The coupon money of a line belongs to the codes on the basket that are good for the
line's product, in equal shares by largest remainder in the order of the codes. Coupon money on a
line that no code on the basket is good for, and all money on a coupon's own line, has no code: it
is kept as one discount without a code. Nothing is guessed, so a code of tier 2 to 5 redeems
without effect.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb

from local import dataset

SHOP_ZONE = ZoneInfo("America/New_York")
# The product under which the tills ring a coupon that belongs to no line (quantity 0, sales 0).
COUPON_PRODUCT = 5978656
NO_CODE = ""

Goods = Mapping[tuple[str, int], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One sale line, in cents; every amount is positive."""

    product: int
    quantity: int
    sales: int
    loyalty: int
    match: int
    coupon: int

    @property
    def shelf(self) -> int:
        """What the shelf said: what the shop receives, and what it gave away itself."""
        return self.sales + self.loyalty + self.match


@dataclass(frozen=True, slots=True)
class Claim:
    """Coupon money of one line, given to one code; NO_CODE where no code on the basket fits."""

    code: str
    line: int
    cents: int


@dataclass(frozen=True, slots=True)
class Redeemed:
    """One row of the redemption table."""

    household: int
    code: str
    campaign: int
    day: date


@dataclass(frozen=True, slots=True)
class Basket:
    """One sale. `codes` are in order; `claims` are its coupon money, by line and code."""

    basket: int
    household: int
    store: int
    placed_at: datetime
    day: date
    lines: tuple[Line, ...]
    codes: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = field(default=())

    @property
    def coupon(self) -> int:
        """All coupon money of the basket."""
        return sum(line.coupon for line in self.lines)


def read(first: date, days: int, one_in: int = 1) -> list[Basket]:
    """The baskets of a window of shop days, oldest first, with their codes and claims.

    `one_in`: those of one household in so many, for a smaller sample of the same days.
    """
    connection = dataset.connect()
    last = first + timedelta(days=days - 1)
    redeemed = _redeemed(connection, first, last, one_in)
    goods = _goods(connection, redeemed)
    baskets = _baskets(connection, first, last, one_in)
    placed = place(redeemed, baskets, goods)
    return [_with_codes(basket, placed.get(basket.basket, {}), goods) for basket in baskets]


def shop_day(instant: datetime) -> date:
    """The shop day of an instant."""
    return instant.astimezone(SHOP_ZONE).date()


def starts(day: date) -> datetime:
    """The first instant of a shop day, in UTC."""
    return datetime.combine(day, time(0), tzinfo=SHOP_ZONE).astimezone(UTC)


def cents(amount: float) -> int:
    """A double of the file in cents. Its values are whole cents but for a residue of 1e-15."""
    return round(amount * 100)


def place(
    redeemed: Iterable[Redeemed], baskets: Iterable[Basket], goods: Goods
) -> dict[int, dict[str, frozenset[int]]]:
    """Which codes stand on which basket, and the campaigns that claim each, by basket and code."""
    visits: dict[tuple[int, date], list[Basket]] = {}
    for basket in baskets:
        visits.setdefault((basket.household, basket.day), []).append(basket)
    placed: dict[int, dict[str, frozenset[int]]] = {}
    for (household, code, day), campaigns in _physical(redeemed).items():
        among = visits.get((household, day))
        if not among:
            raise ValueError(f"household {household} has no basket on {day} for code {code}")
        _, basket_id = min(
            (tier(basket, goods.get((code, campaign), frozenset())), basket.basket)
            for basket in among
            for campaign in campaigns
        )
        placed.setdefault(basket_id, {})[code] = frozenset(campaigns)
    return placed


def tier(basket: Basket, good: Collection[int]) -> int:
    """How well a basket fits a code that is good for these products: 1 is best, 5 is any basket."""
    fitting = [line for line in basket.lines if line.product in good]
    if any(line.coupon for line in fitting):
        return 1
    if fitting:
        own = any(line.product == COUPON_PRODUCT and line.coupon for line in basket.lines)
        return 2 if own else 3
    return 4 if basket.coupon else 5


def claims(lines: Sequence[Line], codes: Mapping[str, Collection[int]]) -> tuple[Claim, ...]:
    """The coupon money of a basket by line and code; `codes` tells what each is good for."""
    found = []
    for at, line in enumerate(lines):
        if not line.coupon:
            continue
        fitting = sorted(code for code, good in codes.items() if line.product in good)
        for code, share in zip(fitting or [NO_CODE], _equally(line.coupon, fitting), strict=True):
            found.append(Claim(code, at, share))
    return tuple(claim for claim in found if claim.cents)


def _equally(total: int, among: Sequence[str]) -> list[int]:
    """Equal shares of a total; the cents left over go to the first ones."""
    whole, left = divmod(total, max(len(among), 1))
    return [whole + (at < left) for at in range(max(len(among), 1))]


def _physical(redeemed: Iterable[Redeemed]) -> dict[tuple[int, str, date], set[int]]:
    campaigns: dict[tuple[int, str, date], set[int]] = {}
    for row in redeemed:
        campaigns.setdefault((row.household, row.code, row.day), set()).add(row.campaign)
    return campaigns


def _with_codes(basket: Basket, placed: Mapping[str, Collection[int]], goods: Goods) -> Basket:
    good = {
        code: frozenset().union(*(goods.get((code, each), frozenset()) for each in campaigns))
        for code, campaigns in placed.items()
    }
    return Basket(
        basket=basket.basket,
        household=basket.household,
        store=basket.store,
        placed_at=basket.placed_at,
        day=basket.day,
        lines=basket.lines,
        codes=tuple(sorted(placed)),
        claims=claims(basket.lines, good),
    )


def _redeemed(
    connection: duckdb.DuckDBPyConnection, first: date, last: date, one_in: int
) -> list[Redeemed]:
    rows = connection.execute(
        "SELECT household_id, coupon_upc, campaign_id, redemption_date FROM coupon_redemptions"
        " WHERE redemption_date BETWEEN ? AND ? AND household_id % ? = 0 ORDER BY ALL",
        [first, last, one_in],
    ).fetchall()
    return [Redeemed(house, str(code), campaign, day.date()) for house, code, campaign, day in rows]


def _goods(connection: duckdb.DuckDBPyConnection, redeemed: Iterable[Redeemed]) -> Goods:
    """The products that each redeemed code is good for, by code and campaign.

    The coupon table repeats 4,872 of its rows; a set does not.
    """
    wanted = {(row.code, row.campaign) for row in redeemed}
    goods: dict[tuple[str, int], set[int]] = {key: set() for key in wanted}
    rows = connection.execute("SELECT coupon_upc, campaign_id, product_id FROM coupons").fetchall()
    for code, campaign, product in rows:
        if (key := (str(code), campaign)) in goods:
            goods[key].add(product)
    return {key: frozenset(products) for key, products in goods.items()}


def _baskets(
    connection: duckdb.DuckDBPyConnection, first: date, last: date, one_in: int
) -> list[Basket]:
    start, end = starts(first), starts(last + timedelta(days=1))
    rows = connection.execute(
        "SELECT basket_id, household_id, store_id, transaction_timestamp, product_id, quantity,"
        " sales_value, retail_disc, coupon_match_disc, coupon_disc FROM transactions"
        " WHERE transaction_timestamp >= ? AND transaction_timestamp < ? AND household_id % ? = 0"
        " ORDER BY transaction_timestamp, basket_id, product_id",
        [start.replace(tzinfo=None), end.replace(tzinfo=None), one_in],
    ).fetchall()
    lines: dict[int, list[Line]] = {}
    heads: dict[int, tuple[int, int, datetime]] = {}
    for basket, household, store, at, product, quantity, *money in rows:
        heads[basket] = household, store, at.replace(tzinfo=UTC)
        lines.setdefault(basket, []).append(Line(product, quantity, *map(cents, money)))
    return [
        Basket(basket, household, store, at, shop_day(at), tuple(lines[basket]))
        for basket, (household, store, at) in heads.items()
    ]
