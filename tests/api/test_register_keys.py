"""Are shops' keys made for whom they name, told once, ended for good, all of it written down?"""

import pytest

from tests.api.room import ACCOUNT, ROLES, ROWS, call, published
from vouchsafe.edge import keys_table

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
