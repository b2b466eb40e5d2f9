"""What platforms began to say otherwise: each drift once, each parked delivery counted once.

A drift and the marks of the deliveries that show it lie together; a repeat writes the same marks.
Written by streams/drift.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import instant
from vouchsafe.pure.drift import Drift, Kind, Seen
from vouchsafe.pure.facts import joined, parted

_ITSELF = "drift"
_MARKS = "parked#"
# Longer than anything stays parked.
_LIFE = timedelta(days=60)


class DriftItem(Model):
    """A drift, or the mark of one parked delivery that shows it."""

    class Meta:
        table_name = setting("DRIFT_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    first_at = UnicodeAttribute(null=True)
    last_at = UnicodeAttribute(null=True)
    told_at = UnicodeAttribute(null=True)
    sample = UnicodeAttribute(null=True)
    gone_at = NumberAttribute(null=True)


def mark(drift: Drift, key: str, at: datetime) -> Seen:
    """Notes that the delivery parked under that key shows the drift; how it stands with it now."""
    gone_at = int((at + _LIFE).timestamp())
    item = DriftItem(_place(drift), _ITSELF)
    with translated("drift"):
        DriftItem(_place(drift), f"{_MARKS}{key}", gone_at=gone_at).save(
            add_version_condition=False
        )
        item.update(
            actions=[
                DriftItem.first_at.set(DriftItem.first_at | instant.text(at)),
                DriftItem.last_at.set(instant.text(at)),
                DriftItem.sample.set(key),
                DriftItem.gone_at.set(gone_at),
            ],
            add_version_condition=False,
        )
    return _seen(item)


def told(drift: Drift, at: datetime) -> None:
    """Notes that somebody was told of it."""
    with translated("drift"):
        DriftItem(_place(drift), _ITSELF).update(
            actions=[DriftItem.told_at.set(instant.text(at))], add_version_condition=False
        )


def everything() -> Iterator[Seen]:
    """Every drift that was ever seen and is not forgotten, one platform after another."""
    with translated("drift"):
        found = [item for item in DriftItem.scan(consistent_read=True) if item.sk == _ITSELF]
    yield from (_seen(item) for item in sorted(found, key=lambda item: item.pk))


def _seen(item: DriftItem) -> Seen:
    platform, kind, place, rule = parted(item.pk)
    with translated("drift"):
        count = DriftItem.count(item.pk, DriftItem.sk.startswith(_MARKS), consistent_read=True)
    return Seen(
        drift=Drift(platform=platform, kind=cast(Kind, kind), place=place, rule=rule),
        count=count,
        first_at=instant.parse(item.first_at or ""),
        last_at=instant.parse(item.last_at or ""),
        sample=item.sample or "",
        told_at=instant.parse(item.told_at) if item.told_at else None,
    )


def _place(drift: Drift) -> str:
    return joined((drift.platform, drift.kind, drift.place, drift.rule))
