"""A load: what a file changes in the register, as one value that is kept whole before it counts."""

from dataclasses import dataclass

from vouchsafe.pure.facts import joined
from vouchsafe.pure.register_entries import Entry, Key, entry_of, key_of, text_of
from vouchsafe.pure.touchpoint import Touchpoint


@dataclass(frozen=True, slots=True)
class Change:
    """An entry as it will stand; `version` counts its changes, this one included."""

    shelf: str
    name: str
    version: int
    body: str

    @staticmethod
    def to(entry: Entry, version: int) -> "Change":
        """The change that makes the entry stand."""
        key = key_of(entry)
        return Change(key.shelf, key.name, version, text_of(entry))

    def key(self) -> Key:
        return Key(self.shelf, self.name)

    def entry(self) -> Entry:
        return entry_of(self.key(), self.body)


@dataclass(frozen=True, slots=True)
class Seen:
    """How often an entry had changed when somebody last looked; 0 where there was none."""

    shelf: str
    name: str
    version: int

    def key(self) -> Key:
        return Key(self.shelf, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """For which proposal a load is made: it happens once, and over what its drafter has seen.

    `fresh`: its codes were drawn just now, so that no order of the past can have them.
    """

    proposal_id: str
    seen: tuple[Seen, ...] = ()
    fresh: bool = False

    def key(self) -> Key:
        """Where the register keeps that the proposal was carried out."""
        return enactment_key(self.proposal_id)

    def enactment(self) -> Change:
        """The mark, which comes with the load's entries or not at all."""
        return Change(*self.key(), version=1, body="{}")


def enactment_key(proposal_id: str) -> Key:
    return Key(joined(("proposal", proposal_id)))


@dataclass(frozen=True, slots=True)
class TillDiscount:
    """A discount as a till knows it, which the register maps anew."""

    platform: str
    account: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Entries that are new or other than they stand, touchpoints that are new, and what to look
    for in the ledger afterwards: canonical codes and till discounts that mean something else now.

    `switched` are the promotions that it switches on or off.
    """

    changes: tuple[Change, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    codes_again: tuple[str, ...] = ()
    discounts_again: tuple[TillDiscount, ...] = ()
    switched: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        """Whether the register says all of it already."""
        return not self.changes and not self.touchpoints
