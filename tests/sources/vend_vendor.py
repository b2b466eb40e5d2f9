"""A shop of the X-Series that holds these sales, and remembers what it was asked."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vouchsafe.pure.errors import Refused
from vouchsafe.pure.pull import Request, Response

Plain = dict[str, Any]


class Shop:
    """`sales` are listed by version; all answers are those of API 2026-07."""

    def __init__(
        self,
        sales: Iterable[Plain] = (),
        customers: Iterable[Plain] = (),
        webhooks: Iterable[Plain] = (),
    ) -> None:
        self.asked: list[str] = []
        self.told: list[Plain] = []
        self.refuses: dict[str, int] = {}
        self._sales = sorted(sales, key=lambda each: int(each["_metadata"]["version"]))
        self._held = {f"sales/{each['id']}": each for each in self._sales}
        self._held |= {f"customers/{each['id']}": each for each in customers}
        self._webhooks = list(webhooks)

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.url.startswith("https://demostore.retail.lightspeed.app/api/2026-07/")
        assert request.headers["authorization"] == "Bearer the-access-token"
        assert request.headers["user-agent"]
        path = parts.path.removeprefix("/api/2026-07/")
        self.asked.append(f"{request.method} {path}")
        if self.asked[-1] in self.refuses:
            raise Refused("the vendor refused", status=self.refuses[self.asked[-1]])
        if request.body:
            self.told.append(json.loads(request.body))
        answer = self._answer(request.method, path, dict(parse_qsl(parts.query)))
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    def _answer(self, method: str, path: str, query: dict[str, str]) -> Plain:
        if path == "sales":
            return self._listed(int(query["after"]), int(query["page_size"]))
        if path == "webhooks" and method == "GET":
            return {"data": self._webhooks}
        if path.startswith("webhooks"):
            return {"data": {"id": "wh-1"}}
        if path in self._held:
            return {"data": self._held[path]}
        raise Refused("the vendor answered 404", status=404)

    def _listed(self, after: int, most: int) -> Plain:
        found = [each for each in self._sales if each["_metadata"]["version"] > after][:most]
        versions = [each["_metadata"]["version"] for each in found]
        span = {"min": versions[0], "max": versions[-1]} if versions else {"min": None, "max": None}
        return {"data": found, "version": span}
