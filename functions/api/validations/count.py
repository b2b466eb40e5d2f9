"""Lambda: what the ledger tells of a use, or the end of a hold -> its claim and its counters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vouchsafe.edge import clock, journal, queue, session, uses_table
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.pure.claim import Claim, recount
from vouchsafe.pure.errors import Unavailable

from . import conduct, holds
from .ledger import redemption_of, said_of

_register = RegisterReader()
session.ready("dynamodb", "sqs")


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Messages: `{"order": .., "item": ..}` (or `"code"`) brings a claim to what the ledger says;
    `{"expire": {"order": .., "code": ..}}` gives a hold back whose time is over, and
    `{"forget": {..}}` takes people out (`forgetting`)."""
    with journal.line("count", consumer="count") as line:

        def work(message: queue.Message) -> bool:
            return _worked(message, line)

        return queue.each(event, work)


def _worked(message: queue.Message, line: journal.Line) -> bool:
    try:
        _count(message.body(), clock.now(), line)
    except Unavailable as reason:
        line.count("again")
        line.note(reason=str(reason))
        queue.put_off_after(message, reason)
        return False
    except Exception as error:
        # Nothing of it is lost: after some attempts it waits among the dead letters.
        line.count("failed")
        line.note(reason=repr(error)[:200])
        return False
    return True


def _count(body: Mapping[str, Any], now: datetime, line: journal.Line) -> None:
    if "expire" in body:
        _expire(body["expire"]["order"], body["expire"]["code"], now, line)
        return
    if "forget" in body:
        from .forgetting import forget  # seldom asked for, and reads what shops told

        line.count("forgotten", forget(body["forget"], now))
        return
    order, code = body["order"], body.get("code") or _code_of(body["item"])
    before = uses_table.get(order, code)
    after = uses_table.tell(order, code, lambda held: said_of(order, code, held, _register), now)
    if after is not None and (before is None or after.version != before.version):
        _note(before, after, line)
    redemption = redemption_of(order, code)
    if redemption is not None:
        conduct.heard(redemption, now)


def _expire(order: str, code: str, now: datetime, line: journal.Line) -> None:
    """Gives the hold back, or waits on: SQS delays a message by a quarter of an hour at most."""
    claim = uses_table.expire(order, code, now)
    if claim is None:
        return
    if claim.state == "expired":
        line.count("expired")
    holds.watch(claim, now)


def _note(before: Claim | None, after: Claim, line: journal.Line) -> None:
    line.count("told")
    had, has = recount([before] if before else []), recount([after])
    if has and not had:
        line.count("counted")
    if _is_over(after):
        line.count("over_limit")


def _is_over(claim: Claim) -> bool:
    limits = [each for each in claim.limits if not each.is_goal()]
    used = uses_table.used(each.counter for each in limits)
    return claim.holds_a_use() and any(used[each.counter] > each.most for each in limits)


def _code_of(item: str) -> str:
    """The canonical code of a redemption's name, `redemption#CODE#000`."""
    kind, _, rest = item.partition("#")
    code, _, generation = rest.rpartition("#")
    if kind != "redemption" or not code or not generation.isdigit():
        raise ValueError(f"not the name of a redemption: {item[:40]!r}")
    return code
