"""Square's API of one merchant: orders, payments, refunds, customers, catalogue and the rest."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from local.dealing import Shop, place
from local.payloads import square as payload
from local.payloads.message import Document, Json, utc_text
from local.payloads.timeline import last, paid_at
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, instant, told
from local.vendors.shelf import Entry, Shelf, When, page

MOST_LOCATIONS = 10
MOST_ORDERS = 1000
MOST_TENDERS = 100
USUAL_ORDERS = 500
REFUSE_ONE_IN = 400
# The events of the room's door-plate.
EVENTS = (
    "order.created",
    "order.updated",
    "order.fulfillment.updated",
    "payment.created",
    "payment.updated",
    "refund.created",
    "refund.updated",
)
# The field of a filter, its sort field, and the time it looks at. A closed order here closed when
# it last changed.
_SORTS: Mapping[str, tuple[str, When]] = {
    "created_at": ("CREATED_AT", "created"),
    "updated_at": ("UPDATED_AT", "updated"),
    "closed_at": ("CLOSED_AT", "updated"),
}
_STATES = frozenset({"OPEN", "COMPLETED", "CANCELED", "DRAFT"})
# The windows that payments and refunds are listed by: names of the bounds, and the time.
_WINDOWS: tuple[tuple[str, str, When], ...] = (
    ("begin_time", "end_time", "created"),
    ("updated_at_begin_time", "updated_at_end_time", "updated"),
)


class Refused(Exception):
    """A request that Square answers with an error of its own."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.answer = answer


class Merchant:
    """One merchant's `/v2`."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        self._authorization = f"Bearer {shop.api_key}"
        self._orders = Shelf(entry for sale in held for entry in _orders(sale))
        self._shelves = {
            "orders": self._orders,
            "payments": Shelf(entry for sale in held for entry in _payments(sale)),
            "refunds": Shelf(entry for sale in held for entry in _refunds(sale)),
        }
        self._customers = {f"CJCUSTOMER{sale.household}": sale for sale in held}
        self._stores = {place(sale.store).location_id: sale.store for sale in held}
        self._codes = sorted({each.code for sale in held for each in sale.discounts if each.code})
        self._signing_key = shop.signing_keys[0]
        self._webhooks: list[Document] = []
        self.catalog: dict[str, Document] = {}
        self._throttle = Throttle(REFUSE_ONE_IN)

    def subscribe(self, url: str) -> None:
        """The merchant's own application wishes to hear of its events at an address."""
        self._webhooks.append(
            {
                "id": f"wbhk_{len(self._webhooks) + 1}",
                "name": "Vouchsafe",
                "enabled": True,
                "event_types": list(EVENTS),
                "notification_url": url,
                "api_version": "2026-08-19",
                "signature_key": self._signing_key,
            }
        )

    def offer(self, object_id: str, name: str) -> None:
        """A discount that every till shows."""
        self.catalog[object_id] = {
            "type": "DISCOUNT",
            "id": object_id,
            "version": 1,
            "updated_at": "2026-01-01T00:00:00Z",
            "is_deleted": False,
            "present_at_all_locations": True,
            "discount_data": {"name": name, "discount_type": "FIXED_PERCENTAGE", "percentage": "9"},
        }

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self._authorization:
            return _error(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "could not be authorized")
        if self._throttle.refuses():
            return _error(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", "too many requests")
        parts = request.path.strip("/").split("/")
        try:
            return self._route(request.method, parts, request)
        except Refused as refused:
            return refused.answer

    def _route(self, method: str, parts: list[str], request: Request) -> Answer:
        match method, parts:
            case _, ["v2", "catalog", "list" | "object" as verb, *rest]:
                return self._catalogue(verb, rest, request)
            case "POST", ["v2", shelf, "search" | "batch-retrieve" as verb]:
                return self._posted(shelf, verb, request.document())
            case "GET", ["v2", "orders" | "payments" | "refunds" as shelf, object_id]:
                return _one(shelf.removesuffix("s"), self._shelves[shelf].get(object_id))
            case "GET", ["v2", "payments" | "refunds" as shelf]:
                return _tenders(shelf, self._shelves[shelf], request.query)
            case "GET", ["v2", "locations"]:
                return told({"locations": [_location(*each) for each in self._stores.items()]})
            case "GET", ["v2", "customers", customer_id] if customer_id in self._customers:
                return told({"customer": payload.customer(self._customers[customer_id])})
            case _, ["v2", "webhooks", "subscriptions", *rest]:
                return self._subscribed(method, rest, request)
        return _error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "resource not found")

    def _subscribed(self, method: str, rest: list[str], request: Request) -> Answer:
        if method == "GET" and not rest:
            every = request.query.get("include_disabled") == "true"
            found: list[Json] = [each for each in self._webhooks if every or each["enabled"]]
            return told({"subscriptions": found} if found else {})
        wish = _object(request.document().get("subscription"))
        for at, each in enumerate(self._webhooks):
            if method == "PUT" and rest == [each["id"]]:
                self._webhooks[at] = {**each, **wish}
                return told({"subscription": self._webhooks[at]})
        return _error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "subscription not found")

    def _posted(self, shelf: str, verb: str, asked: Document) -> Answer:
        if shelf == "catalog":
            return told({"objects": [_catalog(code) for code in self._codes]})
        return self._search(asked) if verb == "search" else self._batch(asked)

    def _catalogue(self, verb: str, rest: list[str], request: Request) -> Answer:
        if verb == "list":
            return told({"objects": [*self.catalog.values()]} if self.catalog else {})
        if not rest:
            return self._upserted(_object(request.document().get("object")))
        held = self.catalog.get(rest[0])
        if held is None:
            return _error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "object not found")
        return told({"object": held})

    def _upserted(self, wish: Document) -> Answer:
        """What is not said again is gone; a version that is not the last one is refused."""
        held = self.catalog.get(str(wish.get("id")))
        if held is None:
            return _error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "object not found")
        version = held["version"]
        if wish.get("version") != version or not isinstance(version, int):
            return _error(400, "INVALID_REQUEST_ERROR", "VERSION_MISMATCH", "version is stale")
        made: Document = {"present_at_all_locations": True, **wish, "version": version + 1}
        self.catalog[str(wish["id"])] = made
        return told({"catalog_object": made})

    def _search(self, asked: Document) -> Answer:
        locations = asked.get("location_ids")
        if not isinstance(locations, list) or not 1 <= len(locations) <= MOST_LOCATIONS:
            raise _bad("location_ids must name 1 to 10 locations")
        limit = asked.get("limit", USUAL_ORDERS)
        if not isinstance(limit, int) or not 1 <= limit <= MOST_ORDERS:
            raise _bad("limit must be between 1 and 1000")
        query = _object(asked.get("query"))
        keep, when = _filtered(query, {str(each) for each in locations})
        newest_first = _object(query.get("sort")).get("sort_order", "DESC") == "DESC"
        question = {key: value for key, value in asked.items() if key != "cursor"}
        start = _start(asked.get("cursor"), question)
        found = self._orders.window(when, keep, newest_first=newest_first)
        documents, rest = page(found, start, limit)
        if asked.get("return_entries") is True:
            entries: list[Json] = [
                {"order_id": each["id"], "location_id": each["location_id"]} for each in documents
            ]
            return told({"order_entries": entries, **_cursor(rest, question)})
        return told({"orders": list(documents), **_cursor(rest, question)})

    def _batch(self, asked: Document) -> Answer:
        ids = asked.get("order_ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_TENDERS:
            raise _bad("order_ids must name 1 to 100 orders")
        found = (self._orders.get(str(each)) for each in ids)
        return told({"orders": [entry.write() for entry in found if entry]})


def _orders(sale: Sale) -> Iterable[Entry]:
    location = place(sale.store).location_id
    yield Entry(
        payload.order_id(sale.number),
        location,
        sale.placed_at,
        payload.updated_at(sale),
        lambda: payload.order(sale),
    )
    if sale.back:
        at, written = sale.back.at, payload.return_id(sale.number)
        yield Entry(written, location, at, at, lambda: payload.return_order(sale))


def _payments(sale: Sale) -> Iterable[Entry]:
    document = payload.payment(sale)
    if document is not None:
        object_id, location = str(document["id"]), place(sale.store).location_id
        yield Entry(object_id, location, paid_at(sale), last(sale).at, lambda: document)


def _refunds(sale: Sale) -> Iterable[Entry]:
    document = payload.refund(sale)
    if document is not None and sale.back:
        object_id, location = str(document["id"]), place(sale.store).location_id
        yield Entry(object_id, location, sale.back.at, sale.back.at, lambda: document)


def _filtered(query: Document, locations: set[str]) -> tuple[Callable[[Entry], bool], When]:
    """Which orders are wanted, and by what time they are listed. A range's ends belong to it."""
    wanted = _object(query.get("filter"))
    by_time = _object(wanted.get("date_time_filter"))
    states = _states(wanted)
    if len(by_time) > 1:
        raise _bad("date_time_filter must have one field")
    field, span = next(iter(by_time.items()), ("created_at", {}))
    sort_field, when = _SORTS.get(field, ("", "created"))
    if by_time and _object(query.get("sort")).get("sort_field", "CREATED_AT") != sort_field:
        raise _bad(f"sort_field must match the date_time_filter on {field}")
    start, end = (_bound(_object(span).get(name)) for name in ("start_at", "end_at"))

    def keep(entry: Entry) -> bool:
        return (
            entry.location_id in locations
            and _within(entry.at(when), start, end)
            and (not states or entry.write()["state"] in states)
        )

    return keep, when


def _states(wanted: Document) -> set[str]:
    found = _object(wanted.get("state_filter")).get("states", [])
    states = {str(each) for each in found} if isinstance(found, list) else set()
    if states - _STATES:
        raise _bad("state_filter names a state that orders do not have")
    return states


def _tenders(name: str, shelf: Shelf, query: Mapping[str, str]) -> Answer:
    bounds: list[tuple[When, datetime | None, datetime | None]] = [
        (when, _bound(query.get(begin)), _bound(query.get(end))) for begin, end, when in _WINDOWS
    ]
    by_update = "updated_at_begin_time" in query or query.get("sort_field") == "UPDATED_AT"
    question: Document = {key: value for key, value in query.items() if key != "cursor"}

    def keep(entry: Entry) -> bool:
        here = query.get("location_id") in {None, "", entry.location_id}
        return here and all(_within(entry.at(when), start, end) for when, start, end in bounds)

    found = shelf.window(
        "updated" if by_update else "created",
        keep,
        newest_first=query.get("sort_order", "DESC") == "DESC",
    )
    limit = min(int(query.get("limit") or MOST_TENDERS), MOST_TENDERS)
    documents, rest = page(found, _start(query.get("cursor"), question), limit)
    return told({name: list(documents), **_cursor(rest, question)})


def _within(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or at >= start) and (end is None or at <= end)


def _bound(text: Json) -> datetime | None:
    if not text:
        return None
    try:
        return instant(str(text))
    except ValueError as error:
        raise _bad(f"{text} is not an RFC 3339 time") from error


def _cursor(rest: int | None, question: Document) -> Document:
    if rest is None:
        return {}
    written = json.dumps([rest, _digest(question)])
    return {"cursor": base64.urlsafe_b64encode(written.encode()).decode()}


def _start(cursor: Json, question: Document) -> int:
    """Where a cursor goes on. It belongs to one question; another one refuses it."""
    if not cursor:
        return 0
    try:
        start, digest = json.loads(base64.urlsafe_b64decode(str(cursor)))
    except ValueError as error:
        raise _bad("cursor is not one of ours") from error
    if digest != _digest(question):
        raise _bad("cursor belongs to another question")
    return int(start)


def _digest(question: Document) -> str:
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:12]


def _one(name: str, entry: Entry | None) -> Answer:
    if entry is None:
        return _error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", f"{name} not found")
    return told({name: entry.write()})


def _catalog(code: str) -> Json:
    return {
        "type": "DISCOUNT",
        "id": payload.catalog_id(code),
        "version": payload.CATALOG_VERSION,
        "is_deleted": False,
        "discount_data": {"name": payload.discount_name(code), "discount_type": "FIXED_AMOUNT"},
    }


def _location(location_id: str, store: int) -> Json:
    return {
        "id": location_id,
        "name": f"Store {store}",
        "timezone": "America/New_York",
        "status": "ACTIVE",
        "currency": "USD",
        "created_at": utc_text(instant("2016-01-01T00:00:00Z")),
    }


def _object(value: Json) -> Document:
    return value if isinstance(value, dict) else {}


def _bad(detail: str) -> Refused:
    return Refused(_error(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", detail))


def _error(status: int, category: str, code: str, detail: str) -> Answer:
    return told({"errors": [{"category": category, "code": code, "detail": detail}]}, status)
