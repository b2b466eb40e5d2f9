"""The ledger: one item for each fact, put once and never changed but to forget a person."""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby
from operator import or_
from typing import cast

from pynamodb.attributes import (
    BinaryAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from vouchsafe.edge.item import pack, unpack
from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.session import client
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.facts import (
    Body,
    Fact,
    GoneSaid,
    Kind,
    OrderKey,
    OrderSaid,
    PaymentSaid,
    RefundSaid,
    joined,
    parted,
)

# A DynamoDB item holds 400 KB with its names and keys; what is larger lies in S3.
_LARGEST_BODY = 380_000
_BODIES: dict[str, type[Body]] = {
    "order": OrderSaid,
    "refund": RefundSaid,
    "payment": PaymentSaid,
    "gone": GoneSaid,
}


class FactItem(Model):
    """`body` is packed JSON; `oversize` names the S3 object that holds it instead."""

    class Meta:
        table_name = setting("FACTS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = BinaryAttribute(legacy_encoding=False, null=True)
    oversize = UnicodeAttribute(null=True)
    received_at = UnicodeAttribute()
    source = UnicodeAttribute()
    reader = NumberAttribute()
    customer = ListAttribute(of=UnicodeAttribute, null=True)


def append(fact: Fact) -> bool:
    """Puts the fact down, in one conditional write. False where it was there already.

    Raises Unavailable when the outcome is unknown: appending again is then harmless.
    """
    item = _item(fact)
    with translated("facts"):
        try:
            item.save(condition=FactItem.pk.does_not_exist(), add_version_condition=False)
        except PutError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise
    return True


def of_order(order: str) -> list[Fact]:
    """All facts of an order, read consistently; `order` is the text of its key."""
    with translated("facts"):
        return [_fact(item) for item in FactItem.query(order, consistent_read=True)]


def digest_before(fact: Fact) -> str | None:
    """The digest of the newest fact of the same object that is no newer than this one; None where
    there is none. Read consistently, and by its key alone."""
    object_key = joined((fact.kind, fact.object_id))
    # A digest is hexadecimal: below the tilde, like all that may stand in a key's last part.
    until = f"{object_key}#{joined((fact.version,))}#~"
    with translated("facts"):
        found = FactItem.query(
            fact.order.text(),
            FactItem.sk.between(f"{object_key}#", until),
            consistent_read=True,
            scan_index_forward=False,
            limit=1,
            attributes_to_get=["pk", "sk"],
        )
        return next((parted(item.sk)[-1] for item in found), None)


def all_orders(segment: int = 0, segments: int = 1) -> Iterator[tuple[str, list[Fact]]]:
    """Every order's facts, one order after the other: a scan of the whole ledger, or a segment."""
    with translated("facts"):
        items = FactItem.scan(segment=segment, total_segments=segments, consistent_read=True)
        for order, held in groupby(items, key=lambda item: item.pk):
            yield order, [_fact(item) for item in held]


def forget(order: str) -> int:
    """Takes identity out of all facts of an order; how many held one."""
    touched = 0
    with translated("facts"):
        for item in FactItem.query(order, consistent_read=True):
            if item.customer:
                item.update(actions=[FactItem.customer.remove()])
                touched += 1
    return touched


def orders_of_account(platform: str, account: str, segment: int, segments: int) -> Iterator[str]:
    """The keys of an account's orders in a part of the ledger: a scan."""
    prefix = OrderKey(platform=platform, account=account, order_id="").text()
    return _orders(FactItem.pk.startswith(prefix), segment, segments)


def orders_naming(keys: Sequence[str], segment: int, segments: int) -> Iterator[str]:
    """The keys of orders of which any fact in a part of the ledger names any of these people: a
    scan, for an index knows the strongest key of each order alone."""
    named = [FactItem.customer.contains(key) for key in keys]
    return _orders(reduce(or_, named), segment, segments) if named else iter(())


def _orders(which: Condition, segment: int, segments: int) -> Iterator[str]:
    with translated("facts"):
        items = FactItem.scan(
            which,
            segment=segment,
            total_segments=segments,
            attributes_to_get=["pk"],
            consistent_read=True,
        )
        for order, _ in groupby(items, key=lambda item: item.pk):
            yield order


def _item(fact: Fact) -> FactItem:
    order, fact_id = fact.order.text(), fact.fact_id()
    packed = pack(codec.plain(fact.body))
    item = FactItem(
        order,
        fact_id,
        received_at=instant.text(fact.received_at),
        source=fact.source_digest[:32],
        reader=fact.reader,
        customer=[*fact.customer] if fact.customer else None,
    )
    if len(packed) <= _LARGEST_BODY:
        item.body = packed
    else:
        item.oversize = _put_aside(f"{order}/{fact_id}", packed)
    return item


def _fact(item: FactItem) -> Fact:
    kind, object_id, version, _ = parted(item.sk)
    packed = _fetched(item.oversize) if item.oversize else item.body
    return Fact(
        order=OrderKey.of(item.pk),
        kind=cast(Kind, kind),
        object_id=object_id,
        version=version,
        body=codec.from_plain(_BODIES[kind], unpack(packed)),
        source_digest=item.source,
        reader=int(item.reader),
        received_at=instant.parse(item.received_at),
        customer=tuple(map(str, item.customer or ())),
    )


def _put_aside(key: str, packed: bytes) -> str:
    """The body goes to S3 before the fact that names it; a repeat writes the same bytes."""
    with translated("oversize"):
        client("s3").put_object(Bucket=setting("OVERSIZE_BUCKET"), Key=key, Body=packed)
    return key


def _fetched(key: str) -> bytes:
    with translated("oversize"):
        found = client("s3").get_object(Bucket=setting("OVERSIZE_BUCKET"), Key=key)
        return bytes(found["Body"].read())
