"""Every event gives exactly the facts that stand beside it, by webhook and by pull."""

import pytest

from tests.sources.events import EVENTS, Event, platforms, room_of, stems, told

PAIRS = [(platform, stem) for platform in platforms() for stem in stems(platform)]
SUFFIXES = (".facts.json", ".delivery.json", ".document.json", ".json")


@pytest.mark.parametrize(("platform", "stem"), PAIRS)
def test_an_event_gives_its_facts(platform: str, stem: str) -> None:
    event = Event(room=room_of(platform), stem=stem)

    if event.is_webhook:
        assert told(event.heard) == event.facts_file()
    if event.is_document:
        # A document asks for nothing to be fetched and for nobody to be forgotten.
        said = ("facts", "touchpoints", "sightings", "unreadable")
        judged = {k: v for k, v in event.facts_file().items() if k in said}
        assert told(event.pulled) == judged


@pytest.mark.parametrize("platform", platforms())
def test_no_file_of_events_stands_alone(platform: str) -> None:
    for path in (EVENTS / platform).iterdir():
        suffix = next(each for each in SUFFIXES if path.name.endswith(each))

        assert path.name.removesuffix(suffix) in stems(platform), path.name
