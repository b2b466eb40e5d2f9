"""What front ends say that browsers did, by front end and day; told by sources alone."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec
from vouchsafe.pure.facts import joined
from vouchsafe.pure.sighting import Sighting

# Longer than any comparison looks back; the comparisons themselves are kept.
_LIFE = timedelta(days=400)


class SightingItem(Model):
    """A sighting as JSON under the front end's day."""

    class Meta:
        table_name = setting("SIGHTINGS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    gone_at = NumberAttribute(null=True)


def keep(sightings: Iterable[Sighting]) -> int:
    """Keeps what is not there yet or was told otherwise; how many they were."""
    held = {_place(each): each for each in sightings}
    if not held:
        return 0
    with translated("sightings"):
        found = SightingItem.batch_get(list(held), consistent_read=True)
        there = {(item.pk, item.sk): item.body for item in found}
        new = [
            (place, body, each.day)
            for place, each in held.items()
            if there.get(place) != (body := codec.dumps(each))
        ]
        with SightingItem.batch_write() as batch:
            for place, body, day in new:
                batch.save(SightingItem(*place, body=body, gone_at=_gone_at(day)))
    return len(new)


def of_day(platform: str, account: str, day: date) -> Iterator[Sighting]:
    """What was seen on a day of the property."""
    with translated("sightings"):
        found = SightingItem.query(_shelf(platform, account, day), consistent_read=True)
        yield from (codec.loads(Sighting, item.body) for item in found)


def _place(sighting: Sighting) -> tuple[str, str]:
    shelf = _shelf(sighting.platform, sighting.account, sighting.day)
    return shelf, joined((sighting.kind, sighting.transaction_id, sighting.sighting_id))


def _shelf(platform: str, account: str, day: date) -> str:
    return joined((platform, account, day.isoformat()))


def _gone_at(day: date) -> int:
    return int((datetime(day.year, day.month, day.day, tzinfo=UTC) + _LIFE).timestamp())
