"""Insight: sums by code, campaign, channel and day, moved only together with the credits.

Attribution alone writes here, through `credits_table.commit`, so that at any time the sums equal
a recount of the credits.
"""

from collections.abc import Iterator

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure.credit import Counters, Row, RowKey, bare


class InsightItem(Model):
    """One row of sums: `pk` says of what, `sk` of which day and currency. Absent means 0."""

    class Meta:
        table_name = setting("INSIGHT_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    reserved = NumberAttribute(null=True)
    expired = NumberAttribute(null=True)
    released = NumberAttribute(null=True)
    redeemed = NumberAttribute(null=True)
    lapsed = NumberAttribute(null=True)
    confirmed = NumberAttribute(null=True)
    partially_returned = NumberAttribute(null=True)
    rolled_back = NumberAttribute(null=True)

    no_effect = NumberAttribute(null=True)
    discount_minor = NumberAttribute(null=True)
    returned_minor = NumberAttribute(null=True)
    rolled_back_minor = NumberAttribute(null=True)
    revenue_minor = NumberAttribute(null=True)
    orders = NumberAttribute(null=True)
    influenced_minor = NumberAttribute(null=True)
    campaign_credits = NumberAttribute(null=True)

    caused = NumberAttribute(null=True)
    assisted = NumberAttribute(null=True)
    found_at_checkout = NumberAttribute(null=True)
    leaked = NumberAttribute(null=True)
    leaked_minor = NumberAttribute(null=True)
    unknown = NumberAttribute(null=True)

    first_revenue_minor = NumberAttribute(null=True)
    last_revenue_minor = NumberAttribute(null=True)
    linear_revenue_minor = NumberAttribute(null=True)
    time_decay_revenue_minor = NumberAttribute(null=True)
    position_revenue_minor = NumberAttribute(null=True)
    first_millionths = NumberAttribute(null=True)
    last_millionths = NumberAttribute(null=True)
    linear_millionths = NumberAttribute(null=True)
    time_decay_millionths = NumberAttribute(null=True)
    position_millionths = NumberAttribute(null=True)


_COUNTERS = [name for name in InsightItem.get_attributes() if name not in ("pk", "sk")]


def add(transaction: TransactWrite, changes: Counters) -> None:
    """Puts the changes of each row into a transaction."""
    for key, row in changes.items():
        actions = [getattr(InsightItem, name).add(amount) for name, amount in sorted(row.items())]
        transaction.update(InsightItem(*key), actions, add_version_condition=False)


def correct(changes: Counters) -> None:
    """Adds what a recount found missing, row by row: for a rebuild, while nothing is judged."""
    with translated("insight"):
        for key, row in changes.items():
            actions = [getattr(InsightItem, name).add(by) for name, by in sorted(row.items())]
            InsightItem(*key).update(actions, add_version_condition=False)


def about(pk: str, first_day: str = "0", last_day: str = "~") -> Counters:
    """The rows about one code, campaign, channel, day or account, of days first to last."""
    with translated("insight"):
        found = InsightItem.query(pk, InsightItem.sk.between(first_day, f"{last_day}~"))
        return bare({_key(item): _row(item) for item in found})


def all_rows(segment: int = 0, segments: int = 1) -> Iterator[tuple[RowKey, Row]]:
    """Every row of the table, or of a segment, without zeros: a consistent scan."""
    with translated("insight"):
        found = InsightItem.scan(segment=segment, total_segments=segments, consistent_read=True)
        for item in found:
            yield from bare({_key(item): _row(item)}).items()


def _key(item: InsightItem) -> RowKey:
    return RowKey(item.pk, item.sk)


def _row(item: InsightItem) -> Row:
    values = item.attribute_values
    return {name: int(values[name]) for name in _COUNTERS if values.get(name)}
