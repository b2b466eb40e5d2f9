"""What comes back to a claim later: the end of its hold, and a look at the ledger."""

from datetime import datetime

from vouchsafe.edge import queue
from vouchsafe.edge.settings import setting
from vouchsafe.pure.claim import Claim

# So long a till may take to tell of what the shop has ended; SQS delays no longer than that.
_LEDGER_IN_S = 900.0


def watch(claim: Claim, now: datetime) -> None:
    """Gives a hold back when its time is over; nothing to do for what is no hold.

    Sent again for a hold that stands already, so that a message that was never sent costs nothing
    but time: a claim that finds no room gives back what is over, too. Raises Unavailable.
    """
    if claim.state == "reserved" and claim.until is not None:
        after_s = (claim.until - now).total_seconds() + 1
        _send({"expire": {"order": claim.order, "code": claim.code}}, after_s)


def ask_ledger(claim: Claim) -> None:
    """Looks later whether the tills agree that the use has ended. Raises Unavailable."""
    _send({"order": claim.order, "code": claim.code}, _LEDGER_IN_S)


def _send(body: dict[str, object], delay_s: float) -> None:
    queue.send(setting("USES_QUEUE_URL"), [body], delay_s)
