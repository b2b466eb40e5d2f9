"""A person's or a shop's wish to be forgotten: identity leaves facts and lists, the money stays."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vouchsafe.edge import facts_table, journal, queue, segments_table
from vouchsafe.edge.queue import Answer, Message
from vouchsafe.edge.settings import setting
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.facts import Erasure, OrderKey

Handler = Callable[[Mapping[str, Any], object], Answer]


def forget(platform: str) -> Handler:
    """The Lambda that takes identity out of facts: of the orders named, or of a whole account."""

    def handle(event: Mapping[str, Any], _context: object) -> Answer:
        with journal.line("forget", platform=platform) as line:

            def work(message: Message) -> bool:
                return _worked(message, line)

            return queue.each(event, work)

    return handle


def _worked(message: Message, line: journal.Line) -> bool:
    try:
        erasure = Erasure(**message.body())
        for key in erasure.customer:
            line.count("unlisted", segments_table.forget(key))
        for order in _orders(erasure):
            line.count("forgotten", facts_table.forget(order))
        if erasure.customer:
            # Standings have writers of their own, to the right of the facts.
            keys = [*erasure.customer]
            queue.send(setting("USES_QUEUE_URL"), [{"forget": keys}])
    except (Unavailable, Refused, TypeError, ValueError) as reason:
        line.count("failed")
        line.note(reason=str(reason))
        return False
    line.note(asked=erasure.asked, account=erasure.account)
    return True


def _orders(erasure: Erasure) -> Iterable[str]:
    if erasure.asked.startswith("customers/"):
        return (
            OrderKey(platform=erasure.platform, account=erasure.account, order_id=order_id).text()
            for order_id in erasure.order_ids
        )
    return facts_table.orders_of_account(erasure.platform, erasure.account)
