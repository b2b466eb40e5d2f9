"""Rows of a report: transactions and applied codes of one day, as Google has added them up.

Source: Google, Data API v1beta, RunReportResponse and ResponseMetaData, read 2026-11-20. A report
that says itself that rows are missing, thrown together or estimated is refused as a whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.parsing import Key, Narrow, parsed
from vouchsafe.pure.sighting import Sighting, SightingKind

from . import reports
from .words import ACCEPTED, codes, currency, digest, minor, parse_day, told, transaction


class Camel(Narrow):
    """Named as we name fields, read as Google names them."""

    model_config = ConfigDict(alias_generator=to_camel)


class Header(Narrow):
    name: Key


class Cell(Narrow):
    # JSON of protocol buffers leaves out what is empty.
    value: str = ""


class Row(Camel):
    dimension_values: tuple[Cell, ...] = ()
    metric_values: tuple[Cell, ...] = ()


class Sampling(Narrow):
    """A part of the events was counted, and the rest estimated."""


class Metadata(Camel):
    currency_code: str = ""
    data_loss_from_other_row: bool = False
    subject_to_thresholding: bool = False
    sampling_metadatas: tuple[Sampling, ...] = ()


class Answer(Camel):
    dimension_headers: tuple[Header, ...]
    metric_headers: tuple[Header, ...]
    rows: tuple[Row, ...] = ()
    metadata: Metadata


def sightings(kind: str, body: bytes, connection: Connection) -> Iterator[Sighting]:
    """What the rows of a report say. Raises Unreadable, also for a report that is not whole."""
    answer = parsed(Answer, body)
    _must_be_whole(answer.metadata)
    reader = _Reading(connection, currency(answer.metadata.currency_code))
    for line in _lines(answer, reports.report(kind, connection)):
        yield from reader.said(kind, line)


def _must_be_whole(metadata: Metadata) -> None:
    """A part of a day would pass for the day, and what it lacks for what browsers did not tell."""
    if metadata.data_loss_from_other_row:
        raise Unreadable("metadata.dataLossFromOtherRow", "must be false: rows fell into (other)")
    if metadata.subject_to_thresholding:
        raise Unreadable("metadata.subjectToThresholding", "must be false: rows are withheld")
    if metadata.sampling_metadatas:
        raise Unreadable("metadata.samplingMetadatas", "must be empty: counts are estimates")


@dataclass(frozen=True, slots=True)
class _Line:
    """One row by the names of its columns, and where each of them stands."""

    cells: Mapping[str, str]
    places: Mapping[str, str]

    def text(self, name: str) -> str:
        return told(self.cells[name])

    def day(self) -> date:
        try:
            return parse_day(self.cells[reports.DATE])
        except ValueError as error:
            raise Unreadable(self.places[reports.DATE], str(error)) from error

    def number(self, name: str) -> Decimal:
        try:
            found = Decimal(self.cells[name])
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise Unreadable(self.places[name], "must be a decimal number")
        return found

    def times(self, name: str) -> int:
        found = self.number(name)
        if found != found.to_integral_value() or not 0 <= found < 10**12:
            raise Unreadable(self.places[name], "must be a count")
        return int(found)


def _lines(answer: Answer, wanted: reports.Report) -> Iterator[_Line]:
    sides = (
        ("dimensionHeaders", answer.dimension_headers, wanted.dimensions, "dimensionValues"),
        ("metricHeaders", answer.metric_headers, wanted.metrics, "metricValues"),
    )
    columns: dict[str, str] = {}
    for headers, held, needed, values in sides:
        names = [each.name for each in held]
        for name in needed:
            if name not in names:
                raise Unreadable(headers, f"must have {name}")
        columns |= {name: f"{values}[{at}].value" for at, name in enumerate(names)}
    for at, row in enumerate(answer.rows):
        cells = [*row.dimension_values, *row.metric_values]
        if len(row.dimension_values) != len(answer.dimension_headers) or len(cells) != len(columns):
            raise Unreadable(f"rows[{at}]", "must have a value for each header, once")
        texts = {name: cell.value for name, cell in zip(columns, cells, strict=True)}
        yield _Line(texts, {name: f"rows[{at}].{place}" for name, place in columns.items()})


@dataclass(frozen=True, slots=True)
class _Reading:
    """Rows as they are understood for one property; `currency` is that of the report's amounts."""

    connection: Connection
    currency: str | None

    def said(self, kind: str, line: _Line) -> Iterator[Sighting]:
        if kind == reports.APPLIED:
            yield from self._applied(line)
            return
        bought = kind == reports.PURCHASES
        times = line.times(reports.PURCHASED_TIMES if bought else reports.TIMES)
        amount = line.number(reports.REVENUE if bought else reports.REFUNDED)
        coupon = line.text(reports.ORDER_COUPON) if bought else ""
        told_in = currency(line.text(reports.CURRENCY))
        # The report's amounts are all in one currency: those of another one were converted.
        money = minor(amount, told_in) if told_in == self.currency else None
        if times:
            yield self._sighting(
                line,
                "purchased" if bought else "refunded",
                digest(coupon, told_in or ""),
                codes=codes([coupon], self.connection),
                transaction_id=transaction(line.text(reports.TRANSACTION)),
                times=times,
                amount_minor=money if bought or money is None else abs(money),
                currency=told_in,
            )

    def _applied(self, line: _Line) -> Iterator[Sighting]:
        """A checkout counts once for a code; where none is told, the events do."""
        coupon, checkout = line.text(reports.COUPON), line.text(reports.CHECKOUT)
        times = line.times(reports.TIMES)
        if not times or line.text(reports.RESULT).casefold() != ACCEPTED:
            return
        for code in codes([coupon], self.connection):
            which = digest(checkout, code) if checkout else digest("", coupon, code)
            once = 1 if checkout else times
            yield self._sighting(line, "applied", which, codes=(code,), times=once)

    def _sighting(
        self,
        line: _Line,
        kind: SightingKind,
        which: str,
        *,
        codes: tuple[str, ...],
        times: int,
        transaction_id: str = "",
        amount_minor: int | None = None,
        currency: str | None = None,
    ) -> Sighting:
        return Sighting(
            platform=self.connection.platform,
            account=self.connection.account,
            day=line.day(),
            kind=kind,
            sighting_id=f"report:{which}",
            codes=codes,
            transaction_id=transaction_id,
            times=times,
            amount_minor=amount_minor,
            currency=currency,
        )
