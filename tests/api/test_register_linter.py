"""Does the linter find what no rule of the register forbids, and let the rest alone?"""

from datetime import date
from decimal import Decimal
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.room import CAMPAIGN, CODE, PROMOTION, ROWS, Rows
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.guessing import (
    bits_needed,
    forms,
    secret_of,
    shared_length,
    skeleton,
    worth_of,
)
from vouchsafe.pure.linter import Around, Finding, findings_of, forms_asked
from vouchsafe.pure.naming import Named, Naming, broken, check
from vouchsafe.pure.register import Benefit, Code, LimitTerm, Promotion
from vouchsafe.pure.register_check import Standing
from vouchsafe.pure.register_entries import Held, key_of
from vouchsafe.pure.register_lines import line_of
from vouchsafe.pure.register_rows import KINDS, Row
from vouchsafe.pure.vat import Rate, Vat, VatClass

TODAY = date(2126, 8, 1)
SECRET = {key: text for key, text in PROMOTION.items() if key != "generic"}


REDUCED = Vat(
    classes=(VatClass(name="reduced", rates=(Rate(percent=Decimal(10), holds_from=TODAY),)),)
)


def lint(
    rows: Rows,
    *standing: Code,
    naming: Naming | None = None,
    today: date = TODAY,
    vat: Vat | None = None,
) -> list[Finding]:
    lines = [
        line_of(
            Row(kind, f"{kind}.json", at, {name: str(text) for name, text in row.items()}),
            lambda _kind, _raw: None,
        )
        for kind in KINDS
        for at, row in enumerate(rows.get(kind, ()), 1)
    ]
    around = Around(
        standing=Standing(held={key_of(each): Held(each, 1) for each in standing}, contacts={}),
        today=today,
        naming=naming or Naming(),
        alike={each.canonical: each.raw for each in standing if forms_asked(lines)},
        vat=vat or Vat(),
    )
    return findings_of(lines, around)


def told(found: list[Finding]) -> list[tuple[str, str, str, int, str]]:
    return [(each.severity, each.rule, each.kind, each.row, each.field) for each in found]


def test_what_is_as_it_should_be_has_no_finding() -> None:
    assert lint(ROWS) == []


def test_a_window_that_is_over_is_an_error_and_one_that_began_is_advice() -> None:
    over, began = date(2127, 1, 1), date(2126, 9, 2)

    assert told(lint({"campaigns": [CAMPAIGN]}, today=over)) == [
        ("error", "window_past", "campaigns", 1, "ends_on")
    ]
    assert told(lint({"campaigns": [CAMPAIGN]}, today=began)) == [
        ("advice", "window_past", "campaigns", 1, "starts_on")
    ]
    assert lint({"campaigns": [CAMPAIGN]}, today=date(2126, 9, 1)) == []


@pytest.mark.parametrize(("ends_on", "count"), [("2127-09-02", 0), ("2127-09-03", 1)])
def test_a_window_of_more_than_a_year_is_advice(ends_on: str, count: int) -> None:
    found = lint({"campaigns": [{**CAMPAIGN, "ends_on": ends_on}]})

    assert [each.rule for each in found] == ["window_long"] * count


@pytest.mark.parametrize(
    ("terms", "count"),
    [
        ({}, 1),
        ({"customer_limit": "1"}, 0),
        ({"code_limit": "10"}, 0),
        ({"limits": "promotion/ever=5"}, 0),
        ({"budget": "100", "currency": "EUR"}, 0),
        ({"generic": "no"}, 0),
    ],
)
def test_a_generic_code_needs_a_limit_or_a_budget(terms: dict[str, str], count: int) -> None:
    row = {**PROMOTION, "customer_limit": "", **terms}

    found = lint({"promotions": [row]})

    assert told(found) == [("error", "no_limit", "promotions", 1, "limits")] * count


@pytest.mark.parametrize(
    ("voucher_class", "severity"),
    [
        ("discount", "advice"),
        ("single_purpose", "error"),
        ("multi_purpose", "error"),
        ("stored_value", "error"),
    ],
)
def test_what_is_posted_by_its_class_needs_one(voucher_class: str, severity: str) -> None:
    row = {**PROMOTION, "voucher_class": voucher_class, "benefit": ""}
    silent = {**row, "vat_class": ""}

    assert told(lint({"promotions": [silent]})) == [
        (severity, "mandatory", "promotions", 1, "vat_class")
    ]
    assert told(lint({"promotions": [silent]}, vat=REDUCED)) == [
        ("error", "mandatory", "promotions", 1, "vat_class")
    ]
    assert lint({"promotions": [{**row, "vat_class": "reduced"}]}, vat=REDUCED) == []


@pytest.mark.parametrize(
    ("voucher_class", "count"),
    [("discount", 0), ("single_purpose", 0), ("multi_purpose", 1), ("stored_value", 1)],
)
def test_what_pays_takes_nothing_off(voucher_class: str, count: int) -> None:
    row = {**PROMOTION, "voucher_class": voucher_class}

    assert (
        told(lint({"promotions": [row]})) == [("error", "pays", "promotions", 1, "benefit")] * count
    )


def test_a_class_that_nobody_has_set_is_an_error_once_there_are_any() -> None:
    rows = {"promotions": [{**PROMOTION, "vat_class": "books"}]}

    assert lint(rows) == []
    found = lint(rows, vat=REDUCED)
    assert told(found) == [("error", "vat_unknown", "promotions", 1, "vat_class")]
    assert found[0].says == "is none of the classes that are set, reduced: 'books'"


@pytest.mark.parametrize("column", ["confirmed_by", "on_rollback"])
def test_what_counts_as_a_use_is_said_outright(column: str) -> None:
    found = lint({"promotions": [{**PROMOTION, column: ""}]})

    assert told(found) == [("error", "mandatory", "promotions", 1, column)]


def test_a_code_that_stands_already_gets_advice() -> None:
    held = Code(canonical=canonical("Autumn-10"), raw="Autumn-10", promotions=("OLD",))

    found = lint(ROWS, held)

    assert told(found) == [("advice", "stands_already", "codes", 1, "code")]
    assert "OLD" in found[0].says


def test_codes_that_look_alike_are_told_in_the_rows_and_in_the_register() -> None:
    held = Code(canonical=canonical("5UMMER"), raw="5UMMER", promotions=("OLD",))
    codes = [{**CODE, "code": code} for code in ("SUMMER", "B00K", "8OOK", "OTHER")]

    found = lint({**ROWS, "codes": codes}, held)

    assert [(each.row, each.rule) for each in found] == [(1, "look_alike"), (3, "look_alike")]
    assert "'5UMMER'" in found[0].says
    assert "'B00K'" in found[1].says


def test_a_short_code_of_a_stored_value_is_an_error_and_of_a_discount_advice() -> None:
    worth = {"max_discount": "50", "currency": "EUR", "code_limit": "1"}
    row = {**SECRET, **worth, "benefit": "", "customer_limit": "", "vat_class": "standard"}
    codes = [{**CODE, "code": code} for code in ("GIFT-A7K2", "GIFT-B9M3")]

    for voucher_class, severity in (("stored_value", "error"), ("discount", "advice")):
        rows = {"promotions": [{**row, "voucher_class": voucher_class}], "codes": codes}

        assert told(lint(rows)) == [(severity, "too_short", "codes", at, "code") for at in (1, 2)]


def test_a_code_long_enough_for_what_it_is_worth_has_no_finding() -> None:
    row = {**SECRET, "benefit": "amount:5", "currency": "EUR", "code_limit": "1"}
    codes = [{**CODE, "code": code} for code in ("GIFT-A7K29P", "GIFT-B9M3XT")]

    assert lint({"promotions": [row], "codes": codes}) == []


def test_a_generic_code_is_no_secret() -> None:
    assert lint({**ROWS, "codes": [{**CODE, "code": "A1"}]}) == []


def test_a_bad_cell_is_left_to_the_register() -> None:
    row = {**PROMOTION, "ends_on": "soon", "voucher_class": "stored_value"}

    assert lint({"promotions": [row], "codes": [{**CODE, "code": "\u202e"}]}) == []


# ---- what there is to guess


def test_the_bits_of_a_code_are_its_length_times_what_each_character_tells_apart() -> None:
    assert secret_of("12345678").bits() == pytest.approx(8 * log2(10))
    assert secret_of("ABCDEFGH").bits() == pytest.approx(8 * log2(25))
    assert secret_of("A2C4E6G8").bits() == pytest.approx(8 * log2(33))
    assert secret_of("AUTUMN-A2C4", 6).bits() == pytest.approx(4 * log2(33))


def test_a_million_guesses_win_one_unit_of_money() -> None:
    needed = bits_needed(1000, Decimal(50))

    won = 2**20 * 1000 * 50 / 2**needed
    assert won == pytest.approx(1)
    assert bits_needed(1, Decimal("0.01")) == 20


def test_what_codes_share_is_no_secret() -> None:
    assert shared_length(["AUTUMNX2", "AUTUMNY3"]) == 6
    assert shared_length(["LEO15", "MARA15"]) == 2
    assert shared_length(["AA", "AAA"]) == 2
    assert shared_length(["ALONE"]) == 0


@given(st.lists(st.text("ABC", max_size=6), min_size=2, max_size=5))
def test_what_is_shared_is_never_longer_than_the_shortest(codes: list[str]) -> None:
    assert 0 <= shared_length(codes) <= min(map(len, codes))


def promotion(**terms: object) -> Promotion:
    said: dict[str, object] = {
        "promotion_id": "P",
        "campaign_id": "C",
        "starts_on": TODAY,
        "ends_on": TODAY,
        "voucher_class": "discount",
        "owner": "o",
        "purpose": "p",
    }
    return Promotion(**(said | terms))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("terms", "worth"),
    [
        ({"code_limit": 3, "max_discount_minor": 500, "currency": "EUR"}, 15),
        (
            {
                "benefit": Benefit(kind="amount", amount_minor=2000),
                "cap_discount_at_minor": 1500,
                "currency": "EUR",
                "limits": (LimitTerm(scope="code", period="ever", most=1),),
            },
            15,
        ),
        ({"benefit": Benefit(kind="percent", percent=Decimal("12.5")), "code_limit": 2}, 25),
        ({"max_percent": 20.0, "code_limit": 1}, 20),
        ({"benefit": Benefit(kind="free_shipping")}, 10_000),
        (
            {"benefit": Benefit(kind="amount", amount_minor=700), "currency": "JPY"}
            | {"code_limit": 1},
            700,
        ),
    ],
)
def test_a_code_is_worth_its_uses_times_what_each_gives(
    terms: dict[str, object], worth: int
) -> None:
    assert worth_of(promotion(**terms)) == worth


@given(st.text("AS5Z2B8G6UVOQDX1", min_size=1, max_size=6))
def test_forms_are_other_codes_with_the_same_skeleton(code: str) -> None:
    found = forms(code)

    assert code not in found
    assert len(set(found)) == len(found) <= 256
    assert {skeleton(form) for form in found} <= {skeleton(code)}


# ---- names


def named(name: str, campaign_id: str = "SUMMER26") -> Named:
    return Named(name, campaign_id, date(2026, 6, 1), date(2027, 1, 31))


@pytest.mark.parametrize(
    ("pattern", "name", "sound"),
    [
        ("", "anything at all", True),
        ("{season}{yy}_{word}", "SUMMER26_FREESHIP", True),
        ("{season}{yy}_{word}", "summer27_freeship", True),
        ("{season}{yy}_{word}", "SUMMER25_FREESHIP", False),
        ("{season}{yy}_{word}", "SUMMER26", False),
        ("{season}{yy}_{word}", "MONSOON26_X", False),
        ("{season}{yy}_{word}", "SUMMER26_FREE SHIP", False),
        ("{campaign}-{number}", "SUMMER26-10", True),
        ("{campaign}-{number}", "WINTER26-10", False),
        ("{year}-{month}.{word}", "2026-12.A", True),
        ("{year}-{month}.{word}", "2026-13.A", False),
        ("{year}-{month}.{word}", "2026-12xA", False),
        ("{yy}{yy}", "2626", True),
    ],
)
def test_a_name_is_held_against_the_pattern(pattern: str, name: str, sound: bool) -> None:
    check(Naming(promotion=pattern))

    assert (broken(pattern, Naming(), named(name)) == "") == sound


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"campaign": "{thing}"}, "campaign"),
        ({"campaign": "{campaign}"}, "campaign"),
        ({"promotion": "{word"}, "promotion"),
        ({"code": "{word}{word}{word}{word}"}, "code"),
        ({"code": "x" * 101}, "code"),
        ({"seasons": ("SUMMER|(a+)+$",)}, "seasons"),
        ({"seasons": tuple(f"S{at}" for at in range(51))}, "seasons"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(said: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(Naming(**said))  # type: ignore[arg-type]

    assert refused.value.field == field


@given(st.text("{}()[]*+?.|\\^$ab", max_size=12), st.text(max_size=255))
def test_no_pattern_is_an_expression(pattern: str, name: str) -> None:
    try:
        check(Naming(code=pattern))
    except Invalid:
        return

    assert (broken(pattern, Naming(), named(name)) == "") == (
        not pattern or name.casefold() == pattern.casefold()
    )


def test_a_hostile_name_takes_no_long_time() -> None:
    pattern = "{word}A{word}A{number}"
    check(Naming(code=pattern))

    assert broken(pattern, Naming(), named("A" * 255))


def test_names_are_asked_of_campaigns_promotions_and_generic_codes() -> None:
    naming = Naming(campaign="{year}", promotion="{campaign}_{word}", code="{season}{number}")

    found = lint(ROWS, naming=naming)

    assert [(each.kind, each.severity) for each in found] == [
        ("campaigns", "advice"),
        ("codes", "advice"),
        ("promotions", "advice"),
    ]
    secret = {**ROWS, "promotions": [{**SECRET, "code_limit": "1"}]}
    assert "codes" not in {
        each.kind for each in lint(secret, naming=naming) if each.rule == "name_pattern"
    }
