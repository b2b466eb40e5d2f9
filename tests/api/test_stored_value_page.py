"""Are the calls of docs/stored_value.md real, and answered as the page says?"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.api.values import verbs
from tests.api.test_validations import given
from tests.api.test_values import Till
from vouchsafe.edge.register_table import RegisterReader

PAGE = Path(__file__).parents[2] / "docs" / "stored_value.md"
_FENCES = re.compile(r"^```(json)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = "GIFT-7KM2P9QX"


def test_the_page_of_stored_value_can_be_followed_line_by_line(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "_register", RegisterReader(kept_s=0))
    till = Till(monkeypatch)
    till.knows(*given(_CODE, voucher_class="multi_purpose", benefit=None))
    blocks = _FENCES.findall(PAGE.read_text())
    answer: Any = None

    for kind, text in blocks:
        if kind == "json":
            _holds(answer, json.loads(text))
            continue
        call, _, body = text.partition("\n")
        method, path = call.split(" /values/")
        found = till.value(method, path, json.loads(body) if body.strip() else None)
        assert found.status == 200, found.body
        answer = found.body

    assert len(blocks) > 8


def _holds(found: Any, said: Any) -> None:
    for name, value in said.items():
        if isinstance(value, dict):
            _holds(found[name], value)
        else:
            assert found[name] == value, name
