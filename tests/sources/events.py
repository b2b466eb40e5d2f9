"""Events on disk: what arrives (`x.json`), what an API gives (`x.document.json`), what comes of it.

`events/<platform>/<event>[.<situation>].json` is the raw body of a webhook, named by the vendor's
event with dots and slashes as underscores. `.document.json` is a document of the vendor's API.
Beside them `.facts.json` is all that must be heard: where a webhook and a document share it, they
must say the same. `.delivery.json` holds what differs from the room's usual delivery: `headers`,
fields of the `connection`, and the document's `kind`.

    python -m tests.sources.events shopify      writes the missing .facts.json, for you to judge
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from vouchsafe.pure import codec
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unreadable
from vouchsafe.pure.facts import Fact
from vouchsafe.pure.hearing import Delivery, Document, Heard, Read, ReadDocument, Verify
from vouchsafe.pure.identity import identify_with
from vouchsafe.pure.sighting import Sighting
from vouchsafe.pure.touchpoint import Touchpoint

EVENTS = Path(__file__).parents[2] / "events"
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
IDENTIFY = identify_with(b"the identity key of the tests")

Plain = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pulled(Heard):
    """What a document says: also what no webhook ever tells."""

    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Room:
    """All that the suite must know of a room. Paths are such as `line_items[0].price`.

    `headers` gives the vendor's headers for an event (the part of a file's name before its first
    dot), without the signature; `sign` the headers that prove a body under a key at an instant.
    Stems name files of events/<platform>; each may be a webhook's or a document's.
    `aliases` are what the register knows, for platforms without a code field.
    `exempt` gives the reason for each rule of the suite that cannot hold here.
    A platform that never calls us has no `verify`, no `read`, and nothing of a webhook's.
    """

    platform: str
    reader: int
    verify: Verify | None
    read: Read | None
    read_document: ReadDocument | None
    connection: Connection
    two_codes: tuple[str, frozenset[str]]
    zero_decimal: tuple[str, int]
    required: Mapping[str, tuple[str, ...]]
    amounts: Mapping[str, tuple[str, ...]]
    personal: Mapping[str, tuple[str, ...]]
    headers: Callable[[str], Mapping[str, str]] = lambda _: {}
    sign: Callable[[bytes, Connection, str, datetime], Mapping[str, str]] = lambda *_: {}
    signature_header: str = ""
    bound_to: tuple[str, ...] = ()
    genuine: str = ""
    unknown: str = ""
    stale_after_s: int | None = None
    document_kind: str = "order"
    aliases: Mapping[str, str] = field(default_factory=dict)
    exempt: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One stem of events/<platform>, with whichever of its files are there."""

    room: Room
    stem: str

    def path(self, suffix: str) -> Path:
        return EVENTS / self.room.platform / f"{self.stem}{suffix}"

    @property
    def is_webhook(self) -> bool:
        return self.path(".json").exists()

    @property
    def is_document(self) -> bool:
        return self.path(".document.json").exists()

    @property
    def aside(self) -> Plain:
        path = self.path(".delivery.json")
        differing: Plain = json.loads(path.read_bytes()) if path.exists() else {}
        return differing

    @property
    def connection(self) -> Connection:
        return replace(self.room.connection, **self.aside.get("connection", {}))

    def facts_file(self) -> Plain:
        """What must be heard, as somebody judged it."""
        judged: Plain = json.loads(self.path(".facts.json").read_bytes())
        return judged

    def body(self) -> bytes:
        """The webhook's body, else the document's; a file's last newline is the editor's."""
        suffix = ".json" if self.is_webhook else ".document.json"
        return self.path(suffix).read_bytes().removesuffix(b"\n")

    def delivery(self, body: bytes | None = None, received_at: datetime = NOW) -> Delivery:
        """As the vendor would send it, signed with the current key."""
        sent = self.body() if body is None else body
        headers = {
            **self.room.headers(self.stem.partition(".")[0]),
            **self.aside.get("headers", {}),
        }
        connection = self.connection
        if connection.signing_keys:
            headers |= self.room.sign(sent, connection, connection.signing_keys[0], received_at)
        return Delivery(
            platform=self.room.platform,
            account=connection.account,
            headers=headers,
            body=sent,
            received_at=received_at,
        )

    def document(self, body: bytes | None = None) -> Document:
        """As the vendor's API would give it."""
        given = self.path(".document.json").read_bytes().removesuffix(b"\n")
        kind = self.aside.get("kind", self.room.document_kind)
        return Document(kind=kind, body=given if body is None else body)

    def heard(self, body: bytes | None = None, received_at: datetime = NOW) -> Heard:
        """What the room hears in the webhook, else in the document."""
        if self.is_webhook:
            assert self.room.read is not None
            return self.room.read(self.delivery(body, received_at), self.connection, IDENTIFY)
        return self.pulled(body, received_at)

    def pulled(self, body: bytes | None = None, received_at: datetime = NOW) -> Pulled:
        """What the room reads in the document."""
        assert self.room.read_document is not None
        document = self.document(body)
        said = self.room.read_document(document, self.connection, IDENTIFY, received_at)
        facts = tuple(each for each in said if isinstance(each, Fact))
        touchpoints = tuple(each for each in said if isinstance(each, Touchpoint))
        sightings = tuple(each for each in said if isinstance(each, Sighting))
        return Pulled(
            event=document.kind, facts=facts, touchpoints=touchpoints, sightings=sightings
        )


def stems(platform: str) -> list[str]:
    """Every stem of events/<platform>."""
    names = {path.name for path in (EVENTS / platform).glob("*.json")}
    for aside in (".facts.json", ".delivery.json"):
        names = {name for name in names if not name.endswith(aside)}
    return sorted({name.removesuffix(".json").removesuffix(".document") for name in names})


def platforms() -> list[str]:
    """Every platform that has events."""
    return sorted(path.name for path in EVENTS.iterdir() if path.is_dir())


def room_of(platform: str) -> Room:
    """The room's own data, from its test module."""
    room: Room = import_module(f"tests.sources.test_{platform}").ROOM
    return room


def told(hear: Callable[[], Heard]) -> Plain:
    """What was heard, as `.facts.json` has it: without when it came and in which bytes.

    A document that only names the facts has no event of its own, so `event` stays out; `known`
    is written only where the event is unknown.
    """
    try:
        heard = hear()
    except Unreadable as error:
        return {"unreadable": {"path": error.path, "rule": error.rule}}
    said: Plain = {"facts": [_fact(each) for each in heard.facts]}
    if not heard.known:
        said["known"] = False
    if heard.notices:
        said["notices"] = [codec.plain(each) for each in heard.notices]
    if heard.erasures:
        said["erasures"] = [codec.plain(each) for each in heard.erasures]
    if heard.touchpoints:
        said["touchpoints"] = [codec.plain(each) for each in heard.touchpoints]
    if sightings_of(heard):
        said["sightings"] = [codec.plain(each) for each in sightings_of(heard)]
    # As JSON has it: a tuple is a list there.
    as_json: Plain = json.loads(json.dumps(said))
    return as_json


def sightings_of(heard: Heard) -> tuple[Sighting, ...]:
    """What a front end reported, where anything did."""
    return heard.sightings if isinstance(heard, Pulled) else ()


def _fact(fact: Fact) -> Plain:
    return {
        "order": fact.order.text(),
        "fact_id": fact.fact_id(),
        "kind": fact.kind,
        "customer": list(fact.customer),
        "body": codec.plain(fact.body),
    }


def write_missing(platform: str) -> Iterable[Path]:
    """Writes the `.facts.json` that are not there yet."""
    room = room_of(platform)
    for event in (Event(room=room, stem=stem) for stem in stems(platform)):
        path = event.path(".facts.json")
        if not path.exists():
            text = json.dumps(told(event.heard), indent=2, ensure_ascii=False, sort_keys=True)
            path.write_text(text + "\n", encoding="utf-8")
            yield path


if __name__ == "__main__":
    for written in write_missing(sys.argv[1]):
        sys.stdout.write(f"{written}\n")
