"""Does a paid voucher pay: once, to the cent, where and while it may, and never as a discount?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from functions.api.values import handler, verbs
from tests.api.calls import Answered, answered, event
from tests.api.test_validations import NOON, Shop, given
from vouchsafe.edge import values_table
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.flow import guard
from vouchsafe.pure.value import folded

CODE = "Gift-0001"


class Till(Shop):
    """A shop that sells gift cards and takes them."""

    def value(self, method: str, path: str, body: object = None, **said: Any) -> Answered:
        told = event(method, f"/values/{path}", body, authorization=f"Bearer {self.key}", **said)
        return answered(handler.handle, told)

    def asks_value(self, verb: str, code: str = CODE, **said: Any) -> Answered:
        return self.value("POST", f"{code}/{verb}", {"order_id": "W1"} | said)

    def pays(self, verb: str, minor: int, order: str = "W1", **said: Any) -> Any:
        """The answer to a hold or a spend."""
        found = self.asks_value(
            verb, **({"order_id": order, "currency": "EUR", "amount_minor": minor} | said)
        )
        assert found.status == 200
        return found.body

    def issues(self, code: str = CODE, **said: Any) -> Answered:
        sale = {"order_id": "S1", "currency": "EUR", "amount_minor": 5000, "paid_minor": 4500}
        return self.asks_value("issue", code, **(sale | said))

    def read(self, **query: str) -> Any:
        found = self.value("GET", CODE, query=query or None)
        assert found.status == 200
        return found.body

    def balance(self) -> tuple[int, int, int]:
        found = self.read()
        return found["available_minor"], found["held_minor"], found["spent_minor"]


GIFT = given(CODE, voucher_class="multi_purpose", benefit=None, hold_minutes=30)


@pytest.fixture
def till(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    monkeypatch.setattr(verbs, "_register", RegisterReader(kept_s=0))
    monkeypatch.setattr(values_table, "sleep", lambda _: None)
    made = Till(monkeypatch)
    made.knows(*GIFT, *given("TEN"))
    assert made.issues().status == 200
    yield made
    for found in values_table.all_values():
        assert found == folded(values_table.entries_of(found.terms.code))


def refusal(body: Any) -> str:
    assert (body["outcome"], body["granted_minor"]) == ("refused", 0)
    return str(body["refusal"]["reason"])


def test_a_code_that_was_sold_pays_for_an_order_and_takes_back_a_return(till: Till) -> None:
    held = till.pays("hold", 3000)
    assert (held["outcome"], held["granted_minor"]) == ("granted", 3000)
    assert held["value"]["holds"][0]["order_id"] == "W1"
    assert till.balance() == (2000, 3000, 0)

    assert till.pays("spend", 2500)["granted_minor"] == 2500
    back = till.asks_value("give-back", return_id="R1", amount_minor=500)
    assert back.body["granted_minor"] == 500

    assert till.balance() == (3000, 0, 2000)
    kinds = [each["kind"] for each in till.read()["entries"]]
    assert kinds == ["given_back", "spent", "held", "issued"]


def test_what_is_asked_again_is_the_same_without_any_key(till: Till) -> None:
    first = till.pays("spend", 3000)

    assert till.pays("spend", 3000) == first
    assert till.issues().body["granted_minor"] == 5000
    for _ in range(2):
        assert till.asks_value("give-back", return_id="R1").body["granted_minor"] == 3000
    assert till.balance() == (5000, 0, 0)


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("issue", {"order_id": "S2"}),
        ("issue", {"amount_minor": 5001}),
        ("spend", {"amount_minor": 3001}),
        ("hold", {"amount_minor": 2999}),
        ("give-back", {"return_id": "R1", "amount_minor": 3001}),
    ],
)
def test_what_stands_otherwise_is_a_conflict(till: Till, verb: str, said: Any) -> None:
    till.pays("spend", 3000)
    plain = {"order_id": "S1", "paid_minor": 4500} if verb == "issue" else {}
    amount = {} if verb == "give-back" else {"currency": "EUR", "amount_minor": 5000}

    assert till.asks_value(verb, **(amount | plain | said)).status == 409
    assert till.balance() == (2000, 0, 3000)


def test_a_sale_told_again_is_the_same_though_its_promotion_has_changed(till: Till) -> None:
    promotion, code = GIFT
    till.issues(expires_on="2026-11-30")
    till.knows(replace(promotion, ends_on=date(2026, 11, 21), status="paused"), code)

    again = till.issues(expires_on="2026-11-30")

    assert (again.status, again.body["granted_minor"]) == (200, 5000)
    assert again.body["value"]["expires_on"] == "2026-11-30"


def test_two_payments_of_one_order_are_told_apart_by_name(till: Till) -> None:
    till.pays("spend", 1000)
    till.pays("spend", 500, payment_id="second")

    till.asks_value("give-back", return_id="R1", payment_id="second")

    assert till.balance() == (4000, 0, 1000)


def test_too_little_is_refused_or_granted_in_part_as_it_is_asked(till: Till) -> None:
    refused = till.pays("spend", 5001)
    assert refusal(refused) == "budget_exhausted"
    assert refused["refusal"]["detail"] == "50.00 EUR are left"

    part = till.pays("spend", 5001, partly=True)

    assert (part["outcome"], part["granted_minor"]) == ("partly", 5000)
    assert till.pays("spend", 5001, partly=True) == part
    assert till.balance() == (0, 0, 5000)


def test_a_hold_is_given_back_by_hand_or_by_time(till: Till) -> None:
    till.pays("hold", 3000)
    assert till.asks_value("release").body["granted_minor"] == 3000
    assert till.asks_value("release").body["granted_minor"] == 0

    till.pays("hold", 4000)
    till.now += timedelta(minutes=30)
    assert till.balance() == (5000, 0, 0)
    assert till.pays("spend", 5000, "W2")["outcome"] == "granted"


def test_a_value_is_topped_up_once_by_each_order(till: Till) -> None:
    sale = {"order_id": "S2", "currency": "EUR", "amount_minor": 700, "paid_minor": 700}
    for _ in range(2):
        assert till.asks_value("top-up", **sale).body["granted_minor"] == 700

    assert till.balance() == (5700, 0, 0)


def test_after_the_last_day_nothing_is_held_or_spent_but_returns_are_booked(till: Till) -> None:
    till.pays("spend", 1000)
    till.now = NOON.replace(day=30, hour=22, minute=59)
    assert till.pays("hold", 100, "W2")["outcome"] == "granted"
    till.now += timedelta(minutes=1)  # midnight in Madrid

    for verb in ("hold", "spend"):
        assert refusal(till.pays(verb, 100, "W3")) == "expired"
    found = till.read()
    assert (found["expired"], found["available_minor"], found["held_minor"]) == (True, 0, 0)
    assert till.pays("spend", 1000)["outcome"] == "granted"  # asked before, and paid
    assert till.asks_value("give-back", return_id="R1").body["granted_minor"] == 1000


def test_a_sale_may_end_its_value_before_its_promotion_and_never_after_it(till: Till) -> None:
    till.knows(*given("Gift-0002", voucher_class="stored_value"))
    late = till.issues("Gift-0002", expires_on="2026-12-01")
    assert (late.status, late.body["field"]) == (400, "expires_on")

    till.issues("Gift-0002", expires_on="2026-11-20")

    till.now += timedelta(days=1)
    said = {"order_id": "W1", "currency": "EUR", "amount_minor": 1}
    assert refusal(till.asks_value("spend", "Gift-0002", **said).body) == "expired"


def test_nothing_is_sold_that_has_ended_or_not_begun(till: Till) -> None:
    till.knows(
        *given("OLD-1", voucher_class="stored_value", ends_on=date(2026, 11, 19)),
        *given("NEW-1", voucher_class="stored_value", starts_on=date(2026, 11, 21)),
        *given("OFF-1", voucher_class="stored_value", status="paused"),
    )

    assert [till.issues(code).status for code in ("OLD-1", "NEW-1", "OFF-1")] == [409, 409, 404]


def test_more_than_the_face_value_is_never_paid(till: Till) -> None:
    till.knows(*given("Gift-0003", voucher_class="stored_value"))

    found = till.issues("Gift-0003", paid_minor=5001)

    assert (found.status, found.body["field"]) == (400, "paid_minor")


def test_what_is_no_currency_is_refused_by_name(till: Till) -> None:
    till.knows(*given("Gift-0004", voucher_class="stored_value", currency=None))

    found = till.issues("Gift-0004", currency="ZZZ")

    assert (found.status, found.body["field"]) == (400, "currency")
    assert till.issues("Gift-0004", currency="JPY").status == 200


@pytest.mark.parametrize(
    ("terms", "said", "reason"),
    [
        ({"status": "paused"}, {}, "code_not_found"),
        ({"status": "retired"}, {}, "code_not_found"),
        ({"places": frozenset({"direct/webshop/high-street"})}, {}, "terms_not_met"),
        ({}, {"currency": "USD"}, "terms_not_met"),
        ({"starts_on": date(2026, 11, 21)}, {}, "not_yet_active"),
    ],
)
def test_a_value_pays_only_as_its_promotion_says_now(
    till: Till, terms: Any, said: Any, reason: str
) -> None:
    till.pays("hold", 700)
    promotion, code = GIFT
    till.knows(replace(promotion, **terms), code)

    for verb in ("hold", "spend"):
        assert refusal(till.pays(verb, 100, "W2", **said)) == reason
    assert till.asks_value("release").body["granted_minor"] == 700
    assert till.pays("spend", 100, "W2", location_id="high-street")["outcome"] == (
        "granted" if "places" in terms or said else "refused"
    )


def test_unknown_codes_and_codes_that_are_not_paid_for_are_one_answer(till: Till) -> None:
    told = [
        till.value("GET", code).body | {"status": till.value("GET", code).status}
        for code in ("NOPE-1", "TEN", "Gift-9999")
    ]
    till.knows(*given("UNSOLD", voucher_class="stored_value"))

    assert told[0]["status"] == 404
    assert told[0] == told[1] == told[2]
    assert till.value("GET", "UNSOLD").body == till.value("GET", "TEN").body
    said = {"order_id": "W1", "currency": "EUR", "amount_minor": 1}
    for verb in ("spend", "hold"):
        assert till.asks_value(verb, "TEN", **said).body == till.value("GET", "TEN").body


def test_who_guesses_is_held_up_whatever_they_name_and_nobody_else_is(till: Till) -> None:
    told = [
        till.value("GET", f"NOPE-{at}", query={"session": "s1"}).status
        for at in range(guard.STEP_UP_AFTER + 1)
    ]

    assert told == [404] * guard.STEP_UP_AFTER + [429]
    held_up = till.value("GET", CODE, query={"session": "s1"})
    assert held_up.status == 429
    assert "retry-after" in held_up.headers
    assert till.value("GET", CODE, query={"session": "s2"}).status == 200


def test_guesses_at_values_and_at_vouchers_count_together(till: Till) -> None:
    for at in range(guard.STEP_UP_AFTER):
        till.value("GET", f"NOPE-{at}", query={"session": "s1"})

    body = {"codes": ["TEN"], "order": _order(), "session": "s1"}
    (refused,) = till.call("POST", "/validate", body).body["refusals"]

    assert refused["reason"] == "step_up_required"


def test_entries_are_told_page_by_page_the_newest_first(till: Till) -> None:
    for at in range(30):
        till.pays("spend", 1, f"W{at}")
        till.asks_value("give-back", order_id=f"W{at}", return_id="R")

    first = till.read()
    rest = till.read(after=first["after"])

    numbers = [each["number"] for each in (*first["entries"], *rest["entries"])]
    assert numbers == list(range(61, 0, -1))
    assert "after" not in rest
    assert till.value("GET", CODE, query={"after": "x"}).status == 400


def test_a_key_that_may_only_ask_moves_nothing(till: Till) -> None:
    till.with_scopes("validate")

    assert till.value("GET", CODE).status == 200
    said = {"order_id": "W1", "currency": "EUR", "amount_minor": 1}
    assert till.asks_value("spend", **said).status == 403


def _order() -> dict[str, Any]:
    lines = [{"line_id": "1", "gross_minor": 5000}]
    return {"order_id": "W1", "currency": "EUR", "lines": lines}


def test_a_single_purpose_voucher_is_a_discount_unless_it_was_sold_with_a_value(till: Till) -> None:
    till.knows(*given("MENU-1", voucher_class="single_purpose"))
    body = {"codes": ["MENU-1"], "order": _order()}
    assert till.call("POST", "/validate", body).body["discount_minor"] == 500

    till.issues("MENU-1")

    for verb in ("validate", "redeem"):
        (refused,) = till.call("POST", f"/{verb}", body).body["refusals"]
        assert refused["reason"] == "no_effect"


@pytest.mark.parametrize("verb", ["validate", "best", "reserve", "redeem"])
@pytest.mark.parametrize("paid", ["multi_purpose", "stored_value"])
def test_a_means_of_payment_gives_no_discount_and_says_where_it_pays(
    till: Till, paid: str, verb: str
) -> None:
    till.knows(*given("CARD", voucher_class=paid))  # with ten per cent, as linters may overlook
    body = {"codes": ["CARD"], "order": _order()}

    found = till.call("POST", f"/{verb}", body).body

    assert (found["outcome"], found["discount_minor"]) == ("none", 0)
    (refused,) = found["refusals"]
    assert refused["reason"] == "no_effect"
    assert "/values/{code}" in refused["detail"]
