"""Is who was given a code known on the deployed stack, and nowhere any more once forgotten?"""

from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from tests.local.conftest import Call, Person, soon
from tests.local.test_limits_hold import load
from tests.local.test_ordered_codes import ROWS as OF_ORDERED

pytestmark = pytest.mark.local

PROMOTION = "ORDERED2130-10"
ANN = ["email:Ann@People.example", "phone:+34600100299"]
GIVEN = {
    "promotion_id": PROMOTION,
    "at": "2026-11-20T09:00:00Z",
    "publications": [{"code": "PEOPLE-7K3M9T", "to": ANN}],
}


def test_a_person_is_found_and_forgotten(
    aws: LocalAws, tmp_path: Path, ask: Call, person: Person
) -> None:
    """Told twice it is one publication; the forgetting goes through the queue and its Lambda."""
    aws.put_secret("identity", "identity key of the tutorial")
    codes = {"code": "PEOPLE-7K3M9T", "promotion_id": PROMOTION}
    load(aws, tmp_path, {**OF_ORDERED, "codes": codes})
    editor, admin = person("people-editor", "editor"), person("people-admin", "admin")

    told = [ask("POST", "/register/publications", editor, GIVEN).said() for _ in range(2)]

    assert [(each["given"], each["known"]) for each in told] == [(1, 0), (0, 1)]
    assert ask("POST", "/register/identities/look", editor, asked()).status == 403
    assert [each["code"] for each in looked(ask, admin)["touchpoints"]] == ["PEOP1E7K3M9T"]

    ask("POST", "/register/identities/forget", admin, asked()).said()

    assert soon(lambda: not looked(ask, admin)["touchpoints"])
    listed = ask("GET", f"/register/publications?promotion_id={PROMOTION}", editor).said()
    assert len(listed["publications"]) == 1


def asked() -> dict[str, Any]:
    return {"identities": ANN, "why": "she asks what is known of her"}


def looked(ask: Call, token: str) -> dict[str, Any]:
    return ask("POST", "/register/identities/look", token, asked()).said()
