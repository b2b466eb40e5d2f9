"""A person's or a shop's wish to be forgotten: identity leaves all that is kept, the money stays.

What lies under a person's key is taken away at once. Who else is named where, nobody can look up:
the ledger and the claims are looked through, part by part, each a message of its own. What follows
from the ledger follows again. Nothing is kept by which a forgotten person could be told: who comes
again begins afresh.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from vouchsafe.edge import (
    facts_table,
    journal,
    orders_table,
    publications_table,
    queue,
    segments_table,
    touchpoints_table,
)
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.edge.settings import setting
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.facts import Erasure, OrderKey

Handler = Callable[[Mapping[str, Any], object], Answer]

# So many parts that each is read within a message's time.
SEGMENTS = 16
# The claims come after the ledger's word of the same orders.
_AFTER_THE_LEDGER_S = 60
# What was on its way while the person was taken out.
_ONCE_MORE_S = 900


def forget(platform: str) -> Handler:
    """The Lambda that takes identity out: of orders that are named, of a person, of an account."""

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("forget", platform=platform) as line:

            def work(message: Message) -> bool:
                return _worked(message, line)

            return queue.each(event, work)

    return handle


def _worked(message: Message, line: journal.Line) -> bool:
    try:
        erasure = Erasure(**message.body())
        if erasure.segment is None:
            _begin(erasure, line)
        orders = list(_orders(erasure))
        _export_again(orders)
        for order in orders:
            line.count("forgotten", facts_table.forget(order))
    except (Unavailable, Refused, TypeError, ValueError) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        return False
    line.note(asked=erasure.asked, account=erasure.account)
    return True


def _begin(erasure: Erasure, line: journal.Line) -> None:
    for key in erasure.customer:
        line.count("unlisted", segments_table.forget(key))
        line.count("unnamed", publications_table.forget(key))
        line.count("unseen", touchpoints_table.forget(key))
    if not erasure.customer and not erasure.whole_account:
        asked = [{"forget": _of_uses(erasure)}]
        queue.send(setting("USES_QUEUE_URL"), asked, _AFTER_THE_LEDGER_S)
        return
    parts = range(SEGMENTS)
    pieces = [asdict(replace(erasure, segment=part)) for part in parts]
    queue.send(setting("FORGET_QUEUE_URL"), pieces)
    uses = [_of_uses(erasure) | {"segment": part, "segments": SEGMENTS} for part in parts]
    for delay_s in (_AFTER_THE_LEDGER_S, _ONCE_MORE_S):
        queue.send(setting("USES_QUEUE_URL"), [{"forget": each} for each in uses], delay_s)


def _export_again(orders: Iterable[str]) -> None:
    """Asked for before the orders lose whom nobody could find them by again."""
    found = map(orders_table.get, orders)
    days = sorted({day.isoformat() for _, day in filter(None, found)})
    queue.send(setting("EXPORT_QUEUE_URL"), [{"again": day} for day in days], _ONCE_MORE_S)


def _of_uses(erasure: Erasure) -> dict[str, Any]:
    """The same wish, in the words of who keeps claims: they have a writer of their own."""
    said = OrderKey(platform=erasure.platform, account=erasure.account, order_id="").text()
    return {
        "keys": list(erasure.customer),
        "orders": _named(erasure),
        "account": said if erasure.whole_account else "",
    }


def _orders(erasure: Erasure) -> Iterable[str]:
    if erasure.segment is None:
        return _named(erasure)
    if erasure.whole_account:
        return facts_table.orders_of_account(
            erasure.platform, erasure.account, erasure.segment, SEGMENTS
        )
    return facts_table.orders_naming(erasure.customer, erasure.segment, SEGMENTS)


def _named(erasure: Erasure) -> list[str]:
    return [
        OrderKey(platform=erasure.platform, account=erasure.account, order_id=order_id).text()
        for order_id in erasure.order_ids
    ]
