"""The register's files as a person would write them, for tests that load them."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from vouchsafe.pure.register_rows import COLUMNS, RowKind

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def examples() -> list[tuple[str, bytes]]:
    """The example files of the documentation."""
    return [(each.name, each.read_bytes()) for each in sorted((EXAMPLES / "register").iterdir())]


def csv_text(kind: RowKind, rows: Iterable[Mapping[str, str]], **form: str) -> str:
    """Rows as a file with every column of their kind."""
    written = io.StringIO()
    writer = csv.DictWriter(
        written,
        fieldnames=COLUMNS[kind].all(),
        lineterminator=form.get("lineterminator", "\n"),
        delimiter=form.get("delimiter", ","),
    )
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
