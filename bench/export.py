"""A day's export of a million rows: rows a second and peak memory, beside csv.writer alone."""

import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Effort, Section, at_most, plain

_ROWS = 1_000_000
# G8: time as a ratio, memory in MiB.
_RATIO, _MEMORY = 1.2, 256
_COLUMNS = (
    ("order_key", "string"),
    ("platform", "string"),
    ("account", "string"),
    ("location_id", "string"),
    ("business_day", "date"),
    ("currency", "string"),
    ("code", "string"),
    ("state", "string"),
    ("redeemed_at", "timestamp"),
    ("discount_minor", "bigint"),
    ("no_effect", "boolean"),
)


def section(effort: Effort) -> Section:
    rows = effort.of(_ROWS, 1000)
    effort.tell(0, 2)
    floor_s, _ = _measured("floor", rows)
    effort.tell(1, 2)
    export_s, memory = _measured("export", rows)
    return Section(
        title=f"Export of {rows:,} rows, sorted, as Parquet and as CSV",
        floor="csv.writer of the same rows, unsorted",
        figures=(
            at_most("seconds", export_s / floor_s, _RATIO, unit="csv", detail=f"{export_s:.1f} s"),
            plain("rows a second", rows / export_s, digits=0),
            at_most("peak memory", memory, _MEMORY, unit="MiB", digits=0),
        ),
        notes=(
            "A process of its own for each. The export sorts, writes two files and sums them up;"
            " the floor writes one.",
        ),
    )


def _measured(what: str, rows: int) -> tuple[float, float]:
    """Seconds and peak MiB of a fresh process."""
    command = [sys.executable, "-m", "bench.export", what, str(rows)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory = answer.stdout.split()
    return float(seconds), float(memory)


def _rows(number: int) -> Iterator[tuple[str | int | bool, ...]]:
    for at in range(number):
        yield (
            f"square#deli#{at * 7919 % number:09d}",
            "square",
            "deli",
            f"L{at % 40}",
            "2026-11-20",
            "USD",
            f"SAVE{at % 97}",
            "confirmed",
            "2026-11-20T15:04:05.678Z",
            at % 2000,
            at % 50 == 0,
        )


def _floor(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Path(folder, "rows.csv").open("w") as file:
        csv.writer(file).writerows(_rows(rows))


def _export(rows: int) -> None:
    from vouchsafe.edge import tabular

    with tabular.written(_COLUMNS, _rows(rows), sort=("order_key",), sums=("discount_minor",)):
        pass


if __name__ == "__main__":
    sys.path[:0] = [".", "layers/vouchsafe"]
    began = time.perf_counter()
    {"floor": _floor, "export": _export}[sys.argv[1]](int(sys.argv[2]))
    seconds = time.perf_counter() - began
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
