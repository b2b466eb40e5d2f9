"""Does the reader tell what one revision says, cheaply?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.dynamodb.models import dynamodb_backends

from tests.cloud import ACCOUNT_ID
from tests.register.saying import (
    ACCOUNT,
    ALIAS,
    CAMPAIGN,
    CODE,
    ENTRIES,
    LOCATION,
    MADRID,
    PROMOTION,
    changes,
    loaded,
)
from vouchsafe.edge import register_loads, register_table
from vouchsafe.edge.register_table import RegisterItem, RegisterReader
from vouchsafe.pure import register_entries as entries
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.register import Code
from vouchsafe.pure.register_load import Load

pytestmark = pytest.mark.usefixtures("aws")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that reach DynamoDB."""
    made: list[str] = []
    connection = RegisterItem._get_connection().connection
    real = connection._make_api_call

    def counted(operation: str, asked: Any) -> object:
        made.append(operation)
        return real(operation, asked)

    monkeypatch.setattr(connection, "_make_api_call", counted)
    return made


def test_an_empty_register_knows_nothing() -> None:
    reader = RegisterReader()

    assert reader.revision() == 0
    assert reader.code("SUNNY") is None
    assert reader.alias("square", "bar", "name:x") is None
    assert register_table.all_accounts() == []
    assert register_table.days_of_account("square", "bar") == [DayRule()]


def test_what_was_loaded_is_told() -> None:
    assert loaded(*ENTRIES) == 1

    reader = RegisterReader()

    assert reader.account("square", "bar") == ACCOUNT
    assert reader.location("square", "bar", "L1") == LOCATION
    assert reader.campaign("SUMMER") == CAMPAIGN
    assert reader.promotion("SUMMER-10") == PROMOTION
    assert reader.code("SUNNY") == CODE
    assert reader.alias("square", "bar", ALIAS.alias) == "Sunny"
    assert reader.revision() == 1


def test_a_till_may_spell_a_discounts_name_as_it_likes() -> None:
    loaded(ALIAS)

    assert RegisterReader().alias("square", "bar", "name:SUMMER  10%") == "Sunny"
    assert RegisterReader().alias("square", "pub", "name:summer 10%") is None


def test_accounts_and_their_days_are_listed() -> None:
    other = replace(ACCOUNT, account="bar#2")
    elsewhere = replace(ACCOUNT, platform="square2", account="bar")
    loaded(ACCOUNT, other, elsewhere, LOCATION, replace(LOCATION, location_id="L#2", days=MADRID))

    assert register_table.accounts_of("square") == [ACCOUNT, other]
    assert register_table.all_accounts() == [ACCOUNT, other, elsewhere]
    assert register_table.days_of_account("square", "bar") == [MADRID, LOCATION.days]
    assert register_table.days_of_account("square", "bar#2") == [MADRID]


def test_thirty_seconds_are_asked_once(calls: list[str]) -> None:
    loaded(*ENTRIES)
    clock = Clock()
    reader = RegisterReader(clock)
    calls.clear()

    for _ in range(3):
        assert reader.code("SUNNY") == CODE
        assert reader.code("NOBODY") is None

    assert calls == ["GetItem"] * 3


def test_after_thirty_seconds_only_the_head_is_asked_while_nothing_has_changed(
    calls: list[str],
) -> None:
    loaded(CODE)
    clock = Clock()
    reader = RegisterReader(clock)
    reader.code("SUNNY")
    calls.clear()

    clock.seconds = 31
    assert reader.code("SUNNY") == CODE

    assert calls == ["GetItem"]


def test_a_load_is_seen_after_thirty_seconds_and_at_once_after_a_refresh() -> None:
    loaded(CODE)
    clock = Clock()
    patient, asking = RegisterReader(clock), RegisterReader(clock)
    assert (patient.code("SUNNY"), patient.code("NEW")) == (CODE, None)
    assert asking.code("NEW") is None

    new = Code(canonical="NEW", raw="New", promotions=())
    loaded(new, replace(CODE, promotions=("OTHER",)), version=2)
    asking.refresh()
    clock.seconds = 29

    assert (patient.revision(), patient.code("NEW"), patient.code("SUNNY")) == (1, None, CODE)
    assert asking.code("NEW") == new
    clock.seconds = 31
    assert (patient.revision(), patient.code("NEW")) == (2, new)


def test_an_entry_that_is_newer_than_the_reader_makes_it_look_at_once() -> None:
    loaded(CODE, PROMOTION)
    reader = RegisterReader(Clock())
    assert reader.code("SUNNY") == CODE
    longer = replace(PROMOTION, ends_on=date(2026, 9, 15))
    other = replace(CODE, promotions=("OTHER",))

    loaded(longer, other, version=2)

    assert (reader.code("SUNNY"), reader.revision()) == (CODE, 1)
    assert reader.promotion("SUMMER-10") == longer
    assert (reader.code("SUNNY"), reader.revision()) == (other, 2)


def test_a_snapshot_is_told_whatever_was_loaded_over_it() -> None:
    loaded(CODE, PROMOTION)
    at = register_table.snapshot()

    for turn in range(3):
        loaded(replace(PROMOTION, owner=f"owner {turn}"), version=2 + turn)

    keys = [entries.key_of(CODE), entries.key_of(PROMOTION), entries.code_key("NOBODY")]
    found = register_table.held(keys, at)
    told = {key: one.entry for key, one in found.items()}
    assert told == dict(zip(keys, (CODE, PROMOTION), strict=False))


def test_what_is_written_and_not_published_is_seen_by_nobody() -> None:
    loaded(CODE)
    changed = replace(CODE, promotions=("OTHER",))
    fresh = replace(CODE, canonical="FRESH")
    load = Load(changes=changes([changed, fresh], 2))
    head = register_loads.commit(register_loads.head(), register_loads.stage(load))

    register_loads.write(load.changes, head.load_revision)

    reader = RegisterReader()
    assert (reader.code("SUNNY"), reader.code("FRESH")) == (CODE, None)
    register_loads.publish(head)
    reader.refresh()
    assert (reader.code("SUNNY"), reader.code("FRESH")) == (changed, fresh)


def test_what_a_slow_run_writes_after_it_was_taken_over_never_counts() -> None:
    loaded(CODE)
    slow = Load(changes=changes([replace(CODE, promotions=("SLOW",))], 2))
    head = register_loads.commit(register_loads.head(), register_loads.stage(slow))
    ours = register_loads.take_over(register_loads.head())
    register_loads.write(slow.changes, ours.load_revision)
    register_loads.settle(register_loads.publish(ours))
    later = replace(CODE, promotions=("LATER",))
    loaded(later, version=3)

    register_loads.write(slow.changes, head.load_revision)

    assert RegisterReader().code("SUNNY") == later
    assert register_table.on_shelf(entries.code_key("SUNNY").shelf, register_table.snapshot()) == [
        later
    ]
    with pytest.raises(register_loads.Overtaken):
        register_loads.publish(head)


def test_every_version_of_the_terms_is_kept() -> None:
    loaded(PROMOTION)
    longer = replace(PROMOTION, ends_on=date(2026, 9, 15))
    loaded(CODE)
    loaded(longer, version=2)

    told = register_table.history(entries.key_of(PROMOTION), register_table.snapshot())

    assert told == [(3, longer), (1, PROMOTION)]


def test_prefetched_entries_cost_nothing_more(calls: list[str]) -> None:
    codes = [replace(CODE, canonical=f"C{at}") for at in range(250)]
    loaded(*codes)
    reader = RegisterReader(Clock())
    calls.clear()

    reader.prefetch(entries.code_key(f"C{at}") for at in range(260))
    answers = [reader.code(f"C{at}") for at in range(260)]

    assert answers == [*codes, *[None] * 10]
    assert calls == ["GetItem", *["BatchGetItem"] * 3]


def test_one_of_a_hundred_thousand_codes_is_one_look(calls: list[str]) -> None:
    loaded(CODE)
    # Past the API, whose hundred thousand answers would take half a minute.
    table = dynamodb_backends[ACCOUNT_ID]["eu-west-1"].get_table(RegisterItem.Meta.table_name)
    common = {"sk": {"S": "now#"}, "revision": {"N": "1"}, "version": {"N": "1"}}
    common["body"] = {"S": entries.text_of(CODE)}
    for at in range(100_000):
        table.put_item({"pk": {"S": f"code#N{at}"}, **common})
    reader = RegisterReader(Clock())
    reader.revision()
    calls.clear()

    assert reader.code("N99999") == CODE
    assert reader.code("N100000") is None

    assert calls == ["GetItem", "GetItem"]


def test_no_more_than_twenty_thousand_answers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_table, "_MOST_KEPT", 10)
    reader = RegisterReader(Clock())

    for at in range(25):
        reader.code(f"C{at}")

    assert len(reader._kept) <= 10


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_keys_of_different_accounts_never_meet(one: str, other: str) -> None:
    keys = {entries.account_key(one, other), entries.account_key(other, one)}

    assert len(keys) == (1 if one == other else 2)
    assert entries.location_key(one, other, "x") != entries.location_key(one, f"{other}#x", "")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_entries_come_back_from_their_text(entry: entries.Entry) -> None:
    assert entries.entry_of(entries.key_of(entry), entries.text_of(entry)) == entry


def test_a_clock_that_steps_back_is_no_reason_to_stay_old() -> None:
    clock = Clock()
    clock.seconds = 1000
    reader = RegisterReader(clock)
    assert reader.revision() == 0
    loaded(CODE)

    clock.seconds = 1000 - timedelta(hours=1).total_seconds()

    assert reader.revision() == 1


def test_the_days_are_those_of_the_place() -> None:
    loaded(LOCATION)
    found = RegisterReader().location("square", "bar", "L1")

    assert found is not None
    night = datetime(2026, 7, 2, 2, 0, tzinfo=UTC)
    assert found.days.day_of(night) == date(2026, 7, 1)
