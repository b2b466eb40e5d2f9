"""Does each record lead to what it ought to, and does nothing stop the shard?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.streams.attribution import handler
from functions.streams.attribution.match import Told, match
from tests.streams.clouds import cancelled, cloud, deliver, held, order, put, sums
from tests.streams.journeys import ANN, redemption, shop, touch, unmapped
from vouchsafe.edge import (
    parking,
    redemptions_table,
    touchpoints_table,
)
from vouchsafe.pure.credit import Credit, recount
from vouchsafe.pure.errors import Unavailable, Unreadable
from vouchsafe.pure.facts import OrderKey

ANN_TOO = "customer:7"


def test_a_redemption_earns_credit_and_a_repeat_changes_nothing() -> None:
    with cloud() as found:
        touchpoints_table.write([touch(3, "google / cpc")])
        put(redemption("P0STER"))
        put(unmapped())

        assert deliver(found.records("Redemptions")) == []
        before = sums()
        found.calls.clear()
        assert deliver(found.records("Redemptions") * 3) == []

        assert [each.item_id for each in held()] == ["redemption#P0STER#000", "unmapped#till-7"]
        assert before == sums() == recount(held())
        assert "TransactWriteItems" not in found.calls


def test_a_late_touchpoint_judges_again_what_was_judged_before() -> None:
    with cloud() as found:
        put(redemption("P0STER"))
        deliver(found.records("Redemptions"))
        touchpoints_table.write([touch(3, "google / cpc"), touch(-3, "late / cpc")])

        deliver(found.records("Touchpoints"))

        assert {key.pk for key in sums() if key.pk.startswith("channel#")} == {
            "channel#google / cpc",
            "channel#street / print",
        }
        assert sums() == recount(held())


def test_a_touchpoint_that_is_ahead_of_the_redemptions_own_record_judges_it() -> None:
    with cloud() as found:
        put(redemption("P0STER"))
        touchpoints_table.write([touch(3, "google / cpc")])

        deliver(found.records("Touchpoints"))
        found.calls.clear()
        deliver(found.records("Redemptions"))

        assert [each.touches_seen for each in held()] == [1]
        assert sums() == recount(held())
        assert "TransactWriteItems" not in found.calls


def test_all_keys_of_a_person_lead_to_their_touchpoints_once_each() -> None:
    with cloud() as found:
        seen = touch(3, "google / cpc")
        touchpoints_table.write([seen, replace(seen, customer=ANN_TOO)])
        put(redemption("SAVE10", customer=(ANN, ANN_TOO)))

        deliver(found.records("Redemptions"))

        assert [each.touches_seen for each in held()] == [1]


def test_a_removed_redemption_takes_its_contribution_back() -> None:
    with cloud() as found:
        row = put(redemption("P0STER"))
        deliver(found.records("Redemptions"))
        redemptions_table.take_out(row.key.text(), row.item_id(), row.facts_seen, 1)

        deliver(found.records("Redemptions"))

        assert (held(), sums()) == ([], {})


def test_a_batch_of_a_hundred_is_a_handful_of_writes() -> None:
    with cloud() as found:
        for number in range(100):
            put(redemption("MA1L", key=order(number), customer=(f"email:{number}",)))
        found.calls.clear()

        deliver(found.records("Redemptions"))

        assert found.calls.count("TransactWriteItems") == 2
        assert sums() == recount(held())


def test_whether_a_code_was_given_to_anybody_is_asked_once_in_a_batch() -> None:
    with cloud() as found:
        for number in range(100):
            put(redemption("MA1L", key=order(number), customer=(f"email:{number}",)))
        found.calls.clear()

        deliver(found.records("Redemptions"))

        asked_of_people, asked_of_the_code_and_its_campaign = 100, 2
        assert found.calls.count("Query") == asked_of_people + asked_of_the_code_and_its_campaign


def test_what_was_given_meanwhile_is_seen_when_an_order_is_judged_again() -> None:
    def given_and_judged(operation: str) -> None:
        if operation == "TransactWriteItems":
            found.before = lambda _: None
            touchpoints_table.write([touch(9, kind="publication", code="P0STER", customer="bob")])
            deliver(found.records("Redemptions"))

    with cloud() as found:
        put(redemption("P0STER"))
        found.before = given_and_judged

        deliver(found.records("Redemptions"))

        assert [each.influence_class for each in held()] == ["leaked"]


def test_a_register_older_than_the_redemption_is_read_afresh() -> None:
    with cloud() as found:
        found.shelf.newest = 5
        put(redemption("P0STER"), revision=5)

        deliver(found.records("Redemptions"))

        assert [each.register_revision for each in held()] == [5]


def test_poison_is_parked_and_the_rest_goes_on() -> None:
    with cloud() as found:
        put(redemption("P0STER", key=order(1)))
        put(redemption("P0STER", key=order(2)))
        [first, second] = found.records("Redemptions")
        broken = next(iter(found.dynamo.tables["Redemptions"].parts[order(1).text()].values()))
        broken["redeemed_at"] = {"S": "yesterday"}

        assert deliver([{"dynamodb": {"SequenceNumber": "1"}}, first, second]) == []

        assert len(found.parked) == 2
        assert [each.key for each in held()] == [order(2)]


def test_poison_that_cannot_be_parked_comes_again() -> None:
    def full(**_: object) -> str:
        raise Unavailable("parked: SlowDown")

    with cloud(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(parking, "park_record", full)

        assert deliver([{"dynamodb": {"SequenceNumber": "1"}}]) == ["1"]


@pytest.mark.usefixtures("aws")
def test_a_refused_order_is_parked_and_its_neighbours_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [put(redemption("P0STER", key=order(number))) for number in (1, 2, 3)]
    records = [
        {
            "dynamodb": {
                "SequenceNumber": row.key.order_id,
                "Keys": {"pk": {"S": row.key.text()}, "sk": {"S": row.item_id()}},
            }
        }
        for row in rows
    ]
    monkeypatch.setattr(handler, "_register", shop())
    monkeypatch.setattr(handler, "match", _too_much_evidence_for(order(2)))

    assert deliver(records) == []

    assert list(parking.keys("record/attribution/")) != []
    assert {each.key for each in held()} == {order(1), order(3)}
    assert sums() == recount(held())


def _too_much_evidence_for(key: OrderKey) -> Callable[..., list[Credit]]:
    def judge(rows: Any, told: Told) -> list[Credit]:
        return [
            replace(each, evidence=("x" * 500_000,)) if each.key == key else each
            for each in match(rows, told)
        ]

    return judge


def test_an_outage_brings_the_records_again_and_is_not_waited_out() -> None:
    def down(_: str) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")

    with cloud() as found:
        for number in range(10):
            put(redemption("P0STER", key=order(number)))
        records = found.records("Redemptions")
        found.calls.clear()
        found.before = down

        assert len(deliver(records)) == 10
        assert len(found.calls) == handler.MOST_OUTAGES


def test_a_write_whose_outcome_is_unknown_comes_again_and_counts_once() -> None:
    def lost(operation: str) -> None:
        if operation == "TransactWriteItems":
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

    with cloud() as found:
        put(redemption("P0STER"))
        records = found.records("Redemptions")
        names = [each["dynamodb"]["SequenceNumber"] for each in records]

        found.before = lost
        assert deliver(records) == names
        assert held() == []
        found.before, found.after = lambda _: None, lost
        assert deliver(records) == names
        found.after = lambda _: None
        assert deliver(records) == []

        assert len(held()) == 1
        assert sums() == recount(held())


def test_an_order_that_is_always_raced_comes_again() -> None:
    def conflict(operation: str) -> None:
        if operation == "TransactWriteItems":
            raise cancelled("TransactionConflict")

    with cloud() as found:
        put(redemption("P0STER"))
        records = found.records("Redemptions")
        found.calls.clear()
        found.before = conflict

        assert deliver(records) == [records[0]["dynamodb"]["SequenceNumber"]]
        assert found.calls.count("TransactWriteItems") == handler.ROUNDS


def test_what_cannot_be_read_is_never_raised() -> None:
    with cloud() as found, pytest.MonkeyPatch.context() as patch:
        put(redemption("P0STER"))

        def unreadable(_: object) -> None:
            raise Unreadable("Redemption", "does not fit")

        patch.setattr(redemptions_table, "of_order", unreadable)
        patch.setattr(redemptions_table, "of_items", unreadable)

        assert deliver(found.records("Redemptions")) == []
        assert found.parked == ["Unreadable('Redemption does not fit')"]
