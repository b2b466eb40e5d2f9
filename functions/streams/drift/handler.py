"""Lambda: a delivery was parked -> what changed at the platform is counted, and told once.

Nothing is lost by then: the bytes lie in the car park, and go on from there when the reader is
mended. So a change of the vendor's is a task, and no accident.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vouchsafe.edge import clock, drift_table, journal, parking, queue, topic
from vouchsafe.edge.settings import setting
from vouchsafe.pure.drift import Seen, drift_of, subject
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.facts import joined
from vouchsafe.pure.happening import Happening


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Takes S3 notifications of the car park, or `{"parked": key}` by hand."""
    with journal.line("drift", consumer="drift") as line:

        def work(message: queue.Message) -> bool:
            return _worked(message, line)

        return queue.each(event, work)


def _worked(message: queue.Message, line: journal.Line) -> bool:
    try:
        body = message.body()
        for key in [body["parked"]] if "parked" in body else queue.s3_keys(body):
            _seen(key, line)
    except (Unavailable, Refused, ValueError) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        return False
    return True


def _seen(key: str, line: journal.Line) -> None:
    """Told before it is noted as told: a message that comes again tells it again under the same
    id, and destinations drop that."""
    reason = parking.reason_of(key)
    drift = drift_of(key, reason) if reason else None
    if drift is None:
        line.count("gone")
        return
    at = clock.now()
    seen = drift_table.mark(drift, key, at)
    line.count("drift")
    line.note(platform=drift.platform, place=drift.place, rule=drift.rule)
    if seen.is_news():
        topic.publish(_happening(seen, at))
        drift_table.told(drift, at)
        line.count("told")


def _happening(seen: Seen, at: datetime) -> Happening:
    drift = seen.drift
    parts = (drift.platform, drift.kind, drift.place, drift.rule, f"{at:%Y-%m-%d}")
    return Happening(
        happening="DriftFound",
        id=joined(("drift", *parts)),
        at=at,
        stack=setting("STACK_NAME"),
        subject=subject(seen),
    )
