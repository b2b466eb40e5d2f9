"""Google's APIs: a grant by a refresh token, reports day by day, then the files of the export.

Source: Google, OAuth 2.0 for web server applications; Data API v1beta, properties.runReport; Cloud
Storage JSON API v1, objects. Read 2026-11-20.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid, Unavailable
from vouchsafe.pure.pull import Grant, Page, Request, Send, Window

from . import export_pages, report_pages
from .calls import cursor_of, object_of, place_of
from .reports import BUCKET, wished

# Far below what both allow; a property lets ten ask at once, and dashboards are among them.
CALLS_A_SECOND = 5.0
# The options of a connection: where tokens come from, and what they are got with.
LOGIN_URL, REFRESH = "login_url", "refresh_token"
_USUAL_LIFE_S = 3599
_REPORTS, _EXPORT = "reports", "export"


def sign_in(send: Send, connection: Connection, held: Grant | None, now: datetime) -> Grant:
    """A new grant. The refresh token stays the same, unless Google sends another."""
    refresh = held.refresh if held and held.refresh else connection.options.get(REFRESH, "")
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh,
        "client_id": connection.api_key,
        "client_secret": connection.api_secret,
    }
    request = Request(
        method="POST",
        url=connection.options.get(LOGIN_URL, ""),
        headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
        body=urlencode(form).encode(),
    )
    told = object_of(send(request).body)
    token, life_s = told.get("access_token"), told.get("expires_in", _USUAL_LIFE_S)
    if not isinstance(token, str) or not token or not isinstance(life_s, int):
        raise Unavailable("the vendor's answer holds no token")
    return Grant(
        token=token,
        expires_at=now + timedelta(seconds=life_s),
        refresh=str(told.get("refresh_token") or refresh),
    )


def list_orders(send: Send, connection: Connection, window: Window, cursor: str | None) -> Page:
    """A page of what was reported on the days of a window: reports first, then the export."""
    at = place_of(cursor)
    has_reports, has_export = bool(wished(connection)), bool(connection.options.get(BUCKET))
    if not (has_reports or has_export):
        raise Invalid("options", "must have reports, a bucket, or both")
    if has_reports and at.get("way") != _EXPORT:
        documents, following = report_pages.page(send, connection, window, at)
        if following is not None:
            return Page(documents=documents, cursor=cursor_of(_REPORTS, following))
        return Page(documents=documents, cursor=cursor_of(_EXPORT, {}) if has_export else None)
    documents, following = export_pages.page(send, connection, window, at)
    return Page(
        documents=documents, cursor=None if following is None else cursor_of(_EXPORT, following)
    )
