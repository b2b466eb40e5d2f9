"""The audit log: who changed what, when and why, each entry chained to the one before it.

An entry's digest covers all that it says and the digest of the entry before. Who changes, drops or
slips in an entry breaks the chain there, unless all that follows is written anew: so the newest
digest is told to the log of each call too, where another account may keep it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256

from vouchsafe.pure import instant

# What is in front of the first entry.
NOTHING = "0" * 64
# Of text before or after; what is longer is told by its digest. An item holds 400 KB.
_LONGEST = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did. `before` and `after` are texts of what it was done to, empty for none.

    `subjects` are what it is looked up by, as `kind:id`: `promotion:SUMMER-10`.
    """

    who: str
    at: datetime
    what: str
    subjects: tuple[str, ...]
    why: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A deed in its place in the chain; `number` counts from 1 without gaps."""

    number: int
    deed: Deed
    previous: str
    digest: str = field(default="")


def chained(deed: Deed, last: AuditEntry | None) -> AuditEntry:
    """The entry that follows the last one; long texts are cut down to their digest."""
    short = Deed(
        who=deed.who,
        at=deed.at,
        what=deed.what,
        subjects=deed.subjects,
        why=deed.why,
        before=_short(deed.before),
        after=_short(deed.after),
    )
    number, previous = (last.number + 1, last.digest) if last else (1, NOTHING)
    return AuditEntry(
        number=number, deed=short, previous=previous, digest=_digest(number, short, previous)
    )


def first_broken(entries: Iterable[AuditEntry], last: AuditEntry | None = None) -> int | None:
    """The number of the first entry that does not follow from the one before; None for a sound
    chain. `last` is the entry in front of these; without it they begin the log."""
    number, previous = (last.number, last.digest) if last else (0, NOTHING)
    for entry in entries:
        sound = (
            entry.number == number + 1
            and entry.previous == previous
            and entry.digest == _digest(entry.number, entry.deed, entry.previous)
        )
        if not sound:
            return number + 1
        number, previous = entry.number, entry.digest
    return None


def line_of(entry: AuditEntry) -> str:
    """An entry as a line of an export: its digest, a blank, and the very text that it is of."""
    return f"{entry.digest} {_text(entry.number, entry.deed, entry.previous)}"


def first_broken_line(lines: Iterable[str]) -> int | None:
    """The number of the first line of an export that does not follow from the one before; None
    where all do. It takes nothing but the lines: no table, and no word of what they say."""
    previous = NOTHING
    for number, line in enumerate(lines, 1):
        digest, _, text = line.partition(" ")
        if digest != _sha256(text) or _follows(text) != (number, previous):
            return number
        previous = digest
    return None


def _follows(text: str) -> tuple[object, object]:
    """The number that a line says it has, and the digest that it says is before it."""
    try:
        said = json.loads(text)
    except ValueError:
        return None, None
    return (said.get("number"), said.get("previous")) if isinstance(said, dict) else (None, None)


def _digest(number: int, deed: Deed, previous: str) -> str:
    return _sha256(_text(number, deed, previous))


def _text(number: int, deed: Deed, previous: str) -> str:
    """Canonical JSON: sorted names, no blanks, instants as text."""
    said = asdict(deed) | {"at": instant.text(deed.at), "number": number, "previous": previous}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _short(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return json.dumps({"characters": len(text), "sha256": _sha256(text)})
