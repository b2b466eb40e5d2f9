"""Does a switch reach every channel that can, undo its own alone, and name what it cannot?"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from functions.api.register.files import files_of
from functions.destinations.channels import deliver, shopify, square, woocommerce
from local.dealing import NORTH, SHOPIFY, SQUARE, Shop
from local.vendors.exchange import Throttle
from local.vendors.server import serving
from local.vendors.shopify import Admin
from local.vendors.square import Merchant
from local.vendors.woocommerce import Site
from tests import cloud
from tests.api.room import CAMPAIGN, PROMOTION, Rows
from vouchsafe.edge import channels_table, secrets, topic
from vouchsafe.flow.load import load
from vouchsafe.pure.channel import Found, Mark, Sought, Switchable
from vouchsafe.pure.errors import Refused, Unavailable

pytestmark = pytest.mark.usefixtures("aws", "in_no_hurry")

TOAST = {"platform": "toast", "account": "grill", "currency": "USD", "zone": "UTC"}
FAR = "2126-12-31T00:00:00Z"
OTHER = {**PROMOTION, "promotion_id": "OTHER"}


@dataclass
class Town:
    """Three shops with an API, and one till without."""

    shopify: Admin
    woocommerce: Site
    square: Merchant

    def shopify_ends_at(self, code: str) -> object:
        held = self.shopify.discounts.fields()["codeDiscountNodeByCode"](code=code)
        return held["codeDiscount"]["endsAt"] if isinstance(held, dict) else None

    def running(self) -> dict[str, bool]:
        """Whether WELCOME works at each of them."""
        ends_at = self.shopify_ends_at("WELCOME")
        return {
            "shopify": ends_at is None or str(ends_at) == FAR,
            "woocommerce": self.woocommerce.coupons[0]["status"] == "publish",
            "square": bool(self.square.catalog["D1"]["present_at_all_locations"]),
        }


EVERYWHERE = {"shopify": True, "woocommerce": True, "square": True}
NOWHERE = {"shopify": False, "woocommerce": False, "square": False}


@pytest.fixture
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr("vouchsafe.edge.turns_table._taken", lambda *_: 1)


@pytest.fixture
def town(aws: None) -> Iterator[Town]:
    queue_arn = f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:channels"
    boto3.client("sns").subscribe(
        TopicArn=os.environ["HAPPENINGS_TOPIC_ARN"],
        Protocol="sqs",
        Endpoint=queue_arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    there = Town(Admin(SHOPIFY, []), Site(NORTH, []), Merchant(SQUARE, []))
    there.shopify.discounts.offer("WELCOME", ends_at=FAR)
    there.woocommerce.offer("WELCOME")
    there.square.offer("D1", "Welcome deal")
    desks = {SHOPIFY: there.shopify, NORTH: there.woocommerce, SQUARE: there.square}
    with serving({f"/{shop.account}": desk for shop, desk in desks.items()}) as home:
        for shop in desks:
            connect(shop, f"{home}/{shop.account}")
        register(
            {
                "accounts": [TOAST, *map(account, desks)],
                "campaigns": [CAMPAIGN],
                "promotions": [PROMOTION],
                "codes": [code("WELCOME")],
                "aliases": [
                    {**place(SQUARE), "alias": "name:Welcome  DEAL", "code": "WELCOME"},
                ],
            }
        )
        yield there


def place(shop: Shop) -> dict[str, object]:
    return {"platform": shop.platform, "account": shop.account}


def account(shop: Shop) -> dict[str, object]:
    return {**place(shop), "currency": "USD", "zone": "UTC"}


def code(raw: str, promotion_id: str = "AUTUMN26-10") -> dict[str, object]:
    return {"code": raw, "promotion_id": promotion_id}


def connect(shop: Shop, url: str, api_key: str | None = None) -> None:
    said = {"api_url": url, "api_key": api_key or shop.api_key, "api_secret": shop.api_secret}
    name = f"{cloud.STACK}/{shop.platform}/{shop.account}"
    try:
        boto3.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(said))
    except boto3.client("secretsmanager").exceptions.ResourceExistsException:
        boto3.client("secretsmanager").put_secret_value(
            SecretId=name, SecretString=json.dumps(said)
        )
    secrets.forget()


def register(rows: Rows) -> None:
    outcome = load(files_of({kind: _texts(of_kind) for kind, of_kind in rows.items()}))
    assert not outcome.faults, outcome.faults


def _texts(rows: Any) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in row.items()} for row in rows]


def switched(status: str, promotion: Mapping[str, object] = PROMOTION) -> None:
    """The register switches; nobody has heard of it yet."""
    register({"promotions": [{**promotion, "status": status}]})


def brought(*bodies: str) -> list[str]:
    """Brings messages; those that come again."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "r",
            "eventSourceARN": f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:channels",
            "attributes": {"ApproximateReceiveCount": "1"},
            "body": body,
        }
        for number, body in enumerate(bodies)
    ]
    answer = deliver.handle({"Records": records}, None)
    return [bodies[int(each["itemIdentifier"])] for each in answer["batchItemFailures"]]


def heard() -> list[str]:
    """All that waits is worked off; the messages that come again."""
    again: list[str] = []
    while bodies := cloud.sent("CHANNELS"):
        again += brought(*bodies)
    return again


def told(promotion_id: str = "AUTUMN26-10") -> dict[str, Found]:
    """What became of the newest switch: by platform, of its discount where one was met."""
    found, _ = channels_table.found(promotion_id, None, 100)
    newest = [each for each in found if each.revision == found[0].revision]
    return {each.platform: each for each in sorted(newest, key=lambda each: each.object_id)}


def states(promotion_id: str = "AUTUMN26-10") -> dict[str, str]:
    return {platform: each.state for platform, each in told(promotion_id).items()}


def mark_of(shop: Shop, object_id: str) -> Mark:
    return channels_table.marks(shop.platform, shop.account)[object_id]


def test_a_pause_switches_codes_off_everywhere_and_says_where_it_cannot(town: Town) -> None:
    switched("paused")

    assert heard() == []

    assert town.running() == NOWHERE
    off = {"shopify": "off", "woocommerce": "off", "square": "off", "toast": "cannot"}
    assert states() == off
    assert "Toast Web" in told()["toast"].why
    shopify = told()["shopify"]
    assert (shopify.name, shopify.codes, shopify.status) == ("WELCOME", ("WELCOME",), "paused")
    assert FAR in shopify.before


def test_a_resume_puts_everything_back_as_it_was(town: Town) -> None:
    there = town.square.catalog["D1"]
    there |= {"present_at_all_locations": False, "present_at_location_ids": ["BAR"]}
    before = {**there}
    switched("paused")
    assert heard() == []
    assert "present_at_location_ids" not in town.square.catalog["D1"]

    switched("active")
    assert heard() == []

    assert states() == {"shopify": "on", "woocommerce": "on", "square": "on", "toast": "cannot"}
    assert town.shopify_ends_at("WELCOME") == FAR
    after = town.square.catalog["D1"]
    kept = set(before) - {"version", "updated_at", "is_deleted"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_what_somebody_else_switched_off_stays_off(town: Town) -> None:
    town.shopify.discounts.offer("EARLIER", ends_at="2026-02-01T00:00:00Z")
    town.square.catalog["D1"]["present_at_all_locations"] = False
    register({"codes": [code("EARLIER")]})

    switched("paused")
    heard()
    switched("active")
    heard()

    assert town.shopify_ends_at("EARLIER") == "2026-02-01T00:00:00Z"
    assert states()["square"] == "off_before"
    assert town.square.catalog["D1"]["version"] == 1


def test_a_code_that_also_stands_for_what_runs_is_left_on(town: Town) -> None:
    register({"promotions": [OTHER], "codes": [code("WELCOME", "OTHER")]})

    switched("paused")
    heard()

    assert town.running() == EVERYWHERE
    assert states()["shopify"] == "shared"
    assert "OTHER" in told()["shopify"].why
    switched("paused", OTHER)
    heard()
    assert town.running() == NOWHERE
    switched("active")
    heard()
    assert town.running() == EVERYWHERE


def test_a_discount_that_also_honours_what_runs_is_left_on(town: Town) -> None:
    town.shopify.discounts.offer("MINE", "THEIRS")
    register({"promotions": [OTHER], "codes": [code("MINE"), code("THEIRS", "OTHER")]})

    switched("paused")
    heard()

    assert town.shopify_ends_at("MINE") is None


def test_a_pause_that_comes_after_the_resume_changes_nothing(town: Town) -> None:
    switched("paused")
    late = cloud.sent("CHANNELS")
    switched("active")
    heard()

    brought(*late)
    heard()

    assert town.running() == EVERYWHERE
    assert town.square.catalog["D1"]["version"] == 1


def test_a_switch_that_comes_twice_is_made_once(town: Town) -> None:
    switched("paused")
    (happening,) = cloud.sent("CHANNELS")

    for _ in range(2):
        brought(happening)
        heard()

    assert town.square.catalog["D1"]["version"] == 2
    assert states()["square"] == "off"
    switched("active")
    heard()
    assert town.running() == EVERYWHERE


def test_a_shop_that_does_not_let_us_is_named_and_holds_up_no_other(town: Town) -> None:
    where = json.loads(secrets._asked(f"shopify/{SHOPIFY.account}") or "")["api_url"]
    connect(SHOPIFY, where, "another")
    switched("paused")

    assert heard() == []

    assert town.running() == {**NOWHERE, "shopify": True}
    assert states()["shopify"] == "not_reached"
    assert "401" in told()["shopify"].why
    boto3.client("secretsmanager").delete_secret(
        SecretId=f"{cloud.STACK}/square/{SQUARE.account}", ForceDeleteWithoutRecovery=True
    )
    secrets.forget()
    switched("active")
    heard()
    assert told()["square"].why == "no connection is configured"


def test_a_shop_that_does_not_answer_is_asked_again(town: Town) -> None:
    where = json.loads(secrets._asked(f"square/{SQUARE.account}") or "")["api_url"]
    connect(SQUARE, "http://127.0.0.1:9")
    switched("paused")

    again = heard()

    assert [json.loads(each)["platform"] for each in again] == ["square"]
    assert states()["square"] == "not_reached"
    connect(SQUARE, where)
    assert brought(*again) == []
    assert town.running() == NOWHERE


def test_a_switch_that_was_cut_short_is_still_undone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_off = square.Merchant.switch_off

    def cut_short(merchant: square.Merchant, held: Switchable) -> None:
        switch_off(merchant, held)
        raise KeyboardInterrupt

    switched("paused")
    brought(*cloud.sent("CHANNELS"))
    (at_square,) = [each for each in cloud.sent("CHANNELS") if '"square"' in each]
    with monkeypatch.context() as patched:
        patched.setattr(square.Merchant, "switch_off", cut_short)
        with pytest.raises(KeyboardInterrupt):
            brought(at_square)
    assert not town.running()["square"]

    switched("active")
    heard()

    assert town.running() == EVERYWHERE


def test_what_a_shop_refused_to_switch_off_is_not_ours_to_switch_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Refused("the vendor answered 403 INSUFFICIENT_SCOPES")

    switched("paused")
    with monkeypatch.context() as patched:
        patched.setattr(square.Merchant, "switch_off", refuse)
        assert heard() == []
    assert told()["square"].why == "the vendor answered 403 INSUFFICIENT_SCOPES"
    town.square.catalog["D1"]["present_at_all_locations"] = False

    switched("active")
    heard()

    assert town.running() == {**EVERYWHERE, "square": False}


def test_what_was_done_before_a_failure_is_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.shopify.discounts.offer("XYZ")
    register({"codes": [code("XYZ")]})
    switch_off = shopify.Shop.switch_off

    def once(shop: shopify.Shop, held: Switchable) -> None:
        if held.name == "XYZ":
            raise Unavailable("no answer")
        switch_off(shop, held)

    monkeypatch.setattr(shopify.Shop, "switch_off", once)
    switched("paused")

    assert len(heard()) == 1

    found, _ = channels_table.found("AUTUMN26-10", None, 100)
    of_shopify = {each.name: each.state for each in found if each.platform == "shopify"}
    assert of_shopify == {"WELCOME": "off", "": "not_reached"}


def test_a_switch_in_the_middle_of_the_work_is_worked_off_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = woocommerce.Site.find

    def meanwhile(site: woocommerce.Site, sought: Sought) -> Iterator[Switchable]:
        monkeypatch.undo()
        switched("active")
        return find(site, sought)

    switched("paused")
    brought(*cloud.sent("CHANNELS"))
    (at_north,) = [each for each in cloud.sent("CHANNELS") if '"woocommerce"' in each]
    monkeypatch.setattr(woocommerce.Site, "find", meanwhile)

    again = brought(at_north)

    assert again == [at_north]
    assert not town.running()["woocommerce"]
    brought(*again)
    assert town.running()["woocommerce"]


def test_who_is_overtaken_looks_again(town: Town) -> None:
    switched("paused")
    heard()
    mark = mark_of(SQUARE, "D1")
    channels_table.put(
        Mark(**{name: getattr(mark, name) for name in mark.__slots__} | {"revision": 99})
    )
    switched("active")

    again = heard()

    assert [json.loads(each)["platform"] for each in again] == ["square"]
    assert mark_of(SQUARE, "D1").off


def test_of_many_codes_some_are_looked_up_and_the_rest_is_named(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "MOST_CODES", 20)
    many = [f"PERSONAL{number:03d}" for number in range(25)]
    town.shopify.discounts.offer(*many)
    register({"codes": [code(each) for each in many]})

    switched("retired")
    heard()

    assert town.shopify_ends_at("PERSONAL024") is not None
    found, _ = channels_table.found("AUTUMN26-10", None, 100)
    (shop,) = [each for each in found if each.platform == "shopify" and not each.object_id]
    assert shop.state == "reached"
    assert "20 were looked up" in shop.why


def test_a_shop_that_asks_for_patience_is_waited_for(town: Town) -> None:
    many = [f"PERSONAL{number:03d}" for number in range(10)]
    for each in many:
        town.shopify.discounts.offer(each)
    register({"codes": [code(each) for each in many]})
    switched("paused")
    town.shopify._throttle = Throttle(3)

    assert heard() == []

    assert all(town.shopify_ends_at(each) is not None for each in many)


def test_a_load_that_was_killed_before_it_told_tells_when_it_is_finished(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_: object) -> None:
        raise Unavailable("topic: no answer")

    with monkeypatch.context() as patched:
        patched.setattr(topic, "publish", deaf)
        with pytest.raises(Unavailable):
            switched("paused")
    assert cloud.sent("CHANNELS") == []

    register({"codes": [code("ANOTHER")]})

    assert heard() == []
    assert town.running() == NOWHERE


def test_only_a_switch_is_told(town: Town) -> None:
    register({"promotions": [{**PROMOTION, "owner": "emil"}], "codes": [code("LATER")]})
    register({"promotions": [{**OTHER, "status": "paused"}]})

    assert cloud.sent("CHANNELS") == []
