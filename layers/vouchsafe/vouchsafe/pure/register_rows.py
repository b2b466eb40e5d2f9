"""The register's files as rows: which cell stands where, and every fault in a file's form.

Rows are CSV (UTF-8, with or without a byte order mark; commas, semicolons or tabs; any line ends)
in a file named after their kind, or JSON: one object of lists, by kind.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.register_json import objects

RowKind = Literal[
    "accounts",
    "locations",
    "segments",
    "campaigns",
    "promotions",
    "codes",
    "aliases",
    "touchpoints",
]
KINDS: tuple[RowKind, ...] = get_args(RowKind)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of rows."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def all(self) -> tuple[str, ...]:
        return self.needed + self.optional


def _columns(needed: str, optional: str = "") -> Columns:
    return Columns(tuple(needed.split()), tuple(optional.split()))


COLUMNS: Mapping[RowKind, Columns] = {
    "accounts": _columns("platform account currency zone", "day_start confirmed_by front_end"),
    "locations": _columns("platform account location_id name zone", "day_start"),
    "segments": _columns("segment_id name owner", "currency rules"),
    "campaigns": _columns(
        "campaign_id name purpose owner starts_on ends_on",
        "utm_source utm_medium utm_campaign planned_uses_a_day look_back_days",
    ),
    "promotions": _columns(
        "promotion_id campaign_id starts_on ends_on voucher_class owner purpose",
        "code_limit customer_limit places minimum_spend max_discount max_percent currency stacking"
        " vat_class generic confirmed_by on_rollback status off_since benefit cap_discount_at"
        " refuse_above include_skus exclude_skus include_categories exclude_categories"
        " low_stock_below weekdays hours audience limits budget revenue_goal priority hold_minutes"
        " requires_reservation",
    ),
    "codes": _columns("code promotion_id"),
    "aliases": _columns("platform account alias code"),
    "touchpoints": _columns(
        "identity seen_at kind",
        "touchpoint_id channel utm_source utm_medium utm_campaign campaign_id code",
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a file breaks, with the place where a person finds it."""

    file: str
    line: int
    field: str
    rule: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field} {self.rule}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row's cells by column, blanks at their ends cut off; they may name people.

    A column that the file does not have has no cell; an empty cell is empty.
    """

    kind: RowKind
    file: str
    line: int
    cells: Mapping[str, str] = field(repr=False)

    def fault(self, column: str, rule: str) -> Fault:
        return Fault(self.file, self.line, column, rule)


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file holds, and what is wrong with its form."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def rows_of(file: str, content: bytes) -> Rows:
    """The rows of a file, whose name says what it holds: `codes.csv`, `codes-summer.csv`."""
    found: list[Row | Fault] = []
    try:
        found += _read(file, _text(content))
    except Invalid as error:
        line = content[: int(error.field)].count(b"\n") + 1 if error.field.isdigit() else 1
        found.append(Fault(file, line, "file", error.rule))
    return Rows(
        tuple(each for each in found if isinstance(each, Row)),
        tuple(each for each in found if isinstance(each, Fault)),
    )


def kind_named(file: str) -> RowKind | None:
    """The kind that a file's name begins with."""
    named = re.match(r"[a-z]+", file.rpartition("/")[2].lower())
    return _kind(named.group()) if named else None


def _kind(word: str) -> RowKind | None:
    return word if word in KINDS else None


def _text(content: bytes) -> str:
    """The file's text with plain line ends. Raises Invalid with the byte where it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("0", "is UTF-16: save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(str(error.start), "is not UTF-8 here: save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read(file: str, text: str) -> Iterator[Row | Fault]:
    if file.lower().endswith(".json"):
        return _json_rows(file, text)
    kind = kind_named(file)
    if not file.lower().endswith(".csv") or kind is None:
        raise Invalid("file", f"must be .json, or one of {', '.join(KINDS)} and end in .csv")
    return _csv_rows(file, kind, text)


def _csv_rows(file: str, kind: RowKind, text: str) -> Iterator[Row | Fault]:
    records = _records(file, text.split("\n"))
    header = next(records, None)
    if header is None or isinstance(header, Fault):
        yield header or Fault(file, 1, "file", "is empty")
        return
    columns = [cell.strip() for cell in header[1]]
    while columns and not columns[-1]:
        columns.pop()
    yield from _header_faults(file, kind, columns)
    for record in records:
        yield from _csv_row(file, kind, columns, record)


def _delimiter(header: str) -> str:
    """Spreadsheets of half of Europe write semicolons; no column's name holds any of these."""
    return next((each for each in ";\t" if each in header and "," not in header), ",")


def _records(file: str, lines: list[str]) -> Iterator[tuple[int, list[str]] | Fault]:
    """Records with the line on which each begins; those that are all blank are passed over."""
    ended = (f"{line}\n" for line in lines)
    reader = csv.reader(ended, delimiter=_delimiter(lines[0]), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(file, line, "row", f"cannot be read: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header_faults(file: str, kind: RowKind, columns: list[str]) -> Iterator[Fault]:
    known = COLUMNS[kind]
    for at, column in enumerate(columns):
        if column not in known.all():
            allowed = ", ".join(known.all())
            yield Fault(file, 1, column or "header", f"is not a column of {kind} ({allowed})")
        elif column in columns[:at]:
            yield Fault(file, 1, column, "stands twice in the header")
    for column in known.needed:
        if column not in columns:
            yield Fault(file, 1, column, f"is a column that {kind} need")


def _csv_row(
    file: str, kind: RowKind, columns: list[str], record: tuple[int, list[str]] | Fault
) -> Iterator[Row | Fault]:
    if isinstance(record, Fault):
        yield record
        return
    line, cells = record
    # Excel leaves empty cells at a row's end away, and adds some where the sheet once had more.
    if any(cell.strip() for cell in cells[len(columns) :]):
        yield Fault(file, line, "row", f"has {len(cells)} cells, the header has {len(columns)}")
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    known = COLUMNS[kind].all()
    held = {
        column: cell.strip()
        for column, cell in zip(columns, padded, strict=False)
        if column in known
    }
    yield Row(kind, file, line, held)


def _json_rows(file: str, text: str) -> Iterator[Row | Fault]:
    try:
        for word, line, value in objects(text, kind_named(file) or ""):
            kind = _kind(word)
            if kind is None:
                yield Fault(file, line, word or "document", f"is none of {', '.join(KINDS)}")
            else:
                yield from _json_row(file, kind, line, value)
    except json.JSONDecodeError as error:
        yield Fault(file, error.lineno, "document", f"is not JSON as it should be: {error.msg}")
    except RecursionError:
        yield Fault(file, 1, "document", "is nested too deep")


def _json_row(file: str, kind: RowKind, line: int, value: object) -> Iterator[Row | Fault]:
    if not isinstance(value, tuple):
        yield Fault(file, line, "row", "must be an object")
        return
    cells = dict.fromkeys(COLUMNS[kind].all(), "")
    yield from _json_faults(file, kind, line, value)
    cells |= {name: cell.strip() for name, cell in value if name in cells and isinstance(cell, str)}
    yield Row(kind, file, line, cells)


def _json_faults(
    file: str, kind: RowKind, line: int, pairs: Iterable[tuple[str, object]]
) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, cell in pairs:
        if name not in COLUMNS[kind].all():
            allowed = ", ".join(COLUMNS[kind].all())
            yield Fault(file, line, name, f"is not a field of {kind} ({allowed})")
        elif name in seen:
            yield Fault(file, line, name, "stands twice")
        elif cell is not None and not isinstance(cell, str):
            yield Fault(file, line, name, "must be text or a number")
        seen.add(name)
