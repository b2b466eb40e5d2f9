"""Stock levels in their table: the newest count of a sku at a place, in any order of arrival."""

from collections.abc import Iterable
from datetime import timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from vouchsafe.edge.outage import code_of, translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import instant
from vouchsafe.pure.facts import joined
from vouchsafe.pure.stock import Level

# A count that nobody relies on any more can still be looked up for a while.
_KEPT = timedelta(days=7)
_EVERYWHERE = "everywhere"


class StockItem(Model):
    """One count: a partition holds a sku of an account at all of its places."""

    class Meta:
        table_name = setting("STOCK_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    sku = UnicodeAttribute()
    location_id = UnicodeAttribute(null=True)
    left = NumberAttribute()
    counted_at = UnicodeAttribute()
    good_until = UnicodeAttribute()
    gone_at = NumberAttribute()


def keep(platform: str, account: str, level: Level) -> bool:
    """Keeps a count unless a newer one is there; of two at one instant the lower one."""
    counted_at = instant.text(level.counted_at)
    item = StockItem(
        joined((platform, account, level.sku)),
        _place(level.location_id),
        sku=level.sku,
        location_id=level.location_id,
        left=level.left,
        counted_at=counted_at,
        good_until=instant.text(level.good_until),
        gone_at=int((level.good_until + _KEPT).timestamp()),
    )
    is_news = (
        StockItem.pk.does_not_exist()
        | (StockItem.counted_at < counted_at)
        | ((StockItem.counted_at == counted_at) & (StockItem.left > level.left))
    )
    with translated("stock"):
        try:
            item.save(is_news, add_version_condition=False)
        except PutError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise
    return True


def levels(
    platform: str, account: str, skus: Iterable[str], location_id: str | None
) -> list[Level]:
    """The counts of skus at a place and of the whole account."""
    places = {_place(None), _place(location_id)}
    keys = [(joined((platform, account, sku)), place) for sku in skus for place in places]
    with translated("stock"):
        return [_level(item) for item in StockItem.batch_get(keys)]


def of_sku(platform: str, account: str, sku: str) -> list[Level]:
    """The counts of a sku at every place, that of the whole account first."""
    with translated("stock"):
        found = [_level(item) for item in StockItem.query(joined((platform, account, sku)))]
    return sorted(found, key=lambda each: each.location_id or "")


def _place(location_id: str | None) -> str:
    return _EVERYWHERE if location_id is None else joined(("at", location_id))


def _level(item: StockItem) -> Level:
    return Level(
        sku=item.sku,
        left=int(item.left),
        counted_at=instant.parse(item.counted_at),
        good_until=instant.parse(item.good_until),
        location_id=item.location_id,
    )
