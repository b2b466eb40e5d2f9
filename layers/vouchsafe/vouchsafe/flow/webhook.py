"""A delivery's road: verify, read everything, record, count, answer. No step after the answer."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from vouchsafe.edge import clock, http_event, journal, parking, queue, secrets, session
from vouchsafe.edge.http_event import Answer, TooLarge
from vouchsafe.edge.settings import setting
from vouchsafe.flow.record import Record, record
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Faulty, Forged, Invalid, Refused, Unavailable, Unreadable
from vouchsafe.pure.hearing import Delivery, Greeting, Heard, Read, Verify

Handler = Callable[[Mapping[str, Any], object], Answer]


def webhook(platform: str, verify: Verify, read: Read, record: Record = record) -> Handler:
    """The Lambda of a platform's door.

    200: durable (recorded, queued or parked), or nothing in it for us. 400: Faulty, and the answer
    says what; nothing is kept. 401: not proven genuine, or no secret configured. 413: over 1 MiB.
    503: nothing could be kept; the sender must repeat.
    """
    session.ready("secretsmanager", "dynamodb")

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("delivery", platform=platform) as line:
            answer = _answered(platform, verify, read, record, event, line)
            line.note(status=answer["statusCode"])
            return answer

    return handle


def heard(
    delivery: Delivery, connection: Connection, read: Read, record: Record, line: journal.Line
) -> Heard:
    """Reads a genuine delivery and makes everything in it durable.

    Raises Unreadable when it cannot be read, Unavailable when it cannot be kept now.
    """
    said = _read(delivery, connection, read)
    keep(said, record)
    line.note(event=said.event, account=delivery.account)
    line.count("recorded", len(said.facts) + len(said.touchpoints))
    if not said.known:
        line.count("unheard_of")
        _show(delivery, said.event, line)
    return said


def _show(delivery: Delivery, event: str, line: journal.Line) -> None:
    """Nothing is lost where it cannot be kept to be looked at: the count stands."""
    try:
        parking.keep_unheard(delivery, event)
    except (Unavailable, Refused) as reason:
        line.note(unseen=str(reason))


def keep(said: Heard, record: Record) -> None:
    """Facts and touchpoints where they are kept, notices and erasures onto their queues."""
    record((*said.facts, *said.touchpoints))
    if said.notices:
        queue.send(setting("FETCH_QUEUE_URL"), [asdict(each) for each in said.notices])
    if said.erasures:
        queue.send(setting("FORGET_QUEUE_URL"), [asdict(each) for each in said.erasures])


def _answered(
    platform: str,
    verify: Verify,
    read: Read,
    record: Record,
    event: Mapping[str, Any],
    line: journal.Line,
) -> Answer:
    try:
        delivery = http_event.delivery(platform, event, clock.now())
        connection = secrets.connection(platform, delivery.account)
        verdict = verify(delivery, connection, delivery.received_at)
    except TooLarge:
        line.count("too_large")
        return http_event.answer(413, "too large")
    except Forged as reason:
        return _turned_away(reason, line)
    except (Unavailable, Refused, Invalid) as reason:
        line.count("undecided")
        line.note(reason=str(reason))
        return http_event.answer(503, "try again")
    if isinstance(verdict, Greeting):
        line.note(verification_code=verdict.verification_code)
    if verdict != "genuine":
        return http_event.answer(200, "hello")
    return _kept(delivery, connection, read, record, line)


def _kept(
    delivery: Delivery, connection: Connection, read: Read, record: Record, line: journal.Line
) -> Answer:
    """Recorded or parked, and only then 200."""
    try:
        heard(delivery, connection, read, record, line)
    except Forged as reason:
        # Square names its merchant in the signed body and nowhere else.
        return _turned_away(reason, line)
    except Faulty as reason:
        line.count("faulty")
        line.note(reason=str(reason), account=delivery.account)
        return http_event.answer(400, str(reason))
    except Unreadable as reason:
        return _parked(delivery, "unreadable", str(reason), line)
    except (Unavailable, Refused, Invalid) as reason:
        return _parked(delivery, "unavailable", str(reason), line)
    return http_event.answer(200, "thank you")


def _turned_away(reason: Forged, line: journal.Line) -> Answer:
    line.count("forged")
    line.note(reason=str(reason))
    return http_event.answer(401, "not verified")


def _parked(delivery: Delivery, reason: parking.Reason, detail: str, line: journal.Line) -> Answer:
    try:
        key = parking.park(delivery, reason, detail)
    except (Unavailable, Refused) as failure:
        line.count("lost_to_the_sender")
        line.note(reason=str(failure))
        return http_event.answer(503, "try again")
    line.count(f"parked_{reason}")
    line.note(parked=key, reason=detail, account=delivery.account)
    return http_event.answer(200, "thank you")


def _read(delivery: Delivery, connection: Connection, read: Read) -> Heard:
    """What the room hears. A reader that stumbles is a reader to mend: the bytes are parked."""
    try:
        return read(delivery, connection, secrets.identify())
    except (Unreadable, Unavailable, Forged):
        raise
    except Invalid as error:
        if error.field == "identity":
            raise
        raise Unreadable(error.field, error.rule) from error
    except Exception as error:
        raise Unreadable("document", f"broke the reader: {type(error).__name__}") from error
