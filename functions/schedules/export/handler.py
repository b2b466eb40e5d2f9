"""Lambda: the clock, or a person, asks for closed days -> files for finance and Power BI."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from vouchsafe.edge import (
    books_table,
    clock,
    journal,
    orders_table,
    queue,
    reports_bucket,
    topic,
)
from vouchsafe.edge.register_table import all_accounts
from vouchsafe.edge.settings import setting
from vouchsafe.pure.books import DayResult
from vouchsafe.pure.business_day import DayRule, parse_day
from vouchsafe.pure.errors import Invalid, Refused, Unavailable
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.statement import PERIODS, Period, Scope, span_before

from .day import exported, was_exported

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Where a day begins first; what is written once too often is the same bytes.
_WIDEST_ZONE = timedelta(hours=14)
# After the day's own exports, which a workbook's reader may open beside it.
_AFTER_THE_DAYS_S = 60


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Messages: `{"period": "daily"}` takes the newest closed period and spreads it out;
    `{"first": .., "last": ..}` those days; `{"day": ..}` writes one day,
    `{"again": ..}` one that was written before;
    `{"workbook": "weekly", "first": .., "last": ..}` writes that workbook."""
    with journal.line("export", consumer="export") as line:

        def work(message: queue.Message) -> bool:
            return _worked(message, line)

        return queue.each(event, work)


def _worked(message: queue.Message, line: journal.Line) -> bool:
    try:
        asked = message.body()
        if "day" in asked:
            _export(parse_day(asked["day"]), line)
        elif "again" in asked:
            day = parse_day(asked["again"])
            if was_exported(day):
                _export(day, line)
        elif "workbook" in asked:
            line.note(workbook=_book(_period(asked["workbook"]), *_span(asked)))
        else:
            _spread(asked, line)
    except (Unavailable, Refused, Invalid, KeyError, ValueError) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        return False
    return True


def _export(day: date, line: journal.Line) -> None:
    written = exported(day)
    line.count("rows", sum(each.rows for each in written.values()))
    line.count("vat_unknown", sum(each.vat_unknown for each in written.values()))
    line.note(day=day.isoformat(), datasets={name: of.rows for name, of in written.items()})


def _spread(asked: Mapping[str, Any], line: journal.Line) -> None:
    """A message for each day, so that no day waits for another; the workbook after them."""
    period: Period | None = _period(asked["period"]) if "period" in asked else None
    first, last = _span(asked) if "first" in asked or period is None else _closed(period)
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    if period in ("weekly", "monthly"):
        days = [*_changed_since(first), *days]
    url = setting("EXPORT_QUEUE_URL")
    queue.send(url, [{"day": day.isoformat()} for day in days])
    if period in ("weekly", "monthly"):
        ends = {"first": first.isoformat(), "last": last.isoformat()}
        queue.send(url, [{"workbook": period, **ends}], _AFTER_THE_DAYS_S)
    line.note(days=len(days), first=first.isoformat(), last=last.isoformat())


def _changed_since(first: date) -> list[date]:
    """Earlier days on whose orders something happened since, such as a late return: what is booked
    of it reaches the books by these days' files."""
    since = datetime.combine(first, time(0), UTC) - _WIDEST_ZONE
    return sorted(day for day in orders_table.days_changed_since(since) if day < first)


def _closed(period: Period) -> tuple[date, date]:
    """The newest period that is over at every account."""
    rules = [account.days for account in all_accounts()] or [DayRule()]
    return span_before(period, min(rule.day_of(clock.now()) for rule in rules))


def _span(asked: Mapping[str, Any]) -> tuple[date, date]:
    first, last = parse_day(asked["first"]), parse_day(asked.get("last", asked["first"]))
    if not timedelta(0) <= last - first <= timedelta(days=366):
        raise Invalid("last", "must be at most a year after first")
    return first, last


def _period(text: str) -> Period:
    for period in PERIODS:
        if period == text:
            return period
    raise Invalid("period", f"must be one of {', '.join(PERIODS)}")


def _book(period: Period, first: date, last: date) -> str:
    from .workbook import workbook  # one message in a week wants the writer of workbooks

    results = [
        result for scope in _scopes(period, first, last) for result in books_table.days(scope)
    ]
    span = f"{first.isoformat()}_{last.isoformat()}"
    key = f"workbooks/{period}/{span}/reconciliation.xlsx"
    title = f"Reconciliation, {period}, {first.isoformat()} to {last.isoformat()}"
    reports_bucket.put(key, workbook(title, results), _XLSX)
    topic.publish(_ready(key, period, first, last, results))
    return key


def _ready(
    key: str, period: Period, first: date, last: date, results: list[DayResult]
) -> Happening:
    breaks = sum(len(each.breaks) for each in results)
    return Happening(
        happening="ReportReady",
        id=f"report#{key}#{breaks}",
        at=clock.now(),
        stack=setting("STACK_NAME"),
        subject={
            "report": key,
            "period": period,
            "start": first.isoformat(),
            "end": last.isoformat(),
            "account_days": len(results),
            "breaks": breaks,
        },
    )


def _scopes(period: Period, first: date, last: date) -> list[Scope]:
    return [
        Scope(
            period=period,
            first=first,
            last=last,
            platform=account.platform,
            account=account.account,
            day=first,
        )
        for account in all_accounts()
    ]
