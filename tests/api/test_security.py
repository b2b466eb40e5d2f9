"""Does any room do for a caller what it should not: by a role, a field, a key, or a guess?"""

import os
import zlib
from collections.abc import Iterator
from typing import Any, get_args

import boto3
import pytest
from pydantic import ValidationError

from tests.api import room
from tests.api.calls import answered, event
from tests.api.rooms import ROOMS, ROUTES, SHOPS
from tests.api.test_register_rights import MAY, path_of
from tests.api.test_validations import Shop, an_order
from tests.api.test_validations import given as terms
from tests.register.conftest import aws, made
from vouchsafe.edge import clock, keys_table
from vouchsafe.flow import guard
from vouchsafe.pure.asking import Route, Said
from vouchsafe.pure.rights import ROLES, SCOPES

__all__ = ["aws", "made"]


def _routes(of_shops: bool) -> list[Any]:
    return [
        pytest.param(handler.handle, route, id=route.name)
        for name, handler in ROOMS.items()
        if (name in SHOPS) is of_shops
        for route in ROUTES[name]
    ]


def _bodies() -> list[type[Said]]:
    """Every body that any route asks for, and what lies within it."""
    asked = [route.asks for routes in ROUTES.values() for route in routes if route.asks]
    return list(dict.fromkeys(each for body in asked for each in _within(body)))


def _within(kind: object) -> Iterator[type[Said]]:
    for part in get_args(kind):
        yield from _within(part)
    if isinstance(kind, type) and issubclass(kind, Said):
        yield kind
        for field in kind.model_fields.values():
            yield from _within(field.annotation)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("handle", "route"), _routes(of_shops=False))
def test_a_person_does_what_a_role_may_and_nothing_else(handle: Any, route: Route) -> None:
    def status(**who: Any) -> int:
        told = handle(event(route.method, path_of(route), {}, **who), None)
        return int(told["statusCode"])

    let_in = {role for role in ROLES if status(groups=f"[{role}]") != 403}

    assert let_in == {role for role in ROLES if route.right in MAY[role]}
    assert status(groups="[staff]") == 403
    assert status() == status(authorization=f"Bearer {_key()}") == 401


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("handle", "route"), _routes(of_shops=True))
def test_a_signed_in_admin_is_no_shop(handle: Any, route: Route) -> None:
    told = event(route.method, path_of(route), {}, groups="[admin]")

    assert answered(handle, told).status == 401


def _key() -> str:
    """A shop's key that is good."""
    made = keys_table.drawn("web", SCOPES, "direct", "webshop", "person:ana", clock.now())
    keys_table.keep(made)
    return made.text


@pytest.mark.parametrize("body", _bodies(), ids=lambda body: body.__name__)
@pytest.mark.parametrize("field", ["who", "decided_by", "__class__", "rights"])
def test_no_body_takes_a_field_that_it_does_not_name(body: type[Said], field: str) -> None:
    assert field not in body.model_fields

    with pytest.raises(ValidationError) as refused:
        body.model_validate({field: "x"})

    found = {(each["type"], each["loc"]) for each in refused.value.errors()}
    assert ("extra_forbidden", (field,)) in found


@pytest.mark.usefixtures("aws")
def test_no_table_and_no_log_holds_the_text_of_a_key(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    room.published({**room.ROWS, "accounts": [room.ACCOUNT]})
    asked = {"name": "bar", "platform": "square", "account": "bar", "scopes": ["redeem"]}

    made = room.call("adam", "POST", "/register/keys", asked, idempotency_key="k").body
    told = event("GET", "/vouchers/orders/W1", authorization=f"Bearer {made['key']}")
    assert answered(ROOMS["validations"].handle, told).status == 200

    kept = "".join(_everything_kept())
    secret = made["key"].split("_", 2)[2]
    assert made["key_id"] in kept
    assert secret not in kept
    assert secret not in caplog.text + "".join(capsys.readouterr())


def _everything_kept() -> Iterator[str]:
    """What stands in any table, unpacked where it is packed."""
    client = boto3.client("dynamodb")
    for name in {table for key, table in os.environ.items() if key.endswith("_TABLE")}:
        for item in client.scan(TableName=name)["Items"]:
            for said in item.values():
                packed = said.get("B")
                yield zlib.decompress(packed).decode() if packed else str(said)


@pytest.mark.usefixtures("aws")
def test_a_guesser_learns_nothing_of_a_code_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(monkeypatch)
    shop.knows(*terms("TEN"))

    def told(code: str, verb: str = "validate") -> Any:
        body = {"codes": [code], "order": an_order(), "session": "s1"}
        found = shop.call("POST", f"/{verb}", body).body
        return [{**each, "code": ""} for each in found.pop("refusals")], found

    for number in range(guard.REFUSED_AFTER):
        told(f"NOPE{number}")

    assert told("NOPE", "reserve") == told("TEN", "reserve")
    for _ in range(guard.REFUSED_AFTER):
        assert told("NOPE") == told("TEN")
