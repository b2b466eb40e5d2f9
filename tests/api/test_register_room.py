"""Is a code born here by two people, and does nothing of a draft reach a judgement?"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests import cloud
from tests.api.room import (
    ACCOUNT,
    CAMPAIGN,
    CODE,
    PROMOTION,
    ROWS,
    Rows,
    approved,
    body_of,
    call,
    carried_out,
    drafted,
    published,
    read,
    step,
    submitted,
)
from tests.api.uses import MAIL, cart, offer
from tests.register.conftest import aws, made
from vouchsafe.edge import audit_table, clock, redemptions_table, register_table, uses_table
from vouchsafe.edge.register_table import RegisterItem, RegisterReader
from vouchsafe.flow.check import Read
from vouchsafe.flow.load import load
from vouchsafe.pure.claim import asked_for
from vouchsafe.pure.claim_told import Told
from vouchsafe.pure.limit import limits_of
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.register_rows import Fault

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def test_a_code_is_drafted_by_one_and_published_by_another() -> None:
    proposal = published()

    assert (proposal["state"], proposal["register_revision"]) == ("applied", 1)
    assert (proposal["author"], proposal["decided_by"]) == ("person:eva", "person:ana")
    found = RegisterReader().code("AUTUMN1O")
    assert found is not None
    assert found.promotions == ("AUTUMN26-10",)


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_nothing_of_a_proposal_is_seen_before_it_is_applied(state: str) -> None:
    made: dict[str, Callable[[], Any]] = {
        "draft": drafted,
        "submitted": submitted,
        "approved": approved,
    }

    made[state]()

    assert RegisterReader().code("AUTUMN1O") is None
    assert RegisterReader().revision() == 0


def test_a_draft_says_all_that_is_wrong_with_it() -> None:
    rows: Rows = {
        "promotions": [{**PROMOTION, "ends_on": "2127-01-01", "customer_limit": ""}],
        "codes": [{**CODE, "promotion_id": "NOWHERE"}],
    }

    check = drafted(rows=rows)["check"]

    assert not check["sound"]
    assert [(each["kind"], each["row"], each["field"]) for each in check["faults"]] == [
        ("codes", 1, "promotion_id"),
        ("promotions", 1, "campaign_id"),
    ]
    assert [(each["rule"], each["field"]) for each in check["findings"]] == [
        ("no_limit", "limits"),
    ]


def test_what_is_faulty_cannot_be_handed_in_and_can_be_corrected() -> None:
    faulty = {**ROWS, "promotions": [{**PROMOTION, "customer_limit": ""}]}
    proposal = drafted(rows=faulty)

    refused = step("eva", proposal, "submit")

    assert refused.status == 400
    assert refused.body["field"] == "rows.promotions[0].limits"
    path = f"/register/proposals/{proposal['proposal_id']}"
    mended = call("eva", "PUT", path, body_of(), if_match=str(proposal["version"]))
    assert mended.status == 200
    assert step("eva", mended.body, "submit").body["state"] == "submitted"


def test_a_check_keeps_nothing() -> None:
    told = call("eva", "POST", "/register/proposals/check", {"rows": ROWS})

    assert told.body["sound"]
    assert call("eva", "GET", "/register/proposals").body["proposals"] == []
    assert audit_table.last() is None


def test_nobody_approves_what_he_drafted_or_changed() -> None:
    proposal = drafted("ana")
    path = f"/register/proposals/{proposal['proposal_id']}"
    proposal = call("abel", "PUT", path, body_of(why="more"), if_match='"1"').body
    proposal = step("eva", proposal, "submit").body

    by_author, by_editor = (step(who, proposal, "approve").status for who in ("ana", "abel"))

    assert (by_author, by_editor) == (403, 403)
    assert step("adam", proposal, "approve").status == 202


def test_an_edit_after_submission_takes_it_back_to_draft() -> None:
    proposal = submitted()
    path = f"/register/proposals/{proposal['proposal_id']}"

    edited = call("emil", "PUT", path, body_of(why="other"), if_match=str(proposal["version"]))

    assert edited.body["state"] == "draft"
    assert edited.body["editors"] == ["person:emil"]
    assert step("ana", edited.body, "approve").status == 409


def test_nobody_approves_another_version_than_he_has_seen() -> None:
    seen = submitted()
    path = f"/register/proposals/{seen['proposal_id']}"
    call("eva", "PUT", path, body_of(why="other"), if_match=str(seen["version"]))
    now = read(seen)
    step("eva", now, "submit")

    refused = step("ana", seen, "approve")

    assert refused.status == 409
    assert "version 4" in refused.body["detail"]


def test_two_who_change_the_same_version_do_not_overwrite_each_other() -> None:
    path = f"/register/proposals/{drafted()['proposal_id']}"

    first = call("eva", "PUT", path, body_of(why="mine"), if_match="1")
    second = call("emil", "PUT", path, body_of(why="yours"), if_match="1")
    blind = call("emil", "PUT", path, body_of(why="yours"))

    assert (first.status, second.status, blind.status) == (200, 409, 400)
    assert blind.body["field"] == "If-Match"


def test_an_edit_whose_answer_was_lost_may_be_repeated() -> None:
    path = f"/register/proposals/{drafted()['proposal_id']}"

    first = call("eva", "PUT", path, body_of(why="mine"), if_match="1")
    again = call("eva", "PUT", path, body_of(why="mine"), if_match="1")

    assert first.body["version"] == again.body["version"] == 2


def test_a_rejection_says_why_and_may_be_answered() -> None:
    proposal = submitted()

    assert step("ana", proposal, "reject").status == 400
    told = step("ana", proposal, "reject", reason="too long").body
    assert (told["state"], told["reason"]) == ("rejected", "too long")
    path = f"/register/proposals/{proposal['proposal_id']}"
    again = call("eva", "PUT", path, body_of(), if_match=str(told["version"])).body
    assert (again["state"], again.get("reason")) == ("draft", None)


def test_a_withdrawn_proposal_stays_so() -> None:
    proposal = submitted()
    told = step("eva", proposal, "withdraw", reason="no need").body

    assert told["state"] == "withdrawn"
    assert step("eva", told, "submit").status == 409
    assert step("ana", told, "approve").status == 409


def test_a_proposal_that_the_register_takes_no_more_is_rejected_with_the_faults() -> None:
    published()
    proposal = drafted(rows={"codes": [{"code": "WINTER", "promotion_id": "AUTUMN26-10"}]})
    proposal = step("eva", proposal, "submit").body
    load([("codes.csv", b"code,promotion_id\nw-inter,AUTUMN26-10\n")])

    step("ana", proposal, "approve")
    assert carried_out() == []

    told = read(proposal)
    assert told["state"] == "rejected"
    assert "is the same code as 'w-inter'" in told["faults"][0]
    assert RegisterReader().revision() == 2


def test_what_another_changed_meanwhile_is_not_overwritten() -> None:
    published()
    mine = approved({"promotions": [{**PROMOTION, "customer_limit": 2}]})
    yours = approved({"promotions": [{**PROMOTION, "purpose": "other"}]})
    carried_out()

    states = sorted(read(each)["state"] for each in (mine, yours))

    assert states == ["applied", "rejected"]
    (fault,) = next(told["faults"] for each in (mine, yours) if (told := read(each))["faults"])
    assert "has changed in the register since this was drafted" in fault


def test_approving_again_finishes_what_was_cut_short() -> None:
    proposal = approved()
    cloud.sent("APPLY")  # lost

    again = step("abel", proposal, "approve")

    assert again.status == 202
    assert carried_out() == []
    assert read(proposal)["state"] == "applied"
    assert step("ana", proposal, "approve").body["state"] == "applied"
    assert cloud.sent("APPLY") == []


def test_who_drafted_it_cannot_approve_it_again_either() -> None:
    proposal = step("ana", drafted("ana"), "submit").body
    step("abel", proposal, "approve")
    cloud.sent("APPLY")

    told = step("ana", proposal, "approve")

    assert told.status == 409
    assert cloud.sent("APPLY") == []


def test_a_message_that_comes_twice_changes_nothing_more() -> None:
    proposal = approved()
    step("ana", proposal, "approve")

    assert carried_out() == []

    assert read(proposal)["register_revision"] == RegisterReader().revision() == 1


def test_a_promotion_is_paused_resumed_and_retired_by_an_approver_alone() -> None:
    published()
    path = "/register/promotions/AUTUMN26-10"
    states = []

    for verb in ("pause", "resume", "retire"):
        told = call("ana", "POST", f"{path}/{verb}", {"why": "leaked"})
        assert told.status == 202
        assert carried_out() == []
        promotion = RegisterReader().promotion("AUTUMN26-10")
        assert promotion is not None
        states.append((promotion.status, read(told.body)["state"], read(told.body)["action"]))

    assert states == [
        ("paused", "applied", "pause"),
        ("active", "applied", "resume"),
        ("retired", "applied", "retire"),
    ]
    assert call("ana", "POST", f"{path}/resume", {"why": "please"}).status == 409
    assert call("ana", "POST", "/register/promotions/NONE/pause", {"why": "x"}).status == 404


def test_a_pause_holds_over_what_another_changed_meanwhile() -> None:
    published()
    told = call("ana", "POST", "/register/promotions/AUTUMN26-10/pause", {"why": "leaked"}).body
    header = ",".join(PROMOTION)
    row = ",".join(str(text) for text in {**PROMOTION, "purpose": "other"}.values())
    load([("promotions.csv", f"{header}\n{row}\n".encode())])

    assert carried_out() == []

    assert read(told)["state"] == "applied"
    promotion = RegisterReader().promotion("AUTUMN26-10")
    assert promotion is not None
    assert (promotion.status, promotion.purpose) == ("paused", "other")


def test_what_is_retired_is_not_proposed_back_to_life() -> None:
    published()
    call("ana", "POST", "/register/promotions/AUTUMN26-10/retire", {"why": "over"})
    carried_out()

    refused = step("eva", drafted(rows={"promotions": [PROMOTION]}), "submit")

    assert (refused.status, refused.body["field"]) == (400, "rows.promotions[0].status")


def test_a_switch_of_what_the_register_takes_no_more_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published()
    told = call("ana", "POST", "/register/promotions/AUTUMN26-10/pause", {"why": "leaked"}).body
    fault = Fault("promotions.json", 1, "owner", "has left")
    monkeypatch.setattr(Read, "faults", lambda *_: [fault])

    assert carried_out() == []

    told = read(told)
    assert (told["state"], told["faults"]) == ("rejected", ["promotions.json:1: owner has left"])


def test_a_pause_waits_for_no_walk_through_the_register(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    call("ana", "POST", "/register/promotions/AUTUMN26-10/pause", {"why": "leaked"})

    def walk(*_arguments: object) -> None:
        raise AssertionError("a million codes take minutes")

    monkeypatch.setattr(register_table, "all_of", walk)
    monkeypatch.setattr(redemptions_table, "is_empty", lambda: False)
    assert carried_out() == []

    promotion = RegisterReader().promotion("AUTUMN26-10")
    assert promotion is not None
    assert promotion.status == "paused"
    assert cloud.sent("PROJECTION_AGAIN") == []


def test_the_register_is_read_with_its_history_and_what_runs() -> None:
    published({"accounts": [ACCOUNT], **ROWS})
    approved({"promotions": [{**PROMOTION, "customer_limit": 3}]})
    carried_out()

    promotion = call("vera", "GET", "/register/promotions/AUTUMN26-10")

    assert promotion.version() == '"2"'
    assert promotion.body["running"] == "not_yet_active"
    assert promotion.body["row"]["customer_limit"] == "3"
    assert [
        (each["register_revision"], each["rows"][0]["customer_limit"])
        for each in promotion.body["history"]
    ] == [(2, "3"), (1, "1")]
    code = call("vera", "GET", "/register/codes/autumn%2010".replace("%20", " ")).body
    assert (code["code"], code["running"]) == ("Autumn-10", "not_yet_active")
    campaign = call("vera", "GET", "/register/campaigns/AUTUMN26").body
    assert [each["promotion_id"] for each in campaign["promotions"]] == ["AUTUMN26-10"]
    listed = call("vera", "GET", "/register/campaigns").body
    assert [each["row"]["campaign_id"] for each in listed["campaigns"]] == ["AUTUMN26"]


def test_what_is_used_is_told_by_the_counters_that_refuse() -> None:
    window = {"starts_on": "2020-01-01", "ends_on": "2125-12-31"}
    limits = {"limits": "promotion/ever=2|code/day=5", "budget": "20", "currency": "EUR"}
    published(
        {
            "campaigns": [{**CAMPAIGN, **window}],
            "promotions": [{**PROMOTION, **window, **limits, "customer_limit": ""}],
            "codes": [CODE],
        }
    )
    promotion = RegisterReader().promotion("AUTUMN26-10")
    code = RegisterReader().code("AUTUMN1O")
    assert promotion is not None
    assert code is not None
    today = clock.now().date()

    told = []
    for order in ("1", "2"):
        claim = asked_for(
            promotion, code, cart(order), offer(), today, clock.now(), state="redeemed"
        )
        uses_table.take(claim, clock.now())
        told.append(call("vera", "GET", "/register/codes/Autumn-10").body)

    assert [each["running"] for each in told] == ["active", "used_up"]
    counters = {
        (each["scope"], each["period"]): (each["used"], each["most"])
        for each in told[1]["promotions"][0]["counters"]
    }
    assert counters[("promotion", "ever")] == (2, 2)
    assert counters[("code", "day")] == (2, 5)
    assert counters[("budget", "ever")][1] == 2000
    alone = call("vera", "GET", "/register/promotions/AUTUMN26-10").body
    assert {each["scope"] for each in alone["counters"]} == {"promotion", "budget"}


def test_what_was_earned_is_told_beside_its_goal() -> None:
    window = {"starts_on": "2020-01-01", "ends_on": "2125-12-31"}
    goal = {"revenue_goal": "12.50", "currency": "EUR", **window}
    published({"campaigns": [{**CAMPAIGN, **window}], "promotions": [{**PROMOTION, **goal}]})
    found = RegisterReader().promotion("AUTUMN26-10")
    assert found is not None
    told = []
    for revenue in (1249, 1):
        earns(found, revenue)
        told.append(call("vera", "GET", "/register/promotions/AUTUMN26-10").body)

    assert [each["running"] for each in told] == ["active", "used_up"]
    assert [each["counters"] for each in told] == [
        [{"scope": "revenue_goal", "period": "ever", "used": used, "most": 1250}]
        for used in (1249, 1250)
    ]


def earns(promotion: Promotion, revenue_minor: int) -> None:
    """A till tells of a confirmed order that brought in so much."""
    day = clock.now().date()
    said = Told(
        promotion_id=promotion.promotion_id,
        state="confirmed",
        live=True,
        counts=True,
        day=day,
        currency="EUR",
        limits=limits_of(promotion, MAIL, cart(), day, 200),
        on_rollback="restore",
        discount_minor=200,
        returned_minor=0,
        revenue_minor=revenue_minor,
        mark="1",
    )
    order = f"direct#corner#{revenue_minor}"
    uses_table.tell(order, "MA1L", lambda _: (said, lambda _: None), clock.now())


def test_lists_come_in_pages() -> None:
    campaigns = [{**CAMPAIGN, "campaign_id": f"C{at}"} for at in range(5)]
    published({"campaigns": campaigns})
    found: list[str] = []
    query: dict[str, str] = {"limit": "2"}

    while True:
        page = call("vera", "GET", "/register/campaigns", query=query).body
        found += [each["row"]["campaign_id"] for each in page["campaigns"]]
        if not page.get("after"):
            break
        query["after"] = page["after"]

    assert found == [f"C{at}" for at in range(5)]


def test_what_was_loaded_before_there_were_lists_is_listed_by_the_next_load() -> None:
    published()
    for item in RegisterItem.scan(RegisterItem.pk.startswith("listed#")):
        item.delete(add_version_condition=False)
    assert call("vera", "GET", "/register/campaigns").body["campaigns"] == []

    load([("codes.csv", b"code,promotion_id\nMORE,AUTUMN26-10\n")])

    assert len(call("vera", "GET", "/register/campaigns").body["campaigns"]) == 1
    assert len(call("vera", "GET", "/register/campaigns/AUTUMN26").body["promotions"]) == 1


def test_proposals_are_listed_by_state_in_pages() -> None:
    drafts = [drafted()["proposal_id"] for _ in range(3)]
    step("eva", {"proposal_id": drafts[0], "version": 1}, "withdraw")

    first = call("vera", "GET", "/register/proposals", query={"limit": "2"}).body
    rest = call("vera", "GET", "/register/proposals", query={"after": first["after"]}).body
    still = call("vera", "GET", "/register/proposals", query={"state": "draft"}).body

    ids = [each["proposal_id"] for each in (*first["proposals"], *rest["proposals"])]
    assert ids == drafts[::-1]
    assert len(still["proposals"]) == 2
    assert call("vera", "GET", "/register/proposals", query={"state": "mine"}).status == 400


def test_every_step_is_in_the_audit_log_with_before_and_after() -> None:
    proposal = published()
    approved({"promotions": [{**PROMOTION, "customer_limit": 3}]})
    carried_out()

    told = call("vera", "GET", "/register/audit").body
    of_one = call("vera", "GET", "/register/audit", query={"subject": "promotion:AUTUMN26-10"}).body

    assert [(each["what"], each["who"]) for each in reversed(told["entries"])][:4] == [
        ("proposal_drafted", "person:eva"),
        ("proposal_submitted", "person:eva"),
        ("proposal_approved", "person:ana"),
        ("proposal_applied", "person:ana"),
    ]
    assert told.get("broken_at") is None
    newest: Any = of_one["entries"][0]
    assert newest["what"] == "proposal_applied"
    assert '"customer_limit": "1"' in newest["before"]
    assert '"customer_limit": "3"' in newest["after"]
    mine = call(
        "vera", "GET", "/register/audit", query={"subject": f"proposal:{proposal['proposal_id']}"}
    ).body
    assert len(mine["entries"]) == 4
    assert call("vera", "GET", "/register/audit", query={"subject": "code: autumn 1O"}).body[
        "entries"
    ]


def test_names_are_set_by_an_admin_and_then_asked_for() -> None:
    said = {"campaign": "{season}{yy}", "seasons": ["AUTUMN"], "strict": True}

    assert call("ana", "PUT", "/register/settings/naming", said).status == 403
    told = call("adam", "PUT", "/register/settings/naming", said)

    assert (told.status, told.version()) == (200, '"1"')
    assert call("adam", "PUT", "/register/settings/naming", said, if_match="0").status == 409
    bad = call("adam", "PUT", "/register/settings/naming", {"campaign": "{thing}"}, if_match="1")
    assert (bad.status, bad.body["field"]) == (400, "campaign")
    rows = {"campaigns": [{**CAMPAIGN, "campaign_id": "Cheap"}]}
    check = call("eva", "POST", "/register/proposals/check", {"rows": rows}).body
    assert [each["rule"] for each in check["findings"]] == ["name_pattern"]
    assert not check["sound"]
