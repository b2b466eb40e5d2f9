"""Every event gives exactly the facts that stand beside it, by webhook and by pull."""

import pytest

from tests.sources.events import Event, platforms, room_of, stems, told

PAIRS = [(platform, stem) for platform in platforms() for stem in stems(platform)]


@pytest.mark.parametrize(("platform", "stem"), PAIRS)
def test_an_event_gives_its_facts(platform: str, stem: str) -> None:
    event = Event(room=room_of(platform), stem=stem)

    if event.is_webhook:
        assert told(event.heard) == event.facts_file()
    if event.is_document:
        assert told(event.pulled) == event.facts_file()


def test_every_file_of_events_belongs_to_a_pair() -> None:
    for platform in platforms():
        for path in Event(room=room_of(platform), stem="").path("").parent.iterdir():
            stem = path.name.removesuffix(".json")
            for suffix in (".facts", ".delivery", ".document"):
                stem = stem.removesuffix(suffix)
            assert stem in stems(platform), path.name
