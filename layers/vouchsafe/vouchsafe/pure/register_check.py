"""Whether the lines of a load may stand in the register together: every rule that they break."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vouchsafe.pure.register import Campaign, Code, Promotion
from vouchsafe.pure.register_entries import Entry, Held, Key, campaign_key, promotion_key
from vouchsafe.pure.register_lines import CodeInPromotion, Line, Said
from vouchsafe.pure.register_load import Seen
from vouchsafe.pure.register_rows import Fault, RowKind
from vouchsafe.pure.touchpoint import Touchpoint

Contact = tuple[str, datetime, str]

# The cell that a fault about the whole row is named after.
_NAMED_BY: Mapping[RowKind, str] = {
    "accounts": "account",
    "locations": "location_id",
    "segments": "segment_id",
    "campaigns": "campaign_id",
    "promotions": "promotion_id",
    "codes": "code",
    "aliases": "alias",
    "touchpoints": "touchpoint_id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the register says already, of what a load names.

    `promotions` and `codes` are all that there are, and only asked for where `touches_terms`.
    """

    held: Mapping[Key, Held]
    contacts: Mapping[Contact, Touchpoint]
    promotions: tuple[Promotion, ...] = ()
    codes: tuple[Code, ...] = ()

    def entry(self, key: Key) -> Entry | None:
        found = self.held.get(key)
        return found.entry if found else None


def keys_named(lines: Iterable[Line]) -> frozenset[Key]:
    """The keys of what the lines say and of what they refer to."""
    own = {line.key for line in lines if line.key}
    return frozenset(own | {each.key for line in lines for each in line.references})


def contacts_named(lines: Iterable[Line]) -> list[Touchpoint]:
    """The touchpoints of lines that can be stored at all."""
    return [line.said for line in lines if isinstance(line.said, Touchpoint) and not line.bad]


def contact_of(touchpoint: Touchpoint) -> Contact:
    """What makes it the same contact: person, instant and id."""
    return touchpoint.customer, touchpoint.seen_at, touchpoint.touchpoint_id


def touches_terms(lines: Iterable[Line], held: Mapping[Key, Held]) -> bool:
    """Whether a campaign or promotion changes that other entries hang on."""
    return any(
        isinstance(line.said, Campaign | Promotion)
        and line.key in held
        and held[line.key].entry != line.said
        and not only_switched(held[line.key].entry, line.said)
        for line in lines
        if line.key
    )


def only_switched(before: Entry, after: Said | Entry) -> bool:
    """Whether a promotion is switched on or off, and says the same else: what was redeemed under
    it means what it meant, so that nobody has to look for it before the switch counts."""
    if not (isinstance(before, Promotion) and isinstance(after, Promotion)):
        return False
    switched = replace(before, status=after.status, off_since=after.off_since)
    return before != after and switched == after


def faults_of(lines: Sequence[Line], standing: Standing) -> list[Fault]:
    """Everything that is wrong with a load, by file and line."""
    whole = _Whole(lines, standing)
    found = [fault for line in lines for fault in line.faults]
    found += [fault for line in lines for fault in _unknown(line, whole)]
    found += _doubles(lines)
    found += _collisions(lines, standing)
    found += [fault for line in lines for fault in _outside_campaign(line, whole)]
    found += [fault for line in lines for fault in _left_outside(line, whole)]
    found += _contradictions(lines, standing)
    return sorted(found, key=lambda fault: (fault.file, fault.line))


def changed_since(
    lines: Iterable[Line], standing: Standing, seen: Iterable[Seen]
) -> Iterator[Fault]:
    """Entries that somebody else has changed since they were looked at, and that would be lost."""
    looked_at = {each.key(): each.version for each in seen}
    for line in lines:
        if line.key is None or line.key not in looked_at:
            continue
        held = standing.held.get(line.key)
        if (held.version if held else 0) != looked_at[line.key] and not _says(held, line):
            rule = "has changed in the register since this was drafted: look at it, draft it again"
            yield line.row.fault(_NAMED_BY[line.row.kind], rule)


def _says(held: Held | None, line: Line) -> bool:
    return held is not None and held.entry == line.said


class _Whole:
    """The register as it would be after the load."""

    def __init__(self, lines: Iterable[Line], standing: Standing) -> None:
        self.standing = standing
        self._lines: dict[Key, Line] = {}
        for line in lines:
            if line.key:
                self._lines.setdefault(line.key, line)

    def __contains__(self, key: Key) -> bool:
        return key in self._lines or key in self.standing.held

    def is_loaded(self, key: Key) -> bool:
        return key in self._lines

    def sound(self, key: Key, *columns: str) -> Said | Entry | None:
        """What will stand there, unless those columns of its line are bad."""
        line = self._lines.get(key)
        if line is None:
            return self.standing.entry(key)
        return None if line.bad.intersection(columns) else line.said


def _unknown(line: Line, whole: _Whole) -> Iterator[Fault]:
    for column, key, shown in line.references:
        if key not in whole:
            rule = f"is neither in the load nor in the register: {shown!r}"
            yield line.row.fault(column, rule)


def _doubles(lines: Iterable[Line]) -> Iterator[Fault]:
    first: dict[Hashable, Line] = {}
    for line in lines:
        name = _name(line)
        if name is not None and first.setdefault(name, line) is not line:
            earlier = first[name].row
            column = _NAMED_BY[line.row.kind]
            yield line.row.fault(column, f"stands already at {earlier.file}:{earlier.line}")


def _name(line: Line) -> Hashable:
    """What may stand once in a load; None where the cells that say it are bad."""
    said = line.said
    if isinstance(said, CodeInPromotion):
        # Two spellings are a collision, which is told by itself.
        return None if line.bad else (line.key, said.raw, said.promotion_id)
    if isinstance(said, Touchpoint):
        return None if line.bad else (said.touchpoint_id, said.customer)
    return line.key


def _collisions(lines: Iterable[Line], standing: Standing) -> Iterator[Fault]:
    """Two spellings that are one code: whoever types the second would redeem the first."""
    spelt: dict[Key, tuple[str, str]] = {}
    for line in lines:
        if not isinstance(line.said, CodeInPromotion) or line.key is None:
            continue
        held = standing.entry(line.key)
        where = f"{line.row.file}:{line.row.line}"
        told = (held.raw, "in the register") if isinstance(held, Code) else (line.said.raw, where)
        raw, place = spelt.setdefault(line.key, told)
        if raw != line.said.raw:
            rule = f"is the same code as {raw!r}, which stands {_at(place)}: {line.said.raw!r}"
            yield line.row.fault("code", rule)


def _at(place: str) -> str:
    return place if place.startswith("in ") else f"at {place}"


def _outside_campaign(line: Line, whole: _Whole) -> Iterator[Fault]:
    said = line.said
    if not isinstance(said, Promotion) or "campaign_id" in line.bad:
        return
    campaign = whole.sound(campaign_key(said.campaign_id), "starts_on", "ends_on")
    if not isinstance(campaign, Campaign) or line.bad.intersection(("starts_on", "ends_on")):
        return
    if said.starts_on < campaign.starts_on:
        rule = f"is before its campaign starts, {campaign.starts_on}: {said.starts_on}"
        yield line.row.fault("starts_on", rule)
    if said.ends_on > campaign.ends_on:
        yield line.row.fault(
            "ends_on", f"is after its campaign ends, {campaign.ends_on}: {said.ends_on}"
        )


def _left_outside(line: Line, whole: _Whole) -> Iterator[Fault]:
    """A campaign whose window shrinks must not leave promotions of the register outside."""
    said = line.said
    if not isinstance(said, Campaign) or line.bad.intersection(("starts_on", "ends_on")):
        return
    for promotion in whole.standing.promotions:
        if promotion.campaign_id != said.campaign_id:
            continue
        if whole.is_loaded(promotion_key(promotion.promotion_id)):
            continue
        span = f"{promotion.starts_on} to {promotion.ends_on}"
        rule = f"leaves promotion {promotion.promotion_id!r} of the register outside: {span}"
        if promotion.starts_on < said.starts_on:
            yield line.row.fault("starts_on", rule)
        if promotion.ends_on > said.ends_on:
            yield line.row.fault("ends_on", rule)


def _contradictions(lines: Iterable[Line], standing: Standing) -> Iterator[Fault]:
    """A touchpoint is what somebody saw: it never changes, and one id is one contact."""
    told: dict[str, Line] = {}
    for line in lines:
        said = line.said
        if not isinstance(said, Touchpoint) or line.bad:
            continue
        if standing.contacts.get(contact_of(said), said) != said:
            rule = "is in the register already and says something else there"
            yield line.row.fault("touchpoint_id", rule)
        earlier = told.setdefault(said.touchpoint_id, line)
        if not _agree(earlier.said, said):
            where = f"{earlier.row.file}:{earlier.row.line}"
            yield line.row.fault("touchpoint_id", f"says something else at {where}")


def _agree(one: Said, other: Touchpoint) -> bool:
    """One contact may stand under several identities of the person, and must be the same else."""
    return isinstance(one, Touchpoint) and replace(one, customer="") == replace(other, customer="")
