"""Takes the audit log out as a file that proves itself: `make audit ARGS="audit.txt"`.

Each line is a SHA-256, a blank, and the text that it is of; the text names the line before it. With
`--verify` a file is held against itself alone, on any machine. What is cut off at the end shows
only to who knows a later digest: `--holds 1200:9f3c...` says one, as it was noted elsewhere.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from console import stack
from vouchsafe.pure.audit import first_broken_line, line_of

SOUND, BROKEN = 0, 1


def main(arguments: Sequence[str]) -> int:
    """0 where the chain is sound, 1 where it is broken, or a digest is not what was noted."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--verify", action="store_true", help="read the file, and ask nobody")
    parser.add_argument("--holds", action="append", default=[], metavar="number:digest")
    asked = parser.parse_args(arguments)
    if not asked.verify:
        taken_out(asked.file)
    lines = read(asked.file)
    faults = list(faults_of(lines, asked.holds))
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return BROKEN
    newest = f"; the newest is {len(lines)}:{lines[-1].partition(' ')[0]}" if lines else ""
    print(f"{len(lines):,} entries, each of which follows from the one before{newest}")
    return SOUND


def taken_out(file: Path) -> None:
    """Writes the whole log, the oldest entry first; never half of it over an older file."""
    stack.connected()
    from vouchsafe.edge import audit_table

    beside = file.with_name(f"{file.name}.part")
    with beside.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as out:
        out.writelines(f"{line_of(entry)}\n" for entry in audit_table.oldest())
    beside.replace(file)


def read(file: Path) -> list[str]:
    """Its lines; other signs that end a line somewhere else are within an entry's text."""
    text = file.read_bytes().decode("utf-8", "surrogatepass")
    return text.removesuffix("\n").split("\n") if text else []


def faults_of(lines: Sequence[str], noted: Iterable[str]) -> Iterable[str]:
    """What a reader must know before trusting the file."""
    broken = first_broken_line(lines)
    if broken is not None:
        yield f"entry {broken} does not follow from the one before it"
    for note in noted:
        number, _, digest = note.partition(":")
        place = int(number) if number.isdecimal() else 0
        if not 0 < place <= len(lines):
            yield f"entry {number} is not there"
        elif lines[place - 1].partition(" ")[0] != digest:
            yield f"entry {number} is not the one that was noted"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
