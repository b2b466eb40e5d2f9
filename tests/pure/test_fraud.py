"""Does the score say all that it is made of, and does more of anything ever lower it?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vouchsafe.pure.fraud import Fraud, score
from vouchsafe.pure.policy import SIGNALS, STEPS, Policy, Rule, Signal
from vouchsafe.pure.standing import Measure, Sign, Standing, judged

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANN = Standing(key="email:ann")
POLICY = Policy(
    rules=tuple(
        Rule(signal=signal, by="customer", most=most, days=days, up_to="exclude")
        for signal, most, days in zip(SIGNALS, (3, 4, 1, 9), (7, 1, 30, 7), strict=True)
    )
)


def sign(signal: Signal, number: int, days_ago: int = 0) -> Sign:
    day = (NOW - timedelta(days=days_ago)).date()
    return Sign(signal=signal, order=f"direct#corner#{number}", code="TEN", day=day)


def told(*signs: Sign) -> Fraud:
    return score([judged(ANN, signs, POLICY, NOW)], POLICY, NOW)


A_SIGN = st.builds(sign, st.sampled_from(SIGNALS), st.integers(0, 30), st.integers(0, 40))


def test_nothing_seen_is_nothing_said() -> None:
    assert told() == Fraud(score=0, parts=())
    assert score([], POLICY, NOW) == Fraud(score=0, parts=())


def test_it_is_the_sum_of_parts_that_are_told_in_words() -> None:
    found = told(sign("claims", 1), sign("claims", 2), sign("rollbacks", 1))

    assert found.score == 22
    assert [(each.signal, each.points, each.weight) for each in found.parts] == [
        ("claims", 10, 20),
        ("rollbacks", 12, 25),
    ]
    assert found.parts[0].says == (
        "2 of the 4 claims by one customer within 7 days that are a breach."
    )


def test_a_breach_does_not_make_it_better() -> None:
    before = told(*(sign("claims", number) for number in range(3)))
    after = told(*(sign("claims", number) for number in range(4)))

    assert (before.score, after.score) == (15, 30)
    assert after.parts[-1].says == "flag is in force until 2026-12-20."


def test_the_key_that_shows_most_speaks_for_all_of_a_customers() -> None:
    by_phone = judged(Standing(key="phone:1"), [sign("claims", 1)], POLICY, NOW)
    by_mail = judged(ANN, [sign("claims", 1), sign("claims", 2)], POLICY, NOW)

    assert score([by_phone, by_mail], POLICY, NOW).score == 10


def test_what_was_lifted_and_what_is_long_ago_do_not_count() -> None:
    breach = judged(ANN, [sign("claims", number) for number in range(4)], POLICY, NOW)
    lifted = replace(
        breach, measures=tuple(replace(each, lifted_by="ana") for each in breach.measures)
    )

    assert score([lifted], POLICY, NOW).score == 0
    assert score([breach], POLICY, NOW + timedelta(days=31)).score == 0


@given(st.lists(A_SIGN, max_size=40), A_SIGN, st.sampled_from(STEPS))
def test_more_of_anything_never_lowers_it(signs: list[Sign], one: Sign, step: str) -> None:
    standing = judged(ANN, signs, POLICY, NOW)
    before = score([standing], POLICY, NOW)

    after = score([judged(standing, [one], POLICY, NOW)], POLICY, NOW)
    imposed = Measure(step=step, at=NOW, until=NOW + timedelta(days=9), by="ana")  # type: ignore[arg-type]
    harsher = replace(standing, measures=(*standing.measures, imposed))
    bystander = Standing(key="phone:1", signs=(one,))

    assert 0 <= before.score <= after.score <= 100
    assert score([harsher], POLICY, NOW).score >= before.score
    assert score([standing, bystander], POLICY, NOW).score >= before.score
    assert before.score == min(sum(each.points for each in before.parts), 100)
    assert all(0 < each.points <= each.weight for each in before.parts)
