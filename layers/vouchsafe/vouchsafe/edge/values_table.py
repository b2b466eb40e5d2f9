"""Values: the balance of each paid voucher, its entries, and what it paid of each order.

A move is one transaction: its entries, each put only where its cause made none before, and the
balance and the payment over what was read. So a balance is at all times the fold of its entries,
and a repeat or a lost answer finds what stands. Nothing here is ever deleted.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import reduce
from itertools import islice
from time import sleep

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.errors import Absent, Conflict, Refused, Unavailable
from vouchsafe.pure.facts import joined
from vouchsafe.pure.shard import shard_of
from vouchsafe.pure.value import Entry, Payment, Value, after, in_turn, paid
from vouchsafe.pure.value_moves import Standing

DAY_SHARDS = 8
# Of several who pay with one value at a time each comes in turn: about three seconds in all.
_ATTEMPTS = 16
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5
_BALANCE = "balance"
_ENTRIES = "entry#"
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
_dice = random.SystemRandom()

Decide = Callable[[Standing], tuple[Entry, ...]]


class ByDay(GlobalSecondaryIndex["ValueItem"]):
    """Entries by their business day, and balances by their last one; spread over shards."""

    class Meta:
        index_name = "by_day"
        projection = KeysOnlyProjection()

    day_shard = UnicodeAttribute(hash_key=True)
    day_sort = UnicodeAttribute(range_key=True)


class ByPromotion(GlobalSecondaryIndex["ValueItem"]):
    """Balances that are not spent, by promotion and code."""

    class Meta:
        index_name = "by_promotion"
        projection = KeysOnlyProjection()

    promotion_id = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class ValueItem(Model):
    """A balance (`version`), an entry, or what the value paid of an order; each as `body`."""

    class Meta:
        table_name = setting("VALUES_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    by_day = ByDay()
    by_promotion = ByPromotion()
    version = NumberAttribute(null=True)
    body = UnicodeAttribute()
    day_shard = UnicodeAttribute(null=True)
    day_sort = UnicodeAttribute(null=True)
    promotion_id = UnicodeAttribute(null=True)


class _Raced(Exception):
    """Somebody else wrote first, or is at one of the items: read again."""


def get(code: str) -> Value | None:
    """The balance of a canonical code, read consistently."""
    return read(code).value


def read(code: str, *, order: str = "", payment: str = "", cause: str = "") -> Standing:
    """What stands of a value, consistently, in one call: its balance, what that payment of an
    order was, and the entry of that cause."""
    places = [_BALANCE]
    if order:
        places.append(_place_of(order, payment))
    if cause:
        places.append(f"{_ENTRIES}{cause}")
    with translated("values"):
        keys = [(_of(code), place) for place in places]
        found = {item.sk: item.body for item in ValueItem.batch_get(keys, consistent_read=True)}
    balance, pays = found.get(_BALANCE), found.get(_place_of(order, payment))
    entry = found.get(f"{_ENTRIES}{cause}")
    return Standing(
        value=codec.loads(Value, balance) if balance else None,
        payment=codec.loads(Payment, pays) if pays else None,
        entry=codec.loads(Entry, entry) if entry else None,
    )


def move(
    code: str, decide: Decide, *, order: str = "", payment: str = "", cause: str = ""
) -> Standing:
    """What stands once the decision is written; decided anew after each race and lost answer.

    Raises what `decide` raises, and Unavailable where nobody could tell in time: asking again
    then tells.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            sleep(_dice.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)))
        seen = read(code, order=order, payment=payment, cause=cause)
        try:
            entries = decide(seen)
            return _commit(seen, entries) if entries else seen
        except (Absent, Conflict):
            # Another's write may have fallen between the items that were read; it may be our own
            # repeat's, and then this is no refusal.
            if read(code, order=order, payment=payment, cause=cause) == seen:
                raise
        except (_Raced, Unavailable):
            # After a lost answer too the entry tells what happened: it stands, or it does not.
            continue
    raise Unavailable("values: too many at once")


def put(seen: Standing, entries: Sequence[Entry], transaction: TransactWrite) -> None:
    """Keeps entries and what they make of the value, within that transaction."""
    stands = with_entries(seen, entries)
    for entry in entries:
        transaction.save(_entry_item(entry), ValueItem.pk.does_not_exist())
    if stands.value is not None:
        transaction.save(_balance_item(stands.value), _as_read(seen.value))
    if stands.payment is not None and stands.payment != seen.payment:
        item = _payment_item(entries[-1].terms.code, stands.payment)
        transaction.save(item, _as_paid(seen.payment))


def with_entries(seen: Standing, entries: Sequence[Entry]) -> Standing:
    """What stands after the entries; they are all of the payment that was read, or of none."""
    last = entries[-1]
    return Standing(
        value=reduce(after, entries, seen.value),
        payment=paid(seen.payment, last),
        entry=last,
    )


def entries_of(code: str) -> list[Entry]:
    """All entries of a value, in the order in which they were made, read consistently."""
    with translated("values"):
        found = ValueItem.query(_of(code), ValueItem.sk.startswith(_ENTRIES), consistent_read=True)
        return in_turn(codec.loads(Entry, item.body) for item in found)


def moved_on(day: date) -> Iterator[Entry]:
    """Every entry of a business day, shard by shard."""
    for shard in range(DAY_SHARDS):
        for body in _bodies(_day_shard("moved", day, shard)):
            yield codec.loads(Entry, body)


def ending_on(day: date) -> Iterator[Value]:
    """Every value whose last business day that is, shard by shard."""
    for shard in range(DAY_SHARDS):
        for body in _bodies(_day_shard("ends", day, shard)):
            yield codec.loads(Value, body)


def outstanding(promotion_id: str, behind: str | None, most: int) -> list[Value]:
    """A promotion's values of which something is left, by code, from behind that code on."""
    condition = ValueItem.pk > _of(behind) if behind is not None else None
    with translated("values"):
        found = ValueItem.by_promotion.query(promotion_id, condition, limit=most)
        keys = [(item.pk, item.sk) for item in found]
        held = ValueItem.batch_get(keys, consistent_read=True)
        values = [codec.loads(Value, item.body) for item in held]
    return sorted(values, key=lambda each: each.terms.code)


def all_values() -> Iterator[Value]:
    """Every balance, in no order: a consistent scan."""
    with translated("values"):
        for item in ValueItem.scan(ValueItem.sk == _BALANCE, consistent_read=True):
            yield codec.loads(Value, item.body)


def _commit(seen: Standing, entries: Sequence[Entry]) -> Standing:
    try:
        stands = with_entries(seen, entries)
    except ValueError as error:
        # Another's write fell between the items that were read.
        raise _Raced from error
    with translated("values"):
        try:
            with TransactWrite(connection=_connection()) as transaction:
                put(seen, entries, transaction)
        except TransactWriteError as error:
            codes = {reason.code or "None" for reason in error.cancellation_reasons if reason}
            if codes and codes <= _RACED:
                raise _Raced from error
            if "ValidationError" in codes:
                raise Refused("values: ValidationError") from error
            raise
    return stands


def _as_read(value: Value | None) -> Condition:
    return ValueItem.version == value.version if value else ValueItem.pk.does_not_exist()


def _as_paid(payment: Payment | None) -> Condition:
    if payment is None:
        return ValueItem.pk.does_not_exist()
    return ValueItem.body == codec.dumps(payment)


def _connection() -> Connection:
    """The connection of the model, so that a transaction needs no client of its own."""
    return ValueItem._get_connection().connection  # noqa: SLF001 (the only way to share it)


def _bodies(shard: str) -> Iterator[str]:
    with translated("values"):
        found = ValueItem.by_day.query(shard)
        while keys := [(item.pk, item.sk) for item in islice(found, 100)]:
            for item in ValueItem.batch_get(keys, consistent_read=True):
                yield item.body


def _entry_item(entry: Entry) -> ValueItem:
    code = entry.terms.code
    return ValueItem(
        _of(code),
        f"{_ENTRIES}{entry.cause}",
        body=codec.dumps(entry),
        day_shard=_day_shard("moved", entry.day, shard_of(code, DAY_SHARDS)),
        day_sort=f"{instant.text(entry.at)}#{code}#{entry.number:09d}",
    )


def _balance_item(value: Value) -> ValueItem:
    terms = value.terms
    return ValueItem(
        _of(terms.code),
        _BALANCE,
        version=value.version,
        body=codec.dumps(value),
        day_shard=_day_shard("ends", terms.expires_on, shard_of(terms.code, DAY_SHARDS)),
        day_sort=terms.code,
        promotion_id=terms.promotion_id if value.outstanding_minor() else None,
    )


def _payment_item(code: str, payment: Payment) -> ValueItem:
    place = _place_of(payment.order, payment.payment)
    return ValueItem(_of(code), place, body=codec.dumps(payment))


def _of(code: str) -> str:
    return f"value#{code}"


def _place_of(order: str, payment: str) -> str:
    return joined(("payment", order, payment))


def _day_shard(what: str, day: date, shard: int) -> str:
    return f"{what}#{day.isoformat()}#{shard:02d}"
