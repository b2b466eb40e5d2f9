"""Fills a segment's list from a file, or thins it: `make segment ARGS="VIP people.csv"`.

The file is CSV with a column `identity` (`email:ann@example.com`, `phone:`, `loyalty:`, `card:`,
`customer:platform/account/id`) and, if wanted, `until`, the last day. Who it is is hashed before
anything is kept. With `--remove` the people are taken off the list.
"""

import argparse
import csv
import getpass
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from console import stack

FAULTY, UNDONE = 1, 2
People = dict[date | None, list[tuple[int, str]]]


def main(arguments: Sequence[str]) -> int:
    """0 where it is done, 1 where the file or the segment is not as it must be, 2 where AWS did
    not take it."""
    parser = argparse.ArgumentParser(prog="make segment", description=__doc__)
    parser.add_argument("segment_id")
    parser.add_argument("file", type=Path)
    parser.add_argument("--remove", action="store_true", help="take the people off the list")
    asked = parser.parse_args(arguments)
    stack.connected()
    from vouchsafe.pure.errors import Invalid, VouchsafeError

    try:
        people = read(asked.file.read_text("utf-8-sig"))
        print(changed(asked.segment_id, people, remove=asked.remove))
    except (Invalid, OSError, UnicodeDecodeError) as error:
        print(f"{asked.file}: {error}", file=sys.stderr)
        return FAULTY
    except VouchsafeError as error:
        print(f"Not finished: {error}. Run it again: nobody is counted twice.", file=sys.stderr)
        return UNDONE
    return 0


def read(text: str) -> People:
    """The file's people, each with its line, by their last day. Raises Invalid."""
    from vouchsafe.pure import register_values as values
    from vouchsafe.pure.errors import Invalid

    rows = csv.DictReader(text.splitlines())
    if "identity" not in (rows.fieldnames or ()):
        raise Invalid("identity", "must be a column")
    found: People = defaultdict(list)
    for row in rows:
        until = (row.get("until") or "").strip()
        try:
            last_day = values.day(until) if until else None
        except Invalid as error:
            raise Invalid(f"line {rows.line_num}: until", error.rule) from None
        found[last_day].append((rows.line_num, (row["identity"] or "").strip()))
    return found


def changed(segment_id: str, people: People, *, remove: bool) -> str:
    """Writes it, everybody looked at first; what a person is told. Raises Invalid."""
    from vouchsafe.edge import clock, segments_table
    from vouchsafe.flow.enlist import enlist, strike

    must_be_list(segment_id)
    who, now = f"console:{getpass.getuser()}", clock.now()
    many = 0
    for until, keys in {until: _keys(each) for until, each in people.items()}.items():
        if remove:
            many += strike(segment_id, keys, who, now)
        else:
            many += enlist(segment_id, keys, until, who, now)
    size = segments_table.size(segment_id, now.date())
    return f"{segment_id}: {many:,} changed, {size:,} on the list today."


def must_be_list(segment_id: str) -> None:
    """Raises Invalid where the register has no such segment, or its rules say who is in it."""
    from vouchsafe.edge.register_table import RegisterReader
    from vouchsafe.pure.errors import Invalid

    segment = RegisterReader().segment(segment_id)
    if segment is None or not segment.is_list():
        rule = "is not in the register" if segment is None else "has rules in place of a list"
        raise Invalid(f"segment {segment_id!r}", rule)


def _keys(people: Sequence[tuple[int, str]]) -> list[str]:
    """The identity keys. Raises Invalid with the line, never with who it is."""
    from vouchsafe.flow.enlist import keys_of
    from vouchsafe.pure.errors import Invalid

    try:
        return keys_of(person for _, person in people)
    except Invalid as error:
        at = int(error.field.removeprefix("members[").removesuffix("]"))
        raise Invalid(f"line {people[at][0]}: identity", error.rule) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
