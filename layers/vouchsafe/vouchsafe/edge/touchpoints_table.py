"""Where people were seen, by identity key and time; told by the console, sources and people.

A touchpoint never changes; what was told by mistake gets a withdrawal beside it, and nobody meets
it again. Beside the people's, markers stand for each code and campaign that was ever given to
anybody, so that "was this published at all?" is one look.
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
WITHDRAWN = "#withdrawn"


class TouchpointItem(Model):
    """A touchpoint as JSON under person and instant; without one a publication's marker, or that
    the touchpoint just before was withdrawn."""

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
            batch.save(TouchpointItem(*place_of(each), body=codec.dumps(each)))
        for marker in markers:
            batch.save(TouchpointItem(marker, _FIRST))


def keep(touchpoints: Iterable[Touchpoint]) -> int:
    """Keeps those that are not there yet; how many they were."""
    held = {place_of(each): each for each in touchpoints}
    if not held:
        return 0
    there = {place_of(each) for each in standing(held.values())}
    new = [each for place, each in held.items() if place not in there]
    write(new)
    return len(new)


def told_elsewhere(codes: Iterable[str]) -> set[str]:
    """Those of the canonical codes that somebody was given by what sources or files told."""
    places = {(code_marker(code), _FIRST): code for code in codes}
    with translated("touchpoints"):
        found = TouchpointItem.batch_get(list(places), consistent_read=True)
        return {places[item.pk, item.sk] for item in found}


def standing(touchpoints: Iterable[Touchpoint]) -> list[Touchpoint]:
    """What stands at the places of those touchpoints already."""
    places = list(dict.fromkeys(map(place_of, touchpoints)))
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


def forget(customer: str) -> int:
    """Takes all that was seen of one identity key away; how much that was."""
    with translated("touchpoints"):
        found = list(TouchpointItem.query(customer, consistent_read=True))
        with TouchpointItem.batch_write() as batch:
            for item in found:
                batch.delete(item)
    return len(found)


def published(code: str) -> bool:
    """Whether that canonical code was ever given to anybody."""
    return _marked(code_marker(code))


def published_in(campaign_id: str) -> bool:
    """Whether the campaign was ever given to anybody, without naming a code."""
    return _marked(_campaign_marker(campaign_id))


def place_of(touchpoint: Touchpoint) -> tuple[str, str]:
    """Where it lies: under the person, by time."""
    return touchpoint.customer, joined((instant.text(touchpoint.seen_at), touchpoint.touchpoint_id))


def code_marker(code: str) -> str:
    """Under which all lies that tells of a code that it was given to somebody."""
    return joined(("published", "code", code))


def is_marker(pk: str) -> bool:
    """Whether a stream record's key is a publication's marker, and no person's."""
    return pk.startswith("published#")


def from_image(image: items.Image) -> Touchpoint:
    """The touchpoint of a stream record's image."""
    return codec.loads(Touchpoint, str(items.attributes(image)["body"]))


def _marked(marker: str) -> bool:
    with translated("touchpoints"):
        return TouchpointItem.count(marker, limit=1, consistent_read=True) > 0


def _markers(touchpoint: Touchpoint) -> Iterator[str]:
    if touchpoint.kind == "publication" and touchpoint.code:
        yield code_marker(touchpoint.code)
    elif touchpoint.kind == "publication" and touchpoint.campaign_id:
        yield _campaign_marker(touchpoint.campaign_id)


def _campaign_marker(campaign_id: str) -> str:
    return joined(("published", "campaign", campaign_id))


def _touchpoints(found: Iterable[TouchpointItem]) -> Iterator[Touchpoint]:
    """Without those that were withdrawn."""
    held = list(found)
    gone = {item.sk for item in held if not item.body}
    for item in held:
        if item.body and f"{item.sk}{WITHDRAWN}" not in gone:
            yield codec.loads(Touchpoint, item.body)
