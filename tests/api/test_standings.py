"""Can people see, impose, lift and appeal, each with the right, and does the log tell of it?"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from tests import cloud
from tests.api.room import call, published
from vouchsafe.edge import audit_table, clock, secrets, standings_table
from vouchsafe.pure.policy import Policy
from vouchsafe.pure.standing import Measure, Standing

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EMAIL = {"email": "Ann+x@example.com"}
FLAG = {"step": "flag", "days": 10, "why": "sells codes on"}
POLICY = {
    "rules": [{"signal": "claims", "by": "customer", "most": 4, "days": 7, "up_to": "block_code"}],
    "flag_days": 5,
    "block_code_days": 6,
    "exclude_days": 8,
    "memory_days": 30,
}


@pytest.fixture(autouse=True)
def room(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def key() -> str:
    (found,) = call("vera", "POST", "/register/standings/look", EMAIL).body["standings"]
    return str(found["key"])


def does(who: str, verb: str, body: object, **said: Any) -> Any:
    return call(who, "POST", f"/register/standings/{key()}/{verb}", body, **said)


def deeds() -> list[str]:
    return [each.deed.what for each in reversed(audit_table.newest(None, 50))]


def appealed() -> str:
    told = does("eva", "appeal", {"text": "It was a party of forty."})
    return str(told.body["appeals"][0]["appeal_id"])


def decides(who: str, appeal_id: str, verdict: str = "lifted") -> Any:
    return does(who, f"appeals/{appeal_id}/decide", {"verdict": verdict, "why": "seen the bill"})


def test_a_person_is_looked_up_by_who_it_is_and_nothing_of_it_is_kept() -> None:
    told = call("vera", "POST", "/register/standings/look", EMAIL)

    assert told.status == 200
    (found,) = told.body["standings"]
    assert found["key"] == secrets.identify()("email", "ann@example.com")
    assert (found["version"], found["measures"]) == (0, [])
    assert "standing_id" not in found
    items = boto3.client("dynamodb", region_name=cloud.REGION).scan(TableName="Standings")["Items"]
    assert items == []
    assert call("vera", "POST", "/register/standings/look", {}).body["field"] == "email"


def test_what_is_imposed_holds_is_listed_and_stands_in_the_log() -> None:
    told = does("ana", "impose", FLAG)

    (measure,) = told.body["measures"]
    assert (measure["step"], measure["by"], measure["in_force"]) == ("flag", "person:ana", True)
    assert (measure["until"], measure["why"]) == ("2026-11-30T12:00:00.000Z", "sells codes on")
    listed = call("vera", "GET", "/register/standings").body["standings"]
    assert [each["key"] for each in listed] == [key()]
    assert listed[0]["fraud"] == {
        "score": 10,
        "parts": [
            {
                "signal": "flag",
                "points": 10,
                "weight": 10,
                "says": "flag is in force until 2026-11-30.",
            }
        ],
    }
    assert call("vera", "GET", f"/register/standings/{key()}").body == told.body
    last = audit_table.last()
    assert last is not None
    assert (last.deed.what, last.deed.who, last.deed.why) == (
        "standing_imposed",
        "person:ana",
        "sells codes on",
    )
    assert last.deed.subjects == (f"standing:{told.body['standing_id']}",)
    assert json.loads(last.deed.after)["in_force"] == [{"step": "flag", "until": "2026-11-30"}]


def test_no_key_stands_where_nothing_is_ever_forgotten() -> None:
    does("ana", "impose", FLAG)
    decides("abel", appealed())

    said = str([each.deed for each in audit_table.newest(None, 50)])
    assert key() not in said
    assert "party" not in said


def test_imposed_twice_it_is_one_and_lifted_twice_it_is_lifted() -> None:
    for _ in range(2):
        does("ana", "impose", FLAG)
    for _ in range(2):
        told = does("abel", "lift", {"why": "was a colleague"})

    (measure,) = told.body["measures"]
    assert (measure["in_force"], measure["lifted_by"]) == (False, "person:abel")
    assert deeds() == ["standing_imposed", "standing_lifted"]


def test_a_block_names_its_codes_and_nothing_else_does() -> None:
    block = FLAG | {"step": "block_code"}
    assert does("ana", "impose", block).body["field"] == "codes"
    assert does("ana", "impose", FLAG | {"codes": ["TEN"]}).body["field"] == "codes"

    told = does("ana", "impose", block | {"codes": ["ten", "T E N"]})

    assert told.body["measures"][0]["codes"] == ["TEN"]


@pytest.mark.parametrize(
    ("who", "verb", "body"),
    [
        ("eva", "impose", FLAG),
        ("eva", "lift", {"why": "nice"}),
        ("vera", "appeal", {"text": "no"}),
        ("eva", "appeals/1/decide", {"verdict": "lifted", "why": "nice"}),
    ],
)
def test_each_step_takes_its_right(who: str, verb: str, body: object) -> None:
    assert does(who, verb, body).status == 403
    assert deeds() == []


def test_an_appeal_is_recorded_with_who_and_when_and_decided_by_another() -> None:
    does("ana", "impose", FLAG)
    told = does("eva", "appeal", {"text": "It was a party of forty."})

    (appeal,) = told.body["appeals"]
    assert (appeal["text"], appeal["by"]) == ("It was a party of forty.", "person:eva")
    assert appeal["at"] == "2026-11-20T12:00:00.000Z"
    assert decides("ana", appeal["appeal_id"]).status == 403
    done = decides("abel", appeal["appeal_id"])
    assert done.body["appeals"][0]["verdict"] == "lifted"
    assert done.body["measures"][0]["lifted_by"] == "person:abel"
    assert deeds() == ["standing_imposed", "appeal_recorded", "appeal_lifted"]


def test_an_appeal_that_is_upheld_leaves_the_measure() -> None:
    does("ana", "impose", FLAG)

    told = decides("abel", appealed(), "upheld")

    assert told.body["measures"][0]["in_force"]
    assert decides("abel", told.body["appeals"][0]["appeal_id"], "lifted").status == 409
    assert decides("abel", "none").status == 404


@pytest.mark.parametrize(
    "text", ["ask ann@example.com", "call +34 600 000 001 please", "", "x" * 2001]
)
def test_an_appeal_says_nothing_of_whom_it_is_about(text: str) -> None:
    does("ana", "impose", FLAG)

    told = does("eva", "appeal", {"text": text})

    assert (told.status, told.body["field"]) == (400, "text")
    assert deeds() == ["standing_imposed"]


def test_there_is_no_appeal_against_nothing() -> None:
    assert does("eva", "appeal", {"text": "why?"}).status == 409


def test_who_was_overtaken_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    does("ana", "impose", FLAG)
    seen = standings_table.read([key()], newest=True)
    does("ana", "lift", {"why": "mistaken"})
    monkeypatch.setattr(standings_table, "read", lambda *_, **__: seen)

    path = f"/register/standings/{seen.standings[0].key}/lift"
    assert call("abel", "POST", path, {"why": "kind"}).status == 409


@pytest.mark.parametrize("name", ["setting", "email:ann", "x:" + "0" * 33, "email:" + "0" * 34])
def test_what_is_no_key_is_not_there(name: str) -> None:
    assert call("vera", "GET", f"/register/standings/{name}").status == 404


def test_the_list_comes_in_pages() -> None:
    keys = [f"card:{number:033d}" for number in range(5)]
    measure = Measure(step="flag", at=NOW, until=NOW + timedelta(days=1))
    for each in keys:
        standing = Standing(key=each, standing_id=each, measures=(measure,))
        assert standings_table.keep(standing, Policy(), NOW)
    assert standings_table.keep(Standing(key="card:mere", standing_id="x"), Policy(), NOW)

    found, after = [], None
    while True:
        query = {"limit": "2"} | ({"after": after} if after else {})
        page = call("vera", "GET", "/register/standings", query=query).body
        found += [each["key"] for each in page["standings"]]
        after = page.get("after")
        if after is None:
            break
    assert found == keys


def test_the_policy_has_a_default_and_is_set_over_what_was_seen() -> None:
    path = "/register/settings/claims-policy"
    first = call("vera", "GET", path)
    assert first.body["rules"]
    assert first.version() == '"0"'

    assert call("ana", "PUT", path, POLICY).status == 403
    told = call("adam", "PUT", path, POLICY)
    assert (told.status, told.version()) == (200, '"1"')
    assert call("vera", "GET", path).body == POLICY
    assert call("adam", "PUT", path, POLICY).status == 400
    assert call("adam", "PUT", path, POLICY, If_Match='"0"').status == 409
    assert call("adam", "PUT", path, POLICY, If_Match='"1"').version() == '"2"'
    assert deeds() == ["claims_policy_set"] * 2


def test_a_policy_that_cannot_be_enforced_is_refused_by_name() -> None:
    path = "/register/settings/claims-policy"

    short = call("adam", "PUT", path, POLICY | {"memory_days": 6})
    assert (short.status, short.body["field"]) == (400, "memory_days")
    wrong: list[dict[str, object]] = [{**POLICY["rules"][0], "most": 0}]  # type: ignore[index]
    assert call("adam", "PUT", path, POLICY | {"rules": wrong}).body["field"] == "rules[0].most"
    assert deeds() == []


def test_the_text_is_written_from_the_policy_in_force() -> None:
    call("adam", "PUT", "/register/settings/claims-policy", POLICY)

    told = call("vera", "GET", "/register/policy/text", query={"lang": "es", "for": "customers"})

    assert told.body["sentences"][0] == (
        "No se admiten más de 4 usos de códigos por parte de un mismo cliente en un plazo de 7 "
        "días. Si se supera, se aplica la medida siguiente, como máximo el bloqueo de códigos."
    )
    assert told.body["policy_version"] == 1
    for name, said in (("lang", "fr"), ("for", "thieves")):
        refused = call("vera", "GET", "/register/policy/text", query={name: said})
        assert (refused.status, refused.body["field"]) == (400, name)


def test_a_promotions_terms_are_told_as_text() -> None:
    published()

    told = call("vera", "GET", "/register/policy/text", query={"promotion": "AUTUMN26-10"})

    assert told.body["title"] == "Terms of AUTUMN26-10"
    assert told.body["sentences"][0] == "It takes 10% off."
    assert "At most 1 use for each customer." in told.body["sentences"]
    assert told.body["register_revision"] == 1
    none = call("vera", "GET", "/register/policy/text", query={"promotion": "NONE"})
    assert none.status == 404
