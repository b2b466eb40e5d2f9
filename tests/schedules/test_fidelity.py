"""Is a settled day judged, kept, told and exported, and an unsettled one left alone?"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest

from console import fidelity as console
from console import stack
from functions.schedules.export.day import exported, keys_of
from functions.schedules.fidelity.handler import handle
from tests import cloud
from tests.pure.registers import Shelf
from tests.pure.saying import bill, code, fact
from tests.register.saying import loaded
from vouchsafe.edge import (
    clock,
    cursors_table,
    fidelity_table,
    orders_table,
    queue,
    redemptions_table,
    reports_bucket,
    sightings_table,
    topic,
)
from vouchsafe.flow.record_sighted import record_sighted
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.fidelity import CodeFidelity, DayFidelity
from vouchsafe.pure.happening import Happening
from vouchsafe.pure.order import fold
from vouchsafe.pure.redemption import derive
from vouchsafe.pure.register import Account
from vouchsafe.pure.sighting import Sighting
from vouchsafe.pure.sweeping import Progress

DAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
MADRID = DayRule("Europe/Madrid")
SHOP = Account(
    platform="woocommerce",
    account="shop",
    currency="EUR",
    days=MADRID,
    front_end="google_analytics/web",
)
FRONT_END = Account(
    platform="google_analytics", account="web", currency="EUR", days=DayRule("America/New_York")
)


@pytest.fixture
def heard(aws: None, monkeypatch: pytest.MonkeyPatch) -> list[Happening]:
    told: list[Happening] = []
    monkeypatch.setattr(topic, "publish", told.append)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    loaded(SHOP, FRONT_END, Account(platform="toast", account="bar", currency="EUR", days=MADRID))
    return told


def swept(until: datetime = NOW, *, done: bool = True) -> None:
    progress = Progress(start=until - timedelta(days=2), end=until, done=done)
    cursors_table.put("google_analytics", "web", "sweep", progress, NOW)


def buy(order_id: str, placed_at: datetime = datetime(2026, 11, 16, 12, tzinfo=UTC)) -> None:
    said = bill(
        currency="EUR",
        placed_at=placed_at,
        updated_at=placed_at,
        confirmed_at=placed_at,
        discounts=(code("TEN", 500, shares=(("mug", 500),)),),
        channel="checkout",
    )
    first = fact(said)
    key = replace(first.order, platform="woocommerce", account="shop", order_id=order_id)
    order = fold([replace(first, order=key)])
    assert order is not None
    projected = derive(order, Shelf())
    orders_table.put(order, projected.business_day, 1)
    for each in projected.rows():
        redemptions_table.put(each, 1)


def report(order_id: str, *codes: str, day: date = DAY) -> Sighting:
    return Sighting(
        platform="google_analytics",
        account="web",
        day=day,
        kind="purchased",
        sighting_id=f"of {order_id}",
        codes=codes or ("TEN",),
        transaction_id=order_id,
    )


def worked(**message: str) -> bool:
    event = {
        "Records": [
            {
                "messageId": "1",
                "receiptHandle": "1",
                "eventSourceARN": f"arn:aws:sqs:eu-west-1:{cloud.ACCOUNT_ID}:fidelity",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": json.dumps(message),
            }
        ]
    }
    return not handle(event, None)["batchItemFailures"]


def by_hand(day: date = DAY) -> bool:
    return worked(platform="woocommerce", account="shop", day=day.isoformat())


def kept() -> DayFidelity:
    (found,) = fidelity_table.of_days("woocommerce", "shop", DAY, DAY)
    return found


def queued(name: str) -> list[Any]:
    client = boto3.client("sqs", region_name=cloud.REGION)
    found = client.receive_message(
        QueueUrl=cloud.names()[f"{name}_QUEUE_URL"], MaxNumberOfMessages=10
    )
    return [json.loads(each["Body"]) for each in found.get("Messages", ())]


def test_a_settled_day_is_judged_and_exported_again(heard: list[Happening]) -> None:
    swept()
    buy("1")
    buy("2")
    record_sighted([report("1")])

    assert by_hand()

    (row,) = kept().codes
    assert (row.code, row.confirmed, row.reported) == ("TEN", 2, 1)
    assert row.missing == ("woocommerce#shop#2",)
    assert queued("EXPORT") == [{"day": "2026-11-16"}]
    assert heard == []


@pytest.mark.parametrize(
    "sweep",
    [
        lambda: None,
        lambda: swept(done=False),
        lambda: swept(datetime(2026, 11, 20, 4, 59, tzinfo=UTC)),
    ],
    ids=["never swept", "a sweep under way", "swept before it settled"],
)
def test_silence_of_a_front_end_that_was_not_asked_is_no_finding(
    heard: list[Happening], sweep: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(queue, "put_off", lambda _, seconds: waits.append(seconds))
    sweep()
    buy("1")

    assert not by_hand()

    assert waits == [1800]
    assert list(fidelity_table.of_days("woocommerce", "shop", DAY, DAY)) == []


def test_days_are_the_propertys(heard: list[Happening]) -> None:
    swept()
    buy("1", datetime(2026, 11, 16, 3, tzinfo=UTC))
    buy("2", datetime(2026, 11, 17, 3, tzinfo=UTC))

    assert by_hand()

    (row,) = kept().codes
    assert row.missing == ("woocommerce#shop#2",)


def test_the_clock_asks_for_every_shop_with_a_front_end(heard: list[Happening]) -> None:
    assert worked()

    assert queued("FIDELITY") == [
        {"platform": "woocommerce", "account": "shop", "day": "2026-11-16"}
    ]


def test_a_shop_without_a_front_end_is_refused_by_name(
    heard: list[Happening], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not worked(platform="toast", account="bar", day="2026-11-16")

    assert "account has no front end in the register: toast/bar" in capsys.readouterr().out


def test_judged_again_it_replaces_the_day_and_tells_nothing_new(heard: list[Happening]) -> None:
    swept()
    fidelity_table.put(a_day(date(2026, 11, 15), 60, 50))
    for number in range(40):
        buy(str(number))

    assert by_hand()
    record_sighted([report("1")])
    assert by_hand()
    assert by_hand()

    assert kept().reported() == 1
    assert [told.subject["reported"] for told in heard] == [0, 1, 1]
    assert len({told.id for told in heard}) == 2


def test_a_large_day_is_kept_whole(heard: list[Happening], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fidelity_table, "_PART", 1000)
    large = a_day(DAY, 30_000, 0)

    fidelity_table.put(large)
    fidelity_table.put(a_day(DAY + timedelta(days=1), 1, 0))

    assert kept() == large


def test_only_sightings_are_kept_by_that_way(heard: list[Happening]) -> None:
    with pytest.raises(Invalid, match="must be a sighting"):
        record_sighted([fact(bill())])


def test_a_sighting_is_new_once_and_changed_where_it_is_told_otherwise(
    heard: list[Happening],
) -> None:
    told = [report("1"), report("2")]

    assert record_sighted(told) == 2
    assert record_sighted(told) == 0
    assert record_sighted([report("1"), report("2", "TEN", "SHIP")]) == 1
    found = sightings_table.of_day("google_analytics", "web", DAY)
    assert [each.codes for each in found] == [("TEN",), ("TEN", "SHIP")]


def test_finance_finds_it_in_the_reports(heard: list[Happening]) -> None:
    swept()
    buy("1")
    by_hand()

    exported(DAY)

    csv = (reports_bucket.get(keys_of("fidelity", DAY)[1]) or b"").decode()
    (missing,) = [line for line in csv.splitlines() if ",missing," in line]
    assert missing.replace('"', "").split(",") == [
        *("woocommerce", "shop", "google_analytics/web", "2026-11-16"),
        *("", "TEN", "missing", "1", "woocommerce#shop#1"),
    ]


def test_a_person_reads_rate_and_orders(
    heard: list[Happening], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stack, "connected", dict)
    fidelity_table.put(a_day(DAY, 4, 3))

    assert console.main(["woocommerce", "shop", "--orders"]) == 0
    assert console.main(["woocommerce", "shop", "--since", "2026-11-17"]) == 1

    said = capsys.readouterr().out
    assert (
        "2026-11-16 google_analytics/web: 3 of 4 confirmed redemptions reported, 25.0% not" in said
    )
    assert "TEN: 3 of 4 reported, 1 missing, 0 without the code; applied 0" in said
    assert "missing TEN woocommerce#shop#0" in said
    assert "No day of woocommerce shop was judged then." in said


def a_day(day: date, confirmed: int, reported: int) -> DayFidelity:
    missing = tuple(f"woocommerce#shop#{number}" for number in range(confirmed - reported))
    row = CodeFidelity(
        location_id="", code="TEN", confirmed=confirmed, reported=reported, missing=missing
    )
    return DayFidelity(
        platform="woocommerce",
        account="shop",
        front_end="google_analytics/web",
        day=day,
        judged_at=NOW,
        codes=(row,),
    )
