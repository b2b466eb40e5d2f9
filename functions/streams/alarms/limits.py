"""Counting against a limit, in constant time: a fence in the list of uses that time orders.

Uses are ordered by when they were redeemed. Those up to the fence are within the limit, those
behind it are beyond. A use that comes or goes moves the fence by one place at most, so that any
order of arrival ends in the same uses beyond the limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from vouchsafe.pure import instant
from vouchsafe.pure.alarm import Cause, Evidence

Step = Literal["push", "pull"]

_REMEMBERED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One redemption of an order that holds a use; `live` ones are breaches beyond the limit."""

    item: str
    live: bool
    cause: Cause
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One order's use. However many redemptions hold it, it counts once: "me again" is no new
    use (lessons.md 2)."""

    position: str
    counted: tuple[Counted, ...]

    def with_one(self, one: Counted) -> "Use":
        """With that redemption, in place of what was known of it."""
        return replace(self, counted=(*self.without(one.item).counted, one))

    def without(self, item: str) -> "Use":
        """Without that redemption."""
        return replace(self, counted=tuple(each for each in self.counted if each.item != item))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`total` uses, of which `within` lie up to the `fence`, a position that may be nobody's.
    `most` is the limit as it was when something last came.

    `turns` counts what came to its uses, so that no change of one goes unseen by a step of the
    fence. `touched` are the alarms that its last steps touched, in case nobody was told.
    """

    most: int
    total: int = 0
    within: int = 0
    fence: str = ""
    turns: int = 0
    touched: tuple[str, ...] = ()

    def is_beyond(self, position: str) -> bool:
        """Whether a use at that position lies beyond the limit."""
        return position > self.fence


def turned(scope: Scope) -> Scope:
    """The scope after something came to one of its uses."""
    return replace(scope, turns=scope.turns + 1)


def limited(scope: Scope | None, most: int) -> Scope:
    """The scope, under the limit as the register has it now."""
    return replace(scope, most=most) if scope else Scope(most=most)


def position_of(redeemed_at: datetime, use: str) -> str:
    """A use's place in the list: by time, then by what counts once."""
    return f"{instant.text(redeemed_at)}#{use}"


def entered(scope: Scope, position: str) -> Scope:
    """The scope with one more use."""
    last_of_all = scope.within == scope.total and scope.within < scope.most
    if scope.is_beyond(position) and not last_of_all:
        return replace(scope, total=scope.total + 1)
    fence = max(position, scope.fence)
    return replace(scope, total=scope.total + 1, within=scope.within + 1, fence=fence)


def left(scope: Scope, position: str) -> Scope:
    """The scope with one use less."""
    inside = 0 if scope.is_beyond(position) else 1
    return replace(scope, total=scope.total - 1, within=scope.within - inside)


def step(scope: Scope) -> Step | None:
    """How the fence must move: push its last use out, pull the next one in, or stay."""
    if scope.within > scope.most:
        return "push"
    return "pull" if scope.within < min(scope.most, scope.total) else None


def pushed(scope: Scope, before: str) -> Scope:
    """The fence one use further down: behind the use `before` the last one, "" if there is none."""
    return replace(scope, within=scope.within - 1, fence=before)


def pulled(scope: Scope, position: str) -> Scope:
    """The fence one use further up: behind the use at that position."""
    return replace(scope, within=scope.within + 1, fence=position)


def touching(scope: Scope, alarms: Iterable[str]) -> Scope:
    """The scope, remembering which alarms its steps touched lately."""
    lately = dict.fromkeys((*alarms, *scope.touched))
    return replace(scope, touched=tuple(lately)[:_REMEMBERED])
