"""Are accounts, aliases and alarms told as they stand, and only for what there is?"""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.api.room import ACCOUNT, ROWS, call, published
from vouchsafe.edge import alarms_table
from vouchsafe.edge.alarms_table import Change, key_of
from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Alarm, Evidence

pytestmark = pytest.mark.usefixtures("aws")

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLACE = {**ACCOUNT, "location_id": "L1", "name": "Terrace"}
PLACE.pop("currency")
ALIAS = {"platform": "square", "account": "bar", "alias": "name:Ten off", "code": "Autumn-10"}


def get(path: str, **query: str) -> Any:
    return call("vera", "GET", path, query=query)


def kept(code: str, state: str = "open", **said: Any) -> Alarm:
    """An alarm in the table, as the stream keeps it."""
    use = Evidence(
        order="square#bar#7",
        item="redemption#GH0ST#000",
        redeemed_at=NOON,
        currency="EUR",
        at_risk_minor=250,
        place="square/bar/L1",
        seen="honoured",
        expected="a known code",
    )
    alarm = Alarm(
        alarm_id=f"code_not_found:{code}:{DAY}",
        rule="code_not_found",
        code=code,
        code_raw=code.lower(),
        day=DAY,
        state=state,  # type: ignore[arg-type]
        opened_at=NOON,
        updated_at=NOON,
        newest_on=DAY,
        orders=1,
        at_risk=(("EUR", 250),),
        evidence=(use,),
        revision=3,
        **said,
    )
    alarms_table.write([Change(key_of(alarm.alarm_id), 0, codec.dumps(alarm))])
    return alarm


def test_accounts_are_told_with_places_and_past() -> None:
    published({"accounts": [ACCOUNT], "locations": [PLACE]})
    published({"accounts": [{**ACCOUNT, "currency": "USD"}]})

    (listed,) = get("/register/accounts").body["accounts"]
    told = get("/register/accounts/square/bar").body

    assert listed == told["row"]
    assert told["row"]["currency"] == "USD"
    assert [each["rows"][0]["currency"] for each in told["history"]] == ["USD", "EUR"]
    assert [each["name"] for each in told["locations"]] == ["Terrace"]


def test_a_discount_of_a_till_is_found_however_it_is_spelt() -> None:
    published({**ROWS, "accounts": [ACCOUNT], "aliases": [ALIAS]})

    found = get("/register/accounts/square/bar/aliases/name:TEN%20%20OFF")

    assert found.status == 200, found.body
    assert found.body["row"]["code"] == "Autumn-10"


@pytest.mark.parametrize(
    "path", ["square/pub", "shopify/bar", "square/bar/aliases/name:nothing", f"square/{'b' * 300}"]
)
def test_what_the_register_has_not_is_absent(path: str) -> None:
    published({"accounts": [ACCOUNT]})

    assert get(f"/register/accounts/{path}").status == 404


def test_a_days_alarms_are_told_page_by_page() -> None:
    for code in ("A1", "B2", "C3"):
        kept(code)
    kept("D4", "cleared")

    first = get("/register/alarms", day="2026-11-20", limit="2", state="open").body
    second = get(
        "/register/alarms", day="2026-11-20", limit="2", state="open", after=first["after"]
    ).body

    assert [each["code"] for each in first["alarms"] + second["alarms"]] == ["a1", "b2", "c3"]
    assert "after" not in second
    assert get("/register/alarms", day="2026-11-21").body["alarms"] == []


def test_an_alarm_is_told_with_the_uses_that_it_rests_on() -> None:
    alarm = kept("GH0ST")

    told = get(f"/register/alarms/{alarm.alarm_id}").body

    assert told["at_risk"] == [{"currency": "EUR", "minor": 250}]
    assert told["evidence"] == [
        {
            "order": "square#bar#7",
            "place": "square/bar/L1",
            "redeemed_at": "2026-11-20T12:00:00.000Z",
            "at_risk": {"currency": "EUR", "minor": 250},
            "seen": "honoured",
            "expected": "a known code",
        }
    ]


@pytest.mark.parametrize("alarm_id", ["spike:A1:2026-11-20", "spike", "spike:A1:yesterday"])
def test_an_alarm_that_never_rang_is_absent(alarm_id: str) -> None:
    assert get(f"/register/alarms/{alarm_id}").status == 404


@pytest.mark.parametrize(
    ("query", "field"), [({"day": "tomorrow"}, "day"), ({"state": "loud"}, "state")]
)
def test_what_is_asked_wrongly_is_named(query: dict[str, str], field: str) -> None:
    told = get("/register/alarms", **query)

    assert (told.status, told.body["field"]) == (400, field)
