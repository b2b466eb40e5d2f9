"""The census, step by step: a part of a list is taken in; codes are told with all that is known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from vouchsafe.edge import alarms_table, audit_table, census_table, insight_table, register_table
from vouchsafe.edge.census_table import Part, Place, Systems
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.census import Born, Known, Listed, Used, discount_of, once, used_of
from vouchsafe.pure.census_lists import Read, Source
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.facts import joined
from vouchsafe.pure.register import Account, Code, Promotion
from vouchsafe.pure.register_entries import (
    Alias,
    Key,
    account_key,
    alias_key_of,
    code_key,
    promotion_key,
)
from vouchsafe.pure.running import running

_EVER = "0"  # before every day; a key is never empty

E = TypeVar("E", Alias, Code, Promotion)


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Where a walk through the census stands: among listings, then among what only orders bear."""

    listed: Place | None = None
    noticed: str | None = None
    past_lists: bool = False


def source(system: str, account: str) -> Source:
    """Whose list it is, with zone and currency where the register knows the account."""
    key = account_key(system, account)
    held = register_table.held([key], register_table.snapshot()).get(key)
    found = held.entry if held else None
    if not isinstance(found, Account):
        return Source(system=system, account=account)
    zone, currency = found.days.zone, found.currency
    return Source(system=system, account=account, zone=zone, currency=currency)


def take(read: Read, part: Part, who: str, at: datetime) -> bool:
    """Keeps a part of a list, then that it is in, with its entry of the audit log; whether the list
    is complete by that. Harmless to repeat. Raises Unavailable."""
    census_table.keep(once(read.listings), part.taken_at)
    deed = Deed(
        who=who,
        at=at,
        what="census_imported",
        subjects=(f"census:{part.system}/{part.account}",),
        after=f"part {part.number}: {len(read.listings)} kept, {len(read.refused)} refused",
    )
    audit_table.append(deed, partial(census_table.note, part))
    return census_table.settle(part)


def one(subject: str, now: datetime) -> Known:
    """All that is known of a code, or of a till's discount."""
    desk = _Desk(now)
    return next(desk.told({subject: census_table.of(subject, desk.systems)}))


def page(at: At, most: int, now: datetime) -> tuple[list[Known], At | None]:
    """Codes with all that is known of them, each once, and where to go on, if there is more."""
    desk = _Desk(now)
    if not at.past_lists:
        found, after = census_table.page(at.listed, most, desk.systems)
        return list(desk.told(found)), At(listed=after) if after else At(past_lists=True)
    noticed, more = alarms_table.unregistered(at.noticed, most)
    listed = {each.subject: census_table.of(each.subject, desk.systems) for each in noticed}
    alone = {subject: held for subject, held in listed.items() if not held}
    return list(desk.told(alone)), At(noticed=more, past_lists=True) if more else None


class _Desk:
    """The register and the systems as they stand for one call."""

    def __init__(self, now: datetime) -> None:
        self.systems: Systems = census_table.systems()
        self._now = now
        self._at: Snapshot = register_table.snapshot()
        self._days: list[DayRule] = [each.days for each in register_table.all_accounts()]

    def told(self, listed: Mapping[str, tuple[Listed, ...]]) -> Iterator[Known]:
        noticed = alarms_table.unregistered_of(listed)
        codes = self._codes(listed)
        named = (of for code in codes.values() for of in code.promotions)
        promotions = self._entries(Promotion, map(promotion_key, dict.fromkeys(named)))
        for subject, held in listed.items():
            code = codes.get(subject)
            of = [promotions.get(promotion_key(each)) for each in code.promotions] if code else []
            yield Known(
                subject=subject,
                listed=held,
                noticed=noticed.get(subject),
                used=_used(code.canonical if code else subject),
                registered=code is not None,
                code=code.raw if code else "",
                born=tuple(self._born(each) for each in of if each),
            )

    def _codes(self, subjects: Iterable[str]) -> dict[str, Code]:
        """The register's code of each, through its alias where it is a till's discount."""
        aliases = {each: place for each in subjects if (place := discount_of(each))}
        stands = self._entries(Alias, (alias_key_of(*each) for each in aliases.values()))
        named = {each: each for each in subjects if each not in aliases}
        for subject, place in aliases.items():
            alias = stands.get(alias_key_of(*place))
            if alias:
                named[subject] = canonical(alias.code)
        codes = self._entries(Code, map(code_key, dict.fromkeys(named.values())))
        found = {subject: codes.get(code_key(each)) for subject, each in named.items()}
        return {subject: code for subject, code in found.items() if code}

    def _entries(self, kind: type[E], keys: Iterable[Key]) -> dict[Key, E]:
        held = register_table.held(keys, self._at)
        return {key: one.entry for key, one in held.items() if isinstance(one.entry, kind)}

    def _born(self, promotion: Promotion) -> Born:
        return Born(promotion=promotion, running=running(promotion, self._days, self._now))


def _used(subject: str) -> Used:
    return used_of(insight_table.about(joined(("code", subject)), first_day=_EVER))
