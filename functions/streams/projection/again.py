"""Lambda: the register has learned something -> the orders it concerns are projected again."""

from collections.abc import Mapping
from typing import Any

from vouchsafe.edge import journal, queue
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow.project import project
from vouchsafe.pure.errors import Unavailable

_register = RegisterReader()


def handle(event: Mapping[str, Any], _context: object) -> queue.Answer:
    """Takes messages `{"orders": [order key, ...]}`; the register is read afresh. What is no such
    message goes to the dead letters, and holds up nobody."""
    with journal.line("projection again", consumer="projection") as line:
        _register.refresh()

        def work(message: queue.Message) -> bool:
            try:
                for order in message.body()["orders"]:
                    project(order, _register)
                    line.count("records")
            except (Unavailable, KeyError, TypeError, ValueError) as reason:
                line.count("failed")
                line.note(reason=repr(reason)[:200])
                return False
            return True

        return queue.each(event, work)
