"""The calls to the X-Series' API that this room makes, one method each.

Source: the vendor's OpenAPI 2026-07 (sales, customers, webhooks), read 2026-11-20.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.pull import Request, Send, json_of

VERSION = "2026-07"
# 300 times the registers, plus 50, in five minutes: what a shop with one register may be asked.
CALLS_A_SECOND = 1.0
# The vendor refuses callers that do not say who they are.
AGENT = "Vouchsafe"
# A page with its buyers is asked for within a sweep's half minute, at one call a second.
SALES_A_PAGE = 10
# Where only versions and times are wanted.
SALES_AT_ONCE = 100

Plain = dict[str, Any]  # a document as JSON gives it; it leaves this room as bytes only


class Vend:
    """One connection to a shop, signed in."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection

    def sale(self, sale_id: str) -> Plain:
        """A sale by its id."""
        return self._object(f"sales/{quote(sale_id, safe='')}")

    def sales_after(self, version: int, most: int) -> tuple[list[Plain], int]:
        """The next sales that changed after that version, oldest change first, and the version of
        the last; the same version where there are none."""
        asked = urlencode({"after": str(version), "page_size": str(most)})
        answer = self._asked("GET", f"sales?{asked}")
        found = _many(answer)
        newest = _newest(answer) if found else version
        if found and newest <= version:
            raise Unavailable("the shop's listing does not go on")
        return found, newest

    def known(self, kind: str, object_id: str) -> Plain | None:
        """A sale or customer by its id; None where there is none, or we may not see it."""
        try:
            return self._object(f"{kind}s/{quote(object_id, safe='')}")
        except Refused as refusal:
            if refusal.status not in (403, 404):
                raise
            return None

    def webhooks(self) -> list[Plain]:
        """The shop's webhook subscriptions."""
        return _many(self._asked("GET", "webhooks"))

    def make_webhook(self, told: Plain) -> None:
        """Makes a subscription."""
        self._asked("POST", "webhooks", told)

    def change_webhook(self, webhook_id: str, told: Plain) -> None:
        """Puts a subscription in place of the one of that id."""
        self._asked("PUT", f"webhooks/{quote(webhook_id, safe='')}", told)

    def _object(self, path: str) -> Plain:
        found = self._asked("GET", path).get("data")
        if not isinstance(found, dict):
            raise Unavailable("the shop's answer holds nothing")
        return found

    def _asked(
        self,
        method: Literal["GET", "POST", "PUT"],
        path: str,
        told: Mapping[str, Any] | None = None,
    ) -> Plain:
        headers = {
            "authorization": f"Bearer {self._connection.access_token}",
            "accept": "application/json",
            "user-agent": AGENT,
        }
        if told is not None:
            headers["content-type"] = "application/json"
        request = Request(
            method=method,
            url=f"{self._connection.api_url.rstrip('/')}/api/{VERSION}/{path}",
            headers=headers,
            body=None if told is None else json.dumps(told).encode(),
        )
        return answered(self._send(request).body)


def answered(body: bytes) -> Plain:
    """An answer as an object. Raises Unavailable where it is none."""
    found = json_of(body, "the shop")
    return found if isinstance(found, dict) else {}


def _many(answer: Plain) -> list[Plain]:
    found = answer.get("data") or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable("the shop's answer is not a list")
    return found


def _newest(answer: Plain) -> int:
    told = answer.get("version")
    newest = told.get("max") if isinstance(told, dict) else None
    if not isinstance(newest, int):
        raise Unavailable("the shop's listing does not tell its versions")
    return newest
