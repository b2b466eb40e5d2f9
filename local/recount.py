"""The independent recount: what the ledger must say, counted straight from the data set in SQL.

It shares nothing with the product, and with the replay only what cannot be counted: which store was
dealt to which shop, what was injected, and what browsers told of the web shops' pages. The way from
the tables to the figures is its own: DECIMAL money, the database's time zones, window functions
(`recount.sql`).

A figure is a whole number under a name, such as `orders.day.2017-11-18` or
`redemptions.code.51380041013.discount_minor`; amounts are in cents. Figures that are zero are left
out, so that two sides agree when they hold the same names with the same numbers.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import duckdb

from local import dataset, front_end, injections
from local.dealing import place
from local.world import World

Figures: TypeAlias = dict[str, int]
_ROAD = Path(__file__).with_suffix(".sql")

# Time decay is left out: its weights are no whole numbers.
MODELS = ("first", "last", "linear", "position")
_ORDER_SUMS = """
    count(*) AS count,
    sum(gross) AS gross_minor, sum(discount) AS discount_minor, sum(total) AS total_minor,
    sum(refunded) AS refunded_minor
"""
_REDEMPTION_SUMS = """
    count(*) FILTER (state = 'redeemed') AS redeemed,
    count(*) FILTER (state = 'confirmed') AS confirmed,
    count(*) FILTER (state = 'partially_returned') AS partially_returned,
    count(*) FILTER (state = 'rolled_back') AS rolled_back,
    count(*) FILTER (counts AND discount = 0) AS no_effect,
    sum(discount) FILTER (counts) AS discount_minor,
    sum(returned) FILTER (counts) AS returned_minor,
    sum(revenue) FILTER (counts) AS revenue_minor
"""
_INSIGHT_DAY_SUMS = f"""
    {_REDEMPTION_SUMS},
    sum(discount) FILTER (state = 'rolled_back' AND fate <> 'cancelled') AS rolled_back_minor,
    count(*) FILTER (counts AND known) AS caused,
    count(*) FILTER (counts AND NOT known AND NOT nobodys) AS leaked,
    count(*) FILTER (counts AND nobodys) AS unknown
"""
_INSIGHT_SUMS = f"""
    {_INSIGHT_DAY_SUMS},
    count(*) FILTER (counts) AS orders,
    sum(influenced.kept) FILTER (counts) AS influenced_minor
"""
_CAMPAIGN_SUMS = """
    count(*) FILTER (state = 'redeemed') AS redeemed,
    count(*) FILTER (state = 'confirmed') AS confirmed,
    count(*) FILTER (state = 'partially_returned') AS partially_returned,
    count(*) FILTER (state = 'rolled_back') AS rolled_back,
    count(*) FILTER (counts AND no_effect) AS no_effect,
    count(*) FILTER (counts) AS campaign_credits,
    sum(discount) FILTER (counts) AS discount_minor,
    sum(returned) FILTER (counts) AS returned_minor,
    sum(revenue) FILTER (counts) AS revenue_minor,
    sum(discount) FILTER (state = 'rolled_back' AND fate <> 'cancelled') AS rolled_back_minor
"""
_ORDERS_OF_CAMPAIGN = "count(*) AS orders, sum(kept) AS influenced_minor"
_LEAKED_SUMS = "count(*) AS leaked, sum(discount) AS leaked_minor"
_CHANNEL_SUMS = ", ".join(
    f"sum(revenue) FILTER (model = '{model}') AS {model}_revenue_minor" for model in MODELS
)
_CODELESS_SUMS = """
    count(*) FILTER (stage = 'confirmed') AS confirmed,
    sum(discount) FILTER (stage = 'confirmed') AS discount_minor,
    sum(returned) FILTER (stage = 'confirmed') AS returned_minor
"""
# A discount of which a part came back is in another state than confirmed.
_CODELESS_STATES = """
    count(*) FILTER (stage = 'confirmed' AND returned = 0) AS confirmed,
    sum(discount) FILTER (stage = 'confirmed') AS discount_minor,
    sum(returned) FILTER (stage = 'confirmed') AS returned_minor
"""
# Every document has two lines of one amount: nobody has said the tax of these goods.
_BOOKED_SUMS = """
    sum(discount) AS takings_credit_minor,
    sum(returned) AS takings_debit_minor,
    sum(discount) - sum(returned) AS discounts_given_minor,
    count(*) + count(*) FILTER (returned > 0) AS documents
"""
# By the words of the exported dataset.
FINDINGS = (
    "confirmed",
    "reported",
    "missing",
    "codeless",
    "applied",
    "no_such_order",
    "not_confirmed",
    "other_codes",
    "repeated",
    "deviation",
)
_FIDELITY_SUMS = ", ".join(
    f"sum(times) FILTER (finding = '{finding}') AS {finding}" for finding in FINDINGS
)
_SHOP_DAY = "platform || '/' || account || '/' || day"
# name of the figures, what they are told apart by, sums, and where from
_QUESTIONS: tuple[tuple[str, str, str, str], ...] = (
    ("orders", "''", _ORDER_SUMS, "orders"),
    ("orders.account", "platform || '/' || account", _ORDER_SUMS, "orders"),
    ("orders.place", "place", _ORDER_SUMS, "orders"),
    ("orders.day", "day", _ORDER_SUMS, "orders"),
    ("orders.stage", "stage", "count(*) AS count", "orders"),
    ("redemptions", "''", _REDEMPTION_SUMS, "redemptions"),
    ("redemptions.code", "code", _REDEMPTION_SUMS, "redemptions"),
    ("redemptions.day", "day", _REDEMPTION_SUMS, "redemptions"),
    ("redemptions.account", "platform || '/' || account", _REDEMPTION_SUMS, "redemptions"),
    ("redemptions.code_day", "code || '/' || day", _REDEMPTION_SUMS, "redemptions"),
    ("postings", "''", _BOOKED_SUMS, "booked"),
    ("postings.account", "platform || '/' || account", _BOOKED_SUMS, "booked"),
    ("postings.day", "day", _BOOKED_SUMS, "booked"),
    ("postings.code", "code", _BOOKED_SUMS, "booked"),
    ("unmapped", "''", _CODELESS_SUMS, "codeless"),
    ("unmapped.account", "platform || '/' || account", _CODELESS_SUMS, "codeless"),
    ("unmapped.day", "day", _CODELESS_SUMS, "codeless"),
    ("injected.orders", "''", "count(*) AS count", "orders WHERE injected"),
    ("injected.redemptions", "''", _REDEMPTION_SUMS, "redemptions WHERE injected"),
    ("injected.fate", "fate", "count(*) AS count", "orders WHERE fate <> ''"),
    (
        "insight.code",
        "code || '/' || day",
        _INSIGHT_SUMS,
        "redemptions LEFT JOIN influenced USING (basket)",
    ),
    ("insight.day", "day || '/' || platform || '/' || account", _INSIGHT_DAY_SUMS, "redemptions"),
    (
        "insight.campaign",
        "printf('CJ-%02d', campaign) || '/' || day",
        _CAMPAIGN_SUMS,
        "campaign_credits",
    ),
    (
        "insight.campaign",
        "printf('CJ-%02d', campaign) || '/' || day",
        _ORDERS_OF_CAMPAIGN,
        "campaign_orders",
    ),
    ("insight.campaign", "printf('CJ-%02d', campaign) || '/' || day", _LEAKED_SUMS, "leaked"),
    ("insight.channel", "channel || '/' || day", _CHANNEL_SUMS, "channels"),
    ("insight.unmapped", "platform || '/' || account || '/' || day", _CODELESS_STATES, "codeless"),
    ("fidelity.shop", "platform || '/' || account", _FIDELITY_SUMS, "fidelity"),
    ("fidelity.code", f"{_SHOP_DAY} || '/' || code", _FIDELITY_SUMS, "fidelity"),
    (
        "fidelity.order",
        f"{_SHOP_DAY} || '/' || name || '/' || code",
        _FIDELITY_SUMS,
        "fidelity WHERE finding NOT IN ('confirmed', 'reported', 'applied')",
    ),
    ("credits", "''", "count(*) FILTER (counts) AS count", "credits"),
)


def recount(world: World, register: Path) -> Figures:
    """Every figure that the ledger, the read models and the exports must equal.

    `register` is the folder of the register's files, for the contacts that were made up there.
    """
    connection = tables(world, register)
    figures: Figures = {}
    for name, by, sums, source in _QUESTIONS:
        figures |= _ask(connection, name, by, sums, source)
    return figures


def tables(
    world: World, register: Path | None = None, *, every_store: bool = False
) -> duckdb.DuckDBPyConnection:
    """The recount's tables for a window: `orders`, `redemptions`, `codeless`, `channels` ...

    `every_store`: not those of the world's sales only, for a world that has none.
    """
    connection = dataset.connect()
    stores = world.stores()
    if every_store:
        found = connection.execute("SELECT DISTINCT store_id FROM transactions").fetchall()
        stores = [store for (store,) in found]
    _given(connection, world, stores)
    _contacts(connection, register)
    connection.execute(_ROAD.read_text())
    return connection


def _given(connection: duckdb.DuckDBPyConnection, world: World, stores: Iterable[int]) -> None:
    """What cannot be counted: the window, how stores were dealt, and what was injected."""
    span = (world.first, world.last, world.one_in)
    _table(connection, "span", "first DATE, last DATE, one_in BIGINT", [span])
    _table(
        connection,
        "shops",
        "store BIGINT, platform VARCHAR, account VARCHAR, place VARCHAR",
        [
            (store, (at := place(store)).shop.platform, at.shop.account, at.text())
            for store in stores
        ],
    )
    _table(
        connection,
        "fates",
        "basket BIGINT, kind VARCHAR",
        [(fate.number, fate.kind) for fate in world.fates],
    )
    _table(
        connection,
        "came_back",
        "basket BIGINT, product BIGINT, units BIGINT, of_units BIGINT",
        _came_back(world),
    )
    _pages(connection, world)
    _table(
        connection,
        "leaks",
        "basket BIGINT, store BIGINT, day DATE, code VARCHAR, gross DECIMAL(12, 2),"
        " discount DECIMAL(12, 2)",
        _leaked(world),
    )


def _pages(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """The shops that share a front end, their orders' ids on its pages, and what browsers told."""
    _table(
        connection,
        "reporting",
        "platform VARCHAR, account VARCHAR",
        [(shop.platform, shop.account) for shop in front_end.REPORTING],
    )
    _table(
        connection,
        "pages",
        "basket BIGINT, name VARCHAR",
        [(sale.number, name) for sale, name in front_end.order_ids(world.sales)],
    )
    _table(
        connection,
        "told",
        "event BIGINT, kind VARCHAR, name VARCHAR, day DATE, code VARCHAR, money DECIMAL(12, 2)",
        [
            (number, each.kind, each.transaction_id, each.day, code, Decimal(each.cents).scaleb(-2))
            for number, each in enumerate(front_end.told(world.sales))
            for code in each.codes or (None,)
        ],
    )


_PRICE = Decimal(injections.LEAK_PRICE).scaleb(-2)
_TAKEN = Decimal(injections.LEAK_DISCOUNT).scaleb(-2)


def _came_back(world: World) -> list[tuple[object, ...]]:
    """What came back by the plan of the injected returns: basket, product, units of how many."""
    bills = {sale.number: sale.items for sale in world.sales}
    return [
        (fate.number, product, units, bills[fate.number][at].units)
        for fate in world.fates
        for (at, units), product in zip(fate.items, fate.products, strict=True)
    ]


def _contacts(connection: duckdb.DuckDBPyConnection, register: Path | None) -> None:
    """The contacts of the register's file, by household; none without a file."""
    connection.execute(
        "CREATE TABLE touches"
        " (touchpoint_id VARCHAR, household BIGINT, seen_at TIMESTAMP, channel VARCHAR)"
    )
    if register is not None:
        connection.execute(
            "INSERT INTO touches SELECT touchpoint_id,"
            " CAST(regexp_extract(identity, 'email:h([0-9]+)@', 1) AS BIGINT),"
            " CAST(replace(seen_at, 'Z', '') AS TIMESTAMP), coalesce(channel, '')"
            " FROM read_csv(?, all_varchar = true, header = true)",
            [str(register / "touchpoints.csv")],
        )


def _leaked(world: World) -> list[tuple[object, ...]]:
    leak = world.leak
    if leak is None:
        return []
    return [(s.number, s.store, leak.day, leak.code, _PRICE, _TAKEN) for s in leak.sales]


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: str,
    rows: Iterable[tuple[object, ...]],
) -> None:
    connection.execute(f"CREATE TABLE {name} ({columns})")
    held = [list(row) for row in rows]
    if held:
        marks = ", ".join("?" * len(held[0]))
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", held)  # noqa: S608


def _ask(
    connection: duckdb.DuckDBPyConnection, name: str, by: str, sums: str, source: str
) -> Figures:
    found = connection.execute(
        f"SELECT CAST({by} AS VARCHAR) AS part, {sums} FROM {source} GROUP BY 1"  # noqa: S608
    )
    fields = [column[0] for column in found.description or ()][1:]
    return named(name, fields, found.fetchall())


def named(name: str, fields: Iterable[str], rows: Iterable[tuple[object, ...]]) -> Figures:
    """Rows of a part and its sums as figures. Amounts become cents; what is zero is left out."""
    figures: Figures = {}
    for part, *values in rows:
        prefix = f"{name}.{part}" if part else name
        for field, value in zip(fields, values, strict=True):
            if number := _whole(value):
                figures[prefix if field == "count" else f"{prefix}.{field}"] = number
    return figures


def _whole(value: object) -> int:
    if isinstance(value, Decimal):
        cents = value.scaleb(2)
        if cents != cents.to_integral_value():
            raise ValueError(f"{value} is not a whole number of cents")
        return int(cents)
    return int(str(value)) if value is not None else 0


def differences(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Each figure that is not the same on both sides, in words."""
    names = sorted(expected.keys() | found.keys())
    return [
        f"{name}: counted {expected.get(name, 0)}, found {found.get(name, 0)}"
        for name in names
        if expected.get(name, 0) != found.get(name, 0)
    ]
