"""Is a voucher that was paid for booked from its sale to its end, and nothing left over?"""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.test_posting import SPANISH, amounts, named, of_class, total, used
from tests.pure.test_posting import booked as told_by_till
from tests.pure.values import NOW, TERMS
from vouchsafe.pure.posting import Document
from vouchsafe.pure.value import Entry, folded
from vouchsafe.pure.value_posting import of_value
from vouchsafe.pure.vat import UNKNOWN, Rate, Vat, VatClass

SINGLE = replace(TERMS, voucher_class="single_purpose")
LATER = TERMS.over_at() + timedelta(days=9)
ENTRY = Entry(
    terms=TERMS,
    kind="issued",
    cause="sale",
    number=1,
    amount_minor=1000,
    paid_minor=1000,
    at=NOW,
    day=date(2026, 11, 20),
    place="direct/shop/pier",
    order="direct#shop#s1",
)


def made(*moves: tuple[str, int], terms: Any = TERMS, paid: int | None = None) -> list[Entry]:
    """The sale of 10.00 for what was paid, then moves an hour apart, each of an order by number."""
    price = 1000 if paid is None else paid
    found = [replace(ENTRY, terms=terms, paid_minor=price)]
    for number, (what, minor) in enumerate(moves, 2):
        kind, _, order = what.partition(" ")
        entry = replace(
            found[0],
            kind=kind,  # type: ignore[arg-type]
            cause=f"{what} {number}",
            number=number,
            amount_minor=minor,
            paid_minor=minor if kind == "topped_up" else 0,
            at=NOW + timedelta(hours=number),
            order=f"direct#shop#{order}" if order else "",
        )
        found.append(entry)
    return found


def booked(
    entries: list[Entry], vat_class: str = "general", now: datetime = NOW, vat: Vat = SPANISH
) -> list[Document]:
    return of_value(entries, of_class("stored_value", vat_class), vat, now, {})


def test_a_means_of_payment_is_owed_whole_until_it_pays() -> None:
    sold, spent = booked(made(("spent o1", 300)))

    assert amounts(sold) == {"takings_clearing": 1000, "voucher_liability": -1000}
    assert amounts(spent) == {"voucher_liability": 300, "takings_clearing": -300}
    assert {each.vat_class for each in (sold, spent)} == {""}
    assert (spent.order, spent.code, spent.promotions) == ("direct#shop#o1", "G1FT", ("GIFT",))


def test_what_is_taxed_when_it_is_sold_takes_the_tills_tax_off_again() -> None:
    sold, spent = booked(made(("spent o1", 1000), terms=SINGLE))

    assert amounts(sold) == {
        "takings_clearing": 1000,
        "deferred_revenue": -826,
        "vat_output": -174,
    }
    assert amounts(spent) == {
        "deferred_revenue": 826,
        "vat_output": 174,
        "takings_clearing": -1000,
    }
    assert (spent.vat_class, spent.percent) == ("general", Decimal(21))


@pytest.mark.parametrize(
    ("terms", "paid", "expected"),
    [
        (
            TERMS,
            800,
            {"takings_clearing": 800, "discounts_given": 200, "voucher_liability": -1000},
        ),
        (TERMS, 0, {"discounts_given": 1000, "voucher_liability": -1000}),
        (
            SINGLE,
            800,
            {
                "takings_clearing": 800,
                "discounts_given": 165,
                "deferred_revenue": -826,
                "vat_output": -139,
            },
        ),
        (SINGLE, 0, {"discounts_given": 826, "deferred_revenue": -826}),
    ],
)
def test_what_is_sold_below_its_face_is_a_discount(
    terms: Any, paid: int, expected: dict[str, int]
) -> None:
    (sold,) = booked(made(terms=terms, paid=paid))

    assert amounts(sold) == expected


def test_a_hold_moves_no_money() -> None:
    assert len(booked(made(("held o1", 300), ("released o1", 300)))) == 1


def test_what_is_given_back_reverses_its_spend() -> None:
    sold, spent, first, rest = booked(
        made(("spent o1", 333), ("given_back o1", 100), ("given_back o1", 233), terms=SINGLE)
    )

    assert amounts(spent) == {
        "deferred_revenue": 275,
        "vat_output": 58,
        "takings_clearing": -333,
    }
    assert {first.reversal_of, rest.reversal_of} == {spent.document_id}
    assert total([spent, first, rest]) == {}
    assert sold.reversal_of == ""


def test_what_nobody_can_spend_any_more_is_income_without_tax() -> None:
    *_, over = booked(made(("spent o1", 400)), now=LATER)

    assert amounts(over) == {"voucher_liability": 600, "breakage_income": -600}
    assert (over.cause, over.booked_on) == ("expired", TERMS.expires_on)
    assert over.happened_at == TERMS.over_at()
    assert (over.document_id, over.order) == ("value#G1FT#expired", "")
    *_, taxed = booked(made(terms=SINGLE), now=LATER)
    assert amounts(taxed) == {"deferred_revenue": 826, "breakage_income": -826}


def test_before_its_last_day_is_over_nothing_is_income() -> None:
    just_before = TERMS.over_at() - timedelta(seconds=1)

    assert len(booked(made(), now=just_before)) == 1


def test_what_comes_back_after_the_end_is_income_of_its_own_day() -> None:
    first, spent, back = made(("spent o1", 400), ("given_back o1", 150))
    late = replace(back, at=LATER, day=date(2026, 12, 10))

    *_, over, returned, again = booked([first, spent, late], now=LATER + timedelta(days=1))

    assert [each.cause for each in (over, returned, again)] == ["expired", "given_back", "expired"]
    assert amounts(over)["voucher_liability"] == 600
    assert amounts(again) == {"voucher_liability": 150, "breakage_income": -150}
    assert (again.booked_on, again.happened_at) == (date(2026, 12, 10), LATER)
    assert again.document_id == f"value#G1FT#expired#{late.cause}"


def test_what_a_person_takes_away_waits_for_an_accountant() -> None:
    *_, taken = booked(made(("withdrawn", 1000), terms=SINGLE))

    assert amounts(taken) == {"deferred_revenue": 826, "value_withdrawn": -826}


@pytest.mark.parametrize("terms", [TERMS, SINGLE])
def test_what_a_till_gave_and_a_person_took_away_are_one(terms: Any) -> None:
    (at_the_till,) = told_by_till(used(code="G1FT"), of_class(terms.voucher_class), has_value=True)
    _, taken = booked(made(("withdrawn", 1000), terms=terms))

    assert "value_withdrawn" not in total([at_the_till, taken])


def test_what_rounds_to_nothing_is_no_document() -> None:
    vat = Vat(classes=(named("general", "90"),))
    cents = made(("withdrawn", 1), ("withdrawn", 1), terms=SINGLE)
    cents[0] = replace(cents[0], amount_minor=2, paid_minor=2)

    documents = booked(cents, vat=vat)

    assert [each.cause for each in documents] == ["issued", "withdrawn"]
    assert total(documents)["value_withdrawn"] == -1


@pytest.mark.parametrize("vat_class", ["", "books"])
def test_an_unknown_rate_leaves_the_value_whole(vat_class: str) -> None:
    documents = booked(made(("spent o1", 1000), terms=SINGLE), vat_class=vat_class)

    assert [each.vat_class for each in documents] == [UNKNOWN, UNKNOWN]
    assert amounts(documents[0]) == {"takings_clearing": 1000, "deferred_revenue": -1000}


def test_a_promotion_that_the_register_has_no_more_has_no_class() -> None:
    assert of_value(made(terms=SINGLE), None, SPANISH, NOW, {})[0].vat_class == UNKNOWN


def test_the_rate_is_that_of_the_sale_and_of_several_none() -> None:
    rates = (
        Rate(percent=Decimal(21), holds_from=date(2012, 9, 1)),
        Rate(percent=Decimal(10), holds_from=date(2026, 11, 21)),
    )
    vat = Vat(classes=(VatClass(name="general", rates=rates),))
    first, more, spent = made(("topped_up s2", 1100), ("spent o1", 2100), terms=SINGLE)
    dear = [replace(each, day=date(2026, 11, 22)) for each in (more, spent)]

    sold, added, paid = booked([first, *dear], vat=vat)

    assert [each.percent for each in (sold, added, paid)] == [Decimal(21), None, None]
    assert amounts(added)["vat_output"] == -100
    assert amounts(paid) == {
        "deferred_revenue": 1826,
        "vat_output": 274,
        "takings_clearing": -2100,
    }


def test_a_tills_word_of_the_same_use_is_evidence() -> None:
    told = {"direct#shop#o1": ("direct#shop#o1#redemption#G1FT#000",)}
    entries = made(("spent o1", 300), ("spent o2", 300))

    _, first, second = of_value(entries, of_class("stored_value"), SPANISH, NOW, told)

    assert first.evidence == told["direct#shop#o1"]
    assert second.evidence == ()


MOVES = st.lists(
    st.tuples(st.sampled_from(["spent", "given_back", "topped_up", "withdrawn"]), st.integers(0)),
    max_size=14,
)


def played(moves: list[tuple[str, int]], terms: Any, face: int, paid: int) -> list[Entry]:
    """Moves as far as there is value for them, each of an amount that fits."""
    entries = [replace(ENTRY, terms=terms, amount_minor=face, paid_minor=paid)]
    unreturned: dict[str, int] = {}
    for number, (kind, minor) in enumerate(moves, 2):
        balance = folded(entries)
        assert balance is not None
        order = f"direct#shop#o{number}"
        most = balance.available_minor
        if kind == "given_back":
            order, most = next(iter(unreturned.items()), (order, 0))
        if kind == "topped_up":
            most = 10**6
        amount = 1 + minor % most if most else 0
        if not amount:
            continue
        if kind == "spent":
            unreturned[order] = amount
        elif kind == "given_back":
            unreturned[order] -= amount
            unreturned = {name: left for name, left in unreturned.items() if left}
        entry = replace(
            ENTRY,
            terms=terms,
            kind=kind,  # type: ignore[arg-type]
            cause=f"move {number}",
            number=len(entries) + 1,
            amount_minor=amount,
            paid_minor=amount // 2 if kind == "topped_up" else 0,
            order=order,
        )
        entries.append(entry)
    return entries


@given(
    moves=MOVES,
    terms=st.sampled_from([TERMS, SINGLE, replace(SINGLE, currency="JPY")]),
    face=st.integers(1, 10**7),
    below=st.integers(0, 10**7),
    vat_class=st.sampled_from(["general", "reduced", "super_reduced", ""]),
)
def test_any_moves_balance_and_leave_nothing_on_the_account(
    moves: list[tuple[str, int]], terms: Any, face: int, below: int, vat_class: str
) -> None:
    entries = played(moves, terms, face, max(face - below, 0))

    documents = booked(entries, vat_class, now=LATER)

    held = "deferred_revenue" if terms.voucher_class == "single_purpose" else "voucher_liability"
    running: Counter[str] = Counter()
    for each in documents:
        assert each.lines
        assert sum(amounts(each).values()) == 0
        running.update(amounts(each))
        assert running[held] <= 0
    assert running[held] == 0
    money = dict.fromkeys(("issued", "topped_up", "spent", "given_back", "withdrawn"), 0)
    for entry in entries:
        money[entry.kind] += entry.amount_minor
    price = sum(entry.paid_minor for entry in entries)
    assert running["takings_clearing"] == price - money["spent"] + money["given_back"]
    if held == "voucher_liability":
        assert running["vat_output"] == 0
        assert -running["value_withdrawn"] == money["withdrawn"]
    assert len({each.document_id for each in documents}) == len(documents)


@given(moves=MOVES, face=st.integers(1, 10**6), vat_class=st.sampled_from(["general", ""]))
def test_all_that_is_given_back_of_a_spend_is_the_spend(
    moves: list[tuple[str, int]], face: int, vat_class: str
) -> None:
    entries = played(moves, SINGLE, face, face)
    spends = {each.order: each for each in entries if each.kind == "spent"}
    back: Counter[str] = Counter()
    for each in entries:
        back[each.order] += each.amount_minor if each.kind == "given_back" else 0

    documents = booked(entries, vat_class)

    for order, spend in spends.items():
        if back[order] == spend.amount_minor:
            of_it = [each for each in documents if each.order == order]
            assert total(of_it) == {}
