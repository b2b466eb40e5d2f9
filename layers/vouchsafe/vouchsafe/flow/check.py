"""What both a load and a proposal go through first: rows read, looked up, every fault told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from vouchsafe.edge import register_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.pure.identity import Identify
from vouchsafe.pure.register_check import Standing, contact_of, faults_of, keys_named
from vouchsafe.pure.register_entries import Held, Key
from vouchsafe.pure.register_lines import Line, line_of
from vouchsafe.pure.register_rows import Fault, Row, rows_of
from vouchsafe.pure.touchpoint import Touchpoint

T = TypeVar("T")
R = TypeVar("R")
Files = Iterable[tuple[str, bytes]]
# tell(step, done, of): for whoever waits.
Tell = Callable[[str, int, int], None]

_WORKERS = 4
_CHUNK = 100


def silent(_step: str, _done: int, _of: int) -> None:
    """Tells nobody."""


def nobody(_rows: Sequence[Row]) -> Identify:
    """For rows in which no person can be named."""
    return lambda _kind, _raw: None


class Read:
    """The files' lines, and what is wrong with each by itself.

    `identify` is asked for once, with all rows: who names nobody needs no identity key.
    """

    def __init__(
        self,
        files: Files,
        identify: Callable[[Sequence[Row]], Identify] = nobody,
        tell: Tell = silent,
    ) -> None:
        found = [rows_of(name, content) for name, content in files]
        rows = [row for each in found for row in each.rows]
        key = identify(rows)
        self.form_faults = [fault for each in found for fault in each.faults]
        self.lines: list[Line] = []
        for at, row in enumerate(rows, 1):
            self.lines.append(line_of(row, key))
            if at % _CHUNK == 0:
                tell("reading rows", at, len(rows))

    def faults(self, standing: Standing) -> list[Fault]:
        """All that is wrong, by file and line."""
        found = [*self.form_faults, *faults_of(self.lines, standing)]
        return sorted(found, key=lambda fault: (fault.file, fault.line))


def standing(
    lines: Sequence[Line], at: Snapshot, contacts: Iterable[Touchpoint] = (), tell: Tell = silent
) -> Standing:
    """What the register says of all that the lines name, a hundred in a call."""
    held: dict[Key, Held] = {}
    keys = list(chunks(sorted(keys_named(lines)), _CHUNK))
    for found in spread("looking up", keys, partial(register_table.held, at=at), tell):
        held |= found
    return Standing(held=held, contacts={contact_of(each): each for each in contacts})


def spread(step: str, work: Sequence[T], do: Callable[[T], R], tell: Tell) -> Iterator[R]:
    """Does the work in a few threads; what came of it, in its order."""
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        for at, done in enumerate(pool.map(do, work), 1):
            tell(step, at, len(work))
            yield done
    finally:
        pool.shutdown(cancel_futures=True)


def chunks(many: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (many[start : start + size] for start in range(0, len(many), size))
