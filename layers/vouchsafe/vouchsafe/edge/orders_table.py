"""Orders as they stand, one item each, written by projection alone."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import PutError
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from vouchsafe.edge import item as items
from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.facts import joined
from vouchsafe.pure.order import Order
from vouchsafe.pure.shard import shard_of

DAY_SHARDS = 16
_BULK = ("charged", "lines", "past", "signals")


class ByDay(GlobalSecondaryIndex["OrderItem"]):
    """By business day, and account and location within it; a day is spread over shards."""

    class Meta:
        index_name = "by_day"
        projection = KeysOnlyProjection()

    day_shard = UnicodeAttribute(hash_key=True)
    day_sort = UnicodeAttribute(range_key=True)


class ByCustomer(GlobalSecondaryIndex["OrderItem"]):
    """By a person's strongest identity key and time; absent for tests and where nobody is known."""

    class Meta:
        index_name = "by_customer"
        projection = KeysOnlyProjection()

    customer_key = UnicodeAttribute(hash_key=True)
    customer_sort = UnicodeAttribute(range_key=True)


class OrderItem(Model):
    """The fields of an Order, flat; its lines, discounts and past generations packed in `body`."""

    class Meta:
        table_name = setting("ORDERS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    by_day = ByDay()
    by_customer = ByCustomer()
    customer_key = UnicodeAttribute(null=True)
    customer_sort = UnicodeAttribute(null=True)
    day_shard = UnicodeAttribute()
    day_sort = UnicodeAttribute()
    register_revision = NumberAttribute()
    business_day = UnicodeAttribute()

    platform = UnicodeAttribute()
    account = UnicodeAttribute()
    order_id = UnicodeAttribute()
    stage = UnicodeAttribute()
    currency = UnicodeAttribute()
    placed_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    received_at = UnicodeAttribute()
    facts_seen = NumberAttribute()
    confirmed_at = UnicodeAttribute(null=True)
    reversed_at = UnicodeAttribute(null=True)
    reversed_because = UnicodeAttribute(null=True)
    returned_at = UnicodeAttribute(null=True)
    location_id = UnicodeAttribute(null=True)
    staff = UnicodeAttribute(null=True)
    channel = UnicodeAttribute(null=True)
    test = BooleanAttribute(null=True)
    customer = ListAttribute(of=UnicodeAttribute, null=True)
    gross_minor = NumberAttribute(null=True)
    discount_minor = NumberAttribute(null=True)
    tax_minor = NumberAttribute(null=True)
    tip_minor = NumberAttribute(null=True)
    total_minor = NumberAttribute(null=True)
    net_minor = NumberAttribute(null=True)
    refunded_minor = NumberAttribute(null=True)
    returned_net_minor = NumberAttribute(null=True)
    sums_foot = BooleanAttribute(null=True)
    estimated = BooleanAttribute(null=True)
    body = BinaryAttribute(legacy_encoding=False, null=True)


def put(order: Order, business_day: date, register_revision: int) -> bool:
    """Keeps the order, unless one folded from more is there. False if so."""
    item = OrderItem(**_attributes(order, business_day, register_revision))
    seen = OrderItem.facts_seen
    older = (seen < order.facts_seen) | (
        (seen == order.facts_seen) & (OrderItem.register_revision <= register_revision)
    )
    with translated("orders"):
        try:
            item.save(condition=OrderItem.pk.does_not_exist() | older, add_version_condition=False)
        except PutError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise
    return True


def get(order: str) -> tuple[Order, date] | None:
    """The order and its business day, read consistently."""
    with translated("orders"):
        try:
            return _order(OrderItem.get(order, consistent_read=True).attribute_values)
        except OrderItem.DoesNotExist:
            return None


def of_day(day: date, *place: str) -> Iterator[tuple[Order, date]]:
    """The orders of a business day, in no order; `place` narrows them: platform, account, location.

    Memory holds a hundred at a time.
    """
    for shard in range(DAY_SHARDS):
        yield from _of_shard(day, shard, joined((*place, "")) if place else "")


def latest_of_customer(customer: str, most: int) -> list[tuple[str, datetime]]:
    """The last orders of one identity key, newest first: key and when it was placed."""
    with translated("orders"):
        found = OrderItem.by_customer.query(customer, scan_index_forward=False, limit=most)
        return [(item.pk, instant.parse(item.customer_sort.partition("#")[0])) for item in found]


def newest_of_customer(customer: str, most: int) -> list[tuple[Order, date]]:
    """The last orders of one identity key as they stand, in no order; a hundred at most."""
    keys = [order for order, _ in latest_of_customer(customer, most)]
    with translated("orders"):
        return [_order(item.attribute_values) for item in OrderItem.batch_get(keys)]


def all_orders(segment: int = 0, segments: int = 1) -> Iterator[tuple[Order, date]]:
    """Every order, or a segment's: a scan."""
    with translated("orders"):
        for item in OrderItem.scan(segment=segment, total_segments=segments):
            yield _order(item.attribute_values)


def days_changed_since(since: datetime) -> set[date]:
    """The business days of orders that were said anew, came back or went off since: a scan."""
    said = OrderItem.updated_at, OrderItem.returned_at, OrderItem.reversed_at
    updated, returned, reversed_ = (each >= instant.text(since) for each in said)
    with translated("orders"):
        found = OrderItem.scan(
            updated | returned | reversed_, attributes_to_get=["pk", "business_day"]
        )
        return {date.fromisoformat(item.business_day) for item in found}


def from_image(image: items.Image) -> tuple[Order, date]:
    """The order of a stream record's image, and its business day."""
    return _order(items.attributes(image))


def _of_shard(day: date, shard: int, prefix: str) -> Iterator[tuple[Order, date]]:
    within = OrderItem.day_sort.startswith(prefix) if prefix else None
    with translated("orders"):
        found = OrderItem.by_day.query(_day_shard(day, shard), within)
        while keys := [item.pk for item in islice(found, 100)]:
            for item in OrderItem.batch_get(keys, consistent_read=True):
                order, at = _order(item.attribute_values)
                if at == day:
                    yield order, at


def _day_shard(day: date, shard: int) -> str:
    return f"{day.isoformat()}#{shard:02d}"


def _attributes(order: Order, day: date, register_revision: int) -> dict[str, Any]:
    key = order.key.text()
    return {
        **items.flat(codec.plain(order), _BULK),
        **_of_whom(order),
        "pk": key,
        "day_shard": _day_shard(day, shard_of(key, DAY_SHARDS)),
        "day_sort": joined((order.key.platform, order.key.account, order.location_id or "", key)),
        "register_revision": register_revision,
        "business_day": day.isoformat(),
    }


def _of_whom(order: Order) -> dict[str, str]:
    if order.test or not order.customer:
        return {}
    sort = f"{instant.text(order.placed_at)}#{order.key.text()}"
    return {"customer_key": order.customer[0], "customer_sort": sort}


def _order(values: Mapping[str, Any]) -> tuple[Order, date]:
    there = {name: value for name, value in values.items() if value is not None}
    day = date.fromisoformat(there.pop("business_day"))
    plain = items.unflat(there)
    for name in ("facts_seen", *(each for each in plain if each.endswith("_minor"))):
        if name in plain:
            plain[name] = int(plain[name])
    return codec.from_plain(Order, plain), day
