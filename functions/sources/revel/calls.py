"""The calls to Revel's resources that this room makes, one method each.

Source: developer.revelsystems.com (REST API: filters, ordering, paging), read 2026-11-20.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.pull import Request, Send, json_of

# Revel publishes no limit; it answers 429, and the flow then waits.
CALLS_A_SECOND = 2.0
ORDERS_A_PAGE = 50
# What belongs to the orders of a page is listed in pages of its own.
PARTS_A_PAGE = 500

Plain = dict[str, Any]  # a document as JSON gives it; it leaves this room as bytes only


class Revel:
    """One instance."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection

    def one(self, resource: str, object_id: str) -> Plain:
        """An object by its id."""
        return self._asked(f"{resource}/{quote(object_id, safe='')}/", {})

    def page(self, resource: str, asked: Mapping[str, str]) -> list[Plain]:
        """One page of a listing."""
        found = self._asked(f"{resource}/", asked).get("objects")
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Unavailable("Revel's answer has no list of objects")
        return found

    def every(self, resource: str, field: str, ids: Iterable[str]) -> list[Plain]:
        """All objects whose field is one of these ids, page by page."""
        wanted = sorted(set(ids))
        found: list[Plain] = []
        more = bool(wanted)
        while more:
            asked = {f"{field}__in": ",".join(wanted), "order_by": "id"}
            asked |= {"limit": str(PARTS_A_PAGE), "offset": str(len(found))}
            page = self.page(resource, asked)
            found += page
            more = len(page) == PARTS_A_PAGE
        return found

    def _asked(self, path: str, asked: Mapping[str, str]) -> Plain:
        query = urlencode({"format": "json", **asked})
        connection = self._connection
        request = Request(
            method="GET",
            url=f"{connection.api_url.rstrip('/')}/resources/{path}?{query}",
            headers={
                "api-authentication": f"{connection.api_key}:{connection.api_secret}",
                "accept": "application/json",
            },
        )
        answer = json_of(self._send(request).body, "Revel")
        return answer if isinstance(answer, dict) else {}
