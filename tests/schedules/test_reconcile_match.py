"""Does every difference between till and ledger have a name and its orders?"""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from functions.schedules.reconcile.announce import announcement
from functions.schedules.reconcile.match import match
from vouchsafe.pure import codec
from vouchsafe.pure.books import DayResult
from vouchsafe.pure.statement import CodeRow, Scope, StatementRow, scope_of

DAY = date(2017, 3, 1)
NOW = datetime(2017, 3, 2, 8, tzinfo=UTC)
SCOPE = Scope(period="daily", first=DAY, last=DAY, platform="square", account="deli", day=DAY)


def row(order: str, **said: object) -> StatementRow:
    default: dict[str, object] = {
        "order": f"square#deli#{order}",
        "location_id": "L1",
        "business_day": DAY,
        "placed_at": datetime(2017, 3, 1, 12, int(order) % 60, tzinfo=UTC),
        "stage": "confirmed",
        "currency": "USD",
        "total_minor": 900,
        "discount_minor": 100,
        "refunded_minor": 0,
        "codes": (used("TEN"),),
    }
    return StatementRow(**(default | said))  # type: ignore[arg-type]


def used(code: str, amount: int = 100, **said: object) -> CodeRow:
    default = {"code": code, "state": "confirmed", "discount_minor": amount, "returned_minor": 0}
    return CodeRow(**(default | said))  # type: ignore[arg-type]


def found(till: list[StatementRow], ledger: list[StatementRow]) -> list[tuple[str, str | None]]:
    return [(each.kind, each.code) for each in match(SCOPE, till, ledger, NOW).breaks]


def test_equal_lists_have_no_break() -> None:
    result = match(SCOPE, [row("1"), row("2")], [row("2"), row("1")], NOW)

    assert result.breaks == ()
    assert (result.matched_orders, result.agrees()) == (2, True)


def test_an_order_that_never_arrived_is_missing_in_the_ledger() -> None:
    (only,) = match(SCOPE, [row("1")], [], NOW).breaks

    assert (only.kind, only.orders, only.till_minor) == (
        "missing_in_ledger",
        ("square#deli#1",),
        900,
    )


def test_an_order_that_the_till_does_not_list_is_missing_there() -> None:
    assert found([], [row("1")]) == [("missing_at_till", None)]


def test_an_order_that_was_deleted_at_the_till_and_is_off_here_is_no_break() -> None:
    assert found([], [row("1", stage="reversed", codes=())]) == []


def test_totals_of_the_same_size_hide_no_exchange_of_orders() -> None:
    assert len(found([row("1")], [row("2")])) == 2


def test_a_cent_is_a_break() -> None:
    assert found([row("1")], [row("1", total_minor=901)]) == [("amount", None)]


def test_another_currency_is_a_break_though_the_digits_agree() -> None:
    assert ("amount", None) in found([row("1")], [row("1", currency="EUR")])


def test_a_cancelled_order_that_we_hold_confirmed_is_a_break_of_state() -> None:
    assert ("state", None) in found([row("1", stage="reversed")], [row("1")])


def test_a_code_on_one_side_only_is_named() -> None:
    assert found([row("1", codes=())], [row("1")]) == [("code", "TEN")]
    assert found([row("1")], [row("1", codes=())]) == [("code", "TEN")]


def test_a_codes_state_and_amounts_are_compared() -> None:
    returned = row("1", codes=(used("TEN", state="partially_returned", returned_minor=50),))

    assert found([row("1")], [returned]) == [("amount", "TEN"), ("state", "TEN")]


def test_one_sale_told_under_two_ids_is_a_duplicate() -> None:
    twin = replace(row("1"), order="square#deli#1b")
    (only,) = match(SCOPE, [row("1"), twin], [row("1"), twin], NOW).breaks

    assert (only.kind, only.orders) == ("duplicate", ("square#deli#1", "square#deli#1b"))


def test_a_till_that_lists_an_order_twice_is_no_break() -> None:
    assert found([row("1"), row("1")], [row("1")]) == []


def test_money_without_a_code_is_shown_and_is_no_disagreement() -> None:
    said = row("1", codes=(), unmapped=(("name:LUNCH", 60), ("name:LUNCH", 40)))
    result = match(SCOPE, [said], [said], NOW)

    assert [(each.kind, each.till_minor) for each in result.breaks] == [("unmapped_discount", 100)]
    assert result.agrees()
    assert [(each.code, each.ledger_minor) for each in result.codes] == [("", 100)]


STAGES = st.sampled_from(["open", "confirmed", "reversed"])
ROWS = st.lists(
    st.builds(
        row,
        st.integers(1, 9).map(str),
        stage=STAGES,
        total_minor=st.integers(0, 3),
        currency=st.sampled_from(["USD", "EUR"]),
        codes=st.lists(
            st.builds(
                used,
                st.sampled_from("AB"),
                st.integers(0, 3),
                state=st.sampled_from(["redeemed", "confirmed", "rolled_back"]),
            ),
            max_size=2,
            unique_by=lambda each: each.code,
        ).map(tuple),
    ),
    max_size=8,
    unique_by=lambda each: each.order,
)


@given(ROWS, ROWS)
def test_no_break_means_that_the_totals_agree(
    till: list[StatementRow], ledger: list[StatementRow]
) -> None:
    result = match(SCOPE, till, ledger, NOW)

    if result.agrees():
        assert all(left == right for _, left, right, _, _ in result.totals)
        assert all(each.till_minor == each.ledger_minor for each in result.codes)
        assert all(each.till_uses == each.ledger_uses for each in result.codes)


@given(ROWS, ROWS)
def test_totals_foot_with_the_lists(till: list[StatementRow], ledger: list[StatementRow]) -> None:
    result = match(SCOPE, till, ledger, NOW)

    standing = [each.total_minor for each in till if each.stage != "reversed"]
    assert sum(left for _, left, _, _, _ in result.totals) == sum(standing)
    assert sum(each.ledger_minor for each in result.codes) == sum(
        code.discount_minor
        for each in ledger
        for code in each.codes
        if code.state == "confirmed" and each.stage != "reversed"
    )


@given(ROWS, ROWS)
def test_breaks_have_names_of_their_own_and_survive_their_stored_form(
    till: list[StatementRow], ledger: list[StatementRow]
) -> None:
    result = match(SCOPE, till, ledger, NOW)

    assert len({each.name() for each in result.breaks}) == len(result.breaks)
    assert codec.loads(DayResult, codec.dumps(result)) == result


def test_a_second_run_that_finds_the_same_is_no_news() -> None:
    clean = match(SCOPE, [row("1")], [row("1")], NOW)
    broken = match(SCOPE, [row("1")], [], NOW)

    assert announcement("s", [clean], NOW).id == announcement("s", [clean], NOW).id
    assert announcement("s", [clean], NOW).id != announcement("s", [broken], NOW).id
    assert announcement("s", [broken], NOW).subject["breaks"] == {"missing_in_ledger": 1}


def test_a_statements_key_names_its_scope() -> None:
    assert scope_of(SCOPE.key()) == SCOPE
