"""Credits: the verdict on each redemption, one item each, and the one way to move the sums.

A credit, the sums that it moved, and its revision change in one transaction, under the condition
that the credit is still the one that was read. So nothing is counted twice or lost, whatever is
repeated, raced or cut off.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge import insight_table, redemptions_table
from vouchsafe.edge import item as items
from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.credit import (
    Counters,
    Credit,
    RowKey,
    contribution,
    difference,
    total,
)
from vouchsafe.pure.errors import Refused

# DynamoDB developer guide, TransactWriteItems, read 2026-09: at most 100 items in one.
MOST_ITEMS = 100
_RACED = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_BULK = ("shares",)
_INTEGERS = ("facts_seen", "register_revision", "touches_seen")
_SAID = frozenset(field.name for field in fields(Credit))


class CreditItem(Model):
    """The fields of a Credit, flat; its shares, and what it moved in Insight, packed in `body`."""

    class Meta:
        table_name = setting("CREDITS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    revision = UnicodeAttribute()
    moved = BinaryAttribute(legacy_encoding=False)

    platform = UnicodeAttribute()
    account = UnicodeAttribute()
    order_id = UnicodeAttribute()
    item_id = UnicodeAttribute()
    code = UnicodeAttribute(null=True)
    state = UnicodeAttribute()
    currency = UnicodeAttribute()
    business_day = UnicodeAttribute()
    redeemed_at = UnicodeAttribute()
    facts_seen = NumberAttribute()
    register_revision = NumberAttribute()
    discount_minor = NumberAttribute()
    returned_minor = NumberAttribute(null=True)
    revenue_minor = NumberAttribute(null=True)
    no_effect = BooleanAttribute(null=True)
    was_confirmed = BooleanAttribute(null=True)
    touches_seen = NumberAttribute(null=True)
    influence_class = UnicodeAttribute(null=True)
    evidence = ListAttribute(of=UnicodeAttribute, null=True)
    low_value = BooleanAttribute(null=True)
    campaigns = ListAttribute(of=UnicodeAttribute, null=True)
    leaked_from = ListAttribute(of=UnicodeAttribute, null=True)
    leads = BooleanAttribute(null=True)
    leads_for = ListAttribute(of=UnicodeAttribute, null=True)
    order_kept_minor = NumberAttribute(null=True)
    body = BinaryAttribute(legacy_encoding=False, null=True)


@dataclass(frozen=True, slots=True)
class Held:
    """A credit as it lies in the table, and what it moved in Insight when it was written."""

    credit: Credit
    moved: Counters
    revision: str


@dataclass(frozen=True)
class Move:
    """From what is held (None: nothing) to a new credit (None: it is taken back).

    `ahead` of the redemption's own record: the credit is written only while the redemption is
    there, for if that is gone its record was here already, and nobody takes the credit back.
    """

    order: str
    item_id: str
    held: Held | None
    credit: Credit | None
    ahead: bool = False

    @cached_property
    def moved(self) -> Counters:
        """What the new credit adds to Insight."""
        return contribution(self.credit) if self.credit else {}

    @cached_property
    def changes(self) -> Counters:
        """What Insight must change by."""
        return difference(self.moved, self.held.moved if self.held else {})


def of_order(order: str) -> dict[str, Held]:
    """An order's credits by item id, read consistently."""
    with translated("credits"):
        found = CreditItem.query(order, consistent_read=True)
        return {item.sk: _held(item) for item in found}


def of_items(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Held]:
    """The credits at (order, item id), read consistently, a hundred in a call."""
    with translated("credits"):
        found = CreditItem.batch_get(list(keys), consistent_read=True)
        return {(item.pk, item.sk): _held(item) for item in found}


def all_credits(segment: int = 0, segments: int = 1) -> Iterator[Held]:
    """Every credit of the table, or of a segment: a consistent scan."""
    with translated("credits"):
        found = CreditItem.scan(segment=segment, total_segments=segments, consistent_read=True)
        for item in found:
            yield _held(item)


def packs(moves: Iterable[Move]) -> list[list[Move]]:
    """The moves in as few transactions as hold them: 100 items each, credits and rows of sums."""
    full: list[list[Move]] = []
    pack: list[Move] = []
    items, rows = 0, set[RowKey]()
    for move in moves:
        own, touched = 1 + move.ahead, move.changes.keys()
        if pack and items + own + len(rows | touched) > MOST_ITEMS:
            full.append(pack)
            pack, items, rows = [], 0, set()
        pack.append(move)
        items += own
        rows |= touched
    return [*full, pack] if pack else full


def commit(moves: Sequence[Move]) -> bool:
    """Writes the moves and their sums, all or nothing. False where another writer was faster.

    Raises Unavailable where the outcome may be unknown: reading again tells. Raises Refused for
    what no repetition can mend.
    """
    with translated("credits"):
        try:
            with TransactWrite(connection=_connection()) as transaction:
                for move in moves:
                    _put_into(transaction, move)
                insight_table.add(transaction, total(move.changes for move in moves))
        except TransactWriteError as error:
            return _raced(error)
    return True


def _connection() -> Connection:
    """The connection of the model, so that a transaction needs no client of its own."""
    return CreditItem._get_connection().connection  # noqa: SLF001 (the only way to share it)


def _put_into(transaction: TransactWrite, move: Move) -> None:
    condition = (
        CreditItem.revision == move.held.revision
        if move.held
        else CreditItem.revision.does_not_exist()
    )
    if move.ahead:
        redemptions_table.must_stand(transaction, move.order, move.item_id)
    if move.credit is None:
        gone = CreditItem(move.order, move.item_id)
        transaction.delete(gone, condition, add_version_condition=False)
    else:
        transaction.save(CreditItem(**_attributes(move.credit, move.moved)), condition)


def _raced(error: TransactWriteError) -> bool:
    """False if all that went wrong is a race; raises otherwise."""
    codes = {reason.code for reason in error.cancellation_reasons if reason}
    if codes and codes <= _RACED:
        return False
    if "ValidationError" in codes:
        raise Refused("credits: ValidationError") from error
    raise error


def _attributes(credit: Credit, moved: Counters) -> dict[str, Any]:
    said = items.flat(codec.plain(credit), _BULK)
    packed = items.pack([[*key, row] for key, row in sorted(moved.items())])
    return {
        **said,
        "pk": credit.key.text(),
        "sk": credit.item_id,
        "moved": packed,
        "revision": sha256(codec.dumps(credit).encode() + packed).hexdigest()[:24],
    }


def _held(item: CreditItem) -> Held:
    moved = items.unpack(item.moved)
    return Held(
        credit=_credit({n: v for n, v in item.attribute_values.items() if v is not None}),
        moved={RowKey(pk, sk): row for pk, sk, row in moved},
        revision=item.revision,
    )


def _credit(attributes: Mapping[str, Any]) -> Credit:
    said = items.unflat(attributes) | {
        "code": attributes.get("code"),
        "register_revision": attributes["register_revision"],
    }
    plain = {name: value for name, value in said.items() if name in _SAID}
    for name in (*_INTEGERS, *(each for each in plain if each.endswith("_minor"))):
        if name in plain:
            plain[name] = int(plain[name])
    return codec.from_plain(Credit, plain)
