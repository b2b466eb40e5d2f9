"""Orders that our own API was told, as they stand, beside their claims: shops without a till."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure.errors import Conflict
from vouchsafe.pure.facts import joined, parted
from vouchsafe.pure.told_order import ToldOrder

# The ledger keeps them for ever; here they are asked for as long as goods come back.
_KEPT = timedelta(days=400)


class ToldOrderItem(Model):
    """An order, whole."""

    class Meta:
        table_name = setting("USES_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    gone_at = NumberAttribute()
    told = BinaryAttribute(legacy_encoding=False)


def get(order: str) -> ToldOrder | None:
    """The order as it stands, read consistently."""
    with translated("orders told"):
        try:
            item = ToldOrderItem.get(*_place(order), consistent_read=True)
        except ToldOrderItem.DoesNotExist:
            return None
    return ToldOrder.model_validate_json(item.told)


def put(order: str, told: ToldOrder, now: datetime) -> None:
    """Keeps the order's next version. Raises Conflict where somebody was faster."""
    item = ToldOrderItem(
        *_place(order),
        version=told.version,
        gone_at=int((now + _KEPT).timestamp()),
        told=told.model_dump_json(exclude_defaults=True).encode(),
    )
    before = ToldOrderItem.version == told.version - 1
    first = ToldOrderItem.pk.does_not_exist()
    with translated("orders told"):
        try:
            item.save(condition=first if told.version == 1 else before, add_version_condition=False)
        except PutError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            raise Conflict("the order was changed meanwhile: ask again") from error


def naming(keys: Sequence[str], account: str, segment: int, segments: int) -> Iterator[str]:
    """The orders in a part of the table that name any of the people, or anybody where they are of
    the account that their keys begin with: a consistent scan."""
    with translated("orders told"):
        found = ToldOrderItem.scan(
            ToldOrderItem.told.exists(),
            segment=segment,
            total_segments=segments,
            consistent_read=True,
        )
        for item in found:
            _, order = parted(item.pk)
            people = ToldOrder.model_validate_json(item.told).customer
            of_account = bool(account) and order.startswith(account)
            if people and (of_account or not frozenset(people).isdisjoint(keys)):
                yield order


def forget(order: str, now: datetime) -> None:
    """Takes out whose order it is. Raises Conflict where somebody changed it meanwhile."""
    told = get(order)
    if told and told.customer:
        put(order, told.model_copy(update={"customer": (), "version": told.version + 1}), now)


def _place(order: str) -> tuple[str, str]:
    return joined(("told", order)), "order"
