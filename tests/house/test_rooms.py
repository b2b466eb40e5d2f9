"""Rooms and template match one to one, and each room has its files and its door-plate."""

import ast
import re

import pytest

from tests.house.stack import ROOT, functions, module_of, rooms
from tests.sources.suite import HEADINGS

NOUNS = {
    "sources": {
        "webhook": "Webhook",
        "hear": "Hear",
        "fetch": "Fetch",
        "sweep": "Sweep",
        "statement": "Statement",
        "replay": "Replay",
        "forget": "Forget",
    },
    "streams": {"handler": "Stream", "again": "Again"},
    "destinations": {"deliver": "Deliver"},
    "schedules": {"handler": "Schedule"},
    "api": {"handler": "Api", "count": "Count", "apply": "Apply"},
}
# What every room on a shelf has; a platform lacks a file only where it has no need of it.
FILES = {
    "sources": {"README.md", "read.py", "replay.py"},
    "streams": {"README.md", "handler.py"},
    "destinations": {"README.md", "message.py", "deliver.py"},
    "schedules": {"README.md", "handler.py"},
    "api": {"README.md", "handler.py"},
}
# A destination that is not told something, but changed, has no message.
OF_ITS_OWN = {"destinations/channels": {"README.md", "switch.py", "deliver.py"}}
FORBIDDEN = {
    "main",
    "app",
    "utils",
    "helpers",
    "common",
    "base",
    "manager",
    "core",
    "misc",
    "service",
}
OURS = ("functions", "layers/vouchsafe", "console", "local", "tests", "bench")


def test_the_template_names_each_function_after_its_room_and_trigger() -> None:
    for name in functions():
        _, shelf, room, file = module_of(name).split(".")

        words = "".join(word.capitalize() for word in room.split("_"))
        assert name == f"{words}{NOUNS[shelf][file]}"


def test_every_lambda_of_a_room_is_in_the_template_and_nothing_else_is() -> None:
    deployed = {module_of(name) for name in functions()}

    in_rooms = {
        f"functions.{room.replace('/', '.')}.{file}"
        for room in rooms()
        for file in NOUNS[room.split("/")[0]]
        if (ROOT / "functions" / room / f"{file}.py").is_file()
    }

    assert deployed == in_rooms


def test_each_function_is_packed_with_its_room_alone() -> None:
    for name, function in functions().items():
        room = module_of(name).rsplit(".", 1)[0]

        assert function["CodeUri"] == f"{room.replace('.', '/')}/"


# What a road of a source room cannot be without.
NEEDS = {
    "webhook.py": {"verify.py"},
    "fetch.py": {"api.py"},
    "sweep.py": {"api.py"},
    "statement.py": {"api.py", "sweep.py"},
}


@pytest.mark.parametrize("room", sorted(room for room in rooms() if room.startswith("sources/")))
def test_each_road_of_a_source_room_has_what_it_needs(room: str) -> None:
    there = {path.name for path in (ROOT / "functions" / room).iterdir()}

    assert there & {"webhook.py", "sweep.py", "hear.py"}, "somebody has to tell us, or be asked"
    for road in there & set(NEEDS):
        assert NEEDS[road] <= there, road


@pytest.mark.parametrize("room", sorted(rooms()))
def test_the_room_has_its_files(room: str) -> None:
    there = {path.name for path in (ROOT / "functions" / room).iterdir()}

    assert OF_ITS_OWN.get(room, FILES[room.split("/")[0]]) <= there


@pytest.mark.parametrize("room", sorted(room for room in rooms() if room.startswith("sources/")))
def test_the_door_plate_has_its_headings_in_order(room: str) -> None:
    plate = (ROOT / "functions" / room / "README.md").read_text()

    found = [line.removeprefix("## ") for line in plate.splitlines() if line.startswith("## ")]

    assert found == HEADINGS
    assert all(re.findall(r"^## .+\n+(?!## )\S", plate, re.MULTILINE))


@pytest.mark.parametrize("room", sorted(rooms()))
def test_the_door_plate_is_short_enough_to_be_read(room: str) -> None:
    plate = (ROOT / "functions" / room / "README.md").read_text()

    assert len(plate.splitlines()) <= 90


@pytest.mark.parametrize("room", sorted(room for room in rooms() if room.startswith("sources/")))
def test_a_platform_has_one_word_everywhere(room: str) -> None:
    platform = room.split("/")[1]

    assert list((ROOT / "events" / platform).glob("*.facts.json"))
    assert (ROOT / "tests/sources" / f"test_{platform}.py").is_file()


def test_no_file_has_a_name_that_says_nothing() -> None:
    names = {path for folder in OURS for path in (ROOT / folder).rglob("*.py")}

    assert not {path for path in names if path.stem in FORBIDDEN}


def test_every_module_says_in_a_sentence_what_it_is() -> None:
    for folder in ("functions", "layers/vouchsafe", "console", "local"):
        for path in (ROOT / folder).rglob("*.py"):
            said = ast.get_docstring(ast.parse(path.read_text()))

            assert said or path.name == "__init__.py", path


def test_pure_is_told_the_time_and_never_asks() -> None:
    for path in (ROOT / "layers/vouchsafe/vouchsafe/pure").rglob("*.py"):
        asked = re.findall(r"\b(?:now|today|utcnow)\(", path.read_text())

        assert not asked, path
