"""Is what is given out known to whoever judges a code, each given once, and mistakes undone?"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from functions.streams.attribution import handler as attribution
from tests.api.calls import Answered
from tests.api.room import call
from tests.api.test_validations import NOON, Shop, given, reason
from tests.streams.journeys import redemption
from vouchsafe.edge import (
    audit_table,
    credits_table,
    publications_table,
    redemptions_table,
    secrets,
    touchpoints_table,
)
from vouchsafe.edge.register_table import RegisterReader
from vouchsafe.pure import instant
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.codes import canonical
from vouchsafe.pure.register import Audience, Code, LimitTerm, Promotion
from vouchsafe.pure.register_entries import Entry

pytestmark = pytest.mark.usefixtures("aws")

PUBLICATIONS = "/register/publications"
ANN, BOB = "email:ann@example.com", "email:bob@example.com"
BEFORE = NOON - timedelta(days=3)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A mailing whose ten codes are each for one person, a poster's, and one that is for all."""
    found = Shop(monkeypatch)
    found.knows(
        *many("MAIL", 40, audience=Audience(kind="holder")),
        *given("POSTER"),
        *given("ALL", generic=True),
    )
    return found


def many(name: str, count: int, **terms: Any) -> tuple[Entry, ...]:
    promotion, _ = given(name, **terms)
    assert isinstance(promotion, Promotion)
    codes = [f"{name}{number}".replace("0", "O").replace("1", "I") for number in range(count)]
    drawn = [Code(canonical=canonical(each), raw=each, promotions=(name,)) for each in codes]
    return promotion, *drawn


def gives(
    *pairs: tuple[str, str], promotion: str = "MAIL", who: str = "eva", **said: Any
) -> Answered:
    """Codes to people by name; to the channel where nobody is named."""
    publications = [{"code": code, "to": to.split()} for code, to in pairs]
    body = {"promotion_id": promotion, "at": instant.text(BEFORE), "publications": publications}
    return call(who, "POST", PUBLICATIONS, body | said)


def listed(**query: str) -> list[Any]:
    told = call("vera", "GET", PUBLICATIONS, query=query)
    assert told.status == 200, told.body
    return list(told.body["publications"])


def withdrawn(publication: Any, who: str = "eva") -> Answered:
    path = f"{PUBLICATIONS}/{publication['promotion_id']}/{publication['publication_id']}"
    return call(who, "POST", f"{path}/withdraw", {"why": "the wrong list"})


def key(raw: str = "ann@example.com") -> str:
    return secrets.identify()("email", raw) or ""


def test_only_who_was_given_the_code_may_use_it(shop: Shop) -> None:
    told = gives(("MAIL2", ANN))

    assert (told.status, told.body["given"]) == (201, 1)
    assert shop.asks("validate", "MAIL2").body["outcome"] == "all"
    bob = shop.asks("validate", "MAIL2", order_id="W2", customer={"email": "bob@example.com"})
    assert reason(bob) == "code_not_found"


def test_the_best_of_what_was_given_joins_what_was_typed(shop: Shop) -> None:
    gives(("POSTER", f"{BOB} {ANN}"), promotion="POSTER")

    found = shop.asks("best")

    assert [each["code"] for each in found.body["offers"]] == [canonical("POSTER")]


def test_told_again_it_is_the_same(shop: Shop) -> None:
    first, again = gives(("MAIL2", ANN), ("MAIL3", BOB)), gives(("MAIL3", BOB), ("MAIL2", ANN))

    assert (first.body["given"], first.body["known"]) == (2, 0)
    assert (again.body["given"], again.body["known"]) == (0, 2)
    assert len(listed(promotion_id="MAIL")) == 2
    assert deeds() == ["codes_given_out"]


def deeds() -> list[str]:
    told = call("vera", "GET", "/register/audit", query={"subject": "promotion:MAIL"}).body
    return [each["what"] for each in told["entries"]]


def test_a_code_that_another_holds_is_not_given_again_and_nothing_of_the_call_is(
    shop: Shop,
) -> None:
    gives(("MAIL2", ANN))

    told = gives(("MAIL3", BOB), ("MAIL2", BOB))

    assert told.status == 409
    assert len(listed(promotion_id="MAIL")) == 1
    assert gives(("MAIL2", ANN), at=instant.text(NOON)).body["given"] == 1


def test_one_code_is_not_for_two_people_of_a_call(shop: Shop) -> None:
    assert gives(("MAIL2", ANN), ("MAIL2", BOB)).status == 409


def test_a_person_is_known_by_any_identity(shop: Shop) -> None:
    gives(("MAIL2", f"{ANN} phone:+34600"))

    assert gives(("MAIL2", "phone:+34600"), at=instant.text(NOON)).status == 201
    assert gives(("MAIL2", "phone:+34601"), at=instant.text(NOON)).status == 409


def test_what_a_source_told_before_counts(shop: Shop) -> None:
    gives(("MAIL2", ANN))
    (touch,) = touchpoints_table.of_person(key(), BEFORE, NOON)
    told = replace(touch, touchpoint_id="crm-1", code=canonical("MAIL3"))
    touchpoints_table.keep([told])

    assert gives(("MAIL3", BOB)).status == 409
    assert gives(("MAIL3", ANN)).status == 201


def test_a_code_for_all_is_given_to_many(shop: Shop) -> None:
    told = gives(("ALL", ANN), ("ALL", BOB), ("ALL", ""), promotion="ALL")

    assert told.body["given"] == 3
    assert [each["to"] for each in listed(code="ALL")].count("channel") == 1


def test_what_is_put_up_in_a_channel_is_for_whoever_sees_it(shop: Shop) -> None:
    gives(("POSTER", ""), promotion="POSTER", channel="street / print")

    (told,) = listed(code="poster")
    assert (told["to"], told["channel"]) == ("channel", "street / print")
    assert not touchpoints_table.published(canonical("POSTER"))


def test_many_fill_several_transactions_and_are_listed_page_by_page(shop: Shop) -> None:
    pairs = [(f"MAIL{n}".replace("0", "O").replace("1", "I"), f"loyalty:{n}") for n in range(40)]

    assert gives(*pairs).body["given"] == 40

    first = call("vera", "GET", PUBLICATIONS, query={"promotion_id": "MAIL", "limit": "25"}).body
    rest = listed(promotion_id="MAIL", limit="25", after=first["after"])
    found = [each["publication_id"] for each in (*first["publications"], *rest)]
    assert len(found) == 40 == len(set(found))
    (day,) = publications_table.given("MAIL", BEFORE.date(), NOON.date())
    assert (day.people, day.channels) == (40, 0)


def test_a_list_is_cut_by_time(shop: Shop) -> None:
    gives(("MAIL2", ANN))
    gives(("MAIL3", BOB), at=instant.text(NOON))

    cut = instant.text(NOON - timedelta(days=1))
    assert [each["code"] for each in listed(promotion_id="MAIL", to=cut)] == [canonical("MAIL2")]
    assert [each["code"] for each in listed(promotion_id="MAIL", **{"from": cut})] == [
        canonical("MAIL3")
    ]


def test_a_mistake_never_was(shop: Shop) -> None:
    gives(("MAIL2", f"{ANN} phone:+34600"))
    (publication,) = listed(code="MAIL2")

    told = withdrawn(publication)

    assert told.body["withdrawal"]["why"] == "the wrong list"
    assert reason(shop.asks("validate", "MAIL2")) == "code_not_found"
    assert touchpoints_table.of_person(key(), BEFORE, NOON) == []
    assert not touchpoints_table.published(canonical("MAIL2"))
    (day,) = publications_table.given("MAIL", BEFORE.date(), NOON.date())
    assert day.people == 0
    assert deeds() == ["publication_withdrawn", "codes_given_out"]


def test_withdrawn_again_it_is_as_it_was(shop: Shop) -> None:
    gives(("MAIL2", ANN))
    (publication,) = listed(code="MAIL2")

    first, again = withdrawn(publication), withdrawn(publication, who="emil")

    assert again.body == first.body
    assert deeds().count("publication_withdrawn") == 1
    assert listed(code="MAIL2") == listed(promotion_id="MAIL") == [first.body]


def test_attribution_credits_what_was_given_and_no_more_what_was_withdrawn(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "_register", RegisterReader(kept_s=0))
    used = redemption("MAIL2", customer=(key(),), promotions=("MAIL",), code_known=True)
    used = replace(used, code=canonical("MAIL2"), redeemed_at=NOON)
    redemptions_table.put(used, 1)
    gives(("MAIL2", ANN))

    judged()
    assert classes() == {"caused"}
    withdrawn(listed(code="MAIL2")[0])
    judged()

    assert classes() == {"unknown"}


def judged() -> None:
    """What the stream brings for each item of the table."""
    found = boto3.client("dynamodb").scan(TableName="Touchpoints")["Items"]
    records = [
        {"dynamodb": {"Keys": {"pk": each["pk"], "sk": each["sk"]}, "SequenceNumber": str(at)}}
        for at, each in enumerate(found)
    ]
    assert attribution.handle({"Records": records}, None) == {"batchItemFailures": []}


def classes() -> set[str | None]:
    return {each.credit.influence_class for each in credits_table.all_credits()}


def test_what_was_withdrawn_may_be_given_to_another(shop: Shop) -> None:
    gives(("MAIL2", ANN))
    withdrawn(listed(code="MAIL2")[0])

    assert gives(("MAIL2", ANN)).status == 409
    assert gives(("MAIL2", BOB)).status == 201
    assert reason(shop.asks("validate", "MAIL2")) == "code_not_found"


def test_who_was_given_a_code_twice_holds_it_until_both_are_withdrawn(shop: Shop) -> None:
    gives(("MAIL2", ANN))
    gives(("MAIL2", ANN), at=instant.text(NOON))
    first, second = listed(code="MAIL2")

    withdrawn(first)

    assert gives(("MAIL2", BOB)).status == 409
    withdrawn(second)
    assert gives(("MAIL2", BOB)).status == 201


def test_of_two_who_give_the_same_code_at_once_one_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, first = audit_table.append, True

    def raced(deed: Deed, also: Any = None) -> Any:
        nonlocal first
        if first:
            first = False
            assert gives(("MAIL2", BOB)).status == 201
        return real(deed, also)

    monkeypatch.setattr(audit_table, "append", raced)

    assert gives(("MAIL2", ANN)).status == 409
    assert touchpoints_table.of_person(key(), BEFORE, NOON) == []


def test_who_it_went_to_is_kept_as_hashes_and_told_nowhere(shop: Shop) -> None:
    told = gives(("MAIL2", ANN))

    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    kept = json.dumps(
        [boto3.client("dynamodb").scan(TableName=each)["Items"] for each in tables], default=str
    )
    assert "ann@" not in kept
    shown = json.dumps([told.body, listed(promotion_id="MAIL")])
    log = json.dumps(call("vera", "GET", "/register/audit").body)
    assert key().partition(":")[2] not in shown + log


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"promotion_id": "NOWHERE"}, "promotion_id"),
        ({"at": "2126-01-01T00:00:00Z"}, "at"),
        ({"channel": "email"}, "channel"),
        ({"publications": [{"code": "ALL", "to": [ANN]}]}, "publications[0].code"),
        ({"publications": [{"code": "---", "to": [ANN]}]}, "publications[0].code"),
        ({"publications": [{"code": "MAIL2", "to": ["ann"]}]}, "publications[0].to[0]"),
        ({"publications": []}, "publications"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(shop: Shop, said: Any, field: str) -> None:
    told = gives(("MAIL2", ANN), **said)

    assert (told.status, told.body["field"]) == (400, field)
    assert "ann@" not in json.dumps(told.body)


def test_one_release_too_many_for_a_person_is_told_or_held_up(shop: Shop) -> None:
    enough(audience_a_week=1)
    gives(("MAIL2", ANN))

    told = gives(("ALL", ANN), ("ALL", BOB), promotion="ALL", at=instant.text(NOON))

    assert [each["publication"] for each in told.body["over_mailed"]] == [0]
    enough(audience_a_week=1, strict=True)
    held = gives(("POSTER", ANN), promotion="POSTER", at=instant.text(NOON - timedelta(days=1)))
    assert (held.status, held.body["field"]) == (400, "publications[0].to")


def enough(**said: object) -> None:
    seen = call("adam", "GET", "/register/settings/fatigue").version()
    assert call("adam", "PUT", "/register/settings/fatigue", said, if_match=seen).status == 200


def test_what_brings_one_campaign_on_one_day_is_one_release(shop: Shop) -> None:
    enough(audience_a_day=1)
    gives(("MAIL2", ANN))

    assert gives(("MAIL3", ANN)).body["over_mailed"] == []


@pytest.mark.parametrize("who", ["vera"])
def test_who_only_reads_gives_nothing_out(shop: Shop, who: str) -> None:
    assert gives(("MAIL2", ANN), who=who).status == 403


def test_a_publication_that_is_not_there_is_told(shop: Shop) -> None:
    assert call("vera", "GET", f"{PUBLICATIONS}/MAIL/nothing").status == 404


def calendar() -> Any:
    november = {"from": "2026-11-01", "to": "2026-11-30"}
    return call("vera", "GET", "/register/calendar", query=november).body


def test_what_was_given_out_is_on_the_calendar_beside_what_was_planned(shop: Shop) -> None:
    gives(("MAIL2", ANN), ("MAIL3", BOB))
    gives(("POSTER", ""), promotion="POSTER")
    gives(("MAIL4", ANN), at=instant.text(NOON))
    withdrawn(listed(code="MAIL4")[0])

    told = [
        (each["day"], each["promotions"], each["planned"], each["people"], each["channels"])
        for each in calendar()["releases"]
    ]

    assert told == [
        ("2026-11-01", ["ALL", "POSTER"], True, 0, 0),
        ("2026-11-01", ["MAIL"], True, 0, 0),
        ("2026-11-17", ["MAIL"], False, 2, 0),
        ("2026-11-17", ["POSTER"], False, 0, 1),
    ]


def test_what_was_given_out_counts_as_a_release_that_may_be_too_many(shop: Shop) -> None:
    enough(audience_a_week=1)
    rules = [each["rule"] for each in calendar()["remarks"]]
    gives(("MAIL2", ANN))
    gives(("MAIL3", ANN), at=instant.text(NOON))

    after = [each["rule"] for each in calendar()["remarks"]]

    assert after.count("over_mailing") == rules.count("over_mailing") + 1


def test_what_ends_soon_says_how_much_of_it_was_given_out(shop: Shop) -> None:
    shop.knows(*many("LAST", 4, limits=(LimitTerm(scope="promotion", period="ever", most=4),)))
    gives(("LAST2", ANN), promotion="LAST")

    (told,) = call("vera", "GET", "/register/expiring").body["promotions"]

    assert told["codes"]["given"] == 1
