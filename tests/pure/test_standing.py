"""Does a policy lead one step further at a time, for reasons that can be read off the standing?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.uses import cart
from vouchsafe.pure import codec, policy
from vouchsafe.pure.errors import Absent, Conflict, Forbidden, Invalid
from vouchsafe.pure.policy import BYS, SIGNALS, STEPS, By, Policy, Rule, Signal, Step
from vouchsafe.pure.standing import (
    Appeal,
    Measure,
    Sign,
    Standing,
    appealed,
    decided,
    explained,
    holding_back,
    imposed,
    judged,
    kept_until,
    keys_of,
    lifted,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
ANN = Standing(key="email:ann")


def rule(
    most: int = 2,
    days: int = 7,
    *,
    signal: Signal = "claims",
    by: By = "customer",
    up_to: Step = "exclude",
) -> Rule:
    return Rule(signal=signal, by=by, most=most, days=days, up_to=up_to)


def a_policy(*rules: Rule, **said: int) -> Policy:
    return Policy(rules=rules or (rule(),), **said)


def signs(
    count: int, start: int = 0, *, signal: Signal = "claims", day: date = TODAY
) -> list[Sign]:
    return [
        Sign(signal=signal, order=f"direct#corner#{at}", code="MA1L", day=day)
        for at in range(start, start + count)
    ]


def steps(standing: Standing) -> list[Step]:
    return [each.step for each in standing.measures]


def flagged(by: str = "") -> Standing:
    measure = Measure(step="flag", at=NOW, until=NOW + timedelta(days=30), by=by)
    return replace(ANN, measures=(measure,))


def test_as_many_as_allowed_are_no_breach_and_one_more_is() -> None:
    at_most = judged(ANN, signs(2), a_policy(), NOW)
    one_more = judged(at_most, signs(1, 2), a_policy(), NOW)

    assert at_most.measures == ()
    (measure,) = one_more.measures
    assert (measure.step, measure.until) == ("flag", NOW + timedelta(days=30))
    assert measure.evidence == tuple(f"direct#corner#{at}#MA1L" for at in range(3))
    assert explained(measure) == (
        "3 claims by one customer within 7 days; more than 2 are a breach."
    )


def test_each_breach_goes_one_step_further_and_what_led_to_one_leads_to_no_other() -> None:
    found = [steps(judged(ANN, signs(count), a_policy(), NOW)) for count in (3, 5, 6, 9, 12)]

    assert found == [
        ["flag"],
        ["flag"],
        ["flag", "block_code"],
        ["flag", "block_code", "exclude"],
        ["flag", "block_code", "exclude", "exclude"],
    ]


def test_a_rule_leads_no_further_than_it_says() -> None:
    standing = judged(ANN, signs(9), a_policy(rule(up_to="flag")), NOW)

    assert steps(standing) == ["flag", "flag", "flag"]


def test_the_code_that_a_breach_was_about_is_blocked_and_no_other() -> None:
    standing = judged(ANN, signs(6), a_policy(), NOW)

    assert holding_back([standing], "MA1L", NOW) is standing.measures[1]
    assert holding_back([standing], "OTHER", NOW) is None


def test_who_is_excluded_gets_no_code_until_it_is_over() -> None:
    standing = judged(ANN, signs(9), a_policy(exclude_days=10), NOW)
    last = NOW + timedelta(days=10)

    held = holding_back([standing], "OTHER", last - timedelta(seconds=1))
    assert held is not None
    assert held.step == "exclude"
    assert holding_back([standing], "OTHER", last) is None


def test_a_flag_holds_nothing_back() -> None:
    assert holding_back([judged(ANN, signs(3), a_policy(), NOW)], "MA1L", NOW) is None


def test_beyond_its_memory_a_breach_is_the_first_again() -> None:
    terms = a_policy(memory_days=60)
    before = judged(ANN, signs(3), terms, NOW)

    for days, step in ((59, "block_code"), (60, "flag")):
        later = NOW + timedelta(days=days)
        after = judged(before, signs(3, 3, day=later.date()), terms, later)
        assert after.measures[-1].step == step


def test_signs_of_before_the_window_do_not_count() -> None:
    old = signs(5, day=NOW.date() - timedelta(days=7))

    assert judged(ANN, old, a_policy(), NOW) is ANN
    assert judged(ANN, [*old, *signs(2, 5)], a_policy(), NOW).measures == ()
    still = signs(2, day=NOW.date() - timedelta(days=6))
    assert steps(judged(ANN, [*still, *signs(1, 5)], a_policy(), NOW)) == ["flag"]


def test_other_signals_and_other_keys_have_rules_of_their_own() -> None:
    assert judged(ANN, signs(9, signal="rollbacks"), a_policy(), NOW) is ANN
    card = Standing(key="card:1")
    assert judged(card, signs(9), a_policy(), NOW) is card
    assert steps(judged(card, signs(3), a_policy(rule(by="card")), NOW)) == ["flag"]


def test_a_sign_that_breaks_two_rules_is_one_breach() -> None:
    standing = judged(ANN, signs(3), a_policy(rule(days=1), rule(days=7)), NOW)

    assert steps(standing) == ["flag"]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 40)), max_size=60),
    st.lists(
        st.builds(
            rule,
            st.integers(1, 5),
            st.integers(1, 30),
            up_to=st.sampled_from(STEPS),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda each: each.days,
    ),
)
def test_in_whatever_order_signs_come_no_step_is_jumped_and_none_counts_twice(
    told: list[tuple[int, int]], rules: list[Rule]
) -> None:
    terms = a_policy(*rules)
    standing, furthest = ANN, -1
    for order, days in sorted(told, key=lambda each: each[1]):
        at = NOW + timedelta(days=days)
        (sign,) = signs(1, order, day=at.date())
        after = judged(standing, [sign, sign], terms, at)
        assert judged(after, [sign], terms, at) is after
        new = after.measures[len(standing.measures) :]
        assert len(new) <= 1
        for measure in new:
            assert measure.rule is not None
            assert STEPS.index(measure.step) <= min(furthest + 1, STEPS.index(measure.rule.up_to))
            assert len(measure.evidence) == len(set(measure.evidence)) > measure.rule.most
            furthest = max(furthest, STEPS.index(measure.step))
        standing = after
    spent = [name for each in standing.measures for name in each.evidence]
    assert not {each.claim_id() for each in standing.signs} & set(spent)
    assert codec.loads(Standing, codec.dumps(standing)) == standing


def test_what_is_lifted_holds_no_more_and_is_not_remembered() -> None:
    standing = judged(ANN, signs(6), a_policy(), NOW)
    after = lifted(standing, "ana", NOW)

    assert after.in_force(NOW) == ()
    assert {each.lifted_by for each in after.measures} == {"ana"}
    assert lifted(after, "abel", NOW) is after
    assert judged(after, signs(3, 6), a_policy(), NOW).measures[-1].step == "flag"
    assert judged(after, signs(6), a_policy(), NOW) is after


def test_what_a_person_imposes_is_imposed_once() -> None:
    measure = Measure(
        step="exclude", at=NOW, until=NOW + timedelta(days=5), by="ana", why="sold codes"
    )
    once = imposed(ANN, measure, NOW)

    assert imposed(once, replace(measure, at=NOW + timedelta(hours=1)), NOW) is once
    assert explained(once.measures[0]) == "sold codes"
    assert len(imposed(once, replace(measure, why="again"), NOW).measures) == 2


def appeal(text: str = "it was a party", appeal_id: str = "1") -> Appeal:
    return Appeal(appeal_id=appeal_id, text=text, by="eva", at=NOW)


def test_an_appeal_is_decided_by_who_did_not_impose_it() -> None:
    waiting = appealed(flagged(by="ana"), appeal(), NOW)

    with pytest.raises(Forbidden):
        decided(waiting, "1", "lifted", "ana", "fair", NOW)
    after = decided(waiting, "1", "lifted", "abel", "fair", NOW)
    assert after.in_force(NOW) == ()
    assert (after.appeals[0].verdict, after.appeals[0].decided_by) == ("lifted", "abel")
    assert decided(after, "1", "lifted", "abel", "fair", NOW) is after
    with pytest.raises(Conflict):
        decided(after, "1", "upheld", "abel", "no", NOW)
    with pytest.raises(Absent):
        decided(after, "2", "upheld", "abel", "no", NOW)


def test_an_appeal_that_is_upheld_changes_nothing_else() -> None:
    waiting = appealed(flagged(), appeal(), NOW)

    assert decided(waiting, "1", "upheld", "ana", "seen", NOW).measures == waiting.measures


def test_one_appeal_waits_at_a_time_and_only_against_something() -> None:
    waiting = appealed(flagged(), appeal(), NOW)

    assert appealed(waiting, appeal(appeal_id="2"), NOW) is waiting
    assert appealed(waiting, appeal("said otherwise"), NOW) is waiting
    with pytest.raises(Conflict):
        appealed(waiting, appeal("another", "2"), NOW)
    with pytest.raises(Conflict):
        appealed(ANN, appeal(), NOW)


def test_it_is_kept_as_long_as_it_matters() -> None:
    assert kept_until(ANN, a_policy(), NOW) == NOW + timedelta(days=8)
    assert kept_until(flagged(), a_policy(), NOW) == NOW + timedelta(days=180)


def test_a_device_is_known_within_its_shop_only_and_no_key_names_it() -> None:
    here, there = keys_of(cart(device="tablet")), keys_of(cart(device="tablet", account="other"))

    assert here[:-1] == there[:-1] == ("email:ann", "phone:1")
    assert here[-1] != there[-1]
    assert here[-1].startswith("device:")
    assert "tablet" not in here[-1]
    assert keys_of(cart(customer=("card:1",), card="card:1", device=None)) == ("card:1",)


def test_the_usual_policy_can_be_enforced() -> None:
    policy.check(Policy())
    assert {each.signal for each in Policy().rules} == set(SIGNALS)
    assert {each.by for each in Policy().rules} == set(BYS)


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (a_policy(rule(0)), "rules[0].most"),
        (a_policy(rule(51)), "rules[0].most"),
        (a_policy(rule(days=367)), "rules[0].days"),
        (a_policy(rule(), rule(5)), "rules[1]"),
        (a_policy(rule(signal="rollbacks", by="device")), "rules[0].by"),
        (a_policy(*(rule(days=at) for at in range(1, 42))), "rules"),
        (a_policy(flag_days=0), "flag_days"),
        (a_policy(rule(days=30), memory_days=29), "memory_days"),
    ],
)
def test_a_policy_that_cannot_be_enforced_is_refused(broken: Policy, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        policy.check(broken)

    assert refused.value.field == field
