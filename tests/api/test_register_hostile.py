"""What becomes of input that nobody should send?"""

import json
from random import Random
from string import ascii_letters, digits

import pytest

from functions.api.register.handler import handle
from tests.api.calls import answered, event
from tests.api.room import CAMPAIGN, CODE, PROMOTION, ROWS, Rows, body_of, call, drafted, read, step
from tests.register.conftest import aws, made
from vouchsafe.edge import audit_table, proposals_table
from vouchsafe.edge.register_table import RegisterReader

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")

INJECTIONS = (
    "' OR '1'='1",
    '"; DROP TABLE Register; --',
    "${jndi:ldap://example.com/a}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "proposal#x",
    "%23register%00",
    "=cmd|' /C calc'!A0",
    "a\u202eb",
    "\u0000",
    "AUTUMN\r\nx-injected: 1",
    "𝕬" * 300,
)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (body_of(state="applied"), "state"),
        (body_of(author="person:other"), "author"),
        (body_of(proposal_id="mine", version=9), "proposal_id"),
        (body_of(rows={"touchpoints": [{"identity": "email:a@example.com"}]}), "rows.touchpoints"),
        (body_of(rows={"register": [{}]}), "rows.register"),
        (body_of(rows={"codes": [{**CODE, "canonical": "X"}]}), "rows.codes[0].canonical"),
        (
            body_of(rows={"codes": [CODE, {**CODE, "__proto__": "X"}]}),
            "rows.codes[1].__proto__",
        ),
    ],
)
def test_a_field_that_is_none_of_the_rooms_is_refused_by_name(body: object, field: str) -> None:
    told = call("eva", "POST", "/register/proposals", body)

    assert told.status == 400
    assert told.body["field"] == field
    assert call("eva", "GET", "/register/proposals").body["proposals"] == []


@pytest.mark.parametrize("verb", ["submit", "approve", "reject", "withdraw"])
def test_a_step_takes_nothing_else_along(verb: str) -> None:
    told = step("adam", drafted(), verb, reason="r", decided_by="person:eva")

    assert (told.status, told.body["field"]) == (400, "decided_by")


@pytest.mark.parametrize("text", INJECTIONS)
def test_hostile_text_is_refused_or_kept_as_text(text: str) -> None:
    rows: Rows = {
        "campaigns": [{**CAMPAIGN, "name": text}],
        "promotions": [PROMOTION],
        "codes": [{**CODE, "code": text}],
    }
    told = call("eva", "POST", "/register/proposals", body_of(rows, title=text[:200], why=text))

    assert told.status == 201
    kept = read(told.body)
    assert (kept["title"], kept["why"]) == (text[:200], text)
    assert kept["rows"]["codes"][0]["code"] == text
    assert told.headers.keys() == {"content-type", "cache-control", "etag"}


@pytest.mark.parametrize("text", INJECTIONS)
def test_hostile_text_in_a_path_or_a_question_finds_nothing(text: str) -> None:
    segment = text.replace("/", "-")
    for path in (
        "/register/proposals/",
        "/register/campaigns/",
        "/register/promotions/",
        "/register/codes/",
    ):
        assert call("vera", "GET", path + segment).status in (400, 404)
    for query in ({"after": text}, {"subject": text}, {"limit": text}, {"state": text}):
        for path in ("/register/proposals", "/register/audit", "/register/campaigns"):
            assert call("vera", "GET", path, query=query).status in (200, 400)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{",
        '{"title": 1}',
        '{"title": "t", "why": "w", "rows": []}',
        '{"title": "t", "why": "w", "rows": {}}',
        '{"title": "t", "why": "w", "rows": {"codes": {}}}',
        '{"title": "t", "why": "w", "rows": {"codes": [[]]}}',
        '{"title": "t", "why": "w", "rows": {"codes": [{"code": {"S": "x"}}]}}',
        '{"title": "t", "why": "w", "rows": {"codes": [{"code": true}]}}',
        '{"title": "t", "why": "w", "rows": {"codes": [{"code": ["a"]}]}}',
        '{"title": "", "why": "w", "rows": {"codes": [{"code": "A"}]}}',
        '{"title": "t", "why": "\\ud800", "rows": {"codes": [{"code": "A"}]}}',
        '{"title": "t", "why": "w", "rows": {"codes": ' + "[" * 5000 + "}}",
    ],
)
def test_what_is_no_proposal_is_refused(body: str) -> None:
    told = answered(handle, event("POST", "/register/proposals", body, groups="[editor]"))

    assert told.status == 400
    assert told.headers["content-type"] == "application/problem+json"


def test_numbers_that_are_none_become_faults_of_their_cell() -> None:
    body = json.dumps(body_of({"promotions": [PROMOTION]})).replace(
        '"customer_limit": 1', '"customer_limit": 1e400, "code_limit": NaN, "priority": -1.5'
    )

    told = answered(
        handle, event("POST", "/register/proposals", body, groups="[editor]", subject="eva")
    )

    assert told.status in (201, 400)
    if told.status == 201:
        assert not told.body["check"]["sound"]


def test_a_proposal_that_no_item_could_hold_is_refused() -> None:
    dice = Random(7)
    texts = ("".join(dice.choices(ascii_letters + digits, k=100)) for _ in range(6_500))
    codes = [{"code": text, "promotion_id": "AUTUMN26-10"} for text in texts]

    told = call("eva", "POST", "/register/proposals", body_of({**ROWS, "codes": codes}))

    assert (told.status, told.body["field"]) == (400, "rows")
    assert proposals_table.newest(None, 10) == []
    assert audit_table.last() is None


def test_a_draft_of_thousands_of_codes_is_kept() -> None:
    codes = [{"code": f"AUTUMN-{at:05d}", "promotion_id": "AUTUMN26-10"} for at in range(3_000)]

    told = call("eva", "POST", "/register/proposals", body_of({**ROWS, "codes": codes}))

    assert told.status == 201
    assert len(read(told.body)["rows"]["codes"]) == 3_000


@pytest.mark.parametrize("text", ["x" * 300, "x" * 3000, "𝕬" * 5000])
def test_names_that_no_table_could_hold_are_refused_or_not_there(text: str) -> None:
    rows: Rows = {
        "campaigns": [{**CAMPAIGN, "campaign_id": text}],
        "promotions": [{**PROMOTION, "promotion_id": text}],
        "codes": [{**CODE, "code": text, "promotion_id": text}],
    }

    told = call("eva", "POST", "/register/proposals", body_of(rows))

    assert told.status == 201
    assert not told.body["check"]["sound"]
    assert max(len(item.pk.encode()) for item in audit_table.AuditItem.scan()) < 2048
    for path in ("proposals", "campaigns", "promotions", "code-jobs"):
        assert call("vera", "GET", f"/register/{path}/{text}").status == 404
    assert call("vera", "GET", f"/register/codes/{text}").status == 404
    for query in ({"after": text}, {"after": ""}):
        for path in ("proposals", "audit", "campaigns"):
            assert call("vera", "GET", f"/register/{path}", query=query).status == 400
    assert call("vera", "GET", "/register/audit", query={"subject": f"code:{text}"}).status == 400


@pytest.mark.parametrize("version", ['"x"', "-1", "1.5", "9" * 30])
def test_a_version_is_a_number(version: str) -> None:
    path = f"/register/proposals/{drafted()['proposal_id']}"

    assert call("eva", "PUT", path, body_of(), if_match=version).status == 400


def test_a_key_of_the_register_cannot_be_reached_by_an_id() -> None:
    drafted()

    for name in ("head", "now#", "proposal", "x#head"):
        assert call("vera", "GET", f"/register/campaigns/{name}").status == 404
    assert RegisterReader().revision() == 0
