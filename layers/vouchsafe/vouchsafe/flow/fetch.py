"""A notice's road: take it from the platform's queue, get the object, read, record."""

from collections.abc import Callable, Mapping
from typing import Any

from vouchsafe.edge import journal, parking, queue
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.flow.calling import Caller, caller
from vouchsafe.flow.record import Record, record
from vouchsafe.flow.take import take
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid, Refused, Throttled, Unavailable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import ReadDocument
from vouchsafe.pure.pull import FetchNoticed, Send, SignIn

Handler = Callable[[Mapping[str, Any], object], Answer]

_LONGEST_WAIT_S = 900


def fetch(
    platform: str,
    fetch_noticed: FetchNoticed,
    read_document: ReadDocument,
    calls_a_second: float = 10,
    sign_in: SignIn | None = None,
    record: Record = record,
) -> Handler:
    """The Lambda that fetches what webhooks only named. A message that fails comes again, later
    each time, until the queue gives it to its dead letters."""
    call = caller(platform, calls_a_second, sign_in)

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("fetch", platform=platform) as line:
            batch = _Batch(fetch_noticed, read_document, record, call, line)
            return queue.each(event, batch.worked)

    return handle


class _Batch:
    """The notices of one invocation: an account is called at one pace, and an object that several
    name is fetched once, after all of them were told."""

    def __init__(
        self,
        fetch_noticed: FetchNoticed,
        read_document: ReadDocument,
        record: Record,
        call: Caller,
        line: journal.Line,
    ) -> None:
        self._fetch_noticed = fetch_noticed
        self._read_document = read_document
        self._record = record
        self._call = call
        self._line = line
        self._called: dict[str, tuple[Connection, Send]] = {}
        self._done: set[str] = set()

    def worked(self, message: Message) -> bool:
        """Whether the message is done with."""
        if message.text in self._done:
            self._line.count("named_again")
            return True
        try:
            self._fetched(Notice(**message.body()))
        except Throttled as reason:
            return _again(message, reason.retry_after_s, "throttled", reason, self._line)
        except (Unavailable, Refused, Forged, Invalid) as reason:
            return _again(message, 5.0 * 2**message.attempt, "failed", reason, self._line)
        except (TypeError, ValueError) as reason:
            self._park(message, reason)
        self._done.add(message.text)
        return True

    def _fetched(self, notice: Notice) -> None:
        if notice.account not in self._called:
            self._called[notice.account] = self._call(notice.account)
        connection, send = self._called[notice.account]
        try:
            documents = self._fetch_noticed(send, connection, notice)
        except (Unavailable, Refused):
            # The session may be the reason; the next notice of the account asks for one again.
            self._called.pop(notice.account)
            raise
        taken = take(documents, connection, self._read_document, self._record, self._line)
        self._line.count("fetched", len(documents))
        self._line.count("recorded", taken.found)

    def _park(self, message: Message, reason: Exception) -> None:
        consumer = f"fetch-{message.queue_arn.rsplit(':', 1)[-1]}"
        parking.park_record(consumer=consumer, record={"text": message.text}, reason=str(reason))
        self._line.count("poison")


def _again(
    message: Message, wait_s: float, how: str, reason: Exception, line: journal.Line
) -> bool:
    line.count(how)
    line.note(reason=str(reason))
    queue.put_off(message, min(wait_s, _LONGEST_WAIT_S))
    return False
