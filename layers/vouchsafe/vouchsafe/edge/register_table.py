"""The register in DynamoDB, and the reader that judgements ask.

Every entry has two kinds of items: `now`, which loads overwrite, and `at`, one for each revision,
which nothing overwrites. The head names the revision that counts. A load writes both kinds under
its own revision, where nobody sees them, and then moves the head: a reader sees all of a load or
nothing of it. What writes is in `register_loads`.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pynamodb.attributes import (
    BinaryAttribute,
    NumberAttribute,
    NumberSetAttribute,
    UnicodeAttribute,
)
from pynamodb.models import Model

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import register_entries as entries
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.facts import joined, parted
from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion, Segment
from vouchsafe.pure.register_entries import Alias, Entry, Held, Key

HEAD = ("register", "head")
# Names of campaigns, by id; they say only where to look, and what is looked up there counts.
CAMPAIGNS = joined(("listed", "campaign"))
_NOW = "now#"
_KEPT_S = 30.0
_MOST_KEPT = 20_000
T = TypeVar("T", Account, Location, Segment, Campaign, Promotion, Code, Alias)


class RegisterItem(Model):
    """An entry (`body`), the head (`load*`, `abandoned`), or a part of a load that is under way.

    `version` counts an entry's changes, for writers that must not overwrite what they have not
    seen; `revision` is the register's as a whole.
    """

    class Meta:
        table_name = setting("REGISTER_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    revision = NumberAttribute(null=True)
    version = NumberAttribute(null=True)
    body = UnicodeAttribute(null=True)
    part = BinaryAttribute(legacy_encoding=False, null=True)
    load = UnicodeAttribute(null=True)
    load_revision = NumberAttribute(null=True)
    abandoned = NumberSetAttribute(null=True)
    move = UnicodeAttribute(null=True)  # tells our own answer that was lost from another's move


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which revisions count: those up to `revision`, but not those that a run gave up."""

    revision: int = 0
    abandoned: frozenset[int] = frozenset()

    def counts(self, revision: int) -> bool:
        return revision <= self.revision and revision not in self.abandoned


def now_at(key: Key) -> tuple[str, str]:
    """Where the newest state of an entry stands."""
    return key.shelf, f"{_NOW}{key.name}"


def version_at(key: Key, revision: int) -> tuple[str, str]:
    """Where an entry stands as that revision left it."""
    return key.shelf, f"at#{key.name}#{revision:010d}"


def promotions_list(campaign_id: str) -> str:
    """Where the names of a campaign's promotions are listed."""
    return joined(("listed", "promotion", campaign_id))


def snapshot() -> Snapshot:
    """What counts at this moment."""
    with translated("register"):
        try:
            return snapshot_of(RegisterItem.get(*HEAD, consistent_read=True))
        except RegisterItem.DoesNotExist:
            return Snapshot()


def snapshot_of(head: RegisterItem) -> Snapshot:
    return Snapshot(int(head.revision), frozenset(int(each) for each in head.abandoned or ()))


def held(keys: Iterable[Key], at: Snapshot) -> dict[Key, Held]:
    """The entries of those keys that there are, a hundred in a call."""
    by_place = {now_at(key): key for key in keys}
    with translated("register"):
        items = RegisterItem.batch_get(list(by_place), consistent_read=True)
        found = {by_place[item.pk, item.sk]: item for item in items}
        return dict(_standing(found.items(), at))


def on_shelf(shelf: str, at: Snapshot, first_part: str = "") -> list[Entry]:
    """All entries of one shelf, or those whose name begins with that part, by name."""
    prefix = f"{_NOW}{joined((first_part, ''))}" if first_part else _NOW
    with translated("register"):
        items = RegisterItem.query(shelf, RegisterItem.sk.startswith(prefix), consistent_read=True)
        found = [(_key(item), item) for item in items]
        return [one.entry for _, one in _standing(found, at)]


def all_of(kind: str, at: Snapshot) -> Iterator[Entry]:
    """Every entry of one kind: a scan, for people's commands only."""
    scanned = RegisterItem.pk.startswith(kind) & RegisterItem.sk.startswith(_NOW)
    with translated("register"):
        for item in RegisterItem.scan(scanned, consistent_read=True):
            for _, one in _standing([(_key(item), item)], at):
                yield one.entry


def codes_of(promotion_id: str, at: Snapshot) -> Iterator[Code]:
    """A promotion's codes: a scan, for what happens seldom."""
    named = json.dumps(promotion_id, ensure_ascii=False)
    scanned = RegisterItem.pk.startswith("code#") & RegisterItem.sk.startswith(_NOW)
    with translated("register"):
        items = RegisterItem.scan(scanned & RegisterItem.body.contains(named), consistent_read=True)
        for item in items:
            for _, one in _standing([(_key(item), item)], at):
                if isinstance(one.entry, Code) and promotion_id in one.entry.promotions:
                    yield one.entry


def history(key: Key, at: Snapshot) -> list[tuple[int, Entry]]:
    """What an entry said under each revision that changed it, newest first."""
    with translated("register"):
        return [
            (int(item.revision), entries.entry_of(key, item.body)) for item in _versions(key, at)
        ]


def campaigns(at: Snapshot, after: str | None, most: int) -> tuple[list[Campaign], str | None]:
    """Campaigns by id, those that follow one, and the id to go on after where there are more."""
    last = entries.campaign_key(after).shelf if after else None
    names = _names(CAMPAIGNS, last, most)
    found = _named(names, at)
    more = parted(names[-1])[1] if len(names) == most else None
    return [each for each in found if isinstance(each, Campaign)], more


def has_lists() -> bool:
    """Whether any campaign is listed; what was loaded before there were lists is not."""
    return bool(_names(CAMPAIGNS, most=1))


def promotions_of(campaign_id: str, at: Snapshot) -> list[Promotion]:
    """A campaign's promotions by id."""
    found = _named(_names(promotions_list(campaign_id)), at)
    promotions = [each for each in found if isinstance(each, Promotion)]
    return [each for each in promotions if each.campaign_id == campaign_id]


def newest(key: Key, at: Snapshot) -> int:
    """The revision that wrote the entry last; 0 where there is none."""
    with translated("register"):
        found = next(_versions(key, at), None)
    return int(found.revision) if found else 0


def segments(at: Snapshot) -> list[Segment]:
    """Every segment, by id."""
    found = on_shelf(entries.SEGMENTS_SHELF, at)
    return [each for each in found if isinstance(each, Segment)]


def all_accounts() -> list[Account]:
    """Every account of every platform, by platform and name."""
    found = on_shelf(entries.ACCOUNTS_SHELF, snapshot())
    return [each for each in found if isinstance(each, Account)]


def accounts_of(platform: str) -> list[Account]:
    """The platform's accounts, by name."""
    found = on_shelf(entries.ACCOUNTS_SHELF, snapshot(), platform)
    return [each for each in found if isinstance(each, Account)]


def days_of_account(platform: str, account: str) -> list[DayRule]:
    """The business days of an account and all its locations, each once; never empty."""
    at = snapshot()
    shop = held([entries.account_key(platform, account)], at).values()
    places = on_shelf(entries.locations_shelf(platform, account), at)
    found = [*(one.entry for one in shop), *places]
    days = [each.days for each in found if isinstance(each, Account | Location)]
    return list(dict.fromkeys(days)) or [DayRule()]


class RegisterReader:
    """The register as one revision has it; the head is looked at again after 30 seconds.

    What was read, and what was not there, is kept for as long as the revision stands: no entry
    changes without it. All answers between two looks at the head are of the same revision. An
    entry that is met with a newer one is a reason to look at once.
    """

    def __init__(self, clock: Callable[[], float] = time.time, kept_s: float = _KEPT_S) -> None:
        self._clock = clock
        self._kept_s = kept_s
        self._at: Snapshot | None = None
        self._looked_at = 0.0
        self._kept: dict[Key, Entry | None] = {}

    def account(self, platform: str, account: str) -> Account | None:
        return self._entry(Account, entries.account_key(platform, account))

    def location(self, platform: str, account: str, location_id: str) -> Location | None:
        return self._entry(Location, entries.location_key(platform, account, location_id))

    def code(self, canonical: str) -> Code | None:
        return self._entry(Code, entries.code_key(canonical)) if canonical else None

    def alias(self, platform: str, account: str, alias: str) -> str | None:
        """The raw code that a till's discount stands for."""
        found = self._entry(Alias, entries.alias_key_of(platform, account, alias))
        return found.code if found else None

    def promotion(self, promotion_id: str) -> Promotion | None:
        return self._entry(Promotion, entries.promotion_key(promotion_id))

    def campaign(self, campaign_id: str) -> Campaign | None:
        return self._entry(Campaign, entries.campaign_key(campaign_id))

    def segment(self, segment_id: str) -> Segment | None:
        return self._entry(Segment, entries.segment_key(segment_id))

    def revision(self) -> int:
        """The revision that the answers are of; 0 before the first load."""
        return self._current().revision

    def refresh(self) -> None:
        """Forgets everything: the next answer is of the register as it then stands."""
        self._at = None
        self._kept.clear()

    def prefetch(self, keys: Iterable[Key]) -> None:
        """Reads many entries at once, so that single questions after it cost nothing."""
        at = self._current()
        missing = [key for key in dict.fromkeys(keys) if key not in self._kept]
        found = held(missing, at) if missing else {}
        for key in missing:
            self._keep(key, found[key].entry if key in found else None)

    def _entry(self, kind: type[T], key: Key) -> T | None:
        self._current()
        if key not in self._kept:
            self._keep(key, self._asked(key))
        entry = self._kept[key]
        return entry if isinstance(entry, kind) else None

    def _asked(self, key: Key) -> Entry | None:
        with translated("register"):
            try:
                item = RegisterItem.get(*now_at(key), consistent_read=True)
            except RegisterItem.DoesNotExist:
                return None
            newer = int(item.revision) > self._current().revision
            at = self._look() if newer else self._current()
            return next((one.entry for _, one in _standing([(key, item)], at)), None)

    def _keep(self, key: Key, entry: Entry | None) -> None:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = entry

    def _current(self) -> Snapshot:
        age_s = self._clock() - self._looked_at
        fresh = 0 <= age_s < self._kept_s
        return self._at if self._at is not None and fresh else self._look()

    def _look(self) -> Snapshot:
        found = snapshot()
        if found != self._at:
            self._kept.clear()
        self._at, self._looked_at = found, self._clock()
        return found


def _names(listed: str, after: str | None = None, most: int | None = None) -> list[str]:
    condition = RegisterItem.sk > after if after else None
    with translated("register"):
        items = RegisterItem.query(listed, condition, limit=most, consistent_read=True)
        return [item.sk for item in items]


def _named(shelves: Iterable[str], at: Snapshot) -> list[Entry]:
    keys = [Key(shelf) for shelf in shelves]
    found = held(keys, at)
    return [found[key].entry for key in keys if key in found]


def _standing(
    items: Iterable[tuple[Key, RegisterItem]], at: Snapshot
) -> Iterator[tuple[Key, Held]]:
    """The items as the snapshot has them; those of another revision are looked up in the past."""
    for key, item in items:
        counts = at.counts(int(item.revision))
        standing = item if counts else next(_versions(key, at), None)
        if standing is not None:
            yield key, Held(entries.entry_of(key, standing.body), int(standing.version))


def _versions(key: Key, at: Snapshot) -> Iterator[RegisterItem]:
    first, last = version_at(key, 0)[1], version_at(key, at.revision)[1]
    found = RegisterItem.query(
        key.shelf,
        RegisterItem.sk.between(first, last),
        scan_index_forward=False,
        consistent_read=True,
    )
    return (item for item in found if at.counts(int(item.revision)))


def _key(item: RegisterItem) -> Key:
    return Key(item.pk, item.sk.removeprefix(_NOW))
