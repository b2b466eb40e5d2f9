"""Shopify: a discount with its codes, deactivated, and given its dates again. Pure but for `send`.

Deactivating moves the end to now, and activating again takes the end away: so what was is put back
by an update of both dates. One discount may hold many codes, and is switched for all of them.
https://shopify.dev/docs/api/admin-graphql/2026-04/mutations/discountCodeDeactivate and
/discountCodeBasicUpdate, /queries/codeDiscountNodeByCode; read 2026-11-21.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from vouchsafe.pure.channel import Sought, Switchable
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Throttled, Unavailable
from vouchsafe.pure.parsing import Narrow
from vouchsafe.pure.pull import Request, Send

CALLS_A_SECOND = 2.0
_VERSION = "2026-04"
# Errors that the next try may not meet.
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})
_PATIENCE_S = 2.0
_RUNS = frozenset({"ACTIVE", "SCHEDULED"})
# By kind of discount: the mutation that updates it, its argument, and that argument's type.
_UPDATES = {
    "DiscountCodeApp": ("discountCodeAppUpdate", "codeAppDiscount", "DiscountCodeAppInput"),
    "DiscountCodeBasic": ("discountCodeBasicUpdate", "basicCodeDiscount", "DiscountCodeBasicInput"),
    "DiscountCodeBxgy": ("discountCodeBxgyUpdate", "bxgyCodeDiscount", "DiscountCodeBxgyInput"),
    "DiscountCodeFreeShipping": (
        "discountCodeFreeShippingUpdate",
        "freeShippingCodeDiscount",
        "DiscountCodeFreeShippingInput",
    ),
}
_EACH = "title status startsAt endsAt codes(first: 100) { nodes { code } }"
_TOLD = f"""
fragment Told on DiscountCodeNode {{
  id
  discount: codeDiscount {{
    kind: __typename
    {" ".join(f"... on {kind} {{ {_EACH} }}" for kind in _UPDATES)}
  }}
}}"""
_BY_CODE = f"query ($code: String!) {{ codeDiscountNodeByCode(code: $code) {{ ...Told }} }}{_TOLD}"
_BY_ID = f"query ($id: ID!) {{ codeDiscountNode(id: $id) {{ ...Told }} }}{_TOLD}"
_OFF = "mutation ($id: ID!) { discountCodeDeactivate(id: $id) { userErrors { code } } }"


class _Code(Narrow):
    code: str


class _Codes(Narrow):
    nodes: tuple[_Code, ...]


class _Discount(Narrow):
    kind: str
    title: str
    status: str
    startsAt: str  # noqa: N815 - the vendor's word
    endsAt: str | None = None  # noqa: N815 - the vendor's word
    codes: _Codes


class _Node(Narrow):
    id: str
    discount: _Discount


class Shop:
    """One shop's discounts."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection
        self._token = ""

    def find(self, sought: Sought) -> Iterator[Switchable]:
        for code in sought.codes:
            found = _switchable(self._ask(_BY_CODE, code=code))
            if found:
                yield found

    def read(self, object_id: str) -> Switchable | None:
        return _switchable(self._ask(_BY_ID, id=object_id))

    def switch_off(self, held: Switchable) -> None:
        _check(self._ask(_OFF, id=held.object_id))
        self._see(held, runs=False)

    def switch_on(self, held: Switchable, settings: str) -> None:
        kind, dates = json.loads(settings)
        mutation, argument, typed = _UPDATES[kind]
        update = (
            f"mutation ($id: ID!, $dates: {typed}!) "
            f"{{ {mutation}(id: $id, {argument}: $dates) {{ userErrors {{ code }} }} }}"
        )
        _check(self._ask(update, id=held.object_id, dates=dates))

    def _see(self, held: Switchable, *, runs: bool) -> None:
        now = self.read(held.object_id)
        if now is not None and now.runs != runs:
            raise Unavailable("the shop does not show the switch yet")

    def _ask(self, query: str, **variables: object) -> Any:
        """What the query's one field gives."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        url = f"/admin/api/{_VERSION}/graphql.json"
        headers = {"X-Shopify-Access-Token": self._signed_in(), "Content-Type": "application/json"}
        told = self._post(url, headers, body)
        if told.get("errors"):
            raise _refusal(told["errors"])
        try:
            (found,) = told["data"].values()
        except (KeyError, ValueError, AttributeError) as error:
            raise Unavailable("the vendor's answer is not a GraphQL answer") from error
        return found

    def _signed_in(self) -> str:
        """With a secret, `api_key` is the client id; without, it is the lasting token itself."""
        if not self._connection.api_secret:
            return self._connection.api_key
        if not self._token:
            asked = {
                "grant_type": "client_credentials",
                "client_id": self._connection.api_key,
                "client_secret": self._connection.api_secret,
            }
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            path = "/admin/oauth/access_token"
            self._token = str(
                self._post(path, headers, urlencode(asked).encode()).get("access_token", "")
            )
        return self._token

    def _post(self, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        url = self._connection.api_url.rstrip("/") + path
        answer = self._send(Request(method="POST", url=url, headers=headers, body=body))
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Unavailable("the vendor did not answer with JSON") from error
        if not isinstance(told, dict):
            raise Unavailable("the vendor did not answer with an object")
        return told


def _switchable(told: object) -> Switchable | None:
    if told is None:
        return None
    try:
        node = _Node.model_validate(told)
    except ValidationError:
        # Not chained: pydantic's own error holds what the vendor sent.
        reason = "the vendor's answer is not a discount"
    else:
        return _of(node)
    raise Unavailable(reason)


def _of(node: _Node) -> Switchable:
    discount = node.discount
    if discount.kind not in _UPDATES:
        raise Refused(f"a discount of the kind {discount.kind} cannot be switched back")
    dates = {"startsAt": discount.startsAt, "endsAt": discount.endsAt}
    return Switchable(
        object_id=node.id,
        name=discount.title,
        runs=discount.status in _RUNS,
        codes=tuple(each.code for each in discount.codes.nodes),
        settings=json.dumps([discount.kind, dates]),
    )


def _check(told: Any) -> None:
    """Raises Refused with the vendor's code, never its text."""
    errors = told.get("userErrors") if isinstance(told, dict) else [{}]
    if errors:
        raise Refused(f"the shop refused it: {errors[0].get('code')}")


def _refusal(errors: Any) -> Exception:
    extensions = errors[0].get("extensions", {}) if isinstance(errors, list) else {}
    code = str(extensions.get("code", "without a code"))
    if code == "THROTTLED":
        return Throttled("the vendor asks for patience", _PATIENCE_S)
    if code in _PASSING:
        return Unavailable(f"the vendor answered {code}")
    if code == "ACCESS_DENIED":
        return Refused("the app lacks the scopes read_discounts and write_discounts", code=code)
    return Refused(f"the vendor answered {code}", code=code)
