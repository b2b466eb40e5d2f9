"""The commands of docs/tutorial.md, run one after the other, and what each must say."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.packages import ROOT
from local.replay import environment
from tests.local.test_limits_hold import end_the_rush

pytestmark = pytest.mark.local

_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "---- end of a block ----"


@dataclass(frozen=True)
class Block:
    """Commands of the page, and what stands under them."""

    commands: str
    says: str


def _blocks() -> list[Block]:
    page = (ROOT / "docs/tutorial.md").read_text()
    found: list[Block] = []
    for kind, text in _BLOCK.findall(page):
        if kind == "sh":
            found.append(Block(text, ""))
        else:
            found[-1] = Block(found[-1].commands, text)
    return found


@pytest.fixture(scope="module")
def said(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block printed; one shell runs them all, as a reader's would."""
    aws.put_secret("identity", "identity key of the tutorial")
    end_the_rush(aws, tmp_path_factory.mktemp("register"))
    script = "".join(f"{block.commands}echo '{_END}'\n" for block in _blocks())
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-u", "-c", script],
        cwd=ROOT,
        env={**os.environ, **environment(aws), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    parts = done.stdout.split(f"{_END}\n")
    assert len(parts) == len(_blocks()) + 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return parts


@pytest.mark.parametrize("number", range(len(_blocks())))
def test_the_commands_say_what_stands_under_them(said: list[str], number: int) -> None:
    block = _blocks()[number]

    if block.says:
        assert said[number] == block.says
