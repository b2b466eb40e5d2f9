"""Shops' API keys: only digests of them; written by the control room alone."""

import hmac
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import cast

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.models import Model

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import instant
from vouchsafe.pure.errors import Absent
from vouchsafe.pure.rights import Caller, Right

# A revoked key may go on for as long.
_KEPT_S = 30.0
_MOST_KEPT = 1000
_PREFIX = "vk"
_kept: dict[str, tuple[float, "KeyItem | None"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as people see it; nobody sees the secret again after it was made."""

    key_id: str
    name: str
    scopes: frozenset[Right]
    platform: str
    account: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


class KeyItem(Model):
    """A key. `digest` is SHA-256 of a secret of 256 random bits, which needs no slow hash."""

    class Meta:
        table_name = setting("KEYS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    digest = UnicodeAttribute()
    name = UnicodeAttribute()
    scopes = UnicodeSetAttribute()
    platform = UnicodeAttribute()
    account = UnicodeAttribute()
    created_by = UnicodeAttribute()
    created_at = UnicodeAttribute()
    revoked_at = UnicodeAttribute(null=True)


def make(
    name: str, scopes: frozenset[Right], platform: str, account: str, by: str, at: datetime
) -> tuple[Key, str]:
    """A new key, and the text that the shop sends: the only time that it is told."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    item = KeyItem(
        key_id,
        digest=_digest(secret),
        name=name,
        scopes=set(scopes),
        platform=platform,
        account=account,
        created_by=by,
        created_at=instant.text(at),
    )
    with translated("keys"):
        item.save(condition=KeyItem.pk.does_not_exist(), add_version_condition=False)
    return _key(item), f"{_PREFIX}_{key_id}_{secret}"


def revoke(key_id: str, at: datetime) -> Key:
    """Ends a key; ended again it stays ended when it was. Raises Absent."""
    item = KeyItem(key_id)
    with translated("keys"):
        try:
            item.update(
                actions=[KeyItem.revoked_at.set(KeyItem.revoked_at | instant.text(at))],
                condition=KeyItem.pk.exists(),
                add_version_condition=False,
            )
        except UpdateError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                raise Absent(f"key {key_id}") from error
            raise
    return _key(item)


def all_keys() -> Iterator[Key]:
    """Every key that was ever made."""
    with translated("keys"):
        found = sorted(KeyItem.scan(), key=lambda item: item.created_at)
        yield from map(_key, found)


def caller(text: str) -> Caller | None:
    """Whose key that is; None where it is nobody's, or was revoked."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != _PREFIX or len(key_id) != 16 or not secret:
        return None
    item = _looked_up(key_id)
    if item is None or not hmac.compare_digest(item.digest, _digest(secret)) or item.revoked_at:
        return None
    key = _key(item)
    return Caller(
        id=f"key:{key_id}",
        name=key.name,
        rights=key.scopes,
        platform=key.platform,
        account=key.account,
    )


def forget() -> None:
    """Drops what is kept."""
    _kept.clear()


def _looked_up(key_id: str) -> KeyItem | None:
    """Whoever tries keys costs one read for each id in half a minute."""
    kept_at, item = _kept.get(key_id, (float("-inf"), None))
    if time.monotonic() - kept_at < _KEPT_S:
        return item
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    with translated("keys"):
        try:
            item = KeyItem.get(key_id)
        except KeyItem.DoesNotExist:
            item = None
    _kept[key_id] = (time.monotonic(), item)
    return item


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _key(item: KeyItem) -> Key:
    return Key(
        key_id=item.pk,
        name=item.name,
        scopes=frozenset(cast(Right, each) for each in item.scopes),
        platform=item.platform,
        account=item.account,
        created_by=item.created_by,
        created_at=instant.parse(item.created_at),
        revoked_at=instant.parse(item.revoked_at) if item.revoked_at else None,
    )
