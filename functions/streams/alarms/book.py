"""What one attempt read and means to write: all of it is written at once, or read anew."""

from collections.abc import Callable, Iterable
from time import sleep
from typing import TypeVar

from vouchsafe.edge import alarms_table
from vouchsafe.edge.alarms_table import Change, Held, Key, Stale
from vouchsafe.pure import codec

T = TypeVar("T")

_ATTEMPTS = 8
_PAUSE_S = 0.01


class Book:
    """Typed values of the Alarms table, each over the version that was read.

    `touched` are the alarms that the attempt changed: somebody may have to be told.
    """

    def __init__(self) -> None:
        self.touched: set[str] = set()
        self._held: dict[Key, Held | None] = {}
        self._said: dict[Key, str | None] = {}

    def learn(self, keys: Iterable[Key]) -> None:
        """Reads items ahead, in one call, that `get` will ask for."""
        missing = [key for key in keys if key not in self._held]
        if missing:
            found = alarms_table.read(missing)
            self._held |= {key: found.get(key) for key in missing}

    def get(self, kind: type[T], key: Key) -> T | None:
        """The value as this attempt has it; None where there is none."""
        self.learn([key])
        held = self._held[key]
        body = self._said.get(key, held.body if held else None)
        return codec.loads(kind, body) if body else None

    def put(self, key: Key, value: object) -> None:
        """Means to keep that value."""
        self._said[key] = codec.dumps(value)

    def drop(self, key: Key) -> None:
        """Means to take the item away."""
        self._said[key] = None

    def commit(self) -> None:
        """Writes what has changed, in one transaction. Raises Stale, Unavailable."""
        alarms_table.write([*self._changes()])

    def _changes(self) -> Iterable[Change]:
        self.learn(self._said)
        for key, body in self._said.items():
            held = self._held[key]
            if body != (held.body if held else None):
                yield Change(key, held.version if held else 0, body)


def written(attempt: Callable[[Book], T]) -> T:
    """The attempt's answer, once all that it meant to write is written.

    An attempt that somebody else outran begins again on a fresh book; after some, Stale is
    raised, and the record comes again.
    """
    for failed in range(1, _ATTEMPTS):
        try:
            return _once(attempt)
        except Stale:
            sleep(_PAUSE_S * 2**failed)
    return _once(attempt)


def _once(attempt: Callable[[Book], T]) -> T:
    book = Book()
    answer = attempt(book)
    book.commit()
    return answer
