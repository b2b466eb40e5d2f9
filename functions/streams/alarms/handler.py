"""Lambda: a change in the ledger -> the alarms that it raises, adds to, or clears."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from vouchsafe.edge import alarms_table, clock, journal, parking, session
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.edge.settings import optional
from vouchsafe.flow.stream import Answer, sequence_of
from vouchsafe.pure.census import Noticed
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.redemption import Redemption

from . import leaks, pulse, terms, unregistered, uses
from .change import Change, Record, change_of, is_of_orders, placed_at
from .tell import tell

CONSUMER = "alarms"
T = TypeVar("T")

# False alarms that are bearable for one code in one year.
_BUDGET = float(optional("DETECTOR_BUDGET", "0.1"))
_register = RegisterReader()
session.ready("dynamodb", "sns", "sqs")


def handle(event: Mapping[str, Any], _context: object) -> Answer:
    """Judges a batch; only what may go better later comes again, poison is parked."""
    with journal.line(CONSUMER, consumer=CONSUMER) as line:
        batch = _Batch(line)
        batch.judge(event["Records"])
        return {"batchItemFailures": [{"itemIdentifier": each} for each in batch.again]}


class _Batch:
    """One invocation's records: which must come again, and the line that tells of them."""

    def __init__(self, line: journal.Line) -> None:
        self.again: list[str] = []
        self._line = line
        self._now = clock.now()

    def judge(self, records: Sequence[Record]) -> None:
        """Judges orders all at once, redemptions one by one and then code by code."""
        self._line.count("records", len(records))
        orders: list[Record] = []
        changes: list[tuple[Record, Change]] = []
        unknown: dict[str, tuple[Noticed, list[Record]]] = {}
        for record in records:
            if self._tried([record], is_of_orders, record):
                orders.append(record)
            elif seen := self._tried([record], _seen, record):
                change, found = seen
                if change:
                    changes.append((record, change))
                if found:
                    unknown.setdefault(found.subject, (found, []))[1].append(record)
        self._beat(orders)
        self._notice(unknown.values())
        self._judge_terms(changes)
        self._observe(changes)
        self._forward(changes)

    def _beat(self, orders: Sequence[Record]) -> None:
        placed = {sequence_of(each): self._tried([each], placed_at, each) for each in orders}
        instants = [at for at in placed.values() if at]
        if instants:
            batch = f"{next(iter(placed))}-{len(placed)}"
            self._line.count("orders", len(instants))
            self._tried(orders, pulse.beat, instants, batch, self._now, self._tell)

    def _notice(self, unknown: Iterable[tuple[Noticed, Sequence[Record]]]) -> None:
        for found, records in unknown:
            if self._tried(records, unregistered.notice, found, self._now):
                self._line.count("unregistered")

    def _judge_terms(self, changes: Sequence[tuple[Record, Change]]) -> None:
        records = [record for record, _ in changes]
        keys = [terms.judged_key(change) for _, change in changes]
        found = self._tried(records, alarms_table.read, keys) if keys else {}
        judged = set(found or ())
        for (record, change), key in zip(changes, keys, strict=True):
            if found is not None and self._tried([record], self._judged, change, key in judged):
                judged.add(key)

    def _judged(self, change: Change, judged: bool) -> bool:
        """Whether there was anything to judge."""
        if not terms.concerns(change, _register, judged=judged):
            return False
        self._line.count("judged")
        for alarm_id in sorted(terms.judge(change, _register, self._now)):
            self._tell(alarm_id)
        return True

    def _observe(self, changes: Iterable[tuple[Record, Change]]) -> None:
        by_code: dict[str, list[tuple[Record, Redemption]]] = {}
        for record, change in changes:
            if change.after and change.is_new_use():
                by_code.setdefault(change.after.code, []).append((record, change.after))
        for code, held in by_code.items():
            uses = [use for _, use in held]
            self._line.count("uses", len(uses))
            self._tried([record for record, _ in held], self._observed, code, uses)

    def _observed(self, code: str, uses: Sequence[Redemption]) -> None:
        for alarm_id in sorted(leaks.observe(code, uses, _register, _BUDGET, self._now)):
            self._tell(alarm_id)

    def _forward(self, changes: Iterable[tuple[Record, Change]]) -> None:
        limited = [
            (record, change)
            for record, change in changes
            if self._tried([record], uses.concerns, change, _register)
        ]
        if limited:
            records = [record for record, _ in limited]
            self._tried(records, uses.forward, [change for _, change in limited])

    def _tell(self, alarm_id: str) -> None:
        name = tell(alarm_id, self._now)
        if name:
            self._line.count(name)

    def _tried(
        self, records: Sequence[Record], work: Callable[..., T], *arguments: object
    ) -> T | None:
        """What the work answers; None where it failed, and its records come again or are parked."""
        try:
            return work(*arguments)
        except Unavailable as reason:
            self._bring_again(records, reason)
        except Exception as error:
            for record in records:
                self._park(record, error)
        return None

    def _bring_again(self, records: Iterable[Record], reason: Unavailable) -> None:
        self._line.note(reason=str(reason))
        for sequence in map(sequence_of, records):
            if sequence not in self.again:
                self._line.count("again")
                self.again.append(sequence)

    def _park(self, record: Record, error: Exception) -> None:
        try:
            key = parking.park_record(consumer=CONSUMER, record=record, reason=repr(error))
        except Unavailable as reason:
            self._bring_again([record], reason)
        else:
            self._line.count("poison")
            self._line.note(parked=key, reason=repr(error)[:200])


def _seen(record: Record) -> tuple[Change | None, Noticed | None]:
    """What became of a redemption, and what the order bears that the register does not know."""
    return change_of(record), unregistered.noticed(record, _register)
