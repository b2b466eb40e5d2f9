"""Does a file of people fill a segment's list, whole or not at all where it is faulty?"""

from datetime import date
from pathlib import Path

import pytest

from console import segment, stack
from tests.register.saying import SEGMENT, loaded
from vouchsafe.edge import audit_table, secrets, segments_table
from vouchsafe.pure.register import Segment

pytestmark = pytest.mark.usefixtures("aws")
TODAY = date(2126, 1, 1)


@pytest.fixture(autouse=True)
def _register(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "connected", dict)
    loaded(Segment(segment_id="PRESS", name="Press", owner="ana"), SEGMENT)


def run(tmp_path: Path, text: str, *more: str, name: str = "PRESS") -> int:
    file = tmp_path / "people.csv"
    file.write_text(text)
    return segment.main([name, str(file), *more])


def test_people_come_onto_the_list_with_their_last_days(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "identity,until\nemail:Ann@example.com,2126-01-01\nphone:+34 600,\n"

    assert run(tmp_path, text) == 0

    assert "PRESS: 2 changed, 2 on the list today." in capsys.readouterr().out
    assert segments_table.size("PRESS", TODAY) == 2
    ann = secrets.identify()("email", "ann@example.com") or ""
    assert not segments_table.is_listed("PRESS", [ann], date(2126, 1, 2))
    entry = audit_table.last()
    assert entry is not None
    assert entry.deed.who.startswith("console:")


def test_people_leave_it_and_a_repeat_changes_nobody(tmp_path: Path) -> None:
    text = "name,identity\nAnn,email:ann@example.com\n"
    run(tmp_path, text)
    run(tmp_path, text)
    assert segments_table.size("PRESS", TODAY) == 1

    assert run(tmp_path, text, "--remove") == 0

    assert segments_table.size("PRESS", TODAY) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("person\nann\n", "identity must be a column"),
        ("identity\nphone:+34 600\nann@example.com\n", "line 3: identity must be kind:value"),
        ("identity\nphone:+34 600\nemail:ann\n", "line 3: identity is no email"),
        ("identity,until\nphone:1,soon\n", "line 2: until must be a day"),
    ],
)
def test_a_faulty_file_fills_nothing_and_names_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    assert run(tmp_path, text) == segment.FAULTY

    found = capsys.readouterr().err
    assert told in found
    assert "ann" not in found.partition("people.csv")[2]
    assert segments_table.size("PRESS", TODAY) == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [("NONE", "is not in the register"), ("VIP", "has rules in place of a list")],
)
def test_a_segment_without_a_list_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    assert run(tmp_path, "identity\nphone:1\n", name=name) == segment.FAULTY
    assert told in capsys.readouterr().err
