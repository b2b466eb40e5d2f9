"""The way back from the car park: parked bytes are read again, recorded, their place cleared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vouchsafe.edge import journal, parking, queue, secrets
from vouchsafe.edge.parking import Parked
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.flow.record import Record, record
from vouchsafe.flow.take import take
from vouchsafe.flow.webhook import heard
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Forged, Invalid, Refused, Unavailable, Unreadable
from vouchsafe.pure.hearing import Read, ReadDocument

Handler = Callable[[Mapping[str, Any], object], Answer]
# connected(platform, account): how we are connected to it.
Connected = Callable[[str, str], Connection]


@dataclass(frozen=True, slots=True)
class _Road:
    """How a platform's bytes are read and kept."""

    read: Read | None
    read_document: ReadDocument | None
    record: Record
    connected: Connected


def replay(
    platform: str,
    read: Read | None,
    read_document: ReadDocument | None,
    record: Record = record,
    connected: Connected = secrets.connection,
) -> Handler:
    """The Lambda that drives parked deliveries again: those that could not be kept come by
    themselves (S3 tells the queue), those that could not be read when a person sends them.

    A platform that never calls us has no `read`, one that is never asked no `read_document`.

    Messages: an S3 notification, or `{"parked": key}`. What fails stays parked and comes again
    with back-off, until the queue gives up; the bytes stay where they are.
    """
    road = _Road(read, read_document, record, connected)

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("replay", platform=platform) as line:

            def work(message: Message) -> bool:
                return _worked(message, road, line)

            return queue.each(event, work)

    return handle


def _worked(message: Message, road: _Road, line: journal.Line) -> bool:
    try:
        for key in _keys(message.body()):
            _driven(key, road, line)
    except (Unavailable, Refused, Forged, Invalid) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        queue.put_off(message, 15.0 * 2**message.attempt)
        return False
    return True


def _keys(body: Mapping[str, Any]) -> list[str]:
    return [body["parked"]] if "parked" in body else queue.s3_keys(body)


def _driven(key: str, road: _Road, line: journal.Line) -> None:
    """Genuine when it was parked, so genuine now: keys may have turned since.

    What turns out unreadable is put with its like, to wait for a mended reader.
    """
    parked = parking.get(key)
    if parked is None:
        return
    try:
        _heard(parked, road, line)
    except Unreadable as reason:
        line.count("still_unreadable")
        line.note(reason=str(reason))
        if key.startswith("unreadable/"):
            return
        parking.park(parked.delivery, "unreadable", str(reason))
    parking.take_away(key)
    line.count("replayed")


def _heard(parked: Parked, road: _Road, line: journal.Line) -> None:
    delivery = parked.delivery
    connection = road.connected(delivery.platform, delivery.account)
    if parked.document_kind is None and road.read is not None:
        heard(delivery, connection, road.read, road.record, line)
    elif parked.document_kind is not None and road.read_document is not None:
        documents = (parked.document(),)
        seen_at = delivery.received_at
        taken = take(documents, connection, road.read_document, road.record, line, seen_at)
        if taken.parked:
            raise Unreadable("document", "is still not readable")
    else:
        raise Unreadable("document", "came by a road that this platform does not have")
