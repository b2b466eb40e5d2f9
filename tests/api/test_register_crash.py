"""Does an approval happen once and whole, wherever the run that carries it out dies?"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ReadTimeoutError

from functions.api.register import apply, switching
from tests.api.calls import Answered
from tests.api.room import (
    CAMPAIGN,
    CODE,
    PROMOTION,
    ROWS,
    Rows,
    call,
    carried_out,
    drafted,
    published,
    read,
    step,
    submitted,
)
from tests.register.conftest import aws, made
from vouchsafe.edge import audit_table, clock, proposals_table, queue, register_loads
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow import load as road
from vouchsafe.flow.load import load
from vouchsafe.pure.audit import first_broken
from vouchsafe.pure.proposal import Action
from vouchsafe.pure.proposal import Rows as Drafted
from vouchsafe.pure.register_load import Seen

__all__ = ["aws", "made"]
pytestmark = pytest.mark.usefixtures("aws")

WRITES = ("PutItem", "BatchWriteItem", "SendMessageBatch", "TransactWriteItems")
CALL: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 (not in the stubs)
MORE: Rows = {
    "promotions": [{**PROMOTION, "customer_limit": 2}],
    "codes": [{**CODE, "code": f"NEW-{at}"} for at in range(1, 5)],
}
PAUSE = "/register/promotions/AUTUMN26-10/pause"


class Died(BaseException):
    """The process is gone: nothing after this instant happens."""


@dataclass
class Death:
    """Ends the process at its nth write: before it, or before its answer. 0 only counts them."""

    at: int = 0
    after: bool = False
    writes: int = 0
    dead: bool = False

    def call(self, client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        if self.dead:
            raise Died
        self.writes += operation in WRITES
        if operation not in WRITES or self.writes != self.at:
            return CALL(client, operation, asked)
        self.dead = True
        if self.after:
            CALL(client, operation, asked)
        raise Died


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(road, "_CHUNK", 2)
    monkeypatch.setattr(register_loads, "_LARGEST_PART", 150)


def dying(death: Death, work: Callable[[], object]) -> bool:
    """Whether the run lived."""

    def told(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        return death.call(client, operation, asked)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", told)
        try:
            work()
        except Died:
            return False
    return True


def deaths(work: Callable[[], object], before: Callable[[], None]) -> Iterator[Death]:
    """One at each write of the work, before and after it; everything stands as before again."""
    before()
    dying(counted := Death(), work)
    assert counted.writes > 5
    for at in range(1, counted.writes + 1):
        for after in (False, True):
            before()
            yield Death(at, after)


class Desk:
    """A submitted proposal over a register that holds its promotion already."""

    def __init__(self) -> None:
        self.proposal: Any = None

    def ready(self) -> None:
        empty()
        published()
        self.proposal = submitted(rows=MORE)

    def approve_and_carry_out(self) -> None:
        assert step("ana", self.proposal, "approve").status == 202
        assert carried_out() == []

    def told(self) -> Any:
        return read(self.proposal)


def empty() -> None:
    from moto.dynamodb.models import dynamodb_backends
    from moto.sqs.models import sqs_backends

    from tests import cloud

    for table in dynamodb_backends[cloud.ACCOUNT_ID][cloud.REGION].tables.values():
        table.items.clear()
    for waiting in sqs_backends[cloud.ACCOUNT_ID][cloud.REGION].queues.values():
        waiting._messages.clear()


def view() -> tuple[object, list[bool]]:
    reader = RegisterReader()
    limit = getattr(reader.promotion("AUTUMN26-10"), "customer_limit", None)
    return limit, [reader.code(f"NEW{at}") is not None for at in ("1", "2", "3", "4")]


OLD, NEW = (1, [False] * 4), (2, [True] * 4)


def log() -> list[str]:
    found = audit_table.newest(None, 100)[::-1]
    assert first_broken(found) is None
    return [entry.deed.what for entry in found]


def others_load(**terms: object) -> None:
    """`make load` by somebody else, of the same promotion."""
    row = {**PROMOTION, "purpose": "other", **terms}
    content = f"{','.join(row)}\n{','.join(map(str, row.values()))}\n"
    load([("promotions.csv", content.encode())])


def test_an_approval_happens_once_and_whole_wherever_it_dies() -> None:
    desk = Desk()
    met_states = set()

    for death in deaths(desk.approve_and_carry_out, desk.ready):
        assert not dying(death, desk.approve_and_carry_out)
        met, state = view(), desk.told()["state"]
        assert met in (OLD, NEW)
        assert met == OLD or state != "submitted"
        met_states.add((state, met == NEW))

        desk.approve_and_carry_out()

        told = desk.told()
        assert (view(), told["state"]) == (NEW, "applied"), death
        assert log().count("proposal_approved") == 2
        assert log().count("proposal_applied") == 2
        again = load([("codes.csv", b"code,promotion_id\nNEW-1,AUTUMN26-10\n")])
        assert again.revision >= told["register_revision"] > 1
        assert register_loads.head().load is None

    assert met_states == {
        ("submitted", False),
        ("approved", False),
        ("approved", True),
        ("applied", True),
    }


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_what_is_approved_is_carried_out_though_nobody_asks_again(
    at: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_LONGEST_DELAY_S", 0)
    desk = Desk()
    desk.ready()

    assert not dying(Death(at, after), lambda: step("ana", desk.proposal, "approve"))
    kept = desk.told()["state"] == "approved"
    assert carried_out() == []

    assert kept is ((at, after) >= (2, True))
    assert (view(), desk.told()["state"]) == ((NEW, "applied") if kept else (OLD, "submitted"))


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_pause_that_was_kept_is_carried_out_and_another_asks_for_nothing(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_LONGEST_DELAY_S", 0)
    published()

    assert not dying(Death(at), lambda: call("ana", "POST", PAUSE, {"why": "leaked"}))

    assert carried_out() == []
    promotion = RegisterReader().promotion("AUTUMN26-10")
    assert promotion is not None
    assert promotion.status == ("paused" if at == 3 else "active")


SAID = {"title": "t", "why": "w", "promotion_id": "AUTUMN26-10", "pattern": "A-{10}", "count": 5}
UNKNOWN_CODES = {**PROMOTION, "generic": "no", "code_limit": 1}


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("eva", "/register/proposals", {"title": "t", "why": "w", "rows": MORE}),
        ("eva", "/register/code-jobs", SAID),
        ("ana", PAUSE, {"why": "leaked"}),
    ],
)
def test_what_was_made_before_its_answer_was_lost_is_not_made_twice(
    who: str, path: str, body: object
) -> None:
    """Wherever it dies: not made, or found by the call that comes again under its key."""
    for at in range(1, 20):
        empty()
        published({**ROWS, "promotions": [UNKNOWN_CODES]})

        def ask() -> Answered:
            return call(who, "POST", path, body, idempotency_key="k1")

        lived = dying(Death(at, after=True), ask)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=1))
            carried_out()
            again = ask()

        assert again.status in (201, 202), again.body
        proposals = call("vera", "GET", "/register/proposals").body["proposals"]
        assert len(proposals) == 2, at
        told = again.body.get("proposal", again.body)
        assert told["proposal_id"] == proposals[0]["proposal_id"]
        if lived:
            assert again.headers["idempotent-replayed"] == "true"
            return
    pytest.fail("it never lived")


def test_what_another_loads_after_a_death_is_never_lost() -> None:
    desk = Desk()
    ends = set()

    for death in deaths(desk.approve_and_carry_out, desk.ready):
        dying(death, desk.approve_and_carry_out)
        others_load(customer_limit=5)

        step("ana", desk.proposal, "approve")
        assert carried_out() == []

        promotion = RegisterReader().promotion("AUTUMN26-10")
        assert promotion is not None
        assert (promotion.purpose, promotion.customer_limit) == ("other", 5), death
        ends.add((desk.told()["state"], tuple(view()[1])))

    assert ends == {("rejected", (False,) * 4), ("applied", (True,) * 4)}


def test_a_pause_holds_wherever_it_dies() -> None:
    def ready() -> None:
        empty()
        published()

    def pause() -> None:
        call("ana", "POST", PAUSE, {"why": "leaked"})
        assert carried_out() == []

    for death in deaths(pause, ready):
        dying(death, pause)
        others_load(customer_limit=5)
        (made, *_) = call("vera", "GET", "/register/proposals").body["proposals"]
        if made["action"] == "pause":
            assert step("abel", made, "approve").status == 202
        carried_out()
        pause()

        promotion = RegisterReader().promotion("AUTUMN26-10")
        assert promotion is not None
        assert (promotion.status, promotion.purpose) == ("paused", "other"), death


@pytest.mark.parametrize("applied", [True, False])
def test_a_time_out_comes_again_and_ends_it(applied: bool) -> None:
    desk = Desk()
    desk.ready()
    step("ana", desk.proposal, "approve")
    counted = Death()

    def told(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        counted.writes += operation in WRITES
        if operation in WRITES and counted.writes == 4:
            if applied:
                CALL(client, operation, asked)
            raise ReadTimeoutError(endpoint_url="http://register")
        return CALL(client, operation, asked)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", told)
        assert carried_out() == [desk.proposal["proposal_id"]]
    desk.approve_and_carry_out()

    assert (view(), desk.told()["state"]) == (NEW, "applied")


def test_two_who_carry_it_out_at_once_do_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.ready()
    step("ana", desk.proposal, "approve")
    step("abel", desk.proposal, "approve")
    real = register_loads.publish

    def slow(head: register_loads.Head) -> register_loads.Head:
        monkeypatch.setattr(register_loads, "publish", real)
        carried_out()
        return real(head)

    monkeypatch.setattr(register_loads, "publish", slow)

    carried_out()
    desk.approve_and_carry_out()

    assert (view(), desk.told()["state"]) == (NEW, "applied")
    assert log().count("proposal_applied") == 2


def test_a_pause_that_a_run_beside_it_has_made_is_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published()
    made = call("ana", "POST", PAUSE, {"why": "leaked"}).body
    step("abel", made, "approve")
    others_load()
    real = switching.switched

    def slow(promotion_id: str, action: Action, at: datetime) -> tuple[Drafted, tuple[Seen, ...]]:
        monkeypatch.setattr(apply, "switched", real)
        monkeypatch.setattr(proposals_table, "keep", lost)
        with pytest.raises(Died):
            apply.carried_out(made["proposal_id"])
        monkeypatch.setattr(proposals_table, "keep", keep)
        return real(promotion_id, action, at)

    def lost(_proposal: object, _deed: object) -> None:
        raise Died

    keep = proposals_table.keep
    monkeypatch.setattr(apply, "switched", slow)

    carried_out()

    assert read(made)["state"] == "applied"
    promotion = RegisterReader().promotion("AUTUMN26-10")
    assert promotion is not None
    assert promotion.status == "paused"


def test_a_campaign_of_another_proposal_may_come_first() -> None:
    """Two drafts that name the same new promotion: the second is told, and nothing is lost."""
    first, second = drafted(), drafted("emil", {**ROWS, "campaigns": [{**CAMPAIGN, "name": "B"}]})
    for proposal in (first, second):
        step("ana", step("eva", proposal, "submit").body, "approve")
    carried_out()

    states = [read(each)["state"] for each in (first, second)]

    assert states == ["applied", "rejected"]
    campaign = RegisterReader().campaign("AUTUMN26")
    assert campaign is not None
    assert campaign.name == "Autumn"
