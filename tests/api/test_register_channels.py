"""Does an approver see what became of a switch at shops and tills, and ask for it once more?"""

import json
import os
import time
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from tests import cloud
from tests.api.room import ACCOUNT, ROWS, call, carried_out, published
from vouchsafe.edge import audit_table, channels_table
from vouchsafe.pure.channel import Found, State

pytestmark = pytest.mark.usefixtures("aws", "listening")
HERE = "/register/promotions/AUTUMN26-10"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def listening(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever switches hears of it."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    boto3.client("sns").subscribe(
        TopicArn=os.environ["HAPPENINGS_TOPIC_ARN"],
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:channels",
        Attributes={"RawMessageDelivery": "true"},
    )
    published({**ROWS, "accounts": [ACCOUNT]})


def heard() -> list[Any]:
    return [json.loads(each) for each in cloud.sent("CHANNELS")]


def found(state: State, revision: int, object_id: str = "") -> Found:
    return Found(
        promotion_id="AUTUMN26-10",
        revision=revision,
        platform="square",
        account="bar",
        status="paused",
        state=state,
        at=NOON,
        happening_id=f"AUTUMN26-10:{revision}",
        object_id=object_id,
    )


def test_a_pause_says_where_to_look_and_is_told_once_it_counts() -> None:
    told = call("ana", "POST", f"{HERE}/pause", {"why": "it leaked"})

    assert told.body["channels"] == f"{HERE}/channels"
    assert heard() == []
    assert carried_out() == []
    (happening,) = heard()
    assert happening["happening"] == "PromotionSwitched"
    assert happening["subject"] == {"promotion_id": "AUTUMN26-10", "revision": 2}


def test_what_became_of_it_is_read_by_pages_the_newest_first() -> None:
    channels_table.keep([found("reached", 2), found("off", 2, "D1"), found("reached", 3)])

    first = call("vera", "GET", f"{HERE}/channels", query={"limit": "2"}).body
    rest = call("vera", "GET", f"{HERE}/channels", query={"after": first["after"]}).body

    told = [
        (each["register_revision"], each["state"]) for each in (*first["found"], *rest["found"])
    ]
    assert told == [(3, "reached"), (2, "off"), (2, "reached")]
    assert (first["status"], rest.get("after")) == ("active", None)


def test_it_is_asked_for_once_more_by_an_approver_with_a_reason() -> None:
    asked = {"why": "the app may write discounts now"}

    assert call("eva", "POST", f"{HERE}/channels/again", asked).status == 403
    assert call("ana", "POST", f"{HERE}/channels/again", {}).status == 400
    assert call("ana", "POST", f"{HERE}/channels/again", asked).status == 202

    (happening,) = heard()
    assert happening["subject"] == {"promotion_id": "AUTUMN26-10", "revision": 1}
    entry = audit_table.last()
    assert entry is not None
    assert (entry.deed.what, entry.deed.why) == ("channels_again", asked["why"])


def test_of_a_promotion_that_is_not_there_nothing_is_told() -> None:
    assert call("vera", "GET", "/register/promotions/NOWHERE/channels").status == 404
    assert (
        call("ana", "POST", "/register/promotions/NOWHERE/channels/again", {"why": "x"}).status
        == 404
    )
    assert heard() == []
