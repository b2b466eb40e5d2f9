"""What a source room needs of the template, read off the room's own files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.packages import ROOT

SHELF = ROOT / "functions/sources"
# The Lambdas that a room may have, in the order in which data travels through them.
ROADS = ("webhook", "hear", "fetch", "sweep", "statement", "replay", "forget")
# Vendors who like it slower, or whose news are slow: never above half an hour, by which a silent
# sweep is noticed within the hour.
PATIENT = {"google_analytics", "salesforce", "sap_business_one"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRoom:
    """One platform: its roads, and what its Lambdas say they need.

    `signs_in`: the vendor wants a session. `touched`: it tells of touchpoints. `sighted`: it tells
    what browsers did. `compares`: it looks at what the ledger has before it writes. `is_ours`: our
    own API tells it, so that nobody has keys.
    """

    platform: str
    roads: tuple[str, ...]
    signs_in: bool = False
    touched: bool = False
    sighted: bool = False
    compares: bool = False
    is_ours: bool = False

    @property
    def camel(self) -> str:
        """`lightspeed_retail` is `LightspeedRetail` in the template."""
        return camel(self.platform)

    @property
    def path(self) -> str:
        """Where its door is; people's own touchpoints have a road of their own."""
        return "/touchpoints" if self.platform == "touchpoints" else f"/webhooks/{self.platform}"

    @property
    def cadence(self) -> str:
        return "rate(30 minutes)" if self.platform in PATIENT else "rate(15 minutes)"


def camel(name: str) -> str:
    """CamelCase of a name with underscores."""
    return "".join(part.capitalize() for part in name.split("_"))


def rooms(shelf: Path = SHELF) -> list[SourceRoom]:
    """Every room of the shelf, by name."""
    return [room for folder in sorted(shelf.glob("*/")) for room in _room(folder)]


def _room(folder: Path) -> Iterator[SourceRoom]:
    sentences = {
        road: (folder / f"{road}.py").read_text()
        for road in ROADS
        if (folder / f"{road}.py").is_file()
    }
    if not sentences:
        return
    said = "".join(sentences.values())
    yield SourceRoom(
        platform=folder.name,
        roads=tuple(sentences),
        signs_in="sign_in=" in said,
        touched="record_touched" in said,
        sighted="record_sighted" in said,
        compares="record_changed" in said,
        is_ours="hear" in sentences,
    )
