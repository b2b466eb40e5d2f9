"""The figures on the screen and in bench/results.md, always in the same order."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figure import Figure, Section

RESULTS = Path(__file__).parent / "results.md"
_HEAD = """# What it costs

Measured by `make bench`: each figure beside its target (the design's performance goals), times and
sizes as ratios to a floor that was measured in the same run. Milliseconds are this machine's and
will not be yours; ratios, counts and bytes should be.
"""
_VERDICTS = {True: "met", False: "missed", None: ""}


def show(section: Section) -> None:
    """One section on the screen."""
    console = Console()
    table = Table(title=section.title, title_justify="left", caption_justify="left")
    for name in ("figure", "measured", "target", "", "detail"):
        table.add_column(name, justify="right" if name == "measured" else "left")
    for each in section.figures:
        colour = {True: "green", False: "red", None: ""}[each.met]
        verdict = f"[{colour}]{_VERDICTS[each.met]}[/]" if colour else ""
        table.add_row(each.name, each.found, each.target, verdict, each.detail)
    console.print(table)
    console.print(f"floor: {section.floor}", *section.notes, "", sep="\n", highlight=False)


def keep(sections: Mapping[str, Section], order: Sequence[str]) -> None:
    """Writes the sections into the results; those that were not measured now stay as they were."""
    held = _held() | {name: _written(name, section) for name, section in sections.items()}
    parts = [held[name] for name in order if name in held]
    RESULTS.write_text("\n".join([_HEAD, f"{_machine()}\n", *parts]))


def missed(sections: Mapping[str, Section]) -> list[Figure]:
    """The figures that are not what they ought to be."""
    return [each for one in sections.values() for each in one.figures if each.met is False]


def _machine() -> str:
    python = ".".join(platform.python_version_tuple()[:2])
    return f"Machine of the last run: {os.cpu_count()} cores, Python {python}."


def _held() -> dict[str, str]:
    """The sections of an earlier run, by name."""
    if not RESULTS.exists():
        return {}
    _, *parts = RESULTS.read_text().split("\n## ")
    return {part[: part.index(":")]: f"## {part.rstrip()}\n" for part in parts}


def _written(name: str, section: Section) -> str:
    rows = [
        "| figure | measured | target | | detail |",
        "|---|---:|---:|---|---|",
        *(
            f"| {each.name} | {each.found} | {each.target} | {_VERDICTS[each.met]} "
            f"| {each.detail} |"
            for each in section.figures
        ),
    ]
    notes = [f"- {note}" for note in section.notes]
    head = f"## {name}: {section.title}"
    return "\n".join([head, "", f"Floor: {section.floor}.", "", *rows, "", *notes]).rstrip() + "\n"
