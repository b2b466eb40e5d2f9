"""Does the command bring every count in, page by page, and name the line that is none?"""

import io
import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from console import signing_in, stack, stock


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was sent; the API keeps all but the last of a page."""
    found: list[dict[str, Any]] = []

    def answer(request: Any, timeout: float) -> io.BytesIO:
        assert request.full_url == "https://stack/vouchers/stock"
        assert request.get_header("Authorization") == "Bearer vk_1"
        found.append(json.loads(request.data))
        kept = len(found[-1]["levels"]) - 1
        return io.BytesIO(json.dumps({"kept": kept, "older": 1}).encode())

    monkeypatch.setattr(stack, "connected", dict)
    monkeypatch.setattr(signing_in, "address", lambda _: "https://stack")
    monkeypatch.setattr(stock, "urlopen", answer)
    monkeypatch.setenv("VOUCHSAFE_KEY", "vk_1")
    return found


def file_of(folder: Path, text: str) -> str:
    path = folder / "counted.csv"
    path.write_text(text, "utf-8")
    return str(path)


def test_every_count_is_sent_in_pages(
    sent: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"S{number},{number},\n" for number in range(251))
    path = file_of(tmp_path, f"\ufeffsku,left,location_id\nMUG, -4 ,bar\n{rows}")

    assert stock.main([path, "--at", "2026-11-20T18:00Z", "--good-for", "8"]) == 0

    assert [len(each["levels"]) for each in sent] == [250, 2]
    assert sent[0]["levels"][0] == {"sku": "MUG", "left": -4, "location_id": "bar"}
    assert sent[1]["levels"][1] == {"sku": "S250", "left": 250}
    assert (sent[0]["counted_at"], sent[0]["good_for_hours"]) == ("2026-11-20T18:00Z", 8)
    assert capsys.readouterr().out == "250 counts taken in, 2 older than what is known.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sku,units\nMUG,4\n", "left must be a column"),
        ("sku,left\nMUG,4\n,4\n", "line 3: sku must be said"),
        ("sku,left\nMUG,a few\n", "line 2: left must be whole units, not 'a few'"),
        ("sku,left\nMUG\n", "line 2: left must be whole units, not ''"),
    ],
)
def test_a_line_that_is_no_count_is_named_and_nothing_is_sent(
    text: str,
    said: str,
    sent: list[dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert stock.main([file_of(tmp_path, text)]) == stock.FAULTY

    assert said in capsys.readouterr().err
    assert sent == []


def test_without_a_key_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VOUCHSAFE_KEY", raising=False)

    assert stock.main([file_of(tmp_path, "sku,left\nMUG,4\n")]) == stock.FAULTY


def test_a_refusal_is_told(
    sent: list[dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused(request: Any, timeout: float) -> io.BytesIO:
        raise HTTPError(request.full_url, 403, "", {}, io.BytesIO(b"needs the right to redeem"))  # type: ignore[arg-type]

    monkeypatch.setattr(stock, "urlopen", refused)

    assert stock.main([file_of(tmp_path, "sku,left\nMUG,4\n")]) == stock.UNDONE
    assert "needs the right to redeem" in capsys.readouterr().err
