"""Is a value spent once, to the last cent, whatever is asked, repeated, raced or cut off?"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.api import values
from tests.api.uses import Spoilt, Striking, cancelled, lost
from tests.api.values import CODE, agree, balance, give_back, hold, issue, release, spend, spoilt
from tests.api.values import top_up as top_up_by
from tests.pure.values import SOLD, TERMS, here
from vouchsafe.edge import values_table
from vouchsafe.pure import value_moves as moves
from vouchsafe.pure.errors import Conflict, Refused, Unavailable
from vouchsafe.pure.value_moves import Declined, Standing

TROUBLES: dict[str, Callable[[], Exception]] = {
    "conflict": lambda: cancelled("None", "TransactionConflict"),
    "throttled": lambda: cancelled("None", "ThrottlingError"),
    "lost": lost,
}


@pytest.fixture
def table() -> Iterator[Spoilt]:
    with spoilt() as found:
        yield found
        agree()


def test_each_move_is_one_transaction(table: Spoilt) -> None:
    issue()
    hold("o1", 3000)
    spend("o1", 2500)
    give_back("o1", "r1", 500)

    assert balance() == (3000, 0, 2000)
    assert table.calls.count("TransactWriteItems") == 4
    assert not {"PutItem", "UpdateItem", "DeleteItem"} & set(table.calls)


def test_a_repeat_reads_and_writes_nothing(table: Spoilt) -> None:
    issue()
    hold("o1", 3000)
    spend("o1", 3000)
    give_back("o1", "r1", 500)
    top_up_by(700, "s2")
    values.withdraw("w1", 100)
    written = table.calls.count("TransactWriteItems")

    issue()
    hold("o1", 3000)
    spend("o1", 3000)
    give_back("o1", "r1", 500)
    top_up_by(700, "s2")
    values.withdraw("w1", 100)
    release("o1")

    assert table.calls.count("TransactWriteItems") == written
    assert balance() == (3100, 0, 2500)


def test_a_code_is_issued_once(table: Spoilt) -> None:
    issue(5000)

    with pytest.raises(Conflict):
        issue(5000, order="direct#shop#another")
    with pytest.raises(Conflict):
        issue(6000)


@pytest.mark.parametrize(
    ("trouble", "when"), [*((each, "before") for each in sorted(TROUBLES)), ("lost", "behind")]
)
@pytest.mark.parametrize("times", [1, 15])
def test_whatever_fails_or_is_lost_the_move_is_made_once(
    table: Spoilt, trouble: str, when: str, times: int
) -> None:
    issue()
    setattr(table, when, Striking("TransactWriteItems", TROUBLES[trouble], times))

    found = spend("o1", 3000)

    assert found.payment is not None
    assert found.payment.spent_minor == 3000
    assert balance() == (2000, 0, 3000)


def test_what_nobody_can_tell_in_time_is_told_by_asking_again(table: Spoilt) -> None:
    issue()
    table.before = Striking("TransactWriteItems", lost, 16)
    with pytest.raises(Unavailable):
        spend("o1", 3000)

    spend("o1", 3000)

    assert balance() == (2000, 0, 3000)


def test_what_no_repetition_mends_is_refused_at_once(table: Spoilt) -> None:
    issue()
    table.before = Striking("TransactWriteItems", lambda: cancelled("None", "ValidationError"))

    with pytest.raises(Refused):
        spend("o1", 3000)
    assert table.calls.count("TransactWriteItems") == 2


def test_two_who_read_the_same_balance_do_not_both_spend_it(table: Spoilt) -> None:
    issue()
    rival: list[bool] = [True]

    def first(operation: str) -> None:
        if operation == "TransactWriteItems" and rival:
            rival.clear()
            spend("o2", 3000)

    table.before = first

    with pytest.raises(Declined):
        spend("o1", 3000)
    assert balance() == (2000, 0, 3000)


@pytest.mark.parametrize("elsewhere", [0, 2000])
def test_two_returns_at_once_give_back_no_more_than_was_spent(
    table: Spoilt, elsewhere: int
) -> None:
    """The payment is read before another return's write, and the balance after it."""
    issue()
    spend("o1", 3000)
    if elsewhere:
        spend("o2", elsewhere)
    answer, torn = table.dynamo.answer, [True]

    def mixed(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchGetItem" or not torn:
            return answer(operation, asked)
        torn.clear()
        before = answer(operation, asked)
        give_back("o1", "r1", 2000)
        found = answer(operation, asked)
        old = [it for it in before["Responses"]["Values"] if it["sk"]["S"].startswith("payment")]
        new = [it for it in found["Responses"]["Values"] if it["sk"]["S"] == "balance"]
        found["Responses"]["Values"] = [*old, *new]
        return found

    table.dynamo.answer = mixed  # type: ignore[method-assign, assignment]

    with pytest.raises(Conflict):
        give_back("o1", "r2", 2000)
    assert balance() == (4000 - elsewhere, 0, 1000 + elsewhere)


def test_two_repeats_at_once_take_away_once(table: Spoilt) -> None:
    """The entry is read before the other's write, and the balance after it."""
    issue()
    answer, torn = table.dynamo.answer, [True]

    def mixed(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchGetItem" or not torn:
            return answer(operation, asked)
        torn.clear()
        values.withdraw("w1", 1000)
        found = answer(operation, asked)
        held = [it for it in found["Responses"]["Values"] if it["sk"]["S"] == "balance"]
        found["Responses"]["Values"] = held
        return found

    table.dynamo.answer = mixed  # type: ignore[method-assign, assignment]

    values.withdraw("w1", 1000)

    assert balance() == (4000, 0, 0)


@pytest.mark.parametrize("spent", [5000, 3000])
def test_a_repeat_that_reads_half_of_the_first_is_no_refusal(table: Spoilt, spent: int) -> None:
    """The payment is read before the first one's write, and the balance after it (lesson 2)."""
    issue()
    answer, torn = table.dynamo.answer, [True]

    def mixed(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchGetItem" or not torn:
            return answer(operation, asked)
        torn.clear()
        spend("o1", spent)
        found = answer(operation, asked)
        held = [it for it in found["Responses"]["Values"] if it["sk"]["S"] == "balance"]
        found["Responses"]["Values"] = held
        return found

    table.dynamo.answer = mixed  # type: ignore[method-assign, assignment]

    found = spend("o1", spent)

    assert found.payment is not None
    assert found.payment.spent_minor == spent
    assert balance() == (5000 - spent, 0, spent)


def test_threads_spend_exactly_what_there_is(table: Spoilt) -> None:
    issue(1000)
    lock, answer = Lock(), table.dynamo.answer

    def one_at_a_time(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        with lock:
            return answer(operation, asked)

    table.dynamo.answer = one_at_a_time  # type: ignore[method-assign]
    with ThreadPoolExecutor(8) as threads:
        granted = [*threads.map(lambda n: _spent(f"o{n}", 70), range(30))]

    assert sum(granted) == 980
    assert balance() == (20, 0, 980)


def _spent(order: str, minor: int) -> int:
    while True:
        try:
            found = spend(order, minor)
        except Declined:
            return 0
        except Unavailable:
            continue
        return found.payment.spent_minor if found.payment else 0


@pytest.mark.usefixtures("aws")
def test_threads_against_a_second_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values_table, "sleep", lambda _: None)
    issue(1000)
    orders = [f"o{number % 12}" for number in range(24)]  # each order asks twice

    with ThreadPoolExecutor(6) as threads:
        [*threads.map(lambda order: _spent(order, 150), orders)]

    agree()
    assert balance() == (100, 0, 900)


@pytest.mark.usefixtures("aws")
def test_finance_finds_what_moved_and_what_ended_by_business_day() -> None:
    issue()
    hold("o1", 3000)
    spend("o1", 3000)
    give_back("o1", "r1", 100, minutes=24 * 60)
    day = here().day

    assert sorted(each.number for each in values_table.moved_on(day)) == [1, 2, 3]
    assert [each.kind for each in values_table.moved_on(day + timedelta(days=1))] == ["given_back"]
    assert [each.terms.code for each in values_table.ending_on(TERMS.expires_on)] == [CODE]
    assert [*values_table.ending_on(day)] == []
    assert [each.terms for each in values_table.all_values()] == [TERMS]


@pytest.mark.usefixtures("aws")
def test_what_is_outstanding_is_listed_by_promotion_page_by_page() -> None:
    for number in range(5):
        terms = replace(TERMS, code=f"G1FT{number}")
        values_table.move(
            terms.code, lambda seen, terms=terms: moves.issue(seen, terms, SOLD, here())
        )
    first = values_table.outstanding("GIFT", None, 3)
    rest = values_table.outstanding("GIFT", first[-1].terms.code, 3)

    assert [each.terms.code for each in (*first, *rest)] == [f"G1FT{n}" for n in range(5)]
    values_table.move(
        "G1FT1",
        lambda seen: moves.spend(
            seen, moves.Asked(order="o", payment="", amount_minor=5000), here()
        ),
        order="o",
    )
    assert [each.terms.code for each in values_table.outstanding("GIFT", None, 9)] == [
        "G1FT0",
        "G1FT2",
        "G1FT3",
        "G1FT4",
    ]


class Tills(RuleBasedStateMachine):
    """Tills that ask for one value, repeat, cut in and lose answers, as the clock goes on."""

    orders = st.sampled_from(["o1", "o2", "o3"])
    minors = st.sampled_from([1, 700, 1500, 2500])
    troubles = st.sampled_from(["", "", *sorted(TROUBLES), "lost_answer", "rival", "given_up"])

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.table = self.stack.enter_context(spoilt())
        self.minutes = 1.0
        self.spent: dict[str, int] = {}
        self.back: dict[tuple[str, str], int] = {}

    @initialize()
    def sell(self) -> None:
        issue()

    def teardown(self) -> None:
        self.stack.close()

    def asks(self, trouble: str, ask: Callable[[], Standing]) -> Standing | None:
        """None where it was refused, or nobody could tell."""
        self.spoil(trouble)
        try:
            return ask()
        except (Conflict, Unavailable):
            return None
        finally:
            self.table.before = self.table.behind = lambda _: None

    def spoil(self, trouble: str) -> None:
        at = "TransactWriteItems"
        if trouble == "lost_answer":
            self.table.behind = Striking(at, lost)
        elif trouble == "given_up":
            self.table.before = Striking(at, lost, 16)
        elif trouble == "rival":
            self.table.before = self.rival()
        elif trouble:
            self.table.before = Striking(at, TROUBLES[trouble], 2)

    def rival(self) -> Callable[[str], None]:
        left = [True]

        def cuts_in(operation: str) -> None:
            if operation == "TransactWriteItems" and left:
                left.clear()
                found = self.asks_plainly(lambda: spend("rival", 900, self.minutes))
                if found and found.payment:
                    self.paid("rival", found.payment.spent_minor)

        return cuts_in

    def asks_plainly(self, ask: Callable[[], Standing]) -> Standing | None:
        try:
            return ask()
        except Conflict:
            return None

    def paid(self, order: str, minor: int) -> None:
        """Whoever is answered twice is answered the same."""
        assert self.spent.setdefault(order, minor) == minor

    @rule(order=orders, minor=minors, trouble=troubles)
    def hold(self, order: str, minor: int, trouble: str) -> None:
        self.asks(trouble, lambda: hold(order, minor, self.minutes, partly=minor == 2500))

    @rule(order=orders, minor=minors, trouble=troubles)
    def spend(self, order: str, minor: int, trouble: str) -> None:
        found = self.asks(trouble, lambda: spend(order, minor, self.minutes, partly=minor == 2500))
        if found is not None:
            assert found.payment is not None
            self.paid(order, found.payment.spent_minor)

    @rule(order=orders, trouble=troubles)
    def release(self, order: str, trouble: str) -> None:
        self.asks(trouble, lambda: release(order, self.minutes))

    @rule(order=orders, name=st.sampled_from("ab"), minor=minors, trouble=troubles)
    def give_back(self, order: str, name: str, minor: int, trouble: str) -> None:
        found = self.asks(trouble, lambda: give_back(order, name, minor, self.minutes))
        if found is not None:
            self.back[order, name] = minor

    @rule(order=orders, trouble=troubles)
    def top_up(self, order: str, trouble: str) -> None:
        self.asks(trouble, lambda: top_up_by(400, order, self.minutes))

    @rule(minor=minors, trouble=troubles)
    def withdraw(self, minor: int, trouble: str) -> None:
        self.asks(trouble, lambda: values.withdraw("w1", minor, self.minutes))

    @rule(minutes=st.sampled_from([1, 20, 31, 4000]))
    def wait(self, minutes: int) -> None:
        self.minutes += minutes

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        if values_table.get(CODE) is None:
            return
        agree()
        for order, minor in self.spent.items():
            pays = values_table.read(CODE, order=order).payment
            assert pays is not None
            assert pays.spent_minor == minor
            told = sum(each for (of, _), each in self.back.items() if of == order)
            assert told <= pays.given_back_minor <= pays.spent_minor


TestTills = Tills.TestCase
TestTills.settings = settings(max_examples=60, stateful_step_count=25)
