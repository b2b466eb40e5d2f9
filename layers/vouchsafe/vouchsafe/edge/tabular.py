"""DuckDB as the writer of files: rows of any number in, sorted Parquet and CSV out."""
# ruff: noqa: S608 (names come from our own columns, never from data)

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

Cell = str | int | bool | None

# DuckDB spills what is over; with the interpreter the process stays below 256 MiB.
_MEMORY = "128MB"
_ROW_GROUP = 50_000
_NULL = "\\N"
# What spreadsheets take for a formula, OWASP "CSV injection", read 2026-11-20.
_FORMULA = r"^[=+\-@\t\r\n|＝＋－＠]"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A written file and what stands in the manifest of it."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One dataset of one day. `sums` are the totals of the amounts by currency, `counts` how many
    rows have each value of a column."""

    rows: int
    parquet: File
    csv: File
    sums: Mapping[str, Mapping[str, int]]
    counts: Mapping[str, Mapping[str, int]]


@contextmanager
def written(
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Cell]],
    *,
    sort: Sequence[str],
    sums: Sequence[str],
    counts: Sequence[str] = (),
) -> Iterator[Written]:
    """Writes both files into a folder that lives as long as the block.

    `columns` are (name, SQL type). Equal rows give equal bytes, in whatever order they came. In
    the CSV, text that a spreadsheet would run as a formula stands behind an apostrophe; Parquet
    holds it as it is. Memory is bounded whatever the number of rows.
    """
    with TemporaryDirectory() as folder, _engine(Path(folder)) as engine:
        staged = Path(folder, "staged.csv")
        count = _stage(staged, rows)
        engine.execute(
            f"CREATE VIEW staged AS SELECT * FROM read_csv('{staged}', auto_detect=false,"
            f" header=false, new_line='\\n', delim=',', quote='\"', escape='\"', nullstr='{_NULL}',"
            f" allow_quoted_nulls=false, parallel=false, max_line_size=1048576,"
            f" buffer_size=4194304, columns={_types(columns)})"
        )
        order = ", ".join(f"{_name(column)} NULLS FIRST" for column in sort)
        parquet, csv = Path(folder, "rows.parquet"), Path(folder, "rows.csv")
        engine.execute(
            f"COPY (SELECT * FROM staged ORDER BY {order}) TO '{parquet}'"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
        )
        engine.execute(
            f"COPY (SELECT {_harmless(columns)} FROM '{parquet}') TO '{csv}'"
            " (FORMAT csv, HEADER, DELIMITER ',')"
        )
        yield Written(
            rows=count,
            parquet=_file(parquet),
            csv=_file(csv),
            sums=_sums(engine, parquet, sums) if sums else {},
            counts={column: _counts(engine, parquet, column) for column in counts},
        )


def _stage(path: Path, rows: Iterable[Sequence[Cell]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows:
            file.write(",".join(map(_text, row)))
            file.write("\n")
            count += 1
    return count


def _text(cell: Cell) -> str:
    if cell is None:
        return _NULL
    if isinstance(cell, str):
        return f'"{cell.replace(chr(34), chr(34) * 2)}"'
    return str(cell).lower()


@contextmanager
def _engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    engine = duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "threads": 1,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        yield engine
    finally:
        engine.close()


def _types(columns: Sequence[tuple[str, str]]) -> str:
    inside = ", ".join(f"'{name}': '{_sql(kind)}'" for name, kind in columns)
    return f"{{{inside}}}"


def _sql(kind: str) -> str:
    return "VARCHAR" if kind == "string" else kind.upper()


def _name(column: str) -> str:
    return f'"{column}"'


def _harmless(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(
        f"CASE WHEN regexp_matches({_name(name)}, '{_FORMULA}') THEN '''' || {_name(name)}"
        f" ELSE {_name(name)} END AS {_name(name)}"
        if kind == "string"
        else _name(name)
        for name, kind in columns
    )


def _sums(
    engine: duckdb.DuckDBPyConnection, parquet: Path, amounts: Sequence[str]
) -> dict[str, dict[str, int]]:
    wanted = ", ".join(f"coalesce(sum({_name(each)}), 0)::BIGINT" for each in amounts)
    rows = engine.execute(
        f"SELECT currency, {wanted} FROM '{parquet}'"
        " WHERE currency IS NOT NULL GROUP BY currency ORDER BY currency"
    ).fetchall()
    return {row[0]: dict(zip(amounts, map(int, row[1:]), strict=True)) for row in rows}


def _counts(engine: duckdb.DuckDBPyConnection, parquet: Path, column: str) -> dict[str, int]:
    rows = engine.execute(
        f"SELECT {_name(column)}, count(*) FROM '{parquet}'"
        f" WHERE {_name(column)} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return dict(rows)


def _file(path: Path) -> File:
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return File(path=path, size=path.stat().st_size, sha256=digest.hexdigest())
