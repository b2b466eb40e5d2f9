"""Is nothing left of a forgotten person in any table, and everything of everybody else?"""

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import boto3
import pytest

from functions.api.validations import count
from functions.schedules.export import handler as export
from functions.sources.shopify.forget import handle as forgets
from functions.streams.alarms import handler as alarms
from functions.streams.attribution import handler as attribution
from tests import cloud
from tests.api.room import call
from tests.api.test_conduct import rule, set_policy
from tests.api.test_validations import NOON, Shop, given, reason, worked_off
from tests.register.saying import listed
from vouchsafe.edge import (
    credits_table,
    facts_table,
    insight_table,
    orders_table,
    queue,
    redemptions_table,
    reports_bucket,
    secrets,
    touchpoints_table,
    uses_table,
)
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow.project import project
from vouchsafe.pure import credit, instant
from vouchsafe.pure.claim import recount
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.facts import Erasure, OrderKey
from vouchsafe.pure.register import Audience, LimitTerm, Segment

ANN = {"email": "ann@example.com", "phone": "+34600100200"}
BOB = {"email": "bob@example.com"}
TABLES = ("Redemptions", "Touchpoints")
Items = dict[tuple[str, str, str], Any]


@pytest.fixture
def shop(aws: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop(monkeypatch)
    per_customer = LimitTerm(scope="customer", period="day", most=1)
    made.knows(
        *given("TEN", customer_limit=9, limits=(per_customer,), on_rollback="keep"),
        *given("SIX", customer_limit=9, hold_minutes=60),
        *given("GIFT", audience=Audience(kind="holder")),
        Segment(segment_id="VIP", name="Regulars", owner="eva"),
    )
    monkeypatch.setattr(queue, "_delay", lambda _: 0)
    monkeypatch.setattr(queue, "put_off", lambda *_: None)
    for room in (alarms, attribution):
        monkeypatch.setattr(room, "_register", RegisterReader(kept_s=0))
    set_policy(rule(most=1))
    return made


def keys(person: Mapping[str, str]) -> list[str]:
    identify = secrets.identify()
    return [identify(kind, raw) or "" for kind, raw in person.items()]  # type: ignore[arg-type]


def lives(shop: Shop, person: Mapping[str, str], name: str) -> None:
    """All that somebody can leave: an order, a use refused, a hold, a list, a code, a standing."""
    said = [f"{kind}:{raw}" for kind, raw in person.items()]
    for number in (1, 2):
        order = f"{name}{number}"
        shop.asks("redeem", "TEN", order_id=order, customer=person)
        shop.ends("confirm", order)
        goes_through(shop)
    held = shop.asks("reserve", "SIX", order_id=f"{name}3", customer=person)
    assert held.body["outcome"] == "all"
    listed("VIP", *keys(person))
    body = {
        "promotion_id": "GIFT",
        "at": instant.text(NOON - timedelta(days=2)),
        "publications": [{"code": "GIFT", "to": said}],
    }
    call("eva", "POST", "/register/publications", body)


def goes_through(shop: Shop) -> None:
    """What the streams and queues do after the ledger has changed."""
    worked_off()
    with streamed():
        for order, _ in list(facts_table.all_orders()):
            project(order, RegisterReader(kept_s=0))
    counted()


@contextmanager
def streamed() -> Iterator[None]:
    before = {name: items(name) for name in TABLES}
    yield
    for name in TABLES:
        found = records(before[name], items(name))
        if found and name == "Redemptions":
            assert alarms.handle({"Records": found}, None) == {"batchItemFailures": []}
        if found:
            assert attribution.handle({"Records": found}, None) == {"batchItemFailures": []}


_sequence = iter(range(1, 10**6))


def records(before: Items, after: Items) -> list[dict[str, Any]]:
    found = []
    for place in before.keys() | after.keys():
        old, new = before.get(place), after.get(place)
        if old != new:
            one = old or new
            said = {
                "Keys": {"pk": one["pk"], "sk": one["sk"]},
                "SequenceNumber": str(next(_sequence)),
            }
            images = {"OldImage": old, "NewImage": new}
            found.append({"dynamodb": said | {k: v for k, v in images.items() if v}})
    return found


def items(table: str) -> Items:
    client = boto3.client("dynamodb")
    found: list[Any] = []
    for page in client.get_paginator("scan").paginate(TableName=table):
        found += page["Items"]
    return {(table, each["pk"]["S"], each.get("sk", {}).get("S", "")): each for each in found}


def text_of(table: str) -> str:
    """All that a table holds, what is packed unpacked."""
    return "\n".join(map(_text, items(table).values()))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return zlib.decompress(value).decode()
        except zlib.error:
            return value.decode()
    if isinstance(value, Mapping):
        return " ".join([*map(str, value), *map(_text, value.values())])
    return " ".join(map(_text, value)) if isinstance(value, list) else str(value)


def holding(person: Mapping[str, str]) -> set[str]:
    """The tables that hold anything of somebody."""
    hashes = [each.partition(":")[2] for each in keys(person)] + list(person.values())
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    return {each for each in tables if any(one in text_of(each) for one in hashes)}


def queued(name: str) -> dict[str, Any]:
    found = [
        {
            "messageId": str(number),
            "receiptHandle": "r",
            "eventSourceARN": f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:{name.lower()}",
            "attributes": {"ApproximateReceiveCount": "1"},
            "body": body,
        }
        for number, body in enumerate(cloud.sent(name))
    ]
    return {"Records": found}


def counted() -> list[Any]:
    answer: list[Any] = count.handle(queued("USES"), None)["batchItemFailures"]
    return answer


def asks(**said: Any) -> None:
    default = {
        "platform": "direct",
        "account": "webshop",
        "order_ids": (),
        "customer": (),
        "asked": "test",
        "whole_account": False,
    }
    body = asdict(Erasure(**(default | said)))
    boto3.client("sqs").send_message(
        QueueUrl=cloud.names()["FORGET_QUEUE_URL"], MessageBody=json.dumps(body)
    )


def forgotten(shop: Shop) -> None:
    with streamed():
        for _ in range(2):
            assert forgets(queued("FORGET"), None) == {"batchItemFailures": []}
    goes_through_with(shop, cloud_uses=cloud.sent("USES"))


def goes_through_with(shop: Shop, cloud_uses: list[str]) -> None:
    goes_through(shop)
    for body in cloud_uses:
        url = cloud.names()["USES_QUEUE_URL"]
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    assert counted() == []


def test_nothing_is_left_of_a_person_anywhere(shop: Shop) -> None:
    lives(shop, ANN, "A")
    everywhere = {
        "Alarms",
        "Facts",
        "Orders",
        "Redemptions",
        "Segments",
        "Standings",
        "Touchpoints",
        "Uses",
    }
    assert holding(ANN) == everywhere

    asks(customer=keys(ANN))
    forgotten(shop)

    assert holding(ANN) == set()


def test_everything_of_others_stays(shop: Shop) -> None:
    lives(shop, BOB, "B")
    shop.asks("redeem", "TEN", order_id="A1", customer=ANN)
    goes_through(shop)
    before = {each: items(each) for each in ("Facts", "Orders", "Redemptions", "Credits")}

    asks(customer=keys(ANN))
    forgotten(shop)

    assert holding(BOB) >= {"Alarms", "Facts", "Segments", "Standings", "Touchpoints", "Uses"}
    for table, held in before.items():
        of_bob = {place: each for place, each in held.items() if "#B" in place[1]}
        after = {place: each for place, each in items(table).items() if "#B" in place[1]}
        assert of_bob == after


def test_money_uses_and_sums_stay_and_a_rebuild_gives_the_same(shop: Shop) -> None:
    lives(shop, ANN, "A")
    money = {row.item_id(): row.discount_minor for row in redemptions_table.all_rows()}
    claims = {(each.order, each.code): each.state for each in uses_table.all_claims()}

    asks(customer=keys(ANN))
    forgotten(shop)

    assert {row.item_id(): row.discount_minor for row in redemptions_table.all_rows()} == money
    assert {(each.order, each.code): each.state for each in uses_table.all_claims()} == claims
    assert recount(uses_table.all_claims()) == uses_table.all_counters()
    assert credit.recount(each.credit for each in credits_table.all_credits()) == dict(
        insight_table.all_rows()
    )
    stands = {each: items(each) for each in ("Orders", "Redemptions", "Credits", "Insight")}
    goes_through(shop)
    assert {each: items(each) for each in stands} == stands


def test_asked_again_nothing_changes(shop: Shop) -> None:
    lives(shop, ANN, "A")
    asks(customer=keys(ANN))
    forgotten(shop)
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    before = {each: items(each) for each in tables}

    asks(customer=keys(ANN))
    forgotten(shop)

    assert {each: items(each) for each in tables} == before


def test_who_comes_again_begins_afresh(shop: Shop) -> None:
    lives(shop, ANN, "A")
    assert reason(shop.asks("redeem", "TEN", order_id="A9", customer=ANN))

    asks(customer=keys(ANN))
    forgotten(shop)

    assert shop.asks("redeem", "TEN", order_id="A9", customer=ANN).body["outcome"] == "all"


def test_a_code_stays_with_who_is_forgotten(shop: Shop) -> None:
    lives(shop, ANN, "A")
    asks(customer=keys(ANN))
    forgotten(shop)

    body = {
        "promotion_id": "GIFT",
        "at": instant.text(NOON),
        "publications": [{"code": "GIFT", "to": ["email:bob@example.com"]}],
    }
    assert call("eva", "POST", "/register/publications", body).status == 409
    (told,) = call("vera", "GET", "/register/publications", query={"code": "GIFT"}).body[
        "publications"
    ]
    assert told["to"] == "person"
    assert touchpoints_table.published(canonical("GIFT"))


def test_a_persons_named_orders_are_forgotten_with_what_they_used(shop: Shop) -> None:
    lives(shop, ANN, "A")

    asks(order_ids=("A1", "A2"))
    forgotten(shop)

    orders = {
        OrderKey(platform="direct", account="webshop", order_id=each).text()
        for each in ("A1", "A2")
    }
    assert all(not order.customer for order, _ in orders_table.all_orders())
    named = [
        each.scope()[0]
        for claim in uses_table.all_claims()
        for each in claim.limits
        if claim.order in orders
    ]
    assert "customer" not in named


def test_a_whole_account_is_forgotten(shop: Shop) -> None:
    lives(shop, ANN, "A")
    lives(shop, BOB, "B")

    asks(whole_account=True)
    forgotten(shop)

    for person in (ANN, BOB):
        assert not holding(person) & {"Alarms", "Facts", "Orders", "Redemptions", "Uses"}


def test_what_was_exported_is_exported_again_without_the_person(shop: Shop) -> None:
    lives(shop, ANN, "A")
    day = NOON.date()
    assert export.handle(record_of({"day": day.isoformat()}), None) == {"batchItemFailures": []}
    assert keys(ANN)[0] in exported()

    asks(customer=keys(ANN))
    forgotten(shop)
    assert export.handle(queued("EXPORT"), None) == {"batchItemFailures": []}

    assert keys(ANN)[0] not in exported()
    assert "A1" in exported()


def test_a_day_that_nobody_was_told_of_is_not_exported(shop: Shop) -> None:
    lives(shop, ANN, "A")

    asks(customer=keys(ANN))
    forgotten(shop)
    assert export.handle(queued("EXPORT"), None) == {"batchItemFailures": []}

    assert list(reports_bucket.all_keys("")) == []


def record_of(body: Mapping[str, Any]) -> dict[str, Any]:
    client = boto3.client("sqs")
    url = cloud.names()["EXPORT_QUEUE_URL"]
    client.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    return queued("EXPORT")


def exported() -> str:
    """What finance reads of orders and redemptions."""
    found = reports_bucket.all_keys("csv/")
    return "\n".join((reports_bucket.get(each) or b"").decode() for each in found)


def test_claims_wait_until_the_ledger_has_forgotten(shop: Shop) -> None:
    lives(shop, ANN, "A")
    body = {"forget": {"keys": keys(ANN)}}
    boto3.client("sqs").send_message(
        QueueUrl=cloud.names()["USES_QUEUE_URL"], MessageBody=json.dumps(body)
    )

    assert len(counted()) == 1
    assert "Uses" in holding(ANN)


def test_an_unknown_wish_is_no_wish_for_a_whole_account(shop: Shop) -> None:
    lives(shop, ANN, "A")
    body = {"platform": "direct", "account": "webshop", "order_ids": [], "customer": []}
    boto3.client("sqs").send_message(
        QueueUrl=cloud.names()["FORGET_QUEUE_URL"], MessageBody=json.dumps(body | {"asked": "x"})
    )

    assert len(forgets(queued("FORGET"), None)["batchItemFailures"]) == 1
    assert "Facts" in holding(ANN)
