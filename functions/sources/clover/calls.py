"""The calls to Clover that this room makes, one method each.

Source: docs.clover.com (orders, expanding fields, pagination, rate limits), read 2026-11-20.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Refused
from vouchsafe.pure.instant import EPOCH
from vouchsafe.pure.pull import Request, Send, Window, object_of

from .words import MERCHANT

# 16 a second for a token, 50 for an application, which may serve many merchants.
CALLS_A_SECOND = 10.0
# No more than three fields are expanded in a call, so that an order takes two.
SOLD = ("lineItems.discounts", "discounts", "payments")
GIVEN_BACK = ("refunds", "credits", "voids")
# A nested list stops here, and cannot be paged.
MOST_NESTED = 100
ORDERS_A_PAGE = 100
LINES_A_PAGE = 1000
# The most that an order may hold is 3,000 lines.
_MOST_PAGES = 4

Plain = dict[str, Any]  # a document as JSON gives it; it leaves this room as bytes only
_UNKNOWN = 404


class Clover:
    """One merchant's part of Clover."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection
        self._customers: dict[str, Plain | None] = {}

    def order(self, order_id: str, expand: Sequence[str]) -> Plain | None:
        """An order with that of it; None where Clover has no such order."""
        return self._known(f"orders/{quote(order_id, safe='')}", expand=",".join(expand))

    def orders(self, window: Window, expand: Sequence[str], offset: int) -> list[Plain]:
        """A page of a window's orders. Clover's ranges have both of their ends in them."""
        # By creation the listing would stop 90 days ago; by the till's own time it does not.
        field = "modifiedTime" if window.by == "updated" else "clientCreatedTime"
        asked = [
            ("filter", f"{field}>={_ms(window.start - EPOCH)}"),
            ("filter", f"{field}<={_ms(window.end - EPOCH) - 1}"),
            ("expand", ",".join(expand)),
            ("limit", str(ORDERS_A_PAGE)),
            ("offset", str(offset)),
        ]
        return elements(self._asked(f"orders?{urlencode(asked)}"))

    def lines(self, order_id: str) -> list[Plain]:
        """Every line of an order, with discounts and modifications."""
        path, found = f"orders/{quote(order_id, safe='')}/line_items", list[Plain]()
        for page in range(_MOST_PAGES):
            asked = {
                "expand": "discounts,modifications",
                "limit": str(LINES_A_PAGE),
                "offset": str(page * LINES_A_PAGE),
            }
            lines = elements(self._asked(f"{path}?{urlencode(asked)}"))
            found += lines
            if len(lines) < LINES_A_PAGE:
                break
        return found

    def payment(self, payment_id: str) -> Plain | None:
        """A payment; None where Clover has no such payment."""
        return self._known(f"payments/{quote(payment_id, safe='')}")

    def customer(self, customer_id: str) -> Plain | None:
        """A customer with mail addresses and phone numbers; None where there is none, or where
        the merchant did not let us read customers."""
        if customer_id not in self._customers:
            path = f"customers/{quote(customer_id, safe='')}"
            try:
                found = self._known(path, expand="emailAddresses,phoneNumbers")
            except Refused as refusal:
                if refusal.status != 403:
                    raise
                found = None
            self._customers[customer_id] = found
        return self._customers[customer_id]

    def _known(self, path: str, **asked: str) -> Plain | None:
        query = f"?{urlencode(asked)}" if asked else ""
        try:
            return self._asked(f"{path}{query}")
        except Refused as refusal:
            if refusal.status != _UNKNOWN:
                raise
            return None

    def _asked(self, path: str) -> Plain:
        merchant = self._connection.options.get(MERCHANT, "")
        if not merchant:
            raise Invalid(MERCHANT, "must name the merchant whose orders this account holds")
        home = self._connection.api_url.rstrip("/")
        request = Request(
            method="GET",
            url=f"{home}/v3/merchants/{quote(merchant, safe='')}/{path}",
            headers={
                "authorization": f"Bearer {self._connection.access_token}",
                "accept": "application/json",
            },
        )
        return object_of(self._send(request).body, "Clover")


def elements(found: object) -> list[Plain]:
    """The members of a list in Clover's wrapping. What is odd is the reader's to name."""
    members = found.get("elements") if isinstance(found, dict) else found
    return [each for each in members if isinstance(each, dict)] if isinstance(members, list) else []


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
