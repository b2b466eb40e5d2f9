"""Loads the register from files: `make load FILE=register/`, or `python -m console.load FILE...`.

FILE is a folder, CSV files named after what they hold, or JSON (docs/register.md). Everything is
checked first, and written all or nothing. `--check` only checks.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from console import stack
from console.progress import Bar

if TYPE_CHECKING:
    from vouchsafe.flow.load import Outcome

_SHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".tsv", ".txt", ".numbers")
FAULTY, UNDONE = 1, 2


def main(arguments: Sequence[str]) -> int:
    """0 where the load is done, 1 where a file is faulty, 2 where AWS did not take it."""
    asked = _parser().parse_args(arguments)
    try:
        files = list(read(asked.files))
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return FAULTY
    if not files:
        print("There is no .csv or .json file to load.", file=sys.stderr)
        return FAULTY
    stack.connected()
    return _load(files, only_check=asked.check)


def read(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """The files by name; a folder's in the order of their names, hidden ones and prose left out."""
    for path in paths:
        for file in _within(path) if path.is_dir() else [path]:
            yield file.as_posix(), file.read_bytes()


def _load(files: list[tuple[str, bytes]], *, only_check: bool) -> int:
    from vouchsafe.flow.load import load
    from vouchsafe.pure.errors import VouchsafeError

    try:
        with Bar() as bar:
            outcome = load(files, only_check=only_check, tell=bar.tell)
    except VouchsafeError as error:
        print(f"Not loaded: {error}. What was committed is finished by the next load.")
        return UNDONE
    for line in said(outcome, only_check=only_check):
        print(line)
    return FAULTY if outcome.faults else 0


def said(outcome: "Outcome", *, only_check: bool) -> Iterator[str]:
    """What a person is told."""
    if outcome.finished_earlier:
        yield "An earlier load had been broken off after it was committed; it is finished now."
    if outcome.faults:
        yield from map(str, outcome.faults)
        yield f"{len(outcome.faults)} faults; nothing was written."
        return
    for tally in outcome.tallies:
        yield (
            f"{tally.kind:<11} {tally.new:>7} new {tally.changed:>7} changed"
            f" {tally.same:>7} as they were"
        )
    if only_check:
        yield f"Checked; nothing was written. The register stands at revision {outcome.revision}."
        return
    yield from _done(outcome)


def _done(outcome: "Outcome") -> Iterator[str]:
    if outcome.elsewhere:
        yield "The load is committed, and another run of this command is finishing it."
    if not any(tally.new or tally.changed for tally in outcome.tallies):
        yield f"Nothing is new: the register stays at revision {outcome.revision}."
        return
    yield f"The register stands at revision {outcome.revision}."
    if outcome.orders_again:
        yield f"{outcome.orders_again} orders are derived again within a minute."
    if outcome.moves_days:
        yield "Accounts or locations changed: orders from before keep their day until make rebuild."
    if outcome.moves_credit:
        yield "Campaigns changed: credit given before stays as it is until make rebuild."


def _within(folder: Path) -> list[Path]:
    """The folder's files that are tables: one that cannot be read is told, never passed over."""
    files = sorted(file for file in folder.iterdir() if file.is_file())
    tables = (".csv", ".json", *_SHEETS)
    return [
        file
        for file in files
        if file.suffix.lower() in tables and not file.name.startswith((".", "~$"))
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make load", description="Loads the register from files, all of them or nothing."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="only check, write nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
