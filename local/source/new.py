"""The files of a new room: a plain one, whole and tested, to be made the vendor's step by step."""

import re
from collections.abc import Iterator
from pathlib import Path

from local.packages import ROOT
from local.source.rooms import camel

PLAIN = Path(__file__).parent / "plain"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Refused(Exception):
    """Why there is to be no such room."""


def write(platform: str, root: Path = ROOT) -> list[Path]:
    """Writes the room with its events, tests and setup page. Raises Refused; overwrites nothing."""
    if not NAME.fullmatch(platform):
        raise Refused(f"{platform!r} is no name for a platform: small letters, digits, single _")
    files = dict(_files(platform, root))
    there = [path for path in files if path.exists()]
    if there:
        raise Refused(f"{there[0].relative_to(root)} is there already")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def _files(platform: str, root: Path) -> Iterator[tuple[Path, str]]:
    places = {
        "room": root / "functions/sources" / platform,
        "events": root / "events" / platform,
        "tests": root / "tests/sources",
        "docs": root / "docs/setup",
    }
    names = {"room.py": f"test_{platform}.py", "setup.md": f"{platform}.md"}
    for source in sorted(PLAIN.rglob("*.txt")):
        name = source.name.removesuffix(".txt")
        place = places[source.parent.name] / names.get(name, name)
        yield place, _told(source.read_text(encoding="utf-8"), platform)


def _told(text: str, platform: str) -> str:
    words = {
        "@platform@": platform,
        "@Platform@": camel(platform),
        "@header@": platform.replace("_", "-"),
        "@Header@": "-".join(part.capitalize() for part in platform.split("_")),
        "@host@": platform.replace("_", "-"),
    }
    for word, value in words.items():
        text = text.replace(word, value)
    return text
