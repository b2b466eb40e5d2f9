"""Does a value lose or make no cent, whatever is asked of it and in whatever order it is read?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.values import NOW, SOLD, TERMS, asked, here, issued, standing
from vouchsafe.pure import codec
from vouchsafe.pure.errors import Absent, Conflict
from vouchsafe.pure.value import Entry, Value, breakages, folded, paid, payments
from vouchsafe.pure.value_moves import (
    MOST_HOLDS,
    Declined,
    Returned,
    Standing,
    give_back,
    hold,
    issue,
    release,
    spend,
    top_up,
    withdraw,
)

Made = tuple[Entry, ...]
LAST = 10 * 24 * 60 + 11 * 60  # minutes until midnight of the last day in Madrid


def paid_of(made: Made, order: str, minor: int, minutes: float = 1, **said: bool) -> Made:
    return (
        *made,
        *spend(standing(made, order), asked(order, minor, **said), here(minutes)),
    )


def held_of(made: Made, order: str, minor: int, minutes: float = 1) -> Made:
    return (*made, *hold(standing(made, order), asked(order, minor), 30, here(minutes)))


def back_of(made: Made, order: str, name: str, minor: int | None, minutes: float = 2) -> Made:
    found = give_back(seen(made, order, name), returned(order, name), minor, here(minutes))
    return (*made, *found)


def returned(order: str, name: str) -> Returned:
    return Returned(order=order, payment="", return_id=name)


def seen(made: Made, order: str, name: str) -> Standing:
    cause = returned(order, name).cause()
    entry = next((each for each in made if each.cause == cause), None)
    return replace(standing(made, order), entry=entry)


def balance(made: Made) -> tuple[int, int, int]:
    found = folded(made)
    assert found is not None
    return found.available_minor, found.held_minor, found.spent_minor


def test_what_is_issued_is_available_whatever_was_paid_for_it() -> None:
    found = folded(issue(Standing(), TERMS, SOLD, here()))

    assert found is not None
    assert (found.issued_minor, found.paid_minor, found.available_minor) == (5000, 4500, 5000)


def test_the_same_sale_again_is_the_same_and_another_one_is_a_conflict() -> None:
    made = issue(Standing(), TERMS, SOLD, here())
    again = replace(standing(made), entry=made[0])

    assert issue(again, TERMS, SOLD, here(5)) == ()
    with pytest.raises(Conflict):
        issue(again, TERMS, replace(SOLD, amount_minor=6000), here(5))
    with pytest.raises(Conflict):
        issue(standing(made), TERMS, replace(SOLD, order="direct#shop#s2"), here(5))


def test_a_hold_becomes_a_spend_and_what_was_not_needed_is_available_again() -> None:
    made = held_of(issued(), "o1", 3000)
    assert balance(made) == (2000, 3000, 0)

    assert balance(paid_of(made, "o1", 2500, 5)) == (2500, 0, 2500)
    assert balance(paid_of(made, "o1", 4500, 5)) == (500, 0, 4500)
    with pytest.raises(Declined, match=r"50\.00 EUR are left"):
        paid_of(made, "o1", 5001, 5)


def test_whoever_asks_again_is_granted_the_same_and_another_amount_is_a_conflict() -> None:
    made = held_of(issued(), "o1", 3000)
    assert held_of(made, "o1", 3000, 2) == made
    with pytest.raises(Conflict):
        held_of(made, "o1", 2000, 2)

    made = paid_of(made, "o1", 3000, 3)
    assert paid_of(made, "o1", 3000, 4) == made
    assert held_of(made, "o1", 3000, 4) == made
    with pytest.raises(Conflict):
        paid_of(made, "o1", 2999, 4)


def test_a_repeat_of_a_spend_that_was_given_back_spends_nothing() -> None:
    made = back_of(paid_of(issued(), "o1", 3000), "o1", "r1", None)

    assert paid_of(made, "o1", 3000, 9) == made


def test_partly_grants_what_there_is_and_asked_again_the_same() -> None:
    made = paid_of(issued(), "o1", 7000, partly=True)

    assert balance(made) == (0, 0, 5000)
    assert paid_of(made, "o1", 7000, 2, partly=True) == made
    with pytest.raises(Declined) as refused:
        paid_of(made, "o2", 1, partly=True)
    assert refused.value.reason == "budget_exhausted"


@pytest.mark.parametrize(("minor", "fits"), [(4999, True), (5000, True), (5001, False)])
def test_a_value_pays_to_its_last_cent_and_not_beyond(minor: int, fits: bool) -> None:
    if fits:
        assert balance(paid_of(issued(), "o1", minor)) == (5000 - minor, 0, minor)
    else:
        with pytest.raises(Declined):
            paid_of(issued(), "o1", minor)


def test_no_more_is_given_back_than_was_spent_on_that_order() -> None:
    made = paid_of(paid_of(issued(), "o1", 3000), "o2", 2000)
    made = back_of(made, "o1", "r1", 1000)

    with pytest.raises(Conflict, match=r"20\.00 EUR can be given back"):
        back_of(made, "o1", "r2", 2001)
    made = back_of(made, "o1", "r2", None)
    assert balance(made) == (3000, 0, 2000)
    with pytest.raises(Conflict):
        back_of(made, "o1", "r3", None)
    with pytest.raises(Conflict):
        back_of(made, "o3", "r1", 1)


def test_a_return_told_again_gives_back_once() -> None:
    made = back_of(paid_of(issued(), "o1", 3000), "o1", "r1", 1000)

    assert back_of(made, "o1", "r1", 1000) == made
    assert back_of(made, "o1", "r1", None) == made
    with pytest.raises(Conflict):
        back_of(made, "o1", "r1", 999)


def test_a_hold_whose_time_is_over_makes_room_and_ended_when_its_time_was_over() -> None:
    made = held_of(issued(), "o1", 4000, 0)
    with pytest.raises(Declined):
        paid_of(made, "o2", 2000, 29)

    made = paid_of(made, "o2", 2000, 45)

    assert [each.kind for each in made] == ["issued", "held", "released", "spent"]
    assert made[2].at == NOW + timedelta(minutes=30)
    assert balance(made) == (3000, 0, 2000)


def test_a_hold_is_its_owners_also_a_minute_late() -> None:
    made = paid_of(held_of(issued(), "o1", 5000, 0), "o1", 5000, 31)

    assert [each.kind for each in made] == ["issued", "held", "spent"]
    assert balance(made) == (0, 0, 5000)


def test_what_is_released_may_be_held_anew() -> None:
    made = held_of(issued(), "o1", 4000)
    made = (*made, *release(standing(made, "o1"), "o1", "", here(2)))
    assert release(standing(made, "o1"), "o1", "", here(3)) == ()

    assert balance(held_of(made, "o1", 1000, 4)) == (4000, 1000, 0)


def test_only_so_many_orders_hold_a_value_at_once() -> None:
    made = issued()
    for at in range(MOST_HOLDS):
        made = held_of(made, f"o{at}", 1)

    with pytest.raises(Conflict):
        held_of(made, "one more", 1)
    assert balance(held_of(made, "one more", 1, 60)) == (4999, 1, 0)


def test_nothing_is_held_spent_topped_up_or_withdrawn_after_the_last_day() -> None:
    made = held_of(paid_of(issued(), "o1", 1000), "o2", 500, LAST - 1)
    late = here(LAST)
    stands = standing(made)

    assert balance(paid_of(made, "o3", 1000, LAST - 0.001)) == (2500, 500, 2000)
    for ask in (
        lambda: spend(stands, asked("o3", 1), late),
        lambda: spend(standing(made, "o2"), asked("o2", 500), late),
        lambda: hold(stands, asked("o3", 1), 30, late),
        lambda: top_up(stands, replace(SOLD, order="s2"), late),
        lambda: withdraw(stands, "w1", 1, "why", late),
    ):
        with pytest.raises(Declined) as refused:
            ask()
        assert refused.value.reason == "expired"
    assert paid_of(made, "o1", 1000, LAST) == made


def test_a_clock_that_is_behind_dates_nothing_before_what_was_written() -> None:
    made = paid_of(paid_of(issued(), "o1", 1000, 10), "o2", 500, 5)

    assert made[-1].at == made[-2].at == NOW + timedelta(minutes=10)


def test_a_clock_that_is_behind_spends_nothing_after_a_return_that_came_too_late() -> None:
    made = back_of(paid_of(issued(), "o1", 1000), "o1", "r1", 300, LAST)

    with pytest.raises(Declined) as refused:
        paid_of(made, "o2", 100, LAST - 1)
    assert refused.value.reason == "expired"


def test_a_hold_of_long_ago_that_is_written_late_does_not_turn_the_clock_back() -> None:
    made = held_of(held_of(issued(), "o1", 100, 0), "o2", 100, 25)
    made = (*made, *release(standing(made), "o2", "", here(40)))
    made = (*made, *release(standing(made), "o1", "", here(41)))  # ended at minute 30

    assert paid_of(made, "o3", 100, 35)[-1].at == NOW + timedelta(minutes=40)


def test_a_hold_that_ran_out_is_held_anew_when_its_owner_asks_again() -> None:
    made = held_of(held_of(issued(), "o1", 4000, 0), "o1", 4000, 31)

    assert [each.kind for each in made] == ["issued", "held", "released", "held"]
    assert made[-1].until == NOW + timedelta(minutes=61)
    assert balance(made) == (1000, 4000, 0)


def test_a_hold_is_over_when_its_time_comes_and_counts_once() -> None:
    made = held_of(issued(), "o1", 4000, 0)

    assert balance(paid_of(made, "o2", 5000, 30)) == (0, 0, 5000)
    with pytest.raises(Declined):
        paid_of(made, "o2", 5000, 29.99)
    with pytest.raises(Declined):
        paid_of(made, "o1", 5001, 31)


def test_nothing_is_issued_after_its_last_day() -> None:
    with pytest.raises(Declined):
        issue(Standing(), TERMS, SOLD, here(LAST))


def test_a_sale_at_another_price_is_another_sale() -> None:
    made = issue(Standing(), TERMS, SOLD, here())
    seen_again = replace(standing(made), entry=made[0])

    with pytest.raises(Conflict):
        issue(seen_again, TERMS, replace(SOLD, paid_minor=5000), here(5))


def test_what_has_expired_is_not_free() -> None:
    found = folded(issued())

    assert found is not None
    assert found.free_minor(TERMS.over_at() - timedelta(milliseconds=1)) == 5000
    assert found.free_minor(TERMS.over_at()) == 0


def test_a_payment_never_gives_back_more_than_it_was() -> None:
    made = back_of(paid_of(issued(), "o1", 1000), "o1", "r1", 600)
    (payment,) = payments(made).values()

    with pytest.raises(Conflict):
        paid(payment, made[-1])


def test_a_hold_never_outlasts_its_value() -> None:
    made = held_of(issued(), "o1", 500, LAST - 1)

    assert made[-1].until == TERMS.over_at()


def test_what_is_left_on_the_last_day_is_breakage_and_what_comes_back_later_of_its_own_day() -> (
    None
):
    made = held_of(paid_of(issued(), "o1", 1000), "o2", 500, LAST - 1)
    made = back_of(made, "o1", "r1", 300, LAST + 3 * 24 * 60)

    found = breakages(made, NOW + timedelta(days=30))

    assert [(each.day, each.amount_minor) for each in found] == [
        (date(2026, 11, 30), 4000),
        (date(2026, 12, 4), 300),
    ]
    assert breakages(made[:3], NOW + timedelta(days=10)) == []


def test_a_person_withdraws_what_is_free_once() -> None:
    made = held_of(issued(), "o1", 4000, 0)
    made = (*made, *withdraw(standing(made), "w1", None, "stolen", here(1)))

    assert balance(made) == (0, 4000, 0)
    again = replace(standing(made), entry=made[-1])
    assert withdraw(again, "w1", None, "stolen", here(2)) == ()
    with pytest.raises(Declined):
        withdraw(standing(made), "w2", None, "stolen", here(2))


def test_a_code_without_value_pays_for_nothing() -> None:
    asks: tuple[Callable[[], object], ...] = (
        lambda: spend(Standing(), asked("o1", 1), here()),
        lambda: hold(Standing(), asked("o1", 1), 30, here()),
        lambda: release(Standing(), "o1", "", here()),
        lambda: give_back(Standing(), returned("o1", "r1"), 1, here()),
        lambda: top_up(Standing(), SOLD, here()),
        lambda: withdraw(Standing(), "w1", 1, "why", here()),
    )
    for ask in asks:
        with pytest.raises(Absent):
            ask()


def test_a_balance_that_does_not_foot_is_never_made() -> None:
    with pytest.raises(ValueError, match="does not foot"):
        Value(terms=TERMS, issued_minor=100, available_minor=101)
    with pytest.raises(ValueError, match="does not foot"):
        Value(terms=TERMS, issued_minor=100, available_minor=-1, spent_minor=101)


STEP = st.tuples(
    st.sampled_from(["hold", "spend", "release", "give_back", "top_up", "withdraw"]),
    st.sampled_from(["o1", "o2", "o3"]),
    st.integers(1, 4000),
    st.integers(-5, 40),
)


def step(made: Made, what: str, order: str, minor: int, at: float) -> Made:
    now, stands = here(at), standing(made, order)
    match what:
        case "hold":
            return hold(stands, asked(order, minor, partly=minor % 2 == 0), 30, now)
        case "spend":
            return spend(stands, asked(order, minor, partly=minor % 2 == 0), now)
        case "release":
            return release(stands, order, "", now)
        case "give_back":
            name = f"r{minor % 3}"
            return give_back(seen(made, order, name), returned(order, name), minor, now)
        case "top_up":
            entry = next((each for each in made if each.cause == f"topped_up#{order}"), None)
            sale = replace(SOLD, order=order, amount_minor=minor)
            return top_up(replace(stands, entry=entry), sale, now)
        case _:
            return withdraw(stands, f"w{len(made)}", minor, "why", now)


@given(st.lists(STEP, max_size=25), st.randoms(use_true_random=False))
def test_any_asking_foots_and_reads_the_same_in_any_order_and_however_often(
    steps: list[tuple[str, str, int, int]], dice: Random
) -> None:
    made, at = issued(), 0.0
    for what, order, minor, later in steps:
        at += later
        try:
            made = (*made, *step(made, what, order, minor, at))
        except Conflict:
            continue
    shuffled = [*made, *made[::2]]
    dice.shuffle(shuffled)

    found = folded(shuffled)

    assert found == folded(made)
    assert found is not None
    spent = sum(each.left_minor() for each in payments(shuffled).values())
    assert spent == found.spent_minor
    assert all(each.left_minor() >= 0 for each in payments(made).values())
    assert codec.loads(Value, codec.dumps(found)) == found
    assert [codec.loads(Entry, codec.dumps(each)) for each in made] == list(made)
    dated = [each.at for each in made if each.kind != "released"]
    assert dated == sorted(dated)
    lost = sum(each.amount_minor for each in breakages(made, NOW + timedelta(days=365)))
    assert lost == found.outstanding_minor()


def test_a_fold_with_a_gap_is_refused() -> None:
    made = paid_of(paid_of(issued(), "o1", 1000), "o2", 500)

    with pytest.raises(Conflict):
        folded((made[0], made[2]))
