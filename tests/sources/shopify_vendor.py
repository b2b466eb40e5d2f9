"""Shopify's Admin API as data: answers to requests, and orders with their lists in pages."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.sources.shopify_kiln import event
from vouchsafe.pure.pull import Request, Response, Window

Json = dict[str, Any]
Answering = Callable[[Json], Json]

HOUR = Window(
    start=datetime(2026, 11, 20, 15, 0, tzinfo=UTC), end=datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
)


class Vendor:
    """Answers each request by a function of its variables, and remembers what it was asked."""

    def __init__(self, answer: Answering) -> None:
        self._answer = answer
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        body = json.dumps(self._answer(self.asked()["variables"])).encode()
        return Response(status=200, headers={}, body=body)

    def asked(self) -> Json:
        """The last request's document."""
        asked: Json = json.loads(self.requests[-1].body or b"")
        return asked


def paged(nodes: list[Any], *, more: str | None = None) -> Json:
    """A page as the API gives it: the last one has an end as well."""
    more_to_come = {"has_next_page": more is not None, "end_cursor": more or "the end"}
    return {"nodes": nodes, "page_info": more_to_come}


def told(stem: str) -> Json:
    """An order as the API has it: every list but the refunds in pages."""
    order: Json = json.loads(event(stem).document().body)
    for refund in order["refunds"]:
        _page(refund, "refund_line_items", "refund_shipping_lines")
        _page(refund, "order_adjustments", "transactions")
    _page(order, "discount_applications", "line_items", "shipping_lines")
    return order


def _page(of: Json, *names: str) -> None:
    for name in names:
        of[name] = paged(of[name])


def listed(*orders: Json, more: str | None = None) -> Answering:
    return lambda _: {"data": {"orders": paged(list(orders), more=more)}}


def one(order: Json | None) -> Answering:
    return lambda _: {"data": {"order": order}}


def failing(code: str, **beside: Any) -> Answering:
    error = {"message": "Ann Shopper's secret", "extensions": {"code": code}}
    return lambda _: {"errors": [error | beside.pop("error", {})], **beside}
