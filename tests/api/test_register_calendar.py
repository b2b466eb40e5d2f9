"""Is what goes out when, to whom and how often seen before anybody approves it?"""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.api.register import handler, plan
from tests.api.calls import event
from tests.api.room import CAMPAIGN, PROMOTION, Rows, call, drafted, published, step
from tests.register.conftest import aws, made
from vouchsafe.edge import clock, register_table

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")

NOW = datetime(2126, 8, 20, 11, tzinfo=UTC)
AUTUMN = {"from": "2126-09-01", "to": "2126-12-31"}
FATIGUE = "/register/settings/fatigue"


@pytest.fixture(autouse=True)
def in_august(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(clock, "now", lambda: NOW)


def of(name: str, campaign: str = "AUTUMN26", **said: object) -> dict[str, object]:
    return {**PROMOTION, "promotion_id": name, "campaign_id": campaign} | said


def rows(*promotions: dict[str, object]) -> Rows:
    campaigns = {str(each["campaign_id"]): None for each in promotions}
    return {
        "campaigns": [{**CAMPAIGN, "campaign_id": each} for each in campaigns],
        "promotions": list(promotions),
    }


def calendar(**query: str) -> Any:
    told = call("vera", "GET", "/register/calendar", query=query or AUTUMN)
    assert told.status == 200, told.body
    return told.body


def enough(**said: object) -> None:
    seen = call("adam", "GET", FATIGUE).version()
    told = call("adam", "PUT", FATIGUE, said, if_match=seen)
    assert told.status == 200, told.body


def ahead(proposal: Any) -> list[tuple[str, str, int]]:
    found = proposal["check"]["findings"]
    rules = ("overlap", "over_mailing")
    return [
        (each["rule"], each["severity"], each["row"]) for each in found if each["rule"] in rules
    ]


def test_the_calendar_tells_what_goes_out_when_and_to_whom() -> None:
    place = "square/bar/L1"
    published(
        {
            **rows(of("A", audience="silent:90"), of("B", starts_on="2126-10-01", status="paused")),
            "accounts": [
                {"platform": "square", "account": "bar", "currency": "EUR", "zone": "Europe/Madrid"}
            ],
            "locations": [
                {
                    "platform": "square",
                    "account": "bar",
                    "location_id": "L1",
                    "name": "Sol",
                    "zone": "Europe/Madrid",
                }
            ],
        }
    )
    published({"promotions": [of("A", audience="silent:90", places=place)]})

    found = calendar()

    assert [
        (each["promotion_id"], each["starts_on"], each["status"], each["places"])
        for each in found["windows"]
    ] == [("A", "2126-09-01", "active", [place]), ("B", "2126-10-01", "paused", [])]
    (release,) = found["releases"]
    assert (release["day"], release["audience"], release["promotions"]) == (
        "2126-09-01",
        "silent:90",
        ["A"],
    )
    assert release["channel"] == "newsletter / "


def test_what_crosses_what_is_too_much_and_what_is_missing_is_told() -> None:
    peak = {"name": "Christmas", "starts": "12-24", "ends": "12-26"}
    enough(channel_a_week=1, peaks=[peak])
    published(
        rows(
            of("A", "ONE", ends_on="2126-09-20"),
            of("B", "TWO", starts_on="2126-09-05", ends_on="2126-10-10"),
        )
    )

    found = calendar()

    told = {each["rule"]: (each["starts_on"], each["ends_on"]) for each in found["remarks"]}
    assert told == {
        "over_mailing": ("2126-09-01", "2126-09-05"),
        "gap": ("2126-10-11", "2126-12-31"),
        "peak_missed": ("2126-12-24", "2126-12-26"),
        "overlap": ("2126-09-05", "2126-09-20"),
    }
    assert found["remarks_left_out"] == found["campaigns_left_out"] == 0


def test_a_proposal_is_told_what_it_would_cross_and_what_would_be_too_much() -> None:
    enough(audience_a_day=1)
    published(rows(of("A", "ONE")))

    draft = drafted(rows=rows(of("FAR", "TWO", audience="holder"), of("B", "TWO")))

    assert ahead(draft) == [
        ("overlap", "advice", 1),
        ("over_mailing", "advice", 2),  # for anyone
        ("over_mailing", "advice", 2),  # for whoever holds a code
        ("overlap", "advice", 2),
    ]
    assert draft["check"]["sound"]
    says = [each["says"] for each in draft["check"]["findings"] if each["rule"] == "overlap"]
    assert "same places as A" in says[1]
    assert says[1].endswith(": their codes stack, and one order may get both")


def test_what_stood_already_is_no_finding_of_a_proposal() -> None:
    enough(audience_a_day=1)
    published(rows(of("A", "ONE"), of("B", "TWO")))

    assert ahead(drafted(rows=rows(of("B", "TWO", customer_limit=3)))) == []
    assert ahead(drafted(rows={"codes": [{"code": "X", "promotion_id": "A"}]})) == []


def test_a_promotion_that_moves_away_crosses_nothing_any_more() -> None:
    published(rows(of("A", "ONE", ends_on="2126-09-30"), of("B", "TWO", ends_on="2126-09-30")))

    moved = drafted(rows=rows(of("B", "TWO", starts_on="2126-10-01")))

    assert ahead(moved) == []


@pytest.mark.parametrize(
    ("setting", "rule"), [("strict", "over_mailing"), ("strict_overlaps", "overlap")]
)
def test_where_the_setting_is_strict_it_cannot_be_handed_in(setting: str, rule: str) -> None:
    enough(audience_a_day=1, **{setting: True})
    published(rows(of("A", "ONE")))
    draft = drafted(rows=rows(of("B", "TWO")))

    told = step("eva", draft, "submit")

    assert [each for each in ahead(draft) if each[1] == "error"] == [(rule, "error", 1)]
    assert (told.status, told.body["field"]) == (400, "rows.promotions[0].starts_on")


def test_nobody_looks_at_codes_or_at_campaigns_of_other_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = {"starts_on": "2126-09-01", "ends_on": "2126-09-30"}
    published(rows(of("A", "ONE")))
    published(
        {
            "campaigns": [{**CAMPAIGN, "campaign_id": "TWO"} | other],
            "promotions": [of("B", "TWO", **other)],
        }
    )
    asked: list[str] = []
    real = register_table.promotions_of

    def listened(campaign_id: str, at: Any) -> Any:
        asked.append(campaign_id)
        return real(campaign_id, at)

    def scanned(*_: object) -> None:
        raise AssertionError("somebody looks at everything")

    monkeypatch.setattr(register_table, "promotions_of", listened)
    monkeypatch.setattr(register_table.RegisterItem, "scan", scanned)

    calendar(**{"from": "2126-12-01", "to": "2126-12-31"})

    assert asked == ["ONE"]


def test_what_was_not_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MOST_CAMPAIGNS", 1)
    published(rows(of("A", "ONE"), of("B", "TWO")))

    assert calendar()["campaigns_left_out"] == 1
    assert ("overlap", "advice", 1) in ahead(drafted(rows=rows(of("C", "THREE"))))


def test_the_calendar_is_a_file_that_calendars_take() -> None:
    enough(peaks=[{"name": "Christmas", "starts": "12-24", "ends": "12-26"}])
    published(rows(of("A", ends_on="2126-12-25")))
    asked = event("GET", "/register/calendar.ics", groups="[viewer]", query=AUTUMN)

    told = handler.handle(asked, None)

    assert told["statusCode"] == 200
    assert told["headers"]["content-type"] == "text/calendar; charset=utf-8"  # type: ignore[index]
    lines = str(told["body"]).split("\r\n")
    assert "UID:promotion-A@vouchsafe" in lines
    assert "DTEND;VALUE=DATE:21261226" in lines
    assert [each for each in lines if each.startswith("CATEGORIES")] == [
        "CATEGORIES:promotion",
        "CATEGORIES:peak",
        "CATEGORIES:gap",
        "CATEGORIES:peak_missed",
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "soon"}, "from"),
        ({"to": "2126-02-30"}, "to"),
        ({"from": "2126-09-01", "to": "2126-08-31"}, "to"),
        ({"from": "2126-09-01", "to": "2127-10-01"}, "to"),
        ({"from": "9999-12-31"}, "from"),
        ({"from": "0001-01-01"}, "from"),
    ],
)
def test_an_odd_period_is_refused(query: dict[str, str], field: str) -> None:
    told = call("vera", "GET", "/register/calendar", query=query)

    assert (told.status, told.body["field"]) == (400, field)


def test_what_is_enough_is_set_by_an_admin_over_what_was_seen_and_told_by_the_log() -> None:
    assert call("ana", "PUT", FATIGUE, {}).status == 403
    enough(audience_a_week=3)

    again = call("adam", "PUT", FATIGUE, {"strict": True}, if_match='"0"')

    assert again.status == 409
    assert call("vera", "GET", FATIGUE).body["audience_a_week"] == 3
    (entry,) = call("vera", "GET", "/register/audit", query={"subject": "setting:fatigue"}).body[
        "entries"
    ]
    assert (entry["what"], entry["who"]) == ("fatigue_set", "person:adam")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"audience_a_day": 0}, "audience_a_day"),
        ({"peaks": [{"name": "x", "starts": "02-30", "ends": "03-01"}]}, "peaks[0].starts"),
        ({"peaks": [{"name": "x", "starts": "2-3", "ends": "03-01"}]}, "peaks[0].starts"),
    ],
)
def test_a_setting_that_cannot_be_kept_is_refused(said: object, field: str) -> None:
    told = call("adam", "PUT", FATIGUE, said)

    assert (told.status, told.body["field"]) == (400, field)
