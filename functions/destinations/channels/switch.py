"""The switch at one account: what there honours the codes, whether it may, and what we do about it.

What is wanted is read from the register at the moment of work, so that late, repeated or crossed
happenings end alike: a discount is off while nothing that its codes stand for runs. What we switch
off is marked before we do, with what it was; only what is marked is ever switched on again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from vouchsafe.edge import channels_table, register_table
from vouchsafe.edge.register_table import Snapshot
from vouchsafe.pure.channel import Found, Mark, Sought, State, Switchable
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Refused, Throttled
from vouchsafe.pure.register import Code, Promotion
from vouchsafe.pure.register_entries import code_key, promotion_key

from .platform import Channel

_MOST_SHOWN = 10
_TRIES = 4
_LONGEST_WAIT_S = 10.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A promotion's switch at one account, over the register as it stands. `codes` are canonical.

    `base` is what every finding says alike.
    """

    at: Snapshot
    now: datetime
    codes: tuple[str, ...]
    base: Found


class Switch:
    """One job at one channel."""

    def __init__(self, job: Job, channel: Channel) -> None:
        self._job = job
        self._channel = channel

    def done(self, soughts: Iterable[Sought]) -> Iterator[Found]:
        """What became of each discount there, one after another; what is met on one is not looked
        up again. Raises Refused, Unavailable."""
        base = self._job.base
        marks = channels_table.marks(base.platform, base.account)
        held: dict[str, Switchable] = {}
        met: set[str] = set()
        for sought in soughts:
            if met.issuperset(map(canonical, sought.codes)):
                continue
            for each in _patiently(partial(self._looked_up, sought)):
                met.update(map(canonical, each.codes))
                if each.object_id not in held:
                    held[each.object_id] = each
                    yield self._switched(each, marks.get(each.object_id))
        yield from self._hidden(marks.values(), held)

    def _looked_up(self, sought: Sought) -> list[Switchable]:
        return list(self._channel.find(sought))

    def _hidden(self, marks: Iterable[Mark], held: Mapping[str, Switchable]) -> Iterator[Found]:
        """What we have switched off is not always found by its code any more."""
        ours = {*self._job.codes}
        for mark in marks:
            if not mark.off or mark.object_id in held or not ours.intersection(mark.codes):
                continue
            there = _patiently(partial(self._channel.read, mark.object_id))
            if there is None:
                yield self._found_of(mark, "not_reached", "it is gone there")
            else:
                yield self._switched(replace(there, codes=there.codes or mark.codes), mark)

    def _switched(self, held: Switchable, mark: Mark | None) -> Found:
        try:
            state, why = self._state_after(held, mark)
        except Refused as reason:
            state, why = "not_reached", str(reason)
        return self._found(held, mark, state, why)

    def _state_after(self, held: Switchable, mark: Mark | None) -> tuple[State, str]:
        marked = mark if mark and mark.off else None
        runs = running([canonical(each) for each in held.codes], self._job.at)
        if not runs:
            return self._off(held, marked), ""
        if marked:
            return self._on(held, marked), ""
        others = [each for each in runs if each != self._job.base.promotion_id]
        if self._job.base.promotion_id not in runs and held.runs:
            return "shared", f"its codes also stand for what runs: {', '.join(others[:3])}"
        return ("on_before" if held.runs else "off_before"), ""

    def _off(self, held: Switchable, marked: Mark | None) -> State:
        if not held.runs and not marked:
            return "off_before"
        settings = marked.settings if marked else held.settings
        channels_table.put(self._mark(held, settings, off=True))
        try:
            if held.runs:
                _patiently(partial(self._channel.switch_off, held))
        except Refused:
            channels_table.put(self._mark(held, settings, off=False))
            raise
        return "off"

    def _on(self, held: Switchable, marked: Mark) -> State:
        if not held.runs:
            _patiently(partial(self._channel.switch_on, held, marked.settings))
        channels_table.put(self._mark(held, marked.settings, off=False))
        return "on"

    def _mark(self, held: Switchable, settings: str, *, off: bool) -> Mark:
        base = self._job.base
        return Mark(
            platform=base.platform,
            account=base.account,
            object_id=held.object_id,
            name=held.name,
            codes=tuple(map(canonical, held.codes)),
            off=off,
            settings=settings,
            revision=self._job.at.revision,
            at=self._job.now,
        )

    def _found(self, held: Switchable, mark: Mark | None, state: State, why: str) -> Found:
        return replace(
            self._job.base,
            object_id=held.object_id,
            name=held.name,
            codes=held.codes[:_MOST_SHOWN],
            before=mark.settings if mark and mark.off else held.settings,
            state=state,
            why=why,
        )

    def _found_of(self, mark: Mark, state: State, why: str) -> Found:
        return replace(
            self._job.base,
            object_id=mark.object_id,
            name=mark.name,
            codes=mark.codes[:_MOST_SHOWN],
            before=mark.settings,
            state=state,
            why=why,
        )


def _patiently(call: Callable[[], T]) -> T:
    """Of many calls some meet the vendor's limit: only a long wait gives all of them up."""
    for _ in range(_TRIES):
        try:
            return call()
        except Throttled as reason:
            if reason.retry_after_s > _LONGEST_WAIT_S:
                raise
            time.sleep(reason.retry_after_s)
    return call()


def running(canonicals: Sequence[str], at: Snapshot) -> list[str]:
    """The promotions that the codes stand for and that are switched on; codes that nobody has
    registered stand for none."""
    held = register_table.held(map(code_key, filter(None, canonicals)), at).values()
    codes = [each.entry for each in held if isinstance(each.entry, Code)]
    named = dict.fromkeys(promotion for code in codes for promotion in code.promotions)
    standing = register_table.held(map(promotion_key, named), at).values()
    promotions = [each.entry for each in standing if isinstance(each.entry, Promotion)]
    return sorted(each.promotion_id for each in promotions if each.status == "active")
