"""Does any call, sound or not, of anybody, get an answer that the room's own document names?"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from functions.api.register import handler as register
from functions.api.validations import handler as validations
from tests.api import room
from tests.api.calls import event
from tests.api.test_validations import Shop, an_order
from tests.api.test_validations import given as terms
from tests.register.conftest import aws, made
from vouchsafe.pure.asking import Route
from vouchsafe.pure.openapi import Who, document
from vouchsafe.pure.rights import ROLES, SCOPES

__all__ = ["aws", "made"]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# Of what other properties try: every example is sent by everybody.
SHARE = 8


@dataclass(frozen=True)
class Desk:
    """A room: what it answers to, who may come, and the names that stand in its tables."""

    handle: Callable[[Any, object], dict[str, Any]]
    routes: Sequence[Route]
    who: Who
    callers: Sequence[Mapping[str, str]]
    names: Mapping[str, Sequence[object]]


def _operations(routes: Sequence[Route], who: Who) -> dict[str, Any]:
    said = document("fuzzed", routes, who) | {"security": []}  # who calls is told by the tests
    schema = schemathesis.openapi.from_dict(said)
    found = [each.ok() for each in schema.get_all_operations()]
    return {each.definition.raw["operationId"]: each for each in found}


def _ways(routes: Sequence[Route]) -> list[Any]:
    """Each operation as it is to be called, and, where it has a body, as it is not."""
    sound, not_sound = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    return [
        pytest.param(route.name, mode, id=f"{route.name}-{mode.value}")
        for route in routes
        for mode in ((sound, not_sound) if route.asks else (sound,))
    ]


PEOPLE = _operations(register.ROUTES, "person")
SHOPS = _operations(validations.ROUTES, "shop")


@pytest.fixture
def control_room(aws: None) -> Desk:
    secret = {
        **room.PROMOTION,
        "promotion_id": "AUTUMN26-5",
        "generic": "no",
        "code_limit": 1,
        "currency": "EUR",
        "benefit": "amount:5",
    }
    room.published(
        {**room.ROWS, "accounts": [room.ACCOUNT], "promotions": [room.PROMOTION, secret]}
    )
    order = room.call(
        "eva",
        "POST",
        "/register/code-jobs",
        {
            "title": "letters",
            "why": "a letter each",
            "promotion_id": "AUTUMN26-5",
            "pattern": "LETTER-{10}",
            "count": 3,
        },
    ).body["proposal"]
    room.step("ana", room.step("eva", order, "submit").body, "approve")
    assert room.carried_out() == []
    asked = {"name": "bar", "platform": "square", "account": "bar", "scopes": ["validate"]}
    names: dict[str, list[object]] = {
        "proposal_id": [
            room.drafted()["proposal_id"],
            room.submitted("emil")["proposal_id"],
            order["proposal_id"],
        ],
        "campaign_id": ["AUTUMN26"],
        "promotion_id": ["AUTUMN26-10", "AUTUMN26-5"],
        "code": ["AUTUMN-10", "autumn10"],
        "platform": ["square"],
        "account": ["bar"],
        "scopes": [["redeem"]],
        "pattern": ["LETTER-{10}"],
        "version": [1, 2, 3],
        "rows": [room.ROWS],
        "key_id": [room.call("adam", "POST", "/register/keys", asked).body["key_id"]],
    }
    callers = [{"groups": f"[{role}]", "subject": f"a-{role}"} for role in ROLES]
    return Desk(register.handle, register.ROUTES, "person", [*callers, {}], names)


@pytest.fixture
def shop_desk(aws: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    shop = Shop(monkeypatch)
    shop.knows(*terms("TEN"))
    shop.asks("redeem", "TEN")
    shop.asks("reserve", "TEN", order_id="W2")
    keys = [shop.key, *(shop.with_scopes(scope).key for scope in sorted(SCOPES))]
    callers = [{"authorization": f"Bearer {key}"} for key in keys]
    names: dict[str, list[object]] = {
        "order_id": ["W1", "W2"],
        "codes": [["TEN"], ["ten", "none"]],
        "order": [an_order(), an_order(order_id="W3")],
        "lines": [[{"line_id": "1", "quantity": "1"}]],
    }
    return Desk(validations.handle, validations.ROUTES, "shop", [*callers, {}], names)


@pytest.mark.parametrize(("name", "mode"), _ways(register.ROUTES))
def test_the_control_room_answers_as_its_document_says(
    control_room: Desk, name: str, mode: GenerationMode
) -> None:
    _fuzz(control_room, PEOPLE[name], mode)


@pytest.mark.parametrize(("name", "mode"), _ways(validations.ROUTES))
def test_the_shops_desk_answers_as_its_document_says(
    shop_desk: Desk, name: str, mode: GenerationMode
) -> None:
    _fuzz(shop_desk, SHOPS[name], mode)


def test_every_route_of_every_room_is_fuzzed() -> None:
    for operations, routes in ((PEOPLE, register.ROUTES), (SHOPS, validations.ROUTES)):
        assert set(operations) == {route.name for route in routes}


def _fuzz(desk: Desk, operation: Any, mode: GenerationMode) -> None:
    """Every example is sent by everybody."""

    @settings(max_examples=settings().max_examples // SHARE, database=None)
    @given(_cases(desk, operation, mode))
    def everybody_calls(case: Case) -> None:
        for caller in desk.callers:
            case.validate_response(_answered(desk, case, caller), checks=CHECKS)

    everybody_calls()


def _cases(desk: Desk, operation: Any, mode: GenerationMode) -> st.SearchStrategy[Case]:
    """With names that stand, and with any that come."""
    names = re.findall(r"\{(\w+)\}", operation.path)
    standing = [
        operation.as_strategy(generation_mode=mode, path_parameters={name: found})
        for name in names
        for found in desk.names.get(name, ())
    ]
    cases = st.one_of(*standing, operation.as_strategy(generation_mode=mode))
    if mode is GenerationMode.NEGATIVE:
        return cases
    (route,) = (
        each for each in desk.routes if each.name == operation.definition.raw["operationId"]
    )
    fields = route.asks.model_fields if route.asks else {}
    words = {name: st.sampled_from(desk.names[name]) for name in desk.names if name in fields}
    return st.builds(_naming, cases, st.fixed_dictionaries({}, optional=words))


def _naming(case: Case, words: Mapping[str, object]) -> Case:
    """A body that names what stands."""
    if isinstance(case.body, dict):
        case.body = case.body | words
    return case


def _answered(desk: Desk, case: Case, caller: Mapping[str, str]) -> Response:
    """The room's answer, as a client would see it."""
    said = case.as_transport_kwargs(base_url="https://vouchsafe.example")
    sent = requests.Request(**said).prepare()
    told = desk.handle(_event(sent, caller), None)
    return Response(
        status_code=told["statusCode"],
        headers={name: [text] for name, text in told["headers"].items()},
        content=told["body"].encode(),
        request=sent,
        elapsed=0.0,
        verify=True,
    )


def _event(sent: requests.PreparedRequest, caller: Mapping[str, str]) -> dict[str, Any]:
    url = urlsplit(str(sent.url))
    headers = {name.replace("-", "_"): text for name, text in sent.headers.items()}
    query: dict[str, str] = {}
    for name, text in parse_qsl(url.query, keep_blank_values=True):
        query[name] = f"{query[name]},{text}" if name in query else text
    told = event(str(sent.method), url.path, query=query, **(headers | dict(caller)))
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body
    return told | {"body": b64encode(body or b"").decode(), "isBase64Encoded": True}
