"""Are people on a segment's list as hashes, counted exactly, and told of by number alone?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest

from tests.api.calls import Answered
from tests.api.room import CAMPAIGN, PROMOTION, call, drafted, published
from vouchsafe.edge import secrets, segments_table
from vouchsafe.edge.segments_table import MOST_AT_ONCE, Change

pytestmark = pytest.mark.usefixtures("aws")

VIP = {"segment_id": "VIP", "name": "Regulars", "owner": "eva"}
RULED = {**VIP, "segment_id": "NEW", "currency": "EUR", "rules": "first_time|spent:10.50/within:30"}
LIST = "/register/segments/VIP/members"
TODAY = datetime.now(UTC).date()
ANN, BOB = "email:ann@example.com", "phone:+34 600 1"


@pytest.fixture(autouse=True)
def _kept(aws: None) -> None:
    published({"segments": [VIP, RULED]})


def added(*people: str, who: str = "eva", **said: object) -> Answered:
    return call(who, "PUT", LIST, {"members": people, **said})


def removed(*people: str) -> Answered:
    return call("eva", "POST", f"{LIST}/remove", {"members": people})


def size(segment_id: str = "VIP") -> Any:
    return call("vera", "GET", f"/register/segments/{segment_id}").body["size"]


def people(count: int) -> list[str]:
    return [f"loyalty:{number}" for number in range(count)]


def key_of(kind: Any, raw: str) -> str:
    return secrets.identify()(kind, raw) or ""


def test_a_segment_is_proposed_approved_and_read_with_its_past() -> None:
    told = call("vera", "GET", "/register/segments/NEW")

    assert told.body["row"] == RULED
    assert "size" not in told.body
    assert told.version() == '"1"'
    published({"segments": [{**RULED, "rules": "first_time"}]})
    after = call("vera", "GET", "/register/segments/NEW").body
    assert [each["rows"][0]["rules"] for each in after["history"]] == [
        "first_time",
        RULED["rules"],
    ]


def test_segments_are_listed_by_id_with_their_sizes() -> None:
    added(ANN, BOB)

    first = call("vera", "GET", "/register/segments", query={"limit": "1"}).body
    rest = call("vera", "GET", "/register/segments", query={"after": first["after"]}).body

    found = [*first["segments"], *rest["segments"]]
    assert [(each["segment_id"], each.get("size")) for each in found] == [("NEW", None), ("VIP", 2)]
    assert "after" not in rest


def test_people_are_on_the_list_as_hashes_alone() -> None:
    added(ANN, BOB)

    found = boto3.client("dynamodb").scan(TableName="Segments")["Items"]
    assert "ann" not in str(found)
    assert "600" not in str(found)
    assert segments_table.is_listed("VIP", [key_of("email", "Ann+x@example.com")], TODAY)


def test_who_is_on_the_list_already_is_counted_once() -> None:
    first = added(ANN, ANN, BOB)
    again = added(BOB, ANN)

    assert (first.body["changed"], again.body["changed"]) == (2, 0)
    assert size() == 2


def test_who_leaves_is_counted_no_more_and_leaving_twice_is_leaving_once() -> None:
    added(ANN, BOB)

    assert removed(ANN, "email:nobody@example.com").body == {
        "segment_id": "VIP",
        "changed": 1,
        "size": 1,
    }
    assert removed(ANN).body["changed"] == 0
    assert not segments_table.is_listed("VIP", [key_of("email", "ann@example.com")], TODAY)


def test_membership_ends_with_its_last_day_and_so_does_the_count() -> None:
    added(ANN, until=TODAY.isoformat())
    added(BOB)

    tomorrow, ann = TODAY + timedelta(days=1), [key_of("email", "ann@example.com")]
    assert segments_table.is_listed("VIP", ann, TODAY)
    assert not segments_table.is_listed("VIP", ann, tomorrow)
    assert (segments_table.size("VIP", TODAY), segments_table.size("VIP", tomorrow)) == (2, 1)


def test_another_last_day_moves_a_member_and_adds_none() -> None:
    added(ANN, until=TODAY.isoformat())
    added(ANN, until=(TODAY + timedelta(days=5)).isoformat())
    assert segments_table.size("VIP", TODAY + timedelta(days=5)) == 1

    added(ANN)

    assert segments_table.size("VIP", TODAY) == segments_table.size("VIP", date.max) == 1


@pytest.mark.parametrize("count", [MOST_AT_ONCE, MOST_AT_ONCE + 1, 2 * MOST_AT_ONCE + 3])
def test_a_page_is_kept_however_many_transactions_it_takes(count: int) -> None:
    assert added(*people(count)).body == {"segment_id": "VIP", "changed": count, "size": count}


def test_a_page_fits_where_every_member_had_a_day_of_its_own() -> None:
    for number, each in enumerate(people(MOST_AT_ONCE)):
        added(each, until=(TODAY + timedelta(days=number)).isoformat())

    assert added(*people(MOST_AT_ONCE)).body["changed"] == MOST_AT_ONCE
    assert segments_table.size("VIP", date.max) == MOST_AT_ONCE


def test_the_log_tells_how_many_and_never_who() -> None:
    added(ANN, BOB, until="2126-12-31")
    removed(ANN)

    told = call("vera", "GET", "/register/audit", query={"subject": "segment:VIP"}).body["entries"]

    assert [(each["what"], each["after"]) for each in told[:2]] == [
        ("segment_thinned", "1 members"),
        ("segment_filled", "2 members, until 2126-12-31"),
    ]
    assert "email" not in str(told)


def test_what_changes_nobody_is_no_deed() -> None:
    added(ANN)
    added(ANN)

    told = call("vera", "GET", "/register/audit", query={"subject": "segment:VIP"}).body["entries"]
    assert [each["what"] for each in told].count("segment_filled") == 1


def test_of_two_who_add_the_same_person_at_once_one_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, calls = segments_table.adding, 0

    def raced(*said: Any, **more: Any) -> Change:
        nonlocal calls
        calls += 1
        found = real(*said, **more)
        if calls == 1:
            added(ANN, who="ana")
        return found

    monkeypatch.setattr(segments_table, "adding", raced)

    assert added(ANN, BOB).status == 200
    assert size() == 2


@pytest.mark.parametrize(
    ("members", "field"),
    [
        (["ann@example.com"], "members[0]"),
        ([BOB, "fax:1"], "members[1]"),
        (["email:ann"], "members[0]"),
        (["customer:17"], "members[0]"),
        ([], "members"),
        (people(1001), "members"),
    ],
)
def test_who_cannot_be_known_is_refused_by_place_and_not_repeated(
    members: list[str], field: str
) -> None:
    told = call("eva", "PUT", LIST, {"members": members})

    assert (told.status, told.body["field"]) == (400, field)
    assert "ann" not in str(told.body)
    assert size() == 0


def test_a_last_day_that_is_past_is_refused() -> None:
    told = added(ANN, until=(TODAY - timedelta(days=1)).isoformat())

    assert (told.status, told.body["field"]) == (400, "until")


def test_where_rules_say_who_is_in_it_there_is_no_list() -> None:
    told = call("eva", "PUT", "/register/segments/NEW/members", {"members": [ANN]})

    assert told.status == 409


def test_a_segment_that_is_not_there_is_told() -> None:
    assert call("vera", "GET", "/register/segments/NONE").status == 404
    path = "/register/segments/NONE/members"
    assert call("eva", "PUT", path, {"members": [ANN]}).status == 404


def test_a_promotion_names_a_segment_of_the_register() -> None:
    promotion = {**PROMOTION, "audience": "segment:NOBODY"}

    told = drafted(rows={"campaigns": [CAMPAIGN], "promotions": [promotion]})

    (fault,) = told["check"]["faults"]
    assert (fault["field"], fault["rule"]) == (
        "audience",
        "is neither in the load nor in the register: 'NOBODY'",
    )


def test_a_promotion_for_an_empty_list_is_advised_against() -> None:
    def findings(segment_id: str) -> list[Any]:
        promotion = {**PROMOTION, "audience": f"segment:{segment_id}"}
        found = drafted(rows={"campaigns": [CAMPAIGN], "promotions": [promotion]})
        assert found["check"]["faults"] == []
        return [(each["severity"], each["rule"]) for each in found["check"]["findings"]]

    assert findings("VIP") == [("advice", "nobody")]
    added(ANN)
    assert findings("VIP") == findings("NEW") == []


def test_forgetting_takes_a_person_out_of_every_list() -> None:
    published({"segments": [{**VIP, "segment_id": "STAFF"}]})
    added(ANN, BOB)
    call("eva", "PUT", "/register/segments/STAFF/members", {"members": [ANN]})

    assert segments_table.forget(key_of("email", "ann@example.com")) == 2
    assert segments_table.forget(key_of("email", "ann@example.com")) == 0

    assert (size("VIP"), size("STAFF")) == (1, 0)
