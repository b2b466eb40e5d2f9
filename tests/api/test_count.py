"""Does what tills did count against the same limits, once, whatever comes first?"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from functions.api.validations import count, holds
from tests.api.uses import MAIL, NOW, Spoilt, Striking, after, claim, lost, promotion, spoilt
from tests.pure.registers import Shelf
from vouchsafe.edge import clock, journal, queue, redemptions_table, standings_table, uses_table
from vouchsafe.pure.claim import Claim, Full, recount
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import Promotion

ORDER = "direct#corner#1"
Sent = list[tuple[dict[str, Any], float]]


@pytest.fixture
def uses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spoilt]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(queue, "put_off", lambda *_: None)
    with spoilt() as found:
        yield found
        assert uses_table.all_counters() == recount(uses_table.all_claims())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What was put on the queue, and for how long."""
    found: Sent = []

    def send(_url: str, bodies: list[dict[str, Any]], delay_s: float = 0) -> None:
        found.extend((body, delay_s) for body in bodies)

    monkeypatch.setattr(queue, "send", send)
    return found


def known(monkeypatch: pytest.MonkeyPatch, *terms: Promotion) -> None:
    """The register holds those promotions, and the code stands for all of them."""
    code = replace(MAIL, promotions=tuple(each.promotion_id for each in terms))
    shelf = Shelf(promotions={each.promotion_id: each for each in terms}, codes={"MA1L": code})
    monkeypatch.setattr(count, "_register", shelf)


def said(order: str = "1", **what: object) -> Redemption:
    """A till's word of an order with the code, 2.00 off."""
    default: dict[str, object] = {
        "key": OrderKey(platform="direct", account="corner", order_id=order),
        "code": "MA1L",
        "code_raw": "MA1L",
        "generation": 0,
        "state": "redeemed",
        "currency": "EUR",
        "redeemed_at": NOW,
        "updated_at": NOW,
        "received_at": NOW,
        "business_day": NOW.date(),
        "discount_minor": 200,
        "facts_seen": 1,
        "location_id": "high-street",
        "customer": ("email:ann",),
        "code_known": True,
    }
    return Redemption(**(default | what))  # type: ignore[arg-type]


def tell(*rows: Redemption) -> None:
    """The ledger has it, and says so."""
    for row in rows:
        assert redemptions_table.put(row, 1)
    for row in rows:
        assert heard({"order": row.key.text(), "item": row.item_id()})


def heard(*bodies: object) -> bool:
    """Whether the Lambda took all of the messages."""
    records = [
        {
            "messageId": str(at),
            "receiptHandle": str(at),
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:uses",
            "attributes": {"ApproximateReceiveCount": "1"},
            "body": body if isinstance(body, str) else json.dumps(body),
        }
        for at, body in enumerate(bodies)
    ]
    return not count.handle({"Records": records}, None)["batchItemFailures"]


def held(order: str = "1") -> Claim:
    found = uses_table.get(f"direct#corner#{order}", "MA1L")
    assert found is not None
    return found


def test_a_use_that_nobody_asked_for_is_counted(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=5", "customer/day=1", budget_minor=1000))

    tell(said())

    assert (held().by, held().state) == ("ledger", "redeemed")
    assert uses_table.all_counters() == {
        "promotion#P1#ever": 1,
        "customer#P1#email:ann#2026-11-20": 1,
        "budget#P1#EUR": 200,
    }


def test_over_use_is_counted_and_never_refused(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = promotion("promotion/ever=1")
    known(monkeypatch, terms)
    uses_table.take(claim(terms), NOW)

    tell(said("2"), said("3"))

    assert uses_table.used(["promotion#P1#ever"]) == {"promotion#P1#ever": 3}
    assert capsys.readouterr().out.count('"over_limit":[1.0]') == 2
    with pytest.raises(Full):
        uses_table.take(claim(terms, "4"), NOW)


GOAL = "revenue_goal#P1#EUR"


def earned() -> int:
    return uses_table.used([GOAL])[GOAL]


def test_confirmed_revenue_counts_until_the_goal_is_reached_and_not_before(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = promotion(revenue_goal_minor=1500, currency="EUR")
    known(monkeypatch, terms)
    uses_table.take(claim(terms), NOW)
    tell(said(revenue_minor=1499))
    assert earned() == 0

    tell(said(revenue_minor=1499, state="confirmed", facts_seen=2))
    assert earned() == 1499
    uses_table.take(claim(terms, "2"), NOW)
    tell(said("2", revenue_minor=900, state="confirmed"))

    assert earned() == 2399
    with pytest.raises(Full) as full:
        uses_table.take(claim(terms, "3"), NOW)
    assert full.value.limit.reason == "budget_exhausted"
    with pytest.raises(Full):
        uses_table.check(claim(terms, "3"), NOW)
    assert '"over_limit"' not in capsys.readouterr().out


def test_who_was_in_before_the_goal_was_reached_stays_in(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = promotion(revenue_goal_minor=500)
    known(monkeypatch, terms)
    uses_table.take(claim(terms, "1", state="reserved"), NOW)
    uses_table.take(claim(terms, "2"), NOW)
    tell(said("3", revenue_minor=500, state="confirmed"))

    assert uses_table.take(claim(terms, "1"), NOW).state == "redeemed"
    assert uses_table.take(claim(terms, "2"), NOW).state == "redeemed"
    assert uses_table.move("direct#corner#2", "MA1L", "confirmed", NOW).state == "confirmed"
    assert uses_table.take(claim(terms, "3"), NOW).state == "confirmed"
    tell(said("4", revenue_minor=100, state="confirmed"))
    assert earned() == 600


@pytest.mark.parametrize("policy", ["restore", "keep"])
def test_what_came_back_was_not_earned(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    terms = promotion(revenue_goal_minor=500, on_rollback=policy)
    known(monkeypatch, terms)
    tell(said("1", revenue_minor=400, state="confirmed"), said("2", revenue_minor=400))
    tell(said("2", revenue_minor=400, state="confirmed", facts_seen=2))
    assert earned() == 800

    back = {"state": "partially_returned", "returned_minor": 50, "facts_seen": 2}
    tell(said("1", revenue_minor=99, **back))
    assert earned() == 499
    uses_table.take(claim(terms, "3"), NOW)
    tell(said("2", state="rolled_back", returned_minor=200, facts_seen=3))

    assert earned() == 99


def test_a_shops_rollback_takes_back_what_was_earned(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = promotion(revenue_goal_minor=500)
    known(monkeypatch, terms)
    uses_table.take(claim(terms), NOW)
    tell(said(revenue_minor=500, state="confirmed"))

    uses_table.move(ORDER, "MA1L", "rolled_back", NOW)
    assert earned() == 0

    assert uses_table.take(claim(terms, "2"), NOW).state == "redeemed"


def test_revenue_that_is_shared_anew_is_counted_anew(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another code of the order was mapped: no fact is new, and the shares are."""
    known(monkeypatch, promotion(revenue_goal_minor=500))
    row = said(revenue_minor=400, state="confirmed")
    tell(row)

    tell(replace(row, revenue_minor=200))

    assert earned() == 200


def test_a_goal_that_is_reached_between_the_look_and_the_write_refuses(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = promotion(revenue_goal_minor=500)
    known(monkeypatch, terms)

    def race(operation: str) -> None:
        if operation == "TransactWriteItems":
            uses.before = lambda _: None
            tell(said("2", revenue_minor=500, state="confirmed"))

    uses.before = race

    with pytest.raises(Full):
        uses_table.take(claim(terms), NOW)

    assert uses_table.get(ORDER, "MA1L") is None


def test_holds_that_are_over_make_no_room_at_a_goal(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = promotion(revenue_goal_minor=500, hold_minutes=1)
    known(monkeypatch, terms)
    uses_table.take(claim(terms, state="reserved"), NOW)
    tell(said("2", revenue_minor=500, state="confirmed"))

    with pytest.raises(Full):
        uses_table.take(claim(terms, "3"), after(5))

    assert held().state == "reserved"


@pytest.mark.parametrize("state", ["reserved", "redeemed"])
def test_what_the_shop_asked_for_is_the_same_use(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    terms = promotion("promotion/ever=1", "customer/ever=1", "device/ever=1", budget_minor=500)
    known(monkeypatch, terms)
    uses_table.take(claim(terms, state=state), NOW)

    tell(said(state="confirmed", customer=("email:ann", "card:9"), discount_minor=150))

    assert (held().by, held().state, held().until) == ("asked", "confirmed", None)
    assert uses_table.all_counters() == {
        "promotion#P1#ever": 1,
        "customer#P1#email:ann#ever": 1,
        "customer#P1#phone:1#ever": 1,
        "customer#P1#card:9#ever": 1,
        "device#P1#till-1#ever": 1,
        "budget#P1#EUR": 150,
    }


def test_a_till_that_was_faster_than_the_shop_is_the_same_use(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = promotion("promotion/ever=1", "customer/ever=1", "device/ever=1", budget_minor=500)
    known(monkeypatch, terms)
    row = said(state="confirmed", customer=("email:ann", "card:9"), discount_minor=150)
    tell(row)
    late = uses_table.take(claim(terms), NOW)
    counted = uses_table.all_counters()
    tell(replace(row, facts_seen=2))

    assert (late.by, late.state) == ("asked", "confirmed")
    assert late.offer is not None
    assert uses_table.take(claim(terms), NOW).version == held().version
    assert uses_table.all_counters() == counted
    assert counted["promotion#P1#ever"] == counted["device#P1#till-1#ever"] == 1
    assert counted["budget#P1#EUR"] == 150


@pytest.mark.parametrize(("policy", "left"), [("restore", 0), ("keep", 1)])
@pytest.mark.parametrize("asked", [True, False])
def test_what_the_till_takes_back_is_given_back_by_policy(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, policy: str, left: int, asked: bool
) -> None:
    terms = promotion("promotion/ever=1", on_rollback=policy)
    known(monkeypatch, terms)
    if asked:
        uses_table.take(claim(terms), NOW)
    tell(said(state="confirmed"))

    tell(said(state="rolled_back", facts_seen=2, because="void", returned_minor=200))

    assert (held().state, held().because) == ("rolled_back", "void")
    assert uses_table.used(["promotion#P1#ever"]) == {"promotion#P1#ever": left}


def test_a_repeat_and_an_old_word_change_nothing(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=1"))
    tell(said(), said(state="confirmed", facts_seen=2))
    before = held()

    for item in ("redemption#MA1L#000", "redemption#MA1L#000"):
        assert heard({"order": ORDER, "item": item}, {"order": ORDER, "code": "MA1L"})

    assert held() == before


def test_a_return_at_the_till_gives_money_back_to_the_budget(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion(budget_minor=500))
    tell(said(state="confirmed"))

    tell(said(state="partially_returned", facts_seen=2, returned_minor=80))

    assert uses_table.all_counters() == {"budget#P1#EUR": 120}


def test_what_took_nothing_off_is_no_use(uses: Spoilt, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, promotion("promotion/ever=1", on_rollback="keep"))

    tell(said(no_effect=True, discount_minor=0))
    tell(said("2", no_effect=True, discount_minor=0, state="rolled_back"))

    assert list(uses_table.all_claims()) == []


def test_a_code_that_leaves_the_order_was_never_used(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=1", on_rollback="keep"))
    tell(said())
    redemptions_table.take_out(ORDER, "redemption#MA1L#000", 2, 1)

    assert heard({"order": ORDER, "item": "redemption#MA1L#000"})

    assert uses_table.all_counters() == {}
    tell(said(facts_seen=3))
    assert uses_table.all_counters() == {"promotion#P1#ever": 1}


@pytest.mark.parametrize("ended", ["expired", "released", "rolled_back"])
def test_what_was_given_back_and_honoured_all_the_same_is_counted(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, ended: Any
) -> None:
    terms = promotion("promotion/ever=1")
    known(monkeypatch, terms)
    state = "redeemed" if ended == "rolled_back" else "reserved"
    uses_table.take(claim(terms, state=state), NOW)
    uses_table.move(ORDER, "MA1L", ended, after(60))
    uses_table.take(claim(terms, "2"), after(60))

    tell(said())

    assert (held().by, held().generation) == ("ledger", 1)
    assert uses_table.used(["promotion#P1#ever"]) == {"promotion#P1#ever": 2}


def test_a_rollback_that_the_till_does_not_agree_with_is_looked_at_again(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    terms = promotion("promotion/ever=1")
    known(monkeypatch, terms)
    uses_table.take(claim(terms), NOW)
    tell(said(state="confirmed"))
    holds.ask_ledger(uses_table.move(ORDER, "MA1L", "rolled_back", NOW))
    ((body, delay_s),) = sent

    assert delay_s == 900
    assert heard(body)
    assert held().holds_a_use()


def test_a_bill_that_was_closed_again_counts_once(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=5"))
    tell(said(state="confirmed"))

    tell(
        said(state="rolled_back", facts_seen=3, returned_minor=200),
        said(state="confirmed", generation=1, facts_seen=3),
    )

    assert held().state == "confirmed"
    assert uses_table.all_counters() == {"promotion#P1#ever": 1}


@pytest.mark.parametrize("asked", [True, False])
def test_a_limit_that_comes_later_counts_what_was_used_before(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    """The register's next load has the order derived anew, and so told anew."""
    terms = promotion("promotion/day=9")
    known(monkeypatch, terms)
    if asked:
        uses_table.take(claim(terms), NOW)
    tell(said())
    known(monkeypatch, promotion("promotion/day=9", "promotion/ever=9", budget_minor=900))

    tell(said())

    assert uses_table.all_counters() == {
        "promotion#P1#2026-11-20": 1,
        "promotion#P1#ever": 1,
        "budget#P1#EUR": 200,
    }


def test_a_use_belongs_to_the_newest_promotion_that_ran(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = promotion("promotion/ever=5", promotion_id="P2", starts_on=date(2026, 11, 15))
    over = promotion("promotion/ever=5", promotion_id="P0", ends_on=date(2026, 11, 19))
    known(monkeypatch, promotion("promotion/ever=5"), newer, over)

    tell(said())

    assert uses_table.all_counters() == {"promotion#P2#ever": 1}


def test_what_ran_under_no_promotion_counts_nowhere(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=5", ends_on=date(2026, 11, 19)))

    tell(said())

    assert list(uses_table.all_claims()) == []


def test_what_the_ledger_takes_back_meanwhile_is_never_written(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look at the ledger and our write, the till cancels the order."""
    known(monkeypatch, promotion("promotion/ever=5"))
    back = said(state="rolled_back", facts_seen=2, returned_minor=200)
    uses.before = _once("TransactWriteItems", lambda: redemptions_table.put(back, 1))

    tell(said())

    assert list(uses_table.all_claims()) == []


def _once(operation: str, work: Any) -> Any:
    left = [work]

    def before(called: str) -> None:
        if called == operation and left:
            left.pop()()

    return before


def test_a_lost_answer_counts_once(uses: Spoilt, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, promotion("promotion/ever=5"))
    uses.behind = Striking("TransactWriteItems", lost)

    tell(said())

    assert uses_table.all_counters() == {"promotion#P1#ever": 1}


def test_what_cannot_be_told_now_comes_again_alone(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=5"))
    redemptions_table.put(said(), 1)
    uses.before = Striking("Query", lost)
    names = [{"order": f"direct#corner#{at}", "item": "redemption#MA1L#000"} for at in (1, 2)]

    assert not heard(*names)
    assert heard(*names)
    assert uses_table.all_counters() == {"promotion#P1#ever": 1}


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "{}", {"order": ORDER}, {"order": ORDER, "item": "unmapped#1"}, {"expire": {}}],
)
def test_what_nobody_can_read_goes_to_the_dead_letters(uses: Spoilt, body: object) -> None:
    assert not heard(body)


def test_a_hold_is_given_back_when_its_time_is_over(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    terms = promotion("promotion/ever=1", hold_minutes=40)
    known(monkeypatch, terms)
    holds.watch(uses_table.take(claim(terms, state="reserved"), NOW), NOW)
    minutes = [0, 15, 30, 40, 41]
    for passed in minutes:
        monkeypatch.setattr(clock, "now", lambda passed=passed: after(passed))
        assert heard({"expire": {"order": ORDER, "code": "MA1L"}})

    assert [round(delay_s) for _, delay_s in sent] == [2401, 2401, 1501, 601]
    assert held().state == "expired"
    assert uses_table.all_counters() == {}


def test_the_end_of_a_hold_that_was_redeemed_ends_nothing(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    terms = promotion("promotion/ever=1")
    monkeypatch.setattr(clock, "now", lambda: after(60))
    uses_table.take(claim(terms, state="reserved"), NOW)
    redeemed = uses_table.take(claim(terms), after(5))

    assert heard({"expire": {"order": ORDER, "code": "MA1L"}})
    assert heard({"expire": {"order": "direct#corner#nobody", "code": "MA1L"}})
    assert held() == redeemed
    assert sent == []


def test_a_message_that_is_not_taken_is_no_hold_that_is_watched(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("queue: no answer")

    monkeypatch.setattr(queue, "send", refuse)
    taken = uses_table.take(claim(promotion("promotion/ever=1"), state="reserved"), NOW)

    with pytest.raises(Unavailable):
        holds.watch(taken, NOW)
    assert not heard({"expire": {"order": ORDER, "code": "MA1L"}})


def test_nobody_is_named_in_what_is_printed(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = promotion("customer/day=1", "customer/ever=1")
    known(monkeypatch, terms)
    seen: list[dict[str, object]] = []
    monkeypatch.setattr(journal, "error", lambda _, **fields: seen.append(fields))
    tell(said(), said("2"))
    table = uses.dynamo.tables["Uses"]
    for key, item in list(table.items.items()):
        if key[0].startswith("counter#customer#P1#email:ann#ever"):
            table.items[key] = item | {"used": {"N": "0"}}
            table.parts[key[0]][key] = table.items[key]
    until = NOW + timedelta(days=1)
    uses_table.move("direct#corner#2", "MA1L", "rolled_back", until)

    assert seen == [{"scope": "customer"}]
    assert "email:ann" not in capsys.readouterr().out + str(seen)
    table.items.clear()
    table.parts.clear()


def waiting() -> list[str]:
    """The claims that wait at Ann's standing."""
    (standing,) = standings_table.read(["email:ann"], newest=True).standings
    return [each.claim_id() for each in standing.signs]


def test_what_a_till_did_stands_with_its_customer_once(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=5"))

    tell(said())
    assert heard({"order": ORDER, "code": "MA1L"})

    assert waiting() == [f"{ORDER}#MA1L"]


def test_a_standing_that_cannot_be_kept_is_told_again(
    uses: Spoilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, promotion("promotion/ever=5"))
    assert redemptions_table.put(said(), 1)
    with monkeypatch.context() as broken:
        broken.setattr(standings_table, "keep", lambda *_: False)
        assert not heard({"order": ORDER, "code": "MA1L"})
    assert waiting() == []

    assert heard({"order": ORDER, "code": "MA1L"})

    assert waiting() == [f"{ORDER}#MA1L"]
    assert uses_table.all_counters() == {"promotion#P1#ever": 1}
