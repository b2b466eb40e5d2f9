"""Lists of codes as systems give them out: liberal headers, strict values, each refusal named."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from vouchsafe.pure import money
from vouchsafe.pure import register_values as values
from vouchsafe.pure.census import Kind, Listing, Status, without_people
from vouchsafe.pure.census_words import HEADERS, KINDS, PERCENT_HEADERS, STATUSES
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Invalid

T = TypeVar("T")
Cells = Mapping[str, str]

# Their discounts are things of their own, with a code or without; elsewhere a code is all there is.
_WITH_CODES_ONLY = frozenset({"klaviyo", "mailchimp", "spreadsheet", "woocommerce"})
# A coupon ends as its day begins.
_ENDS_BEFORE_ITS_DAY = frozenset({"woocommerce"})
_FRACTIONS_OF_ONE = frozenset({"mailchimp"})
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)
_MOST_USES = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whose list it is. `zone` and `currency` are the account's, where the register knows them."""

    system: str
    account: str
    zone: str = "UTC"
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """A page of what a vendor's API lists, its fields named as headers are; `cursor` asks for the
    next page, None after the last."""

    objects: tuple[Mapping[str, object], ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that breaks a rule; of a list without lines its entries are counted."""

    line: int
    column: str
    rule: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.rule}"


@dataclass(frozen=True, slots=True)
class Read:
    """What a list says, and the lines of it that cannot be taken."""

    listings: tuple[Listing, ...]
    refused: tuple[Refusal, ...]


def read(source: Source, text: str) -> Read:
    """A list as its system gave it out: CSV with a header, or JSON of one list of objects."""
    return _gathered(source, _rows(text.removeprefix("\ufeff")))


def read_objects(source: Source, objects: Sequence[Mapping[str, object]]) -> Read:
    """Objects of a vendor's API, their fields named as headers are."""
    return _gathered(source, ((at, _plain(each)) for at, each in enumerate(objects, 1)))


def _gathered(source: Source, rows: Iterator[tuple[int, Cells | Refusal]]) -> Read:
    listings: list[Listing] = []
    refused: list[Refusal] = []
    for line, row in rows:
        if isinstance(row, Refusal):
            refused.append(row)
            continue
        said = _Said(source, line, row)
        listing = said.listing()
        refused += said.refused
        if not said.refused:
            listings.append(listing)
    return Read(tuple(listings), tuple(refused))


def _rows(text: str) -> Iterator[tuple[int, Cells | Refusal]]:
    if not text.strip():
        yield 1, Refusal(1, "list", "is empty")
    elif _is_json(text):
        yield from _json_rows(text)
    else:
        yield from _csv_rows(text)


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _json_rows(text: str) -> Iterator[tuple[int, Cells | Refusal]]:
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        yield 1, Refusal(1, "list", "is not JSON")
        return
    if isinstance(found, dict):
        found = next((each for each in found.values() if isinstance(each, list)), None)
    if not isinstance(found, list):
        yield 1, Refusal(1, "list", "must be a list of objects, or an object of one")
        return
    for at, each in enumerate(found, 1):
        yield at, _plain(each) if isinstance(each, dict) else Refusal(at, "entry", "is no object")


def _plain(found: Mapping[str, object]) -> Cells:
    """An object's own scalars, and those of its `attributes` (JSON:API)."""
    inner = found.get("attributes")
    told = {**found, **inner} if isinstance(inner, dict) else found
    return {name: _text(value) for name, value in told.items() if not _is_nested(value)}


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _csv_rows(text: str) -> Iterator[tuple[int, Cells | Refusal]]:
    records = _records(_lines(text))
    header: list[str] | None = None
    for line, cells in records:
        if isinstance(cells, Refusal):
            yield line, cells
        elif header is None:
            header = cells
        elif any(cell.strip() for cell in cells[len(header) :]):
            rule = f"has {len(cells)} cells, the header has {len(header)}"
            yield line, Refusal(line, "row", rule)
        else:
            yield line, dict(zip(header, cells, strict=False))


def _lines(text: str) -> list[str]:
    """With plain line ends; only these end a line of CSV."""
    return [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _records(lines: list[str]) -> Iterator[tuple[int, list[str] | Refusal]]:
    """Records with the line on which each begins; blank ones are passed over."""
    first = next((line for line in lines if line.strip()), "")
    mark = next((each for each in ";\t" if each in first and "," not in first), ",")
    reader = csv.reader(lines, delimiter=mark, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, Refusal(line, "row", "cannot be read as CSV")
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


class _Said:
    """One line's cells by field, and what is wrong with them."""

    def __init__(self, source: Source, line: int, cells: Cells) -> None:
        self.refused: list[Refusal] = []
        self._source = source
        self._line = line
        by_word = {_word(header): (header, cell.strip()) for header, cell in cells.items()}
        self._cells = {
            field: next(((word, *by_word[word]) for word in words if word in by_word), ("", "", ""))
            for field, words in HEADERS.items()
        }
        self._undo_twice()

    def listing(self) -> Listing:
        source = self._source
        currency = self._given("currency", _currency, source.currency) or source.currency
        kind, value = self._benefit()
        return without_people(
            Listing(
                system=source.system,
                account=source.account,
                code=self._code(),
                ref=self._given("ref", values.name_of_thing, ""),
                name=self._given("name", _shortened, ""),
                owner=self._given("owner", values.plain, ""),
                kind=kind,
                value=value,
                currency=currency,
                starts_on=self._given("starts_on", self._first_day, None),
                ends_on=self._given("ends_on", self._last_day, None),
                status=self._given("status", _status, ""),
                limit=self._given("limit", _whole, None) or None,
                uses=self._given("uses", _whole, None),
                cost_minor=self._given("cost", lambda text: _minor(text, currency), None),
                made_on=self._given("made_on", self._first_day, None),
            )
        )

    def _undo_twice(self) -> None:
        """One column says one thing: `coupon` is a name where another holds the code."""
        if self._cells["name"][1] == self._cells["code"][1]:
            self._cells["name"] = ("", "", "")

    def _code(self) -> str:
        _, header, text = self._cells["code"]
        named = self._cells["ref"][2] and self._cells["name"][2]
        if not text and (not named or self._source.system in _WITH_CODES_ONLY):
            rule = "is empty" if header else f"is needed: one of {', '.join(HEADERS['code'])}"
            self.refused.append(Refusal(self._line, header or "code", rule))
        return self._given("code", _a_code, "")

    def _benefit(self) -> tuple[Kind | None, Decimal | None]:
        word, header, text = self._cells["value"]
        kind = _kind(self._cells["kind"][2])
        if text.endswith("%") or (word in PERCENT_HEADERS and text):
            kind = "percent"
        value = self._given("value", lambda said: _number(said.rstrip("% ")), None)
        if value is not None and kind == "percent":
            if self._source.system in _FRACTIONS_OF_ONE and value <= 1:
                value *= 100
            if not 0 <= value <= 100:
                self.refused.append(Refusal(self._line, header, "must be at most 100 percent"))
        return kind, value

    def _given(self, field: str, parse: Callable[[str], T], default: T) -> T:
        _, header, text = self._cells[field]
        if not text:
            return default
        try:
            return parse(text)
        except Invalid as reason:
            self.refused.append(Refusal(self._line, header, reason.rule))
            return default

    def _first_day(self, text: str) -> date | None:
        return _local(text, self._source.zone).date()

    def _last_day(self, text: str) -> date | None:
        """Its last day, included: what ends at midnight ended the day before."""
        at = _local(text, self._source.zone)
        timed = bool(_INSTANT.fullmatch(text)) or self._source.system in _ENDS_BEFORE_ITS_DAY
        midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
        return (at - timedelta(days=1)).date() if timed and midnight else at.date()


def _word(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", header.strip().casefold()).strip("_")


def _a_code(text: str) -> str:
    values.name_of_thing(text)
    if not canonical(text):
        raise Invalid("cell", f"has no letter or digit: {text!r}")
    return text


def _shortened(text: str) -> str:
    """A name is for people only: on one line, and not longer than one can read."""
    return " ".join(text.split())[: values.LONGEST]


def _currency(text: str) -> str:
    return values.currency(text.upper())


def _kind(text: str) -> Kind | None:
    if not text:
        return None
    word = _word(text)
    return next((kind for kind, words in KINDS.items() if word in words), "other")


def _status(text: str) -> Status:
    word = _word(text)
    for status, words in STATUSES.items():
        if word in words:
            return status
    known = ", ".join(sorted(word for words in STATUSES.values() for word in words))
    raise Invalid("cell", f"must be one of {known}: {text[:40]!r}")


def _number(text: str) -> Decimal:
    """Discounts are positive, whatever sign a system gives them."""
    return values.decimal(text.strip().removeprefix("-"))


def _whole(text: str) -> int | None:
    if not _MOST_USES.fullmatch(text):
        raise Invalid("cell", f"must be a whole number: {text[:40]!r}")
    return int(text)


def _minor(text: str, currency: str) -> int | None:
    if not currency:
        raise Invalid("cell", "needs a currency")
    return money.minor_units(_number(text), currency)


def _local(text: str, zone: str) -> datetime:
    """A day, or an instant as the zone's wall clock shows it."""
    found = _INSTANT.fullmatch(text)
    try:
        if not found:
            return datetime.combine(values.day(text), datetime.min.time())
        day, clock, offset = found.groups()
        at = datetime.fromisoformat(f"{day}T{clock}{(offset or '').replace('UTC', 'Z')}")
    except (ValueError, OverflowError) as error:
        raise Invalid("cell", f"is no day or instant: {text[:40]!r}") from error
    if at.tzinfo is None:
        return at
    return at.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
