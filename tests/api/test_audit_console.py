"""Does an export of the audit log prove itself, and show whatever was done to it?"""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from console import audit, stack
from vouchsafe.edge import audit_table
from vouchsafe.pure.audit import Deed

pytestmark = pytest.mark.usefixtures("aws")

Forge = Callable[[list[str]], list[str]]


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the log is taken out to; it has four entries."""
    monkeypatch.setattr(stack, "connected", dict)
    for number, why in enumerate(("agreed", "línea\u2028\nnueva", "50 % \u0085 half", "done")):
        audit_table.append(
            Deed(
                who="person:ana",
                at=datetime(2026, 11, 20, 12, number, tzinfo=UTC),
                what="approved",
                subjects=(f"proposal:{number}",),
                why=why,
                before="{}",
                after='{"state":"approved"}',
            )
        )
    return tmp_path / "audit.txt"


def forged(number: int, **said: object) -> Forge:
    """An entry says something else, and has the digest of that."""

    def forge(lines: list[str]) -> list[str]:
        text = json.loads(lines[number - 1].partition(" ")[2]) | said
        plain = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
        return [*lines[: number - 1], f"{digest} {plain}", *lines[number:]]

    return forge


def test_the_log_is_taken_out_whole_and_holds(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main([str(file)]) == audit.SOUND
    assert audit.main([str(file), "--verify"]) == audit.SOUND

    newest = audit_table.last()
    assert newest is not None
    told = capsys.readouterr().out.splitlines()
    assert told[0] == told[1]
    assert told[0].startswith("4 entries, ")
    assert told[0].endswith(f"; the newest is 4:{newest.digest}")


@pytest.mark.parametrize(
    ("forge", "first"),
    [
        (lambda lines: [lines[0].replace("agreed", "refused"), *lines[1:]], 1),
        (forged(2, why="another reason"), 3),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], 2),
        (lambda lines: [*lines, lines[3]], 5),
        (lambda lines: [lines[0], "", *lines[1:]], 2),
        (lambda lines: [*lines[:3], f"{sha256(b'1').hexdigest()} 1"], 4),
    ],
    ids=["edited", "forged", "dropped", "beheaded", "turned", "twice", "blank", "no_entry"],
)
def test_what_was_done_to_it_shows_where_it_was_done(
    file: Path, capsys: pytest.CaptureFixture[str], forge: Forge, first: int
) -> None:
    audit.main([str(file)])
    lines = audit.read(file)
    file.write_text("".join(f"{line}\n" for line in forge(lines)), "utf-8")

    assert audit.main([str(file), "--verify"]) == audit.BROKEN
    assert f"entry {first} does not follow" in capsys.readouterr().err


def test_a_log_that_was_written_anew_or_cut_off_is_not_what_was_noted(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit.main([str(file)])
    lines = audit.read(file)
    note = f"4:{lines[3].partition(' ')[0]}"
    cut = file.with_name("cut.txt")
    cut.write_text("".join(f"{line}\n" for line in lines[:3]), "utf-8")

    assert audit.main([str(file), "--verify", "--holds", note]) == audit.SOUND
    assert audit.main([str(file), "--verify", "--holds", f"3:{note[2:]}"]) == audit.BROKEN
    assert audit.main([str(cut), "--verify"]) == audit.SOUND
    assert audit.main([str(cut), "--verify", "--holds", note]) == audit.BROKEN
    assert "entry 4 is not there" in capsys.readouterr().err


def test_a_line_is_proved_by_anybodys_sha256(file: Path) -> None:
    audit.main([str(file)])

    digest, _, text = file.read_bytes().splitlines()[0].partition(b" ")
    said = subprocess.run(["sha256sum"], input=text, capture_output=True, check=True).stdout

    assert said.split()[0] == digest


def test_an_empty_log_is_sound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stack, "connected", dict)

    assert audit.main([str(tmp_path / "audit.txt")]) == audit.SOUND
