"""A sweep's road: list a window on the clock, page by page, record what the webhooks missed.

What it finds that way is a gap, and a gap has a reason: our wish to hear of an event may be gone at
the vendor's, who switches off what answered badly. So the wishes are looked at too, and made again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vouchsafe.edge import clock, cursors_table, journal, queue
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.edge.register_table import accounts_of
from vouchsafe.edge.settings import setting
from vouchsafe.flow import gap_finder
from vouchsafe.flow.calling import Caller, caller
from vouchsafe.flow.record import Record, record
from vouchsafe.flow.take import take
from vouchsafe.pure import instant
from vouchsafe.pure.errors import Forged, Invalid, Refused, Throttled, Unavailable
from vouchsafe.pure.gaps import Announced, Listed, everything
from vouchsafe.pure.hearing import ReadDocument
from vouchsafe.pure.pull import CheckSubscriptions, ListOrders, SignIn, Window
from vouchsafe.pure.sweeping import Progress, is_first, next_window


class Context(Protocol):
    """What a Lambda knows of its own end."""

    def get_remaining_time_in_millis(self) -> int: ...


Handler = Callable[[Mapping[str, Any], Context], Answer]

# Enough to finish the page in hand, and its documents, before the function is ended.
_TIME_FOR_A_PAGE_MS = 30_000


def sweep(
    platform: str,
    list_orders: ListOrders,
    read_document: ReadDocument,
    calls_a_second: float,
    sign_in: SignIn | None = None,
    record: Record = record,
    subscriptions: CheckSubscriptions | None = None,
    announced: Announced = everything,
) -> Handler:
    """The Lambda that finds what never arrived.

    Messages: `{}` sweeps every account of the platform; `{"account": a}` one, from where its last
    sweep ended; with `start` and `end` (and `by`: updated or placed) it is a backfill of that
    window. Every page is kept before the next is asked for, so that a cut-short one resumes.

    A sweep by the clock that finds what a webhook should have brought keeps the gap and tells of
    it once a day. An account without signing keys has no webhook that could have missed anything,
    nor can a webhook miss a fact that the platform has not `announced`.
    """
    call = caller(platform, calls_a_second, sign_in)

    def handle(event: Mapping[str, Any], context: Context) -> Answer:
        with journal.line("sweep", platform=platform) as line:
            road = _Road(
                platform, list_orders, read_document, record, call, subscriptions, announced
            )
            job = _Job(road, context, line)
            return queue.each(event, job.worked)

    return handle


@dataclass(frozen=True, slots=True)
class _Road:
    """How a platform is listed, read and kept."""

    platform: str
    list_orders: ListOrders
    read_document: ReadDocument
    record: Record
    call: Caller
    check: CheckSubscriptions | None
    announced: Announced


class _Job:
    def __init__(self, road: _Road, context: Context, line: journal.Line) -> None:
        self._road = road
        self._platform = road.platform
        self._context = context
        self._line = line

    def worked(self, message: Message) -> bool:
        """Whether the message is done with."""
        try:
            asked = message.body()
            if "account" in asked:
                self._swept(asked)
            else:
                self._spread()
        except (Unavailable, Refused, Forged, Invalid, ValueError) as reason:
            self._line.count("throttled" if isinstance(reason, Throttled) else "failed")
            self._line.note(reason=str(reason))
            queue.put_off_after(message, reason)
            return False
        return True

    def _spread(self) -> None:
        """One message for each account, so that a slow vendor holds up nobody else."""
        accounts = accounts_of(self._platform)
        messages = [{"account": each.account} for each in accounts]
        queue.send(setting("SWEEP_QUEUE_URL"), messages)
        self._line.note(accounts=len(messages))

    def _swept(self, asked: Mapping[str, Any]) -> None:
        account = asked["account"]
        connection, send = self._road.call(account)
        name, by, progress = self._begun(asked)
        self._line.note(account=account, job=name)
        road, seen = self._road, list[Listed]()
        while not progress.done:
            window = Window(start=progress.start, end=progress.end, by=by)
            page = road.list_orders(send, connection, window, progress.cursor)
            taken = take(
                page.documents,
                connection,
                road.read_document,
                road.record,
                self._line,
                announced=road.announced,
            )
            progress = progress.with_page(
                page.cursor, len(page.documents), taken.found, taken.parked
            )
            cursors_table.put(self._platform, account, name, progress, clock.now())
            self._line.count("listed", len(page.documents))
            self._line.count("missed", taken.found)
            seen += taken.listed
            if not progress.done and not self._time_left():
                queue.send(setting("SWEEP_QUEUE_URL"), [asked])
                break
        if name == "sweep" and connection.signing_keys and not is_first(progress):
            gap_finder.look(connection, send, road.check, seen, self._line)

    def _begun(self, asked: Mapping[str, Any]) -> tuple[str, Any, Progress]:
        """The job's name, what its window is by, and how far it has come."""
        if "start" not in asked:
            last = cursors_table.get(self._platform, asked["account"], "sweep")
            return "sweep", "updated", next_window(last, clock.now())
        by = asked.get("by", "updated")
        if by not in ("updated", "placed"):
            raise Invalid("by", "must be updated or placed")
        start, end = instant.parse(asked["start"]), instant.parse(asked["end"])
        if start >= end:
            raise Invalid("end", "must be after start")
        name = f"backfill#{by}#{instant.text(start)}#{instant.text(end)}#{asked.get('run', '')}"
        last = cursors_table.get(self._platform, asked["account"], name)
        return name, by, last or Progress(start=start, end=end)

    def _time_left(self) -> bool:
        return self._context.get_remaining_time_in_millis() > _TIME_FOR_A_PAGE_MS
