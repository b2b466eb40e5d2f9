"""Is an alarm taken on once and for all to see, and is it set as said when it is told again?"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.streams.alarms.book import Book, written
from tests.api.room import call
from tests.api.test_register_looks import kept
from vouchsafe.edge import alarms_table, audit_table
from vouchsafe.edge.alarms_table import key_of
from vouchsafe.pure import alarm as alarms
from vouchsafe.pure.alarm import Alarm
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.escalation import Escalation

pytestmark = pytest.mark.usefixtures("aws")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTING = "/register/settings/escalation"


def path(alarm: Alarm) -> str:
    return f"/register/alarms/{alarm.alarm_id}"


def acknowledge(alarm: Alarm, who: str = "eva", note: str = "on it", **said: Any) -> Any:
    return call(who, "POST", f"{path(alarm)}/acknowledge", {"note": note}, **said)


def one_more(alarm: Alarm, minor: int = 0) -> None:
    """A use more, as the stream brings it."""

    def attempt(book: Book) -> None:
        standing = book.get(Alarm, key_of(alarm.alarm_id))
        assert standing is not None
        risk = (("EUR", standing.at_risk[0][1] + minor),)
        more = replace(standing, orders=standing.orders + 1, at_risk=risk)
        book.put(key_of(alarm.alarm_id), alarms.opened(more, NOON))

    written(attempt)


def deeds() -> list[str]:
    return [each.deed.what for each in audit_table.newest(None, 50)]


def test_who_takes_an_alarm_on_is_told_and_audited() -> None:
    alarm = kept("GH0ST")
    assert call("vera", "GET", path(alarm)).body["waits"]

    answer = acknowledge(alarm)
    told = call("vera", "GET", path(alarm)).body

    assert (answer.status, answer.body["says"]) == (200, "It is told no further.")
    assert not told["waits"]
    assert told["acknowledged"] == answer.body["acknowledged"]
    assert told["acknowledged"]["by"] == "person:eva"
    assert told["acknowledged"]["note"] == "on it"
    assert told["acknowledged"]["stands"]
    (entry,) = call(
        "vera", "GET", "/register/audit", query={"subject": f"alarm:{alarm.alarm_id}"}
    ).body["entries"]
    assert (entry["who"], entry["what"], entry["why"]) == (
        "person:eva",
        "alarm_acknowledged",
        "on it",
    )


def test_a_repeat_changes_nothing_and_the_first_person_stands() -> None:
    alarm = kept("GH0ST")
    first = acknowledge(alarm, if_match="1")

    assert acknowledge(alarm, "emil", if_match="1").body == first.body
    assert deeds() == ["alarm_acknowledged"]


def test_a_viewer_takes_no_alarm_on() -> None:
    assert acknowledge(kept("GH0ST"), "vera").status == 403


def test_an_alarm_that_never_rang_cannot_be_taken_on() -> None:
    alarm = replace(kept("GH0ST"), alarm_id="spike:N0NE:2026-11-20")

    assert acknowledge(alarm).status == 404


def test_who_names_a_version_answers_what_he_has_seen() -> None:
    alarm = kept("GH0ST")
    one_more(alarm)

    assert acknowledge(alarm, if_match="1").status == 409
    assert acknowledge(alarm, if_match="2").status == 200


def test_a_cleared_alarm_may_be_taken_on_and_the_answer_says_so() -> None:
    alarm = kept("GH0ST", "cleared", cleared_at=NOON)

    answer = acknowledge(alarm)

    assert answer.status == 200
    assert answer.body["says"] == "It was cleared at 2026-11-20T12:00:00.000Z."


def test_much_worse_it_waits_again_and_tells_who_had_taken_it_on() -> None:
    alarm = kept("GH0ST")
    acknowledge(alarm)
    one_more(alarm, 249)
    assert not call("vera", "GET", path(alarm)).body["waits"]

    one_more(alarm, 1)
    told = call("vera", "GET", path(alarm)).body

    assert (told["waits"], told["calls"]) == (True, 1)
    assert (told["acknowledged"]["by"], told["acknowledged"]["stands"]) == ("person:eva", False)
    assert acknowledge(alarm, "emil").body["acknowledged"]["by"] == "person:emil"
    assert deeds() == ["alarm_acknowledged"] * 2


def test_uses_and_people_at_once_lose_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    found = [kept(f"C0DE{number}") for number in range(3)]

    def used(alarm: Alarm) -> None:
        for _ in range(8):
            _until_done(one_more, alarm)

    with ThreadPoolExecutor(6) as threads:
        uses = [threads.submit(used, each) for each in found]
        people = [threads.submit(_until_done, acknowledge, each) for each in found]
        assert [each.result() for each in uses] == [None] * 3
        assert [each.result().status for each in people] == [200] * 3

    for each in found:
        standing = alarms_table.alarm(each.alarm_id)
        assert standing is not None
        assert (standing.orders, standing.revision) == (9, 11)
        assert standing.is_acknowledged()
    assert deeds() == ["alarm_acknowledged"] * 3


def _until_done(work: Any, alarm: Alarm) -> Any:
    """As a record comes again, and as a person asks again who was told 503."""
    while True:
        try:
            answer = work(alarm)
        except Unavailable:
            continue
        if answer is None or answer.status != 503:
            return answer


@pytest.mark.parametrize("writes_first", ["stream", "person"])
def test_whoever_writes_first_the_other_looks_again(
    monkeypatch: pytest.MonkeyPatch, writes_first: str
) -> None:
    alarm = kept("GH0ST")
    read, meanwhile = alarms_table.read, [one_more, acknowledge][writes_first == "person"]

    def overtaken(keys: Any) -> Any:
        found = read(keys)
        monkeypatch.setattr(alarms_table, "read", read)
        meanwhile(alarm)
        return found

    monkeypatch.setattr(alarms_table, "read", overtaken)
    (acknowledge if writes_first == "stream" else one_more)(alarm)

    standing = alarms_table.alarm(alarm.alarm_id)
    assert standing is not None
    assert (standing.orders, standing.is_acknowledged()) == (2, True)


def test_an_alarm_that_never_keeps_still_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    alarm, standing = kept("GH0ST"), alarms_table.standing

    def outrun(alarm_id: str) -> Any:
        found = standing(alarm_id)
        one_more(alarm)
        return found

    monkeypatch.setattr(alarms_table, "standing", outrun)

    assert acknowledge(alarm).status == 503
    assert deeds() == []


def setting(**said: Any) -> dict[str, Any]:
    found: dict[str, Any] = call("adam", "GET", SETTING).body
    return found | said


def test_what_nobody_has_set_is_as_usual() -> None:
    told = call("vera", "GET", SETTING)

    assert told.body["critical"]["after_minutes"] == 15
    assert told.body["minor"]["quiet_from"] == "22:00"
    assert told.headers["etag"] == '"0"'


def test_the_setting_is_set_over_the_version_that_was_seen_and_audited() -> None:
    asked = setting(mention="S012ABC", zone="Europe/Madrid")

    assert call("ana", "PUT", SETTING, asked).status == 403
    told = call("adam", "PUT", SETTING, asked)
    assert (told.status, told.body) == (200, asked)
    assert call("adam", "PUT", SETTING, asked).status == 400
    assert call("adam", "PUT", SETTING, asked, if_match="0").status == 409
    again = asked | {"minor": {"after_minutes": 5}}
    assert call("adam", "PUT", SETTING, again, if_match="1").status == 200

    kept = alarms_table.escalation()
    assert (kept.version, kept.minor.after_minutes, kept.minor.again_minutes) == (2, 5, None)
    assert kept.major == Escalation().major
    assert (kept.mention, kept.zone, kept.levels) == (
        "S012ABC",
        "Europe/Madrid",
        Escalation().levels,
    )
    assert deeds() == ["escalation_set"] * 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"mention": "<!everyone>"}, "mention"),
        ({"mention": "channel\n"}, "mention"),
        ({"minor": {"after_minutes": 0}}, "minor.after_minutes"),
        ({"minor": {"quiet_from": "24:00"}}, "minor.quiet_from"),
        (
            {"levels": [{"currency": "EUR", "major_minor": 2, "critical_minor": 1}]},
            "levels[0].critical_minor",
        ),
    ],
)
def test_a_setting_that_cannot_be_kept_is_refused_by_field(
    said: dict[str, Any], field: str
) -> None:
    told = call("adam", "PUT", SETTING, setting(**said))

    assert (told.status, told.body["field"]) == (400, field)
