"""A Clover that holds orders, payments and customers, for the room's calls."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from functions.sources.clover.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_clover import CONNECTION, ROOM
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request, Response

Plain = dict[str, Any]
# What an order tells only where it is asked for it, and within its lines.
_EXPANDED = ("lineItems", "discounts", "payments", "refunds", "credits", "voids")
_OF_LINES = ("discounts", "modifications")
_NESTED = 100


def held(stem: str) -> Plain:
    """The order of a document of events/clover."""
    order: Plain = json.loads(Event(room=ROOM, stem=stem).document().body)
    return order


class Vendor:
    """One merchant's Clover, which remembers what it was asked."""

    def __init__(
        self,
        orders: Iterable[Plain] = (),
        payments: Iterable[Plain] = (),
        customers: Iterable[Plain] = (),
        forbidden: str = "",
    ) -> None:
        self.asked: list[str] = []
        self.queries: list[dict[str, list[str]]] = []
        self.orders = {each["id"]: each for each in orders}
        self._shelves: Mapping[str, Mapping[str, Plain]] = {
            "payments": {each["id"]: each for each in payments},
            "customers": {each["id"]: each for each in customers},
        }
        self._forbidden = forbidden

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.method == "GET"
        assert request.url.startswith("https://api.clover.com/v3/merchants/MIDTEST000001/")
        assert request.headers["authorization"] == "Bearer the-access-token"
        path, query = parts.path.split("/")[4:], parse_qs(parts.query)
        expand = query.get("expand", [""])[0].split(",")
        assert len(expand) <= 3, "no more than three fields"
        self.asked.append("/".join(path))
        self.queries.append(query)
        if path[0] == self._forbidden:
            raise Refused("the vendor answered 403", status=403)
        body = json.dumps(self._answer(path, query, expand)).encode()
        return Response(status=200, headers={}, body=body)

    def _answer(self, path: list[str], query: Mapping[str, list[str]], expand: list[str]) -> Plain:
        match path:
            case ["orders"]:
                found = sorted(self.orders.values(), key=lambda each: each["modifiedTime"])
                return {"elements": [told(each, expand) for each in paged(found, query)]}
            case ["orders", order_id] if order_id in self.orders:
                return told(self.orders[order_id], expand)
            case ["orders", order_id, "line_items"] if order_id in self.orders:
                lines = self.orders[order_id]["lineItems"]["elements"]
                return {
                    "elements": [narrowed(each, _OF_LINES, expand) for each in paged(lines, query)]
                }
            case [shelf, object_id] if object_id in self._shelves.get(shelf, {}):
                return self._shelves[shelf][object_id]
        raise Refused("the vendor answered 404", status=404)


def told(order: Plain, expand: list[str]) -> Plain:
    """An order with what was asked for; nested lists end at a hundred."""
    whole = narrowed(order, _EXPANDED, [each.partition(".")[0] for each in expand])
    if "lineItems" in whole:
        inside = [each.partition(".")[2] for each in expand]
        lines = [narrowed(each, _OF_LINES, inside) for each in whole["lineItems"]["elements"]]
        whole["lineItems"] = {"elements": lines[:_NESTED]}
    return whole


def narrowed(document: Plain, hidden: Iterable[str], asked: list[str]) -> Plain:
    return {name: held for name, held in document.items() if name not in hidden or name in asked}


def paged(found: list[Plain], query: Mapping[str, list[str]]) -> list[Plain]:
    start = int(query["offset"][0])
    return found[start : start + int(query["limit"][0])]


def notice(kind: str, object_id: str, told: str = "UPDATE") -> Notice:
    return Notice(
        platform="clover", account="quay", kind=kind, object_id=object_id, details={"type": told}
    )


def ids(documents: Iterable[Document]) -> set[tuple[str, str]]:
    facts = [read_document(each, CONNECTION, IDENTIFY, NOW) for each in documents]
    return {(fact.order.order_id, fact.fact_id()) for each in facts for fact in each}
