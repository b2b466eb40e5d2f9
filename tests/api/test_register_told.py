"""Is what the register shows what it was told, and what it would read again?"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import pytest

from tests.register.files import examples
from tests.register.saying import ENTRIES, PROMOTION
from tests.register.test_check import IDENTIFY
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.register import Code, Promotion, Segment
from vouchsafe.pure.register_entries import Entry
from vouchsafe.pure.register_lines import CodeInPromotion, line_of
from vouchsafe.pure.register_rows import COLUMNS, Row, RowKind, rows_of
from vouchsafe.pure.register_told import rows_of_entry
from vouchsafe.pure.running import best, running

# Every column says something that is not its default, so that one that is left out is missed.
FULL: Mapping[str, str] = {
    "promotion_id": "P",
    "campaign_id": "C",
    "starts_on": "2026-06-01",
    "ends_on": "2026-08-31",
    "voucher_class": "stored_value",
    "owner": "ana",
    "purpose": "win back",
    "vat_class": "reduced",
    "customer_limit": "2",
    "code_limit": "3",
    "places": "square/bar/L1|square/bar/L2",
    "minimum_spend": "10.50",
    "max_discount": "20.00",
    "max_percent": "12.5",
    "currency": "EUR",
    "stacking": "exclusive",
    "generic": "yes",
    "confirmed_by": "check_in",
    "on_rollback": "keep",
    "status": "paused",
    "off_since": "2026-07-01T10:00:00.000Z",
    "benefit": "amount:5.00",
    "cap_discount_at": "4.00",
    "refuse_above": "500.00",
    "include_skus": "A|B",
    "exclude_skus": "D",
    "include_categories": "drinks",
    "exclude_categories": "wine",
    "low_stock_below": "3",
    "weekdays": "fri|mon",
    "hours": "11:00-15:00|20:00-02:00",
    "audience": "silent:90",
    "limits": "card/month=3|promotion/ever=1000",
    "budget": "1000.00",
    "revenue_goal": "9000.00",
    "priority": "5",
    "hold_minutes": "15",
    "requires_reservation": "yes",
}


def read(kind: RowKind, cells: Mapping[str, str]) -> object:
    line = line_of(Row(kind, "x", 1, cells), IDENTIFY)
    assert not line.faults
    return line.said


def test_the_full_row_has_every_column() -> None:
    assert set(FULL) == set(COLUMNS["promotions"].all())


def test_every_column_of_a_promotion_is_told_as_it_was_said() -> None:
    said = read("promotions", FULL)
    assert isinstance(said, Promotion)

    assert rows_of_entry(said) == ("promotions", [FULL])


@pytest.mark.parametrize(
    "cells",
    [
        {"benefit": "percent:12.5"},
        {"benefit": "percent:100"},
        {"benefit": "free_item:SKU 1", "cap_discount_at": ""},
        {"benefit": "free_shipping", "cap_discount_at": ""},
        {"audience": "holder"},
        {"audience": "segment:VIP"},
        {"max_percent": "0.000001"},
        {"currency": "JPY", "benefit": "amount:500"}
        | dict.fromkeys(("minimum_spend", "max_discount", "cap_discount_at", "refuse_above"), "100")
        | {"budget": "7", "revenue_goal": "9"},
    ],
)
def test_each_form_of_a_term_reads_back_equal(cells: Mapping[str, str]) -> None:
    said = read("promotions", {**FULL, **cells})
    assert isinstance(said, Promotion)

    assert read("promotions", rows_of_entry(said)[1][0]) == said


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "first_time",
        "orders:3|silent:90",
        "orders:3/since:2026-01-31|spent:10.50/within:30",
        "bought_category:wine|bought_sku:A-1|ordered_at:square/bar/L1",
    ],
)
def test_a_segment_reads_back_as_it_was_said(rules: str) -> None:
    cells = {"segment_id": "VIP", "name": "Regulars", "owner": "ana", "currency": "EUR"}
    cells |= {"rules": rules} if rules else {}
    said = read("segments", cells)
    assert isinstance(said, Segment)

    assert rows_of_entry(said) == ("segments", [cells])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: type(each).__name__)
def test_an_entry_reads_back_equal(entry: Entry) -> None:
    kind, rows = rows_of_entry(entry)

    found = [read(kind, cells) for cells in rows]

    if isinstance(entry, Code):
        assert found == [CodeInPromotion(entry.canonical, entry.raw, entry.promotions[0])]
    else:
        assert found == [entry]


def test_the_examples_read_back_equal() -> None:
    for name, content in examples():
        for row in rows_of(name, content).rows:
            said = line_of(row, IDENTIFY).said
            if isinstance(said, Entry):
                kind, (cells,) = rows_of_entry(said)
                assert read(kind, cells) == said


# ---- what runs

BAR = DayRule("Europe/Madrid", time(5))
TOKYO = DayRule("Asia/Tokyo")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-06-01T02:59", "not_yet_active"),
        ("2026-06-01T03:00", "active"),
        ("2026-09-01T02:59", "active"),
        ("2026-09-01T03:00", "expired"),
    ],
)
def test_a_promotion_runs_by_the_business_day_of_its_place(now: str, state: str) -> None:
    assert running(PROMOTION, [BAR], at(now)) == state


def test_a_promotion_runs_while_it_runs_anywhere() -> None:
    assert running(PROMOTION, [BAR, TOKYO], at("2026-05-31T15:30")) == "active"
    assert running(PROMOTION, [BAR, TOKYO], at("2026-09-01T02:00")) == "active"
    assert running(PROMOTION, [], at("2026-06-01T00:00")) == "active"


@pytest.mark.parametrize("status", ["paused", "retired"])
def test_what_is_switched_off_does_not_run(status: str) -> None:
    from dataclasses import replace

    off = replace(PROMOTION, status=status)  # type: ignore[arg-type]

    assert running(off, [BAR], at("2026-07-01T12:00")) == status


def test_of_a_code_what_it_is_good_for_comes_first() -> None:
    assert best(["expired", "active", "paused"]) == "active"
    assert best(["expired", "paused"]) == "paused"
    assert best([]) == "retired"
    assert PROMOTION.starts_on == date(2026, 6, 1)
