"""Shops' API keys: only digests of them; written by the control room alone."""

import hmac
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import cast

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import translated
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


@dataclass(frozen=True, slots=True)
class Made:
    """A new key that is not kept yet, and the text that the shop sends: told this once only."""

    key: Key
    text: str = field(repr=False)
    digest: str = field(repr=False)


def drawn(
    name: str,
    scopes: frozenset[Right],
    platform: str,
    account: str,
    by: str,
    at: datetime,
    *,
    work_id: str = "",
) -> Made:
    """A new key with a secret drawn at random; named by the work that makes it, where that is
    told."""
    key_id = id_of(work_id) if work_id else secrets.token_hex(8)
    secret = secrets.token_urlsafe(32)
    key = Key(
        key_id=key_id,
        name=name,
        scopes=scopes,
        platform=platform,
        account=account,
        created_by=by,
        created_at=at,
    )
    return Made(key, f"{_PREFIX}_{key_id}_{secret}", _digest(secret))


def id_of(work_id: str) -> str:
    """The id of the key that a piece of work makes, so that it makes one however often it is cut
    short."""
    return sha256(f"key {work_id}".encode()).hexdigest()[:16]


def put(made: Made, transaction: TransactWrite) -> None:
    """Keeps a new key, together with what else is in the transaction."""
    transaction.save(_item(made), KeyItem.pk.does_not_exist())


def draw_again(made: Made, transaction: TransactWrite) -> None:
    """Gives a key that stands its new secret, together with what else is in the transaction: the
    one before was told to nobody."""
    transaction.update(
        KeyItem(made.key.key_id),
        actions=[KeyItem.digest.set(made.digest)],
        condition=KeyItem.pk.exists() & KeyItem.revoked_at.does_not_exist(),
    )


def keep(made: Made) -> None:
    """Keeps a new key by itself."""
    with translated("keys"):
        _item(made).save(condition=KeyItem.pk.does_not_exist(), add_version_condition=False)


def revoke(key_id: str, at: datetime, transaction: TransactWrite) -> None:
    """Ends a key that stands, together with what else is in the transaction."""
    transaction.update(
        KeyItem(key_id),
        actions=[KeyItem.revoked_at.set(instant.text(at))],
        condition=KeyItem.pk.exists() & KeyItem.revoked_at.does_not_exist(),
    )


def get(key_id: str) -> Key:
    """A key, read consistently. Raises Absent."""
    with translated("keys"):
        try:
            return _key(KeyItem.get(key_id, consistent_read=True))
        except KeyItem.DoesNotExist as error:
            raise Absent(f"key {key_id}") from error


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


def _item(made: Made) -> KeyItem:
    key = made.key
    return KeyItem(
        key.key_id,
        digest=made.digest,
        name=key.name,
        scopes=set(key.scopes),
        platform=key.platform,
        account=key.account,
        created_by=key.created_by,
        created_at=instant.text(key.created_at),
    )


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
