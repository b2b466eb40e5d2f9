"""A new room is whole from its first minute: it passes the suite, and the house's own rules."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.source import new
from tests.house.stack import ROOT

# What a room needs of the house to be tested there.
PARTS = ("functions", "events", "tests", "layers/vouchsafe", "local", "docs/setup", "template.yaml")
ASKED = (
    "tests/sources/test_corner_till.py",
    "tests/sources/test_event_pairs.py",
    "tests/house/test_rooms.py",
    "tests/house/test_rights.py",
    "tests/house/test_template.py",
    "tests/house/test_blocks.py",
    "tests/house/test_uses.py",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with one room more."""
    copy = tmp_path_factory.mktemp("house")
    for part in PARTS:
        if (ROOT / part).is_file():
            shutil.copy(ROOT / part, copy / part)
        else:
            no_caches = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, copy / part, ignore=no_caches)
    for part in ("pyproject.toml", "docs/runbooks", "console", "bench"):
        (copy / part).parent.mkdir(exist_ok=True)
        (copy / part).symlink_to(ROOT / part)
    ran(copy, "-m", "local.source", "corner_till")
    return copy


def ran(house: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=house,
        env={**os.environ, "PYTHONPATH": ".:layers/vouchsafe"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_a_new_room_passes_the_suite_and_the_houses_rules(house: Path) -> None:
    said = ran(house, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ASKED)

    assert " passed" in said


def test_its_code_is_in_the_houses_style(house: Path) -> None:
    made = ["functions/sources/corner_till", "tests/sources/test_corner_till.py"]

    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        ran(house, "-m", "ruff", *command, *made)


@pytest.mark.parametrize("name", ["", "Toast", "toast-tabs", "2go", "a__b", "../x", "toast "])
def test_a_name_that_is_no_platforms_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(new.Refused):
        new.write(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_room_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    new.write("corner_till", tmp_path)
    door = tmp_path / "functions/sources/corner_till/verify.py"
    door.write_text("mine")

    with pytest.raises(new.Refused):
        new.write("corner_till", tmp_path)
    assert door.read_text() == "mine"
