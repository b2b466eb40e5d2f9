"""How a load gets into the register: kept whole, committed by one write, then carried out.

1. `stage` keeps the load in parts that nobody reads. 2. `commit` names it in the head: from here
on it will happen, whoever finishes it. 3. `write` lays its entries under its own revision, where
no reader looks yet. 4. `publish` moves the head to that revision: now all of it counts. 5. `settle`
takes the name out of the head again and deletes the parts.

Each write of the head is conditional on the head that the run has read. A run that finds another's
committed load takes it over under a revision of its own and gives up the old one for ever, so that
a run that was only slow, and still writes, writes what nobody will read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import uuid4

from pynamodb.exceptions import PutError

from vouchsafe.edge.item import pack, unpack
from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.register_table import (
    CAMPAIGNS,
    HEAD,
    RegisterItem,
    Snapshot,
    all_of,
    has_lists,
    now_at,
    promotions_list,
    snapshot_of,
    version_at,
)
from vouchsafe.pure import codec
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import joined, parted
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.register_load import Change, Load

_PARTS = "load"
_LISTED = ("campaign", "promotion")
_LARGEST_PART = 350_000  # an item holds 400 KB, its other attributes included


class Overtaken(Unavailable):
    """Another run moved the head first: what this one has read no longer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head as it was read. `load` is committed and not yet settled, under `load_revision`."""

    at: Snapshot
    version: int = 0
    load: str | None = None
    load_revision: int = 0

    def published(self) -> bool:
        """Whether readers see the load already."""
        return self.at.revision >= self.load_revision


def head() -> Head:
    """The head as it stands; a register that was never loaded has an empty one."""
    with translated("register"):
        try:
            item = RegisterItem.get(*HEAD, consistent_read=True)
        except RegisterItem.DoesNotExist:
            return Head(at=Snapshot())
    return Head(
        at=snapshot_of(item),
        version=int(item.version),
        load=item.load,
        load_revision=int(item.load_revision or 0),
    )


def stage(load: Load) -> str:
    """Keeps a load in parts; the id they lie under, which tells how many they are."""
    packed = pack(codec.plain(load))
    starts = range(0, len(packed), _LARGEST_PART)
    load_id = f"{uuid4().hex}.{len(starts)}"
    with translated("register"):
        for at, start in enumerate(starts):
            part = packed[start : start + _LARGEST_PART]
            RegisterItem(_PARTS, joined((load_id, f"{at:05d}")), part=part).save()
    return load_id


def staged(load_id: str) -> Load:
    """The load that was kept under that id. Raises Overtaken where it is settled and gone."""
    with translated("register"):
        found = RegisterItem.query(
            _PARTS, RegisterItem.sk.startswith(joined((load_id, ""))), consistent_read=True
        )
        parts = [item.part for item in found]
    if len(parts) != int(load_id.rpartition(".")[2]):
        raise Overtaken("another run has settled the load already")
    return codec.from_plain(Load, unpack(b"".join(parts)))


def commit(seen: Head, load_id: str) -> Head:
    """From here on the load happens. Raises Overtaken if the head has moved since it was seen."""
    if seen.load is not None:
        raise Overtaken("another load is committed and not finished")
    return _moved(seen, Head(at=seen.at, load=load_id, load_revision=seen.at.revision + 1))


def take_over(seen: Head) -> Head:
    """Makes another run's committed load ours; what that run still writes never counts."""
    at = Snapshot(seen.at.revision, seen.at.abandoned | {seen.load_revision})
    return _moved(seen, Head(at=at, load=seen.load, load_revision=seen.load_revision + 1))


def publish(seen: Head) -> Head:
    """Lets readers see the load."""
    at = Snapshot(seen.load_revision, seen.at.abandoned)
    return _moved(seen, Head(at=at, load=seen.load, load_revision=seen.load_revision))


def settle(seen: Head) -> Head:
    """Nothing is left to do for the load."""
    moved = _moved(seen, Head(at=seen.at))
    _delete(part for part in _parts() if _load_of(part) == seen.load)
    return moved


def discard_stale(seen: Head) -> Head:
    """Deletes the parts of loads that were never committed, or are settled.

    The head moves first: a run whose parts are deleted while it stages can no longer commit them.
    """
    stale = [part for part in _parts() if _load_of(part) != seen.load]
    if not stale:
        return seen
    moved = _moved(seen, seen)
    _delete(stale)
    return moved


def list_what_is_not(at: Snapshot) -> None:
    """Lists campaigns and promotions that were loaded before there were lists."""
    if at.revision == 0 or has_lists():
        return
    with translated("register"), RegisterItem.batch_write() as batch:
        for kind in _LISTED:
            for entry in all_of(kind, at):
                for place in _listed_at(Change.to(entry, 0)):
                    batch.save(RegisterItem(*place, revision=at.revision))


def write(changes: Iterable[Change], revision: int) -> None:
    """Lays entries under a revision, and their names in the lists; a repeat lays the same items."""
    with translated("register"), RegisterItem.batch_write() as batch:
        for change in changes:
            for place in (version_at(change.key(), revision), now_at(change.key())):
                batch.save(
                    RegisterItem(
                        *place, revision=revision, version=change.version, body=change.body
                    )
                )
            for place in _listed_at(change):
                batch.save(RegisterItem(*place, revision=revision))


def _listed_at(change: Change) -> list[tuple[str, str]]:
    """Where it is listed that there is such a campaign, or such a promotion of a campaign."""
    if change.key().kind() not in _LISTED:
        return []
    entry = change.entry()
    of = promotions_list(entry.campaign_id) if isinstance(entry, Promotion) else CAMPAIGNS
    return [(of, change.shelf)]


def _moved(seen: Head, to: Head) -> Head:
    move = uuid4().hex
    item = RegisterItem(
        *HEAD,
        revision=to.at.revision,
        version=seen.version + 1,
        load=to.load,
        load_revision=to.load_revision or None,
        abandoned=set(to.at.abandoned) or None,
        move=move,
    )
    unmoved = (
        RegisterItem.version == seen.version if seen.version else RegisterItem.pk.does_not_exist()
    )
    with translated("register"):
        try:
            item.save(condition=unmoved)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            if RegisterItem.get(*HEAD, consistent_read=True).move != move:
                raise Overtaken("another run moved the register's head first") from error
    return replace(to, version=seen.version + 1)


def _parts() -> list[RegisterItem]:
    with translated("register"):
        return list(
            RegisterItem.query(_PARTS, consistent_read=True, attributes_to_get=["pk", "sk"])
        )


def _load_of(part: RegisterItem) -> str:
    return parted(part.sk)[0]


def _delete(parts: Iterable[RegisterItem]) -> None:
    with translated("register"), RegisterItem.batch_write() as batch:
        for part in parts:
            batch.delete(part)
