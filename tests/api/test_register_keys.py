"""Are shops' keys made for whom they name, told once, ended for good, all of it written down?"""

import json
from datetime import datetime, timedelta

import pytest

from tests.api.room import ACCOUNT, ROLES, ROWS, call, published
from vouchsafe.edge import answers_table, clock, keys_table
from vouchsafe.edge.answers_table import Kept
from vouchsafe.pure.errors import Unavailable

pytestmark = pytest.mark.usefixtures("aws")
ASKED = {
    "name": "web shop",
    "platform": "square",
    "account": "bar",
    "scopes": ["validate", "redeem"],
}


@pytest.fixture(autouse=True)
def _afresh() -> None:
    keys_table.forget()


def test_a_key_is_told_once_and_opens_for_its_account() -> None:
    published({**ROWS, "accounts": [ACCOUNT]})

    made = call("adam", "POST", "/register/keys", ASKED)

    assert made.status == 201
    found = keys_table.caller(made.body["key"])
    assert found is not None
    assert (found.platform, found.account) == ("square", "bar")
    (listed,) = call("adam", "GET", "/register/keys").body["keys"]
    assert "key" not in listed
    assert listed["key_id"] == made.body["key_id"]


def test_a_repeat_makes_no_second_key_and_is_not_told_the_secret() -> None:
    published({**ROWS, "accounts": [ACCOUNT]})

    made, again = (
        call("adam", "POST", "/register/keys", ASKED, idempotency_key="k1") for _ in range(2)
    )

    assert len(call("adam", "GET", "/register/keys").body["keys"]) == 1
    assert again.status == 201
    assert again.body == {name: said for name, said in made.body.items() if name != "key"}
    assert made.body["key"].startswith("vk_")


def test_a_lost_answer_makes_no_second_key_and_the_secret_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published({**ROWS, "accounts": [ACCOUNT]})
    lost: list[str] = []

    def loses(_caller: str, _operation: str, _key: str, kept: Kept, _now: datetime) -> None:
        lost.append(json.loads(kept.body)["key_id"])
        raise Unavailable("answers: no answer")

    with monkeypatch.context() as patch:
        patch.setattr(answers_table, "end", loses)
        assert call("adam", "POST", "/register/keys", ASKED, idempotency_key="k1").status == 503
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    made = call("adam", "POST", "/register/keys", ASKED, idempotency_key="k1")
    again = call("adam", "POST", "/register/keys", ASKED, idempotency_key="k1")

    (listed,) = call("adam", "GET", "/register/keys").body["keys"]
    assert [listed["key_id"]] == lost
    assert made.body["key_id"] == again.body["key_id"] == listed["key_id"]
    assert keys_table.caller(made.body["key"]) is not None
    assert "key" not in again.body
    assert deeds(listed["key_id"]) == ["key_drawn_again", "key_made"]


def test_a_key_that_was_ended_meanwhile_is_not_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published({**ROWS, "accounts": [ACCOUNT]})

    def loses(*_: object) -> None:
        raise Unavailable("answers: no answer")

    with monkeypatch.context() as patch:
        patch.setattr(answers_table, "end", loses)
        call("adam", "POST", "/register/keys", ASKED, idempotency_key="k1")
    (listed,) = call("adam", "GET", "/register/keys").body["keys"]
    call("adam", "DELETE", f"/register/keys/{listed['key_id']}")
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert call("adam", "POST", "/register/keys", ASKED, idempotency_key="k1").status == 409


def deeds(key_id: str) -> list[str]:
    told = call("vera", "GET", "/register/audit", query={"subject": f"key:{key_id}"}).body
    return [each["what"] for each in told["entries"]]


def test_an_ended_key_opens_nothing_and_stays_ended() -> None:
    published({**ROWS, "accounts": [ACCOUNT]})
    made = call("adam", "POST", "/register/keys", ASKED).body
    path = f"/register/keys/{made['key_id']}"

    first, again = call("adam", "DELETE", path), call("adam", "DELETE", path)

    keys_table.forget()
    assert keys_table.caller(made["key"]) is None
    assert first.body["revoked_at"] == again.body["revoked_at"]


def test_each_deed_is_in_the_audit_log_without_the_secret() -> None:
    published({**ROWS, "accounts": [ACCOUNT]})
    made = call("adam", "POST", "/register/keys", ASKED).body
    call("adam", "DELETE", f"/register/keys/{made['key_id']}")

    told = call("vera", "GET", "/register/audit", query={"subject": f"key:{made['key_id']}"}).body

    assert [each["what"] for each in told["entries"]] == ["key_ended", "key_made"]
    assert made["key"].split("_", 2)[2] not in str(told)


def test_a_key_is_for_an_account_of_the_register() -> None:
    published({**ROWS, "accounts": [ACCOUNT]})

    found = call("adam", "POST", "/register/keys", {**ASKED, "account": "pub"})

    assert (found.status, found.body["field"]) == (400, "account")


@pytest.mark.parametrize("scopes", [[], ["approve"], ["validate", "administer"]])
def test_a_key_gets_no_rights_of_people(scopes: list[str]) -> None:
    found = call("adam", "POST", "/register/keys", {**ASKED, "scopes": scopes})

    assert found.status == 400
    assert found.body["field"].startswith("scopes")


def test_a_key_that_is_not_there_is_told() -> None:
    assert call("adam", "DELETE", "/register/keys/0123456789abcdef").status == 404


@pytest.mark.parametrize("who", sorted(set(ROLES) - {"adam"}))
def test_only_who_administers_makes_keys(who: str) -> None:
    assert call(who, "POST", "/register/keys", ASKED).status == 403
    assert call(who, "GET", "/register/keys").status == 403
