"""Does any call, sound or not, of anybody, get an answer that the room's own document names?"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.dynamodb.models import dynamodb_backends
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from functions.api.values import verbs as values
from tests import cloud
from tests.api import room
from tests.api.calls import event
from tests.api.rooms import ROOMS, ROUTES, SHOPS
from tests.api.test_validations import an_order
from tests.api.test_validations import given as terms
from tests.api.test_values import CODE, GIFT, Till
from tests.register.conftest import aws, made
from vouchsafe.edge import secrets
from vouchsafe.edge.register_table import RegisterReader
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


Handle = Callable[[Any, object], dict[str, Any]]


@dataclass(frozen=True)
class World:
    """Who calls, and the names that stand in the tables."""

    callers: Sequence[Mapping[str, str]]
    names: Mapping[str, Sequence[object]]


@dataclass(frozen=True)
class Way:
    """A route as it is to be called, or as it is not."""

    handle: Handle
    route: Route
    operation: Any
    mode: GenerationMode


def _ways(of_shops: bool) -> list[Any]:
    """Every route of every such room; what has no body cannot be called wrongly."""
    who: Who = "shop" if of_shops else "person"
    found = []
    for name, room_ in ROOMS.items():
        if (name in SHOPS) is of_shops:
            said = _operations(ROUTES[name], who)
            for route in ROUTES[name]:
                modes = list(GenerationMode) if route.asks else [GenerationMode.POSITIVE]
                found += [Way(room_.handle, route, said[route.name], mode) for mode in modes]
    return [pytest.param(way, id=f"{way.route.name}-{way.mode.value}") for way in found]


def _operations(routes: Sequence[Route], who: Who) -> dict[str, Any]:
    said = document("fuzzed", routes, who) | {"security": []}  # who calls is told by the tests
    schema = schemathesis.openapi.from_dict(said)
    found = [each.ok() for each in schema.get_all_operations()]
    return {each.definition.raw["operationId"]: each for each in found}


@pytest.fixture(scope="module")
def furnished(made: None) -> tuple[World, dict[str, Any]]:
    """The offices, and what stands in each table then: building them takes a while."""
    world = _offices()
    return world, {name: deepcopy(table.items) for name, table in _tables().items()}


@pytest.fixture
def offices(furnished: tuple[World, dict[str, Any]], aws: None) -> World:
    world, standing = furnished
    for name, table in _tables().items():
        table.items = deepcopy(standing[name])
    return world


def _tables() -> dict[str, Any]:
    return dict(dynamodb_backends[cloud.ACCOUNT_ID][cloud.REGION].tables)


def _offices() -> World:
    secret = {
        **room.PROMOTION,
        "promotion_id": "AUTUMN26-5",
        "generic": "no",
        "code_limit": 1,
        "currency": "EUR",
        "benefit": "amount:5",
    }
    segment = {"segment_id": "VIP", "name": "Regulars", "owner": "eva"}
    promotions = [room.PROMOTION, secret]
    room.published(
        {
            **room.ROWS,
            "accounts": [room.ACCOUNT],
            "segments": [segment],
            "promotions": promotions,
        }
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
        "segment_id": ["VIP"],
        "members": [["email:ann@example.com"]],
        "key": [secrets.identify()("email", "ann@example.com")],
        "key_id": [room.call("adam", "POST", "/register/keys", asked).body["key_id"]],
    }
    callers = [{"groups": f"[{role}]", "subject": f"a-{role}"} for role in ROLES]
    return World([*callers, {}], names)


@pytest.fixture
def shop_desk(aws: None, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(values, "_register", RegisterReader(kept_s=0))
    shop = Till(monkeypatch)
    shop.knows(*terms("TEN"), *GIFT)
    shop.issues()
    shop.pays("hold", 100, "W2")
    shop.pays("spend", 100)
    shop.asks("redeem", "TEN")
    shop.asks("reserve", "TEN", order_id="W2")
    keys = [shop.key, *(shop.with_scopes(scope).key for scope in sorted(SCOPES))]
    callers = [{"authorization": f"Bearer {key}"} for key in keys]
    names: dict[str, list[object]] = {
        "code": [CODE, "TEN"],
        "order_id": ["W1", "W2"],
        "currency": ["EUR"],
        "codes": [["TEN"], ["ten", "none"]],
        "order": [an_order(), an_order(order_id="W3")],
        "lines": [[{"line_id": "1", "quantity": "1"}]],
    }
    return World([*callers, {}], names)


@pytest.mark.parametrize("way", _ways(of_shops=False))
def test_rooms_of_people_answer_as_their_documents_say(offices: World, way: Way) -> None:
    _fuzz(offices, way)


@pytest.mark.parametrize("way", _ways(of_shops=True))
def test_rooms_of_shops_answer_as_their_documents_say(shop_desk: World, way: Way) -> None:
    _fuzz(shop_desk, way)


def _fuzz(world: World, way: Way) -> None:
    """Every example is sent by everybody."""

    @settings(max_examples=settings().max_examples // SHARE, database=None)
    @given(_cases(world, way))
    def everybody_calls(case: Case) -> None:
        for caller in world.callers:
            case.validate_response(_answered(way.handle, case, caller), checks=CHECKS)

    everybody_calls()


def _cases(world: World, way: Way) -> st.SearchStrategy[Case]:
    """With names that stand, and with any that come."""
    strategy = partial(way.operation.as_strategy, generation_mode=way.mode)
    in_path = re.findall(r"\{(\w+)\}", way.route.path)
    standing = [
        strategy(path_parameters={name: found})
        for name in in_path
        for found in world.names.get(name, ())
    ]
    cases = st.one_of(*standing, strategy())
    if way.mode is GenerationMode.NEGATIVE:
        return cases
    fields = way.route.asks.model_fields if way.route.asks else {}
    words = {name: st.sampled_from(world.names[name]) for name in world.names if name in fields}
    return st.builds(_naming, cases, st.fixed_dictionaries({}, optional=words))


def _naming(case: Case, words: Mapping[str, object]) -> Case:
    """A body that names what stands."""
    if isinstance(case.body, dict):
        case.body = case.body | words
    return case


def _answered(handle: Handle, case: Case, caller: Mapping[str, str]) -> Response:
    """The room's answer, as a client would see it."""
    said = case.as_transport_kwargs(base_url="https://vouchsafe.example")
    sent = requests.Request(**said).prepare()
    told = handle(_event(sent, caller), None)
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
