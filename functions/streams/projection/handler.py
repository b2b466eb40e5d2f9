"""Lambda: new facts of an order -> the order and its redemptions as they stand now."""

from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow.project import project
from vouchsafe.flow.stream import keys_of, stream

_register = RegisterReader()


def _project(order: str) -> None:
    project(order, _register)


handle = stream("projection", lambda record: keys_of(record)[0], _project)
