"""Where people were seen, by identity key and time; told by the console and by sources.

A touchpoint never changes. Beside the people's, one marker stands for each code and campaign that
was ever given to anybody, so that "was this published at all?" is one look.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from vouchsafe.edge import item as items
from vouchsafe.edge.outage import translated
from vouchsafe.edge.settings import setting
from vouchsafe.pure import codec, instant
from vouchsafe.pure.facts import joined
from vouchsafe.pure.touchpoint import Touchpoint

_FIRST = "first"


class TouchpointItem(Model):
    """A touchpoint as JSON under person and instant, or a publication's marker without one."""

    class Meta:
        table_name = setting("TOUCHPOINTS_TABLE")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute(null=True)


def write(touchpoints: Iterable[Touchpoint]) -> None:
    """Keeps touchpoints; a repeat writes the same items again."""
    held = list(touchpoints)
    markers = dict.fromkeys(marker for each in held for marker in _markers(each))
    with translated("touchpoints"), TouchpointItem.batch_write() as batch:
        for each in held:
            batch.save(TouchpointItem(*_place(each), body=codec.dumps(each)))
        for marker in markers:
            batch.save(TouchpointItem(marker, _FIRST))


def keep(touchpoints: Iterable[Touchpoint]) -> int:
    """Keeps those that are not there yet; how many they were."""
    held = {_place(each): each for each in touchpoints}
    if not held:
        return 0
    there = {_place(each) for each in standing(held.values())}
    new = [each for place, each in held.items() if place not in there]
    write(new)
    return len(new)


def standing(touchpoints: Iterable[Touchpoint]) -> list[Touchpoint]:
    """What stands at the places of those touchpoints already."""
    places = list(dict.fromkeys(map(_place, touchpoints)))
    with translated("touchpoints"):
        return list(_touchpoints(TouchpointItem.batch_get(places, consistent_read=True)))


def of_person(customer: str, since: datetime, until: datetime) -> list[Touchpoint]:
    """What was seen of one identity key in `[since, until)`, oldest first."""
    within = TouchpointItem.sk.between(instant.text(since), instant.text(until))
    with translated("touchpoints"):
        found = TouchpointItem.query(customer, within, consistent_read=True)
        return list(_touchpoints(found))


def latest_of_person(customer: str, until: datetime, most: int) -> list[Touchpoint]:
    """The last touchpoints of one identity key before an instant, newest first."""
    before = TouchpointItem.sk < instant.text(until)
    with translated("touchpoints"):
        found = TouchpointItem.query(
            customer, before, consistent_read=True, scan_index_forward=False, limit=most
        )
        return list(_touchpoints(found))


def published(code: str) -> bool:
    """Whether that canonical code was ever given to anybody."""
    return _marked(_code_marker(code))


def published_in(campaign_id: str) -> bool:
    """Whether the campaign was ever given to anybody, without naming a code."""
    return _marked(_campaign_marker(campaign_id))


def is_marker(pk: str) -> bool:
    """Whether a stream record's key is a publication's marker, and no person's."""
    return pk.startswith("published#")


def from_image(image: items.Image) -> Touchpoint:
    """The touchpoint of a stream record's image."""
    return codec.loads(Touchpoint, str(items.attributes(image)["body"]))


def _place(touchpoint: Touchpoint) -> tuple[str, str]:
    """Under the person, by time."""
    return touchpoint.customer, joined((instant.text(touchpoint.seen_at), touchpoint.touchpoint_id))


def _marked(marker: str) -> bool:
    with translated("touchpoints"):
        return TouchpointItem.count(marker, limit=1, consistent_read=True) > 0


def _markers(touchpoint: Touchpoint) -> Iterator[str]:
    if touchpoint.kind == "publication" and touchpoint.code:
        yield _code_marker(touchpoint.code)
    elif touchpoint.kind == "publication" and touchpoint.campaign_id:
        yield _campaign_marker(touchpoint.campaign_id)


def _code_marker(code: str) -> str:
    return joined(("published", "code", code))


def _campaign_marker(campaign_id: str) -> str:
    return joined(("published", "campaign", campaign_id))


def _touchpoints(found: Iterable[TouchpointItem]) -> Iterator[Touchpoint]:
    return (codec.loads(Touchpoint, item.body) for item in found)
