"""A statement's road: list a closed business day at the till, and write its rows for the books."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from vouchsafe.edge import clock, journal, queue, secrets, statements_bucket
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.edge.register_table import RegisterReader, accounts_of, days_of_account
from vouchsafe.edge.settings import setting
from vouchsafe.flow.calling import Caller, caller
from vouchsafe.pure.business_day import parse_day
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import (
    Forged,
    Invalid,
    Refused,
    Unavailable,
    Unreadable,
)
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Document, ReadDocument
from vouchsafe.pure.order import fold
from vouchsafe.pure.pull import ListOrders, Send, SignIn, Window
from vouchsafe.pure.redemption import derive
from vouchsafe.pure.statement import (
    PERIODS,
    Period,
    Scope,
    StatementRow,
    closed_on,
    row_of,
    span_before,
)

Handler = Callable[[Mapping[str, Any], object], Answer]


def statement(
    platform: str,
    list_orders: ListOrders,
    read_document: ReadDocument,
    calls_a_second: float,
    sign_in: SignIn | None = None,
) -> Handler:
    """The Lambda that asks the till for its own list.

    Messages: `{}` takes the day, week and month of every account that are over since yesterday;
    with `period` (daily, weekly, monthly) the newest such period, with `first` and `last` that
    one, with `account` for one account. It spreads itself out to one message for each account and
    business day. The list is read and folded without the ledger.
    """
    call = caller(platform, calls_a_second, sign_in)

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("statement", platform=platform) as line:
            job = _Job(platform, list_orders, read_document, call, line)
            return queue.each(event, job.worked)

    return handle


class _Job:
    def __init__(
        self,
        platform: str,
        list_orders: ListOrders,
        read_document: ReadDocument,
        call: Caller,
        line: journal.Line,
    ) -> None:
        self._platform = platform
        self._list_orders = list_orders
        self._read_document = read_document
        self._call = call
        self._line = line

    def worked(self, message: Message) -> bool:
        """Whether the message is done with."""
        try:
            asked = message.body()
            if "day" in asked:
                self._stated(self._scope(asked, parse_day(asked["day"])))
            else:
                self._spread(asked)
        except (Unavailable, Refused, Forged, Invalid, Unreadable, KeyError, ValueError) as reason:
            self._line.count("failed")
            self._line.note(reason=str(reason))
            queue.put_off_after(message, reason)
            return False
        return True

    def _spread(self, asked: Mapping[str, Any]) -> None:
        """One message for each account and day of each period."""
        names = [each.account for each in accounts_of(self._platform)]
        accounts = [asked["account"]] if "account" in asked else names
        messages = [
            {**span, "account": account, "day": day.isoformat()}
            for account in accounts
            for span in self._spans(asked, account)
            for day in _days(self._scope({**span, "account": account}, None))
        ]
        queue.send(setting("STATEMENT_QUEUE_URL"), messages)
        self._line.note(statements=len(messages))

    def _spans(self, asked: Mapping[str, Any], account: str) -> Iterable[dict[str, str]]:
        """Period, first and last day of each list that is asked for."""
        first, last = asked.get("first"), asked.get("last", asked.get("first"))
        if first is not None and last is not None:
            yield {"period": _period(asked.get("period", "daily")), "first": first, "last": last}
            return
        # The last place to close decides: a day is closed when it is over everywhere.
        today = min(rule.day_of(clock.now()) for rule in days_of_account(self._platform, account))
        for period in [_period(asked["period"])] if "period" in asked else closed_on(today):
            opened, closed = span_before(period, today)
            yield {"period": period, "first": opened.isoformat(), "last": closed.isoformat()}

    def _scope(self, asked: Mapping[str, Any], day: date | None) -> Scope:
        first, last = parse_day(asked["first"]), parse_day(asked["last"])
        if not timedelta(0) <= last - first <= timedelta(days=31):
            raise Invalid("last", "must be at most 31 days after first")
        return Scope(
            period=asked["period"],
            first=first,
            last=last,
            platform=self._platform,
            account=asked["account"],
            day=day or first,
        )

    def _stated(self, scope: Scope) -> None:
        connection, send = self._call(scope.account)
        rows = list(_rows(self._facts(connection, send, scope), scope))
        key = statements_bucket.put(scope, rows)
        self._line.count("stated", len(rows))
        self._line.note(account=scope.account, day=scope.day.isoformat(), statement=key)

    def _facts(self, connection: Connection, send: Send, scope: Scope) -> Iterable[Fact]:
        """Every fact of every order that the till lists for the day, wherever it is."""
        days = days_of_account(self._platform, scope.account)
        starts = [rule.window(scope.day, scope.day) for rule in days]
        window = Window(
            start=min(start for start, _ in starts), end=max(end for _, end in starts), by="placed"
        )
        cursor: str | None = None
        while True:
            page = self._list_orders(send, connection, window, cursor)
            yield from self._read(page.documents, connection)
            if page.cursor is None:
                return
            cursor = page.cursor

    def _read(self, documents: tuple[Document, ...], connection: Connection) -> Iterable[Fact]:
        """An unreadable document is no row: the ledger then shows it as missing at the till, and
        the sweep has parked it with its reason."""
        identify, at = secrets.identify(), clock.now()
        for document in documents:
            try:
                said = self._read_document(document, connection, identify, at)
            except Unreadable as reason:
                self._line.count("unreadable")
                self._line.note(reason=str(reason))
                continue
            yield from (each for each in said if isinstance(each, Fact))


def _period(said: object) -> Period:
    for period in PERIODS:
        if said == period:
            return period
    raise Invalid("period", f"must be one of {', '.join(PERIODS)}")


def _days(scope: Scope) -> Iterable[date]:
    return (scope.first + timedelta(days=at) for at in range((scope.last - scope.first).days + 1))


def _rows(facts: Iterable[Fact], scope: Scope) -> Iterable[StatementRow]:
    register = RegisterReader()
    by_order: dict[str, list[Fact]] = {}
    for fact in facts:
        by_order.setdefault(fact.order.text(), []).append(fact)
    for held in by_order.values():
        order = fold(held)
        if order is None:
            continue
        projected = derive(order, register)
        if projected.business_day == scope.day:
            yield row_of(order, scope.day, projected.rows())
