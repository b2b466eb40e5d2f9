"""Who may do what: roles of people, scopes of shops' keys, and the one table of their rights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["viewer", "editor", "approver", "admin"]
# read: the register and its history. draft: propose changes, take alarms on. approve: let others'
# proposals and pauses become true. look_up: what is known of one person. administer: keys and
# names, and whom to forget. validate: ask what a code would give. redeem: hold and use codes.
Right = Literal["read", "draft", "approve", "look_up", "administer", "validate", "redeem"]

ROLES: tuple[Role, ...] = get_args(Role)
ALL_RIGHTS: tuple[Right, ...] = get_args(Right)

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "draft", "validate"}),
    "approver": frozenset({"read", "draft", "approve", "look_up", "validate"}),
    "admin": frozenset(ALL_RIGHTS),
}
# What a key may be given: a shop asks and redeems, and never sees the register.
SCOPES: frozenset[Right] = frozenset({"validate", "redeem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a person by the id of their sign-in, or a shop by its key's id.

    A key speaks for one account of one platform; a person for none.
    """

    id: str
    name: str
    rights: frozenset[Right]
    roles: frozenset[Role] = frozenset()
    platform: str = ""
    account: str = ""

    def is_shop(self) -> bool:
        return bool(self.platform)


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """All that any of the roles may do."""
    return frozenset(right for role in roles for right in RIGHTS[role])


def roles_named(groups: Iterable[str]) -> frozenset[Role]:
    """The roles among the groups of a sign-in; other groups are somebody else's."""
    named = set(groups)
    return frozenset(role for role in ROLES if role in named)
