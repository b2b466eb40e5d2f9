"""Does the claims policy hold codes back from whom it is about, and from nobody else?"""

import json
from datetime import timedelta
from functools import partial
from typing import Any

import boto3
import pytest

from functions.api.validations import conduct, count
from tests import cloud
from tests.api.calls import Answered
from tests.api.test_validations import NOON, Shop, given, reason
from vouchsafe.edge import audit_table, clock, secrets, standings_table, uses_table
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.facts import OrderKey
from vouchsafe.pure.policy import By, Policy, Rule, Signal, Step
from vouchsafe.pure.redemption import Redemption
from vouchsafe.pure.register import LimitTerm
from vouchsafe.pure.standing import Measure, Standing, imposed


def rule(
    signal: Signal = "claims", by: By = "customer", most: int = 1, up_to: Step = "exclude"
) -> Rule:
    return Rule(signal=signal, by=by, most=most, days=7, up_to=up_to)


def set_policy(*rules: Rule, **said: int) -> None:
    deed = Deed(who="adam", at=NOON, what="claims_policy_set", subjects=("setting:claims-policy",))
    version = standings_table.read([]).policy.version + 1
    policy = Policy(rules=rules, version=version, **said)
    audit_table.append(deed, partial(standings_table.put_policy, policy))


@pytest.fixture
def shop(aws: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop(monkeypatch)
    made.knows(*given("TEN"), *given("SIX"))
    set_policy(rule())
    return made


def key_of(email: str = "ann@example.com") -> str:
    key = secrets.identify()("email", email)
    assert key is not None
    return key


def standing(key: str | None = None) -> Standing:
    return standings_table.read([key or key_of()], newest=True).standings[0]


def redeems(shop: Shop, number: int, code: str = "TEN", **order: Any) -> Answered:
    return shop.asks("redeem", code, order_id=f"W{number}", **order)


def excluded(shop: Shop) -> None:
    """Three breaches of two claims each; the last by another code, for the first is blocked."""
    for number in range(4):
        assert redeems(shop, number).body["outcome"] == "all"
    for number in (4, 5):
        assert redeems(shop, number, "SIX").body["outcome"] == "all"


def test_a_flag_lets_pass_and_is_shown_to_the_shops_staff(shop: Shop) -> None:
    first, second = redeems(shop, 1), redeems(shop, 2)

    assert (first.body["outcome"], second.body["outcome"]) == ("all", "all")
    assert "measures" not in first.body
    assert second.body["measures"] == [
        {
            "step": "flag",
            "until": "2026-12-20T12:00:00Z",
            "why": "2 claims by one customer within 7 days; more than 1 are a breach.",
        }
    ]
    assert redeems(shop, 3).body["outcome"] == "all"


def test_what_speaks_for_fraud_is_shown_with_its_reasons(shop: Shop) -> None:
    set_policy(rule(most=3))

    assert "fraud" not in shop.asks("validate", "TEN").body
    assert redeems(shop, 1).body["fraud"] == {
        "score": 5,
        "parts": [
            {
                "signal": "claims",
                "points": 5,
                "weight": 20,
                "says": "1 of the 4 claims by one customer within 7 days that are a breach.",
            }
        ],
    }
    assert redeems(shop, 2).body["fraud"]["score"] == 10
    other = redeems(shop, 3, customer={"email": "bob@example.com"})
    assert other.body["fraud"]["score"] == 5


def test_the_next_breach_holds_its_code_back_and_no_other(shop: Shop) -> None:
    for number in range(4):
        redeems(shop, number)

    found = redeems(shop, 5)
    assert (found.body["outcome"], reason(found)) == ("none", "terms_not_met")
    (refusal,) = found.body["refusals"]
    assert refusal["term"] == "claims_policy"
    assert refusal["detail"] == "This code is held back from this customer until 2026-12-20."
    assert redeems(shop, 6, "SIX").body["outcome"] == "all"
    assert shop.states("W5") == {}


def test_who_is_excluded_learns_nothing_of_which_codes_there_are(shop: Shop) -> None:
    excluded(shop)

    for verb in ("validate", "best", "reserve", "redeem"):
        found = shop.asks(verb, "TEN", "SIX", "N0THERE", order_id="W9")
        assert found.body["outcome"] == "none"
        assert {each["reason"] for each in found.body["refusals"]} == {"terms_not_met"}
        assert len({each["detail"] for each in found.body["refusals"]}) == 1
    assert shop.states("W9") == {}


def test_it_is_over_when_its_time_is_over(shop: Shop) -> None:
    excluded(shop)
    shop.knows(*given("TEN", ends_on=NOON.date() + timedelta(days=400)))

    shop.now = NOON + timedelta(days=90, seconds=-1)
    assert redeems(shop, 9).body["outcome"] == "none"
    shop.now = NOON + timedelta(days=90)
    assert redeems(shop, 9).body["outcome"] == "all"


def test_another_customer_is_not_met(shop: Shop) -> None:
    excluded(shop)

    other = redeems(shop, 9, customer={"email": "bob@example.com"})

    assert other.body["outcome"] == "all"
    assert "measures" not in other.body


def test_what_an_order_holds_is_redeemed_all_the_same(shop: Shop) -> None:
    shop.asks("reserve", "TEN", order_id="H1")
    for number in range(3):
        redeems(shop, number)
    for number in (4, 5):
        redeems(shop, number, "SIX")
    assert redeems(shop, 6).body["outcome"] == "none"

    assert shop.asks("redeem", "TEN", order_id="H1").body["outcome"] == "all"


def test_a_claim_that_is_asked_again_counts_once(shop: Shop) -> None:
    for _ in range(5):
        shop.asks("reserve", "TEN")
        shop.asks("redeem", "TEN")

    assert standing().measures == ()
    assert [each.claim_id() for each in standing().signs] == ["direct#webshop#W1#TEN"]


def test_a_validation_adds_nothing(shop: Shop) -> None:
    for number in range(5):
        shop.asks("validate", "TEN", order_id=f"W{number}")

    assert standing().version == 0


def test_guesses_count_even_where_nothing_is_taken(shop: Shop) -> None:
    set_policy(rule("guesses"))

    shop.asks("validate", "WR0NG")
    shop.asks("validate", "WR0NG")
    assert standing().measures == ()
    found = shop.asks("validate", "WRONGER")

    assert [each["step"] for each in found.body["measures"]] == ["flag"]


def test_refusals_for_a_customers_limit_count(shop: Shop) -> None:
    once = LimitTerm(scope="customer", period="ever", most=1)
    shop.knows(*given("ONE", limits=(once,)))
    set_policy(rule("limit_refusals"))
    redeems(shop, 1, "ONE")

    for number in (2, 3):
        assert reason(redeems(shop, number, "ONE")) == "customer_limit_reached"

    (measure,) = standing().measures
    assert measure.evidence == ("direct#webshop#W2#ONE", "direct#webshop#W3#ONE")


def test_what_is_called_off_after_its_use_counts_once(shop: Shop) -> None:
    set_policy(rule("rollbacks"))
    for number in (1, 2):
        redeems(shop, number)
        shop.ends("rollback", f"W{number}", because="changed his mind")
        shop.ends("rollback", f"W{number}", because="changed his mind")

    (measure,) = standing().measures
    assert measure.evidence == ("direct#webshop#W1#TEN", "direct#webshop#W2#TEN")


def test_what_comes_back_as_a_whole_counts_as_called_off(shop: Shop) -> None:
    set_policy(rule("rollbacks", most=5))
    redeems(shop, 1)
    shop.ends("confirm", "W1")
    line = {"line_id": "2", "quantity": "1"}

    shop.ends("return", "W1", return_id="R1", lines=[line])
    assert standing().signs == ()
    shop.ends("return", "W1", return_id="R2", lines=[{"line_id": "1", "quantity": "2"}])

    assert [each.signal for each in standing().signs] == ["rollbacks"]


def test_devices_and_cards_have_standings_of_their_own(shop: Shop) -> None:
    set_policy(rule(by="device", up_to="flag"), rule(by="card"))
    tablet: dict[str, Any] = {"device": "tablet"}

    redeems(shop, 1, **tablet)
    other = redeems(shop, 2, customer={"email": "bob@example.com"}, **tablet)
    assert [each["why"] for each in other.body["measures"]] == [
        "2 claims by one device within 7 days; more than 1 are a breach."
    ]
    card = {"card_fingerprint": "f00"}
    redeems(shop, 3, customer=card)
    assert "one card" in redeems(shop, 4, customer=card).body["measures"][0]["why"]


def test_what_a_person_wrote_of_a_customer_stays_in_the_control_room(shop: Shop) -> None:
    said = Measure(step="flag", at=NOON, until=NOON + timedelta(days=1), by="ana", why="a thief")
    after = imposed(standing(), said, NOON)
    assert standings_table.keep(after, Policy(), NOON)

    (measure,) = redeems(shop, 1).body["measures"]

    assert measure["why"] == "It was imposed by hand."


def test_a_customer_who_is_known_in_two_ways_hears_it_once(shop: Shop) -> None:
    both = {"email": "ann@example.com", "phone": "+34600000001"}
    redeems(shop, 1, customer=both)

    assert len(redeems(shop, 2, customer=both).body["measures"]) == 1


@pytest.mark.parametrize("error", [Unavailable("standings"), Refused("standings")])
def test_a_sale_goes_on_where_standings_cannot_be_read(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    excluded(shop)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(standings_table, "read", fail)

    assert redeems(shop, 9).body["outcome"] == "all"
    assert "standings_unread" in capsys.readouterr().out


def test_a_sale_goes_on_where_standings_cannot_be_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(standings_table, "keep", lambda *_: False)

    assert redeems(shop, 1).body["outcome"] == "all"
    assert "standings_unkept" in capsys.readouterr().out


def test_who_was_overtaken_judges_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    redeems(shop, 1)
    keep, calls = standings_table.keep, []

    def raced(after: Standing, *rest: Any) -> bool:
        calls.append(after)
        if len(calls) == 1:
            monkeypatch.setattr(standings_table, "keep", keep)
            redeems(shop, 2)
        return keep(after, *rest)

    monkeypatch.setattr(standings_table, "keep", raced)
    redeems(shop, 3)

    assert len(standing().measures) == 1
    names = {each.order for each in standing().signs} | set(standing().measures[0].evidence)
    assert names == {"direct#webshop#W3", "direct#webshop#W1#TEN", "direct#webshop#W2#TEN"}


def said(order: str, **what: Any) -> Redemption:
    """A till's word of an order that Ann used the code on."""
    default: dict[str, Any] = {
        "key": OrderKey(platform="square", account="bar", order_id=order),
        "code": "TEN",
        "code_raw": "TEN",
        "generation": 0,
        "state": "confirmed",
        "currency": "EUR",
        "redeemed_at": NOON,
        "updated_at": NOON,
        "received_at": NOON,
        "business_day": NOON.date(),
        "discount_minor": 200,
        "facts_seen": 1,
        "customer": (key_of(),),
        "code_known": True,
    }
    return Redemption(**(default | what))


def test_what_tills_did_without_asking_counts_the_same(shop: Shop) -> None:
    for order in ("1", "1", "2"):
        conduct.heard(said(order), NOON)

    assert [each.step for each in standing().measures] == ["flag"]


def test_the_sales_of_last_year_are_no_signs_of_today(shop: Shop) -> None:
    long_ago = NOON - timedelta(days=300)
    old = {"business_day": long_ago.date(), "updated_at": long_ago}
    set_policy(rule(), rule("rollbacks"))

    conduct.heard(said("1", **old), NOON)
    conduct.heard(said("2", state="rolled_back", **old), NOON)

    assert standing().version == 0


def test_the_ledgers_word_comes_again_until_it_is_judged(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings_table, "keep", lambda *_: False)

    with pytest.raises(Unavailable):
        conduct.heard(said("1"), NOON)


def test_who_is_forgotten_is_forgotten_here_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    excluded(shop)
    record = {
        "messageId": "1",
        "receiptHandle": "1",
        "eventSourceARN": f"arn:aws:sqs:{cloud.REGION}:{cloud.ACCOUNT_ID}:uses",
        "attributes": {"ApproximateReceiveCount": "1"},
        "body": json.dumps({"forget": {"keys": [key_of(), "email:nobody"]}}),
    }

    assert count.handle({"Records": [record]}, None) == {"batchItemFailures": []}

    assert standing().version == 0
    assert redeems(shop, 9).body["outcome"] == "all"


def test_no_word_of_a_person_or_device_is_kept(shop: Shop) -> None:
    set_policy(rule(), rule(by="device"))
    for number in (1, 2):
        redeems(shop, number, device="anns-tablet")

    items = boto3.client("dynamodb", region_name=cloud.REGION).scan(TableName="Standings")["Items"]
    assert len(items) == 3
    assert "example.com" not in str(items)
    assert "anns-tablet" not in str(items)
    assert len(list(uses_table.all_claims())) == 2
