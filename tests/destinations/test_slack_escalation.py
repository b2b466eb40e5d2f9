"""Is an alarm that nobody acknowledged told again, each time once, whatever comes between?"""

import json
import os
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pytest

from functions.destinations.slack import ladder
from tests import cloud
from tests.destinations import test_slack_deliver
from tests.destinations.test_slack_deliver import Slack, bring, clock_at
from tests.destinations.test_slack_message import NOON, alarm, checked
from vouchsafe.edge import alarms_table, audit_table, deliveries_table, queue
from vouchsafe.edge.alarms_table import Change, key_of
from vouchsafe.edge.deliveries_table import Sending
from vouchsafe.pure import codec
from vouchsafe.pure.alarm import Alarm, Calling, acknowledged, cleared, notice
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.escalation import Escalation
from vouchsafe.pure.happening import Happening

pytestmark = pytest.mark.usefixtures("aws", "in_no_hurry")
slack, in_no_hurry, put_off = (
    test_slack_deliver.slack,
    test_slack_deliver.in_no_hurry,
    test_slack_deliver.put_off,
)

FIRST = "expired:MA1L:2025-11-20:call-1:step-1"
SECOND = "expired:MA1L:2025-11-20:call-1:step-2"


@dataclass
class Later:
    """What waits on Slack's own queue, with the moment at which the queue brings it."""

    waits: list[tuple[datetime, str]] = field(default_factory=list)
    now: datetime = NOON

    def send(self, url: str, bodies: Any, delay_s: float = 0) -> None:
        assert url.endswith(("/waiting", "/dead_letters"))
        assert delay_s <= 900 or url.endswith("/waiting")
        wait = timedelta(seconds=min(delay_s, 900))
        self.waits += [(self.now + wait, json.dumps(each)) for each in bodies]

    def bring(self, *told: Happening | str) -> list[str]:
        with clock_at(self.now):
            return bring(*told)

    def until(self, end: datetime) -> None:
        """Brings what waits, each when its time has come."""
        while self.waits and min(self.waits)[0] <= end:
            self.now, text = min(self.waits)
            self.waits.remove((self.now, text))
            assert self.bring(text) == []
        self.now = end

    def pass_minutes(self, minutes: float) -> None:
        self.until(self.now + timedelta(minutes=minutes))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    found = Later()
    monkeypatch.setattr(queue, "send", found.send)
    return found


def kept(at_risk: int = 200_00, **said: Any) -> Alarm:
    """An alarm that calls since noon, in the table."""
    risk = (("EUR", at_risk),)
    calling = Calling(number=1, at=NOON, orders=1, at_risk=risk)
    found = alarm(at_risk=risk, calling=calling, **said)
    write(found)
    return found


def write(said: Alarm) -> None:
    standing = alarms_table.standing(said.alarm_id)
    version = standing[1] if standing else 0
    alarms_table.write([Change(key_of(said.alarm_id), version, codec.dumps(said))])


def raised(said: Alarm) -> Happening:
    return notice(said, "AlarmRaised", stack="test", at=NOON)


def titles(slack: Slack) -> list[str]:
    return [each["blocks"][0]["text"]["text"] for each in slack.posted]


def status(happening_id: str) -> str | None:
    found = deliveries_table.get("slack", happening_id)
    return found.status if found else None


def test_what_nobody_acknowledges_is_told_twice_more_and_then_no_more(
    slack: Slack, later: Later
) -> None:
    later.bring(raised(kept()))
    later.pass_minutes(29.9)
    assert len(slack.posted) == 1

    later.pass_minutes(0.1)
    assert len(slack.posted) == 2
    later.pass_minutes(59.9)
    assert len(slack.posted) == 2
    later.pass_minutes(0.1)
    later.pass_minutes(6000)

    assert titles(slack) == [
        "Alarm: expired code honoured, MA1L",
        "Nobody has acknowledged: expired code honoured, MA1L",
        "Still nobody has acknowledged: expired code honoured, MA1L",
    ]
    assert (status(FIRST), status(SECOND)) == ("sent", "sent")
    assert later.waits == []


def test_without_a_place_of_its_own_the_same_channel_is_called(slack: Slack, later: Later) -> None:
    later.bring(raised(kept()))
    later.pass_minutes(30)

    text = checked(slack.posted[1])
    assert "<!channel> *Major*, unanswered since 2025-11-20 12:00 UTC" in text
    assert "POST /register/alarms/expired%3AMA1L%3A2025-11-20/acknowledge" in text
    assert "POST /register/promotions/by-mail/pause" in text
    assert "docs/runbooks/escalation.md" in text


def test_it_is_told_to_a_second_place_where_there_is_one(slack: Slack, later: Later) -> None:
    cloud.put_secret("slack/escalation", slack.url.replace("B0", "B1"))
    later.bring(raised(kept()))
    later.pass_minutes(30)

    found = deliveries_table.get("slack", FIRST)
    assert found is not None
    assert (found.account, found.happening) == ("escalation", "AlarmEscalated")


def test_a_person_who_acknowledges_ends_it(slack: Slack, later: Later) -> None:
    found = kept()
    later.bring(raised(found))
    later.pass_minutes(20)
    write(acknowledged(found, "person:eva", "", later.now))
    later.pass_minutes(6000)

    assert (len(slack.posted), status(FIRST)) == (1, "over")


def test_between_the_two_steps_too(slack: Slack, later: Later) -> None:
    found = kept()
    later.bring(raised(found))
    later.pass_minutes(30)
    write(acknowledged(found, "person:eva", "", later.now))
    later.pass_minutes(6000)

    assert (len(slack.posted), status(FIRST), status(SECOND)) == (2, "sent", "over")


def test_an_alarm_that_is_cleared_is_not_told_again(slack: Slack, later: Later) -> None:
    found = kept()
    later.bring(raised(found))
    write(cleared(found, later.now))
    later.pass_minutes(6000)

    assert len(slack.posted) == 1


def test_a_new_call_has_a_ladder_of_its_own(slack: Slack, later: Later) -> None:
    found = kept()
    later.bring(raised(found))
    later.pass_minutes(20)
    assert found.calling
    calling = replace(found.calling, number=2, at=later.now)
    anew = replace(found, revision=4, calling=calling)
    write(anew)
    later.bring(notice(anew, "AlarmUpdated", stack="test", at=later.now))
    later.pass_minutes(6000)

    assert (status(FIRST), status(FIRST.replace("call-1", "call-2"))) == ("over", "sent")
    assert len(slack.posted) == 4


def test_a_further_notice_of_the_same_call_tells_no_step_twice(slack: Slack, later: Later) -> None:
    found = kept()
    later.bring(raised(found))
    for revision in (4, 5):
        later.pass_minutes(20)
        more = notice(replace(found, revision=revision), "AlarmUpdated", stack="test", at=NOON)
        later.bring(more)
    later.pass_minutes(6000)

    assert len(titles(slack)) == 3 + 2
    assert sum("obody has" in each for each in titles(slack)) == 2


def test_more_money_at_risk_makes_it_due_earlier(slack: Slack, later: Later) -> None:
    found = kept()
    later.bring(raised(found))
    write(replace(found, at_risk=(("EUR", 1500_00),)))
    later.pass_minutes(15)

    assert "*Critical*" in checked(slack.posted[1])


def test_the_setting_in_force_when_it_is_due_decides(slack: Slack, later: Later) -> None:
    later.bring(raised(kept()))
    setting = Escalation(
        major=replace(Escalation().major, after_minutes=10), mention="S012ABC", version=1
    )
    deed = Deed(who="person:adam", at=NOON, what="escalation_set", subjects=())
    audit_table.append(deed, partial(alarms_table.put_escalation, setting))
    later.pass_minutes(15)

    assert "<!subteam^S012ABC>" in checked(slack.posted[1])


def test_a_rung_that_comes_twice_is_told_once(slack: Slack, later: Later) -> None:
    later.bring(raised(kept()))
    later.waits *= 3
    later.pass_minutes(6000)

    assert len(slack.posted) == 3


@pytest.mark.parametrize("alike", [2, 3])
def test_of_rungs_that_come_at_once_one_is_told(
    slack: Slack, later: Later, put_off: dict[str, float], alike: int
) -> None:
    """Each has read that nobody has told it yet, before the first one tells."""
    later.bring(raised(kept()))
    (_, rung), later.now = later.waits[0], NOON + timedelta(minutes=30)
    before = deliveries_table.get
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            deliveries_table, "get", lambda to, of: None if of == FIRST else before(to, of)
        )
        again = [later.bring(rung) for _ in range(alike)]

    assert again == [[], *[["m0"]] * (alike - 1)]
    assert len(slack.posted) == 2


@pytest.mark.parametrize(("seconds", "twins"), [(1, 0), (59, 0), (60, 1)])
def test_while_one_is_being_told_its_twin_waits_as_long_as_a_telling_may_take(
    slack: Slack, later: Later, put_off: dict[str, float], seconds: int, twins: int
) -> None:
    found = raised(kept())
    sending = Sending(
        destination="slack",
        happening_id=found.id,
        happening=found.happening,
        account="default",
        status="pending",
        attempts=1,
        first_at=NOON,
        updated_at=NOON,
    )
    assert deliveries_table.begin(sending)
    later.now += timedelta(seconds=seconds)

    assert later.bring(found) == ([] if twins else ["m0"])
    assert put_off == ({} if twins else {"m0": 60.0})
    assert len(slack.posted) == twins


def test_the_next_step_is_on_its_way_before_anything_is_said(
    slack: Slack, later: Later, put_off: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(queue, "send", _fails)
        assert later.bring(raised(kept())) == ["m0"]
    assert (slack.posted, later.waits) == ([], [])

    assert later.bring(raised(kept())) == []
    assert (len(slack.posted), len(later.waits)) == (1, 1)


def test_a_notice_that_slack_does_not_take_begins_no_second_ladder(
    slack: Slack, later: Later, put_off: dict[str, float]
) -> None:
    slack.answer(500)
    found = raised(kept())

    assert (later.bring(found), later.bring(found)) == (["m0"], [])
    assert len(later.waits) == 1


def test_what_is_not_due_is_kept_where_it_cannot_be_put_there_anew(
    slack: Slack, later: Later, put_off: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    later.bring(raised(kept()))
    ((_, rung),) = later.waits
    monkeypatch.setattr(queue, "send", _fails)

    assert later.bring(rung) == ["m0"]


def test_a_crash_after_the_next_step_was_sent_doubles_nothing(
    slack: Slack, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = raised(kept())
    with monkeypatch.context() as broken:
        broken.setattr(deliveries_table, "begin", _crashes)
        with pytest.raises(MemoryError):
            later.bring(found)
    later.bring(found)
    assert len(later.waits) == 2
    later.pass_minutes(6000)

    assert len(slack.posted) == 3


def test_the_first_notice_goes_on_though_its_channel_is_dead(slack: Slack, later: Later) -> None:
    slack.answer(404, "channel_not_found")
    later.bring(raised(kept()))
    assert [json.loads(text)["happening"] for _, text in later.waits][:1] == ["AlarmEscalated"]


def test_where_nobody_is_told_nobody_is_called(later: Later) -> None:
    later.bring(raised(kept()))

    assert (later.waits, status(raised(kept_now()).id)) == ([], "not_configured")


def kept_now() -> Alarm:
    found = alarms_table.alarm("expired:MA1L:2025-11-20")
    assert found is not None
    return found


def test_a_rung_waits_hidden_on_the_queue_that_brings_it(slack: Slack) -> None:
    with clock_at(NOON):
        bring(raised(kept()))
        (rung,) = cloud.sent("WAITING")
        bring(rung)

    asked = {"QueueUrl": os.environ["WAITING_QUEUE_URL"], "AttributeNames": ["All"]}
    said = boto3.client("sqs").get_queue_attributes(**asked)["Attributes"]
    assert said["ApproximateNumberOfMessagesDelayed"] == "1"
    assert (cloud.sent("WAITING"), status(FIRST)) == ([], None)


def test_a_rung_that_makes_no_sense_is_parked(slack: Slack, later: Later) -> None:
    odd = Happening(happening="AlarmEscalated", id="odd", at=NOON, stack="test", subject={})

    assert later.bring(odd) == []
    assert boto3.client("s3").list_objects_v2(Bucket="vouchsafe-parked")["KeyCount"] == 1


def test_what_is_no_alarm_has_no_ladder() -> None:
    report = Happening(happening="ReportReady", id="r", at=NOON, stack="test", subject={})

    assert ladder.next_of(report, NOON) is None
    assert ladder.as_due(report, NOON) is report


def _fails(*_: object, **__: object) -> None:
    raise Unavailable("queue: no answer")


def _crashes(*_: object) -> bool:
    raise MemoryError
