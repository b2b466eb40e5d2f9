"""Redemptions, and discounts that stand for no code: one item each, written by projection alone."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import DeleteError, PutError
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge import item as items
from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.facts import OrderKey, joined
from vouchsafe.pure.redemption import Redemption, Unmapped
from vouchsafe.pure.shard import shard_of

Row = Redemption | Unmapped

CODE_SHARDS = 8
_BULK = ("allocation", "where", "other_codes", "came_back")


class ByCode(GlobalSecondaryIndex["RedemptionItem"]):
    """By code and time, spread over shards; unmapped discounts stand under `?platform#account`."""

    class Meta:
        index_name = "by_code"
        projection = KeysOnlyProjection()

    code_shard = UnicodeAttribute(hash_key=True)
    code_sort = UnicodeAttribute(range_key=True)


class ByCustomer(GlobalSecondaryIndex["RedemptionItem"]):
    """By a person's strongest identity key and time; absent where nobody is known."""

    class Meta:
        index_name = "by_customer"
        projection = KeysOnlyProjection()

    customer_key = UnicodeAttribute(hash_key=True)
    customer_sort = UnicodeAttribute(range_key=True)


class RedemptionItem(Model):
    """The fields of a Redemption or an Unmapped, flat; its lists packed in `body`."""

    class Meta:
        table_name = setting("REDEMPTIONS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    by_code = ByCode()
    by_customer = ByCustomer()
    code_shard = UnicodeAttribute()
    code_sort = UnicodeAttribute()
    customer_key = UnicodeAttribute(null=True)
    customer_sort = UnicodeAttribute(null=True)
    register_revision = NumberAttribute()

    platform = UnicodeAttribute()
    account = UnicodeAttribute()
    order_id = UnicodeAttribute()
    state = UnicodeAttribute()
    currency = UnicodeAttribute()
    redeemed_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    business_day = UnicodeAttribute()
    discount_minor = NumberAttribute()
    returned_minor = NumberAttribute(null=True)
    facts_seen = NumberAttribute()
    location_id = UnicodeAttribute(null=True)

    code = UnicodeAttribute(null=True)
    code_raw = UnicodeAttribute(null=True)
    generation = NumberAttribute(null=True)
    received_at = UnicodeAttribute(null=True)
    confirmed_at = UnicodeAttribute(null=True)
    ended_at = UnicodeAttribute(null=True)
    because = UnicodeAttribute(null=True)
    order_gross_minor = NumberAttribute(null=True)
    order_discount_minor = NumberAttribute(null=True)
    order_total_minor = NumberAttribute(null=True)
    revenue_minor = NumberAttribute(null=True)
    staff = UnicodeAttribute(null=True)
    channel = UnicodeAttribute(null=True)
    customer = ListAttribute(of=UnicodeAttribute, null=True)
    promotions = ListAttribute(of=UnicodeAttribute, null=True)
    code_known = BooleanAttribute(null=True)
    no_effect = BooleanAttribute(null=True)
    estimated = BooleanAttribute(null=True)
    body = BinaryAttribute(legacy_encoding=False, null=True)

    discount_id = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    aliases = ListAttribute(of=UnicodeAttribute, null=True)
    name = UnicodeAttribute(null=True)


def put(row: Row, register_revision: int) -> bool:
    """Keeps what was derived, unless something derived from more is there. False if so."""
    item = RedemptionItem(**_attributes(row, register_revision))
    with translated("redemptions"):
        try:
            item.save(
                condition=RedemptionItem.pk.does_not_exist()
                | _older(row.facts_seen, register_revision),
                add_version_condition=False,
            )
        except PutError as error:
            return _refused(error)
    return True


def take_out(order: str, item_id: str, facts_seen: int, register_revision: int) -> bool:
    """Deletes what no longer follows from the facts. False if something newer is there."""
    with translated("redemptions"):
        try:
            RedemptionItem(order, item_id).delete(
                condition=_older(facts_seen, register_revision), add_version_condition=False
            )
        except DeleteError as error:
            return _refused(error)
    return True


def must_stand(transaction: TransactWrite, order: str, item_id: str) -> None:
    """Lets a transaction hold only while the row is there."""
    transaction.condition_check(RedemptionItem, order, item_id, RedemptionItem.pk.exists())


def must_say(transaction: TransactWrite, order: str, item_id: str, row: Row | None) -> None:
    """Lets a transaction hold only while that row says what was read; None: while there is none."""
    condition = RedemptionItem.pk.does_not_exist()
    if row is not None:
        seen = RedemptionItem.facts_seen == row.facts_seen
        condition = seen & (RedemptionItem.state == row.state)
    transaction.condition_check(RedemptionItem, order, item_id, condition)


def of_order(order: str) -> dict[str, Row]:
    """An order's rows by item id, read consistently."""
    with translated("redemptions"):
        found = RedemptionItem.query(order, consistent_read=True)
        return {item.sk: _row(item) for item in found}


def of_items(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """The rows at (order, item id), read consistently, a hundred in a call."""
    with translated("redemptions"):
        found = RedemptionItem.batch_get(list(keys), consistent_read=True)
        return {(item.pk, item.sk): _row(item) for item in found}


def get(order: str, item_id: str) -> Row | None:
    """One row, read consistently."""
    with translated("redemptions"):
        try:
            return _row(RedemptionItem.get(order, item_id, consistent_read=True))
        except RedemptionItem.DoesNotExist:
            return None


def all_rows(segment: int = 0, segments: int = 1) -> Iterator[Row]:
    """Every row of the table, or of a segment: a scan."""
    with translated("redemptions"):
        for item in RedemptionItem.scan(segment=segment, total_segments=segments):
            yield _row(item)


def is_empty() -> bool:
    """Whether nothing was ever redeemed here."""
    with translated("redemptions"):
        return next(iter(RedemptionItem.scan(limit=1)), None) is None


def orders_with_code(code: str) -> Iterator[OrderKey]:
    """Orders on which a canonical code stands, newest shard by shard."""
    for shard in range(CODE_SHARDS):
        with translated("redemptions"):
            for item in RedemptionItem.by_code.query(joined((code, str(shard)))):
                yield OrderKey.of(item.pk)


def orders_with_alias(platform: str, account: str, alias: str) -> Iterator[OrderKey]:
    """Orders with an unmapped discount that the register may know by this alias, any of several.

    Reads every unmapped discount of the account: it is asked only when the register learns.
    """
    for shard in range(CODE_SHARDS):
        yield from _with_alias(joined((_unmapped_of(platform, account), str(shard))), alias)


def _with_alias(shard: str, alias: str) -> Iterator[OrderKey]:
    with translated("redemptions"):
        found = RedemptionItem.by_code.query(shard)
        while keys := [(item.pk, item.sk) for item in islice(found, 100)]:
            for item in RedemptionItem.batch_get(keys):
                if alias in (item.aliases or ()):
                    yield OrderKey.of(item.pk)


def of_customer(customer: str, since: str, until: str) -> Iterator[tuple[str, str]]:
    """(order, item id) of a person's redemptions from `since` to `until`, ISO instants."""
    condition = RedemptionItem.customer_sort.between(since, f"{until}~")
    with translated("redemptions"):
        for item in RedemptionItem.by_customer.query(customer, condition):
            yield item.pk, item.sk


def newest_of_customer(customer: str, most: int) -> list[tuple[str, str]]:
    """(order, item id) of a person's last redemptions, the newest first."""
    with translated("redemptions"):
        found = RedemptionItem.by_customer.query(customer, scan_index_forward=False, limit=most)
        return [(item.pk, item.sk) for item in found]


def from_image(image: items.Image) -> tuple[Row, int]:
    """The row of a stream record's image, and the register's revision it was derived under."""
    attributes = items.attributes(image)
    return _said(attributes), int(attributes["register_revision"])


def _older(facts_seen: int, register_revision: int) -> Any:
    seen = RedemptionItem.facts_seen
    return (seen < facts_seen) | (
        (seen == facts_seen) & (RedemptionItem.register_revision <= register_revision)
    )


def _refused(error: PutError | DeleteError) -> bool:
    if code_of(error) == "ConditionalCheckFailedException":
        return False
    raise error


def _attributes(row: Row, register_revision: int) -> dict[str, Any]:
    order = row.key.text()
    code = (
        row.code if isinstance(row, Redemption) else _unmapped_of(row.key.platform, row.key.account)
    )
    sort = f"{instant.text(row.redeemed_at)}#{order}"
    customer = row.customer[0] if isinstance(row, Redemption) and row.customer else None
    return {
        **items.flat(codec.plain(row), _BULK),
        "pk": order,
        "sk": row.item_id(),
        "code_shard": joined((code, str(shard_of(order, CODE_SHARDS)))),
        "code_sort": sort,
        "customer_key": customer,
        "customer_sort": sort if customer else None,
        "register_revision": register_revision,
    }


def _unmapped_of(platform: str, account: str) -> str:
    return f"?{joined((platform, account))}"


def _row(item: RedemptionItem) -> Row:
    return _said(
        {name: value for name, value in item.attribute_values.items() if value is not None}
    )


def _said(attributes: Mapping[str, Any]) -> Row:
    kind: type[Row] = Redemption if "code" in attributes else Unmapped
    plain = items.unflat(attributes)
    for name in ("facts_seen", "generation", *(each for each in plain if each.endswith("_minor"))):
        if name in plain:
            plain[name] = int(plain[name])
    return codec.from_plain(kind, plain)
