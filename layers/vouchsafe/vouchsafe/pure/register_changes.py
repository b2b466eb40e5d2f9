"""What a sound load changes in the register, and what has to be looked at again after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vouchsafe.pure.codes import canonical
from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion
from vouchsafe.pure.register_check import Standing, contact_of, contacts_named, only_switched
from vouchsafe.pure.register_entries import Alias, Entry, Held, Key, code_key, key_of
from vouchsafe.pure.register_lines import CodeInPromotion, Line
from vouchsafe.pure.register_load import Change, Load, TillDiscount
from vouchsafe.pure.touchpoint import Touchpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many entries of one kind are new, said otherwise, or stand as they are."""

    kind: str
    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A load, how much it changes, and whether orders may belong to another day or campaign now."""

    load: Load
    tallies: tuple[Tally, ...]
    moves_days: bool = False
    moves_credit: bool = False


def changes_of(lines: Sequence[Line], standing: Standing) -> Changes:
    """What the lines change. They have no fault."""
    wanted = _wanted(lines, standing)
    news = {key: entry for key, entry in wanted.items() if standing.entry(key) != entry}
    contacts = {contact_of(each): each for each in contacts_named(lines)}
    fresh = [each for contact, each in contacts.items() if contact not in standing.contacts]
    changes = [Change.to(entry, _version(standing.held.get(key))) for key, entry in news.items()]
    return Changes(
        load=Load(
            changes=tuple(changes),
            touchpoints=tuple(fresh),
            codes_again=_codes_again(news, wanted, standing),
            discounts_again=tuple(
                TillDiscount(each.platform, each.account, each.alias)
                for each in news.values()
                if isinstance(each, Alias)
            ),
            switched=_switched(news, standing),
        ),
        tallies=_tallies(wanted, news, standing, contacts.values(), fresh),
        moves_days=any(isinstance(each, Account | Location) for each in news.values()),
        moves_credit=any(
            isinstance(each, Campaign) and key in standing.held for key, each in news.items()
        ),
    )


def _wanted(lines: Iterable[Line], standing: Standing) -> dict[Key, Entry]:
    """The entries as the load wants them to stand, in the order in which they are said."""
    wanted: dict[Key, Entry] = {}
    for line in lines:
        if line.key is None or isinstance(line.said, Touchpoint):
            continue
        if isinstance(line.said, CodeInPromotion):
            known = wanted.get(line.key) or standing.entry(line.key)
            wanted[line.key] = _with_promotion(known, line.said)
        else:
            wanted[line.key] = line.said
    return {key: _spelt(entry, wanted, standing) for key, entry in wanted.items()}


def _with_promotion(known: Entry | None, said: CodeInPromotion) -> Code:
    """A promotion comes to a code's others; none is taken away: what was redeemed stays known."""
    if not isinstance(known, Code):
        return Code(canonical=said.canonical, raw=said.raw, promotions=(said.promotion_id,))
    promotions = dict.fromkeys((*known.promotions, said.promotion_id))
    return replace(known, promotions=tuple(promotions))


def _spelt(entry: Entry, wanted: Mapping[Key, Entry], standing: Standing) -> Entry:
    """An alias names its code as the register spells it."""
    if not isinstance(entry, Alias):
        return entry
    key = code_key(canonical(entry.code))
    code = wanted.get(key) or standing.entry(key)
    return replace(entry, code=code.raw) if isinstance(code, Code) else entry


def _codes_again(
    news: Mapping[Key, Entry], wanted: Mapping[Key, Entry], standing: Standing
) -> tuple[str, ...]:
    """Codes that mean something else now: themselves, by their terms, or by an alias they lost."""
    found = {each.canonical for each in news.values() if isinstance(each, Code)}
    terms = {
        each.promotion_id
        for key, each in news.items()
        if isinstance(each, Promotion)
        and key in standing.held
        and not only_switched(standing.held[key].entry, each)
    }
    loaded = [each for each in wanted.values() if isinstance(each, Code)]
    for code in (*standing.codes, *loaded):
        if terms.intersection(code.promotions):
            found.add(code.canonical)
    for key, each in news.items():
        before = standing.entry(key)
        if isinstance(each, Alias) and isinstance(before, Alias):
            found.add(canonical(before.code))
    return tuple(sorted(found))


def _switched(news: Mapping[Key, Entry], standing: Standing) -> tuple[str, ...]:
    """Promotions that stood already, and have another status now."""
    found = []
    for key, each in news.items():
        before = standing.entry(key)
        if isinstance(each, Promotion) and isinstance(before, Promotion):
            found += [each.promotion_id] if each.status != before.status else []
    return tuple(sorted(found))


def _tallies(
    wanted: Mapping[Key, Entry],
    news: Mapping[Key, Entry],
    standing: Standing,
    contacts: Iterable[Touchpoint],
    fresh: Sequence[Touchpoint],
) -> tuple[Tally, ...]:
    tallies = []
    for kind in dict.fromkeys(key_of(each).kind() for each in wanted.values()):
        keys = [key for key in wanted if key.kind() == kind]
        new = sum(key not in standing.held for key in keys)
        changed = sum(key in news for key in keys) - new
        same = len(keys) - new - changed
        tallies.append(Tally(kind=kind, new=new, changed=changed, same=same))
    told = len(list(contacts))
    if told:
        tallies.append(Tally(kind="touchpoint", new=len(fresh), same=told - len(fresh)))
    return tuple(tallies)


def _version(held: Held | None) -> int:
    return held.version + 1 if held else 1
