"""Are more codes than one part holds drawn, loaded and given out by the deployed stack?"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.aws import LocalAws
from tests.local.conftest import Call, Person, soon
from tests.local.test_limits_hold import load

pytestmark = pytest.mark.local

COUNT = 10_500
PROMOTION = "ORDERED2130-10"
WINDOW = {"starts_on": "2130-01-01", "ends_on": "2130-12-31"}
WHY = {"owner": "eva", "purpose": "codes for ten thousand and more"}
ROWS = {
    "campaigns": {
        "campaign_id": "ORDERED2130",
        "name": "Ordered",
        **WHY,
        **WINDOW,
        "utm_source": "newsletter",
        "utm_medium": "email",
    },
    "promotions": {
        "promotion_id": PROMOTION,
        "campaign_id": "ORDERED2130",
        **WINDOW,
        **WHY,
        "voucher_class": "discount",
        "benefit": "percent:10",
        "currency": "USD",
        "limits": "code/ever=1",
    },
}
ORDER = {
    "title": "codes for the letter",
    "why": "ten thousand and five hundred readers",
    "promotion_id": PROMOTION,
    "pattern": "OR-{10}",
    "count": COUNT,
}


def test_two_parts_are_drawn_one_after_the_other_and_taken_out(
    aws: LocalAws, tmp_path: Path, ask: Call, person: Person
) -> None:
    """The second part is asked for by a message that the first one sends."""
    load(aws, tmp_path, ROWS)
    editor, approver = person("orderer", "editor"), person("order-judge", "approver")
    ordered = ask("POST", "/register/code-jobs", editor, ORDER).said()
    proposal = ordered["proposal"]["proposal_id"]
    step = f"/register/proposals/{proposal}"

    ask("POST", f"{step}/submit", editor, {"version": 1}).said()
    ask("POST", f"{step}/approve", approver, {"version": 2}).said()

    job = f"/register/code-jobs/{proposal}"
    assert soon(lambda: ask("GET", job, editor).said()["proposal"]["state"] == "applied")
    assert ask("GET", job, editor).said()["done"] == COUNT
    rows = list(csv.DictReader(io.StringIO("".join(_parts(ask, job, editor)))))
    assert len({row["code"] for row in rows}) == len(rows) == COUNT
    last = ask("GET", f"/register/codes/{rows[-1]['code']}", editor).said()
    assert last["promotions"][0]["promotion_id"] == PROMOTION


def _parts(ask: Call, job: str, token: str) -> Iterator[str]:
    after: str | None = ""
    while after is not None:
        query = f"?after={after}" if after else ""
        told = ask("GET", f"{job}/codes{query}", token).said()
        yield told["csv"]
        after = told.get("after")
