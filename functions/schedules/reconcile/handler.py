"""Lambda: a till's list has arrived -> it is compared with the ledger, kept and announced."""

from collections.abc import Iterator, Mapping
from typing import Any

from vouchsafe.edge import (
    books_table,
    clock,
    journal,
    orders_table,
    queue,
    redemptions_table,
    statements_bucket,
    topic,
)
from vouchsafe.edge.settings import setting
from vouchsafe.pure.books import DayResult
from vouchsafe.pure.errors import Invalid, Refused, Unavailable, Unreadable
from vouchsafe.pure.statement import Scope, StatementRow, row_of, run_key, scope_of

from .announce import announcement
from .match import match


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Takes S3 notifications of the statements bucket, or `{"statement": key}` by hand."""
    with journal.line("reconcile", consumer="reconcile") as line:

        def work(message: queue.Message) -> bool:
            return _worked(message, line)

        return queue.each(event, work)


def _worked(message: queue.Message, line: journal.Line) -> bool:
    try:
        body = message.body()
        for key in [body["statement"]] if "statement" in body else queue.s3_keys(body):
            result = reconciled(scope_of(key))
            line.count("breaks", len(result.breaks))
            line.count("compared", result.matched_orders)
            line.note(run=run_key(result.scope), day=result.scope.day.isoformat())
    except (Unavailable, Refused, Unreadable, Invalid, ValueError) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        return False
    return True


def reconciled(scope: Scope) -> DayResult:
    """Compares one business day, keeps the result, and announces the run once all its days are in.

    Run again it replaces the day's result; the announcement has the run's name, so that whoever
    hears it twice knows it is the same.
    """
    till = statements_bucket.get(scope)
    result = match(scope, till, _ledger(scope), clock.now())
    books_table.put(result)
    if books_table.days_there(scope) > (scope.last - scope.first).days:
        days = list(books_table.days(scope))
        topic.publish(announcement(setting("STACK_NAME"), days, result.ran_at))
    return result


def _ledger(scope: Scope) -> Iterator[StatementRow]:
    for order, day in orders_table.of_day(scope.day, scope.platform, scope.account):
        if not order.test:
            asked = order.has_discounts()
            rows = redemptions_table.of_order(order.key.text()) if asked else {}
            yield row_of(order, day, list(rows.values()))
