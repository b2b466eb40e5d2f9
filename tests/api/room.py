"""The control room for tests: who calls it, what they propose, and what carries it out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.api.register import apply, handler
from tests import cloud
from tests.api.calls import Answered, answered, event

ROLES = {
    "vera": "[viewer]",
    "eva": "[editor]",
    "emil": "[editor]",
    "ana": "[approver]",
    "abel": "[approver]",
    "adam": "[admin]",
}
Rows = Mapping[str, Sequence[Mapping[str, object]]]

ACCOUNT = {"platform": "square", "account": "bar", "currency": "EUR", "zone": "Europe/Madrid"}
CAMPAIGN = {
    "campaign_id": "AUTUMN26",
    "name": "Autumn",
    "purpose": "win back",
    "owner": "eva",
    "starts_on": "2126-09-01",
    "ends_on": "2126-12-31",
    "utm_source": "newsletter",
}
PROMOTION = {
    "promotion_id": "AUTUMN26-10",
    "campaign_id": "AUTUMN26",
    "starts_on": "2126-09-01",
    "ends_on": "2126-12-31",
    "voucher_class": "discount",
    "vat_class": "general",
    "owner": "eva",
    "purpose": "win back",
    "confirmed_by": "platform",
    "on_rollback": "restore",
    "benefit": "percent:10",
    "generic": "yes",
    "customer_limit": 1,
}
CODE = {"code": "Autumn-10", "promotion_id": "AUTUMN26-10"}
ROWS: Rows = {"campaigns": [CAMPAIGN], "promotions": [PROMOTION], "codes": [CODE]}


def call(who: str, method: str, path: str, body: object = None, **said: Any) -> Answered:
    """What the room answers to somebody of `ROLES`."""
    told = event(method, path, body, groups=ROLES[who], subject=who, **said)
    return answered(handler.handle, told)


def body_of(rows: Rows = ROWS, **said: object) -> dict[str, object]:
    return {"title": "Autumn", "why": "the terrace closes", "rows": rows} | said


def drafted(who: str = "eva", rows: Rows = ROWS) -> Any:
    """A draft; the proposal as it is told."""
    told = call(who, "POST", "/register/proposals", body_of(rows))
    assert told.status == 201, told.body
    return told.body


def step(who: str, proposal: Any, verb: str, **said: object) -> Answered:
    """A step over the version that the proposal is told in."""
    path = f"/register/proposals/{proposal['proposal_id']}/{verb}"
    return call(who, "POST", path, {"version": proposal["version"]} | said)


def submitted(who: str = "eva", rows: Rows = ROWS) -> Any:
    told = step(who, drafted(who, rows), "submit")
    assert told.status == 200, told.body
    return told.body


def approved(rows: Rows = ROWS, by: str = "ana") -> Any:
    """Approved by another, and waiting for the queue."""
    told = step(by, submitted(rows=rows), "approve")
    assert told.status == 202, told.body
    return told.body


def carried_out() -> list[str]:
    """Hands over what waits on the queue; the ids that come again."""
    failed: list[str] = []
    for number, body in enumerate(cloud.sent("APPLY")):
        record = {
            "messageId": str(number),
            "receiptHandle": "r",
            "eventSourceARN": f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:apply",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        answer = apply.handle({"Records": [record]}, None)
        failed += [json.loads(body)["proposal_id"] for _ in answer["batchItemFailures"]]
    return failed


def published(rows: Rows = ROWS) -> Any:
    """Drafted, approved and carried out; the proposal as it is told then."""
    proposal = approved(rows)
    assert carried_out() == []
    return read(proposal)


def read(proposal: Any) -> Any:
    return call("vera", "GET", f"/register/proposals/{proposal['proposal_id']}").body
