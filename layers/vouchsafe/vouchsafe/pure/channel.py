"""A promotion's switch where its codes are honoured: what is there, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vouchsafe.pure import instant
from vouchsafe.pure.happening import Happening

# Of an account: reached, not_found (none of the codes is there), not_reached (`why` says what is in
# the way), cannot (the platform has no such switch: `why` says where it is done by hand).
# Of a discount there: off and on (by us), off_before and on_before (as somebody else left it),
# shared (left on, for it also stands for what runs), not_reached.
State = Literal[
    "reached",
    "not_found",
    "not_reached",
    "cannot",
    "off",
    "on",
    "off_before",
    "on_before",
    "shared",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for at an account: codes as people write them, and what each of the till's
    discounts stands for, by alias."""

    codes: tuple[str, ...]
    aliases: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchable:
    """A platform's own discount, which can be switched off.

    `codes` are those that it honours, or some of them where they are many. `settings` are, in the
    platform's own form, what has to be put back to have it as it is now.
    """

    object_id: str
    name: str
    runs: bool
    codes: tuple[str, ...]
    settings: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What we have switched at a platform; `settings` are those of before.

    `revision` is the register's that asked for it: what an older one asks for comes too late.
    """

    platform: str
    account: str
    object_id: str
    name: str
    codes: tuple[str, ...]
    off: bool
    settings: str = field(repr=False)
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of a switch at an account, or at one discount there (`object_id`).

    `revision` is that of the register which switched the promotion, `status` what it is at work.
    """

    promotion_id: str
    revision: int
    platform: str
    account: str
    status: str
    state: State
    at: datetime
    happening_id: str
    object_id: str = ""
    name: str = ""
    codes: tuple[str, ...] = ()
    before: str = ""
    why: str = ""


def switched(promotion_id: str, revision: int, *, stack: str, at: datetime) -> Happening:
    """A revision of the register has switched a promotion on or off. How it stands is looked up
    where that matters: happenings come late, twice, and in any order."""
    return _told(f"{promotion_id}:{revision}", promotion_id, revision, stack, at)


def switched_again(promotion_id: str, revision: int, *, stack: str, at: datetime) -> Happening:
    """Somebody wants the switch to be made once more."""
    happening_id = f"{promotion_id}:{revision}:{instant.text(at)}"
    return _told(happening_id, promotion_id, revision, stack, at)


def _told(
    happening_id: str, promotion_id: str, revision: int, stack: str, at: datetime
) -> Happening:
    return Happening(
        happening="PromotionSwitched",
        id=happening_id,
        at=at,
        stack=stack,
        subject={"promotion_id": promotion_id, "revision": revision},
    )
