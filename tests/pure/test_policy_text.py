"""Does the text say every rule that is enforced, and no number that is none?"""

import re
from dataclasses import fields, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.uses import promotion, term
from vouchsafe.pure import plain_words, policy_text, terms_text
from vouchsafe.pure.plain_words import LANGS, READERS, Lang, Reader
from vouchsafe.pure.policy import BYS, SIGNALS, STEPS, Policy, Rule
from vouchsafe.pure.register import Audience, Benefit, Hours, Promotion

A_RULE = st.builds(
    Rule,
    signal=st.sampled_from(SIGNALS),
    by=st.sampled_from(BYS),
    most=st.integers(1, 50),
    days=st.integers(1, 366),
    up_to=st.sampled_from(STEPS),
)
A_POLICY = st.builds(
    Policy,
    rules=st.lists(A_RULE, max_size=8).map(tuple),
    flag_days=st.integers(1, 366),
    block_code_days=st.integers(1, 366),
    exclude_days=st.integers(1, 366),
    memory_days=st.integers(366, 3660),
)
EVERYTHING = promotion(
    "customer/day=1",
    "promotion/ever=500",
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 30),
    benefit=Benefit(kind="percent", percent=Decimal("12.50")),
    currency="EUR",
    code_limit=3,
    customer_limit=2,
    places=frozenset({"square/bar/one"}),
    minimum_spend_minor=2050,
    max_discount_minor=900,
    max_percent=15.0,
    stacking="exclusive",
    on_rollback="keep",
    status="paused",
    cap_discount_at_minor=700,
    refuse_above_minor=20000,
    include_skus=frozenset({"MUG"}),
    exclude_skus=frozenset({"TEA"}),
    include_categories=frozenset({"cups"}),
    exclude_categories=frozenset({"books"}),
    low_stock_below=4,
    weekdays=frozenset({"mon", "fri"}),
    hours=(Hours(opens=time(11), closes=time(15, 30)),),
    audience=Audience(kind="silent", days=60),
    budget_minor=100000,
    revenue_goal_minor=930000,
    hold_minutes=45,
    requires_reservation=True,
)


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)?", text)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("lang", LANGS)
@given(policy=A_POLICY)
def test_every_rule_has_its_sentence_and_every_number_is_a_rules(
    lang: Lang, reader: Reader, policy: Policy
) -> None:
    said = policy_text.sentences(policy, lang, reader)
    terms = [policy.flag_days, policy.block_code_days, policy.exclude_days, policy.memory_days]

    for rule, sentence in zip(policy.rules, said, strict=False):
        assert numbers(sentence) == [str(rule.most), str(rule.days)]
    rest = " ".join(said[len(policy.rules) :])
    assert numbers(rest) == [str(each) for each in terms]


@pytest.mark.parametrize("lang", LANGS)
def test_rules_that_differ_are_told_apart(lang: Lang) -> None:
    rules = [
        Rule(signal=signal, by=by, most=most, days=days, up_to=step)
        for signal in SIGNALS
        for by in BYS
        for most in (1, 2)
        for days in (1, 7)
        for step in STEPS
    ]

    assert len({policy_text.of_rule(rule, lang) for rule in rules}) == len(rules)


def test_it_reads_as_people_write() -> None:
    one = Rule(signal="rollbacks", by="card", most=1, days=1, up_to="flag")
    many = replace(one, most=3, days=30, up_to="exclude")

    assert policy_text.of_rule(one, "en") == (
        "No more than 1 cancellation or full return of an order on which a code was used with one "
        "card is allowed within 1 day. Beyond that we take note of it, and nothing else follows."
    )
    assert policy_text.of_rule(many, "en").startswith(
        "No more than 3 cancellations or full returns of orders"
    )
    assert policy_text.of_rule(one, "es") == (
        "No se admite más de 1 anulación o devolución completa de un pedido en el que se usó un "
        "código con una misma tarjeta en un plazo de 1 día. Si se supera, tomamos nota y no ocurre "
        "nada más."
    )
    assert "No se admiten más de 3 anulaciones o devoluciones" in policy_text.of_rule(many, "es")
    assert "en un plazo de 30 días" in policy_text.of_rule(many, "es")


def test_staff_are_told_what_to_do_at_the_desk() -> None:
    customers = policy_text.sentences(Policy(), "es", "customers")
    staff = policy_text.sentences(Policy(), "es", "staff")

    assert len(staff) == len(customers) + 2
    assert "terms_not_met" not in " ".join(customers)


def test_a_promotions_terms_in_english() -> None:
    assert terms_text.sentences(EVERYTHING, "en", "staff") == [
        "It takes 12.5% off.",
        "It gives 7.00 EUR at most.",
        "It is valid from 1 November 2026 to 30 November 2026, both days included.",
        "It is paused at present.",
        "It is valid on Mondays and Fridays only.",
        "It is valid between 11:00 and 15:30 only, in local time.",
        "It is for customers whose last order was at least 60 days ago.",
        "It is valid at 1 shop only.",
        "Amounts are in EUR.",
        "The order must be at least 20.50 EUR before discounts.",
        "It is not valid for orders above 200.00 EUR.",
        "It is valid only for the articles MUG.",
        "It is valid only for the categories cups.",
        "It is not valid for the articles TEA.",
        "It is not valid for the categories books.",
        "It is not valid for articles of which fewer than 4 are left.",
        "At most 3 uses for each code.",
        "At most 2 uses for each customer.",
        "At most 1 use for each customer a day.",
        "At most 500 uses in all.",
        "It ends when 1000.00 EUR have been given in all.",
        "It cannot be used together with other codes.",
        "It must be reserved before its use.",
        "A reservation lasts 45 minutes.",
        "If the order is called off, the use is not given back.",
        "It ends when its orders have brought in 9300.00 EUR.",
        "The till may take 9.00 EUR off at most.",
        "The till may take 15% of the order off at most.",
        "Shops: square/bar/one.",
    ]


def test_and_in_spanish() -> None:
    said = terms_text.sentences(EVERYTHING, "es", "customers")

    assert said[0] == "Da un 12,5\N{NO-BREAK SPACE}% de descuento."
    assert "Es válido del 1 de noviembre de 2026 al 30 de noviembre de 2026, ambos incluidos." in (
        said
    )
    assert "Solo es válido los lunes y viernes." in said
    assert "Solo es válido de 11:00 a 15:30, hora local." in said
    assert "Solo es válido en 1 establecimiento." in said
    assert "El pedido debe ser de 20,50 EUR como mínimo antes de descuentos." in said
    assert "Como máximo 1 uso por cliente al día." in said
    assert "Como máximo 500 usos en total." in said
    assert "Si se anula el pedido, el uso no se devuelve." in said


CHANGES: tuple[dict[str, Any], ...] = (
    {"benefit": None},
    {"benefit": Benefit(kind="amount", amount_minor=500)},
    {"benefit": Benefit(kind="free_item", sku="MUG")},
    {"benefit": Benefit(kind="free_shipping")},
    {"starts_on": date(2026, 11, 2)},
    {"ends_on": date(2026, 11, 1)},
    {"status": "active"},
    {"status": "retired"},
    {"places": frozenset({"square/bar/one", "square/bar/two"})},
    {"currency": "USD"},
    {"code_limit": None},
    {"customer_limit": 1},
    {"limits": (term("device/week=1"),)},
    {"limits": (term("location/month=1"),)},
    {"minimum_spend_minor": 2051},
    {"cap_discount_at_minor": None},
    {"refuse_above_minor": None},
    {"include_skus": frozenset({"MUG", "CUP"})},
    {"exclude_skus": frozenset()},
    {"include_categories": frozenset()},
    {"exclude_categories": frozenset()},
    {"low_stock_below": None},
    {"weekdays": frozenset({"sun"})},
    {"hours": ()},
    {"audience": Audience()},
    {"audience": Audience(kind="silent", days=1)},
    *({"audience": Audience(kind=kind)} for kind in ("new", "returning", "holder", "segment")),
    {"budget_minor": 1},
    {"stacking": "combinable"},
    {"stacking": "best_only"},
    {"on_rollback": "restore"},
    {"hold_minutes": 1},
    {"requires_reservation": False},
)


# What names a promotion, and what nothing is refused for.
NO_TERMS = {
    "promotion_id",
    "campaign_id",
    "voucher_class",
    "owner",
    "purpose",
    "vat_class",
    "generic",
    "confirmed_by",
    "off_since",
    "priority",
}


def test_no_term_is_left_out() -> None:
    told = {name for change in CHANGES for name in change}
    to_staff = {"max_discount_minor", "max_percent", "revenue_goal_minor"}

    assert {each.name for each in fields(Promotion)} == told | to_staff | NO_TERMS


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: "-".join(map(str, each)))
@pytest.mark.parametrize("lang", LANGS)
def test_a_term_that_changes_changes_the_text(change: dict[str, Any], lang: Lang) -> None:
    before = terms_text.sentences(EVERYTHING, lang, "customers")

    assert terms_text.sentences(replace(EVERYTHING, **change), lang, "customers") != before


def test_what_a_till_is_held_against_is_told_to_staff() -> None:
    for change in ({"max_discount_minor": 1}, {"max_percent": 1.5}, {"revenue_goal_minor": 1}):
        after: Promotion = replace(EVERYTHING, **change)  # type: ignore[arg-type]
        for lang in LANGS:
            said = terms_text.sentences(after, lang, "staff")
            assert said != terms_text.sentences(EVERYTHING, lang, "staff")


def test_what_it_is_to_bring_in_is_nobody_elses_business() -> None:
    for lang in LANGS:
        assert "9300" not in " ".join(terms_text.sentences(EVERYTHING, lang, "customers"))


def test_what_is_not_a_term_is_not_told() -> None:
    plain = promotion(benefit=Benefit(kind="free_shipping"))

    assert terms_text.sentences(plain, "en", "customers") == [
        "Delivery is free.",
        "It is valid from 1 November 2026 to 30 November 2026, both days included.",
        "It can be used together with other codes that allow it.",
        "A reservation lasts 30 minutes.",
        "If the order is called off, the use is given back.",
    ]


@pytest.mark.parametrize("voucher_class", ["multi_purpose", "stored_value"])
def test_of_a_means_of_payment_no_discount_is_told(voucher_class: Any) -> None:
    value = replace(EVERYTHING, voucher_class=voucher_class)

    assert terms_text.sentences(value, "en", "staff") == [
        "It is a means of payment: it takes nothing off, and pays what is left of its value.",
        *[
            said
            for said in terms_text.sentences(EVERYTHING, "en", "staff")
            if said.startswith(
                ("It is valid from", "It is valid at", "It is paused", "Amounts", "A res", "Shops")
            )
        ],
    ]
    assert terms_text.sentences(value, "es", "customers")[0] == (
        "Es un medio de pago: no descuenta nada, y paga hasta lo que quede de su valor."
    )


def test_a_list_ends_as_the_language_has_it() -> None:
    assert plain_words.listed(["a", "b", "c"], "en") == "a, b and c"
    assert plain_words.listed(["a", "b"], "es") == "a y b"
    assert plain_words.listed(["azul", "índigo"], "es") == "azul e índigo"
    assert plain_words.listed(["a"], "es") == "a"
    assert plain_words.weekdays(frozenset({"sun", "mon", "sat"}), "es") == (
        "lunes, sábados y domingos"
    )


@given(st.dates(), st.sampled_from(LANGS))
def test_a_day_is_written_with_its_own_numbers(day: date, lang: Lang) -> None:
    assert numbers(plain_words.on(day, lang)) == [str(day.day), str(day.year)]
