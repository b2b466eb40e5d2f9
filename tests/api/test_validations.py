"""Does a shop get what the terms give, once, within the limits, and does the ledger hear of it?"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from functions.api.validations import count, handler, verbs
from functions.api.validations.handler import ROUTES
from functions.sources.direct import hear
from tests import cloud
from tests.api.calls import Answered, answered, event
from tests.register.saying import listed, loaded
from vouchsafe.edge import (
    clock,
    facts_table,
    keys_table,
    orders_table,
    redemptions_table,
    secrets,
    touchpoints_table,
    uses_table,
)
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.edge.uses_items import Seen
from vouchsafe.flow import guard
from vouchsafe.pure.business_day import DayRule
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.order import Order, fold
from vouchsafe.pure.redemption import derive
from vouchsafe.pure.register import (
    Account,
    Audience,
    Benefit,
    Campaign,
    Code,
    LimitTerm,
    Promotion,
    Segment,
    SegmentRule,
)
from vouchsafe.pure.register_entries import Entry
from vouchsafe.pure.rights import SCOPES, Right
from vouchsafe.pure.touchpoint import Touchpoint

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MADRID = DayRule("Europe/Madrid")
CAMPAIGN = Campaign(
    campaign_id="AUTUMN",
    name="Autumn",
    purpose="win back",
    owner="eva",
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 30),
    utm_source="",
    utm_medium="",
    utm_campaign="",
)
TEN = Promotion(
    promotion_id="TEN",
    campaign_id="AUTUMN",
    starts_on=CAMPAIGN.starts_on,
    ends_on=CAMPAIGN.ends_on,
    voucher_class="discount",
    owner="eva",
    purpose="win back",
    currency="EUR",
    benefit=Benefit(kind="percent", percent=Decimal(10)),
)


def given(name: str, **terms: Any) -> tuple[Entry, ...]:
    """A promotion that differs by these terms, with a code of its name."""
    promotion = replace(TEN, promotion_id=name, **terms)
    return promotion, Code(canonical=canonical(name), raw=name, promotions=(name,))


class Shop:
    """A shop with a key, and the register that it meets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, platform: str = "direct") -> None:
        self.now = NOON
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(verbs, "_register", RegisterReader(kept_s=0))
        keys_table.forget()
        uses_table.forget()
        self.platform = platform
        self.key = self._made(platform, SCOPES)
        self._version = 0

    def _made(self, platform: str, scopes: frozenset[Right]) -> str:
        made = keys_table.drawn("web", scopes, platform, "webshop", "person:ana", NOON)
        keys_table.keep(made)
        return made.text

    def knows(self, *entries: Entry) -> None:
        self._version += 1
        account = Account(platform=self.platform, account="webshop", currency="EUR", days=MADRID)
        loaded(account, CAMPAIGN, *entries, version=self._version)

    def with_scopes(self, *scopes: Right) -> "Shop":
        self.key = self._made(self.platform, frozenset(scopes))
        return self

    def call(self, method: str, path: str, body: object = None, **said: Any) -> Answered:
        told = event(method, f"/vouchers{path}", body, authorization=f"Bearer {self.key}", **said)
        return answered(handler.handle, told)

    def asks(self, verb: str, *codes: str, **order: Any) -> Answered:
        said = {"codes": codes, "order": an_order(**order)}
        return self.call("POST", f"/{verb}", said)

    def ends(self, verb: str, order_id: str = "W1", **body: Any) -> Answered:
        return self.call("POST", f"/orders/{order_id}/{verb}", body)

    def states(self, order_id: str = "W1") -> dict[str, str]:
        found = self.call("GET", f"/orders/{order_id}").body["vouchers"]
        return {each["code"]: each["state"] for each in found}

    def ledger(self, order_id: str = "W1") -> Order:
        """The order as the ledger has it, once the queue was worked off."""
        worked_off()
        key = OrderKey(platform=self.platform, account="webshop", order_id=order_id)
        order = fold(facts_table.of_order(key.text()))
        assert order is not None
        return order


def an_order(**said: Any) -> dict[str, Any]:
    default: dict[str, Any] = {
        "order_id": "W1",
        "currency": "EUR",
        "lines": [
            {"line_id": "1", "quantity": "2", "gross_minor": 5000, "sku": "MUG"},
            {"line_id": "2", "gross_minor": 2500, "sku": "TEA"},
        ],
        "customer": {"email": "Ann+x@example.com"},
    }
    return default | said


def worked_off() -> list[Any]:
    """Brings what was told into the ledger; the messages."""
    client = boto3.client("sqs", region_name=cloud.REGION)
    url = cloud.names()["DIRECT_HEAR_QUEUE_URL"]
    found = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            record = {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "eventSourceARN": f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:direct_hear",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": each["Body"],
            }
            assert hear.handle({"Records": [record]}, None) == {"batchItemFailures": []}
            client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            found.append(json.loads(each["Body"]))
    return found


@pytest.fixture
def shop(aws: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop(monkeypatch)
    made.knows(*given("TEN"))
    return made


def reason(answer: Answered) -> str:
    (refusal,) = answer.body["refusals"]
    return str(refusal["reason"])


def test_a_code_is_looked_at_and_nothing_is_taken(shop: Shop) -> None:
    found = shop.asks("validate", "ten")

    assert found.status == 200
    assert (found.body["outcome"], found.body["discount_minor"]) == ("all", 750)
    (offer,) = found.body["offers"]
    assert offer["allocation"] == [
        {"line_id": "1", "discount_minor": 500},
        {"line_id": "2", "discount_minor": 250},
    ]
    assert "state" not in offer
    assert offer["arithmetic"]
    assert shop.states() == {}
    assert list(uses_table.all_claims()) == []


def test_a_hold_is_the_orders_and_asked_again_it_is_the_same(shop: Shop) -> None:
    shop.knows(*given("ONE", limits=(LimitTerm(scope="promotion", period="ever", most=1),)))

    first, again = shop.asks("reserve", "ONE"), shop.asks("reserve", "ONE")
    other = shop.asks("reserve", "ONE", order_id="W2")

    assert first.body == again.body
    assert first.body["offers"][0]["until"] == "2026-11-20T12:30:00Z"
    assert (other.body["outcome"], reason(other)) == ("none", "usage_limit_reached")
    assert shop.states() == {"ONE": "reserved"}


def test_a_validation_does_not_count_the_orders_own_hold(shop: Shop) -> None:
    shop.knows(*given("ONE", limits=(LimitTerm(scope="promotion", period="ever", most=1),)))
    shop.asks("reserve", "ONE")

    assert shop.asks("validate", "ONE").body["outcome"] == "all"
    assert reason(shop.asks("validate", "ONE", order_id="W2")) == "usage_limit_reached"


def of_two_promotions(shop: Shop) -> None:
    """A code that gives half to the first, and ten percent to everybody after."""
    once = (LimitTerm(scope="promotion", period="ever", most=1),)
    half, _ = given("HALF", benefit=Benefit(kind="percent", percent=Decimal(50)), limits=once)
    tenth, _ = given("TENTH")
    shop.knows(
        half, tenth, Code(canonical=canonical("TWO"), raw="TWO", promotions=("HALF", "TENTH"))
    )


def test_a_code_whose_promotion_is_full_takes_its_other_one(shop: Shop) -> None:
    of_two_promotions(shop)

    first = shop.asks("redeem", "TWO")
    second = shop.asks("redeem", "TWO", order_id="W2")

    assert [each.body["discount_minor"] for each in (first, second)] == [3750, 750]


def test_a_code_that_loses_a_race_takes_its_other_promotion(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_two_promotions(shop)
    shop.asks("redeem", "TWO")
    before_the_race = Seen(None, {})
    monkeypatch.setattr(uses_table, "check", lambda *_: before_the_race)

    found = shop.asks("redeem", "TWO", order_id="W2")

    assert found.body["discount_minor"] == 750
    assert found.body["refusals"] == []


def test_what_is_held_under_one_promotion_is_redeemed_under_it(shop: Shop) -> None:
    of_two_promotions(shop)
    shop.asks("reserve", "TWO")
    shop.asks("reserve", "TWO", order_id="W2")
    shop.ends("release")

    found = shop.asks("redeem", "TWO", order_id="W2")

    assert found.body["discount_minor"] == 750
    assert shop.asks("redeem", "TWO", order_id="W3").body["discount_minor"] == 3750


def test_a_hold_that_is_over_makes_room(shop: Shop) -> None:
    shop.knows(*given("ONE", limits=(LimitTerm(scope="promotion", period="ever", most=1),)))
    shop.asks("reserve", "ONE")
    shop.now += timedelta(minutes=31)
    uses_table.forget()

    assert shop.asks("reserve", "ONE", order_id="W2").body["outcome"] == "all"
    assert shop.states() == {"ONE": "expired"}


def test_a_released_hold_gives_its_use_back(shop: Shop) -> None:
    shop.knows(*given("ONE", limits=(LimitTerm(scope="promotion", period="ever", most=1),)))
    shop.asks("reserve", "ONE")

    assert shop.ends("release").body["vouchers"][0]["state"] == "released"
    assert shop.asks("redeem", "ONE", order_id="W2").body["outcome"] == "all"


def test_a_redeemed_order_stands_in_the_ledger_with_its_frozen_shares(shop: Shop) -> None:
    shop.asks("reserve", "TEN")
    shop.asks("redeem", "TEN")

    order = shop.ledger()
    assert (order.stage, order.discount_minor, order.total_minor) == ("open", 750, 6750)
    (projected,) = derive(order, RegisterReader()).redemptions
    assert (projected.code, projected.state, projected.discount_minor) == ("TEN", "redeemed", 750)
    assert {line: share for line, share, _ in projected.allocation} == {"1": 500, "2": 250}


def test_the_whole_life_of_a_redemption_agrees_with_the_ledger(shop: Shop) -> None:
    steps: list[tuple[Any, str, str]] = [
        (lambda: shop.asks("redeem", "TEN"), "redeemed", "redeemed"),
        (lambda: shop.ends("confirm"), "confirmed", "confirmed"),
        (lambda: back("r1", ("1", "1")), "partially_returned", "partially_returned"),
        (lambda: back("r2", ("1", "1"), ("2", "1")), "rolled_back", "rolled_back"),
    ]

    def back(return_id: str, *lines: tuple[str, str]) -> Answered:
        told = [{"line_id": line, "quantity": units} for line, units in lines]
        return shop.ends("return", return_id=return_id, lines=told)

    for step, state, in_ledger in steps:
        assert step().status == 200
        assert shop.states() == {"TEN": state}
        (row,) = derive(shop.ledger(), RegisterReader()).redemptions
        assert row.state == in_ledger
        (claim,) = uses_table.all_claims()
        assert claim.returned_minor == row.returned_minor


def test_a_return_pays_back_what_was_paid_for_the_units(shop: Shop) -> None:
    shop.asks("redeem", "TEN")
    shop.ends("confirm")
    one = [{"line_id": "1", "quantity": "1"}]

    first = shop.ends("return", return_id="r1", lines=one)
    again = shop.ends("return", return_id="r1", lines=one)

    assert first.body == again.body
    assert first.body["vouchers"][0]["returned_minor"] == 250
    assert shop.ledger().refunded_minor == 2250


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([{"line_id": "9", "quantity": "1"}], "lines[0].line_id"),
        ([{"line_id": "2", "quantity": "2"}], "lines[0].quantity"),
        ([{"line_id": "1", "quantity": "0"}], "lines[0].quantity"),
    ],
)
def test_a_return_of_what_was_not_bought_is_refused(
    shop: Shop, lines: list[dict[str, str]], field: str
) -> None:
    shop.asks("redeem", "TEN")
    shop.ends("confirm")

    found = shop.ends("return", return_id="r1", lines=lines)

    assert (found.status, found.body["field"]) == (400, field)
    assert shop.states() == {"TEN": "confirmed"}


def test_an_order_that_is_called_off_gives_its_use_back(shop: Shop) -> None:
    shop.knows(*given("ONE", limits=(LimitTerm(scope="promotion", period="ever", most=1),)))
    shop.asks("redeem", "ONE")

    assert shop.ends("rollback", because="no show").status == 200
    assert shop.ledger().stage == "reversed"
    assert shop.states() == {"ONE": "rolled_back"}
    assert shop.asks("redeem", "ONE", order_id="W2").body["outcome"] == "all"


def test_a_policy_may_keep_the_use_of_what_was_called_off(shop: Shop) -> None:
    one = (LimitTerm(scope="promotion", period="ever", most=1),)
    shop.knows(*given("ONE", limits=one, on_rollback="keep"))
    shop.asks("redeem", "ONE")
    shop.ends("rollback")

    assert reason(shop.asks("redeem", "ONE", order_id="W2")) == "usage_limit_reached"


def test_a_call_that_was_cut_short_is_made_whole_by_the_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ConnectionError("cut")

    with monkeypatch.context() as cut:
        cut.setattr(verbs.telling.queue, "send", broken)
        with pytest.raises(ConnectionError):
            shop.asks("redeem", "TEN")
    assert worked_off() == []

    shop.asks("redeem", "TEN")

    assert shop.ledger().discount_minor == 750
    assert len(list(uses_table.all_claims())) == 1


def test_told_twice_the_ledger_keeps_it_once(shop: Shop) -> None:
    shop.asks("redeem", "TEN")
    shop.asks("redeem", "TEN")
    key = OrderKey(platform="direct", account="webshop", order_id="W1")

    assert len(worked_off()) == 2
    assert len(list(facts_table.of_order(key.text()))) == 1


def test_a_till_of_its_own_tells_what_became_of_an_order(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(monkeypatch, "square")
    shop.knows(*given("TEN"))

    assert shop.asks("redeem", "TEN").body["outcome"] == "all"
    assert worked_off() == []
    found = shop.ends("confirm")
    assert found.status == 409
    assert "told by its till" in found.body["detail"]


def test_what_an_order_holds_is_not_thrown_out(shop: Shop) -> None:
    shop.knows(*given("ALONE", stacking="exclusive", priority=9))
    shop.asks("reserve", "TEN")

    found = shop.asks("reserve", "ALONE")

    assert reason(found) in ("not_combinable", "no_effect")
    assert shop.states() == {"TEN": "reserved"}


def test_another_cart_wants_the_hold_released_first(shop: Shop) -> None:
    shop.asks("reserve", "TEN")
    lines = [{"line_id": "1", "gross_minor": 100}]

    assert shop.asks("reserve", "TEN", lines=lines).status == 409
    assert shop.asks("redeem", "TEN", lines=lines).body["discount_minor"] == 10


def test_a_budget_of_money_is_kept_to_the_cent(shop: Shop) -> None:
    shop.knows(*given("RICH", budget_minor=1500))

    told = [shop.asks("redeem", "RICH", order_id=f"W{number}") for number in range(3)]

    assert [each.body["outcome"] for each in told] == ["all", "all", "none"]
    assert reason(told[2]) == "budget_exhausted"


def test_what_has_brought_in_its_goal_is_offered_no_more_until_something_comes_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count, "_register", RegisterReader(kept_s=0))
    shop.knows(*given("EARN", revenue_goal_minor=6750))
    shop.asks("redeem", "EARN")
    shop.ends("confirm")
    assert shop.asks("validate", "EARN", order_id="W2").body["outcome"] == "all"
    counted(shop, "W1")

    full = shop.asks("redeem", "EARN", order_id="W2")
    shop.ends("rollback")
    after = shop.asks("redeem", "EARN", order_id="W2")

    assert (reason(full), full.body["refusals"][0]["term"]) == ("budget_exhausted", "revenue_goal")
    assert "brought in all" in full.body["refusals"][0]["detail"]
    assert after.body["outcome"] == "all"


def counted(shop: Shop, order_id: str) -> None:
    """The order's redemptions as the ledger has them, told to where limits are kept."""
    for row in derive(shop.ledger(order_id), RegisterReader(kept_s=0)).redemptions:
        redemptions_table.put(row, 1)
        body = json.dumps({"order": row.key.text(), "item": row.item_id()})
        record = {
            "messageId": "1",
            "receiptHandle": "1",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:uses",
            "body": body,
        }
        assert count.handle({"Records": [record]}, None)["batchItemFailures"] == []


def test_a_customer_is_known_by_any_key(shop: Shop) -> None:
    shop.knows(*given("MINE", limits=(LimitTerm(scope="customer", period="ever", most=1),)))
    shop.asks("redeem", "MINE", customer={"email": "ann@example.com", "phone": "+34 1"})

    again = shop.asks("redeem", "MINE", order_id="W2", customer={"phone": "+341"})
    nobody = shop.asks("redeem", "MINE", order_id="W3", customer={})

    assert reason(again) == "customer_limit_reached"
    assert reason(nobody) == "identity_required"


def test_a_promotion_may_ask_for_a_reservation(shop: Shop) -> None:
    shop.knows(*given("HELD", requires_reservation=True))

    assert reason(shop.asks("redeem", "HELD")) == "reservation_required"
    shop.asks("reserve", "HELD")
    assert shop.asks("redeem", "HELD").body["outcome"] == "all"


def test_only_who_was_given_a_code_may_use_it_and_nobody_learns_that(shop: Shop) -> None:
    shop.knows(*given("GIFT", audience=Audience(kind="holder")))
    ann = secrets.identify()("email", "ann@example.com")
    assert ann is not None
    touchpoints_table.write(
        [
            Touchpoint(
                touchpoint_id="t1",
                customer=ann,
                seen_at=NOON - timedelta(days=3),
                kind="publication",
                code=canonical("GIFT"),
            )
        ]
    )

    assert shop.asks("redeem", "GIFT").body["outcome"] == "all"
    stranger = shop.asks("validate", "GIFT", order_id="W2", customer={"email": "b@example.com"})
    unknown = shop.asks("validate", "NOWHERE", order_id="W2")
    told = [{**each.body["refusals"][0], "code": ""} for each in (stranger, unknown)]
    assert told[0] == told[1] == {"code": "", "reason": "code_not_found"}


def test_only_who_is_on_the_list_gets_what_it_is_for(shop: Shop) -> None:
    vip = Segment(segment_id="VIP", name="Regulars", owner="eva")
    shop.knows(*given("VIPS", audience=Audience(kind="segment", segment_id="VIP")), vip)
    listed("VIP", secrets.identify()("email", "ann@example.com") or "")

    member = shop.asks("validate", "VIPS")
    stranger = shop.asks("validate", "VIPS", customer={"email": "bob@example.com"})
    nobody = shop.asks("validate", "VIPS", customer={})

    assert member.body["outcome"] == "all"
    assert (reason(stranger), reason(nobody)) == ("terms_not_met", "identity_required")
    assert stranger.body["refusals"][0]["term"] == "audience"


def test_rules_are_held_against_the_confirmed_orders_of_the_customer(shop: Shop) -> None:
    rules = (
        SegmentRule(kind="spent", least=6751),
        SegmentRule(kind="bought_sku", name="mug"),
        SegmentRule(kind="ordered_at", name="direct/webshop/"),
    )
    vip = Segment(segment_id="VIP", name="Regulars", owner="eva", currency="EUR", rules=rules)
    shop.knows(*given("VIPS", audience=Audience(kind="segment", segment_id="VIP")), vip)

    def ordered(order_id: str, *, confirmed: bool = True) -> None:
        shop.asks("redeem", "TEN", order_id=order_id)
        if confirmed:
            shop.ends("confirm", order_id)
        projected(shop, order_id)

    ordered("W1")
    assert reason(shop.asks("validate", "VIPS", order_id="W9")) == "terms_not_met"
    ordered("W2", confirmed=False)
    assert reason(shop.asks("validate", "VIPS", order_id="W9")) == "terms_not_met"
    ordered("W2")

    assert shop.asks("validate", "VIPS", order_id="W9").body["outcome"] == "all"
    assert reason(shop.asks("validate", "VIPS", order_id="W2")) == "terms_not_met"
    stranger = shop.asks("validate", "VIPS", order_id="W9", customer={"email": "b@example.com"})
    assert reason(stranger) == "terms_not_met"


def projected(shop: Shop, order_id: str) -> None:
    """The ledger's order as it stands, where validations look for it."""
    order = shop.ledger(order_id)
    orders_table.put(order, MADRID.day_of(order.placed_at), 1)


def test_the_codes_given_to_a_customer_join_the_typed_ones(shop: Shop) -> None:
    shop.knows(*given("GIFT", benefit=Benefit(kind="percent", percent=Decimal(30))))
    test_key = secrets.identify()("email", "ann@example.com") or ""
    touchpoints_table.write(
        [
            Touchpoint(
                touchpoint_id="t1",
                customer=test_key,
                seen_at=NOON - timedelta(days=3),
                kind="publication",
                code=canonical("GIFT"),
            )
        ]
    )

    found = shop.asks("best", "TEN")

    assert {each["code"] for each in found.body["offers"]} == {"TEN", canonical("GIFT")}
    assert list(uses_table.all_claims()) == []


def test_a_customers_first_order_is_told_from_the_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vouchsafe.edge import orders_table

    shop.knows(*given("HELLO", audience=Audience(kind="new")))
    shop.asks("redeem", "TEN", order_id="W0")
    order = shop.ledger("W0")

    assert shop.asks("validate", "HELLO", order_id="W0").body["outcome"] == "all"
    orders_table.put(order, date(2026, 11, 20), 1)
    assert shop.asks("validate", "HELLO", order_id="W0").body["outcome"] == "all"
    assert reason(shop.asks("validate", "HELLO", order_id="W2")) == "terms_not_met"


def test_guessing_is_held_up_by_session(shop: Shop) -> None:
    def guess(session: str, code: str = "NOPE") -> str:
        body = {"codes": [code], "order": an_order(), "session": session}
        found = shop.call("POST", "/validate", body)
        return reason(found) if found.body["refusals"] else "good"

    told = [guess("s1", f"NOPE{number}") for number in range(guard.STEP_UP_AFTER + 1)]

    assert told == ["code_not_found"] * guard.STEP_UP_AFTER + ["step_up_required"]
    assert guess("s1", "TEN") == "step_up_required"
    assert guess("s2", "TEN") == "good"
    shop.now += timedelta(minutes=10)
    assert guess("s1", "TEN") == "good"


def test_a_repeat_under_a_key_takes_nothing_twice(shop: Shop) -> None:
    body = {"codes": ["TEN"], "order": an_order()}

    told = [shop.call("POST", "/redeem", body, idempotency_key="k1") for _ in range(2)]

    assert told[0].body == told[1].body
    assert told[1].headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("scope", [None, "validate", "redeem"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_key_opens_what_its_scopes_open(shop: Shop, route: Any, scope: Right | None) -> None:
    if scope:
        shop.with_scopes(scope)
    else:
        shop.key = "vk_0123456789abcdef_guessed"
    path = route.path.removeprefix("/vouchers").replace("{order_id}", "W1")

    found = shop.call(route.method, path, {})

    expected = 401 if scope is None else 403 if scope != route.right else None
    assert found.status == expected or (expected is None and found.status not in (401, 403))


def test_a_shop_sees_its_own_orders_alone(shop: Shop) -> None:
    shop.asks("redeem", "TEN")
    other = keys_table.drawn("b", SCOPES, "direct", "elsewhere", "person:ana", NOON)
    keys_table.keep(other)
    shop.key = other.text

    assert shop.states() == {}
    assert shop.ends("confirm").status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"codes": [], "order": an_order()}, "codes"),
        ({"codes": ["X"] * 21, "order": an_order()}, "codes"),
        ({"codes": ["TEN"]}, "order"),
        ({"codes": ["TEN"], "order": an_order(currency="euro")}, "order.currency"),
        ({"codes": ["TEN"], "order": an_order(lines=[{"line_id": "1"}])}, "order.lines[0]"),
        ({"codes": ["TEN"], "order": an_order(platform="shopify")}, "order.platform"),
        ({"codes": ["TEN"], "order": an_order(placed_at="yesterday")}, "order.placed_at"),
    ],
)
def test_a_bad_body_names_its_field(shop: Shop, body: object, field: str) -> None:
    found = shop.call("POST", "/redeem", body)

    assert found.status == 400
    assert found.body["field"].startswith(field)
    assert list(uses_table.all_claims()) == []


def test_an_order_of_an_impossible_name_is_not_there(shop: Shop) -> None:
    assert shop.ends("confirm", "W" * 3000).status == 404


def test_two_lines_of_one_name_are_refused(shop: Shop) -> None:
    line = {"line_id": "1", "gross_minor": 100}

    found = shop.asks("validate", "TEN", lines=[line, line])

    assert (found.status, found.body["field"]) == (400, "lines")


def test_a_clock_that_runs_ahead_opens_nothing_early(shop: Shop) -> None:
    shop.knows(*given("SOON", starts_on=date(2026, 11, 25)))

    found = shop.asks("validate", "SOON", placed_at="2026-11-26T12:00:00Z")

    assert reason(found) == "not_yet_active"


def test_no_word_of_a_person_is_kept_or_said(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.asks("reserve", "TEN", customer={"email": "canary@example.com", "phone": "+3461234canary"})
    shop.asks("redeem", "TEN", customer={"email": "canary@example.com", "phone": "+3461234canary"})

    kept = boto3.client("dynamodb", region_name=cloud.REGION).scan(TableName="Uses")["Items"]
    assert "canary" not in str(kept)
    assert "canary" not in capsys.readouterr().out
    assert "canary" not in str(worked_off())


def test_the_document_names_every_route(shop: Shop) -> None:
    found = shop.call("GET", "/openapi.json")

    assert {route.path for route in ROUTES} == set(found.body["paths"])
    assert found.body["components"]["schemas"]["RefusalTold"]["properties"]["reason"]["enum"]
