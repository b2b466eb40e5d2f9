"""Is the log whole, in one chain, and does it show when somebody meddles with it?"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.transactions import TransactWrite

from tests.api.room import call, drafted, published
from tests.register.conftest import aws, made
from vouchsafe.edge import audit_table, proposals_table
from vouchsafe.edge.audit_table import AuditItem
from vouchsafe.pure.audit import NOTHING, AuditEntry, Deed, chained, first_broken
from vouchsafe.pure.errors import Conflict

__all__ = ["aws", "made"]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def deed(what: str = "tried", *subjects: str) -> Deed:
    return Deed(who="ana", at=NOON, what=what, subjects=subjects, before="a", after="b")


def chain(count: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for at in range(count):
        entries.append(chained(deed(f"step {at}"), entries[-1] if entries else None))
    return entries


def test_a_chain_that_nobody_touched_is_sound() -> None:
    entries = chain(5)

    assert entries[0].previous == NOTHING
    assert first_broken(entries) is None
    assert first_broken(entries[3:], entries[2]) is None
    assert first_broken([]) is None


@given(
    st.integers(0, 7),
    st.sampled_from(["who", "what", "why", "before", "after", "subjects", "at"]),
)
def test_whatever_is_changed_in_an_entry_breaks_the_chain_there(at: int, name: str) -> None:
    entries = chain(8)
    other: Any = {"subjects": ("x",), "at": NOON.replace(year=2020)}.get(name, "changed")
    forged = replace(entries[at], deed=replace(entries[at].deed, **{name: other}))

    assert first_broken([*entries[:at], forged, *entries[at + 1 :]]) == at + 1


@given(st.integers(0, 6))
def test_an_entry_that_is_taken_out_put_in_or_moved_is_found(at: int) -> None:
    entries = chain(8)
    taken = [*entries[:at], *entries[at + 1 :]]
    twice = [*entries[: at + 1], *entries[at:]]
    swapped = [*entries[:at], entries[at + 1], entries[at], *entries[at + 2 :]]

    assert first_broken(taken) == at + 1
    assert first_broken(twice) == at + 2
    assert first_broken(swapped) == at + 1


def test_who_writes_an_entry_anew_must_write_all_that_follow() -> None:
    entries = chain(8)
    forged = chained(deed("never was"), entries[3])

    assert first_broken([*entries[:4], forged, *entries[5:]]) == 6


def test_long_texts_are_told_by_their_digest() -> None:
    one, other = (
        chained(replace(deed(), before=text * 100_000), None).deed.before for text in "ab"
    )

    assert len(one) < 200
    assert one != other


@pytest.mark.usefixtures("aws")
def test_many_who_write_at_once_make_one_chain_without_gaps() -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: audit_table.append(deed(str(at), f"x:{at % 3}")), range(24)))

    found = audit_table.newest(None, 100)[::-1]

    assert [entry.number for entry in found] == list(range(1, 25))
    assert first_broken(found) is None
    assert {entry.deed.what for entry in found} == {str(at) for at in range(24)}
    of_one = audit_table.newest_of("x:1", None, 100)
    assert {int(entry.deed.what) % 3 for entry in of_one} == {1}
    assert len(of_one) == 8


@pytest.mark.usefixtures("aws")
def test_each_digest_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    entry = audit_table.append(deed())

    assert [vars(record)["digest"] for record in caplog.records] == [entry.digest]


@pytest.mark.usefixtures("aws")
def test_an_entry_comes_with_what_it_tells_of_or_not_at_all() -> None:
    def twice(transaction: TransactWrite) -> None:
        transaction.save(AuditItem("x", "y"), AuditItem.pk.does_not_exist())

    audit_table.append(deed(), twice)
    with pytest.raises(Conflict):
        audit_table.append(deed(), twice)

    assert [entry.number for entry in audit_table.newest(None, 10)] == [1]


@pytest.mark.usefixtures("aws")
def test_a_proposal_that_another_changed_leaves_no_entry() -> None:
    proposal = proposals_table.get(drafted()["proposal_id"])
    before = audit_table.last()

    with pytest.raises(Conflict):
        proposals_table.keep(replace(proposal, version=3), deed())

    assert audit_table.last() == before


@pytest.mark.usefixtures("aws", "no_waiting")
def test_meddling_with_the_table_shows_in_the_log() -> None:
    published()
    item = AuditItem.get("chain", f"{2:012d}")
    item.body = str(item.body).replace("person:eva", "person:ana")
    item.save(add_version_condition=False)

    told = call("vera", "GET", "/register/audit").body

    assert told["broken_at"] == 2


@pytest.mark.usefixtures("aws")
def test_pages_hold_together() -> None:
    for at in range(7):
        audit_table.append(deed(str(at)))
    found: list[int] = []
    query = {"limit": "3"}
    while True:
        page = call("vera", "GET", "/register/audit", query=query).body
        assert page.get("broken_at") is None
        found += [entry["number"] for entry in page["entries"]]
        if not page.get("after"):
            break
        query["after"] = page["after"]

    assert found == [7, 6, 5, 4, 3, 2, 1]
