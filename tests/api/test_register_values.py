"""Can people see what is outstanding and take value away, each with the right and a deed for it?"""

from dataclasses import replace
from typing import Any

import pytest

from tests.api.room import call
from tests.pure.values import NOW, SOLD, TERMS, asked, here
from vouchsafe.edge import audit_table, clock, values_table
from vouchsafe.pure import value_moves as moves
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.value import folded
from vouchsafe.pure.value_moves import Sale

CODE = TERMS.code
LIST = {"promotion_id": "GIFT"}


@pytest.fixture(autouse=True)
def room(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    sold(CODE)


def sold(code: str, **terms: Any) -> None:
    said = replace(TERMS, code=code, **terms)
    sale = Sale(order=SOLD.order, amount_minor=5000, paid_minor=4500)
    values_table.move(code, lambda seen: moves.issue(seen, said, sale, here()))


def held(minor: int, order: str = "direct#shop#o1") -> None:
    want = asked(order, minor)
    values_table.move(CODE, lambda seen: moves.hold(seen, want, 30, here()), order=order)


def withdraws(who: str = "ana", code: str = CODE, **said: Any) -> Any:
    headers = {name: said.pop(name) for name in ("if_match", "idempotency_key") if name in said}
    body = {"why": "stolen"} | said
    return call(who, "POST", f"/register/values/{code}/withdraw", body, **headers)


def deeds() -> list[str]:
    return [each.deed.what for each in reversed(audit_table.newest(None, 50))]


def test_an_approver_takes_away_what_nobody_holds_and_the_log_tells_why() -> None:
    held(1000)

    told = withdraws()

    assert told.status == 200
    found = told.body
    assert (found["available_minor"], found["held_minor"], found["withdrawn_minor"]) == (
        0,
        1000,
        4000,
    )
    newest = found["entries"][0]
    assert (newest["kind"], newest["who"], newest["because"]) == (
        "withdrawn",
        "person:ana",
        "stolen",
    )
    (entry,) = audit_table.newest_of(f"code:{CODE}", None, 9)
    assert (entry.deed.what, entry.deed.who, entry.deed.why) == (
        "value_withdrawn",
        "person:ana",
        "stolen",
    )
    assert '"available_minor": 4000' in entry.deed.before
    assert values_table.get(CODE) == folded(values_table.entries_of(CODE))


@pytest.mark.parametrize(("minor", "status"), [(5000, 200), (5001, 409)])
def test_no_more_is_taken_away_than_there_is(minor: int, status: int) -> None:
    assert withdraws(amount_minor=minor).status == status
    assert deeds() == (["value_withdrawn"] if status == 200 else [])


def test_the_same_work_again_takes_away_once() -> None:
    first = withdraws(amount_minor=700, idempotency_key="w1")
    again = withdraws(amount_minor=700, idempotency_key="w1")

    assert again.body == first.body
    assert deeds() == ["value_withdrawn"]


def test_work_that_was_cut_short_after_the_write_is_found_by_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    append = audit_table.append

    def cut_short(*said: Any) -> None:
        append(*said)
        monkeypatch.setattr(audit_table, "append", append)
        raise Unavailable("no answer")

    monkeypatch.setattr(audit_table, "append", cut_short)

    assert withdraws(amount_minor=700, idempotency_key="w1").status == 503
    told = withdraws(amount_minor=700, idempotency_key="w1")

    assert (told.status, told.body["withdrawn_minor"]) == (200, 700)
    assert deeds() == ["value_withdrawn"]


def test_who_was_overtaken_is_told_so_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = values_table.read

    def overtaken(code: str, **said: str) -> Any:
        found = read(code, **said)
        monkeypatch.setattr(values_table, "read", read)
        held(100)
        return found

    monkeypatch.setattr(values_table, "read", overtaken)

    assert withdraws().status == 409
    assert deeds() == []
    assert withdraws(if_match='"1"').status == 409
    assert withdraws(if_match='"2"').status == 200


def test_a_value_that_has_expired_is_breakage_and_nothing_of_it_is_withdrawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: TERMS.over_at())

    assert withdraws().status == 409
    found = call("vera", "GET", f"/register/values/{CODE}").body
    assert (found["expired"], found["available_minor"]) == (True, 5000)


@pytest.mark.parametrize("who", ["vera", "eva"])
def test_only_an_approver_takes_value_away(who: str) -> None:
    assert withdraws(who).status == 403
    assert deeds() == []


def test_what_is_outstanding_is_listed_in_pages_with_sums_and_the_log_tells_who_asked() -> None:
    for at in range(3):
        sold(f"G1FT{at}")
    sold("SPENT", promotion_id="OTHER")
    held(1000)

    first = call("eva", "GET", "/register/values", query=LIST | {"limit": "3"}).body
    rest = call("eva", "GET", "/register/values", query=LIST | {"after": first["after"]}).body

    assert [each["code"] for each in (*first["values"], *rest["values"])] == [
        "G1FT",
        "G1FT0",
        "G1FT1",
        "G1FT2",
    ]
    assert first["sums"] == [
        {
            "voucher_class": "multi_purpose",
            "currency": "EUR",
            "expired": False,
            "values": 3,
            "outstanding_minor": 15000,
        }
    ]
    assert "after" not in rest
    assert deeds() == ["values_taken_out"] * 2
    assert call("eva", "GET", "/register/values").body["field"] == "promotion_id"
    assert call("vera", "GET", "/register/values", query=LIST).status == 403


def test_a_value_is_told_with_its_entries_page_by_page() -> None:
    for at in range(4):
        held(1, f"direct#shop#o{at}")

    first = call("vera", "GET", "/register/values/g1-ft", query={"limit": "3"})
    rest = call("vera", "GET", f"/register/values/{CODE}", query={"after": first.body["after"]})

    assert first.version() == '"5"'
    numbers = [each["number"] for each in (*first.body["entries"], *rest.body["entries"])]
    assert numbers == [5, 4, 3, 2, 1]
    assert rest.body["entries"][-1]["paid_minor"] == 4500
    assert call("vera", "GET", "/register/values/NOPE").status == 404
    assert call("vera", "GET", "/register/values/---").status == 404
