"""Standings in DynamoDB: one item for each key that the claims policy has seen, and the policy.

Every change is over the version that was read, whoever makes it: the desk after a claim, or a
person by hand, then in one transaction with what else is said of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.policy import Policy
from vouchsafe.pure.standing import Standing, kept_until

_POLICY = ("setting", "claims-policy")
_STANDING = "standing"
_LISTED = "listed"
_RACED = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})


class ByList(GlobalSecondaryIndex["StandingItem"]):
    """Those that something was ever taken against, by key; mere signs are in no list."""

    class Meta:
        index_name = "by_list"
        projection = KeysOnlyProjection()

    listed = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class StandingItem(Model):
    """A standing under its key, or the policy."""

    class Meta:
        table_name = setting("STANDINGS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    body = UnicodeAttribute()
    listed = UnicodeAttribute(null=True)
    gone_at = NumberAttribute(null=True)
    by_list = ByList()


@dataclass(frozen=True, slots=True)
class Seen:
    """The policy in force, and the standings of all keys that were asked for, in their order."""

    policy: Policy
    standings: tuple[Standing, ...]


def read(keys: Sequence[str], *, newest: bool = False) -> Seen:
    """The policy and the standings of a handful of keys, in one call; `newest` reads
    consistently. Who has none yet gets an empty one."""
    places = [_POLICY, *((key, _STANDING) for key in keys)]
    with translated("standings"):
        items = list(StandingItem.batch_get(places, consistent_read=newest))
    found = {item.pk: item for item in items if item.sk == _STANDING}
    policy = next((item for item in items if (item.pk, item.sk) == _POLICY), None)
    return Seen(
        codec.loads(Policy, policy.body) if policy else Policy(),
        tuple(_standing(found[key]) if key in found else _empty(key) for key in keys),
    )


def page(after: str | None, most: int) -> list[Standing]:
    """Those that something was ever taken against, by key, from behind that one on."""
    behind = ByList.pk > after if after is not None else None
    with translated("standings"):
        keys = [item.pk for item in StandingItem.by_list.query(_LISTED, behind, limit=most)]
    return [each for each in read(keys).standings if each.version]


def keep(standing: Standing, policy: Policy, now: datetime) -> bool:
    """Keeps a standing over the version that was read; False where somebody was faster."""
    item = _item(standing, policy, now)
    with translated("standings"):
        try:
            item.save(_unseen(standing.version), add_version_condition=False)
        except PutError as error:
            if code_of(error) not in _RACED:
                raise
            return False
    return True


def put(standing: Standing, policy: Policy, now: datetime, transaction: TransactWrite) -> None:
    """Keeps a standing over the version that was read, within that transaction."""
    transaction.save(_item(standing, policy, now), _unseen(standing.version))


def put_policy(policy: Policy, transaction: TransactWrite) -> None:
    """Keeps the policy over its last version, within that transaction."""
    item = StandingItem(*_POLICY, version=policy.version, body=codec.dumps(policy))
    transaction.save(item, _unseen(policy.version - 1))


def forget(keys: Iterable[str]) -> None:
    """Nothing is kept of these people any more."""
    with translated("standings"):
        for key in keys:
            StandingItem(key, _STANDING).delete(add_version_condition=False)


def _unseen(version: int) -> Condition:
    if not version:
        return StandingItem.pk.does_not_exist()
    return StandingItem.version == version


def _item(standing: Standing, policy: Policy, now: datetime) -> StandingItem:
    after = replace(standing, version=standing.version + 1)
    return StandingItem(
        standing.key,
        _STANDING,
        version=after.version,
        body=codec.dumps(after),
        listed=_LISTED if standing.measures else None,
        gone_at=int(kept_until(standing, policy, now).timestamp()),
    )


def _standing(item: StandingItem) -> Standing:
    return codec.loads(Standing, item.body)


def _empty(key: str) -> Standing:
    return Standing(key=key, standing_id=uuid4().hex)
