"""The published tables, and two windows of them by both roads: read once for all tests."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from local import contacts, dataset, recount, register, world
from local.contacts import Contact
from local.world import World

WINDOW = (date(2017, 11, 15), 5)


@pytest.fixture(scope="package")
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables as published, lines with their shop day as `lines`."""
    connection = dataset.connect()
    connection.execute(
        "CREATE TABLE lines AS SELECT *, CAST(timezone('America/New_York',"
        " timezone('UTC', transaction_timestamp)) AS DATE) AS day FROM transactions"
    )
    yield connection
    connection.close()


@pytest.fixture(scope="package")
def window() -> World:
    """The default window of the replay, with all that is injected."""
    return world.build(*WINDOW)


@pytest.fixture(scope="package")
def seen(window: World) -> list[Contact]:
    """Every contact of the default window, whoever tells of it."""
    return contacts.of(window)


@pytest.fixture(scope="package")
def files(window: World, seen: list[Contact], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register's files of the default window."""
    folder = tmp_path_factory.mktemp("register")
    register.write(window, seen, folder)
    return folder


@pytest.fixture(scope="package")
def everywhere(seen: list[Contact], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the list of all contacts of the default window."""
    return contacts.write(seen, tmp_path_factory.mktemp("contacts")).parent


@pytest.fixture(scope="package")
def counted(window: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """The recount's tables of the default window."""
    connection = recount.tables(window)
    yield connection
    connection.close()


@pytest.fixture(scope="package")
def year() -> Iterator[duckdb.DuckDBPyConnection]:
    """The recount's tables of the whole year, with nothing injected."""
    nothing = World(date(2017, 1, 1), 365, (), (), (), None, frozenset())
    connection = recount.tables(nothing, every_store=True)
    yield connection
    connection.close()
