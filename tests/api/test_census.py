"""Is every code seen anywhere in one table, with what is wrong with it and what to do about it?"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.api.census import handler
from tests.api.calls import Answered, answered, event
from tests.api.room import call as control
from vouchsafe.edge import alarms_table, audit_table, census_table, clock
from vouchsafe.edge.alarms_table import Change
from vouchsafe.flow.load import load
from vouchsafe.pure import codec, instant
from vouchsafe.pure.census import Noticed, of_discount

pytestmark = pytest.mark.usefixtures("aws")

NOW = datetime(2126, 11, 21, 9, tzinfo=UTC)
SHOPIFY = "ID,Title,Code,Value Type,Value,Used Count,Ends At,Status\n"
AUTUMN = "11,Autumn,autumn-10,Percentage,10,3,2126-12-31,Active\n"
SPRING = "12,Spring,SPRING-5,Fixed Amount,5,1,,Active\n"
REGISTER = """{"accounts": [{"platform": "square", "account": "bar", "currency": "EUR",
 "zone": "Europe/Madrid"}], "campaigns": [{"campaign_id": "C1", "name": "Autumn",
 "purpose": "win back", "owner": "eva", "starts_on": "2126-09-01", "ends_on": "2126-12-31"}],
 "promotions": [{"promotion_id": "P1", "campaign_id": "C1", "starts_on": "2126-09-01",
 "ends_on": "2126-12-31", "voucher_class": "discount", "owner": "eva", "purpose": "win back",
 "benefit": "percent:10"}], "codes": [{"code": "Autumn-10", "promotion_id": "P1"}],
 "aliases": [{"platform": "square", "account": "bar", "alias": "catalog:D1",
 "code": "Autumn-10"}]}"""


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def ask(
    method: str, path: str, body: object = None, groups: str = "[editor]", **said: Any
) -> Answered:
    told = event(method, path, body, groups=groups, subject="eva", **said)
    return answered(handler.handle, told)


def imported(content: str, system: str = "shopify", **said: Any) -> Any:
    body = {"system": system, "account": "web", "content": content, **said}
    told = ask("POST", "/census/imports", body)
    assert told.status == 201, told.body
    return told.body


def codes(**query: str) -> dict[str, Any]:
    """All codes by subject, page by page; each comes once."""
    found: list[Any] = []
    while True:
        told = ask("GET", "/census/codes", query=query)
        assert told.status == 200, told.body
        found += told.body["codes"]
        if not told.body.get("after"):
            assert len({each["subject"] for each in found}) == len(found)
            return {each["subject"]: each for each in found}
        query = query | {"after": told.body["after"]}


def noticed(subject: str, platform: str = "square", account: str = "bar") -> None:
    said = Noticed(
        subject=subject,
        shown="Staff meal",
        platform=platform,
        account=account,
        order=f"{platform}#{account}#1",
        seen_at=NOW,
        currency="EUR",
        discount_minor=500,
    )
    key = alarms_table.unregistered_key(subject)
    alarms_table.write([Change(key, 0, codec.dumps(said))])


def test_a_list_is_kept_and_every_line_that_is_not_is_named() -> None:
    told = imported(SHOPIFY + AUTUMN + "13,Bad,BAD,Percentage,1e3,x,,Active\n" + SPRING)

    assert (told["kept"], told["complete"]) == (2, False)
    assert [(each["line"], each["column"]) for each in told["refused"]] == [
        (3, "Value"),
        (3, "Used Count"),
    ]
    assert set(codes()) == {"AUTUMN1O", "SPR1NG5"}


def test_the_import_stands_in_the_audit_log() -> None:
    imported(SHOPIFY + AUTUMN)

    (entry,) = audit_table.newest_of("census:shopify/web", None, 10)
    assert (entry.deed.who, entry.deed.what) == ("person:eva", "census_imported")


def test_a_code_is_told_with_all_that_its_systems_and_the_register_say() -> None:
    load([("register.json", REGISTER.encode())])
    imported(SHOPIFY + AUTUMN)
    imported("Coupon Code,Value,Kind\nAUTUMN-10,20,percent\n", "klaviyo")

    told = ask("GET", "/census/codes/autumn-1o").body

    assert (told["registered"], told["code"]) == (True, "Autumn-10")
    assert [each["running"] for each in told["promotions"]] == ["active"]
    assert told["duplicates"] == ["klaviyo/web", "shopify/web"]
    assert told["conflicts"] == [
        {"kind": "value", "says": ["10%: shopify/web, register P1", "20%: klaviyo/web"]}
    ]
    assert (told["advice"], told.get("rows")) == ("merge", None)


def test_what_a_newer_complete_list_lacks_is_gone_and_still_there() -> None:
    imported(SHOPIFY + AUTUMN + SPRING, taken_at="2126-11-01T00:00:00Z")

    imported(SHOPIFY + AUTUMN, taken_at="2126-11-02T00:00:00Z")

    gone = {subject: said["listings"][0]["gone"] for subject, said in codes().items()}
    assert gone == {"AUTUMN1O": False, "SPR1NG5": True}
    seen = {
        subject: (said["listings"][0]["first_seen_at"], said["listings"][0]["last_seen_at"])
        for subject, said in codes().items()
    }
    first, second = "2126-11-01T00:00:00.000Z", "2126-11-02T00:00:00.000Z"
    assert seen == {"AUTUMN1O": (first, second), "SPR1NG5": (first, first)}


@pytest.mark.parametrize(
    "newer",
    [
        {"content": SHOPIFY + AUTUMN + "1,x,,,,,,\n"},
        {"content": SHOPIFY + AUTUMN, "last": False},
        {"content": SHOPIFY + AUTUMN, "part": 2},
        {"content": SHOPIFY + AUTUMN, "taken_at": "2126-10-01T00:00:00Z"},
        {"content": SHOPIFY + AUTUMN, "account": "other"},
    ],
)
def test_a_list_that_is_not_complete_or_not_newer_ends_nothing(newer: dict[str, Any]) -> None:
    imported(SHOPIFY + AUTUMN + SPRING, taken_at="2126-11-01T00:00:00Z")
    said = {"account": "web", "taken_at": "2126-11-02T00:00:00Z", **newer}
    if said["content"].endswith(",,,\n"):
        said["content"] = said["content"].replace("1,x,,,,,,", "1,,,,,,,")

    imported(said.pop("content"), **said)

    assert not codes()["SPR1NG5"]["listings"][0]["gone"]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1, 2, 3)])
def test_parts_make_a_list_in_any_order_and_repetition(order: tuple[int, ...]) -> None:
    imported(SHOPIFY + "9,Old,OLD,,,,,\n", taken_at="2126-11-01T00:00:00Z")
    lines = {1: AUTUMN, 2: SPRING, 3: "13,Third,THIRD,,,,,\n"}
    answers = [
        imported(SHOPIFY + lines[part], part=part, last=part == 3, taken_at="2126-11-02T00:00:00Z")
        for part in order
    ]

    assert [each["complete"] for each in answers].index(True) == 2
    assert [said["listings"][0]["gone"] for subject, said in sorted(codes().items())] == [
        False,
        True,
        False,
        False,
    ]


def test_an_import_sent_again_changes_nothing() -> None:
    said = {"taken_at": "2126-11-01T00:00:00Z"}
    imported(SHOPIFY + AUTUMN, **said)
    before = codes()

    assert imported(SHOPIFY + AUTUMN, **said)["complete"]

    assert codes() == before


def test_an_older_list_does_not_talk_over_a_newer() -> None:
    imported(SHOPIFY + AUTUMN, taken_at="2126-11-02T00:00:00Z")

    imported(SHOPIFY + AUTUMN.replace("10,3", "50,3"), taken_at="2126-11-01T00:00:00Z")

    assert codes()["AUTUMN1O"]["listings"][0]["value"] == "10"


def test_what_only_orders_bear_is_unregistered_until_the_register_knows_it() -> None:
    noticed(of_discount("square", "bar", "catalog:D1"))
    noticed("1OU1S")
    assert set(codes(unregistered="yes")) == {"1OU1S", "?square#bar#catalog:D1"}

    load([("register.json", REGISTER.encode())])

    assert set(codes(unregistered="yes")) == {"1OU1S"}
    told = ask("GET", "/census/codes/Louis").body
    assert told["noticed"]["discount"] == {"currency": "EUR", "minor": 500}
    assert told["advice"] == "watch"


def test_what_is_listed_and_borne_by_orders_comes_once() -> None:
    noticed("SPR1NG5")
    imported(SHOPIFY + AUTUMN + SPRING)

    assert set(codes()) == {"AUTUMN1O", "SPR1NG5"}
    assert set(codes(unregistered="yes")) == {"SPR1NG5"}


@pytest.mark.parametrize("limit", ["1", "2", "3", "100"])
def test_pages_of_any_size_tell_each_code_once_and_whole(limit: str) -> None:
    for system in ("shopify", "klaviyo", "spreadsheet"):
        imported("code,id\n" + "".join(f"X{each},1\nX{each},2\n" for each in range(5)), system)
    noticed("Y1")
    noticed("Y2")

    found = codes(limit=limit)

    assert len(found) == 7
    assert {len(each["listings"]) for each in found.values()} == {6, 0}


def test_filters_leave_out_what_does_not_pass() -> None:
    load([("register.json", REGISTER.encode())])
    imported(SHOPIFY + AUTUMN + SPRING)
    imported("code\nNEW1\n", "klaviyo")

    assert set(codes(advice="adopt")) == {"SPR1NG5", "NEW1"}
    assert set(codes(system="klaviyo")) == {"NEW1"}
    assert ask("GET", "/census/codes", query={"advice": "sell"}).status == 400
    assert ask("GET", "/census/codes", query={"after": "perhaps"}).body["field"] == "after"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SHOPIFY + SPRING, "spring-5"),
        (SHOPIFY + "14,Ten,TEN,Percentage,10,5,2126-12-24,Active\n", "TEN"),
        (SHOPIFY + "15,Staff meal,,Percentage,50,,,Active\n", "?shopify#web#catalog:15"),
        ("code\nBARE\n", "BARE"),
    ],
)
def test_the_rows_to_adopt_a_code_are_sound_as_they_are(content: str, code: str) -> None:
    web = b"platform,account,currency,zone\nshopify,web,EUR,UTC\n"
    load([("accounts.csv", web)])
    imported(content)

    told = ask("GET", f"/census/codes/{code}".replace("#", "%23").replace("?", "%3F")).body

    assert told["advice"] == "adopt"
    checked = control("eva", "POST", "/register/proposals/check", {"rows": told["rows"]})
    assert checked.body["faults"] == []
    assert [each for each in checked.body["findings"] if each["severity"] == "error"] == []


def test_a_discount_is_adopted_as_a_code_that_the_till_calls_otherwise() -> None:
    imported(SHOPIFY + "15,Staff meal,,Percentage,50,,,Active\n")

    rows = ask("GET", "/census/codes/%3Fshopify%23web%23catalog%3A15").body["rows"]

    assert [each["code"] for each in (*rows["codes"], *rows["aliases"])] == ["STAFF-MEAL"] * 2
    assert rows["aliases"][0]["alias"] == "catalog:15"
    assert rows["promotions"][0]["benefit"] == "percent:50"


def test_the_table_is_a_line_a_code_that_no_spreadsheet_runs() -> None:
    imported(SHOPIFY + "16,=1+1,,Percentage,10,5,2126-12-24,Active\n" + SPRING)

    first = ask("GET", "/census/table", query={"limit": "1"}).body
    rest = ask("GET", "/census/table", query={"after": first["after"]}).body

    lines = list(csv.DictReader(io.StringIO(first["csv"] + rest["csv"])))
    assert {line["code"] for line in lines} == {"'=1+1", "SPRING-5"}
    (harmless,) = (line for line in lines if line["code"] == "'=1+1")
    assert harmless["rules"] == "shopify/web: 10% ..2126-12-24"
    assert (harmless["uses_by_systems"], harmless["advice"]) == ("shopify/web: 5", "adopt")


def test_systems_tell_their_newest_complete_list() -> None:
    imported(SHOPIFY + AUTUMN)
    imported("code\n,\nA1\n", "klaviyo", last=False, taken_at="2126-11-01T00:00:00Z")

    told = ask("GET", "/census/systems").body["systems"]

    assert told == [
        {"system": "klaviyo", "account": "web"},
        {"system": "shopify", "account": "web", "complete_at": instant.text(NOW)},
    ]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"system": "Shopify"}, "system"),
        ({"part": 2}, "taken_at"),
        ({"taken_at": instant.text(NOW + timedelta(hours=1))}, "taken_at"),
        ({"taken_at": "2126-11-01T00:00:00"}, "taken_at"),
        ({"content": "code\n" + "A\n" * 501}, "content"),
        ({"who": "eva"}, "who"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_field(said: Mapping[str, Any], field: str) -> None:
    told = ask("POST", "/census/imports", {"system": "shopify", "content": "code\nA1\n"} | said)

    assert (told.status, told.body["field"]) == (400, field)
    assert not census_table.systems()


@pytest.mark.parametrize(
    ("groups", "method", "path", "status"),
    [
        ("[viewer]", "POST", "/census/imports", 403),
        ("[viewer]", "GET", "/census/codes", 200),
        ("[nobody]", "GET", "/census/codes", 403),
        ("[viewer]", "GET", "/census/codes/NOWHERE", 404),
        ("[viewer]", "GET", "/census/codes/---", 404),
    ],
)
def test_rights_are_asked_first(groups: str, method: str, path: str, status: int) -> None:
    assert ask(method, path, groups=groups).status == status


def test_a_repeat_under_a_key_is_answered_alike() -> None:
    body = {"system": "shopify", "content": SHOPIFY + AUTUMN}

    first = ask("POST", "/census/imports", body, idempotency_key="k1")
    again = ask("POST", "/census/imports", body, idempotency_key="k1")

    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert set(codes()) == {"AUTUMN1O"}
