"""The R-Series' API, V3: the sales of a window, and whose lines a return gives back.

Source: developers.lightspeedhq.com/retail (sale, pagination, rate limits), read 2026-11-20.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from vouchsafe.pure import instant
from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Refused, Unavailable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.oauth import by_refresh_token
from vouchsafe.pure.pull import Page, Request, Send, Window, object_of

# The bucket drips once a second; a sale with its relations costs one drop.
CALLS_A_SECOND = 1.0
# Few at once: a hundred sales with all relations run into the vendor's own time limit.
_A_PAGE = 50
_RELATIONS = (
    "SaleLines",
    "SaleLines.Discount",
    "SalePayments",
    "Discount",
    "Customer.Contact",
)
_FIELDS = {"updated": "timeStamp", "placed": "createTime"}
_USUAL_LIFE_S = 1800


sign_in = by_refresh_token(_USUAL_LIFE_S)


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """A page of the sales of a window. The cursor is the query of the next page."""
    answer = object_of(send(_get(connection, "Sale", cursor or _first(window))).body)
    sales = _many(answer.get("Sale"))
    documents = tuple(_document(send, connection, sale) for sale in sales)
    return Page(documents=documents, cursor=_next(answer))


def _first(window: Window) -> str:
    """The bounds belong to the listing; what lies on the end comes again with the next window."""
    span = f"{instant.text(window.start)},{instant.text(window.end)}"
    field = _FIELDS[window.by]
    return urlencode(
        {
            "limit": str(_A_PAGE),
            "sort": field,
            field: f"><,{span}",
            "load_relations": json.dumps(_RELATIONS, separators=(",", ":")),
        }
    )


def _next(answer: dict[str, Any]) -> str | None:
    """The query of the next page's address; its host is never called, for ours is known."""
    attributes = answer.get("@attributes")
    address = attributes.get("next") if isinstance(attributes, dict) else None
    return urlsplit(address).query or None if isinstance(address, str) and address else None


def _document(send: Send, connection: Connection, sale: dict[str, Any]) -> Document:
    """The sale, and the sales of the lines that it gives back, which it does not name itself."""
    lines = sale.get("SaleLines")
    held = _many(lines.get("SaleLine")) if isinstance(lines, dict) else []
    wanted = {
        str(line.get("parentSaleLineID", "0"))
        for line in held
        if str(line.get("unitQuantity", "")).startswith("-")
    }
    found = {each: _sale_of(send, connection, each) for each in sorted(wanted - {"0"})}
    parents = {line: sale_id for line, sale_id in found.items() if sale_id}
    body = json.dumps({"sale": sale, "parents": parents}, separators=(",", ":")).encode()
    return Document(kind="sale", body=body)


def _sale_of(send: Send, connection: Connection, line_id: str) -> str | None:
    """The sale of a line; None where the vendor knows no such line any more."""
    try:
        answer = send(_get(connection, f"SaleLine/{quote(line_id, safe='')}", ""))
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None
    line = object_of(answer.body).get("SaleLine")
    return str(line["saleID"]) if isinstance(line, dict) and line.get("saleID") else None


def _get(connection: Connection, path: str, query: str) -> Request:
    account = quote(connection.shop, safe="")
    url = f"{connection.api_url.rstrip('/')}/API/V3/Account/{account}/{path}.json"
    return Request(
        method="GET",
        url=f"{url}?{query}" if query else url,
        headers={
            "accept": "application/json",
            "authorization": f"Bearer {connection.access_token}",
            "user-agent": "Vouchsafe",
        },
    )


def _many(value: object) -> list[dict[str, Any]]:
    """A list, a single object, or nothing, as the R-Series writes them."""
    if value is None or value == "":
        return []
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable("the vendor did not answer with sales")
    return found
