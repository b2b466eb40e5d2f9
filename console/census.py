"""Every code of every system: `make census SYSTEM=klaviyo FILE=codes.csv` takes a list in.

Without a file the system is asked by its connection (Shopify, WooCommerce, Square, Toast); without
a system the whole census is printed as CSV. `ARGS=--orders` notices what orders bore before anybody
watched them.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from console import stack

if TYPE_CHECKING:
    from vouchsafe.pure.census_lists import Read, Source

FAULTY, UNDONE = 1, 2
_ASKED = ("shopify", "woocommerce", "square", "toast")
_CALLS_A_SECOND = 2.0
_LINES_A_PART = 500
_CODES_A_PAGE = 100


def main(arguments: Sequence[str]) -> int:
    """0 where all is taken in; 1 where lines were refused or arguments are faulty; 2 where AWS or
    the vendor did not take part."""
    asked = _parser().parse_args(arguments)
    if asked.file and not asked.system:
        print("name the system whose list it is: SYSTEM=klaviyo", file=sys.stderr)
        return FAULTY
    if asked.system and not asked.file and asked.system not in _ASKED:
        print(f"{asked.system} cannot be asked: name a file, FILE=codes.csv", file=sys.stderr)
        return FAULTY
    stack.connected()
    from vouchsafe.pure.errors import VouchsafeError

    try:
        if asked.orders:
            return _noticed()
        return _taken(asked) if asked.system else _printed()
    except VouchsafeError as error:
        print(f"Not done: {error}. Run it again.", file=sys.stderr)
        return UNDONE


def _taken(asked: argparse.Namespace) -> int:
    from vouchsafe.edge import clock
    from vouchsafe.edge.census_table import Part
    from vouchsafe.flow import census

    source, taken_at = census.source(asked.system, asked.account), clock.now()
    kept, complete = 0, False
    refused: list[str] = []
    parts = _of_file(source, asked.file) if asked.file else _of_vendor(source)
    for number, (read, last) in enumerate(parts, 1):
        part = Part(
            system=source.system,
            account=source.account,
            taken_at=taken_at,
            number=number,
            last=last,
            faulty=bool(read.refused),
        )
        complete = census.take(read, part, "console", clock.now())
        kept += len(read.listings)
        refused += [f"{number}:{each}" if not asked.file else str(each) for each in read.refused]
    for line in refused:
        print(line)
    whole = "complete" if complete else "not complete: nothing that it leaves out counts as gone"
    print(f"{source.system} {source.account}: {kept:,} kept, {len(refused):,} refused; {whole}.")
    return FAULTY if refused else 0


def _of_file(source: "Source", file: Path) -> Iterator[tuple["Read", bool]]:
    """The file's listings in parts; what was refused of it goes with the first."""
    from vouchsafe.pure.census_lists import Read, read

    found = read(source, file.read_text(encoding="utf-8-sig"))
    for at in range(0, max(len(found.listings), 1), _LINES_A_PART):
        part = Read(found.listings[at : at + _LINES_A_PART], () if at else found.refused)
        yield part, at + _LINES_A_PART >= len(found.listings)


def _of_vendor(source: "Source") -> Iterator[tuple["Read", bool]]:
    """A part for each page that the vendor lists."""
    from vouchsafe.flow.calling import caller
    from vouchsafe.pure.census_lists import read_objects

    api = import_module(f"functions.sources.{source.system}.api")
    codes = import_module(f"functions.sources.{source.system}.codes")
    call = caller(source.system, _CALLS_A_SECOND, getattr(api, "sign_in", None))
    cursor: str | None = None
    while True:
        connection, send = call(source.account)
        page = codes.list_codes(send, connection, cursor)
        yield read_objects(source, page.objects), page.cursor is None
        if page.cursor is None:
            return
        cursor = page.cursor


def _noticed() -> int:
    """Goes through the whole ledger, as only a person's command may."""
    from functions.streams.alarms import unregistered
    from vouchsafe.edge import clock, redemptions_table
    from vouchsafe.edge.register_table import RegisterReader
    from vouchsafe.pure.census import Noticed

    register, first = RegisterReader(), dict[str, Noticed]()
    for row in redemptions_table.all_rows():
        found = unregistered.borne(row, register)
        if found and found.seen_at < first.get(found.subject, found).seen_at:
            first[found.subject] = found
        elif found:
            first.setdefault(found.subject, found)
    new = sum(unregistered.notice(each, clock.now()) for each in first.values())
    print(f"{len(first):,} codes and discounts are unknown to the register, {new:,} of them new.")
    return 0


def _printed() -> int:
    from vouchsafe.edge import clock
    from vouchsafe.flow.census import At, page
    from vouchsafe.pure.census_table_text import HEADER, line
    from vouchsafe.pure.census_verdict import judge

    sys.stdout.write(HEADER)
    at: At | None = At()
    while at:
        found, at = page(at, _CODES_A_PAGE, clock.now())
        for known in found:
            sys.stdout.write(line(known, judge(known, clock.now().date())))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make census", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="a list as the system gave it out")
    parser.add_argument("--orders", action="store_true", help="go through the ledger once more")
    parser.add_argument("--system", help="shopify, klaviyo, spreadsheet, ...")
    parser.add_argument("--account", default="main", help="as the register calls it")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
