"""The Service Layer: a session of two cookies, and the invoices and credit memos of a window.

Source: SAP, Working with SAP Business One Service Layer 1.22, read 2026-11-20. Update dates have
the resolution of a day, so that whole days are listed, and what is listed again adds nothing.
"""

import json
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Unavailable
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.pull import Grant, Page, Request, Send, Window, object_of

from .documents import CREDIT_MEMO, INVOICE
from .words import zone_of

# No limit is documented; a server has few workers.
CALLS_A_SECOND = 4.0
_A_PAGE = 100
_USUAL_LIFE_MIN = 30
_WRITTEN = "%$&=,'():"
_COOKIES = ("B1SESSION", "ROUTEID")
_LISTS = (("Invoices", INVOICE), ("CreditNotes", CREDIT_MEMO))


def sign_in(send: Send, connection: Connection, _held: Grant | None, now: datetime) -> Grant:
    """A new session: both cookies, for a balancer knows by the second which server has the first.
    The path is case-sensitive."""
    said = {
        "CompanyDB": connection.shop,
        "UserName": connection.api_key,
        "Password": connection.api_secret,
    }
    url = f"{connection.api_url.rstrip('/')}/b1s/v1/Login"
    headers = {"content-type": "application/json", "accept": "application/json"}
    answer = send(Request(method="POST", url=url, headers=headers, body=json.dumps(said).encode()))
    told = object_of(answer.body, "the server")
    cookies = _cookies(answer.headers.get("set-cookie", ""))
    if "B1SESSION" not in cookies and isinstance(told.get("SessionId"), str):
        cookies["B1SESSION"] = told["SessionId"]
    if not cookies.get("B1SESSION"):
        raise Unavailable("the server's answer holds no session")
    minutes = told.get("SessionTimeout", _USUAL_LIFE_MIN)
    life = timedelta(minutes=minutes if isinstance(minutes, int) else _USUAL_LIFE_MIN)
    token = "; ".join(f"{name}={cookies[name]}" for name in _COOKIES if name in cookies)
    return Grant(token=token, expires_at=now + life)


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """A page of the window's invoices, then of its credit memos; those of sales, to this day."""
    at, _, query = (cursor or "0?").partition("?")
    name, kind = _LISTS[int(at)]
    query = query or _first(name, connection, window)
    answer = object_of(send(_get(connection, name, query)).body, "the server")
    found = answer.get("value") or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable("the server did not answer with documents")
    documents = tuple(
        Document(kind=kind, body=json.dumps(each, separators=(",", ":")).encode()) for each in found
    )
    link = answer.get("@odata.nextLink") or answer.get("odata.nextLink")
    if isinstance(link, str) and urlsplit(link).query:
        # A server may write the link without escapes.
        following = quote(urlsplit(link).query, safe=_WRITTEN)
        return Page(documents=documents, cursor=f"{at}?{following}")
    more = int(at) + 1 < len(_LISTS)
    return Page(documents=documents, cursor=f"{int(at) + 1}?" if more else None)


def _first(name: str, connection: Connection, window: Window) -> str:
    zone = zone_of(connection)
    start, end = (each.astimezone(zone).date() for each in (window.start, window.end))
    field = "UpdateDate" if window.by == "updated" else "DocDate"
    asked = f"{field} ge '{start}'"
    if window.by == "updated" or name == "Invoices":
        asked += f" and {field} le '{end}'"
    return f"$filter={quote(asked)}&$orderby={quote(f'{field},DocEntry')}"


def _cookies(text: str) -> dict[str, str]:
    """The cookies of an answer, one a line or after each other."""
    found = {}
    for part in text.replace("\n", ";").replace(",", ";").split(";"):
        name, _, value = part.strip().partition("=")
        if name in _COOKIES:
            found[name] = value
    return found


def _get(connection: Connection, name: str, query: str) -> Request:
    return Request(
        method="GET",
        url=f"{connection.api_url.rstrip('/')}/b1s/v2/{name}?{query}",
        headers={
            "accept": "application/json",
            "cookie": connection.access_token,
            "prefer": f"odata.maxpagesize={_A_PAGE}",
            "user-agent": "Vouchsafe",
        },
    )
