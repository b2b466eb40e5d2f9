"""A Square that holds the objects of events/square, for the room's calls."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from functions.sources.square.read import read_document
from tests.sources.events import IDENTIFY, NOW, Event
from tests.sources.test_square import CONNECTION, ROOM
from vouchsafe.pure.errors import Refused
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Request, Response

Plain = dict[str, Any]
RETURN, REFUND, PAYMENT = "ORDreturn0001", "PAYtest0001_RFtest0001", "PAYtest0001"


def held(stem: str, name: str) -> Plain:
    """One object out of a document of events/square."""
    document: dict[str, Plain] = json.loads(Event(room=ROOM, stem=stem).document().body)
    return document[name]


def refund_of(stem: str) -> Plain:
    """The first refund of a return in events/square."""
    refund: Plain = json.loads(Event(room=ROOM, stem=stem).document().body)["refunds"][0]
    return refund


class Vendor:
    """A Square that holds these objects and remembers what it was asked."""

    def __init__(self, **shelves: Iterable[Plain]) -> None:
        self.asked: list[str] = []
        self.bodies: list[Plain] = []
        self._held = {
            (shelf, each["id"]): each for shelf, objects in shelves.items() for each in objects
        }

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.url.startswith("https://connect.squareup.com/v2/")
        assert request.headers["authorization"] == "Bearer the-access-token"
        assert request.headers["square-version"] == "2026-08-19"
        self.asked.append(f"{request.method} {parts.path.removeprefix('/v2/')}")
        body = json.loads(request.body) if request.body else dict(parse_qsl(parts.query))
        self.bodies.append(body)
        answer = self._answer(parts.path.split("/")[2:], body)
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    def _answer(self, path: list[str], asked: Plain) -> Plain:
        match path:
            case ["orders", "search"]:
                return self._page("orders", asked)
            case ["orders", "batch-retrieve"]:
                ids = [("orders", each) for each in asked["order_ids"]]
                return {"orders": [self._held[each] for each in ids if each in self._held]}
            case ["payments" | "refunds" | "locations" as shelf]:
                return self._page(shelf, asked)
            case [shelf, object_id]:
                if (shelf, object_id) in self._held:
                    return {shelf.removesuffix("s"): self._held[shelf, object_id]}
        raise Refused("the vendor answered 404", status=404)

    def _page(self, shelf: str, asked: Plain) -> Plain:
        """Two at a time; a shelf with nothing on it is left out, as Square does."""
        found = [each for (name, _), each in sorted(self._held.items()) if name == shelf]
        start = int(asked.get("cursor", 0))
        rest = {"cursor": str(start + 2)} if len(found) > start + 2 else {}
        return {shelf: found[start : start + 2], **rest} if found else {}


def notice(kind: str, object_id: str, **details: str) -> Notice:
    return Notice(platform="square", account="kew", kind=kind, object_id=object_id, details=details)


def ids(documents: Iterable[Document]) -> set[tuple[str, str]]:
    facts = [read_document(each, CONNECTION, IDENTIFY, NOW) for each in documents]
    return {(fact.order.order_id, fact.fact_id()) for each in facts for fact in each}


def shop() -> Vendor:
    """A sale, its payment, and the return of half of it."""
    return Vendor(
        orders=[held("order.confirmed", "order"), held("order.partial_return", "order")],
        payments=[held("payment_updated", "payment") | {"refund_ids": [REFUND]}],
        refunds=[refund_of("order.partial_return")],
    )
