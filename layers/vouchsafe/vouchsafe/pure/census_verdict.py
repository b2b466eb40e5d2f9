"""What is wrong with a code across its systems, and the one thing to do about it: data, no deed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from vouchsafe.pure.census import Known, Listed, Listing
from vouchsafe.pure.money import decimal_text
from vouchsafe.pure.register import Benefit, Promotion

ConflictKind = Literal["value", "window", "status", "promotions", "spelling"]
Advice = Literal["adopt", "merge", "retire", "watch", "fine"]

_STOPPED = frozenset({"paused", "retired", "expired"})
_RECENT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two or more that say otherwise of one code; `says` names each with what it says."""

    kind: ConflictKind
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The conflicts, the systems that list the same code beside each other, and the advice."""

    conflicts: tuple[Conflict, ...]
    duplicates: tuple[str, ...]
    advice: Advice
    reason: str


def judge(known: Known, today: date) -> Verdict:
    """What is to be done with a code as things stand today.

    Only what a system would still take can contradict anything: a list's past is kept, and argues
    with nobody.
    """
    live = [each.listing for each in known.listed if each.may_be_used(today)]
    conflicts = tuple(_conflicts(known, live))
    places = sorted({each.place() for each in live})
    advice, reason = _advice(known, live, conflicts, today)
    return Verdict(
        conflicts=conflicts,
        duplicates=tuple(places) if len(places) > 1 else (),
        advice=advice,
        reason=reason,
    )


def _conflicts(known: Known, live: list[Listing]) -> Iterator[Conflict]:
    terms = [each.promotion for each in known.born if each.running not in _STOPPED]
    yield from _told("value", _values(live, terms))
    yield from _told("window", _windows(live, terms))
    yield from _status(known, live)
    yield from _told("promotions", _refs(live))
    yield from _told("spelling", _spellings(known, live))


def _told(kind: ConflictKind, said: Iterable[tuple[str, str]]) -> Iterator[Conflict]:
    """A conflict where not all say the same; each saying once with whoever says it."""
    by_word: dict[str, list[str]] = {}
    for word, who in said:
        by_word.setdefault(word, []).append(who)
    if len(by_word) > 1:
        says = (f"{word}: {', '.join(dict.fromkeys(whos))}" for word, whos in by_word.items())
        yield Conflict(kind=kind, says=tuple(sorted(says)))


def _values(live: list[Listing], terms: list[Promotion]) -> Iterator[tuple[str, str]]:
    """What it gives; a system that does not tell says nothing else."""
    for listing in live:
        if listing.kind == "percent" and listing.value is not None:
            yield f"{listing.value.normalize():f}%", listing.place()
        elif listing.kind == "amount" and listing.value is not None and listing.currency:
            yield f"{listing.value.normalize():f} {listing.currency}", listing.place()
        elif listing.kind in ("free_shipping", "free_item"):
            yield listing.kind, listing.place()
    for each in terms:
        if each.benefit is not None:
            yield _benefit(each.benefit, each.currency), f"register {each.promotion_id}"


def _benefit(benefit: Benefit, currency: str | None) -> str:
    if benefit.kind == "percent":
        return f"{benefit.percent.normalize():f}%"
    if benefit.kind == "amount" and currency:
        amount = Decimal(decimal_text(benefit.amount_minor, currency))
        return f"{amount.normalize():f} {currency}"
    return benefit.kind


def _windows(live: list[Listing], terms: list[Promotion]) -> Iterator[tuple[str, str]]:
    """Last days, for they decide who is refused. A list without an end never refuses."""
    ends = [(each.ends_on, each.place()) for each in live if each.starts_on or each.ends_on]
    ends += [(each.ends_on, f"register {each.promotion_id}") for each in terms]
    for end, who in ends:
        yield (f"to {end.isoformat()}" if end else "without an end"), who


def _status(known: Known, live: list[Listing]) -> Iterator[Conflict]:
    """Taken there, though nothing of it runs here any more."""
    if live and known.born and all(each.running in _STOPPED for each in known.born):
        here = (f"{each.running}: register {each.promotion.promotion_id}" for each in known.born)
        there = (f"active: {each.place()}" for each in live)
        yield Conflict(kind="status", says=tuple(dict.fromkeys((*there, *here))))


def _refs(live: list[Listing]) -> Iterator[tuple[str, str]]:
    """One code for two promotions of one system; two systems name them as they like."""
    places = [each.place() for each in live if each.code]
    for each in live:
        if each.code and places.count(each.place()) > 1:
            yield each.name or each.ref or each.code, each.place()


def _spellings(known: Known, live: list[Listing]) -> Iterator[tuple[str, str]]:
    """Spellings that differ in more than case: systems that compare letter by letter hold them
    for two codes, and here they are one."""
    for each in live:
        if each.code:
            yield each.code.strip().upper(), each.place()
    if live and known.code and known.born:
        yield known.code.strip().upper(), "register"


def _advice(
    known: Known, live: list[Listing], conflicts: tuple[Conflict, ...], today: date
) -> tuple[Advice, str]:
    kinds = [each.kind for each in conflicts]
    if "status" in kinds:
        places = ", ".join(sorted({each.place() for each in live}))
        return "retire", f"nothing of it runs in the register, and it is still taken at {places}"
    if kinds:
        return "merge", f"its systems contradict each other: {', '.join(kinds)}"
    if known.registered:
        return _of_registered(known, live)
    return _of_unknown(known, live, today)


def _of_registered(known: Known, live: list[Listing]) -> tuple[Advice, str]:
    runs = any(each.running == "active" for each in known.born)
    if runs and known.listed and not live:
        gone = ", ".join(sorted({each.listing.place() for each in known.listed}))
        return "watch", f"it runs in the register, and {gone} would not take it"
    unlisted = [each.place() for each in live if _uses_missed(known, each)]
    if runs and unlisted:
        return "watch", f"{', '.join(sorted(set(unlisted)))} counts more uses than the ledger"
    return "fine", "the register has it, and nothing contradicts it"


def _uses_missed(known: Known, listing: Listing) -> bool:
    return listing.uses is not None and listing.uses > known.used.uses


def _of_unknown(known: Known, live: list[Listing], today: date) -> tuple[Advice, str]:
    if live:
        places = ", ".join(sorted({each.place() for each in live}))
        return "adopt", f"it is taken at {places}, and the register does not know it"
    if known.listed:
        return _of_past(known, today)
    return "watch", "orders bear it, no list has it, and the register does not know it"


def _of_past(known: Known, today: date) -> tuple[Advice, str]:
    """No list has it alive; a till may honour it all the same."""
    last = known.used.last_on
    end = max((_end(each, today) for each in known.listed), default=today)
    if last is not None and last > end:
        return "watch", f"orders bore it on {last.isoformat()}, after every list had ended it"
    if last is not None and today - last <= _RECENT:
        return "watch", f"every list has ended it, and orders bore it on {last.isoformat()}"
    return "fine", "it is over in every list, and no order bears it"


def _end(listed: Listed, today: date) -> date:
    ended = listed.listing.ends_on
    return min(ended or today, today)
