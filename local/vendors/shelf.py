"""What a vendor holds: documents with their times, found by id or listed by a window of time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from local.payloads.message import Document

When = Literal["created", "updated"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One document, written out only when it is asked for."""

    id: str
    location_id: str
    created: datetime
    updated: datetime
    write: Callable[[], Document]

    def at(self, when: When) -> datetime:
        return self.created if when == "created" else self.updated


class Shelf:
    """The documents of one kind at one shop."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_id = {entry.id: entry for entry in entries}

    def get(self, object_id: str) -> Entry | None:
        return self._by_id.get(object_id)

    def window(
        self, when: When, keep: Callable[[Entry], bool], *, newest_first: bool = False
    ) -> list[Entry]:
        """Those to keep, in the order of their times; the id decides between equal ones."""
        kept = [entry for entry in self._by_id.values() if keep(entry)]
        return sorted(kept, key=lambda each: (each.at(when), each.id), reverse=newest_first)


def page(entries: Sequence[Entry], start: int, limit: int) -> tuple[list[Document], int | None]:
    """The documents of one page, and where the next one starts; None after the last."""
    end = start + limit
    documents = [entry.write() for entry in entries[start:end]]
    return documents, end if end < len(entries) else None
