"""People as keyed hashes: enough to recognise one again, useless to anyone without the key."""

import hmac
import re
from collections.abc import Callable, Iterable
from typing import Literal

Kind = Literal["customer", "email", "phone", "card", "loyalty"]

# What is most likely one person comes first: the first key present stands for the person.
STRENGTH: tuple[Kind, ...] = ("email", "phone", "loyalty", "customer", "card")

Identify = Callable[[Kind, str | None], str | None]


def identify_with(key: bytes) -> Identify:
    """A function from (kind, raw value) to an identity key such as `email:Yk3...`.

    HMAC-SHA256 under the stack's identity key, cut to 132 bits; None for an empty value. Raises
    ValueError for an empty key: an unset secret must never become an empty one.
    """
    if not key:
        raise ValueError("the identity key is empty")

    def identify(kind: Kind, raw: str | None) -> str | None:
        value = _normal(kind, raw or "")
        if not value:
            return None
        digest = hmac.digest(key, f"{kind}\0{value}".encode(), "sha256")
        return f"{kind}:{digest.hex()[:33]}"

    return identify


def ranked(keys: Iterable[str | None]) -> tuple[str, ...]:
    """The keys that are there, once each, strongest first."""
    there = {key for key in keys if key}
    return tuple(sorted(there, key=_strength))


def _normal(kind: Kind, raw: str) -> str:
    value = raw.strip()
    if kind == "email":
        return _normal_email(value.casefold())
    if kind == "phone":
        return re.sub(r"[^0-9+]", "", value)
    return value


def _normal_email(value: str) -> str:
    """Lower case, without a plus-alias: `Ann+shop@x.org` is `ann@x.org` (lesson 22)."""
    name, at, domain = value.partition("@")
    return f"{name.partition('+')[0]}{at}{domain}" if at and name and domain else ""


def _strength(key: str) -> tuple[int, str]:
    kinds: tuple[str, ...] = STRENGTH
    return kinds.index(key.partition(":")[0]), key
