"""Revel's resources: orders, their items and payments, and customers, by the filters of each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from local.dealing import Shop
from local.journey import SHOP_ZONE
from local.payloads import revel as payload
from local.payloads.message import Document, Json
from local.payloads.timeline import last, paid_at
from local.till import Sale
from local.vendors.exchange import Answer, Request, Throttle, instant, told

USUAL_LIMIT = 20
REFUSE_ONE_IN = 400
_TIMES = ("created_date", "updated_date")


@dataclass(frozen=True, slots=True)
class Row:
    """One object, written out only when it is asked for. `order` is the one it belongs to."""

    id: int
    order: int
    created: datetime
    updated: datetime
    write: Callable[[], Document]

    def at(self, field: str) -> datetime:
        return self.created if field == "created_date" else self.updated


# The objects of a resource, or those that certain ids are asked for: its own, or their orders'.
Shelf = Callable[[set[int] | None], Iterable[Row]]
T = TypeVar("T")


class Refused(Exception):
    """A filter that the resource does not have."""


class Instance:
    """One instance's `/resources/`."""

    def __init__(self, shop: Shop, sales: Iterable[Sale]) -> None:
        held = list(sales)
        self._key = f"{shop.api_key}:{shop.api_secret}"
        orders = {row.id: row for sale in held for row in _orders(sale)}
        sold = {row.id: sale for sale in held for row in _orders(sale)}
        buyers = {sale.household: _customer(sale) for sale in held}
        self._shelves: Mapping[str, Shelf] = {
            "Order": lambda ids: _named(orders, ids),
            "OrderItem": lambda ids: (row for each in _named(sold, ids) for row in _items(each)),
            "Payment": lambda ids: (row for each in _named(sold, ids) for row in _payments(each)),
            "Customer": lambda ids: _named(buyers, ids),
        }
        self._throttle = Throttle(REFUSE_ONE_IN)

    def answer(self, request: Request) -> Answer:
        if request.headers.get("api-authentication") != self._key:
            return told({"error": "Unauthorized"}, 401)
        if self._throttle.refuses():
            return told({"error": "Too many requests"}, 429, {"Retry-After": "1"})
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["resources", resource] if resource in self._shelves:
                return _listed(self._shelves[resource], request.query)
            case "GET", ["resources", resource, number] if resource in self._shelves:
                return _one(self._shelves[resource], number)
        return told({"error": "Not found"}, 404)


def _orders(sale: Sale) -> Iterable[Row]:
    number, stage = payload.order_id(sale.number), last(sale).stage
    changed = payload.updated_at(sale, stage)
    yield Row(number, number, sale.placed_at, changed, lambda: payload.order(sale))
    if sale.back:
        at, back = sale.back.at, payload.return_id(sale.number)
        yield Row(back, back, at, at, lambda: payload.return_order(sale))


def _items(sale: Sale) -> Iterable[Row]:
    yield from _parts(payload.items(sale), payload.order_id(sale.number), sale.placed_at)
    if sale.back:
        back = payload.return_id(sale.number)
        yield from _parts(payload.returned_items(sale), back, sale.back.at)


def _payments(sale: Sale) -> Iterable[Row]:
    yield from _parts(payload.payments(sale), payload.order_id(sale.number), paid_at(sale))
    if sale.back:
        back = payload.return_id(sale.number)
        yield from _parts(payload.returned_payments(sale), back, sale.back.at)


def _parts(documents: Iterable[Document], order: int, at: datetime) -> Iterable[Row]:
    for each in documents:
        yield Row(int(str(each["id"])), order, at, at, partial(_as_it_is, each))


def _as_it_is(document: Document) -> Document:
    return document


def _named(held: Mapping[int, T], ids: set[int] | None) -> list[T]:
    """What is held under these ids, each once; all where none are named."""
    found = list(held.values()) if ids is None else [held[each] for each in ids if each in held]
    return list({id(each): each for each in found}.values())


def _customer(sale: Sale) -> Row:
    made = sale.placed_at
    return Row(sale.household, 0, made, made, lambda: payload.customer(sale))


def _one(shelf: Shelf, number: str) -> Answer:
    for row in shelf({int(number)} if number.isdecimal() else set()):
        if str(row.id) == number:
            return told(row.write())
    return told({"error": "Not found"}, 404)


def _listed(shelf: Shelf, query: Mapping[str, str]) -> Answer:
    try:
        ids = [query[name] for name in ("id__in", "order__in") if name in query]
        named = {int(each) for each in ids[0].split(",") if each} if ids else None
        found = [row for row in shelf(named) if _is_wanted(row, query)]
        found.sort(key=_sorting(query.get("order_by", "id")))
        start = int(query.get("offset", "0"))
        limit = int(query.get("limit", str(USUAL_LIMIT))) or len(found)
    except (Refused, ValueError) as reason:
        return told({"error": f"Invalid filter: {reason}"}, 400)
    page: list[Json] = [_trimmed(row.write(), query) for row in found[start : start + limit]]
    meta: Json = {"limit": limit, "offset": start, "total_count": len(found)}
    return told({"meta": meta, "objects": page})


def _is_wanted(row: Row, query: Mapping[str, str]) -> bool:
    """Whether a row meets every filter. Times are compared as they are written: in whole seconds
    of the establishment's wall clock."""
    for name, value in query.items():
        field, _, how = name.partition("__")
        if not how:
            continue
        if field in _TIMES and how in ("gte", "lt"):
            at, bound = row.at(field).replace(microsecond=0), instant(value, SHOP_ZONE)
            if (at < bound) if how == "gte" else (at >= bound):
                return False
        elif field in ("id", "order") and how == "in":
            if str(row.id if field == "id" else row.order) not in value.split(","):
                return False
        else:
            raise Refused(name)
    return True


def _sorting(order_by: str) -> Callable[[Row], tuple[float, int]]:
    if order_by in _TIMES:
        return lambda row: (row.at(order_by).replace(microsecond=0).timestamp(), row.id)
    if order_by == "id":
        return lambda row: (0, row.id)
    raise Refused(f"order_by={order_by}")


def _trimmed(document: Document, query: Mapping[str, str]) -> Document:
    names = query.get("fields", "").split(",") if query.get("fields") else list(document)
    return {name: document[name] for name in names if name in document}
