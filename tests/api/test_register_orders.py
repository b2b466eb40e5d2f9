"""Are codes drawn once, each another, in the number that was approved, and by nobody alone?"""

import json
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from math import log2
from typing import Any

import pytest
from botocore.client import BaseClient
from hypothesis import given
from hypothesis import strategies as st

from functions.api.register import draw as room
from tests import cloud
from tests.api.room import PROMOTION, ROWS, call, carried_out, published, read, step
from tests.api.test_register_crash import Death, Died, empty
from tests.register.conftest import aws, made
from vouchsafe.edge import (
    audit_table,
    proposals_table,
    queue,
    redemptions_table,
    register_table,
)
from vouchsafe.flow.load import load
from vouchsafe.pure import drawing
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.drawing import ALPHABET, CodeOrder, draw, drawn_length
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.guessing import forms
from vouchsafe.pure.register import Code

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")

SECRET = {**PROMOTION, "generic": "no", "code_limit": 1, "benefit": "amount:5", "currency": "EUR"}
ORDER = {
    "title": "letters",
    "why": "a letter each",
    "promotion_id": "AUTUMN26-10",
    "pattern": "AUTUMN-{10}",
    "count": 25,
}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(drawing, "A_PART", 10)


def ordered(said: Mapping[str, object] = ORDER, who: str = "eva") -> Any:
    told = call(who, "POST", "/register/code-jobs", said)
    assert told.status == 201, told.body
    return told.body["proposal"]


def approved_order() -> Any:
    """Over a register that holds the promotion."""
    published({**ROWS, "promotions": [SECRET], "codes": []})
    proposal = step("eva", ordered(), "submit").body
    assert step("ana", proposal, "approve").status == 202
    return proposal


def worked_off() -> None:
    for _ in range(10):
        assert carried_out() == []


def drawn() -> list[str]:
    entries = register_table.all_of("code", register_table.snapshot())
    return sorted(each.raw for each in entries if isinstance(each, Code))


def taken_out(proposal: Any, who: str = "eva") -> str:
    path = f"/register/code-jobs/{proposal['proposal_id']}/codes"
    query: dict[str, str] = {}
    text = ""
    while True:
        told = call(who, "GET", path, query=query)
        assert told.status == 200, told.body
        text += str(told.body["csv"])
        if "after" not in told.body:
            return text
        query = {"after": told.body["after"]}


def test_what_was_approved_is_drawn_and_taken_out() -> None:
    proposal = approved_order()
    worked_off()

    codes = drawn()
    told = call("vera", "GET", f"/register/code-jobs/{proposal['proposal_id']}").body
    assert (told["proposal"]["state"], told["done"], told["parts"]) == ("applied", 25, 3)
    assert len(codes) == len({canonical(code) for code in codes}) == 25
    assert all(len(code) == 17 and code.startswith("AUTUMN-") for code in codes)
    csv = taken_out(proposal)
    assert sorted(line.partition(",")[0] for line in csv.splitlines()[1:]) == codes
    again = load([("codes.csv", csv.encode())])
    assert not again.faults
    assert not any(tally.new or tally.changed for tally in again.tallies)


def test_nothing_is_drawn_before_another_has_approved() -> None:
    published({**ROWS, "promotions": [SECRET], "codes": []})
    proposal = step("eva", ordered(), "submit").body

    assert step("eva", proposal, "approve").status == 403
    assert step("ana", proposal, "reject", reason="no").status == 200
    assert cloud.sent("APPLY") == []
    assert drawn() == []
    path = f"/register/code-jobs/{proposal['proposal_id']}/codes"
    assert call("eva", "GET", path).status == 404


def test_a_part_that_the_register_does_not_have_yet_is_not_taken_out() -> None:
    proposal = approved_order()
    proposals_table.keep_drawn(proposal["proposal_id"], 0, ["AUTUMN-EARLY"])
    path = f"/register/code-jobs/{proposal['proposal_id']}/codes"

    assert call("eva", "GET", path).status == 404
    assert call("eva", "GET", path, query={"after": "7"}).status == 404
    assert call("eva", "GET", path, query={"after": "x"}).status == 400


def test_drawn_codes_send_nobody_to_look_at_the_past(monkeypatch: pytest.MonkeyPatch) -> None:
    approved_order()

    def looked() -> bool:
        raise AssertionError("no order of the past can have them")

    monkeypatch.setattr(redemptions_table, "is_empty", looked)
    worked_off()

    assert len(drawn()) == 25


def test_who_takes_codes_out_is_told_by_the_log() -> None:
    proposal = approved_order()
    worked_off()

    taken_out(proposal, "emil")

    newest = audit_table.newest(None, 3)
    assert [(entry.deed.what, entry.deed.who) for entry in newest] == [
        ("codes_taken_out", "person:emil")
    ] * 3
    path = f"/register/code-jobs/{proposal['proposal_id']}/codes"
    assert call("vera", "GET", path).status == 403


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"promotion_id": "NONE"}, "promotion_id"),
        ({"pattern": "AUTUMN"}, "pattern"),
        ({"pattern": "{8}-{8}"}, "pattern"),
        ({"pattern": "{3}"}, "pattern"),
        ({"pattern": "{33}"}, "pattern"),
        ({"pattern": "{99999}"}, "pattern"),
        ({"pattern": "A{B}{8}"}, "pattern"),
        ({"pattern": "={8}"}, "pattern"),
        ({"pattern": "А-{8}"}, "pattern"),
        ({"pattern": "A-{5}"}, "pattern"),
        ({"count": 0}, "count"),
        ({"count": 1_000_001}, "count"),
        ({"count": 2.5}, "count"),
        ({"count": True}, "count"),
        ({"state": "approved"}, "state"),
    ],
)
def test_an_order_that_cannot_be_is_refused(said: dict[str, object], field: str) -> None:
    published({**ROWS, "promotions": [SECRET], "codes": []})

    told = call("eva", "POST", "/register/code-jobs", {**ORDER, **said})

    assert (told.status, told.body["field"]) == (400, field)


def test_a_generic_promotion_has_no_drawn_codes() -> None:
    published()

    told = call("eva", "POST", "/register/code-jobs", ORDER)

    assert (told.status, told.body["field"]) == (400, "promotion_id")


def test_an_order_is_not_edited() -> None:
    published({**ROWS, "promotions": [SECRET], "codes": []})
    path = f"/register/proposals/{ordered()['proposal_id']}"

    told = call("eva", "PUT", path, {"title": "t", "why": "w", "rows": ROWS}, if_match="1")

    assert told.status == 409


def test_codes_that_stand_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = approved_order()
    load([("codes.csv", b"code,promotion_id\nAUTUMN-BBBBBBBBBB,AUTUMN26-10\n")])
    chosen = iter("B" * 10 + "C" * 20)
    real = secrets.choice
    monkeypatch.setattr(room, "choice", lambda alphabet: next(chosen, None) or real(alphabet))

    worked_off()

    codes = Counter(drawn())
    assert len(codes) == 26
    assert codes["AUTUMN-CCCCCCCCCC"] == 1
    assert read(proposal)["state"] == "applied"


def test_wherever_a_run_dies_the_same_codes_come_of_it() -> None:
    counted = Death()

    def told(death: Death) -> Any:
        return lambda client, operation, asked: death.call(client, operation, asked)

    def dying(death: Death) -> bool:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(BaseClient, "_make_api_call", told(death))
            try:
                worked_off()
            except Died:
                return False
        return True

    approved_order()
    assert dying(counted)
    assert counted.writes > 15
    for at in range(1, counted.writes + 1):
        empty()
        proposal = approved_order()

        assert not dying(Death(at, after=at % 2 == 0))
        before = set(drawn())
        if read(proposal)["state"] == "approved":
            step("abel", proposal, "approve")
        worked_off()

        codes = drawn()
        assert before <= set(codes)
        assert len(codes) == len(set(codes)) == 25, at
        assert read(proposal)["state"] == "applied"
        assert len(taken_out(proposal).splitlines()) == 26


def test_a_late_message_draws_only_where_nobody_has_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "_LONGEST_DELAY_S", 0)
    proposal = approved_order()
    late, prompt = sorted(cloud.sent("APPLY"), key=len, reverse=True)
    assert json.loads(late) == {"proposal_id": proposal["proposal_id"], "late": True}

    queue.send(cloud.names()["APPLY_QUEUE_URL"], [json.loads(prompt)])
    assert carried_out() == []
    (going_on,) = cloud.sent("APPLY")
    queue.send(cloud.names()["APPLY_QUEUE_URL"], [json.loads(late)])
    assert carried_out() == []

    assert json.loads(going_on)["part"] == 1
    assert cloud.sent("APPLY") == []


# ---- what is drawn


def test_no_two_drawn_codes_are_taken_for_each_other() -> None:
    assert len(set(map(canonical, ALPHABET))) == len(ALPHABET)
    assert not [char for char in ALPHABET if set(forms(canonical(char))) & set(ALPHABET)]
    assert not set(ALPHABET) & set("AEIOU01L")


@given(st.integers(4, 32), st.randoms(use_true_random=False))
def test_a_code_is_its_pattern_with_as_many_drawn_characters(length: int, dice: Any) -> None:
    code = draw(f"X-{{{length}}}-Y", dice.choice)

    assert len(code) == length + 4
    assert set(code[2:-2]) <= set(ALPHABET)


def test_every_character_is_as_likely_as_any_other() -> None:
    drawn = Counter("".join(draw("{32}", secrets.choice) for _ in range(1000)))
    expected = 32_000 / len(ALPHABET)
    chi_squared = sum((drawn[char] - expected) ** 2 / expected for char in ALPHABET)

    assert chi_squared < 56.0  # 21 degrees of freedom: above it once in 20,000 times
    assert log2(len(ALPHABET)) > 4.4


def test_parts_add_up() -> None:
    for count in (1, 9, 10, 11, 25, 1000):
        order = CodeOrder(promotion_id="P", pattern="{8}", count=count)

        assert sum(order.size_of(part) for part in range(order.parts())) == count
        assert order.size_of(order.parts() - 1) > 0


@given(st.text("{}0123456789A-", max_size=8))
def test_any_pattern_is_taken_or_refused(pattern: str) -> None:
    try:
        length = drawn_length(pattern)
    except Invalid:
        return

    assert draw(pattern, lambda _alphabet: "x").count("x") == length
