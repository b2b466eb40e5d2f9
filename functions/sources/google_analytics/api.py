"""Google's APIs: a grant by a refresh token, reports day by day, then the files of the export.

Source: Google, OAuth 2.0 for web server applications; Data API v1beta, properties.runReport; Cloud
Storage JSON API v1, objects. Read 2026-11-20.
"""

from vouchsafe.pure.connection import Connection
from vouchsafe.pure.errors import Invalid
from vouchsafe.pure.oauth import by_refresh_token
from vouchsafe.pure.pull import Page, Send, Window

from . import export_pages, report_pages
from .calls import cursor_of, place_of
from .reports import BUCKET, wished

# Far below what both allow; a property lets ten ask at once, and dashboards are among them.
CALLS_A_SECOND = 5.0
_USUAL_LIFE_S = 3599
_REPORTS, _EXPORT = "reports", "export"


sign_in = by_refresh_token(_USUAL_LIFE_S)


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
