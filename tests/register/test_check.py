"""Is every rule of the register held, and each bad row named with its field and its rule?"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.register.files import csv_text, examples
from tests.register.saying import ACCOUNT, ALIAS, CAMPAIGN, CLICK, CODE, LOCATION, PROMOTION
from tests.register.written import TEXTS, campaigns, cells_of, promotions
from vouchsafe.pure import identity, instant
from vouchsafe.pure import register_entries as entries
from vouchsafe.pure.register import Campaign, Code, Promotion
from vouchsafe.pure.register_changes import Tally, changes_of
from vouchsafe.pure.register_check import Standing, contact_of, faults_of, keys_named
from vouchsafe.pure.register_entries import Entry, Held
from vouchsafe.pure.register_lines import Line, line_of
from vouchsafe.pure.register_rows import COLUMNS, KINDS, Row, RowKind, rows_of
from vouchsafe.pure.touchpoint import Touchpoint

IDENTIFY = identity.identify_with(b"key")
NOTHING = Standing(held={}, contacts={})
GOOD: Mapping[RowKind, Mapping[str, str]] = {
    "accounts": {
        "platform": "square",
        "account": "bar",
        "currency": "EUR",
        "zone": "Europe/Madrid",
        "day_start": "05:00",
    },
    "locations": {
        "platform": "square",
        "account": "bar",
        "location_id": "L1",
        "name": "Bar Sol",
        "zone": "Atlantic/Canary",
    },
    "segments": {"segment_id": "VIP", "name": "Regulars", "owner": "ana", "rules": "orders:3"},
    "campaigns": {
        "campaign_id": "SUMMER",
        "name": "Summer",
        "purpose": "win back",
        "owner": "ana",
        "starts_on": "2026-06-01",
        "ends_on": "2026-08-31",
    },
    "promotions": {
        "promotion_id": "SUMMER-10",
        "campaign_id": "SUMMER",
        "starts_on": "2026-06-01",
        "ends_on": "2026-08-31",
        "voucher_class": "discount",
        "owner": "ana",
        "purpose": "win back",
        "places": "square/bar/L1",
        "minimum_spend": "10.50",
        "currency": "EUR",
    },
    "codes": {"code": "Sunny", "promotion_id": "SUMMER-10"},
    "aliases": {"platform": "square", "account": "bar", "alias": "name:Summer", "code": "SUNNY"},
    "touchpoints": {
        "touchpoint_id": "t1",
        "identity": "email:ann@example.com",
        "seen_at": "2026-06-02T09:30:00Z",
        "kind": "click",
    },
}


def lines(files: Iterable[tuple[RowKind, Iterable[Mapping[str, str]]]]) -> list[Line]:
    """Rows by kind as lines, by way of a file."""
    found = []
    for kind, rows in files:
        filled = [dict.fromkeys(COLUMNS[kind].all(), "") | dict(row) for row in rows]
        read = rows_of(f"{kind}.csv", csv_text(kind, filled).encode())
        assert read.faults == ()
        found += [line_of(row, IDENTIFY) for row in read.rows]
    return found


def holding(*held: Entry, contacts: Iterable[Touchpoint] = ()) -> Standing:
    promotions = tuple(each for each in held if isinstance(each, Promotion))
    codes = tuple(each for each in held if isinstance(each, Code))
    return Standing(
        held={entries.key_of(each): Held(each, 4) for each in held},
        contacts={contact_of(each): each for each in contacts},
        promotions=promotions,
        codes=codes,
    )


def told(
    *more: tuple[RowKind, Mapping[str, str]], standing: Standing = NOTHING, good: bool = True
) -> list[str]:
    """The faults of the good rows with some changed or added, without their file."""
    by_kind = {kind: [dict(GOOD[kind])] if good else [] for kind in KINDS}
    for kind, cells in more:
        by_kind[kind].append(dict(GOOD[kind]) | dict(cells))
    faults = faults_of(lines(by_kind.items()), standing)
    return [f"{fault.file}:{fault.line}: {fault.field} {fault.rule}" for fault in faults]


def changed(kind: RowKind, /, **cells: str) -> list[str]:
    """The faults of the good rows when one of them is changed."""
    by_kind = {each: [dict(GOOD[each])] for each in KINDS}
    by_kind[kind] = [dict(GOOD[kind]) | cells]
    return [f"{fault.field} {fault.rule}" for fault in faults_of(lines(by_kind.items()), NOTHING)]


def test_good_rows_have_no_fault() -> None:
    assert told() == []


def test_the_examples_have_no_fault() -> None:
    rows = [row for name, content in examples() for row in rows_of(name, content).rows]
    read = [line_of(row, IDENTIFY) for row in rows]

    assert faults_of(read, NOTHING) == []
    assert {row.kind for row in rows} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_column_of_a_kind_is_read(kind: RowKind) -> None:
    asked: set[str] = set()

    class Asking(dict[str, str]):
        def get(self, column: str, default: object = None) -> object:  # type: ignore[override]
            asked.add(column)
            return super().get(column, "")

    line_of(Row(kind, "f.csv", 2, Asking(GOOD[kind])), IDENTIFY)

    assert asked == set(COLUMNS[kind].all())


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_cell_that_must_say_something_is_named(kind: RowKind) -> None:
    for column in COLUMNS[kind].needed:
        assert f"{column} is empty" in changed(kind, **{column: ""}), column


@pytest.mark.parametrize(
    ("kind", "column", "cell", "rule"),
    [
        ("accounts", "platform", "Square Up", "must be one lower-case word: 'Square Up'"),
        ("accounts", "account", "bar/2", "must be letters, digits, dots, dashes: 'bar/2'"),
        ("accounts", "currency", "EURO", "is not an ISO 4217 code: 'EURO'"),
        ("accounts", "zone", "Madrid", "is not an IANA time zone: 'Madrid'"),
        ("accounts", "zone", "../etc/passwd", "is not an IANA time zone: '../etc/passwd'"),
        ("accounts", "day_start", "5:00", "must be a time such as 05:00: '5:00'"),
        ("accounts", "day_start", "25:00", "is not a time such as 05:00: '25:00'"),
        (
            "accounts",
            "confirmed_by",
            "cash",
            "must be one of platform, payment, final_bill, check_in: 'cash'",
        ),
        ("accounts", "front_end", "google", "must be platform/account: 'google'"),
        ("accounts", "front_end", "GA/web", "must be one lower-case word: 'GA'"),
        ("campaigns", "starts_on", "1/6/2026", "must be a day such as 2026-11-20: '1/6/2026'"),
        ("campaigns", "starts_on", "2026-02-30", "is not a date such as 2026-11-20: '2026-02-30'"),
        (
            "campaigns",
            "planned_uses_a_day",
            "2,5",
            "must be a number such as 10.50, with a point for its decimals: '2,5'",
        ),
        ("campaigns", "look_back_days", "0", "must be a whole number above 0: '0'"),
        ("campaigns", "name", "#REF!", "is the error of a spreadsheet: #REF!"),
        ("campaigns", "name", "a\tb", "must not have control characters or line breaks in it"),
        ("campaigns", "name", "a\nb", "must not have control characters or line breaks in it"),
        ("campaigns", "purpose", "x" * 256, "must have at most 255 characters"),
        (
            "campaigns",
            "owner",
            "=HYPERLINK(1)",
            "must not begin with =: a spreadsheet would run it as a formula",
        ),
        (
            "campaigns",
            "name",
            "＝1+1",
            "must not begin with ＝: a spreadsheet would run it as a formula",
        ),
        ("promotions", "code_limit", "-5", "must be a whole number above 0: '-5'"),
        ("promotions", "customer_limit", "1.0", "must be a whole number above 0: '1.0'"),
        ("promotions", "max_percent", "101", "must be above 0 and at most 100: '101'"),
        ("promotions", "max_discount", "0", "must be above 0"),
        ("promotions", "minimum_spend", "1.005", "has a fraction of a minor unit of EUR: 1.005"),
        (
            "promotions",
            "places",
            "square/bar",
            "must be platform/account/location_id: 'square/bar'",
        ),
        (
            "promotions",
            "voucher_class",
            "gift",
            "must be one of discount, single_purpose, multi_purpose, stored_value: 'gift'",
        ),
        ("promotions", "stacking", "any", "must be one of exclusive, combinable, best_only: 'any'"),
        ("promotions", "generic", "true", "must be yes or no: 'true'"),
        ("promotions", "on_rollback", "lose", "must be one of restore, keep: 'lose'"),
        ("codes", "code", "🎉 --", "has no letter or digit: '🎉 --'"),
        ("codes", "code", "5.18E+13", "is a number that a spreadsheet has shortened: 5.18E+13"),
        (
            "codes",
            "code",
            "SUNNY\u200b",
            "has an invisible character in it: 'SUNNY\\u200b'",
        ),
        (
            "codes",
            "code",
            "SUММER",
            "mixes look-alike letters of CYRILLIC and LATIN: 'SUММER'",
        ),
        (
            "aliases",
            "alias",
            "Summer",
            "must be catalog:<id>, metadata:<text> or name:<text>: 'Summer'",
        ),
        (
            "aliases",
            "alias",
            "name: ",
            "must be catalog:<id>, metadata:<text> or name:<text>: 'name:'",
        ),
        ("touchpoints", "seen_at", "2026-06-02 09:30", "has no offset: '2026-06-02 09:30'"),
        ("touchpoints", "seen_at", "yesterday", "is not ISO 8601: 'yesterday'"),
        (
            "touchpoints",
            "seen_at",
            "0001-01-01T00:00:00+14:00",
            "is out of range: '0001-01-01T00:00:00+14:00'",
        ),
        (
            "touchpoints",
            "kind",
            "view",
            "must be one of click, email_click, publication, sighting, visit: 'view'",
        ),
        ("touchpoints", "channel", "google", "must be source / medium: 'google'"),
    ],
)
def test_a_bad_cell_is_named_with_its_rule(
    kind: RowKind, column: str, cell: str, rule: str
) -> None:
    assert f"{column} {rule}" in changed(kind, **{column: cell})


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ("anyone", "rules must be first_time, silent:<days>, orders:<count>, spent:<amount>"),
        ("orders", "rules must be first_time"),
        ("first_time:", "rules must be first_time"),
        ("silent:0", "rules must be a whole number above 0: '0'"),
        ("orders:0", "rules must be a whole number above 0: '0'"),
        ("orders:3/", "rules must end in /since:<day> or /within:<days>, or not at all: '3/'"),
        ("orders:3/after:2026-01-01", "rules must end in /since:<day> or /within:<days>"),
        ("orders:3/since:may", "rules must be a day such as 2026-11-20: 'may'"),
        ("orders:3|", "rules has nothing between two bars, or at its end: 'orders:3|'"),
        ("ordered_at:square/bar", "rules must be platform/account/location_id: 'square/bar'"),
        ("spent:10", "currency is empty, and rules say an amount"),
    ],
)
def test_a_bad_rule_of_a_segment_is_named(rules: str, fault: str) -> None:
    (found,) = changed("segments", rules=rules)

    assert found.startswith(fault)


def test_a_segment_that_a_promotion_is_for_is_in_the_load_or_the_register() -> None:
    assert changed("promotions", audience="segment:VIP") == []
    assert changed("promotions", audience="segment:STAFF") == [
        "audience is neither in the load nor in the register: 'STAFF'"
    ]


@pytest.mark.parametrize(
    ("person", "rule"),
    [
        ("ann@example.com", "must be kind:value, the kind one of email, phone, loyalty, customer"),
        ("mail:ann@example.com", "must be kind:value"),
        ("email:ann", "is no email that anybody could be known by"),
        ("phone:none", "is no phone that anybody could be known by"),
        ("customer:7715", "must be customer:platform/account/id"),
    ],
)
def test_a_bad_identity_is_named_and_never_repeated(person: str, rule: str) -> None:
    fault = changed("touchpoints", identity=person)

    assert any(f"identity {rule}" in each for each in fault)
    assert not any(person.partition(":")[2] in each for each in fault if person.count(":"))
    assert not any("ann" in each for each in fault)


def test_a_person_is_hashed_as_the_sources_do() -> None:
    read = lines(
        [
            (
                "touchpoints",
                [
                    dict(GOOD["touchpoints"]) | {"identity": "email: Ann+shop@Example.com"},
                    dict(GOOD["touchpoints"]) | {"identity": "customer:square/bar/77/15"},
                ],
            )
        ]
    )

    customers = [line.said.customer for line in read if isinstance(line.said, Touchpoint)]

    assert customers == [
        IDENTIFY("email", "ann@example.com"),
        IDENTIFY("customer", "square/bar/77/15"),
    ]
    assert "77/15" not in repr(read)


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    assert changed("campaigns", starts_on="2026-09-01") == [
        "ends_on must not be before starts_on, 2026-09-01: 2026-08-31"
    ]


def test_a_window_of_one_day_is_a_window() -> None:
    day = {"starts_on": "2026-06-01", "ends_on": "2026-06-01"}

    assert told(("promotions", {"promotion_id": "ONE", **day})) == []


def test_a_promotion_stays_within_its_campaign() -> None:
    wide = {"promotion_id": "WIDE", "starts_on": "2026-05-31", "ends_on": "2026-09-01"}

    assert told(("promotions", wide)) == [
        "promotions.csv:3: starts_on is before its campaign starts, 2026-06-01: 2026-05-31",
        "promotions.csv:3: ends_on is after its campaign ends, 2026-08-31: 2026-09-01",
    ]


def test_of_a_faulty_row_the_rest_is_judged_too() -> None:
    wide = {"promotion_id": "WIDE", "starts_on": "2026-05-31", "code_limit": "many", "owner": ""}

    assert [fault.split(" ")[1] for fault in told(("promotions", wide))] == [
        "owner",
        "code_limit",
        "starts_on",
    ]


def test_a_campaign_may_not_leave_standing_promotions_outside() -> None:
    standing = holding(CAMPAIGN, PROMOTION)
    narrow = {"starts_on": "2026-06-02", "ends_on": "2026-08-30"}

    faults = told(("campaigns", narrow), standing=standing, good=False)

    span = "2026-06-01 to 2026-08-31"
    left = f"leaves promotion 'SUMMER-10' of the register outside: {span}"
    assert faults == [f"campaigns.csv:2: starts_on {left}", f"campaigns.csv:2: ends_on {left}"]


def test_amounts_need_a_currency() -> None:
    assert changed("promotions", currency="", minimum_spend="", max_discount="") == []
    assert changed("promotions", currency="") == [
        "currency is empty, and minimum_spend or max_discount is an amount"
    ]


def test_amounts_are_in_minor_units_of_their_currency() -> None:
    rows = [
        dict(GOOD["promotions"]) | {"currency": currency, "minimum_spend": amount}
        for currency, amount in (("EUR", "10.50"), ("JPY", "1050"), ("KWD", "1.050"))
    ]

    said = [line.said for line in lines([("promotions", rows)])]

    assert [each.minimum_spend_minor for each in said if isinstance(each, Promotion)] == [1050] * 3


@pytest.mark.parametrize(
    ("kind", "cells", "fault"),
    [
        (
            "accounts",
            {"account": "pub", "front_end": "google_analytics/web"},
            "front_end .. 'google_analytics/web'",
        ),
        ("locations", {"account": "pub"}, "account .. 'square/pub'"),
        ("promotions", {"promotion_id": "P2", "campaign_id": "WINTER"}, "campaign_id .. 'WINTER'"),
        (
            "promotions",
            {"promotion_id": "P2", "places": "square/bar/L1|square/bar/L9"},
            "places .. 'square/bar/L9'",
        ),
        ("codes", {"code": "OTHER", "promotion_id": "P9"}, "promotion_id .. 'P9'"),
        ("aliases", {"account": "pub"}, "account .. 'square/pub'"),
        ("aliases", {"alias": "name:x", "code": "NOBODY"}, "code .. 'NOBODY'"),
        (
            "touchpoints",
            {"touchpoint_id": "t2", "campaign_id": "WINTER"},
            "campaign_id .. 'WINTER'",
        ),
        (
            "touchpoints",
            {"touchpoint_id": "t2", "identity": "customer:square/pub/7"},
            "identity .. 'square/pub'",
        ),
    ],
)
def test_what_a_row_refers_to_must_be_there(
    kind: RowKind, cells: dict[str, str], fault: str
) -> None:
    full = fault.replace("..", "is neither in the load nor in the register:")

    assert told((kind, cells)) == [f"{kind}.csv:3: {full}"]


def test_what_it_refers_to_may_stand_in_the_register() -> None:
    standing = holding(ACCOUNT, LOCATION, CAMPAIGN, PROMOTION, CODE)
    rows: list[tuple[RowKind, dict[str, str]]] = [
        ("promotions", {"promotion_id": "P2"}),
        ("codes", {"code": "OTHER", "promotion_id": "SUMMER-10"}),
        ("aliases", {}),
        ("touchpoints", {"campaign_id": "SUMMER"}),
    ]

    assert told(*rows, standing=standing, good=False) == []


def test_a_touchpoint_may_carry_a_code_that_nobody_issued() -> None:
    assert told(("touchpoints", {"touchpoint_id": "t2", "code": "LEAKED99"})) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_twice_in_a_load_is_named(kind: RowKind) -> None:
    assert told((kind, {}))[-1].endswith(f"stands already at {kind}.csv:2")
    assert len(told((kind, {}))) == 1


def test_a_code_may_stand_on_several_rows_for_several_promotions() -> None:
    assert told(("promotions", {"promotion_id": "P2"}), ("codes", {"promotion_id": "P2"})) == []


@pytest.mark.parametrize("other", ["SUNNY", "sun-ny", "S U N N Y", "ＳＵＮＮＹ"])
def test_two_spellings_of_one_code_are_refused(other: str) -> None:
    within = told(("codes", {"code": other}))
    standing = told(("codes", {"code": other}), standing=holding(PROMOTION, CODE), good=False)

    assert within == [
        f"codes.csv:3: code is the same code as 'Sunny', which stands at codes.csv:2: {other!r}"
    ]
    assert standing == [
        f"codes.csv:2: code is the same code as 'Sunny', which stands in the register: {other!r}"
    ]


def test_look_alikes_are_one_code() -> None:
    rows: list[tuple[RowKind, dict[str, str]]] = [
        ("codes", {"code": "SAVE10"}),
        ("codes", {"code": "SAVE1O"}),
        ("codes", {"code": "SAVEI0"}),
    ]

    assert [fault.partition(": ")[0] for fault in told(*rows)] == ["codes.csv:4", "codes.csv:5"]


def test_an_alias_stands_for_one_code() -> None:
    other = {"alias": "name:  SUMMER", "code": "SUNNY"}

    assert told(("aliases", other)) == ["aliases.csv:3: alias stands already at aliases.csv:2"]


def test_a_contact_may_stand_under_several_identities_of_a_person() -> None:
    phone = {"identity": "phone:+34600000000"}

    assert told(("touchpoints", phone)) == []
    assert told(("touchpoints", phone | {"kind": "visit"})) == [
        "touchpoints.csv:3: touchpoint_id says something else at touchpoints.csv:2"
    ]


def test_a_touchpoint_never_changes() -> None:
    same = replace(
        CLICK, customer=str(IDENTIFY("email", "ann@example.com")), utm_source="", utm_medium=""
    )

    assert told(standing=holding(contacts=[same])) == []
    assert told(standing=holding(contacts=[replace(same, kind="visit")])) == [
        "touchpoints.csv:2: touchpoint_id is in the register already and says something else there"
    ]


def test_a_channel_stands_in_for_a_utm() -> None:
    rows = [
        {"channel": "google / cpc"},
        {"channel": "google / cpc", "utm_campaign": "summer"},
        {"channel": "(direct)"},
        {"channel": "google / cpc", "utm_source": "bing", "utm_medium": "cpc"},
    ]

    read = lines([("touchpoints", [dict(GOOD["touchpoints"]) | row for row in rows])])

    assert [each.said.channel() for each in read if isinstance(each.said, Touchpoint)] == [
        "google / cpc",
        "(direct)",
        "(direct)",
        "bing / cpc",
    ]


def test_only_what_is_new_or_other_is_a_change() -> None:
    read = lines((kind, [GOOD[kind]]) for kind in KINDS)
    first = changes_of(read, NOTHING)
    stood = [each.entry() for each in first.load.changes]

    again = changes_of(read, holding(*stood, contacts=first.load.touchpoints))

    singular = {kind: kind.removesuffix("s") for kind in KINDS} | {"aliases": "alias"}
    kinds = [singular[kind] for kind in KINDS]
    assert first.tallies == tuple(Tally(kind=kind, new=1) for kind in kinds)
    assert again.tallies == tuple(Tally(kind=kind, same=1) for kind in kinds)
    assert again.load.is_empty()
    assert not again.moves_days
    assert not again.load.codes_again


def test_a_code_gains_promotions_and_loses_none() -> None:
    read = lines([("codes", [dict(GOOD["codes"]) | {"promotion_id": "P2"}])])

    found = changes_of(read, holding(CODE)).load

    (change,) = found.changes
    assert change.entry() == replace(CODE, promotions=("SUMMER-10", "P2"))
    assert change.version == 5
    assert found.codes_again == ("SUNNY",)


def test_an_alias_names_its_code_as_the_register_spells_it() -> None:
    read = lines([("aliases", [GOOD["aliases"]])])

    (change,) = changes_of(read, holding(CODE)).load.changes

    assert change.entry() == replace(ALIAS, alias="name:summer")


def test_an_alias_that_moves_is_looked_for_under_its_old_code_too() -> None:
    other = Code(canonical="OTHER", raw="Other", promotions=("SUMMER-10",))
    moved = dict(GOOD["aliases"]) | {"alias": ALIAS.alias, "code": "Other"}

    found = changes_of(lines([("aliases", [moved])]), holding(CODE, other, ALIAS)).load

    assert found.codes_again == ("SUNNY",)
    assert [each.alias for each in found.discounts_again] == [ALIAS.alias]


def test_when_terms_change_their_codes_are_looked_for() -> None:
    standing = holding(CAMPAIGN, PROMOTION, CODE, replace(CODE, canonical="X", promotions=()))
    read = lines([("promotions", [dict(GOOD["promotions"]) | {"ends_on": "2026-08-30"}])])

    assert changes_of(read, standing).load.codes_again == ("SUNNY",)


def test_keys_of_rows_and_of_what_they_refer_to_are_asked_for() -> None:
    read = lines([("codes", [GOOD["codes"]])])

    assert keys_named(read) == {entries.code_key("SUNNY"), entries.promotion_key("SUMMER-10")}


@given(campaigns().flatmap(lambda each: st.tuples(st.just(each), promotions(each))))
def test_a_written_entry_reads_back_equal(written: tuple[Campaign, Promotion]) -> None:
    campaign, promotion = written

    read = lines([("campaigns", [cells_of(campaign)]), ("promotions", [cells_of(promotion)])])

    assert [line.said for line in read] == [campaign, promotion]
    assert faults_of(read, NOTHING) == []
    assert entries.entry_of(entries.key_of(promotion), entries.text_of(promotion)) == promotion


@given(
    st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds / 7, UTC)),
    st.emails(),
    TEXTS,
)
def test_a_written_touchpoint_reads_back_equal(seen_at: datetime, email: str, name: str) -> None:
    row = {"touchpoint_id": name, "seen_at": seen_at.isoformat(), "identity": f"email:{email}"}

    (line,) = lines([("touchpoints", [dict(GOOD["touchpoints"]) | row])])

    said = line.said
    assert isinstance(said, Touchpoint)
    if not line.faults:
        assert said.customer == IDENTIFY("email", email)
        assert instant.text(said.seen_at) == instant.text(seen_at)
        assert said.touchpoint_id == name
