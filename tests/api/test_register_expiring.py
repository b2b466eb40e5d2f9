"""Does the control room see what will expire unused, in the numbers that refuse?"""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.room import ACCOUNT, CAMPAIGN, PROMOTION, call, carried_out, drafted, published, step
from tests.api.test_register_room import earns
from tests.api.uses import cart, offer
from tests.register.conftest import aws, made
from vouchsafe.edge import clock, register_table, uses_table
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.pure import drawing
from vouchsafe.pure.claim import asked_for
from vouchsafe.pure.register import Code

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")

NOW = datetime(2126, 12, 22, 11, tzinfo=UTC)
BIG = {**PROMOTION, "limits": "promotion/ever=4", "budget": "20", "currency": "EUR"}


@pytest.fixture(autouse=True)
def near_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(drawing, "A_PART", 10)


def known(*promotions: dict[str, object]) -> None:
    published({"accounts": [ACCOUNT], "campaigns": [CAMPAIGN], "promotions": list(promotions)})


def expiring(**query: str) -> Any:
    told = call("vera", "GET", "/register/expiring", query=query)
    assert told.status == 200, told.body
    return told.body


def used(order: str, promotion_id: str = "AUTUMN26-10", minor: int = 200) -> None:
    promotion = RegisterReader().promotion(promotion_id)
    assert promotion is not None
    code = Code(canonical="A", raw="A", promotions=(promotion_id,))
    given = offer(minor, code="A", promotion_id=promotion_id)
    claim = asked_for(promotion, code, cart(order), given, NOW.date(), NOW, state="redeemed")
    uses_table.take(claim, NOW)


def test_what_ends_with_something_left_is_told_in_the_numbers_that_refuse() -> None:
    known({**BIG, "customer_limit": ""})
    used("1")

    (found,) = expiring()["promotions"]

    alone = call("vera", "GET", "/register/promotions/AUTUMN26-10").body
    assert found["counters"] == alone["counters"]
    assert {each["scope"]: each["used"] for each in found["counters"]} == {
        "promotion": 1,
        "budget": 200,
    }
    assert (found["ends_on"], found["days_left"]) == ("2126-12-31", 9)
    assert (found["share_used"], found["share_passed"]) == (0.25, 0.926)
    assert found["could"][0]["do"] == "release_otherwise"


@pytest.mark.parametrize("within", ["8", "9"])
def test_it_is_looked_ahead_for_as_many_days_as_asked(within: str) -> None:
    known(BIG)

    assert len(expiring(within=within)["promotions"]) == (within == "9")


def test_what_is_used_up_or_off_or_counted_by_nobody_does_not_expire_unused() -> None:
    spent = {**BIG, "promotion_id": "SPENT", "limits": "promotion/ever=1", "customer_limit": ""}
    free = {**PROMOTION, "promotion_id": "FREE"}
    known(spent, free, {**BIG, "promotion_id": "OFF", "status": "retired"})
    used("1", "SPENT")

    assert expiring()["promotions"] == []


def test_what_has_earned_what_it_was_to_earn_does_not_expire_unused() -> None:
    known({**BIG, "revenue_goal": "10"})
    assert len(expiring()["promotions"]) == 1
    promotion = RegisterReader().promotion("AUTUMN26-10")
    assert promotion is not None

    earns(promotion, 1000)

    assert expiring()["promotions"] == []


def test_drawn_codes_are_counted_by_their_orders_and_nobody_looks_at_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once = {"generic": "no", "code_limit": 1, "customer_limit": "", "benefit": "amount:5"}
    known({**BIG, **once, "limits": "promotion/ever=1000", "budget": ""})
    said = {
        "title": "letters",
        "why": "a letter each",
        "promotion_id": "AUTUMN26-10",
        "pattern": "AUTUMN-{10}",
        "count": 25,
    }
    ordered = call("eva", "POST", "/register/code-jobs", said).body["proposal"]
    assert expiring()["promotions"][0]["codes"] == {"drawn": 0, "given": 0, "used": 0, "left": 0}
    step("ana", step("eva", ordered, "submit").body, "approve")
    for _ in range(3):
        carried_out()
    used("1")

    def scanned(*_: object) -> None:
        raise AssertionError("somebody looks at every code")

    monkeypatch.setattr(register_table.RegisterItem, "scan", scanned)
    (found,) = expiring()["promotions"]

    assert found["codes"] == {"drawn": 25, "given": 0, "used": 1, "left": 24}
    assert found["share_used"] == 0.04


def test_the_rows_that_extend_it_are_a_proposal_as_they_are() -> None:
    known({**BIG, "customer_limit": ""})
    used("1")
    (found,) = expiring()["promotions"]
    longer = next(each for each in found["could"] if each["do"] == "extend")

    check = drafted(rows=longer["rows"])["check"]

    assert check["sound"]
    assert check["faults"] == []
    assert longer["rows"]["promotions"][0]["ends_on"] > "2126-12-31"
    assert longer["rows"]["campaigns"][0]["ends_on"] > "2126-12-31"


def test_it_comes_in_pages_the_first_to_end_first() -> None:
    ends = ("2126-12-30", "2126-12-24", "2126-12-28")
    known(*({**BIG, "promotion_id": f"P{at}", "ends_on": end} for at, end in enumerate(ends)))

    first = expiring(limit="2")
    second = expiring(limit="2", after=first["after"])

    pages = [[each["promotion_id"] for each in page["promotions"]] for page in (first, second)]
    assert pages == [["P1", "P2"], ["P0"]]
    assert "after" not in second


@pytest.mark.parametrize("within", ["93", "-1", "soon", ""])
def test_an_odd_number_of_days_is_refused(within: str) -> None:
    told = call("vera", "GET", "/register/expiring", query={"within": within})

    assert (told.status, told.body["field"]) == (400, "within")


def test_what_nobody_has_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.api.register import plan

    monkeypatch.setattr(plan, "MOST_CAMPAIGNS", 1)
    other = {**CAMPAIGN, "campaign_id": "LATER", "ends_on": "2127-01-31"}
    published({"campaigns": [CAMPAIGN, other], "promotions": [BIG]})

    found = expiring()

    assert found["campaigns_left_out"] == 1
    assert len(found["promotions"]) == 1
