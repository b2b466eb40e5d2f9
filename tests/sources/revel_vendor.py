"""A Revel that holds these objects by resource, and remembers what it was asked."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vouchsafe.pure.errors import Refused
from vouchsafe.pure.pull import Request, Response

Plain = dict[str, Any]


class Instance:
    """Filters `__gte`, `__lt` and `__in`, one order, limit and offset, as its REST API has them."""

    def __init__(self, **shelves: Iterable[Plain]) -> None:
        self.asked: list[str] = []
        self.queries: list[dict[str, str]] = []
        self.shelves = {name: list(objects) for name, objects in shelves.items()}

    def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert request.method == "GET"
        assert request.url.startswith("https://demo.revelup.com/resources/")
        assert request.headers["api-authentication"] == "the-key:the-secret"
        resource, *rest = parts.path.removeprefix("/resources/").strip("/").split("/")
        query = dict(parse_qsl(parts.query))
        self.asked.append("/".join([resource, *rest]))
        self.queries.append(query)
        answer = self._one(resource, rest[0]) if rest else self._listed(resource, query)
        return Response(status=200, headers={}, body=json.dumps(answer).encode())

    def _one(self, resource: str, object_id: str) -> Plain:
        for each in self.shelves.get(resource, []):
            if str(each["id"]) == object_id:
                return each
        raise Refused("the vendor answered 404", status=404)

    def _listed(self, resource: str, query: dict[str, str]) -> Plain:
        found = [each for each in self.shelves.get(resource, []) if _is_wanted(each, query)]
        found.sort(key=lambda each: _order_of(each[query.get("order_by", "id")]))
        start, limit = int(query.get("offset", 0)), int(query.get("limit", 20))
        names = set(query["fields"].split(",")) if "fields" in query else None
        page = [
            {name: value for name, value in each.items() if not names or name in names}
            for each in found[start : start + limit]
        ]
        meta = {"limit": limit, "offset": start, "total_count": len(found)}
        return {"meta": meta, "objects": page}


def _is_wanted(each: Plain, query: dict[str, str]) -> bool:
    for name, value in query.items():
        field, _, how = name.partition("__")
        told = str(each.get(field)).rstrip("/").rpartition("/")[2] if how == "in" else None
        if how == "in" and told not in value.split(","):
            return False
        if how == "gte" and _order_of(each[field]) < _order_of(value):
            return False
        if how == "lt" and _order_of(each[field]) >= _order_of(value):
            return False
    return True


def _order_of(value: object) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
