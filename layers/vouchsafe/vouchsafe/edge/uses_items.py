"""How uses lie in their table: claims, the counters that they count at, and signs of holds.

A claim lies with its order, a counter by itself, and the sign of a hold with the others of its
promotion in the order in which they are over.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from operator import or_

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DeleteError, PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.claim import Claim
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.facts import joined

# What has ended and gave its use back is kept for questions; a period's counter for late returns.
_ENDED_KEPT = timedelta(days=35)
COUNTER_KEPT = timedelta(days=400)
_HOLDS_READ = 100
# These say only that somebody else writes, or wrote first, or that there was no room for now.
_RACED = frozenset(
    {
        "None",
        "ConditionalCheckFailed",
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    }
)
_USED = "used"

Fence = Callable[[TransactWrite], None]


class Raced(Exception):
    """Somebody else wrote first, or is at one of the items: read again."""


class UsesItem(Model):
    """A claim (`version`, `body`), a counter (`used`), or the sign of a hold (`counters`)."""

    class Meta:
        table_name = setting("USES_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute(null=True)
    state = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    used = NumberAttribute(null=True)
    counters = ListAttribute(of=UnicodeAttribute, null=True)
    order = UnicodeAttribute(null=True)
    code = UnicodeAttribute(null=True)
    gone_at = NumberAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim, and of the counters that were asked for those that are there."""

    claim: Claim | None
    used: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """People by their identity keys, or all of an account by what its orders' keys begin with."""

    keys: tuple[str, ...] = ()
    account: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A claim's name."""

    order: str
    code: str


def get(order: str, code: str) -> Claim | None:
    """A claim, read consistently."""
    with translated("uses"):
        try:
            return _claim(UsesItem.get(_of(order), code, consistent_read=True))
        except UsesItem.DoesNotExist:
            return None


def of_order(order: str) -> list[Claim]:
    """An order's claims, read consistently."""
    with translated("uses"):
        return [_claim(item) for item in UsesItem.query(_of(order), consistent_read=True)]


def read(order: str, code: str, counters: Iterable[str]) -> Seen:
    """A claim and those counters, consistently, in one call."""
    keys = [(_of(order), code), *((_at(each), _USED) for each in sorted(set(counters)))]
    with translated("uses"):
        found = {item.pk: item for item in UsesItem.batch_get(keys, consistent_read=True)}
    claim = found.pop(_of(order), None)
    return Seen(_claim(claim) if claim else None, _shown(found.values()))


def used(counters: Iterable[str]) -> dict[str, int]:
    """What those of the counters show that are there."""
    with translated("uses"):
        keys = [(_at(each), _USED) for each in sorted(set(counters))]
        return _shown(UsesItem.batch_get(keys, consistent_read=True))


def holds_over(promotion_id: str, counter: str, now: datetime) -> list[Claim]:
    """A promotion's holds at a counter whose time is over, the oldest first, of the first ones."""
    with translated("uses"):
        signs = UsesItem.query(
            _holds_of(promotion_id),
            UsesItem.sk <= f"{instant.text(now)}~",
            consistent_read=True,
            limit=_HOLDS_READ,
        )
        keys = [(_of(each.order), each.code) for each in signs if counter in each.counters]
        held = [_claim(item) for item in UsesItem.batch_get(keys, consistent_read=True)]
    return sorted(
        (each for each in held if each.is_over(now) and counter in each.uses()), key=_hold_name
    )


def all_claims() -> Iterator[Claim]:
    """Every claim, in no order: a consistent scan."""
    with translated("uses"):
        for item in UsesItem.scan(UsesItem.body.exists(), consistent_read=True):
            yield _claim(item)


def all_counters() -> dict[str, int]:
    """What every counter shows, those of nothing left out: a consistent scan."""
    with translated("uses"):
        return _shown(UsesItem.scan(UsesItem.used > 0, consistent_read=True))


def named(sought: Sought, segment: int, segments: int) -> tuple[list[Named], list[str]]:
    """The claims and the counters in a part of the table that name any of the people, or are of
    the account: a consistent scan."""
    found: list[Named] = []
    counters: list[str] = []
    with translated("uses"):
        items = UsesItem.scan(
            _condition(sought), segment=segment, total_segments=segments, consistent_read=True
        )
        for item in items:
            if item.body:
                found.append(Named(item.pk.removeprefix("order#"), item.sk))
            elif item.sk == _USED:
                counters.append(item.pk.removeprefix("counter#"))
    return found, counters


def drop_empty(counter: str) -> bool:
    """Takes a counter away that counts nothing; False where it counts."""
    empty = UsesItem.pk.does_not_exist() | (UsesItem.used == 0)
    with translated("uses"):
        try:
            UsesItem(_at(counter), _USED).delete(empty, add_version_condition=False)
        except DeleteError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
    return True


def commit(
    before: Claim | None,
    after: Claim,
    moved: Mapping[str, int],
    fence: Fence | None,
    *,
    asked: bool,
) -> None:
    """Writes a claim over the one that was read, and its counters, all or nothing.

    Every counter keeps at least 0, and what was `asked` for finds room or is not written. Raises
    Raced, Unavailable where the outcome is unknown, Refused for what no repetition can mend.
    """
    stands = UsesItem.version == before.version if before else UsesItem.pk.does_not_exist()
    signs = _sign_at(before), _sign_at(after)
    with translated("uses"):
        if not moved and fence is None and signs[0] == signs[1]:
            _put(after, stands)
            return
        try:
            with TransactWrite(connection=_connection()) as transaction:
                transaction.save(_item(after), stands)
                for counter, by in moved.items():
                    _count(transaction, after, counter, by, asked=asked)
                _move_sign(transaction, *signs, after)
                if fence is not None:
                    fence(transaction)
        except TransactWriteError as error:
            raise _cancelled(error) from error


def _condition(sought: Sought) -> Condition:
    named: list[Condition] = [UsesItem.pk.contains(key) for key in sought.keys]
    named += [UsesItem.body.contains(key) for key in sought.keys]
    if sought.account:
        named.append(UsesItem.pk.startswith(_of(sought.account)))
    return reduce(or_, named)


def _put(after: Claim, stands: Condition) -> None:
    try:
        _item(after).save(stands, add_version_condition=False)
    except PutError as error:
        if code_of(error) in ("ConditionalCheckFailedException", "TransactionConflictException"):
            raise Raced from error
        raise


def _count(transaction: TransactWrite, after: Claim, counter: str, by: int, *, asked: bool) -> None:
    limit = next((each for each in after.limits if each.counter == counter), None)
    actions: list[Action] = [UsesItem.used.add(by)]
    if limit is not None and limit.over_on is not None:
        over = datetime.combine(limit.over_on, time(0), tzinfo=UTC)
        actions.append(UsesItem.gone_at.set(int((over + COUNTER_KEPT).timestamp())))
    condition: Condition | None = None
    if by < 0:
        condition = UsesItem.used >= -by
    elif asked and limit is not None and (fullest := limit.fullest(by)) is not None:
        condition = UsesItem.used <= fullest
        if fullest >= 0:
            condition = UsesItem.used.does_not_exist() | condition
    item = UsesItem(_at(counter), _USED)
    transaction.update(item, actions, condition, add_version_condition=False)


def _move_sign(
    transaction: TransactWrite,
    before: tuple[str, str] | None,
    after: tuple[str, str] | None,
    claim: Claim,
) -> None:
    if before and before != after:
        transaction.delete(UsesItem(*before), add_version_condition=False)
    if after:
        counters = [each.counter for each in claim.limits]
        sign = UsesItem(*after, order=claim.order, code=claim.code, counters=counters)
        transaction.save(sign)


def _cancelled(error: TransactWriteError) -> Exception:
    """What a cancelled transaction means: a race, or what `translated` makes of it."""
    codes = {reason.code or "None" for reason in error.cancellation_reasons if reason}
    if codes and codes <= _RACED:
        return Raced()
    return Refused("uses: ValidationError") if "ValidationError" in codes else error


def _connection() -> Connection:
    """The connection of the model, so that a transaction needs no client of its own."""
    return UsesItem._get_connection().connection  # noqa: SLF001 (the only way to share it)


def _shown(items: Iterable[UsesItem]) -> dict[str, int]:
    return {item.pk.removeprefix("counter#"): int(item.used or 0) for item in items}


def _claim(item: UsesItem) -> Claim:
    return codec.loads(Claim, item.body or "")


def _item(claim: Claim) -> UsesItem:
    gone = claim.changed_at + _ENDED_KEPT if claim.state in ("expired", "released") else None
    return UsesItem(
        _of(claim.order),
        claim.code,
        version=claim.version,
        state=claim.state,
        body=codec.dumps(claim),
        gone_at=int(gone.timestamp()) if gone else None,
    )


def _sign_at(claim: Claim | None) -> tuple[str, str] | None:
    """Where the sign of a hold lies; None for what is no hold."""
    if claim is None or claim.state != "reserved":
        return None
    return _holds_of(claim.promotion_id), _hold_name(claim)


def _hold_name(claim: Claim) -> str:
    return f"{instant.text(claim.until or claim.changed_at)}#{claim.order}#{claim.code}"


def _holds_of(promotion_id: str) -> str:
    return joined(("holds", promotion_id))


def _of(order: str) -> str:
    return f"order#{order}"


def _at(counter: str) -> str:
    return f"counter#{counter}"
