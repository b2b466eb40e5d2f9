"""Lambda: GET /reports lists what export wrote, GET /reports/{id} gives a link that soon expires.

API Gateway has checked the token before; who has no role that may read learns nothing.
"""

import json
from collections.abc import Mapping
from typing import Any

from vouchsafe.edge import callers, journal, reports_bucket
from vouchsafe.edge.reports_bucket import Report
from vouchsafe.pure import instant
from vouchsafe.pure.errors import Forbidden, Forged, Invalid, Refused, Unavailable

Answer = dict[str, object]

LINK_LIVES_S = 300
_MOST = 200
_SHELVES = ("reports/", "csv/", "workbooks/")


def handle(event: Mapping[str, Any], _context: object) -> Answer:
    """200 with JSON; 400 names the parameter and the rule; 403 without the right to read; 404 for
    a report that is not there."""
    with journal.line("reports", consumer="reports") as line:
        try:
            _must_read(event, line)
            answer = _asked(event)
        except Forged as reason:
            answer = _answer(401, {"message": str(reason)})
        except Forbidden as reason:
            line.count("forbidden")
            answer = _answer(403, {"message": str(reason)})
        except Invalid as reason:
            answer = _answer(400, {"field": reason.field, "rule": reason.rule})
        except (Unavailable, Refused) as reason:
            line.note(reason=str(reason))
            answer = _answer(503, {"message": "try again"})
        line.note(status=answer["statusCode"])
        return answer


def _must_read(event: Mapping[str, Any], line: journal.Line) -> None:
    caller = callers.person(event)
    line.note(caller=caller.id)
    if "read" not in caller.rights:
        raise Forbidden("needs the right to read")


def _asked(event: Mapping[str, Any]) -> Answer:
    report = (event.get("pathParameters") or {}).get("id")
    return _listed(event.get("queryStringParameters") or {}) if report is None else _linked(report)


def _listed(asked: Mapping[str, str]) -> Answer:
    """Reports under a prefix, a page at a time: `prefix`, `after`, `limit`."""
    unknown = sorted(asked.keys() - {"prefix", "after", "limit"})
    if unknown:
        raise Invalid(unknown[0], "is not a parameter; there are prefix, after and limit")
    found, after = reports_bucket.listed(
        asked.get("prefix", ""), asked.get("after"), _limit(asked.get("limit", "100"))
    )
    return _answer(200, {"reports": [_shown(each) for each in found], "after": after})


def _linked(report: str) -> Answer:
    if not report.startswith(_SHELVES):
        raise Invalid("id", f"must begin with one of {', '.join(_SHELVES)}")
    url = reports_bucket.link(report, LINK_LIVES_S)
    if url is None:
        return _answer(404, {"message": "there is no such report"})
    return _answer(200, {"id": report, "url": url, "expires_in_s": LINK_LIVES_S})


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise Invalid("limit", f"must be a whole number from 1 to {_MOST}")
    return int(text)


def _shown(report: Report) -> dict[str, object]:
    return {
        "id": report.key,
        "bytes": report.size,
        "written_at": instant.text(report.written_at),
    }


def _answer(status: int, body: Mapping[str, object]) -> Answer:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body),
    }
