"""The reconciliation of a week or month as a workbook: summary, codes, breaks, totals that foot."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from vouchsafe.pure.books import BREAK_KINDS, Break, CodeTotal, DayResult
from vouchsafe.pure.money import exponent

Cell = str | int | float | date | None

# The same days give the same bytes: a workbook's own date of making is fixed.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)

_SUMMARY = (
    "Day", "Platform", "Account", "Currency", "Orders at till", "Orders in ledger", "Matched",
    "Total at till", "Total in ledger", "Difference", "Discounts at till", "Discounts in ledger",
    "Difference of discounts", "Breaks",
)  # fmt: skip
_CODES = (
    "Day", "Platform", "Account", "Location", "Code", "Currency", "Uses at till", "Uses in ledger",
    "Discount at till", "Discount in ledger", "Difference",
)  # fmt: skip
_BREAKS = (
    "Day", "Platform", "Account", "Location", "Kind", "Code", "What differs", "Currency", "At till",
    "In ledger", "Difference", "Orders", "In words",
)  # fmt: skip


def workbook(title: str, results: Sequence[DayResult]) -> bytes:
    """The bytes of an XLSX file; `results` are the days of all accounts of a period.

    Amounts are in major units. Each sheet ends in totals by currency, which are formulas over the
    rows above, with their values beside them for readers that do not calculate.
    """
    held = BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": title, "created": _MADE})
    looks = _Looks(book)
    ordered = sorted(
        results, key=lambda each: (each.scope.day, each.scope.platform, each.scope.account)
    )
    _summary(book.add_worksheet("Summary"), looks, title, ordered)
    _sheet(
        book.add_worksheet("Codes"),
        looks,
        _CODES,
        [_code_row(result, each) for result in ordered for each in result.codes],
        currency=5,
        summed=(6, 7, 8, 9, 10),
        money=(8, 9, 10),
    )
    _sheet(
        book.add_worksheet("Breaks"),
        looks,
        _BREAKS,
        [_break_row(result, each) for result in ordered for each in result.breaks],
        currency=7,
        summed=(8, 9, 10),
        money=(8, 9, 10),
    )
    book.close()
    return held.getvalue()


class _Looks:
    """The few formats that the workbook uses."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title: Format = book.add_format({"bold": True, "font_size": 14})
        self.head: Format = book.add_format(
            {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True}
        )
        self.money: Format = book.add_format({"num_format": "#,##0.00##;[Red]-#,##0.00##"})
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.total: Format = book.add_format({"bold": True, "top": 1})
        self.total_money: Format = book.add_format(
            {"bold": True, "top": 1, "num_format": "#,##0.00##;[Red]-#,##0.00##"}
        )


def _summary(sheet: Worksheet, looks: _Looks, title: str, results: Sequence[DayResult]) -> None:
    sheet.write_string(0, 0, title, looks.title)
    agreed = sum(each.agrees() for each in results)
    sheet.write_string(1, 0, f"{agreed} of {len(results)} account days agree to the cent.")
    kinds = dict.fromkeys(BREAK_KINDS, 0)
    for each in (each for result in results for each in result.breaks):
        kinds[each.kind] += 1
    for at, (kind, count) in enumerate(kinds.items()):
        sheet.write_string(2 + at, 0, kind.replace("_", " "))
        sheet.write_number(2 + at, 1, count)
    _sheet(
        sheet,
        looks,
        _SUMMARY,
        [row for result in results for row in _summary_rows(result)],
        top=len(kinds) + 3,
        currency=3,
        summed=(4, 5, 6, 7, 8, 9, 10, 11, 12, 13),
        money=(7, 8, 9, 10, 11, 12),
    )


def _sheet(
    sheet: Worksheet,
    looks: _Looks,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    currency: int,
    summed: Sequence[int],
    money: Sequence[int],
    top: int = 0,
) -> None:
    for at, head in enumerate(heads):
        sheet.write_string(top, at, head, looks.head)
        sheet.set_column(at, at, 14 if at in summed else 18)
    for down, row in enumerate(rows, top + 1):
        for at, cell in enumerate(row):
            _write(sheet, looks, down, at, cell, money=at in money)
    if top == 0:
        sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(top, 0, top + len(rows), len(heads) - 1)
    _totals(sheet, looks, rows, top, currency=currency, summed=summed, money=money)


def _totals(
    sheet: Worksheet,
    looks: _Looks,
    rows: Sequence[Sequence[Cell]],
    top: int,
    *,
    currency: int,
    summed: Sequence[int],
    money: Sequence[int],
) -> None:
    first, last = top + 1, top + len(rows)
    for down, name in enumerate(sorted({str(row[currency]) for row in rows}), last + 2):
        sheet.write_string(down, 0, "Total", looks.total)
        sheet.write_string(down, currency, name, looks.total)
        for at in summed:
            value = sum(_number(row[at]) for row in rows if str(row[currency]) == name)
            where = f"{_column(currency)}{first + 1}:{_column(currency)}{last + 1}"
            what = f"{_column(at)}{first + 1}:{_column(at)}{last + 1}"
            formula = f'=SUMIF({where},"{name}",{what})'
            look = looks.total_money if at in money else looks.total
            sheet.write_formula(down, at, formula, look, float(value))


def _write(
    sheet: Worksheet, looks: _Looks, row: int, column: int, cell: Cell, *, money: bool
) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), looks.day)  # noqa: DTZ001 (a day has no zone)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, looks.money if money else None)
    elif cell:
        # Cells hold at most 32,767 characters (Excel specifications and limits, read 2026-11-20).
        sheet.write_string(row, column, cell[:32_000])


def _summary_rows(result: DayResult) -> list[Sequence[Cell]]:
    scope = result.scope
    head = (scope.day, scope.platform, scope.account)
    counts = (result.till_orders, result.ledger_orders, result.matched_orders)
    rows: list[Sequence[Cell]] = []
    for at, (currency, till, ledger, till_off, ledger_off) in enumerate(
        result.totals or (("", 0, 0, 0, 0),)
    ):
        money = [_major(each, currency) for each in (till, ledger, till - ledger)]
        off = [_major(each, currency) for each in (till_off, ledger_off, till_off - ledger_off)]
        # Orders and breaks are counted once, on the first currency's row.
        own = (*counts, len(result.breaks)) if at == 0 else (0, 0, 0, 0)
        rows.append((*head, currency, *own[:3], *money, *off, own[3]))
    return rows


def _code_row(result: DayResult, each: CodeTotal) -> Sequence[Cell]:
    scope = result.scope
    difference = each.till_minor - each.ledger_minor
    return (
        scope.day,
        scope.platform,
        scope.account,
        each.location_id,
        each.code or "(no code)",
        each.currency,
        each.till_uses,
        each.ledger_uses,
        *(_major(minor, each.currency) for minor in (each.till_minor, each.ledger_minor)),
        _major(difference, each.currency),
    )


def _break_row(result: DayResult, each: Break) -> Sequence[Cell]:
    scope = result.scope
    return (
        each.day,
        scope.platform,
        scope.account,
        each.location_id,
        each.kind.replace("_", " "),
        each.code,
        each.field,
        each.currency,
        _major(each.till_minor, each.currency),
        _major(each.ledger_minor, each.currency),
        _major(each.till_minor - each.ledger_minor, each.currency),
        ", ".join(each.orders),
        each.detail,
    )


def _major(minor: int, currency: str) -> float:
    """Spreadsheets know floats only; the nearest one to the decimal shows as it."""
    digits = exponent(currency) if currency else 0
    return float(Decimal(minor).scaleb(-digits))


def _number(cell: Cell) -> Decimal:
    return Decimal(str(cell)) if isinstance(cell, int | float) else Decimal(0)


def _column(at: int) -> str:
    return chr(ord("A") + at)
