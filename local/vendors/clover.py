"""Clover's API: orders with their lines, payments and customers of one merchant, and OAuth."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from local.dealing import Shop
from local.payloads import clover as payload
from local.payloads.clover_bill import order_id
from local.payloads.message import Document, Json
from local.payloads.timeline import last
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, told
from local.vendors.shelf import Entry, Shelf, When, page
from vouchsafe.pure.instant import EPOCH

MOST_EXPANDED = 3
MOST_NESTED = 100
USUAL_LIMIT = 100
MOST_LIMIT = 1000
REFUSE_ONE_IN = 400
# A far day of the vendor's clock, for the stand-in has none.
ENDS = 4_102_444_800
_EXPANDABLE = ("lineItems", "discounts", "payments", "refunds", "credits", "voids")
_OF_LINES = ("discounts", "modifications")
_TIMES: Mapping[str, When] = {
    "modifiedTime": "updated",
    "createdTime": "created",
    "clientCreatedTime": "created",
}

Query: TypeAlias = Mapping[str, str]


class Refused(Exception):
    """A request that Clover answers with an error of its own."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.answer = answer


class Merchant:
    """One merchant's `/v3`, and the application's `/oauth/v2/refresh`.

    Whoever has the lasting token of the connection comes in by it; with `api_secret`, which is the
    first refresh token, only by what it was exchanged for. Each refresh token is good once.
    """

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        self._shop = shop
        self._orders = Shelf(_entry(each) for each in held)
        self._payments = {payload.payment_id(each.number): each for each in held}
        self._customers = {payload.customer_id(each.household): each for each in held}
        self._access = "" if shop.api_secret else shop.api_key
        self._refresh = shop.api_secret
        self._lock = threading.Lock()
        self._throttle = Throttle(REFUSE_ONE_IN)

    def answer(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        if self._throttle.refuses():
            return _error(429, "Too many requests", {"retry-after": "1"})
        if (request.method, parts) == ("POST", ["oauth", "v2", "refresh"]):
            return self._renewed(request.document())
        token = request.headers.get("authorization", "")
        if not self._access or token != f"Bearer {self._access}":
            return _error(401, "401 Unauthorized")
        try:
            return self._route(parts, request.query)
        except Refused as refused:
            return refused.answer

    def _route(self, parts: list[str], query: Query) -> Answer:
        match parts:
            case ["v3", "merchants", merchant, *_] if merchant != payload.MERCHANT:
                return _error(401, "401 Unauthorized")
            case ["v3", "merchants", _, "orders"]:
                return self._listed(query)
            case ["v3", "merchants", _, "orders", known]:
                return told(_with(self._order(known), query))
            case ["v3", "merchants", _, "orders", known, "line_items"]:
                return _lines(self._order(known), query)
            case ["v3", "merchants", _, "payments", payment_id] if payment_id in self._payments:
                return told(payload.payment(self._payments[payment_id]))
            case ["v3", "merchants", _, "customers", who] if who in self._customers:
                return told(_bare(payload.customer(self._customers[who]), query))
        raise _missing()

    def _order(self, known: str) -> Document:
        entry = self._orders.get(known)
        if entry is None:
            raise _missing()
        return entry.write()

    def _listed(self, query: Query) -> Answer:
        keep, when = _filtered(query)
        start, limit = _slice(query)
        documents, _ = page(self._orders.window(when, keep), start, limit)
        elements: list[Json] = [_with(each, query) for each in documents]
        return told({"elements": elements, "href": "orders"})

    def _renewed(self, asked: Document) -> Answer:
        """A new pair of tokens for a refresh token that was not used yet."""
        with self._lock:
            known = self._refresh and asked.get("refresh_token") == self._refresh
            if asked.get("client_id") != self._shop.shop or not known:
                return _error(401, "Invalid refresh token")
            self._access = _following("access", self._refresh)
            self._refresh = _following("refresh", self._refresh)
            pair: Document = {
                "access_token": self._access,
                "access_token_expiration": ENDS,
                "refresh_token": self._refresh,
                "refresh_token_expiration": ENDS,
            }
            return told(pair)


def _entry(sale: Sale) -> Entry:
    return Entry(
        order_id(sale.number),
        payload.MERCHANT,
        sale.placed_at,
        last(sale).at,
        lambda: payload.order(sale),
    )


def _following(kind: str, token: str) -> str:
    return hashlib.sha256(f"{kind} after {token}".encode()).hexdigest()


def _expanded(query: Query) -> list[str]:
    fields = [each for each in query.get("expand", "").split(",") if each]
    if len(fields) > MOST_EXPANDED:
        raise _bad("expand takes at most three fields")
    return fields


def _with(order: Document, query: Query) -> Document:
    """An order with what was asked for; a nested list ends at a hundred."""
    fields = _expanded(query)
    names = {each.partition(".")[0] for each in fields}
    inside = {each.partition(".")[2] for each in fields if each.startswith("lineItems.")}
    whole = {name: each for name, each in order.items() if name not in _EXPANDABLE or name in names}
    for name in names & whole.keys():
        whole[name] = {"elements": _elements(whole[name])[:MOST_NESTED]}
    if "lineItems" in whole:
        lines = [_line(each, inside) for each in _elements(whole["lineItems"])]
        whole["lineItems"] = {"elements": lines}
    return whole


def _lines(order: Document, query: Query) -> Answer:
    start, limit = _slice(query)
    fields = set(_expanded(query))
    found = _elements(order["lineItems"])[start : start + limit]
    return told({"elements": [_line(each, fields) for each in found]})


def _line(line: Json, fields: set[str]) -> Json:
    if not isinstance(line, dict):
        return line
    return {name: each for name, each in line.items() if name not in _OF_LINES or name in fields}


def _bare(customer: Document, query: Query) -> Document:
    fields = _expanded(query)
    hidden = {"emailAddresses", "phoneNumbers"} - set(fields)
    return {name: each for name, each in customer.items() if name not in hidden}


def _elements(found: Json) -> list[Json]:
    elements = found.get("elements") if isinstance(found, dict) else None
    return elements if isinstance(elements, list) else []


def _slice(query: Query) -> tuple[int, int]:
    start, limit = query.get("offset", "0"), query.get("limit", str(USUAL_LIMIT))
    if not start.isdecimal() or not limit.isdecimal():
        raise _bad("offset and limit are numbers")
    return int(start), min(int(limit), MOST_LIMIT)


def _filtered(query: Query) -> tuple[Callable[[Entry], bool], When]:
    """Which orders are wanted, and by what time. A filter that is given several times comes with
    `&` between; both ends of a range belong to it."""
    bounds = [_bound(each) for each in query.get("filter", "").split("&") if each]
    whens = {when for when, _, _ in bounds}
    if len(whens) > 1:
        raise _bad("one time at once")

    def keep(entry: Entry) -> bool:
        return all(
            entry.at(when) >= at if sign == ">=" else entry.at(when) <= at
            for when, sign, at in bounds
        )

    return keep, next(iter(whens), "created")


def _bound(text: str) -> tuple[When, str, datetime]:
    for sign in (">=", "<="):
        field, found, value = text.partition(sign)
        if found and field in _TIMES and value.isdecimal():
            return _TIMES[field], sign, EPOCH + timedelta(milliseconds=int(value))
    raise _bad(f"{text} is not a legal filter")


def _missing() -> Refused:
    return Refused(_error(404, "Not Found"))


def _bad(message: str) -> Refused:
    return Refused(_error(400, message))


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json"} | dict(headers or {}))
