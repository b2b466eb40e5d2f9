"""Tells a stack what is left in stock: `make stock ARGS="counted.csv"`, with a VOUCHSAFE_KEY.

The file is CSV with the columns `sku`, `left` (units) and, where places count for themselves,
`location_id`. `--at` is when it was counted (now), `--good-for` for how many hours it holds (24).
"""

import argparse
import csv
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from console import signing_in, stack

FAULTY, UNDONE = 1, 2
# As many as the API takes at once.
_PAGE = 250
Level = dict[str, str | int]


class Faulty(Exception):
    """A line that is no count; the message names line, column and rule."""


def main(arguments: Sequence[str]) -> int:
    """0 where all was taken in, 1 where the file is not as it must be, 2 where it was refused."""
    parser = argparse.ArgumentParser(prog="make stock", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--at", metavar="instant", help="when it was counted, 2026-11-20T18:00Z")
    parser.add_argument("--good-for", type=int, default=24, metavar="hours")
    parser.add_argument("--key", default=os.environ.get("VOUCHSAFE_KEY"))
    asked = parser.parse_args(arguments)
    if not asked.key:
        print("VOUCHSAFE_KEY must hold a shop's key that may redeem", file=sys.stderr)
        return FAULTY
    try:
        levels = read(asked.file.read_text("utf-8-sig"))
    except (Faulty, OSError, UnicodeDecodeError) as error:
        print(f"{asked.file}: {error}", file=sys.stderr)
        return FAULTY
    said: dict[str, object] = {"good_for_hours": asked.good_for}
    if asked.at:
        said["counted_at"] = asked.at
    try:
        print(told(levels, said, asked.key))
    except signing_in.NotAnswered as error:
        print(f"{error}. Run it again: no count is taken in twice.", file=sys.stderr)
        return UNDONE
    return 0


def read(text: str) -> list[Level]:
    """The file's counts. Raises Faulty."""
    rows = csv.DictReader(text.splitlines())
    for column in ("sku", "left"):
        if column not in (rows.fieldnames or ()):
            raise Faulty(f"{column} must be a column")
    return [_level(row, rows.line_num) for row in rows]


def told(levels: Sequence[Level], said: dict[str, object], key: str) -> str:
    """Sends them page by page; what a person is told. Raises NotAnswered."""
    address, kept, older = signing_in.address(stack.connected()), 0, 0
    for first in range(0, len(levels), _PAGE):
        page = levels[first : first + _PAGE]
        answer = _posted(f"{address}/vouchers/stock", {**said, "levels": page}, key)
        kept, older = kept + answer["kept"], older + answer["older"]
    return f"{kept:,} counts taken in, {older:,} older than what is known."


def _level(row: dict[str, str], line: int) -> Level:
    sku, left = (row["sku"] or "").strip(), (row["left"] or "").strip()
    if not sku:
        raise Faulty(f"line {line}: sku must be said")
    try:
        level: Level = {"sku": sku, "left": int(left)}
    except ValueError:
        raise Faulty(f"line {line}: left must be whole units, not {left!r}") from None
    location_id = (row.get("location_id") or "").strip()
    return {**level, "location_id": location_id} if location_id else level


def _posted(url: str, body: dict[str, object], key: str) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310 (the stack's own address)
            found: dict[str, int] = json.load(answer)
            return found
    except HTTPError as error:
        with error:
            said = error.read().decode()
        raise signing_in.NotAnswered(f"the API answered {error.code}: {said}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
