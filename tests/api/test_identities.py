"""Is a person's trace told to whom may see it, and to the log that somebody looked?"""

import json
from typing import Any

import boto3
import pytest

from tests import cloud
from tests.api.calls import Answered
from tests.api.room import call
from tests.api.test_forgetting import ANN, BOB, forgotten, holding, keys, lives
from tests.api.test_forgetting import shop as shop
from tests.api.test_validations import Shop

LOOK, FORGET = "/register/identities/look", "/register/identities/forget"
WHO = [f"{kind}:{raw}" for kind, raw in ANN.items()]


def asked(path: str, who: str, identities: list[str] = WHO, **said: Any) -> Answered:
    body = {"identities": identities, "why": "she asks what we know of her"}
    return call(who, "POST", path, body | said)


def log(subject: str = "") -> Any:
    query = {"subject": subject} if subject else None
    return call("vera", "GET", "/register/audit", query=query).body["entries"]


def test_all_that_is_known_of_a_person_is_told(shop: Shop) -> None:
    lives(shop, ANN, "A")
    lives(shop, BOB, "B")

    told = asked(LOOK, "ana").body

    assert told["orders"] == {
        "count": 1,
        "confirmed": 1,
        "spent": [{"currency": "EUR", "minor": 6750}],
        "first_at": told["orders"]["first_at"],
        "last_at": told["orders"]["last_at"],
    }
    assert {each["state"] for each in told["redemptions"]} == {"confirmed"}
    assert [each["kind"] for each in told["touchpoints"]] == ["publication"]
    assert told["codes_given"] == [told["touchpoints"][0]["code"]]
    assert told["segments"] == ["VIP"]
    flags = [measure["step"] for each in told["standings"] for measure in each["measures"]]
    assert (len(told["standings"]), flags) == (2, ["flag", "flag"])
    assert told["more"] is False


def test_of_a_stranger_nothing_is_told(shop: Shop) -> None:
    lives(shop, ANN, "A")

    told = asked(LOOK, "ana", ["email:nobody@example.com"]).body

    assert told["orders"]["count"] == 0
    assert told["redemptions"] == told["codes_given"] == told["segments"] == []
    assert not told["standings"][0]["waiting"]
    assert not told["standings"][0]["measures"]


def test_the_log_tells_who_looked_and_why_and_never_at_whom(shop: Shop) -> None:
    asked(LOOK, "ana")

    (entry,) = [each for each in log() if each["what"] == "person_looked_up"]

    assert (entry["who"], entry["why"]) == ("person:ana", "she asks what we know of her")
    told = json.dumps(log())
    assert not any(each.partition(":")[2] in told for each in (*WHO, *keys(ANN)))


@pytest.mark.parametrize("path", [LOOK, FORGET])
def test_nothing_of_the_call_is_kept_under_a_key(shop: Shop, path: str) -> None:
    body = {"identities": WHO, "why": "she asks"}
    before = boto3.client("dynamodb").scan(TableName="Proposals")["Items"]

    call("adam", "POST", path, body, idempotency_key="k1")

    assert boto3.client("dynamodb").scan(TableName="Proposals")["Items"] == before


@pytest.mark.parametrize("path", [LOOK, FORGET])
@pytest.mark.parametrize("why", ["ann@example.com asks", "call +34 600 100 200"])
def test_why_names_nobody(shop: Shop, path: str, why: str) -> None:
    told = asked(path, "adam", why=why)

    assert (told.status, told.body["field"]) == (400, "why")


@pytest.mark.parametrize(
    "identities", [[], ["ann"], ["email:"], ["name:Ann"], ["customer:7"], ["email:x"] * 11]
)
def test_who_cannot_be_known_is_told_without_the_name(shop: Shop, identities: list[str]) -> None:
    told = asked(FORGET, "adam", identities)

    assert told.status == 400
    assert told.body["field"].startswith("identities")
    assert cloud.sent("FORGET") == []


def test_a_person_is_forgotten_everywhere_by_one_call(shop: Shop) -> None:
    lives(shop, ANN, "A")

    told = asked(FORGET, "adam")

    assert (told.status, told.body["identities"]) == (202, 2)
    forgotten(shop)
    assert holding(ANN) == set()
    (entry,) = log(f"erasure:{told.body['erasure_id']}")
    assert (entry["what"], entry["who"]) == ("person_forgotten", "person:adam")
    assert asked(LOOK, "ana").body["orders"]["count"] == 0


@pytest.mark.parametrize(
    ("who", "may"),
    [("vera", set()), ("eva", set()), ("ana", {LOOK}), ("adam", {LOOK, FORGET})],
)
def test_personal_data_is_for_few(shop: Shop, who: str, may: set[str]) -> None:
    answers = {path: asked(path, who).status for path in (LOOK, FORGET)}

    assert {path for path, status in answers.items() if status != 403} == may
