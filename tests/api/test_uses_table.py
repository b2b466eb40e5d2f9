"""Do limits hold, to the last use, whatever is asked, repeated, raced or cut off?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Lock
from typing import Any

import pytest

from tests.api.uses import (
    NOW,
    Spoilt,
    Striking,
    after,
    cancelled,
    claim,
    lost,
    promotion,
    spoilt,
)
from vouchsafe.edge import uses_table
from vouchsafe.pure.claim import Claim, Full, recount
from vouchsafe.pure.errors import Absent, Conflict, Refused, Unavailable
from vouchsafe.pure.register import Promotion

ORDER = "direct#corner#1"


@pytest.fixture
def uses() -> Iterator[Spoilt]:
    with spoilt() as found:
        yield found
        agree()


def agree() -> None:
    """Counters are the recount of the claims."""
    assert uses_table.all_counters() == recount(uses_table.all_claims())


def shown(counter: str) -> int:
    return uses_table.used([counter])[counter]


def refused(asked: Claim, at: Any = NOW) -> str:
    with pytest.raises(Full) as full:
        uses_table.check(asked, at)
    reason = full.value.limit.reason
    with pytest.raises(Full) as full:
        uses_table.take(asked, at)
    assert full.value.limit.reason == reason
    return reason


@pytest.mark.parametrize("most", [1, 2, 10])
def test_the_last_use_is_taken_and_the_next_is_refused(uses: Spoilt, most: int) -> None:
    terms = promotion(f"promotion/ever={most}")

    for number in range(most):
        uses_table.check(claim(terms, str(number)), NOW)
        uses_table.take(claim(terms, str(number)), NOW)

    assert refused(claim(terms, "next")) == "usage_limit_reached"
    assert shown("promotion#P1#ever") == most


def test_what_was_seen_before_others_took_the_room_takes_nothing(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1")
    first, second = claim(terms, "1"), claim(terms, "2")
    looks = [uses_table.check(each, NOW) for each in (first, second)]

    uses_table.take(first, NOW, looks[0])

    with pytest.raises(Full):
        uses_table.take(second, NOW, looks[1])
    assert shown("promotion#P1#ever") == 1


def test_what_was_seen_before_oneself_took_it_is_the_same_use(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=2")
    look = uses_table.check(claim(terms), NOW)

    first = uses_table.take(claim(terms), NOW, look)

    assert uses_table.take(claim(terms), NOW, look) == first
    assert shown("promotion#P1#ever") == 1


@pytest.mark.parametrize("codes", [9, 10, 11])
def test_nested_limits_meet_exactly_at_their_edge(uses: Spoilt, codes: int) -> None:
    """Ten codes with one use each, and ten uses in all: the tenth is no eleventh (lesson 7)."""
    terms = promotion("promotion/ever=10", "code/ever=1")
    asked = [
        replace(
            claim(terms, f"{number}"),
            code=f"C0DE{number}",
            limits=tuple(
                replace(each, counter=each.counter.replace("MA1L", f"C0DE{number}"))
                for each in claim(terms).limits
            ),
        )
        for number in range(codes)
    ]

    taken = [each for each in asked if _is_taken(each)]

    assert len(taken) == min(codes, 10)
    assert shown("promotion#P1#ever") == min(codes, 10)


def _is_taken(asked: Claim) -> bool:
    try:
        uses_table.take(asked, NOW)
    except Full:
        return False
    return True


def test_a_limit_of_nothing_lets_nobody_in(uses: Spoilt) -> None:
    assert refused(claim(promotion("promotion/ever=0"))) == "usage_limit_reached"
    assert "TransactWriteItems" not in uses.calls


def test_me_again_is_the_same_use(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1")
    first = uses_table.take(claim(terms, state="reserved"), NOW)

    assert uses_table.take(claim(terms, state="reserved"), after(1)) == first
    redeemed = uses_table.take(claim(terms), after(2))
    assert uses_table.take(claim(terms), after(3)) == redeemed
    assert uses_table.take(claim(terms, state="reserved"), after(4)) == redeemed
    assert redeemed.state == "redeemed"
    assert shown("promotion#P1#ever") == 1


def test_a_repeat_may_know_more_of_who_it_is(uses: Spoilt) -> None:
    terms = promotion("customer/ever=1")
    first = uses_table.take(claim(terms, state="reserved"), NOW)
    with_card = claim(terms, customer=("email:ann", "phone:1", "card:9"))

    assert uses_table.take(claim(terms, state="reserved", customer=("email:ann",)), NOW) == first
    uses_table.take(with_card, NOW)

    assert shown("customer#P1#card:9#ever") == 1
    assert refused(claim(terms, "2", customer=("card:9",))) == "customer_limit_reached"


def test_another_cart_under_the_same_name_is_a_conflict(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=2")
    uses_table.take(claim(terms), NOW)

    with pytest.raises(Conflict):
        uses_table.take(claim(terms, shipping_minor=300), NOW)
    with pytest.raises(Conflict):
        uses_table.check(claim(terms, shipping_minor=300), NOW)


def test_a_hold_never_counts_against_its_own_order(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1", "customer/day=1")
    uses_table.take(claim(terms, state="reserved"), NOW)

    uses_table.check(claim(terms), NOW)
    assert uses_table.take(claim(terms), NOW).state == "redeemed"
    assert refused(claim(terms, "2", customer=("email:bob",))) == "usage_limit_reached"


def test_a_hold_from_before_midnight_is_redeemed_after_it(uses: Spoilt) -> None:
    terms = promotion("location/day=1")
    uses_table.take(claim(terms, state="reserved"), NOW)
    next_day = date(2026, 11, 21)
    other = claim(terms, "2", day=next_day)
    uses_table.take(other, NOW)

    assert uses_table.take(claim(terms, day=next_day), after(5)).state == "redeemed"


@pytest.mark.parametrize("key", ["email:ann", "phone:1"])
def test_any_identity_key_stands_for_the_customer(uses: Spoilt, key: str) -> None:
    terms = promotion(customer_limit=1)
    uses_table.take(claim(terms), NOW)

    assert refused(claim(terms, "2", customer=(key, "email:new"))) == "customer_limit_reached"
    assert _is_taken(claim(terms, "3", customer=("email:new",)))


def test_who_is_nobody_must_say_who_they_are(uses: Spoilt) -> None:
    assert refused(claim(promotion("customer/ever=5"), customer=())) == "identity_required"
    assert refused(claim(promotion("device/ever=5"), device=None)) == "identity_required"
    assert _is_taken(claim(promotion("card/ever=5")))
    assert uses.calls.count("TransactWriteItems") == 0


def test_a_budget_counts_money_to_the_last_cent(uses: Spoilt) -> None:
    terms = promotion(budget_minor=500)
    uses_table.take(claim(terms, "1", minor=200), NOW)

    assert refused(claim(terms, "2", minor=301)) == "budget_exhausted"
    uses_table.take(claim(terms, "2", minor=300), NOW)
    assert shown("budget#P1#EUR") == 500


def test_a_return_gives_its_money_back_to_the_budget(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1", budget_minor=500)
    uses_table.take(claim(terms), NOW)

    part = uses_table.move(ORDER, "MA1L", "partially_returned", NOW, returned=(("a", 50),))
    assert (part.state, shown("budget#P1#EUR")) == ("partially_returned", 150)
    same = uses_table.move(ORDER, "MA1L", "partially_returned", NOW, returned=(("a", 50),))
    assert same == part
    with pytest.raises(Conflict):
        uses_table.move(ORDER, "MA1L", "partially_returned", NOW, returned=(("a", 40),))
    with pytest.raises(Conflict):
        uses_table.move(ORDER, "MA1L", "partially_returned", NOW, returned=(("a", 201),))
    whole = uses_table.move(ORDER, "MA1L", "partially_returned", NOW, returned=(("a", 200),))
    assert whole.state == "rolled_back"
    assert uses_table.all_counters() == {}


@pytest.mark.parametrize(("policy", "left"), [("restore", 0), ("keep", 1)])
def test_a_rollback_gives_back_by_policy(uses: Spoilt, policy: str, left: int) -> None:
    terms = promotion("promotion/ever=1", on_rollback=policy)
    uses_table.take(claim(terms), NOW)

    ended = uses_table.move(ORDER, "MA1L", "rolled_back", NOW, because="cancelled")

    assert ended.because == "cancelled"
    assert uses_table.move(ORDER, "MA1L", "rolled_back", NOW) == ended
    assert shown("promotion#P1#ever") == left


@pytest.mark.parametrize("policy", ["restore", "keep"])
def test_what_is_released_always_gives_back(uses: Spoilt, policy: str) -> None:
    terms = promotion("promotion/ever=1", on_rollback=policy)
    uses_table.take(claim(terms, state="reserved"), NOW)

    uses_table.move(ORDER, "MA1L", "released", NOW)

    assert _is_taken(claim(terms, "2"))
    with pytest.raises(Conflict):
        uses_table.move(ORDER, "MA1L", "confirmed", NOW)
    assert refused(claim(terms)) == "usage_limit_reached"


def test_what_ended_can_be_taken_again_as_a_new_use(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1")
    uses_table.take(claim(terms), NOW)
    uses_table.move(ORDER, "MA1L", "rolled_back", NOW)

    second = uses_table.take(claim(terms, shipping_minor=300), NOW)

    assert (second.generation, second.state) == (1, "redeemed")
    assert shown("promotion#P1#ever") == 1


def test_a_lapsed_use_that_was_delivered_after_all_needs_room(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1")
    uses_table.take(claim(terms), NOW)
    uses_table.move(ORDER, "MA1L", "lapsed", NOW)
    uses_table.take(claim(terms, "2"), NOW)

    with pytest.raises(Full):
        uses_table.move(ORDER, "MA1L", "confirmed", NOW)
    uses_table.move("direct#corner#2", "MA1L", "rolled_back", NOW)
    assert uses_table.move(ORDER, "MA1L", "confirmed", NOW).state == "confirmed"


def test_who_needs_room_gives_back_holds_that_are_over(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=2", hold_minutes=10)
    for number in range(2):
        uses_table.take(claim(terms, str(number), "reserved"), NOW)

    assert refused(claim(terms, "late"), after(9)) == "usage_limit_reached"
    uses_table.check(claim(terms, "late"), after(10))
    uses_table.take(claim(terms, "late"), after(10))

    states = sorted(each.state for each in uses_table.all_claims())
    assert states == ["expired", "expired", "redeemed"]


def test_a_hold_that_is_over_is_its_owners_until_somebody_needs_it(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1", hold_minutes=10)
    uses_table.take(claim(terms, state="reserved"), NOW)

    renewed = uses_table.take(claim(terms, state="reserved", at=after(11)), after(11))

    assert (renewed.generation, renewed.until) == (1, after(21))
    assert refused(claim(terms, "2"), after(12)) == "usage_limit_reached"
    assert uses_table.take(claim(terms), after(30)).state == "redeemed"


def test_a_hold_is_over_when_its_time_comes_and_not_before(uses: Spoilt) -> None:
    uses_table.take(claim(promotion("promotion/ever=1"), state="reserved"), NOW)

    early = uses_table.expire(ORDER, "MA1L", after(29.99))
    over = uses_table.expire(ORDER, "MA1L", after(30))

    assert early is not None
    assert over is not None
    assert (early.state, over.state) == ("reserved", "expired")
    assert uses_table.expire(ORDER, "MA1L", after(40)) == over
    assert uses_table.expire(ORDER, "N0NE", after(40)) is None


def test_a_full_counter_is_refused_by_reads_alone(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1")
    uses_table.take(claim(terms), NOW)
    with pytest.raises(Full):
        uses_table.take(claim(terms, "2"), NOW)
    uses.calls.clear()

    for number in range(3, 13):
        with pytest.raises(Full):
            uses_table.take(claim(terms, str(number)), NOW)

    # One of the counter, and one of the claim after it: the last use may have been our own.
    assert uses.calls == ["BatchGetItem", "GetItem"] * 10


def test_the_last_use_may_go_to_the_very_order_that_reads(uses: Spoilt) -> None:
    """Two workers finish the same checkout: neither hears that the limit is reached (lesson 2)."""
    asked = claim(promotion("promotion/ever=1"))
    answer, first = uses.dynamo.answer, [True]

    def torn(operation: str, asked_for: dict[str, Any]) -> dict[str, Any]:
        """The claim is read before the other worker's write, and the counter after it."""
        if operation != "BatchGetItem" or not first:
            return answer(operation, asked_for)
        first.clear()
        uses_table.take(asked, NOW)
        found = answer(operation, asked_for)
        found["Responses"]["Uses"] = [it for it in found["Responses"]["Uses"] if "used" in it]
        return found

    uses.dynamo.answer = torn  # type: ignore[method-assign, assignment]

    assert uses_table.take(asked, NOW).state == "redeemed"
    assert shown("promotion#P1#ever") == 1


@pytest.mark.parametrize(
    "error",
    [
        lambda: cancelled("None", "TransactionConflict"),
        lambda: cancelled("None", "ThrottlingError"),
        lambda: cancelled("TransactionConflict", "ProvisionedThroughputExceeded"),
        lost,
    ],
)
@pytest.mark.parametrize("times", [1, 5, 15])
def test_conflicts_throttles_and_lost_requests_are_tried_again(
    uses: Spoilt, error: Any, times: int
) -> None:
    uses.before = Striking("TransactWriteItems", error, times)

    assert uses_table.take(claim(promotion("promotion/ever=1")), NOW).version == 1
    assert shown("promotion#P1#ever") == 1


def test_what_goes_on_for_ever_is_left_to_the_caller(uses: Spoilt) -> None:
    terms = promotion("promotion/ever=1")
    uses.before = Striking(
        "TransactWriteItems", lambda: cancelled("None", "TransactionConflict"), 99
    )
    with pytest.raises(Unavailable):
        uses_table.take(claim(terms), NOW)
    uses.before = lambda _: None

    assert uses_table.take(claim(terms), NOW).version == 1


def test_what_no_repetition_can_mend_is_refused_at_once(uses: Spoilt) -> None:
    uses.before = Striking("TransactWriteItems", lambda: cancelled("ValidationError", "None"))

    with pytest.raises(Refused):
        uses_table.take(claim(promotion("promotion/ever=1")), NOW)


@pytest.mark.parametrize("steps", ["take", "confirm", "rollback", "release", "expire"])
def test_a_lost_answer_is_no_second_use_and_no_second_return(uses: Spoilt, steps: str) -> None:
    """The write happened, and nobody said so."""
    terms = promotion("promotion/ever=2", budget_minor=1000)
    uses_table.take(claim(terms, "0"), NOW)
    held = "reserved" if steps in ("release", "expire") else "redeemed"
    if steps != "take":
        uses_table.take(claim(terms, state=held), NOW)
    for operation in ("TransactWriteItems", "PutItem"):
        uses.behind = Striking(operation, lost)
        found = _stepped(steps, terms)

        assert found is not None
    left = 1 if steps in ("rollback", "release", "expire") else 2
    assert uses_table.all_counters() == {"promotion#P1#ever": left, "budget#P1#EUR": left * 200}


def _stepped(step: str, terms: Promotion) -> Claim | None:
    if step == "take":
        return uses_table.take(claim(terms), NOW)
    if step == "expire":
        return uses_table.expire(ORDER, "MA1L", after(60))
    state = {"confirm": "confirmed", "rollback": "rolled_back", "release": "released"}[step]
    return uses_table.move(ORDER, "MA1L", state, NOW)  # type: ignore[arg-type]


def test_a_counter_of_an_old_period_that_is_gone_gives_nothing_back(uses: Spoilt) -> None:
    terms = promotion("promotion/day=5", "promotion/ever=5")
    uses_table.take(claim(terms), NOW)
    table = uses.dynamo.tables["Uses"]
    gone = ("counter#promotion#P1#2026-11-20", "used")
    assert int(table.items[gone]["gone_at"]["N"]) > (NOW + timedelta(days=400)).timestamp()
    uses.dynamo._erase(table, table.items[gone])

    ended = uses_table.move(ORDER, "MA1L", "rolled_back", NOW)

    assert ended.state == "rolled_back"
    assert uses_table.all_counters() == {}


def test_a_version_that_is_past_is_a_conflict(uses: Spoilt) -> None:
    first = uses_table.take(claim(promotion("promotion/ever=1")), NOW)
    second = uses_table.move(ORDER, "MA1L", "confirmed", NOW, version=first.version)

    with pytest.raises(Conflict):
        uses_table.move(ORDER, "MA1L", "rolled_back", NOW, version=first.version)
    assert uses_table.move(ORDER, "MA1L", "confirmed", NOW, version=1) == second
    with pytest.raises(Absent):
        uses_table.move(ORDER, "N0NE", "confirmed", NOW)


def test_claims_of_an_order_are_found_together(uses: Spoilt) -> None:
    first = uses_table.take(claim(promotion()), NOW)

    assert uses_table.of_order(ORDER) == [first]
    assert uses_table.get(ORDER, "MA1L") == first
    assert uses_table.get(ORDER, "N0NE") is None
    assert uses_table.of_order("direct#corner#2") == []


@pytest.mark.parametrize("most", [1, 7])
def test_many_at_once_leave_exactly_the_limit(uses: Spoilt, most: int) -> None:
    terms = promotion(f"promotion/ever={most}")
    lock, answer = Lock(), uses.dynamo.answer

    def one_at_a_time(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        with lock:
            return answer(operation, asked)

    uses.dynamo.answer = one_at_a_time  # type: ignore[method-assign]
    with ThreadPoolExecutor(8) as threads:
        taken = [*threads.map(lambda n: _is_taken(claim(terms, str(n))), range(60))]

    assert sum(taken) == most
    assert shown("promotion#P1#ever") == most


@pytest.mark.usefixtures("aws")
def test_moto_takes_the_same_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second engine reads our expressions: take, refuse, hold, give back, return, expire."""
    monkeypatch.setattr(uses_table, "sleep", lambda _: None)
    uses_table.forget()
    terms = promotion("promotion/ever=2", "customer/day=1", budget_minor=1000, hold_minutes=10)
    uses_table.take(claim(terms, "1", "reserved"), NOW)
    uses_table.take(claim(terms, "2", customer=("email:bob",)), NOW)
    assert refused(claim(terms, "3", customer=("email:cy",))) == "usage_limit_reached"
    assert refused(claim(terms, "3"), after(1)) == "usage_limit_reached"
    uses_table.move("direct#corner#2", "MA1L", "confirmed", NOW)
    uses_table.move("direct#corner#2", "MA1L", "partially_returned", NOW, returned=(("a", 50),))
    agree()
    uses_table.take(claim(terms, "4", customer=("email:cy",)), after(11))
    agree()
    uses_table.move("direct#corner#2", "MA1L", "rolled_back", NOW)
    uses_table.take(claim(terms, "5", "reserved", at=after(12)), after(12))
    uses_table.take(claim(terms, "5"), after(13))
    uses_table.expire("direct#corner#5", "MA1L", after(99))
    agree()
    assert shown("promotion#P1#ever") == 2
