"""Salesforce's two APIs: rows of Marketing Cloud's data extensions, vouchers of Loyalty Management.

Source: developer.salesforce.com (custom object data, tokens, ens-verify; REST query, Voucher), read
2026-11-20. An account of ours is connected to one of the two, as its option `system` says.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unavailable, Unreadable
from vouchsafe.pure.facts import Notice
from vouchsafe.pure.hearing import Document
from vouchsafe.pure.oauth import LOGIN_URL, granted
from vouchsafe.pure.parsing import parsed
from vouchsafe.pure.pull import Grant, Page, Request, Send, Window, object_of

from .documents import CouponRow
from .issued import CLAIMED_COLUMN, claimed_at, option
from .read import VERIFICATION

# No limit is published for rows; a sweep every half hour needs few calls.
CALLS_A_SECOND = 5.0
SYSTEM, EXTENSIONS = "system", "data_extensions"
LOYALTY = "loyalty"
_A_PAGE = 2500
# A row's date is on a clock that may be misunderstood by half a day.
_MARGIN = timedelta(days=1)
_VERSION = "v62.0"
_USUAL_LIFE_S = 1080
_FIELDS = (
    "Id, VoucherCode, Status, FaceValue, RedeemedValue, UseDate, EffectiveDateTime, CreatedDate, "
    "SystemModstamp, Contact.Email"
)


def sign_in(send: Send, connection: Connection, _held: Grant | None, now: datetime) -> Grant:
    """A new grant by client credentials."""
    form = {
        "grant_type": "client_credentials",
        "client_id": connection.api_key,
        "client_secret": connection.api_secret,
    }
    if _is_loyalty(connection):
        kind, body = "application/x-www-form-urlencoded", urlencode(form)
    else:
        kind, body = "application/json", json.dumps({**form, "account_id": connection.shop})
    address = connection.options.get(LOGIN_URL, "")
    headers = {"content-type": kind, "accept": "application/json"}
    answer = send(Request(method="POST", url=address, headers=headers, body=body.encode()))
    return granted(object_of(answer.body), now, _USUAL_LIFE_S)


def fetch(send: Send, connection: Connection, notice: Notice) -> tuple[Document, ...]:
    """Answers the handshake of a callback; there is nothing to read in it."""
    if notice.kind != VERIFICATION:
        raise Invalid("kind", f"must be {VERIFICATION}")
    said = {
        "callbackId": notice.object_id,
        "verificationKey": notice.details.get("verification_key", ""),
    }
    url = f"{connection.api_url.rstrip('/')}/platform/v1/ens-verify"
    headers = {**_headers(connection), "content-type": "application/json"}
    send(Request(method="POST", url=url, headers=headers, body=json.dumps(said).encode()))
    return ()


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """A page of what was claimed, or of the vouchers that changed, in a window."""
    if _is_loyalty(connection):
        return _vouchers(send, connection, window, cursor)
    return _rows(send, connection, window, cursor)


def _vouchers(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    if cursor is None:
        field = "SystemModstamp" if window.by == "updated" else "CreatedDate"
        span = f"{field} >= {_soql(window.start)} AND {field} < {_soql(window.end)}"
        # Nothing in it comes from anybody but us.
        asked = f"SELECT {_FIELDS} FROM Voucher WHERE {span} ORDER BY {field}, Id"  # noqa: S608
        cursor = f"query?{urlencode({'q': asked})}"
    answer = object_of(send(_get(connection, f"services/data/{_VERSION}/{cursor}")).body)
    documents = tuple(_document("voucher", each) for each in _many(answer, "records"))
    following = answer.get("nextRecordsUrl")
    # `/services/data/v62.0/query/01gD0000002HU6KIAW-2000`: its last part is all that is new.
    rest = f"query/{quote(following.rpartition('/')[2], safe='-')}" if following else None
    return Page(documents=documents, cursor=None if answer.get("done", True) else rest)


def _rows(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """There is no feed of changes: every row is looked at, and those claimed in the window told."""
    extensions = [
        each.strip() for each in connection.options.get(EXTENSIONS, "").split(",") if each.strip()
    ]
    at, _, page = (cursor or "0:1").partition(":")
    if int(at) >= len(extensions):
        return Page(documents=())
    asked = urlencode({"$page": page, "$pageSize": str(_A_PAGE)})
    path = f"data/v1/customobjectdata/key/{quote(extensions[int(at)], safe='')}/rowset?{asked}"
    rows = _many(object_of(send(_get(connection, path)).body), "items")
    documents = (_document("row", each) for each in rows)
    wanted = tuple(each for each in documents if _is_wanted(each, connection, window))
    if len(rows) == _A_PAGE:
        return Page(documents=wanted, cursor=f"{at}:{int(page) + 1}")
    more = int(at) + 1 < len(extensions)
    return Page(documents=wanted, cursor=f"{int(at) + 1}:1" if more else None)


def _is_wanted(document: Document, connection: Connection, window: Window) -> bool:
    """Whether a row was claimed in the window; what cannot be told is for the reader to say."""
    try:
        row = parsed(CouponRow, document.body)
        if row.cell(option(connection.options, CLAIMED_COLUMN)).casefold() != "true":
            return False
        at = claimed_at(row, connection.options)
    except Unreadable:
        return True
    return window.start - _MARGIN <= at < window.end + _MARGIN


def _is_loyalty(connection: Connection) -> bool:
    return connection.options.get(SYSTEM, "") == LOYALTY


def _soql(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _get(connection: Connection, path: str) -> Request:
    url = f"{connection.api_url.rstrip('/')}/{path}"
    return Request(method="GET", url=url, headers=_headers(connection))


def _headers(connection: Connection) -> dict[str, str]:
    return {
        "accept": "application/json",
        "authorization": f"Bearer {connection.access_token}",
        "user-agent": "Vouchsafe",
    }


def _document(kind: str, said: Mapping[str, Any]) -> Document:
    return Document(kind=kind, body=json.dumps(said, separators=(",", ":")).encode())


def _many(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unavailable("the vendor did not answer with a list")
    return found
