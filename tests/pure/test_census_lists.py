"""Is every line of a system's list either taken as it says, or refused by line, column and rule?"""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchsafe.pure.census import Listing
from vouchsafe.pure.census_lists import Read, Source, read

WOOCOMMERCE = {
    "id": 720,
    "code": "autumn10",
    "amount": "10.00",
    "discount_type": "percent",
    "status": "publish",
    "date_expires": "2026-12-01T00:00:00",
    "usage_count": 3,
    "usage_limit": None,
    "used_by": ["7"],
    "description": "Autumn",
}


def _read(text: str, system: str = "spreadsheet", **said: str) -> Read:
    return read(Source(system=system, account="main", **said), text)


def _one(text: str, system: str = "spreadsheet", **said: str) -> Listing:
    found = _read(text, system, **said)
    assert not found.refused
    return found.listings[0]


def test_a_coupon_of_woocommerce_ends_the_day_before_its_date() -> None:
    found = _one(json.dumps([WOOCOMMERCE]), "woocommerce")

    assert (found.code, found.ref, found.name) == ("autumn10", "720", "Autumn")
    assert (found.kind, found.value) == ("percent", Decimal("10.00"))
    assert (found.ends_on, found.status, found.uses) == (date(2026, 11, 30), "active", 3)
    assert found.limit is None


def test_columns_of_a_csv_coupon_tool_are_the_same_fields() -> None:
    found = _one(
        "post_title,post_status,discount_type,coupon_amount,expiry_date,usage_limit\n"
        "AUTUMN10,draft,fixed_cart,5.00,2026-12-01,100\n",
        "woocommerce",
        currency="EUR",
    )

    assert (found.code, found.status, found.kind) == ("AUTUMN10", "paused", "amount")
    assert (found.value, found.currency, found.limit) == (Decimal("5.00"), "EUR", 100)
    assert found.ends_on == date(2026, 11, 30)


def test_a_discount_of_shopify_is_read_in_the_shops_zone() -> None:
    found = _one(
        "ID,Title,Code,Value Type,Value,Used Count,Starts At,Ends At,Status\n"
        "11,Xmas,XMAS-5,Percentage,-5.0,12,2026-12-01 05:00:00 UTC,2026-12-25T04:59:59Z,Active\n",
        "shopify",
        zone="America/New_York",
    )

    assert (found.starts_on, found.ends_on) == (date(2026, 12, 1), date(2026, 12, 24))
    assert (found.value, found.uses, found.name) == (Decimal("5.0"), 12, "Xmas")


def test_klaviyo_names_the_coupon_beside_its_codes() -> None:
    codes = _one("Coupon;Coupon Code;Status\nWelcome;WELC-8831;Unassigned\n", "klaviyo")
    alone = _one("Coupon\nWELC-8832\n", "klaviyo")
    told = {"data": [{"id": "X-W", "attributes": {"unique_code": "X1", "status": "USED"}}]}
    by_api = _one(json.dumps(told), "klaviyo")

    assert (codes.code, codes.name, codes.status) == ("WELC-8831", "Welcome", "active")
    assert (alone.code, alone.name) == ("WELC-8832", "")
    assert (by_api.code, by_api.status) == ("X1", "ended")


def test_mailchimp_says_percentages_as_parts_of_one() -> None:
    told = {"promo_codes": [{"code": "A1", "type": "percentage", "amount": 0.15, "enabled": True}]}

    found = _one(json.dumps(told), "mailchimp")

    assert (found.value, found.status) == (Decimal(15), "active")


def test_a_tills_discount_needs_no_code_and_is_called_by_its_id() -> None:
    found = _one('[{"id": "CATDISC1", "name": "Staff meal", "percentage": "50"}]', "square")

    assert (found.code, found.kind) == ("", "percent")
    assert found.subject() == "?square#main#catalog:CATDISC1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A1,ten,,", "value must be a number"),
        ("A1,10,12/31/2026,", "ends must be a day such as"),
        ("A1,10,,perhaps", "status must be one of"),
        (",10,,", "code is empty"),
        ("5.18E+13,10,,", "code is a number that a spreadsheet has shortened"),
        ("=A1,10,,", "code must not begin with"),
        ("--,10,,", "code must not begin with -"),
        ("!?,10,,", "code has no letter or digit"),
        ("A1,120%,,", "value must be at most 100 percent"),
        ("A1,10,,active,more", "row has 5 cells, the header has 4"),
    ],
)
def test_a_line_that_breaks_a_rule_is_named_and_no_other_is_lost(line: str, said: str) -> None:
    found = _read(f"code,value,ends,status\nGOOD,5,,active\n{line}\nLAST,6,,\n")

    assert [each.code for each in found.listings] == ["GOOD", "LAST"]
    ((refused),) = found.refused
    assert refused.line == 3
    assert f"{refused.column} {refused.rule}".startswith(said), refused


def test_a_list_without_codes_says_what_it_wants() -> None:
    (refused,) = _read("who,what\na,b\n").refused

    assert (refused.line, refused.column) == (2, "code")
    assert refused.rule.startswith("is needed: one of code, coupon_code")


def test_a_mail_tool_has_codes_or_nothing() -> None:
    nameless = "id,name,code\nX1,Welcome,\n"

    assert _read(nameless, "klaviyo").refused
    assert not _read(nameless, "shopify").refused


def test_an_owner_is_no_address() -> None:
    assert _one("code,owner\nA1,eva@example.com\n").owner == "eva"


@pytest.mark.parametrize("text", ["", "[", "[1]", '{"a": 1}', '"quoted', "[" * 100_000])
def test_what_is_no_list_is_refused_and_no_fault(text: str) -> None:
    assert _read(text).refused


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    _read(text)
    _read(f"code,value,ends_on\n{text}")
