"""Drift: a platform says something that its room has never heard of, or says it otherwise."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

# unheard_of: an event that the room does not know. unreadable: a field that is missing, has
# another type, or a value that the room has no rule for.
Kind = Literal["unheard_of", "unreadable"]

_INDEX = re.compile(r"\[\d+\]")
# After so much silence the same thing is told again: somebody had mended it.
_TOLD_AGAIN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What changed: the event's name, or the field's path without its numbers, and the rule that
    it breaks."""

    platform: str
    kind: Kind
    place: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How often a drift was seen, each parked delivery once; `sample` is where the newest lies.

    `told_at` is when somebody was told of it last.
    """

    drift: Drift
    count: int
    first_at: datetime
    last_at: datetime
    sample: str
    told_at: datetime | None = None

    def is_news(self) -> bool:
        """Whether somebody has to be told now."""
        return self.told_at is None or self.last_at - self.told_at > _TOLD_AGAIN_AFTER


def drift_of(key: str, reason: str) -> Drift | None:
    """What a parked delivery shows, by where it lies and why; None where it is no drift."""
    kind, _, rest = key.partition("/")
    platform = rest.partition("/")[0]
    if kind not in get_args(Kind) or not platform:
        return None
    place, _, rule = _INDEX.sub("[]", reason).partition(" ")
    return Drift(platform=platform, kind=cast(Kind, kind), place=place, rule=rule)


def subject(seen: Seen) -> Mapping[str, object]:
    """What is told of it."""
    return {
        "platform": seen.drift.platform,
        "kind": seen.drift.kind,
        "place": seen.drift.place,
        "rule": seen.drift.rule,
        "count": seen.count,
        "sample": seen.sample,
    }
