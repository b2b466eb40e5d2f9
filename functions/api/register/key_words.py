"""What shops' keys are asked and answered, field by field."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from vouchsafe.pure.asking import Said

from .words import At, Title


class KeyAsked(Said):
    """A key for one account of the register, and what it may do."""

    name: Title
    platform: Title
    account: Title
    scopes: Annotated[tuple[Literal["validate", "redeem"], ...], Field(min_length=1)]


class KeyTold(Said):
    """A key; `key` is its text, told when it is made and never again."""

    told_once: ClassVar[frozenset[str]] = frozenset({"key"})

    key_id: str
    name: str
    scopes: tuple[str, ...]
    platform: str
    account: str
    created_by: str
    created_at: At
    revoked_at: At | None = None
    key: str | None = None


class KeysTold(Said):
    """All keys, by when they were made."""

    keys: list[KeyTold]
